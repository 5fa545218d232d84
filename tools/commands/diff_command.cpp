#include "commands/diff_command.h"

#include "api/answer_json.h"
#include "api/answer_text.h"

namespace tenure::commands {

DiffCommand::DiffCommand(CLI::App& app, Program& program) : program_{program} {
    add_command(
        app, program, "diff", "Who gained and who lost what between two moments",
        [this] { return diff(); }, [this](Remote& remote) { return diff_at(remote); })
        .argument("from", from_, "FROM", "A time, now, or a revision (a number)")
        .optional_argument("to", to_, "TO", "Likewise; now if it is left out")
        .option("--principal", principal_, "PRINCIPAL", "What one principal gained and lost")
        .option("--known-at", as_of_.known_at, "TIME",
                "Use only what had been recorded by this time: what was believed then");
}

// What can be wrong with the command line is looked at before store and server are.
Result<DiffCommand::Given> DiffCommand::given() const {
    const Instant now = program_.now();
    Given given;
    TRY(const domain::AsOf as_of, cli::parse_as_of(as_of_, now));
    TRY(given.from, cli::parse_point(from_, "FROM", now));
    TRY(given.to, cli::parse_point(to_, "TO", now));
    given.from.known_at = given.to.known_at = as_of.known_at;
    return given;
}

Exit DiffCommand::diff() {
    const auto moments = given();
    if (!moments) return program_.fail(moments.error());
    const auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto session = node.value()->session();
    const auto& [from, to] = moments.value();
    const auto answer = session->diff(tenant.value(), principal_, from, to);
    if (!answer) return program_.fail(answer.error());
    const auto events = api::events_of(*node.value(), api::mentioned(answer.value()));
    if (!events) return program_.fail(events.error());
    program_.print_answer(answer.value(), events.value());
    return Exit::ok;
}

Exit DiffCommand::diff_at(Remote& remote) {
    if (const auto right = given(); !right) return program_.fail(right.error());
    RemoteQuestion question{"diff"};
    question.add("principal", principal_);
    question.add_as_of(as_of_);
    question.add("from", from_);
    question.add("to", to_);
    return remote.show(question);
}

}  // namespace tenure::commands
