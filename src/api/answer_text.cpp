#include "api/answer_text.h"

#include "base/duration.h"
#include "base/text.h"

namespace tenure::api {
namespace {

// "18 assignment.created by omar"
std::string event_cell(const Events& events, Revision revision, std::string_view without) {
    if (revision == revision_none) return std::string(without);
    std::string text = std::to_string(revision.value);
    if (const auto found = events.find(revision); found != events.end())
        text +=
            ' ' + std::string(domain::type_of(found->second.body)) + " by " + found->second.actor;
    return text;
}

std::string shown_role(const query::Hold& hold) {
    return hold.role + (hold.conditional ? " (on a condition)" : "");
}

}  // namespace

std::string list_end(std::size_t count, std::string_view noun, const std::string& next,
                     const query::Basis& basis, const Paint& paint) {
    std::string text = counted(count, noun) + ' ' + basis_text(basis);
    if (!next.empty()) text += "\nmore: --cursor '" + printable(next) + '\'';
    return paint(Colour::faint, text) + '\n';
}

std::string basis_text(const query::Basis& basis) {
    std::string text;
    if (basis.clock && *basis.clock != instant_min)
        text = "as of " + format_instant(*basis.clock) + ", ";
    if (basis.revision == revision_none)
        text += "before the first event";
    else
        text +=
            (basis.clock ? "revision " : "as of revision ") + std::to_string(basis.revision.value);
    if (!basis.final) text += " (not final: later events may change the answer)";
    return text;
}

std::string to_text(const query::CheckAnswer& answer, const Paint& paint) {
    return (answer.allowed ? paint(Colour::allow, "allow") : paint(Colour::deny, "deny")) + "  " +
           paint(Colour::faint, basis_text(answer.basis)) + '\n';
}

std::string to_text(const query::WhoCanAnswer& answer, const Paint& paint) {
    Table table{{{"PRINCIPAL"}, {"KIND"}, {"NAME"}}};
    for (const auto* list : {&answer.groups, &answer.principals})
        for (const query::WhoCanEntry& entry : *list)
            table.add({entry.principal, domain::name_of(entry.kind),
                       entry.display_name == entry.principal ? "" : entry.display_name});
    std::string text = table.rows() > 0 ? table.take(paint) : std::string{};
    return text + list_end(answer.principals.size(), "principal", answer.next, answer.basis, paint);
}

std::string to_text(const query::WhatCanAnswer& answer, bool by_role, const Paint& paint) {
    std::string text;
    if (by_role) {
        Table table{{{"SCOPE"}, {"ROLES"}}};
        for (const query::WhatCanEntry& entry : answer.scopes)
            table.add({entry.scope, joined(entry.roles)});
        if (table.rows() > 0) text = table.take(paint);
    } else {
        for (const query::WhatCanEntry& entry : answer.scopes)
            text += printable(entry.scope) + '\n';
    }
    return text + list_end(answer.scopes.size(), "scope", answer.next, answer.basis, paint);
}

std::string to_text(const query::WhenAnswer& answer, const Events& events, const Paint& paint) {
    if (answer.intervals.empty())
        return paint(Colour::deny, "never") + "  " +
               paint(Colour::faint, basis_text(answer.basis)) + '\n';
    Table table{{{"FROM"}, {"UNTIL"}, {"FOR"}, {"OPENED BY"}, {"CLOSED BY"}}};
    for (const query::AccessInterval& each : answer.intervals)
        table.add({format_instant(each.from), each.to ? format_instant(*each.to) : "still",
                   each.to ? duration_text(each.from, *each.to) : "",
                   event_cell(events, each.opened_by, "a window begins"),
                   event_cell(events, each.closed_by, each.to ? "a window ends" : "")});
    return table.take(paint) +
           list_end(answer.intervals.size(), "interval", "", answer.basis, paint);
}

std::string to_text(const query::DiffAnswer& answer, const Events& events, const Paint& paint) {
    std::string text =
        "from  " + basis_text(answer.from) + "\nto    " + basis_text(answer.to) + '\n';
    Table table{{{""}, {"PRINCIPAL"}, {"ROLE"}, {"SCOPE"}}};
    for (const query::Hold& hold : answer.gained)
        table.add({{Colour::allow, "+"}, hold.principal, shown_role(hold), hold.scope});
    for (const query::Hold& hold : answer.lost)
        table.add({{Colour::deny, "-"}, hold.principal, shown_role(hold), hold.scope});
    if (table.rows() > 0) text += '\n' + table.take(paint);
    if (!answer.roles_changed.empty()) {
        Table roles{{{"ROLE CHANGED"}, {"FROM"}, {"TO"}}};
        for (const query::RoleDiff& role : answer.roles_changed)
            roles.add({role.role, event_cell(events, role.from, "not defined yet"),
                       event_cell(events, role.to, "")});
        text += '\n' + roles.take(paint);
    }
    return text + '\n' +
           paint(Colour::faint, grouped(answer.gained.size()) + " gained, " +
                                    grouped(answer.lost.size()) + " lost") +
           '\n';
}

Table event_table(bool with_tenant) {
    std::vector<Table::Column> columns{{"REVISION", Table::Align::right}, {"TIME"}};
    if (with_tenant) columns.push_back({"TENANT"});
    for (const char* title : {"ACTOR", "TYPE", "WHAT", "WHY"}) columns.push_back({title});
    return Table{std::move(columns)};
}

void add_event(Table& table, const domain::Event& event, bool with_tenant) {
    std::vector<Table::Cell> cells{std::to_string(event.revision.value),
                                   format_instant(event.effective_at)};
    if (with_tenant) cells.emplace_back(event.tenant);
    cells.emplace_back(event.actor);
    cells.emplace_back(Colour::faint, std::string(domain::type_of(event.body)));
    cells.emplace_back(describe(event.body));
    cells.emplace_back(Colour::faint, why(event));
    table.add(std::move(cells));
}

std::string history_text(const Events& events, const query::Basis& basis, const Paint& paint) {
    Table table = event_table(false);
    for (const auto& [revision, event] : events) add_event(table, event, false);
    return table.take(paint) +
           paint(Colour::faint, counted(events.size(), "event") + ' ' + basis_text(basis)) + '\n';
}

}  // namespace tenure::api
