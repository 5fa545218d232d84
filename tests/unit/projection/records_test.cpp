#include "projection/records.h"

#include <gtest/gtest.h>

namespace tenure::projection {
namespace {

TEST(Records, PrincipalFlagsFitOneWord) {
    for (const auto kind : {domain::PrincipalKind::user, domain::PrincipalKind::managed_identity})
        for (const auto redemption :
             {domain::Redemption::none, domain::Redemption::pending, domain::Redemption::accepted})
            for (const bool enabled : {false, true})
                for (const bool deleted : {false, true}) {
                    const PrincipalFlags flags{kind, domain::UserType::guest, redemption, enabled,
                                               deleted};
                    const PrincipalFlags back = principal_flags(word_of(flags));
                    EXPECT_EQ(back.kind, kind);
                    EXPECT_EQ(back.user_type, domain::UserType::guest);
                    EXPECT_EQ(back.redemption, redemption);
                    EXPECT_EQ(back.enabled, enabled);
                    EXPECT_EQ(back.deleted, deleted);
                    EXPECT_EQ(back.active(),
                              enabled && !deleted && redemption != domain::Redemption::pending);
                }
}

TEST(Records, PrincipalComesBackWithItsState) {
    domain::Principal principal;
    principal.id = "dana";
    principal.kind = domain::PrincipalKind::service_principal;
    principal.display_name = "Dana";
    principal.attributes = {{"level", std::vector<std::int64_t>{3, -4}}};
    const PrincipalFlags flags{principal.kind, principal.user_type, principal.redemption, false,
                               true};

    const auto state = decode_principal_record(encode_principal_record(flags, principal), "dana");

    EXPECT_EQ(state.principal, principal);
    EXPECT_FALSE(state.enabled);
    EXPECT_TRUE(state.deleted);
}

TEST(Records, AssignmentSaysWhatACheckMustLookAt) {
    AssignmentRecord record;
    record.principal = ObjectId{1};
    record.role = ObjectId{2};
    record.scope = ObjectId{3};
    EXPECT_EQ(record.role_word(), 2U);

    record.window.end = Instant{5};
    EXPECT_EQ(record.role_word(), 2U | grant_windowed);
    record.condition = domain::Condition{"true", "2.0"};
    record.description = "for a week";
    EXPECT_EQ(record.role_word(), 2U | grant_windowed | grant_conditional);
    EXPECT_EQ(record.role_word() & grant_role_mask, 2U);

    for (const bool revoked : {false, true}) {
        record.revoked = revoked;
        const AssignmentRecord back = decode_assignment_record(encode_assignment_record(record));
        EXPECT_EQ(back.principal, record.principal);
        EXPECT_EQ(back.role, record.role);
        EXPECT_EQ(back.scope, record.scope);
        EXPECT_EQ(back.revoked, revoked);
        EXPECT_EQ(back.window, record.window);
        EXPECT_EQ(back.condition, record.condition);
        EXPECT_EQ(back.description, record.description);
    }
}

TEST(Records, WindowsMayBeOpenOnEitherSide) {
    for (const domain::Window& window :
         {domain::Window{}, domain::Window{Instant{-7}, {}}, domain::Window{{}, Instant{7}},
          domain::Window{instant_min, instant_max}}) {
        AssignmentRecord record;
        record.window = window;
        EXPECT_EQ(decode_assignment_record(encode_assignment_record(record)).window, window);
    }
}

TEST(Records, OfRolesDeniesScopesInvitationsAndTenantsComeBack) {
    domain::Role role;
    role.id = "r";
    role.name = "Role";
    role.permissions = {{{"*"}, {"*/write"}, {}, {}, domain::Condition{"x", "2.0"}}};
    EXPECT_EQ(decode_role_record(encode_role_record(role, true)).role, role);
    EXPECT_TRUE(decode_role_record(encode_role_record(role, true)).deleted);
    EXPECT_FALSE(decode_role_record(encode_role_record(role, false)).deleted);

    domain::DenyAssignment deny;
    deny.id = "d";
    deny.scope = "/a";
    deny.not_below = true;
    deny.principals = {"*"};
    deny.excluded = {"dana"};
    const DenyRecord denied = decode_deny_record(encode_deny_record(ObjectId{4}, deny, true));
    EXPECT_EQ(denied.scope, ObjectId{4});
    EXPECT_EQ(denied.state.deny, deny);
    EXPECT_TRUE(denied.state.deleted);

    const ScopeRecord scope =
        decode_scope_record(encode_scope_record({true, ObjectId{8}, "shown"}));
    EXPECT_TRUE(scope.created);
    EXPECT_EQ(scope.parent, ObjectId{8});
    EXPECT_EQ(scope.display_name, "shown");
    EXPECT_FALSE(decode_scope_record(encode_scope_record({})).created);

    domain::Invitation invitation;
    invitation.id = "i";
    invitation.roles = {{"r", "/a"}};
    invitation.expires_at = Instant{3};
    const auto invited = decode_invitation_record(
        encode_invitation_record(invitation, domain::InvitationStatus::expired));
    EXPECT_EQ(invited.invitation, invitation);
    EXPECT_EQ(invited.status, domain::InvitationStatus::expired);

    const TenantRecord tenant = decode_tenant_record(encode_tenant_record({true, "Contoso"}));
    EXPECT_TRUE(tenant.open_for_import);
    EXPECT_EQ(tenant.display_name, "Contoso");
}

}  // namespace
}  // namespace tenure::projection
