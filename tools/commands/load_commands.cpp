#include "commands/load_commands.h"

#include <cstdio>

#include "api/store_json.h"
#include "api/store_text.h"
#include "base/text.h"
#include "cli/problem.h"
#include "codec/json_lines.h"
#include "commands/batch_lines.h"
#include "commands/ordered_answers.h"
#include "commands/remote.h"
#include "domain/limits.h"
#include "system/system_clock.h"

namespace tenure::commands {
namespace {

bool blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

// The tenant of lines that name none. Without --tenant that is the only one, or the name `import`
// uses if there is none yet; with several, each line has to say.
std::optional<std::string> default_tenant(const Program& program, const node::Node& node) {
    if (program.global.tenant_given) return program.global.tenant;
    const auto tenants = node.tenants();
    if (tenants.size() > 1) return std::nullopt;
    return tenants.empty() ? node::ImportOptions{}.tenant : tenants.front();
}

// A server is asked about one tenant, as one principal.
Result<void> fits_server(const Remote& remote, const domain::Command& command) {
    TRY(check_remote_actor(command.actor));
    if (command.tenant == remote.tenant()) return success();
    return invalid("tenant", "the line is for tenant " + tenure::quoted(command.tenant) +
                                 ", and the server is asked about " +
                                 tenure::quoted(remote.tenant()));
}

}  // namespace

LoadCommands::LoadCommands(CLI::App& app, Program& program) : program_{program} {
    add_command(app, program, "import", "Read history into a tenant: all of the file, or nothing",
                [this] { return import(); })
        .argument("file", file_, "FILE", "JSON Lines; - is standard input")
        .flag("--keep-open", import_.keep_open,
              "Leave the tenant open for more history instead of sealing it")
        .flag("--keep-going", import_.keep_going,
              "Leave out bad lines, and say which, instead of giving up")
        .option("--imported-by", import_.imported_by, "ACTOR", "Who imports (default: system)");

    add_command(
        app, program, "apply", "Carry out commands now, each line by itself",
        [this] { return apply(); }, [this](Remote& remote) { return apply_at(remote); })
        .argument("file", file_, "FILE", "JSON Lines; - is standard input")
        .flag("--atomic", apply_.atomic, "Carry out all lines or none")
        .option("--command-id", apply_.command_id, "ID",
                "Makes a repetition harmless: the same id answers with the first result; without "
                "--atomic line N has the id ID/N")
        .option("--expected-revision", apply_.expected_revision,
                "Refuse if the tenant has changed since (needs --atomic)")
        .option("--actor", apply_.actor, "ACTOR", "Who asks, for lines that do not say")
        .option("--reason", apply_.reason, "TEXT", "Why, for lines that do not say")
        .option("--ticket", apply_.ticket, "TEXT", "Under which number, likewise");

    add_command(app, program, "export", "Write the log as JSON Lines, which import reads", [this] {
        return export_log();
    }).option("--output", output_, "FILE", "Write here instead of to standard output");
}

Exit LoadCommands::import() {
    program_.stop_on_signals();
    auto input = system::Input::open(file_);
    if (!input) return program_.fail(input.error());
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    if (program_.global.tenant_given) import_.tenant = program_.global.tenant;

    program_.progress_of_input(input.value().get());
    const std::uint64_t started_ms = system::monotonic_ms();
    const auto report = node.value()->import(input.value()->stream(), import_);
    const std::uint64_t elapsed_ms = system::monotonic_ms() - started_ms;
    program_.progress_of_input(nullptr);
    program_.end_progress();
    if (!report) {
        if (program_.stopped()) return program_.stop("nothing of the file was kept");
        if (const auto whole = input.value()->whole(); !whole)
            return program_.refuse(whole.error());
        return program_.refuse(report.error());
    }
    for (const node::BadLine& bad : report.value().bad_lines)
        program_.note(cli::problem_line(bad.error));
    if (program_.json())
        program_.print_line(api::to_json(report.value()));
    else
        program_.print(api::to_text(report.value(), elapsed_ms));
    return report.value().bad_line_count == 0 ? Exit::ok : Exit::refused;
}

Result<void> LoadCommands::options_fit() const {
    if (apply_.expected_revision && !apply_.atomic)
        return invalid("",
                       "--expected-revision needs --atomic: one line changes the revision that "
                       "the next would expect");
    return success();
}

Exit LoadCommands::apply() {
    if (const auto fits = options_fit(); !fits) return program_.fail(fits.error());
    program_.stop_on_signals();
    auto input = system::Input::open(file_);
    if (!input) return program_.fail(input.error());
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    const auto tenant = default_tenant(program_, *node.value());
    const Submit submit = [&](domain::Batch batch, const Answer& answer) {
        if (const auto queued = node.value()->submit_later(std::move(batch), answer); !queued)
            answer(queued.error());
        return true;
    };
    if (!apply_.atomic) return apply_lines(submit, *input.value(), tenant);
    return apply_file([&](domain::Batch batch) { return node.value()->submit(std::move(batch)); },
                      *input.value(), tenant);
}

Exit LoadCommands::apply_at(Remote& remote) {
    if (const auto fits = options_fit(); !fits) return program_.fail(fits.error());
    if (const auto nobody = check_remote_actor(apply_.actor); !nobody)
        return program_.fail(nobody.error());
    program_.stop_on_signals();
    auto input = system::Input::open(file_);
    if (!input) return program_.fail(input.error());
    // One by one: each is answered before the next is sent.
    const Submit submit = [&](domain::Batch batch, const Answer& answer) {
        const auto fits = fits_server(remote, batch.commands.front());
        const auto receipt =
            fits ? remote.submit(std::move(batch)) : Result<node::Receipt>{fits.error()};
        answer(receipt);
        return receipt || receipt.error().code != Errc::unavailable;
    };
    if (!apply_.atomic) return apply_lines(submit, *input.value(), remote.tenant());
    return apply_file(
        [&](domain::Batch batch) -> Result<node::Receipt> {
            for (const domain::Command& command : batch.commands) {
                TRY(fits_server(remote, command));
            }
            return remote.submit(std::move(batch));
        },
        *input.value(), remote.tenant());
}

Result<domain::Command> LoadCommands::parse_command(
    const std::string& line, const std::optional<std::string>& tenant) const {
    codec::LineDefaults defaults;
    defaults.tenant = tenant.value_or("");
    defaults.actor = apply_.actor;
    TRY(auto command, codec::parse_command_line(line, defaults));
    if (!tenant && command.tenant.empty())
        return invalid("tenant",
                       "no tenant is named, and the store has several: say \"tenant\" in the line, "
                       "or give --tenant");
    if (command.reason.empty()) command.reason = apply_.reason;
    if (command.ticket.empty()) command.ticket = apply_.ticket;
    return command;
}

Exit LoadCommands::apply_lines(const Submit& submit, system::Input& input,
                               const std::optional<std::string>& tenant) {
    OrderedAnswers answers{program_};
    std::string line;
    bool goes_on = true;
    while (goes_on && !program_.stopped() && !answers.storage_failed() && input.next_line(line)) {
        if (blank(line)) continue;
        const std::uint64_t number = input.line_number();
        auto command = parse_command(line, tenant);
        const auto answer = answers.expect(number);
        if (!command) {
            answer(std::move(command.error()));
            continue;
        }
        domain::Batch batch;
        if (!apply_.command_id.empty())
            batch.command_id = apply_.command_id + '/' + std::to_string(number);
        batch.commands.push_back(std::move(command.value()));
        goes_on = submit(std::move(batch), answer);
        program_.progress({"apply", number, 0});
    }
    answers.wait();
    program_.end_progress();
    if (program_.stopped())
        return program_.stop("the first " + api::counted(answers.count(), "command") +
                             " were answered, the others were not read");
    if (const auto whole = input.whole(); !whole) return program_.refuse(whole.error());
    if (!program_.json())
        program_.print_line(api::counted(answers.count() - answers.refused(), "command") +
                            " carried out, " + std::to_string(answers.refused()) + " refused" +
                            (answers.last() == revision_none
                                 ? ""
                                 : "; revision " + std::to_string(answers.last().value)));
    if (answers.storage_failed()) return Exit::storage;
    return answers.refused() == 0 ? Exit::ok : Exit::refused;
}

Exit LoadCommands::apply_file(const std::function<Result<node::Receipt>(domain::Batch)>& submit,
                              system::Input& input, const std::optional<std::string>& tenant) {
    domain::Batch batch;
    batch.command_id = apply_.command_id;
    if (apply_.expected_revision) batch.expected_revision = Revision{*apply_.expected_revision};
    std::vector<std::uint64_t> lines;
    std::string line;
    while (input.next_line(line)) {
        if (blank(line)) continue;
        lines.push_back(input.line_number());
        auto command = parse_command(line, tenant);
        if (!command) return program_.refuse(at_line(lines.back(), std::move(command.error())));
        batch.commands.push_back(std::move(command.value()));
        if (lines.size() > domain::limits::batch_commands_max)
            return program_.refuse(
                Error{Errc::limit_exceeded,
                      "at most " + api::counted(domain::limits::batch_commands_max, "command") +
                          " are carried out together: split the file, or leave out --atomic"});
    }
    if (program_.stopped()) return program_.stop("nothing was carried out");
    if (const auto whole = input.whole(); !whole) return program_.refuse(whole.error());
    if (lines.empty())
        return program_.refuse(invalid(
            "", (file_ == "-" ? "standard input" : tenure::quoted(file_)) + " holds no command"));
    const auto receipt = submit(std::move(batch));
    if (!receipt) return program_.refuse(in_lines(receipt.error(), lines));
    if (program_.json())
        program_.print_line(api::to_json(0, receipt.value()));
    else
        program_.print_line(api::counted(lines.size(), "command") +
                            (receipt.value().repeated ? " had been carried out before; revision "
                                                      : " carried out; revision ") +
                            std::to_string(receipt.value().last.value));
    return Exit::ok;
}

Exit LoadCommands::export_log() {
    program_.stop_on_signals();
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    if (output_ != "-" && std::freopen(output_.c_str(), "wb", stdout) == nullptr)
        return program_.misuse("cannot write to " + tenure::quoted(output_));
    if (program_.global.tenant_given)
        if (const auto known = program_.tenant(*node.value()); !known)
            return program_.fail(known.error());
    const std::uint64_t total = node.value()->status().committed.value;
    const GlobalOptions& global = program_.global;
    const auto exported = node.value()->events({}, [&](const domain::Event& event) {
        // What the store holds for all tenants belongs to the history of each.
        if (!global.tenant_given || event.tenant == global.tenant ||
            event.tenant == domain::store_tenant)
            program_.print_line(codec::event_line(event));
        program_.progress({"export", event.revision.value, total});
        return !program_.stopped();
    });
    program_.end_progress();
    if (!exported) return program_.fail(exported.error());
    if (program_.stopped()) return program_.stop("the export is not complete");
    return Exit::ok;
}

}  // namespace tenure::commands
