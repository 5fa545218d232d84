#include "api/event_text.h"

#include <algorithm>
#include <span>

#include "base/match.h"
#include "base/text.h"

namespace tenure::api {
namespace {

using domain::Assignment;

std::string with_window(const domain::Window& window) {
    std::string text;
    if (window.start) text += ", from " + format_instant(*window.start);
    if (window.end) text += ", until " + format_instant(*window.end);
    return text;
}

std::string with_condition(const std::optional<domain::Condition>& condition) {
    return condition ? ", with a condition" : "";
}

std::string list_text(const std::vector<std::string>& items) {
    constexpr std::size_t shown_max = 3;
    std::string text = joined(std::span{items}.first(std::min(items.size(), shown_max)));
    if (items.size() > shown_max)
        text += " and " + std::to_string(items.size() - shown_max) + " more";
    return text;
}

std::string principal_text(const domain::Principal& principal) {
    std::string text;
    if (principal.kind == domain::PrincipalKind::user &&
        principal.user_type == domain::UserType::guest)
        text = "guest ";
    else if (principal.kind == domain::PrincipalKind::service_principal)
        text = "service principal ";
    else if (principal.kind == domain::PrincipalKind::managed_identity)
        text = "managed identity ";
    else
        text = std::string(domain::name_of(principal.kind)) + ' ';
    return text + named(principal.id, principal.display_name);
}

std::string role_text(const domain::Role& role) { return "role " + named(role.id, role.name); }

std::string assignment_text(const Assignment& a) {
    return a.principal + " gets role " + a.role + " at " + a.scope + with_window(a.window) +
           with_condition(a.condition) + " (assignment " + a.id + ')';
}

std::string invitation_text(const domain::Invitation& invitation) {
    std::string text = named(invitation.email, invitation.name) + " is invited as " +
                       invitation.principal + " (invitation " + invitation.id + ')';
    for (const domain::RoleAtScope& role : invitation.roles)
        text += ", role " + role.role + " at " + role.scope;
    return text;
}

std::string settings_text(const std::vector<domain::Setting>& settings) {
    std::string text = "settings:";
    for (const domain::Setting& setting : settings)
        text += ' ' + setting.name + '=' + setting.value;
    return text;
}

std::string parent_text(const std::string& parent) {
    return parent.empty() ? " by its path" : " under " + parent;
}

std::string describe_principal(const domain::EventBody& body) {
    return std::visit(
        match{[](const domain::PrincipalCreated& e) {
                  const bool pending = e.principal.redemption == domain::Redemption::pending;
                  return principal_text(e.principal) + " is created" +
                         (pending ? ", invitation pending" : "");
              },
              [](const domain::PrincipalUpdated& e) {
                  return principal_text(e.principal) + " is updated";
              },
              [](const domain::PrincipalDisabled& e) { return e.principal + " is disabled"; },
              [](const domain::PrincipalEnabled& e) { return e.principal + " is enabled"; },
              [](const domain::PrincipalDeleted& e) { return e.principal + " is deleted"; },
              [](const domain::MemberAdded& e) { return e.member + " joins group " + e.group; },
              [](const domain::MemberRemoved& e) { return e.member + " leaves group " + e.group; },
              [](const domain::InvitationCreated& e) { return invitation_text(e.invitation); },
              [](const domain::InvitationResent& e) {
                  return "invitation " + e.invitation + " is sent again";
              },
              [](const domain::InvitationAccepted& e) {
                  return "invitation " + e.invitation + " is accepted";
              },
              [](const domain::InvitationRevoked& e) {
                  return "invitation " + e.invitation + " is taken back";
              },
              [](const domain::InvitationExpired& e) {
                  return "invitation " + e.invitation + " has expired";
              },
              [](const auto&) { return std::string{}; }},
        body);
}

std::string describe_grant(const domain::EventBody& body) {
    return std::visit(
        match{[](const domain::AssignmentCreated& e) { return assignment_text(e.assignment); },
              [](const domain::AssignmentRoleChanged& e) {
                  return "assignment " + e.assignment + " now gives role " + e.role;
              },
              [](const domain::AssignmentUpdated& e) {
                  return "assignment " + e.assignment + " is updated" + with_window(e.window) +
                         with_condition(e.condition);
              },
              [](const domain::AssignmentRevoked& e) {
                  return "assignment " + e.assignment + " is revoked";
              },
              [](const domain::DenyCreated& e) {
                  return "deny assignment " + named(e.deny.id, e.deny.name) + " at " +
                         e.deny.scope + " for " + list_text(e.deny.principals);
              },
              [](const domain::DenyDeleted& e) {
                  return "deny assignment " + e.deny + " is deleted";
              },
              [](const domain::EligibilityCreated& e) {
                  return e.eligibility.principal + " may activate role " + e.eligibility.role +
                         " at " + e.eligibility.scope + with_window(e.eligibility.window);
              },
              [](const domain::EligibilityActivated& e) {
                  return "eligibility " + e.eligibility +
                         " is activated: " + assignment_text(e.activation);
              },
              [](const domain::EligibilityDeactivated& e) {
                  return "eligibility " + e.eligibility + " is deactivated";
              },
              [](const domain::EligibilityRemoved& e) {
                  return "eligibility " + e.eligibility + " is removed";
              },
              [](const auto&) { return std::string{}; }},
        body);
}

std::string describe_frame(const domain::EventBody& body) {
    return std::visit(
        match{[](const domain::TenantCreated& e) -> std::string {
                  return e.open_for_import ? "the tenant is created, open for import"
                                           : "the tenant is created";
              },
              [](const domain::TenantSealed&) -> std::string {
                  return "the tenant is sealed: its imported history is complete";
              },
              [](const domain::ScopeCreated& e) {
                  return "scope " + e.scope + " is created" +
                         (e.parent.empty() ? "" : " under " + e.parent);
              },
              [](const domain::ScopeMoved& e) {
                  return "scope " + e.scope + " now stands" + parent_text(e.parent);
              },
              [](const domain::ScopeDeleted& e) { return "scope " + e.scope + " is deleted"; },
              [](const domain::RoleDefined& e) { return role_text(e.role) + " is defined"; },
              [](const domain::RoleUpdated& e) { return role_text(e.role) + " is changed"; },
              [](const domain::RoleDeleted& e) { return "role " + e.role + " is deleted"; },
              [](const domain::SettingsChanged& e) { return settings_text(e.settings); },
              [](const domain::TokenIssued& e) {
                  return "token " + e.token.id + " is issued to " + e.token.principal;
              },
              [](const domain::TokenRevoked& e) { return "token " + e.token + " is revoked"; },
              [](const auto&) { return std::string{}; }},
        body);
}

}  // namespace

std::string describe(const domain::EventBody& body) {
    for (const auto part : {describe_grant, describe_principal, describe_frame})
        if (std::string text = part(body); !text.empty()) return text;
    return std::string(domain::type_of(body));
}

std::string why(const domain::Event& event) {
    std::string text = event.cause.reason;
    if (!event.cause.ticket.empty()) text += (text.empty() ? "[" : " [") + event.cause.ticket + ']';
    return text;
}

std::string credit(const Events& events, Revision revision) {
    std::string text = "revision " + std::to_string(revision.value);
    const auto found = events.find(revision);
    if (found == events.end()) return text;
    const domain::Event& event = found->second;
    text += ", " + std::string(domain::type_of(event.body)) + " by " + event.actor + " at " +
            format_instant(event.effective_at);
    if (const std::string reason = why(event); !reason.empty()) text += ": " + reason;
    if (!event.cause.source.empty()) text += " (" + event.cause.source + ')';
    return text;
}

std::string named(std::string_view id, std::string_view name) {
    if (name.empty() || equal_folded(id, name)) return std::string(id);
    return std::string(name) + " (" + std::string(id) + ')';
}

}  // namespace tenure::api
