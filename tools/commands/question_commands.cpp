#include "commands/question_commands.h"

#include "api/answer_json.h"
#include "base/text.h"
#include "cli/answer_text.h"
#include "commands/attributes_file.h"

namespace tenure::commands {
QuestionCommands::QuestionCommands(CLI::App& app, Program& program) : program_{program} {
    const auto add = [&](const char* name, const char* description,
                         Exit (QuestionCommands::*run)()) {
        return add_command(app, program, name, description, [this, run] { return (this->*run)(); });
    };
    const auto who = [&](const Command& command) {
        command.argument("principal", principal_, "PRINCIPAL",
                         "Id of a user, service principal or group");
    };
    const auto where = [&](const Command& command) {
        command
            .argument("action", action_, "ACTION", "Such as Microsoft.Support/supportTickets/read")
            .argument("scope", scope_, "SCOPE", "Such as /subscriptions/s1")
            .data_plane(plane_)
            .as_of(as_of_);
    };

    const auto circumstances = [&](const Command& command) {
        command
            .option("--attributes", attributes_file_, "FILE",
                    "What conditions may read: {\"request\":{...},\"resource\":{...},"
                    "\"environment\":{...}}")
            .option("--sub-operation", sub_operation_, "NAME", "The suboperation of the action");
    };

    for (const Command& command :
         {add("check", "May a principal do an action at a scope? Exit code 0 allow, 1 deny",
              &QuestionCommands::check),
          add("explain", "The same, with the whole derivation of the answer",
              &QuestionCommands::explain),
          add("when", "All intervals in which it could do it, and what opened and closed them",
              &QuestionCommands::when)}) {
        who(command);
        where(command);
        circumstances(command);
    }
    const Command who_can =
        add("who-can", "Who may do an action at a scope?", &QuestionCommands::who_can);
    where(who_can);
    circumstances(who_can);
    who_can.flag("--groups", groups_, "Show the groups they are allowed through, too").page(page_);

    const Command what_can =
        add("what-can", "Where may a principal do an action? Without one: its roles by scope",
            &QuestionCommands::what_can);
    who(what_can);
    what_can.optional_argument("action", action_, "ACTION", "Left out: all roles it holds")
        .data_plane(plane_)
        .option("--within", within_, "PATTERN",
                "Only scopes of this shape, such as /orgs/*/repos/*")
        .as_of(as_of_)
        .page(page_);
    circumstances(what_can);

    add("diff", "Who gained and who lost what between two moments", &QuestionCommands::diff)
        .argument("from", from_, "FROM", "A time, now, or a revision (a number)")
        .optional_argument("to", to_, "TO", "Likewise; now if it is left out")
        .option("--principal", principal_, "PRINCIPAL", "What one principal gained and lost")
        .option("--known-at", as_of_.known_at, "TIME",
                "Use only what had been recorded by this time: what was believed then");
}

Result<QuestionCommands::Setting> QuestionCommands::open() {
    Setting setting;
    // The command line is looked at before the store is.
    TRY(setting.as_of, cli::parse_as_of(as_of_, program_.now()));
    TRY(auto given, read_attributes(attributes_file_));
    if (!given.principal.empty())
        return invalid("principal",
                       quoted(attributes_file_) +
                           ": attributes of principals are in the store; give those of request, "
                           "resource and environment");
    setting.attributes = {sub_operation_, domain::condition::AttributeSet{std::move(given.request)},
                          domain::condition::AttributeSet{std::move(given.resource)},
                          domain::condition::AttributeSet{std::move(given.environment)}};
    TRY(setting.node, program_.open(Access::read));
    TRY(setting.tenant, program_.tenant(*setting.node));
    setting.session = setting.node->session();
    return setting;
}

domain::CheckQuestion QuestionCommands::check_question(const Setting& setting) const {
    return {setting.tenant, principal_, action_, plane_, scope_, setting.as_of, setting.attributes};
}

Exit QuestionCommands::check() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto answer = setting.value().session->check(check_question(setting.value()));
    if (!answer) return program_.fail(answer.error());
    if (program_.json())
        program_.print_line(api::to_json(answer.value()));
    else
        program_.print(cli::to_text(answer.value(), program_.paint()));
    return answer.value().allowed ? Exit::ok : Exit::deny;
}

Exit QuestionCommands::explain() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of, attributes] = setting.value();
    const auto answer = session->explain(check_question(setting.value()));
    if (!answer) return program_.fail(answer.error());
    const query::CheckAnswer& decision = answer.value().answer;

    std::set<Revision> revisions = api::mentioned(answer.value());
    std::optional<query::AccessInterval> last;
    if (!decision.allowed) {
        const auto when = session->when(check_question(setting.value()));
        if (!when) return program_.fail(when.error());
        last = api::last_allowed(when.value(), decision.basis);
        if (last) {
            revisions.insert({last->opened_by, last->closed_by});
            revisions.erase(revision_none);
        }
    }
    const auto events = api::events_of(*node, revisions);
    if (!events) return program_.fail(events.error());
    if (program_.json())
        program_.print_line(api::to_json(answer.value(), last, events.value()));
    else
        program_.print(cli::to_text(answer.value(), last, events.value(), program_.paint()));
    return decision.allowed ? Exit::ok : Exit::deny;
}

Exit QuestionCommands::who_can() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of, attributes] = setting.value();
    const auto answer =
        session->who_can({tenant, action_, plane_, scope_, as_of, attributes}, groups_, page_);
    if (!answer) return program_.fail(answer.error());
    if (program_.json())
        program_.print_line(api::to_json(answer.value()));
    else
        program_.print(cli::to_text(answer.value(), program_.paint()));
    return Exit::ok;
}

Exit QuestionCommands::what_can() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of, attributes] = setting.value();
    const auto answer =
        session->what_can({tenant, principal_, action_, plane_, as_of, attributes}, within_, page_);
    if (!answer) return program_.fail(answer.error());
    if (program_.json())
        program_.print_line(api::to_json(answer.value()));
    else
        program_.print(cli::to_text(answer.value(), action_.empty(), program_.paint()));
    return Exit::ok;
}

Exit QuestionCommands::when() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto answer = setting.value().session->when(check_question(setting.value()));
    if (!answer) return program_.fail(answer.error());
    const auto events = api::events_of(*setting.value().node, api::mentioned(answer.value()));
    if (!events) return program_.fail(events.error());
    if (program_.json())
        program_.print_line(api::to_json(answer.value(), events.value()));
    else
        program_.print(cli::to_text(answer.value(), events.value(), program_.paint()));
    return Exit::ok;
}

Exit QuestionCommands::diff() {
    const Instant now = program_.now();
    auto from = cli::parse_point(from_, "FROM", now);
    if (!from) return program_.fail(from.error());
    auto to = cli::parse_point(to_, "TO", now);
    if (!to) return program_.fail(to.error());
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of, attributes] = setting.value();
    from.value().known_at = as_of.known_at;
    to.value().known_at = as_of.known_at;
    const auto answer = session->diff(tenant, principal_, from.value(), to.value());
    if (!answer) return program_.fail(answer.error());
    const auto events = api::events_of(*node, api::mentioned(answer.value()));
    if (!events) return program_.fail(events.error());
    if (program_.json())
        program_.print_line(api::to_json(answer.value(), events.value()));
    else
        program_.print(cli::to_text(answer.value(), events.value(), program_.paint()));
    return Exit::ok;
}

}  // namespace tenure::commands
