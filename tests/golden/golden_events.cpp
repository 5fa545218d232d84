#include "golden/golden_events.h"

#include <utility>

namespace tenure::testing {
namespace {

using namespace domain;

Instant at(std::string_view text) { return parse_instant(text, "golden").value(); }

Condition condition() {
    return {"@Resource[Microsoft.Storage/blobs:path] StringLike 'logs/*'", "2.0"};
}

Window window() { return {at("2024-05-01T08:00:00Z"), at("2024-05-31T18:00:00.5Z")}; }

std::vector<PermissionBlock> permissions() {
    PermissionBlock plain;
    plain.actions = {"Microsoft.Web/sites/*", "*/read"};
    plain.not_actions = {"Microsoft.Web/sites/delete"};
    PermissionBlock conditional;
    conditional.data_actions = {"Microsoft.Storage/blobs/*"};
    conditional.not_data_actions = {"Microsoft.Storage/blobs/delete"};
    conditional.condition = condition();
    return {plain, conditional};
}

Principal principal() {
    Principal value;
    value.id = "kim@partner.example";
    value.kind = PrincipalKind::managed_identity;
    value.user_type = UserType::guest;
    value.redemption = Redemption::accepted;
    value.display_name = "Kim Þórsdóttir";
    value.email = "kim@partner.example";
    value.attributes = {{"onCall", true},
                        {"levels", std::vector<std::int64_t>{3, -1, 9'007'199'254'740'993}},
                        {"projects", std::vector<std::string>{"web", "billing", ""}}};
    return value;
}

Role role() {
    Role value;
    value.id = "web-deployer";
    value.name = "Web Deployer";
    value.description = "Deploys web sites, never deletes them.";
    value.built_in = true;
    value.assignable_scopes = {"/subscriptions/s1", "/subscriptions/s2/resourceGroups/web"};
    value.permissions = permissions();
    return value;
}

Assignment assignment() {
    return {"a-0007",
            "team:platform",
            "web-deployer",
            "/subscriptions/s1/resourceGroups/web",
            condition(),
            window(),
            "While Ravi is on leave"};
}

DenyAssignment deny() {
    return {"d-0001",
            "Release freeze",
            "Nobody writes while the quarter closes",
            "/subscriptions/s1",
            true,
            {"*"},
            {"dana@contoso.example", "team:platform"},
            permissions()};
}

Eligibility eligibility() {
    return {"e-0001", "mei@contoso.example", "owner", "/subscriptions/s1", condition(), window()};
}

Invitation invitation() {
    return {"i-0001",
            "kim@partner.example",
            "kim@partner.example",
            "Kim Þórsdóttir",
            {{"reader", "/subscriptions/s1"}, {"web-deployer", "/subscriptions/s2"}},
            at("2024-06-01T00:00:00Z"),
            "9f86d081884c7d65"};
}

Token token() {
    return {"t-0001",
            "build-agent",
            "Nightly build",
            "60303ae22b998861",
            {"Microsoft.Web/sites/read"},
            at("2025-01-01T00:00:00Z")};
}

Event event_of(EventBody body) {
    Event event;
    event.effective_at = at("2024-05-01T12:30:45.678901Z");
    event.imported = true;
    event.tenant = "contoso";
    event.actor = "dana@contoso.example";
    event.imported_by = "admin@contoso.example";
    event.command_id = "0d6f0c1e-onboarding-17";
    event.cause = {"some.command", "Kim joins \"web\"", "CHG-1017", "contoso/access@d89f8e22cf"};
    event.body = std::move(body);
    return event;
}

// Nothing that may be left out.
Event bare(EventBody body) {
    Event event;
    event.effective_at = at("2024-05-01T12:30:45Z");
    event.tenant = "contoso";
    event.actor = "dana@contoso.example";
    event.body = std::move(body);
    return event;
}

}  // namespace

std::vector<GoldenEvent> golden_events_v1() {
    std::vector<GoldenEvent> events;
    const auto add = [&](EventBody body) {
        std::string name{type_of(body)};
        events.push_back({std::move(name), event_of(std::move(body))});
    };
    add(TenantCreated{"Contoso", true});
    add(TenantSealed{});
    add(PrincipalCreated{principal()});
    add(PrincipalUpdated{principal()});
    add(PrincipalDisabled{"kim@partner.example"});
    add(PrincipalEnabled{"kim@partner.example"});
    add(PrincipalDeleted{"kim@partner.example"});
    add(MemberAdded{"team:platform", "ravi@contoso.example"});
    add(MemberRemoved{"team:platform", "ravi@contoso.example"});
    add(ScopeCreated{"/subscriptions/s1", "/managementGroups/europe", "Europe, production"});
    add(ScopeMoved{"/subscriptions/s1", "/managementGroups/world"});
    add(ScopeDeleted{"/subscriptions/s1"});
    add(RoleDefined{role()});
    add(RoleUpdated{role()});
    add(RoleDeleted{"web-deployer"});
    add(AssignmentCreated{assignment()});
    add(AssignmentRoleChanged{"a-0007", "reader"});
    add(AssignmentUpdated{"a-0007", condition(), window(), "Prolonged"});
    add(AssignmentRevoked{"a-0007"});
    add(DenyCreated{deny()});
    add(DenyDeleted{"d-0001"});
    add(EligibilityCreated{eligibility()});
    add(EligibilityActivated{"e-0001", assignment(), "Outage 4711"});
    add(EligibilityDeactivated{"e-0001", "a-0007"});
    add(EligibilityRemoved{"e-0001"});
    add(InvitationCreated{invitation()});
    add(InvitationResent{"i-0001", "2c26b46b68ffc68f", at("2024-07-01T00:00:00Z")});
    add(InvitationAccepted{"i-0001"});
    add(InvitationRevoked{"i-0001"});
    add(InvitationExpired{"i-0001"});
    add(SettingsChanged{{{"guests.allowed", "false"}, {"motd", ""}}});
    add(TokenIssued{token()});
    add(TokenRevoked{"t-0001"});

    Principal lee;
    lee.id = "lee@contoso.example";
    Assignment reader;
    reader.id = "a-0008";
    reader.principal = "lee@contoso.example";
    reader.role = "reader";
    reader.scope = "/";
    Invitation open;
    open.id = "i-0002";
    open.principal = open.email = "noor@partner.example";
    events.push_back({"principal.created-bare", bare(PrincipalCreated{lee})});
    events.push_back({"assignment.created-bare", bare(AssignmentCreated{reader})});
    events.push_back({"invitation.created-bare", bare(InvitationCreated{open})});
    return events;
}

}  // namespace tenure::testing
