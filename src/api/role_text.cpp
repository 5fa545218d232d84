#include "api/role_text.h"

#include "api/answer_text.h"
#include "api/table.h"
#include "base/text.h"

namespace tenure::api {
namespace {

std::string faint_line(const Paint& paint, const std::string& text) {
    return paint(Colour::faint, text) + '\n';
}

const char* type_text(const domain::Role& role) { return role.built_in ? "built in" : "custom"; }

void add_patterns(Table& table, std::string block, const char* list,
                  const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) table.add({block, list, pattern});
}

// The memberships as "team in everybody", from the assigned group down to the principal's own.
std::string via_text(const std::vector<query::MembershipStep>& through) {
    return joined(through, " in ", &query::MembershipStep::group);
}

std::string terms_text(const query::RoleHolding& held) {
    std::string text;
    if (held.window.end) text += "until " + format_instant(*held.window.end);
    if (held.conditional) text += (text.empty() ? "" : ", ") + std::string("with a condition");
    return text;
}

std::string_view why_inactive(query::Reason reason) {
    switch (reason) {
        case query::Reason::principal_deleted:
            return "has been deleted";
        case query::Reason::principal_disabled:
            return "is disabled";
        case query::Reason::invitation_pending:
            return "has not accepted the invitation yet";
        case query::Reason::granted:
        case query::Reason::denied_by_deny_assignment:
        case query::Reason::principal_unknown:
        case query::Reason::no_assignment:
        case query::Reason::not_granted:
            return "has no access";
    }
    return {};
}

std::string version_text(const query::RoleAnswer& side) {
    return named(side.role.role.id, side.role.role.name) + " as of revision " +
           std::to_string(side.basis.revision.value);
}

std::string plane_note(const domain::Operation& operation) {
    return operation.plane == domain::Plane::data ? " (data action)" : "";
}

std::string choice_text(const LeastRolesAnswer& answer, const domain::RoleChoice& choice) {
    std::string text;
    for (const std::size_t role : choice.roles)
        text += (text.empty() ? "" : " + ") + answer.roles[role].name;
    return text;
}

}  // namespace

std::string to_text(const query::RolesAnswer& answer, const Paint& paint) {
    Table table{{{"ROLE"}, {"ID"}, {"TYPE"}, {"DESCRIPTION"}}};
    for (const query::DatedRole& dated : answer.roles)
        table.add({dated.role.name, dated.role.id, type_text(dated.role), dated.role.description});
    std::string text = table.rows() > 0 ? table.take(paint) : std::string{};
    return text +
           faint_line(paint, counted(answer.roles.size(), "role") + ' ' + basis_text(answer.basis));
}

std::string to_text(const query::RoleAnswer& answer, const Events& events, const Paint& paint) {
    const domain::Role& role = answer.role.role;
    Table facts{{{"ROLE"}, {role.name}}};
    facts.add({"id", role.id});
    facts.add({"type", type_text(role)});
    if (!role.description.empty()) facts.add({"description", role.description});
    facts.add({"assignable at", joined(role.assignable_scopes)});
    facts.add({"since", credit(events, answer.role.since)});
    std::string text = facts.take(paint);

    Table patterns{{{"BLOCK", Table::Align::right}, {"LIST"}, {"PATTERN"}}};
    for (std::size_t i = 0; i < role.permissions.size(); ++i) {
        const domain::PermissionBlock& block = role.permissions[i];
        const std::string number = std::to_string(i + 1);
        add_patterns(patterns, number, "actions", block.actions);
        add_patterns(patterns, number, "notActions", block.not_actions);
        add_patterns(patterns, number, "dataActions", block.data_actions);
        add_patterns(patterns, number, "notDataActions", block.not_data_actions);
        if (block.condition) patterns.add({number, "condition", block.condition->text});
    }
    if (patterns.rows() > 0) text += '\n' + patterns.take(paint);
    return text + faint_line(paint, basis_text(answer.basis));
}

std::string to_text(const query::RoleHoldersAnswer& answer, const Paint& paint) {
    Table table{{{"PRINCIPAL"}, {"KIND"}, {"SCOPE"}, {"VIA"}, {"ASSIGNMENT"}, {"TERMS"}}};
    for (const query::RoleHolding& held : answer.holdings) {
        std::string terms = terms_text(held);
        if (!held.active) terms += (terms.empty() ? "" : ", ") + std::string("inactive");
        table.add({named(held.principal, held.display_name), domain::name_of(held.kind), held.scope,
                   via_text(held.through), held.assignment, terms});
    }
    std::string text = table.rows() > 0 ? table.take(paint) : std::string{};
    return text +
           faint_line(paint, counted(answer.holdings.size(), "holding") + " of role " +
                                 printable(named(answer.role.role.id, answer.role.role.name)) +
                                 ' ' + basis_text(answer.basis));
}

std::string to_text(const query::HeldRolesAnswer& answer, const Events& events,
                    const Paint& paint) {
    std::string text = printable(named(answer.principal, answer.display_name));
    if (answer.hindered)
        text += ' ' + paint(Colour::deny, why_inactive(*answer.hindered)) +
                ", so nothing of this counts:\n" +
                printable(credit(events, answer.principal_since)) + '\n';
    else
        text += answer.holdings.empty() ? " holds no role\n" : " holds\n";
    Table table{{{"ROLE"}, {"SCOPE"}, {"VIA"}, {"ASSIGNMENT"}, {"TERMS"}, {"GIVEN BY"}}};
    for (const query::RoleHolding& held : answer.holdings)
        table.add({named(held.role, held.role_name), held.scope, via_text(held.through),
                   held.assignment, terms_text(held), credit(events, held.since)});
    if (table.rows() > 0) text += table.take(paint);
    return text + faint_line(paint, counted(answer.holdings.size(), "role") + ' ' +
                                        basis_text(answer.basis));
}

std::string to_text(const RoleComparison& comparison, const Paint& paint) {
    const domain::RoleDifference& difference = comparison.difference;
    std::string text = "from  " + printable(version_text(comparison.from)) + "\nto    " +
                       printable(version_text(comparison.to)) + '\n';
    Table table{{{""}, {"MEMBER"}, {"TEXT"}}};
    const auto add = [&](bool added, const std::string& member, const std::string& what) {
        table.add({added ? Table::Cell{Colour::allow, "+"} : Table::Cell{Colour::deny, "-"}, member,
                   what});
    };
    for (const auto& change : difference.changes) {
        add(false, change.member, change.from);
        add(true, change.member, change.to);
    }
    for (const auto& line : difference.lines) add(line.added, line.member, line.text);
    if (table.rows() > 0) text += '\n' + table.take(paint);
    if (difference.regrouped)
        text += "\nthe same patterns, written or cut into blocks differently\n";

    Table operations{{{""}, {"OPERATION"}, {"PLANE"}}};
    for (const auto& lost : difference.lost)
        operations.add({{Colour::deny, "-"}, lost.spelled, domain::name_of(lost.plane)});
    for (const auto& gained : difference.gained)
        operations.add({{Colour::allow, "+"}, gained.spelled, domain::name_of(gained.plane)});
    if (operations.rows() > 0) text += '\n' + operations.take(paint);
    return text + '\n' +
           faint_line(paint, (difference.empty() ? "no difference; " : "") +
                                 grouped(difference.gained.size()) + " gained, " +
                                 grouped(difference.lost.size()) + " lost of " +
                                 counted(comparison.operations, "known operation"));
}

std::string to_text(const LeastRolesAnswer& answer, const Paint& paint) {
    std::string text;
    Table table{{{"ROLES"},
                 {"UNNEEDED CHANGES", Table::Align::right},
                 {"READS", Table::Align::right},
                 {"NOTE"}}};
    for (const domain::RoleChoice& choice : answer.least.choices)
        table.add({choice_text(answer, choice), std::to_string(choice.unneeded_changes),
                   std::to_string(choice.unneeded_reads),
                   choice.conditional ? "under a condition" : ""});
    if (table.rows() > 0) text += table.take(paint);
    for (const domain::Operation& missing : answer.least.missing)
        text += paint(Colour::deny, "no role") + " grants " + printable(missing.spelled) +
                plane_note(missing) + '\n';
    if (answer.least.choices.empty() && answer.least.missing.empty())
        text += paint(Colour::deny, "no choice") + " of up to " +
                std::to_string(domain::roles_together_max) + " roles grants all of it\n";
    if (!answer.least.complete)
        text += paint(Colour::warn, "gave up after " + grouped(domain::role_search_steps_max) +
                                        " steps: there may be better choices") +
                '\n';
    return text + faint_line(paint, counted(answer.least.choices.size(), "choice") + " for " +
                                        counted(answer.needed.size(), "operation") +
                                        (answer.scope.empty() ? "" : " at " + answer.scope) +
                                        (answer.basis ? ' ' + basis_text(*answer.basis) : ""));
}

}  // namespace tenure::api
