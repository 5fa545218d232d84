#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "domain/command.h"
#include "domain/event.h"

namespace tenure::domain {
namespace {

TEST(Names, ArePartOfJson) {
    EXPECT_EQ(name_of(Plane::control), "control");
    EXPECT_EQ(name_of(Plane::data), "data");
    EXPECT_EQ(name_of(PrincipalKind::user), "user");
    EXPECT_EQ(name_of(PrincipalKind::group), "group");
    EXPECT_EQ(name_of(PrincipalKind::service_principal), "servicePrincipal");
    EXPECT_EQ(name_of(PrincipalKind::managed_identity), "managedIdentity");
    EXPECT_EQ(name_of(UserType::member), "member");
    EXPECT_EQ(name_of(UserType::guest), "guest");
    EXPECT_EQ(name_of(Redemption::none), "none");
    EXPECT_EQ(name_of(Redemption::pending), "pending");
    EXPECT_EQ(name_of(Redemption::accepted), "accepted");
    EXPECT_EQ(name_of(InvitationStatus::pending), "pending");
    EXPECT_EQ(name_of(InvitationStatus::accepted), "accepted");
    EXPECT_EQ(name_of(InvitationStatus::revoked), "revoked");
    EXPECT_EQ(name_of(InvitationStatus::expired), "expired");
}

TEST(Names, OfPrincipalKindsAreReadBack) {
    for (const auto kind : {PrincipalKind::user, PrincipalKind::group,
                            PrincipalKind::service_principal, PrincipalKind::managed_identity})
        EXPECT_EQ(principal_kind_named(name_of(kind)), kind);
    EXPECT_EQ(principal_kind_named("User"), std::nullopt);
    EXPECT_EQ(principal_kind_named(""), std::nullopt);
}

TEST(EventTypes, AreNamedInTheOrderOfTheVariant) {
    ASSERT_EQ(event_types().size(), std::variant_size_v<EventBody>);
    EXPECT_EQ(std::set<std::string_view>(event_types().begin(), event_types().end()).size(),
              event_types().size());
    EXPECT_EQ(type_of(EventBody{TenantCreated{}}), "tenant.created");
    EXPECT_EQ(type_of(EventBody{MemberAdded{}}), "group.memberAdded");
    EXPECT_EQ(type_of(EventBody{MemberRemoved{}}), "group.memberRemoved");
    EXPECT_EQ(type_of(EventBody{AssignmentRoleChanged{}}), "assignment.roleChanged");
    EXPECT_EQ(type_of(EventBody{EligibilityDeactivated{}}), "eligibility.deactivated");
    EXPECT_EQ(type_of(EventBody{SettingsChanged{}}), "settings.changed");
    EXPECT_EQ(type_of(EventBody{TokenRevoked{}}), "token.revoked");
}

TEST(CommandTypes, AreNamedInTheOrderOfTheVariant) {
    ASSERT_EQ(command_types().size(), std::variant_size_v<CommandBody> - 1);
    EXPECT_EQ(std::set<std::string_view>(command_types().begin(), command_types().end()).size(),
              command_types().size());
    EXPECT_EQ(type_of(CommandBody{CreateTenant{}}), "tenant.create");
    EXPECT_EQ(type_of(CommandBody{AddMember{}}), "group.addMember");
    EXPECT_EQ(type_of(CommandBody{ChangeAssignmentRole{}}), "assignment.changeRole");
    EXPECT_EQ(type_of(CommandBody{ExpireInvitation{}}), "invitation.expire");
    EXPECT_EQ(type_of(CommandBody{ChangeSettings{}}), "settings.change");
}

TEST(CommandTypes, RecordedEventsGoByTheirOwnType) {
    EXPECT_EQ(type_of(CommandBody{RecordEvent{EligibilityRemoved{}}}), "eligibility.removed");
}

}  // namespace
}  // namespace tenure::domain
