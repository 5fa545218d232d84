#include "commands/role_import_command.h"

#include "api/json_text.h"
#include "codec/role_definitions.h"
#include "commands/attributes_file.h"
#include "commands/batch_lines.h"
#include "commands/remote_roles.h"
#include "commands/submitting.h"

namespace tenure::commands {

RoleImportCommand::RoleImportCommand(CLI::App& group, Program& program) : program_{program} {
    add_command(
        group, program, "import",
        "Define roles, or change those that differ: all of the file, or nothing",
        [this] { return import(nullptr); }, [this](Remote& remote) { return import(&remote); })
        .argument("file", file_, "FILE",
                  "Role definitions as Azure writes them; - is standard input")
        .flag("--built-in", built_in_, "Take over built-in roles, too, as such")
        .cause(cause_);
}

Exit RoleImportCommand::import(Remote* remote) {
    program_.stop_on_signals();
    const auto text = whole_text(file_);
    if (program_.stopped()) return program_.stop("nothing of the file was kept");
    if (!text) return program_.fail(text.error());
    auto given = codec::parse_role_definitions(text.value());
    if (!given) return program_.refuse(given.error());

    if (remote != nullptr) {
        if (const auto nobody = check_remote_actor(cause_.actor); !nobody)
            return program_.fail(nobody.error());
    }
    std::unique_ptr<node::Node> node;
    std::string tenant;
    if (remote == nullptr) {
        auto opened = program_.open(Access::write);
        if (!opened) return program_.fail(opened.error());
        node = std::move(opened.value());
        auto named = program_.tenant(*node);
        if (!named) return program_.fail(named.error());
        tenant = std::move(named.value());
    } else {
        tenant = remote->tenant();
    }
    auto answer =
        remote != nullptr ? roles_at(*remote, {}, {}) : node->session()->roles(tenant, {}, {});
    if (!answer) return program_.fail(answer.error());
    std::vector<domain::Role> present;
    for (query::DatedRole& dated : answer.value().roles) present.push_back(std::move(dated.role));
    auto changes = domain::role_changes(std::move(given.value()), present, built_in_);
    if (!changes) {
        Error refusal = changes.error();
        if (!built_in_) refusal.detail += "; --built-in takes it over";
        return program_.refuse(refusal);
    }

    std::vector<domain::CommandBody> bodies;
    std::vector<std::uint64_t> lines;
    for (auto& change : changes.value().changes) {
        bodies.push_back(std::move(change.command));
        lines.push_back(change.line);
    }
    Revision revision = answer.value().basis.revision;
    if (!bodies.empty()) {
        domain::Batch batch = batch_of(tenant, cause_, std::move(bodies));
        const auto receipt =
            remote != nullptr ? remote->submit(std::move(batch)) : node->submit(std::move(batch));
        if (!receipt) return program_.refuse(in_lines(receipt.error(), lines));
        revision = receipt.value().last;
    }
    if (!program_.json()) {
        program_.print_line(api::counted(changes.value().defined, "role") + " defined, " +
                            std::to_string(changes.value().updated) + " changed, " +
                            std::to_string(changes.value().unchanged) + " the same; revision " +
                            std::to_string(revision.value));
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("defined", std::uint64_t{changes.value().defined});
    json.member("updated", std::uint64_t{changes.value().updated});
    json.member("unchanged", std::uint64_t{changes.value().unchanged});
    json.member("revision", revision);
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

}  // namespace tenure::commands
