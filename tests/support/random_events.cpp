#include "support/random_events.h"

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace tenure::testing {
namespace {

// draw(random, x) fills x with any value of its type.
void draw(Random& random, std::string& to) { to = random_text(random); }

void draw(Random& random, bool& to) { to = random.one_in(2); }

void draw(Random& random, std::int64_t& to) {
    to = static_cast<std::int64_t>(random.next() >> random.below(64));
    if (random.one_in(2)) to = -to;
}

void draw(Random& random, Instant& to) {
    const auto span = static_cast<std::uint64_t>(instant_max.us - instant_min.us) + 1;
    to = instant_min + static_cast<std::int64_t>(random.below(span));
    // Most instants that people write are whole seconds.
    if (random.one_in(2)) to.us -= to.us % 1'000'000;
}

void draw(Random& random, domain::PrincipalKind& to) {
    to = std::array{domain::PrincipalKind::user, domain::PrincipalKind::group,
                    domain::PrincipalKind::service_principal,
                    domain::PrincipalKind::managed_identity}[random.below(4)];
}

void draw(Random& random, domain::UserType& to) {
    to = std::array{domain::UserType::member, domain::UserType::guest}[random.below(2)];
}

void draw(Random& random, domain::Redemption& to) {
    to = std::array{domain::Redemption::none, domain::Redemption::pending,
                    domain::Redemption::accepted}[random.below(3)];
}

void draw(Random& random, domain::Condition& to);
void draw(Random& random, domain::PermissionBlock& to);
void draw(Random& random, domain::Attribute& to);
void draw(Random& random, domain::Setting& to);
void draw(Random& random, domain::RoleAtScope& to);

template <class T>
void draw(Random& random, std::optional<T>& to);

// Short, often empty.
template <class T>
void draw(Random& random, std::vector<T>& to) {
    to.resize(random.below(4));
    for (T& element : to) draw(random, element);
}

void draw(Random& random, domain::Condition& to) {
    draw(random, to.text);
    draw(random, to.version);
}

void draw(Random& random, domain::Window& to) {
    draw(random, to.start);
    draw(random, to.end);
}

// At least one value: an empty list has no type in JSON, and the domain refuses it.
template <class T>
void draw_some(Random& random, std::vector<T>& to) {
    to.resize(1 + random.below(3));
    for (T& element : to) draw(random, element);
}

void draw(Random& random, domain::Attribute& to) {
    draw(random, to.name);
    switch (random.below(3)) {
        case 0:
            to.values = random.one_in(2);
            break;
        case 1:
            draw_some(random, to.values.emplace<std::vector<std::int64_t>>());
            break;
        default:
            draw_some(random, to.values.emplace<std::vector<std::string>>());
            break;
    }
}

void draw(Random& random, domain::Setting& to) {
    draw(random, to.name);
    draw(random, to.value);
}

// Names are the keys of a JSON object, so they differ.
template <class T>
void draw_named(Random& random, std::vector<T>& to) {
    draw(random, to);
    for (std::size_t i = 0; i < to.size(); ++i) to[i].name += "#" + std::to_string(i);
}

void draw(Random& random, domain::Principal& to) {
    draw(random, to.id);
    draw(random, to.kind);
    draw(random, to.user_type);
    draw(random, to.redemption);
    draw(random, to.display_name);
    draw(random, to.email);
    draw_named(random, to.attributes);
}

void draw(Random& random, domain::PermissionBlock& to) {
    draw(random, to.actions);
    draw(random, to.not_actions);
    draw(random, to.data_actions);
    draw(random, to.not_data_actions);
    draw(random, to.condition);
}

void draw(Random& random, domain::Role& to) {
    draw(random, to.id);
    draw(random, to.name);
    draw(random, to.description);
    draw(random, to.built_in);
    draw(random, to.assignable_scopes);
    draw(random, to.permissions);
}

void draw(Random& random, domain::Assignment& to) {
    draw(random, to.id);
    draw(random, to.principal);
    draw(random, to.role);
    draw(random, to.scope);
    draw(random, to.condition);
    draw(random, to.window);
    draw(random, to.description);
}

void draw(Random& random, domain::DenyAssignment& to) {
    draw(random, to.id);
    draw(random, to.name);
    draw(random, to.description);
    draw(random, to.scope);
    draw(random, to.not_below);
    draw(random, to.principals);
    draw(random, to.excluded);
    draw(random, to.permissions);
}

void draw(Random& random, domain::Eligibility& to) {
    draw(random, to.id);
    draw(random, to.principal);
    draw(random, to.role);
    draw(random, to.scope);
    draw(random, to.condition);
    draw(random, to.window);
}

void draw(Random& random, domain::RoleAtScope& to) {
    draw(random, to.role);
    draw(random, to.scope);
}

void draw(Random& random, domain::Invitation& to) {
    draw(random, to.id);
    draw(random, to.principal);
    draw(random, to.email);
    draw(random, to.name);
    draw(random, to.roles);
    draw(random, to.expires_at);
    draw(random, to.secret_hash);
}

void draw(Random& random, domain::Token& to) {
    draw(random, to.id);
    draw(random, to.principal);
    draw(random, to.name);
    draw(random, to.secret_hash);
    draw(random, to.actions);
    draw(random, to.expires_at);
}

template <class T>
void draw(Random& random, std::optional<T>& to) {
    if (random.one_in(2)) draw(random, to.emplace());
}

// Payloads.
void draw(Random& random, domain::TenantCreated& to) {
    draw(random, to.display_name);
    draw(random, to.open_for_import);
}

void draw(Random&, domain::TenantSealed&) {}

void draw(Random& random, domain::PrincipalCreated& to) { draw(random, to.principal); }

void draw(Random& random, domain::PrincipalUpdated& to) { draw(random, to.principal); }

void draw(Random& random, domain::PrincipalDisabled& to) { draw(random, to.principal); }

void draw(Random& random, domain::PrincipalEnabled& to) { draw(random, to.principal); }

void draw(Random& random, domain::PrincipalDeleted& to) { draw(random, to.principal); }

void draw(Random& random, domain::MemberAdded& to) {
    draw(random, to.group);
    draw(random, to.member);
}

void draw(Random& random, domain::MemberRemoved& to) {
    draw(random, to.group);
    draw(random, to.member);
}

void draw(Random& random, domain::ScopeCreated& to) {
    draw(random, to.scope);
    draw(random, to.parent);
    draw(random, to.display_name);
}

void draw(Random& random, domain::ScopeMoved& to) {
    draw(random, to.scope);
    draw(random, to.parent);
}

void draw(Random& random, domain::ScopeDeleted& to) { draw(random, to.scope); }

void draw(Random& random, domain::RoleDefined& to) { draw(random, to.role); }

void draw(Random& random, domain::RoleUpdated& to) { draw(random, to.role); }

void draw(Random& random, domain::RoleDeleted& to) { draw(random, to.role); }

void draw(Random& random, domain::AssignmentCreated& to) { draw(random, to.assignment); }

void draw(Random& random, domain::AssignmentRoleChanged& to) {
    draw(random, to.assignment);
    draw(random, to.role);
}

void draw(Random& random, domain::AssignmentUpdated& to) {
    draw(random, to.assignment);
    draw(random, to.condition);
    draw(random, to.window);
    draw(random, to.description);
}

void draw(Random& random, domain::AssignmentRevoked& to) { draw(random, to.assignment); }

void draw(Random& random, domain::DenyCreated& to) { draw(random, to.deny); }

void draw(Random& random, domain::DenyDeleted& to) { draw(random, to.deny); }

void draw(Random& random, domain::EligibilityCreated& to) { draw(random, to.eligibility); }

void draw(Random& random, domain::EligibilityActivated& to) {
    draw(random, to.eligibility);
    draw(random, to.activation);
    draw(random, to.justification);
}

void draw(Random& random, domain::EligibilityDeactivated& to) {
    draw(random, to.eligibility);
    draw(random, to.activation);
}

void draw(Random& random, domain::EligibilityRemoved& to) { draw(random, to.eligibility); }

void draw(Random& random, domain::InvitationCreated& to) { draw(random, to.invitation); }

void draw(Random& random, domain::InvitationResent& to) {
    draw(random, to.invitation);
    draw(random, to.secret_hash);
    draw(random, to.expires_at);
}

void draw(Random& random, domain::InvitationAccepted& to) { draw(random, to.invitation); }

void draw(Random& random, domain::InvitationRevoked& to) { draw(random, to.invitation); }

void draw(Random& random, domain::InvitationExpired& to) { draw(random, to.invitation); }

void draw(Random& random, domain::SettingsChanged& to) { draw_named(random, to.settings); }

void draw(Random& random, domain::TokenIssued& to) { draw(random, to.token); }

void draw(Random& random, domain::TokenRevoked& to) { draw(random, to.token); }

// One entry per kind, each drawing that alternative.
template <std::size_t... kind>
domain::EventBody draw_body(Random& random, std::size_t wanted, std::index_sequence<kind...>) {
    domain::EventBody body;
    ((kind == wanted ? draw(random, body.emplace<kind>()) : void()), ...);
    return body;
}

}  // namespace

std::string random_text(Random& random) {
    static constexpr std::array<std::string_view, 24> pieces{"dana@contoso.example",
                                                             "/subscriptions/s1/resourceGroups/web",
                                                             "Microsoft.Compute/*/read",
                                                             "reader",
                                                             "team:platform",
                                                             "a",
                                                             "Z9",
                                                             " ",
                                                             "\"",
                                                             "\\",
                                                             "\n",
                                                             "\t",
                                                             std::string_view{"\0", 1},
                                                             "\x1f",
                                                             "\x7f",
                                                             "/",
                                                             "ü",
                                                             "ß",
                                                             "日本",
                                                             "\xF0\x9F\x94\x91",
                                                             "\xEF\xBF\xBD",
                                                             "\xE2\x80\xA8",
                                                             "\xF4\x8F\xBF\xBF",
                                                             "'"};
    std::string text;
    for (std::uint64_t n = random.below(5); n > 0; --n) text += pieces[random.below(pieces.size())];
    if (random.one_in(200)) text.append(random.below(5000), 'x');
    return text;
}

domain::EventBody random_body(Random& random, std::size_t kind) {
    return draw_body(random, kind, std::make_index_sequence<event_kinds>{});
}

domain::Event random_event(Random& random, std::size_t kind) {
    domain::Event event;
    draw(random, event.effective_at);
    draw(random, event.imported);
    draw(random, event.tenant);
    draw(random, event.actor);
    draw(random, event.imported_by);
    draw(random, event.command_id);
    draw(random, event.cause.command);
    draw(random, event.cause.reason);
    draw(random, event.cause.ticket);
    draw(random, event.cause.source);
    event.body = random_body(random, kind);
    return event;
}

domain::Event random_event(Random& random) {
    return random_event(random, random.below(event_kinds));
}

std::uint64_t seed_under_test() {
    const char* seed = std::getenv("TENURE_SEED");
    return seed == nullptr ? 20'240'501 : std::strtoull(seed, nullptr, 0);
}

}  // namespace tenure::testing
