#include "commands/role_import_command.h"

#include "api/json_text.h"
#include "codec/role_definitions.h"
#include "commands/attributes_file.h"
#include "commands/batch_lines.h"

namespace tenure::commands {

RoleImportCommand::RoleImportCommand(CLI::App& group, Program& program) : program_{program} {
    add_command(group, program, "import",
                "Define roles, or change those that differ: all of the file, or nothing",
                [this] { return import(); })
        .argument("file", file_, "FILE",
                  "Role definitions as Azure writes them; - is standard input")
        .flag("--built-in", built_in_, "Take over built-in roles, too, as such")
        .cause(cause_);
}

Exit RoleImportCommand::import() {
    program_.stop_on_signals();
    const auto text = whole_text(file_);
    if (program_.stopped()) return program_.stop("nothing of the file was kept");
    if (!text) return program_.fail(text.error());
    auto given = codec::parse_role_definitions(text.value());
    if (!given) return program_.refuse(given.error());

    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto session = node.value()->session();
    auto answer = session->roles(tenant.value(), {}, {});
    if (!answer) return program_.fail(answer.error());
    std::vector<domain::Role> present;
    for (query::DatedRole& dated : answer.value().roles) present.push_back(std::move(dated.role));
    auto changes = domain::role_changes(std::move(given.value()), present, built_in_);
    if (!changes) {
        Error refusal = changes.error();
        if (!built_in_) refusal.detail += "; --built-in takes it over";
        return program_.refuse(refusal);
    }

    domain::Batch batch;
    std::vector<std::uint64_t> lines;
    for (auto& change : changes.value().changes) {
        domain::Command command;
        command.tenant = tenant.value();
        command.actor = cause_.actor;
        command.reason = cause_.reason;
        command.ticket = cause_.ticket;
        command.body = std::move(change.command);
        batch.commands.push_back(std::move(command));
        lines.push_back(change.line);
    }
    Revision revision = answer.value().basis.revision;
    if (!batch.commands.empty()) {
        const auto receipt = node.value()->submit(std::move(batch));
        if (!receipt) return program_.refuse(in_lines(receipt.error(), lines));
        revision = receipt.value().last;
    }
    if (!program_.json()) {
        program_.print_line(cli::counted(changes.value().defined, "role") + " defined, " +
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
