// Evaluations: one, or many at once.

#include <map>
#include <utility>

#include "api/json_parts.h"
#include "base/text.h"
#include "server/authzen_answers.h"
#include "server/authzen_request.h"
#include "server/reading.h"

namespace tenure::server::authzen {
namespace {

// Why it was decided so, for people and logs of the asker.
struct Why {
    std::string_view code;
    std::string text;
};

struct Decision {
    Result<query::CheckAnswer> answer;
    std::optional<Why> why;

    bool allowed() const { return answer && answer.value().allowed; }
};

std::string through(const std::vector<query::MembershipStep>& steps) {
    return steps.empty() ? std::string{} : " through group " + quoted(steps.back().group);
}

std::string grant_text(const query::Explanation& why) {
    for (const query::GrantPath& path : why.grants)
        if (path.verdict == query::GrantVerdict::grants)
            return "role " + quoted(path.role_name.empty() ? path.role : path.role_name) + " at " +
                   path.scope + ", assignment " + quoted(path.assignment) + through(path.through);
    return "a role grants it";
}

std::string deny_text(const query::Explanation& why) {
    for (const query::DenyPath& path : why.denies)
        if (path.applies)
            return "deny assignment " + quoted(path.deny) + " at " + path.scope +
                   through(path.through);
    return "a deny assignment forbids it";
}

std::string text_of(const query::Explanation& why) {
    using query::Reason;
    const std::string principal = quoted(why.principal);
    switch (why.reason) {
        case Reason::granted:
            return grant_text(why);
        case Reason::denied_by_deny_assignment:
            return deny_text(why);
        case Reason::principal_unknown:
            return "no principal " + principal + " is known";
        case Reason::principal_deleted:
            return principal + " is deleted";
        case Reason::principal_disabled:
            return principal + " is disabled";
        case Reason::invitation_pending:
            return principal + " has not accepted the invitation";
        case Reason::no_assignment:
            return "nothing is assigned to " + principal + " at " + why.scope + " or above";
        case Reason::not_granted:
            return "what is assigned to " + principal + " at " + why.scope +
                   " or above does not grant " + quoted(why.action);
    }
    return {};
}

// Decides what one request asks, and keeps the books.
class Deciding {
public:
    Deciding(Call& call, node::Session& session) : call_{call}, session_{session} {}

    ~Deciding() { call_.service.metrics.decisions("authzen", allowed_, denied_); }

    Deciding(const Deciding&) = delete;
    Deciding& operator=(const Deciding&) = delete;

    // Whether the asker may ask this.
    Result<void> admit(const Evaluation& asked) {
        const domain::CheckQuestion& question = asked.question;
        if (question.principal == call_.identity.principal) return success();
        const std::string_view needed =
            asked.explain ? action::assignments_read : action::decisions_read;
        const auto [known, is_new] = rights_.try_emplace({question.scope, asked.explain}, false);
        if (is_new)
            known->second = may(session_, call_.identity, call_.tenant, needed, question.scope);
        if (known->second) return success();
        return Error{Errc::forbidden, quoted(call_.identity.principal) + " needs " +
                                          std::string(needed) + " at " + question.scope};
    }

    Decision decide(const Evaluation& asked) {
        if (const auto admitted = admit(asked); !admitted) return {admitted.error(), {}};
        if (!asked.explain) return settled(asked, {session_.check(asked.question), {}});
        const auto explained = session_.explain(asked.question);
        if (!explained) return settled(asked, {explained.error(), {}});
        const query::Explanation& why = explained.value();
        return settled(asked, {why.answer, Why{query::name_of(why.reason), text_of(why)}});
    }

    // All of them, as of one moment where they name none.
    std::vector<Decision> decide_all(std::vector<Result<Evaluation>>& items) {
        const Decision asked_later{Error{}, {}};  // until all of these are asked together
        std::vector<Decision> decisions;
        std::vector<std::size_t> checked;
        std::vector<domain::CheckQuestion> questions;
        for (std::size_t i = 0; i < items.size(); ++i) {
            Result<Evaluation>& item = items[i];
            if (!item) {
                decisions.push_back({item.error(), {}});
            } else if (item.value().explain) {
                decisions.push_back(decide(item.value()));
            } else if (const auto admitted = admit(item.value()); !admitted) {
                decisions.push_back({admitted.error(), {}});
            } else {
                decisions.push_back(asked_later);
                checked.push_back(i);
                questions.push_back(std::move(item.value().question));
            }
        }
        auto answers = session_.check_all(questions);
        for (std::size_t k = 0; k < checked.size(); ++k) {
            Evaluation& asked = items[checked[k]].value();
            asked.question = std::move(questions[k]);
            decisions[checked[k]] = settled(asked, {std::move(answers[k]), {}});
        }
        return decisions;
    }

private:
    // A principal of another kind than it was said to be is not the one that was meant.
    Decision settled(const Evaluation& asked, Decision decision) {
        if (decision.allowed()) {
            query::CheckAnswer& answer = decision.answer.value();
            answer.allowed = asked.kind && session_.kind_of(call_.tenant, asked.question.principal,
                                                            answer.basis.revision) == asked.kind;
            if (!answer.allowed && asked.explain)
                decision.why = Why{"otherSubjectType", quoted(asked.question.principal) +
                                                           " is no subject of type " +
                                                           quoted(asked.subject_type)};
        }
        if (decision.answer) ++(decision.allowed() ? allowed_ : denied_);
        call_.service.decision_log.add(
            {"authzen", call_.identity.principal, call_.request_id, call_.now}, asked.question,
            decision.answer);
        return decision;
    }

    Call& call_;
    node::Session& session_;
    std::map<std::pair<std::string, bool>, bool> rights_;  // by scope and whether to explain
    std::uint64_t allowed_ = 0;
    std::uint64_t denied_ = 0;
};

void add_decision(api::JsonText& json, const Decision& decision) {
    json.begin_object();
    json.member("decision", decision.allowed());
    json.name("context");
    json.begin_object();
    if (decision.answer) {
        api::basis_members(json, decision.answer.value().basis);
    } else {
        const Error& error = decision.answer.error();
        json.name("error");
        json.begin_object();
        json.member("status", std::uint64_t{status_of_error(error.code)});
        json.member("message", error.detail);
        json.end_object();
    }
    if (decision.why) {
        json.name("reason");
        json.begin_object();
        json.member("code", decision.why->code);
        json.member("text", decision.why->text);
        json.end_object();
    }
    json.end_object();
    json.end_object();
}

// An explanation looks at all roles there are.
Reply elsewhere() {
    Reply reply;
    reply.takes_long = true;
    return reply;
}

Reply answer_one(Call& call, node::Session& session, const Evaluation& asked) {
    if (asked.explain && !call.may_take_long) return elsewhere();
    if (auto early = too_early(call, asked.at_least)) return *early;
    const Decision decision = Deciding{call, session}.decide(asked);
    if (!decision.answer) return refused(decision.answer.error());
    api::JsonText json;
    add_decision(json, decision);
    return answered(call, json.take(), decision.answer.value().basis, false);
}

// Ends with the item that settles it.
std::vector<Decision> decide_until(Deciding& deciding, const Evaluations& asked) {
    const bool last_one = asked.semantic == Semantic::permit_on_first_permit;
    std::vector<Decision> decisions;
    for (const Result<Evaluation>& item : asked.items) {
        decisions.push_back(item ? deciding.decide(item.value()) : Decision{item.error(), {}});
        if (decisions.back().allowed() == last_one) break;
    }
    return decisions;
}

}  // namespace

Reply evaluation(Call& call, node::Session& session) {
    const auto asked = parse_evaluation(call.request.body(), call.tenant);
    if (!asked) return refused(asked.error());
    return answer_one(call, session, asked.value());
}

Reply evaluations(Call& call, node::Session& session) {
    auto parsed = parse_evaluations(call.request.body(), call.tenant,
                                    call.service.settings.limits.batch_checks_max);
    if (!parsed) return refused(parsed.error());
    Evaluations& asked = parsed.value();
    if (asked.single) return answer_one(call, session, asked.items.front().value());
    if (asked.explain && !call.may_take_long) return elsewhere();
    if (auto early = too_early(call, asked.at_least)) return *early;
    Deciding deciding{call, session};
    const std::vector<Decision> decisions = asked.semantic == Semantic::execute_all
                                                ? deciding.decide_all(asked.items)
                                                : decide_until(deciding, asked);
    api::JsonText json;
    json.begin_object();
    json.name("evaluations");
    json.begin_array();
    for (const Decision& decision : decisions) add_decision(json, decision);
    json.end_array();
    json.end_object();
    Reply reply;
    reply.body = json.take();
    if (std::ranges::all_of(asked.items, [](const Result<Evaluation>& item) {
            return !item || names_no_moment(item.value().question.as_of);
        }))
        say_closed(call, reply);
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

}  // namespace tenure::server::authzen
