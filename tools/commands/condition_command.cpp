#include "commands/condition_command.h"

#include "api/condition_json.h"
#include "api/condition_text.h"
#include "base/text.h"
#include "cli/problem.h"
#include "commands/attributes_file.h"
#include "domain/action.h"

namespace tenure::commands {

namespace condition = domain::condition;

ConditionCommand::ConditionCommand(CLI::App& app, Program& program) : program_{program} {
    add_command(app, program, "condition",
                "Check the text of a condition, or evaluate it for given attributes",
                [this] { return run(); })
        .choice("what", what_, {"check", "eval"}, "Whether it is one, or what it comes to")
        .argument("file", file_, "FILE", "The condition; - is standard input")
        .option("--attributes", attributes_, "FILE",
                "With eval: {\"request\":{...},\"resource\":{...},\"principal\":{...},"
                "\"environment\":{...}}")
        .option("--action", action_, "ACTION", "With eval: the action that is asked about")
        .option("--sub-operation", sub_operation_, "NAME", "With eval: its suboperation")
        .option("--at", at_, "TIME", "With eval: the time in @Environment[UtcNow]; otherwise now");
}

Exit ConditionCommand::run() {
    if (what_ == "eval") return eval();
    if (!attributes_.empty() || !action_.empty() || !sub_operation_.empty() || !at_.empty())
        return program_.misuse(
            "--attributes, --action, --sub-operation and --at say what a condition is evaluated "
            "for: use them with eval");
    return check();
}

Exit ConditionCommand::check() {
    const auto text = text_of_file(file_);
    if (!text) return program_.fail(text.error());
    const auto parsed = condition::Program::parse(text.value(), "condition");
    if (!parsed) return wrong(parsed.error());
    const auto never_decided = parsed.value().never_decided();
    if (!program_.json()) {
        program_.print_line("ok");
        for (const std::string& each : never_decided)
            program_.print_line(api::printable("never true and never false: " + each));
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("ok", true);
    json.member("condition", parsed.value().text());
    if (!never_decided.empty()) json.list_member("neverDecided", never_decided);
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

Exit ConditionCommand::eval() {
    if (file_ == "-" && attributes_ == "-")
        return program_.misuse(
            "standard input cannot be both the condition and its attributes: name a file for one");
    const auto attributes = read_attributes(attributes_);
    if (!attributes) return program_.fail(attributes.error());
    condition::CircumstancesView circumstances;
    std::string action;
    if (!action_.empty()) {
        auto asked = domain::parse_action(action_, "--action");
        if (!asked) return program_.fail(asked.error());
        action = std::move(asked.value());
    }
    const std::string sub_operation = folded(sub_operation_);
    const auto now = cli::parse_time(at_.empty() ? "now" : at_, "--at", program_.now());
    if (!now) return program_.fail(now.error());
    const auto text = text_of_file(file_);
    if (!text) return program_.fail(text.error());
    const auto parsed = condition::Program::parse(text.value(), "condition");
    if (!parsed) return wrong(parsed.error());

    const condition::AttributeSet request{attributes.value().request};
    const condition::AttributeSet resource{attributes.value().resource};
    const condition::AttributeSet principal{attributes.value().principal};
    const condition::AttributeSet environment{attributes.value().environment};
    circumstances.action = action;
    circumstances.sub_operation = sub_operation;
    circumstances.now = now.value();
    circumstances.request = &request;
    circumstances.resource = &resource;
    circumstances.principal = &principal;
    circumstances.environment = &environment;
    const condition::Trace trace = parsed.value().explain(circumstances);
    if (program_.json())
        program_.print_line(api::to_json(trace));
    else
        program_.print(api::to_text(trace, program_.paint()));
    return trace.truth == condition::Truth::yes ? Exit::ok : Exit::deny;
}

Exit ConditionCommand::wrong(const Error& error) {
    program_.note(program_.global.json ? cli::problem_json(error, Exit::deny)
                                       : cli::problem_line(error));
    return Exit::deny;
}

}  // namespace tenure::commands
