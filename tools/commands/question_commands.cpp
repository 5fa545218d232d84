#include "commands/question_commands.h"

#include <algorithm>
#include <utility>

#include "api/answer_json.h"
#include "api/answer_text.h"
#include "base/text.h"
#include "commands/attributes_file.h"
#include "commands/remote.h"

namespace tenure::commands {
QuestionCommands::QuestionCommands(CLI::App& app, Program& program) : program_{program} {
    const auto add = [&](const char* name, const char* description, Exit (QuestionCommands::*run)(),
                         RemoteQuestion (QuestionCommands::*question)() const) {
        return add_command(
            app, program, name, description, [this, run] { return (this->*run)(); },
            [this, question](Remote& remote) { return ask(remote, (this->*question)()); });
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
              &QuestionCommands::check, &QuestionCommands::check_asked),
          add("explain", "The same, with the whole derivation of the answer",
              &QuestionCommands::explain, &QuestionCommands::explain_asked),
          add("when", "All intervals in which it could do it, and what opened and closed them",
              &QuestionCommands::when, &QuestionCommands::when_asked)}) {
        who(command);
        where(command);
        circumstances(command);
    }
    const Command who_can = add("who-can", "Who may do an action at a scope?",
                                &QuestionCommands::who_can, &QuestionCommands::who_can_asked);
    where(who_can);
    circumstances(who_can);
    who_can.flag("--groups", groups_, "Show the groups they are allowed through, too").page(page_);

    const Command what_can =
        add("what-can", "Where may a principal do an action? Without one: its roles by scope",
            &QuestionCommands::what_can, &QuestionCommands::what_can_asked);
    who(what_can);
    what_can.optional_argument("action", action_, "ACTION", "Left out: all roles it holds")
        .data_plane(plane_)
        .option("--within", within_, "PATTERN",
                "Only scopes of this shape, such as /orgs/*/repos/*")
        .as_of(as_of_)
        .page(page_);
    circumstances(what_can);
}

// What can be wrong with the command line is looked at before store and server are.
Result<QuestionCommands::Given> QuestionCommands::given() const {
    Given given;
    TRY(given.as_of, cli::parse_as_of(as_of_, program_.now()));
    TRY(given.attributes, read_attributes(attributes_file_));
    if (!given.attributes.principal.empty())
        return invalid("principal",
                       quoted(attributes_file_) +
                           ": attributes of principals are in the store; give those of request, "
                           "resource and environment");
    return given;
}

Result<QuestionCommands::Setting> QuestionCommands::open() {
    Setting setting;
    TRY(Given all, given());
    setting.as_of = all.as_of;
    domain::condition::GivenAttributes& given = all.attributes;
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

Exit QuestionCommands::ask(Remote& remote, RemoteQuestion question) const {
    if (const auto right = given(); !right) return program_.fail(right.error());
    if (!attributes_file_.empty()) {
        auto text = text_of_file(attributes_file_);
        if (!text) return program_.fail(text.error());
        question.attributes = std::move(text.value());
    }
    return remote.show(question);
}

RemoteQuestion QuestionCommands::asked(const char* path,
                                       std::initializer_list<const char*> needed) const {
    RemoteQuestion question{path};
    for (const auto& [name, value] : {std::pair{"principal", &principal_},
                                      std::pair{"action", &action_}, std::pair{"scope", &scope_}})
        if (!value->empty() || std::ranges::find(needed, std::string_view{name}) != needed.end())
            question.parameters.emplace_back(name, *value);
    question.add_plane(plane_);
    question.add("sub_operation", sub_operation_);
    question.add_as_of(as_of_);
    return question;
}

RemoteQuestion QuestionCommands::check_asked() const {
    return asked("check", {"principal", "action", "scope"});
}

RemoteQuestion QuestionCommands::explain_asked() const {
    return asked("explain", {"principal", "action", "scope"});
}

RemoteQuestion QuestionCommands::when_asked() const {
    return asked("when", {"principal", "action", "scope"});
}

RemoteQuestion QuestionCommands::who_can_asked() const {
    RemoteQuestion question = asked("who-can", {"action", "scope"});
    question.add_flag("groups", groups_);
    question.add_page(page_);
    return question;
}

RemoteQuestion QuestionCommands::what_can_asked() const {
    RemoteQuestion question = asked("what-can", {"principal"});
    question.add("within", within_);
    question.add_page(page_);
    return question;
}

Exit QuestionCommands::check() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto answer = setting.value().session->check(check_question(setting.value()));
    if (!answer) return program_.fail(answer.error());
    program_.print_answer(answer.value());
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
    program_.print_answer(answer.value(), last, events.value());
    return decision.allowed ? Exit::ok : Exit::deny;
}

Exit QuestionCommands::who_can() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of, attributes] = setting.value();
    const auto answer =
        session->who_can({tenant, action_, plane_, scope_, as_of, attributes}, groups_, page_);
    if (!answer) return program_.fail(answer.error());
    program_.print_answer(answer.value());
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
        program_.print(api::to_text(answer.value(), action_.empty(), program_.paint()));
    return Exit::ok;
}

Exit QuestionCommands::when() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto answer = setting.value().session->when(check_question(setting.value()));
    if (!answer) return program_.fail(answer.error());
    const auto events = api::events_of(*setting.value().node, api::mentioned(answer.value()));
    if (!events) return program_.fail(events.error());
    program_.print_answer(answer.value(), events.value());
    return Exit::ok;
}

}  // namespace tenure::commands
