// The derivation of a decision, written for a person who did not grant it.

#include <algorithm>

#include "api/answer_text.h"
#include "api/condition_text.h"
#include "base/duration.h"
#include "base/text.h"
#include "domain/scope.h"

namespace tenure::api {
namespace {

// More would not be read; --json shows all.
constexpr std::size_t paths_shown_max = 12;

class Story {
public:
    Story(const query::Explanation& answer, const Events& events, const Paint& paint)
        : answer_{answer}, events_{events}, paint_{paint} {}

    void headline();
    void decision();
    void help(const std::optional<query::AccessInterval>& last);

    std::string take() { return std::move(out_); }

private:
    const query::Basis& basis() const { return answer_.answer.basis; }

    std::string who() const { return named(answer_.principal, answer_.display_name); }

    void line(const std::string& text) { out_ += printable(text) + '\n'; }

    void blank_line() { out_ += '\n'; }

    // An introduction: a line with an empty one after it.
    void because(const std::string& text) {
        line("Because " + text);
        blank_line();
    }

    // A numbered sentence and the event it rests on.
    void step(const std::string& sentence, Revision revision);
    void principal_step();
    void membership_steps(const std::vector<query::MembershipStep>& through);
    void granting_steps(const query::GrantPath& path);
    void refusing_step(const query::GrantPath& path);
    // Below a step: the condition's parts and their truths.
    void condition(const std::optional<query::ConditionTrace>& condition);
    void denying_steps(const query::DenyPath& path);
    void deny_summary();
    void also_granted();
    void allow();
    void denied_by_deny();
    void not_granted();
    void last_allowed(const query::AccessInterval& last);
    void planned();
    std::string remedy() const;
    // Whether an assignment would grant it, if nothing else stood in the way.
    bool granted_otherwise() const;
    std::string and_a_role() const;
    void suspended(const std::string& state);

    std::string holder(const std::vector<query::MembershipStep>& through) const;

    std::string role(const query::GrantPath& path) const {
        return named(path.role, path.role_name);
    }

    std::string place(const std::string& scope) const;
    std::string window(const domain::Window& window) const;

    const query::Explanation& answer_;
    const Events& events_;
    const Paint& paint_;
    std::string out_;
    std::size_t steps_ = 0;
};

void Story::step(const std::string& sentence, Revision revision) {
    const std::string number = std::to_string(++steps_);
    line((number.size() < 2 ? " " : "") + number + ". " + sentence);
    if (revision != revision_none)
        out_ += "    " + paint_(Colour::faint, printable(credit(events_, revision))) + '\n';
}

void Story::headline() {
    const bool allowed = answer_.answer.allowed;
    out_ += paint_(allowed ? Colour::allow : Colour::deny, allowed ? "ALLOW" : "DENY ") + "  " +
            paint_(Colour::title, printable(who())) + '\n';
    line("       " + answer_.action +
         (answer_.plane == domain::Plane::data ? " (data action)" : ""));
    line("       at " + answer_.scope);
    line("       " + basis_text(basis()));
    out_ += '\n';
}

std::string Story::holder(const std::vector<query::MembershipStep>& through) const {
    return through.empty() ? answer_.principal : "group " + through.back().group;
}

std::string Story::place(const std::string& scope) const {
    const auto asked = domain::parse_scope(answer_.scope, "scope");
    if (asked && domain::canonical_scope(asked.value()) == domain::canonical_scope(scope))
        return "at this very scope";
    return "at " + scope + ", which is above the asked scope and inherited by it";
}

std::string Story::window(const domain::Window& window) const {
    if (window.start && window.end)
        return "from " + format_instant(*window.start) + " until " + format_instant(*window.end);
    if (window.start) return "from " + format_instant(*window.start) + " on";
    return "until " + format_instant(*window.end);
}

void Story::principal_step() { step(who() + " is an active principal.", answer_.principal_since); }

void Story::membership_steps(const std::vector<query::MembershipStep>& through) {
    for (const query::MembershipStep& each : through)
        step(each.member + " is a member of group " + each.group + '.', each.since);
}

void Story::granting_steps(const query::GrantPath& path) {
    membership_steps(path.through);
    step("Assignment " + path.assignment + " gives " + holder(path.through) + " the role " +
             role(path) + ' ' + place(path.scope) + '.',
         path.assignment_since);
    if (!path.window.always() && basis().clock)
        step("The assignment is in force " + window(path.window) + ", and so at " +
                 format_instant(*basis().clock) + '.',
             revision_none);
    if (path.assignment_condition) {
        step("The condition of the assignment is met:", revision_none);
        condition(path.assignment_condition);
    }
    step("The role contains the action: it matches " + path.pattern +
             (path.role_condition ? ", and the condition beside it is met:" : "."),
         path.role_since);
    condition(path.role_condition);
}

void Story::condition(const std::optional<query::ConditionTrace>& condition) {
    if (!condition) return;
    const std::string text =
        condition->trace ? to_text(*condition->trace, paint_) : printable(condition->text) + '\n';
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at) + 1;
        out_ += "      " + text.substr(at, end - at);
        at = end;
    }
}

void Story::refusing_step(const query::GrantPath& path) {
    std::string sentence = "Assignment " + path.assignment + " gives " + holder(path.through) +
                           " the role " + role(path) + " at " + path.scope + ", but ";
    Revision behind = path.role_since;
    switch (path.verdict) {
        case query::GrantVerdict::grants:
            return;
        case query::GrantVerdict::not_named:
            sentence += "the role does not contain the action.";
            break;
        case query::GrantVerdict::subtracted:
            sentence += "the role takes the action out again: it matches " + path.pattern +
                        " and is subtracted by " + path.subtracted_by + '.';
            break;
        case query::GrantVerdict::condition_not_met: {
            const bool of_role = !path.assignment_condition;
            const query::ConditionTrace& decisive =
                of_role ? *path.role_condition : *path.assignment_condition;
            const std::string whose = of_role ? "the condition of the role" : "its condition";
            if (!decisive.trace)
                sentence += whose + " cannot be read by this version, so it does not grant.";
            else
                sentence += whose + " is " + std::string(name_of(decisive.truth())) + '.';
            if (!of_role) behind = path.assignment_since;
            break;
        }
        case query::GrantVerdict::outside_window:
            sentence += "it is in force " + window(path.window) + " only.";
            behind = path.assignment_since;
            break;
    }
    step(sentence, behind);
    if (path.verdict == query::GrantVerdict::condition_not_met)
        condition(path.assignment_condition ? path.assignment_condition : path.role_condition);
    for (const query::MembershipStep& each : path.through)
        out_ += "    " +
                paint_(Colour::faint, printable(each.member + " is in group " + each.group + ": " +
                                                credit(events_, each.since))) +
                '\n';
}

void Story::denying_steps(const query::DenyPath& path) {
    membership_steps(path.through);
    step("Deny assignment " + named(path.deny, path.name) + " forbids it to " +
             (path.through.empty() ? "this principal" : holder(path.through)) + ' ' +
             place(path.scope) + ": the action matches " + path.pattern +
             (path.condition ? ", and the condition beside it is not false:" : "."),
         path.since);
    condition(path.condition);
}

void Story::deny_summary() {
    if (answer_.denies.empty()) {
        step("No deny assignment stands at the scope or above it.", revision_none);
        return;
    }
    for (const query::DenyPath& path : answer_.denies)
        if (!path.applies)
            step("Deny assignment " + named(path.deny, path.name) + " at " + path.scope +
                     " does not apply: " + path.not_because + '.',
                 path.since);
}

void Story::also_granted() {
    std::size_t others = 0;
    for (std::size_t i = 1; i < answer_.grants.size(); ++i) {
        const query::GrantPath& path = answer_.grants[i];
        if (path.verdict != query::GrantVerdict::grants) break;
        if (++others == 1) {
            blank_line();
            line("It is also granted by:");
        }
        if (others > paths_shown_max) continue;
        line("  - assignment " + path.assignment + ": role " + role(path) + " to " +
             holder(path.through) + " at " + path.scope);
    }
    if (others > paths_shown_max)
        line("  - and " + std::to_string(others - paths_shown_max) + " more (--json shows all)");
}

void Story::allow() {
    const query::GrantPath& path = answer_.grants.front();
    because(holder(path.through) + " holds the role " + role(path) +
            ", which contains the action:");
    principal_step();
    granting_steps(path);
    deny_summary();
    also_granted();
}

void Story::denied_by_deny() {
    const auto path = std::find_if(answer_.denies.begin(), answer_.denies.end(),
                                   [](const query::DenyPath& deny) { return deny.applies; });
    because("a deny assignment forbids it, and a deny assignment goes before every role:");
    principal_step();
    denying_steps(*path);
    if (granted_otherwise()) {
        const query::GrantPath& grant = answer_.grants.front();
        step("Without it, assignment " + grant.assignment + " would grant it: role " + role(grant) +
                 " to " + holder(grant.through) + " at " + grant.scope + '.',
             grant.assignment_since);
    } else {
        step("Without it, it would still be denied: nothing grants it.", revision_none);
    }
}

void Story::suspended(const std::string& state) {
    step(who() + " is " + state + '.', answer_.principal_since);
    if (granted_otherwise()) {
        const query::GrantPath& grant = answer_.grants.front();
        step("Assignment " + grant.assignment + " stands by: role " + role(grant) + " to " +
                 holder(grant.through) + ' ' + place(grant.scope) + '.',
             grant.assignment_since);
    } else {
        step("Besides, no role that contains the action is assigned at the scope or above it.",
             revision_none);
    }
}

void Story::not_granted() {
    const std::size_t count = answer_.grants.size();
    because(answer_.principal + " holds " +
            (count == 1 ? "one role at the scope or above it, and it does not grant the action:"
                        : std::to_string(count) +
                              " roles at the scope or above it, and none grants the action:"));
    principal_step();
    for (std::size_t i = 0; i < answer_.grants.size() && i < paths_shown_max; ++i)
        refusing_step(answer_.grants[i]);
    if (answer_.grants.size() > paths_shown_max)
        line("    and " + std::to_string(answer_.grants.size() - paths_shown_max) +
             " more (--json shows all)");
}

void Story::decision() {
    switch (answer_.reason) {
        case query::Reason::granted:
            return allow();
        case query::Reason::denied_by_deny_assignment:
            return denied_by_deny();
        case query::Reason::principal_unknown:
            return line("Because no principal " + quoted(answer_.principal) +
                        " exists at that moment.");
        case query::Reason::principal_deleted:
            because("the principal has been deleted:");
            return step(who() + " is deleted.", answer_.principal_since);
        case query::Reason::principal_disabled:
            because("the principal is disabled, which suspends everything it holds:");
            return suspended("disabled");
        case query::Reason::invitation_pending:
            because(
                "the invitation has not been accepted yet; until then a guest has no access, "
                "whatever is assigned:");
            return suspended("invited, and the invitation is pending");
        case query::Reason::no_assignment:
            because("no role is assigned to " + answer_.principal +
                    ", or to a group it is in, at the scope or above it:");
            return principal_step();
        case query::Reason::not_granted:
            return not_granted();
    }
}

void Story::last_allowed(const query::AccessInterval& last) {
    blank_line();
    line("It was allowed from " + format_instant(last.from) + " until " + format_instant(*last.to) +
         " (" + duration_text(last.from, *last.to) + "). " +
         (last.closed_by == revision_none ? "It ended with a window." : "It was ended by:"));
    if (last.closed_by == revision_none) return;
    if (const auto found = events_.find(last.closed_by); found != events_.end())
        line("    " + describe(found->second.body));
    out_ += "    " + paint_(Colour::faint, printable(credit(events_, last.closed_by))) + '\n';
}

bool Story::granted_otherwise() const {
    return !answer_.grants.empty() && answer_.grants.front().verdict == query::GrantVerdict::grants;
}

std::string Story::and_a_role() const {
    return granted_otherwise() ? "." : ", and a role that contains the action.";
}

// Windows that have not begun yet.
void Story::planned() {
    for (const query::GrantPath& path : answer_.grants) {
        const auto& start = path.window.start;
        if (path.verdict != query::GrantVerdict::outside_window || !start || !basis().clock ||
            *start <= *basis().clock)
            continue;
        blank_line();
        line("It is planned: assignment " + path.assignment + " comes into force at " +
             format_instant(*start) + ", in " + duration_text(*basis().clock, *start) + '.');
    }
}

std::string Story::remedy() const {
    switch (answer_.reason) {
        case query::Reason::granted:
            break;
        case query::Reason::denied_by_deny_assignment:
            return "deleting the deny assignment, or excluding " + answer_.principal + " from it.";
        case query::Reason::principal_unknown:
        case query::Reason::principal_deleted:
            return "a new principal that holds a role with the action.";
        case query::Reason::principal_disabled:
            return "enabling the principal again" + and_a_role();
        case query::Reason::invitation_pending:
            return "accepting the invitation" + and_a_role();
        case query::Reason::no_assignment:
        case query::Reason::not_granted:
            if (answer_.would_allow.empty())
                return "a role that contains the action; the tenant has none.";
            return "one of these roles at the scope or above it:";
    }
    return {};
}

void Story::help(const std::optional<query::AccessInterval>& last) {
    if (answer_.answer.allowed) return;
    if (last && last->to) last_allowed(*last);
    planned();
    blank_line();
    line("What would allow it: " + remedy());
    if (answer_.reason == query::Reason::no_assignment ||
        answer_.reason == query::Reason::not_granted)
        for (const query::RoleHint& hint : answer_.would_allow)
            line("  - " + named(hint.role, hint.role_name));
    if (answer_.allowed_at.empty()) return;
    line(answer_.principal + " may do it at:");
    for (const std::string& scope : answer_.allowed_at) line("  - " + scope);
}

}  // namespace

std::string to_text(const query::Explanation& answer,
                    const std::optional<query::AccessInterval>& last, const Events& events,
                    const Paint& paint) {
    Story story{answer, events, paint};
    story.headline();
    story.decision();
    story.help(last);
    return story.take();
}

}  // namespace tenure::api
