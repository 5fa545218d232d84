// Principals and groups.

#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class PrincipalCommands : public Deciding {};

TEST_F(PrincipalCommands, CreateKeepsWhatWasGiven) {
    Principal dana = principal("Dana@Contoso");
    dana.user_type = UserType::guest;
    dana.display_name = "Dana Ünal";
    dana.email = "dana@contoso.example";
    dana.attributes = {{"Level", std::vector<std::int64_t>{3}}, {"cleared", true}};
    EXPECT_EQ(allow(CreatePrincipal{dana}), (std::vector<EventBody>{PrincipalCreated{dana}}));
}

TEST_F(PrincipalCommands, CreateRefusesAnIdEverUsed) {
    user("u");
    refused(CreatePrincipal{principal("u")}, Errc::already_exists, "data.principal", {"'u'"});
    allow(DeletePrincipal{"u"});
    refused(CreatePrincipal{principal("u")}, Errc::already_exists, "data.principal",
            {"'u'", "deleted", "never used again"});
    allow(CreatePrincipal{principal("U")});  // ids are compared byte for byte
}

TEST_F(PrincipalCommands, CreateLeavesRedemptionToInvitations) {
    Principal pending = principal("u");
    pending.redemption = Redemption::pending;
    refused(CreatePrincipal{pending}, Errc::invalid_argument, "data.redemption",
            {"invitation.create"});
}

TEST_F(PrincipalCommands, OnlyUsersAreGuests) {
    Principal bot = principal("bot", PrincipalKind::service_principal);
    bot.user_type = UserType::guest;
    refused(CreatePrincipal{bot}, Errc::invalid_argument, "data.userType", {"servicePrincipal"});
    group("g");
    UpdatePrincipal update{"g", {}, {}, UserType::guest, {}};
    refused(update, Errc::invalid_argument, "data.userType", {"group"});
}

TEST_F(PrincipalCommands, CreateRefusesBadIdsAndTexts) {
    refused(CreatePrincipal{principal("")}, Errc::invalid_argument, "data.principal", {"required"});
    refused(CreatePrincipal{principal("*")}, Errc::invalid_argument, "data.principal",
            {"everybody"});
    refused(CreatePrincipal{principal("a\nb")}, Errc::invalid_argument, "data.principal");
    refused(CreatePrincipal{principal("\xFF")}, Errc::invalid_argument, "data.principal");
    Principal p = principal("p");
    p.email = "nobody";
    refused(CreatePrincipal{p}, Errc::invalid_argument, "data.email", {"'nobody'", "name@domain"});
    p.email = "a@" + std::string(limits::email_length_max - 2, 'b');
    EXPECT_TRUE(check_form(command(CreatePrincipal{p})));
    p.email += 'b';
    refused(CreatePrincipal{p}, Errc::limit_exceeded, "data.email");
}

TEST_F(PrincipalCommands, LimitIdsAndNamesAtTheirBounds) {
    Principal p = principal(std::string(limits::id_length_max, 'i'));
    p.display_name = std::string(limits::display_name_length_max, 'n');
    allow(CreatePrincipal{p});
    p.id += 'i';
    refused(CreatePrincipal{p}, Errc::limit_exceeded, "data.principal");
    p.id = "ok";
    p.display_name += 'n';
    refused(CreatePrincipal{p}, Errc::limit_exceeded, "data.displayName");
}

TEST_F(PrincipalCommands, LimitAttributes) {
    Principal p = principal("p");
    p.attributes = {{"a", std::vector<std::string>{}}};
    refused(CreatePrincipal{p}, Errc::invalid_argument, "data.attributes", {"'a'", "no value"});
    p.attributes = {{"a", true}, {"A", false}};
    refused(CreatePrincipal{p}, Errc::invalid_argument, "data.attributes", {"twice"});
    p.attributes = {{"", true}};
    refused(CreatePrincipal{p}, Errc::invalid_argument, "data.attributes");
    std::vector<std::string> values(limits::attribute_values_max, "v");
    p.attributes = {{"a", values}};
    EXPECT_TRUE(check_form(command(CreatePrincipal{p})));
    values.emplace_back("v");
    p.attributes = {{"a", values}};
    refused(CreatePrincipal{p}, Errc::limit_exceeded, "data.attributes", {"'a'"});
    p.attributes = {
        {"a", std::vector<std::string>{std::string(limits::attribute_value_length_max + 1, 'v')}}};
    refused(CreatePrincipal{p}, Errc::limit_exceeded, "data.attributes");
    p.attributes.clear();
    for (std::size_t i = 0; i < limits::attributes_max; ++i)
        p.attributes.push_back({"a" + std::to_string(i), true});
    EXPECT_TRUE(check_form(command(CreatePrincipal{p})));
    p.attributes.push_back({"more", true});
    refused(CreatePrincipal{p}, Errc::limit_exceeded, "data.attributes");
}

TEST_F(PrincipalCommands, UpdateChangesOnlyWhatIsGiven) {
    Principal before = principal("u");
    before.display_name = "Old";
    before.email = "u@x.example";
    before.attributes = {{"cleared", true}};
    allow(CreatePrincipal{before});

    const auto events = allow(UpdatePrincipal{"u", "New", {}, {}, {}});

    Principal after = before;
    after.display_name = "New";
    EXPECT_EQ(events, (std::vector<EventBody>{PrincipalUpdated{after}}));

    const auto more =
        allow(UpdatePrincipal{"u", {}, "", UserType::guest, std::vector<Attribute>{}});
    after.email.clear();
    after.user_type = UserType::guest;
    after.attributes.clear();
    EXPECT_EQ(more, (std::vector<EventBody>{PrincipalUpdated{after}}));
}

TEST_F(PrincipalCommands, UpdateRefusesNothingAndNobody) {
    user("u");
    refused(UpdatePrincipal{"u", {}, {}, {}, {}}, Errc::invalid_argument, "data", {"displayName"});
    refused(UpdatePrincipal{"x", "X", {}, {}, {}}, Errc::not_found, "data.principal", {"'x'"});
    allow(DeletePrincipal{"u"});
    refused(UpdatePrincipal{"u", "X", {}, {}, {}}, Errc::not_found, "data.principal", {"deleted"});
}

TEST_F(PrincipalCommands, DisableAndEnableTakeTurns) {
    user("u");
    refused(EnablePrincipal{"u"}, Errc::conflict, "data.principal", {"enabled already"});
    EXPECT_EQ(allow(DisablePrincipal{"u"}), (std::vector<EventBody>{PrincipalDisabled{"u"}}));
    refused(DisablePrincipal{"u"}, Errc::conflict, "data.principal", {"disabled already"});
    EXPECT_EQ(allow(EnablePrincipal{"u"}), (std::vector<EventBody>{PrincipalEnabled{"u"}}));
    refused(DisablePrincipal{"x"}, Errc::not_found, "data.principal");
}

TEST_F(PrincipalCommands, DeleteIsFreeForOneThatHoldsNothing) {
    user("u");
    EXPECT_EQ(allow(DeletePrincipal{"u"}), (std::vector<EventBody>{PrincipalDeleted{"u"}}));
    refused(DeletePrincipal{"u"}, Errc::not_found, "data.principal", {"deleted"});
}

TEST_F(PrincipalCommands, DeleteSaysWhatIsStillHeld) {
    group("g");
    group("outer");
    user("u");
    defined(role("r"));
    for (int i = 1; i <= 5; ++i)
        assigned(assignment("a" + std::to_string(i), "g", "r", "/s/" + std::to_string(i)));
    allow(AddMember{"outer", "g"});
    allow(AddMember{"g", "u"});
    allow(CreateDeny{deny("d", {"g"})});
    refused(DeletePrincipal{"g"}, Errc::conflict, "data.principal",
            {"'g'", "5 assignments ('a1', 'a2', 'a3' and 2 more)", "1 group ('outer')",
             "1 member ('u')", "1 deny assignment ('d')", "removeAll"});
}

TEST_F(PrincipalCommands, DeleteWithAllEndsEverythingInOneGo) {
    group("g");
    group("outer");
    user("u");
    defined(role("r"));
    assigned(assignment("a1", "g", "r"));
    allow(AddMember{"outer", "g"});
    allow(AddMember{"g", "u"});
    allow(CreateDeny{deny("d", {"g"})});

    const auto events = allow(DeletePrincipal{"g", true});

    EXPECT_EQ(events, (std::vector<EventBody>{AssignmentRevoked{"a1"}, MemberRemoved{"outer", "g"},
                                              MemberRemoved{"g", "u"}, PrincipalDeleted{"g"}}));
    EXPECT_FALSE(state.deny("t", "d")->deleted);  // it may bind others too
}

TEST_F(PrincipalCommands, AddMemberTakesUsersAndGroups) {
    group("g");
    group("inner");
    user("u");
    EXPECT_EQ(allow(AddMember{"g", "u"}), (std::vector<EventBody>{MemberAdded{"g", "u"}}));
    allow(AddMember{"g", "inner"});
    allow(CreatePrincipal{principal("bot", PrincipalKind::service_principal)});
    allow(CreatePrincipal{principal("mi", PrincipalKind::managed_identity)});
    allow(AddMember{"inner", "bot"});
    allow(AddMember{"inner", "mi"});
}

TEST_F(PrincipalCommands, OnlyGroupsHaveMembers) {
    user("u");
    user("v");
    refused(AddMember{"u", "v"}, Errc::conflict, "data.group",
            {"'u'", "is a user", "only a group"});
}

TEST_F(PrincipalCommands, MembersAreAddedAndRemovedOnce) {
    group("g");
    user("u");
    refused(RemoveMember{"g", "u"}, Errc::conflict, "data.member", {"not a direct member"});
    allow(AddMember{"g", "u"});
    refused(AddMember{"g", "u"}, Errc::conflict, "data.member", {"already"});
    EXPECT_EQ(allow(RemoveMember{"g", "u"}), (std::vector<EventBody>{MemberRemoved{"g", "u"}}));
    refused(AddMember{"g", "nobody"}, Errc::not_found, "data.member", {"'nobody'"});
    refused(AddMember{"nothing", "u"}, Errc::not_found, "data.group", {"'nothing'"});
}

TEST_F(PrincipalCommands, GroupCyclesAreRefusedNamingBothGroups) {
    for (const char* id : {"a", "b", "c"}) group(id);
    allow(AddMember{"a", "b"});
    allow(AddMember{"b", "c"});
    refused(AddMember{"c", "a"}, Errc::conflict, "data.member", {"'a'", "'c'"});
    refused(AddMember{"b", "a"}, Errc::conflict, "data.member", {"'a'", "'b'"});
    refused(AddMember{"a", "a"}, Errc::conflict, "data.member", {"itself"});
    allow(AddMember{"a", "c"});  // twice below is no cycle
}

TEST_F(PrincipalCommands, DirectGroupsAreLimited) {
    user("u");
    const Command by_hand = command(CreateTenant{});
    for (std::size_t i = 0; i <= limits::direct_groups_max; ++i) {
        const std::string id = "g" + std::to_string(i);
        happen(by_hand, PrincipalCreated{principal(id, PrincipalKind::group)});
        if (i + 1 < limits::direct_groups_max) happen(by_hand, MemberAdded{id, "u"});
    }
    allow(AddMember{"g" + std::to_string(limits::direct_groups_max - 1), "u"});
    refused(AddMember{"g" + std::to_string(limits::direct_groups_max), "u"}, Errc::limit_exceeded,
            "data.member", {"'u'", std::to_string(limits::direct_groups_max)});
}

// Thousands of nested groups take long in plain maps, so their number is made up.
class ManyGroups final : public testing::MapState {
public:
    ManyGroups(MapState state, std::size_t above_outer, std::size_t above_inner)
        : MapState{std::move(state)}, above_outer_{above_outer}, above_inner_{above_inner} {}

    std::size_t ancestor_group_count(std::string_view, std::string_view) const override {
        return above_outer_;
    }

    std::size_t ancestor_group_count_below(std::string_view, std::string_view) const override {
        return above_inner_;
    }

private:
    std::size_t above_outer_;
    std::size_t above_inner_;
};

TEST_F(PrincipalCommands, GroupsAboveAGroupAreLimited) {
    group("outer");
    group("inner");
    user("u");
    constexpr std::size_t most = limits::ancestor_groups_max;
    const Command nest = command(AddMember{"outer", "inner"});
    EXPECT_TRUE(decide(ManyGroups{state, most - 8, 7}, nest, now));

    const auto one_too_many = decide(ManyGroups{state, most - 7, 7}, nest, now);
    ASSERT_FALSE(one_too_many);
    EXPECT_EQ(one_too_many.error().code, Errc::limit_exceeded);
    EXPECT_NE(one_too_many.error().detail.find(std::to_string(most + 1)), std::string::npos);

    // A user's groups are joined when it asks, not kept.
    EXPECT_TRUE(decide(ManyGroups{state, most, 0}, command(AddMember{"outer", "u"}), now));
}

}  // namespace
}  // namespace tenure::domain
