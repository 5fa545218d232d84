#include "deciding.h"
#include "domain/activation.h"

namespace tenure::domain {
namespace {

constexpr std::int64_t minute = 60'000'000;
constexpr std::int64_t hour = 60 * minute;

class EligibilityCommands : public Deciding {
protected:
    EligibilityCommands() {
        defined(role("r"));
        user("u");
        user("v");
        group("g");
        allow(AddMember{"g", "v"});
    }

    static Eligibility eligibility(std::string id, std::string who = "u") {
        Eligibility result;
        result.id = std::move(id);
        result.principal = std::move(who);
        result.role = "r";
        result.scope = "/s";
        return result;
    }

    void eligible(const std::string& id, const std::string& who = "u") {
        allow(CreateEligibility{eligibility(id, who)});
    }

    Assignment activate(const ActivateEligibility& command) {
        const auto events = allow(command);
        if (events.size() != 1) return {};
        return std::get<EligibilityActivated>(events.front()).activation;
    }

    void policies(const std::string& text) {
        allow(ChangeSettings{{{std::string(activation_policies_setting), text}}});
    }
};

TEST_F(EligibilityCommands, AreForUsersAndGroupsOnly) {
    allow(CreatePrincipal{principal("ci", PrincipalKind::service_principal)});
    refused(CreateEligibility{eligibility("e", "ci")}, Errc::invalid_argument, "data.principal",
            {"'ci'", "users and groups"});
    eligible("e", "g");
    refused(CreateEligibility{eligibility("e")}, Errc::already_exists, "data.eligibility", {"'e'"});
    Eligibility over = eligibility("over");
    over.window.end = now;
    refused(CreateEligibility{over}, Errc::invalid_argument, "data.end", {"not after now"});
    Eligibility elsewhere = eligibility("elsewhere");
    elsewhere.scope = "/x";
    refused(CreateEligibility{elsewhere}, Errc::conflict, "data.scope");
}

TEST_F(EligibilityCommands, ActivationIsAnAssignmentForAWhile) {
    Eligibility offer = eligibility("e");
    offer.condition = Condition{"Exists @Resource[x]", "2.0"};
    allow(CreateEligibility{offer});
    const Instant begin = now;
    const Assignment active = activate({"e", "", "PT1H", "", "pager"});
    EXPECT_EQ(active.id, "e/1");
    EXPECT_EQ(active.principal, "u");
    EXPECT_EQ(active.role, "r");
    EXPECT_EQ(active.scope, "/s");
    EXPECT_EQ(active.condition, offer.condition);
    EXPECT_EQ(active.window.start, begin);
    EXPECT_EQ(active.window.end, begin + hour);
    refused(ActivateEligibility{"e", "", "", "", ""}, Errc::conflict, "data.eligibility",
            {"active already"});

    // Over: the next one has the next number.
    now = now + hour;
    EXPECT_EQ(activate({"e", "", "", "", ""}).id, "e/2");
    EXPECT_EQ(state.assignment("t", "e/2")->assignment.window.end, now + (8 * hour - 1'000'000));
}

TEST_F(EligibilityCommands, ActivationEndsWithTheEligibility) {
    Eligibility offer = eligibility("e");
    offer.window = {now + hour, now + 3 * hour};
    allow(CreateEligibility{offer});
    refused(ActivateEligibility{"e", "", "", "", ""}, Errc::conflict, "data.eligibility",
            {"can be activated from"});
    now = *offer.window.start;
    EXPECT_EQ(activate({"e", "", "", "", ""}).window.end, offer.window.end);
    now = *offer.window.end;
    refused(ActivateEligibility{"e", "", "", "", ""}, Errc::conflict, "data.eligibility",
            {"until"});
}

TEST_F(EligibilityCommands, DurationIsBounded) {
    eligible("e");
    for (const char* duration : {"PT4M59S", "PT8H1S", "P1D"})
        refused(ActivateEligibility{"e", "", duration, "", ""}, Errc::invalid_argument,
                "data.duration", {"PT5M", "PT8H"});
    refused(ActivateEligibility{"e", "", "1h", "", ""}, Errc::invalid_argument, "data.duration",
            {"'1h'", "PT8H"});
    policies("R\t/S\tPT30M");
    refused(ActivateEligibility{"e", "", "PT31M", "", ""}, Errc::invalid_argument, "data.duration",
            {"PT30M"});
    const Instant begin = now;
    EXPECT_EQ(activate({"e", "", "", "", ""}).window.end, begin + 30 * minute);
}

TEST_F(EligibilityCommands, MembersActivateWhatTheirGroupIsEligibleFor) {
    group("outer");
    allow(AddMember{"outer", "g"});
    eligible("e", "outer");
    refused(ActivateEligibility{"e", "", "", "", ""}, Errc::invalid_argument, "data.principal",
            {"is a group"});
    refused(ActivateEligibility{"e", "u", "", "", ""}, Errc::conflict, "data.principal",
            {"'u'", "not eligible"});
    EXPECT_EQ(activate({"e", "v", "", "", ""}).principal, "v");
    // Each for oneself.
    allow(AddMember{"g", "u"});
    EXPECT_EQ(activate({"e", "u", "", "", ""}).id, "e/2");
    now = now + 5 * minute;
    refused(DeactivateEligibility{"e", ""}, Errc::invalid_argument, "data.principal", {"several"});
    EXPECT_EQ(allow(DeactivateEligibility{"e", "v"}),
              (std::vector<EventBody>{EligibilityDeactivated{"e", "e/1"}}));
}

TEST_F(EligibilityCommands, ActivationMayBeNarrowerNotWider) {
    eligible("e");
    refused(ActivateEligibility{"e", "", "", "/x", ""}, Errc::invalid_argument, "data.scope",
            {"'/x'", "'/s'"});
    refused(ActivateEligibility{"e", "", "", "/", ""}, Errc::invalid_argument, "data.scope");
    EXPECT_EQ(activate({"e", "", "", "/s/part", ""}).scope, "/s/part");
}

TEST_F(EligibilityCommands, DeactivationWaitsFiveMinutes) {
    eligible("e");
    refused(DeactivateEligibility{"e", ""}, Errc::conflict, "data.eligibility", {"not active"});
    activate({"e", "", "", "", ""});
    refused(DeactivateEligibility{"e", ""}, Errc::conflict, "data.eligibility", {"five minutes"});
    now = now + (5 * minute - 1'000'000);
    EXPECT_EQ(allow(DeactivateEligibility{"e", ""}),
              (std::vector<EventBody>{EligibilityDeactivated{"e", "e/1"}}));
}

TEST_F(EligibilityCommands, RemovalEndsWhatIsActive) {
    eligible("e", "g");
    allow(AddMember{"g", "u"});
    activate({"e", "u", "PT5M", "", ""});
    now = now + 5 * minute;
    activate({"e", "u", "", "", ""});
    activate({"e", "v", "", "", ""});
    EXPECT_EQ(
        allow(RemoveEligibility{"e"}),
        (std::vector<EventBody>{EligibilityDeactivated{"e", "e/3"},
                                EligibilityDeactivated{"e", "e/2"}, EligibilityRemoved{"e"}}));
    refused(ActivateEligibility{"e", "u", "", "", ""}, Errc::conflict, "data.eligibility",
            {"removed"});
}

TEST_F(EligibilityCommands, LeavingTheEligibleGroupEndsWhatWasActivatedThroughIt) {
    group("outer");
    allow(AddMember{"outer", "g"});
    allow(AddMember{"g", "u"});
    eligible("e", "outer");
    eligible("own", "v");
    activate({"e", "u", "", "", ""});
    activate({"e", "v", "", "", ""});
    activate({"own", "", "", "", ""});
    EXPECT_EQ(
        allow(RemoveMember{"g", "v"}),
        (std::vector<EventBody>{EligibilityDeactivated{"e", "e/2"}, MemberRemoved{"g", "v"}}));
    // Still a member by another way.
    group("other");
    allow(AddMember{"outer", "other"});
    allow(AddMember{"other", "u"});
    EXPECT_EQ(allow(RemoveMember{"g", "u"}), (std::vector<EventBody>{MemberRemoved{"g", "u"}}));
    // Not over by itself yet, and those below lose it as well.
    EXPECT_EQ(allow(RemoveMember{"outer", "other"}),
              (std::vector<EventBody>{EligibilityDeactivated{"e", "e/1"},
                                      MemberRemoved{"outer", "other"}}));
    EXPECT_EQ(allow(RemoveMember{"outer", "g"}),
              (std::vector<EventBody>{MemberRemoved{"outer", "g"}}));
}

TEST_F(EligibilityCommands, GoWithTheirPrincipal) {
    eligible("e");
    activate({"e", "", "", "", ""});
    refused(DeletePrincipal{"u"}, Errc::conflict, "data.principal",
            {"1 eligible assignment ('e')", "removeAll"});
    EXPECT_EQ(allow(DeletePrincipal{"u", true}),
              (std::vector<EventBody>{EligibilityDeactivated{"e", "e/1"}, EligibilityRemoved{"e"},
                                      PrincipalDeleted{"u"}}));
}

TEST_F(EligibilityCommands, ADeletedGroupEndsWhatWasActivatedThroughIt) {
    group("outer");
    allow(AddMember{"outer", "g"});
    eligible("e", "g");
    eligible("above", "outer");
    activate({"e", "v", "", "", ""});
    activate({"above", "v", "", "", ""});
    EXPECT_EQ(allow(DeletePrincipal{"g", true}),
              (std::vector<EventBody>{EligibilityDeactivated{"e", "e/1"},
                                      EligibilityDeactivated{"above", "above/1"},
                                      EligibilityRemoved{"e"}, MemberRemoved{"outer", "g"},
                                      MemberRemoved{"g", "v"}, PrincipalDeleted{"g"}}));
}

TEST_F(EligibilityCommands, ExtensionIsANewOffer) {
    eligible("e");
    activate({"e", "", "PT5M", "", ""});
    refused(ExtendEligibility{"e", "e2", {}}, Errc::conflict, "data.eligibility", {"'e/1'"});
    now = now + 5 * minute;
    Eligibility longer = eligibility("e2");
    longer.window.end = now + hour;
    EXPECT_EQ(allow(ExtendEligibility{"e", "e2", now + hour}),
              (std::vector<EventBody>{EligibilityRemoved{"e"}, EligibilityCreated{longer}}));
    refused(ExtendEligibility{"e2", "e2", {}}, Errc::already_exists, "data.as");
}

TEST_F(EligibilityCommands, ActivationsHaveTheirNamesToThemselves) {
    assigned(assignment("x/1", "u", "r"));
    refused(CreateEligibility{eligibility("x")}, Errc::already_exists, "data.eligibility",
            {"'x/1'"});
    eligible("e");
    refused(CreateAssignment{assignment("e/7", "v", "r")}, Errc::conflict, "data.assignment",
            {"'e/'"});
    Invitation i;
    i.id = "e";
    i.principal = "guest";
    i.email = "guest@partner.example";
    i.roles = {{"r", "/s"}};
    refused(CreateInvitation{i}, Errc::conflict, "data.invitation", {"'e/'"});
}

TEST_F(EligibilityCommands, ManyActivationsAreCounted) {
    eligible("e");
    for (int n = 1; n <= 40; ++n) {
        EXPECT_EQ(activate({"e", "", "PT5M", "", ""}).id, "e/" + std::to_string(n));
        now = now + 5 * minute;
    }
    EXPECT_EQ(next_activation(state, "t", "e"), 41U);
    EXPECT_TRUE(live_activations(state, "t", "e", now).empty());
}

TEST_F(EligibilityCommands, PoliciesAreCheckedWhenWritten) {
    const auto refuse_policy = [&](const std::string& text, std::string_view word) {
        refused(ChangeSettings{{{std::string(activation_policies_setting), text}}},
                Errc::invalid_argument, "data.settings.activation.policies", {word});
    };
    refuse_policy("r\t/s", "tabs");
    refuse_policy("r\t/s\tPT8H\nr\tnowhere\tPT8H", "policy 2");
    refuse_policy("r\t/s\tPT25H", "P1D");
    refuse_policy("r\t/s\teight", "'eight'");
    refuse_policy("r\t/s\tPT8H\nq\t/s\tPT8H\nR\t/S/\tPT2H", "two policies");
    refuse_policy("r\t/s\tPT1H\tboss\tmore", "too many");
    policies("r\t/s\tPT1H\tboss, chief\n\nr\t/\tPT2H\n");
    const ActivationPolicy policy = activation_policy(state, "t", "R", "/S/");
    EXPECT_EQ(policy.longest.us, hour);
    EXPECT_EQ(policy.approvers, (std::vector<std::string>{"boss", "chief"}));
    EXPECT_EQ(activation_policy(state, "t", "r", "/s/below").longest, duration_default);
}

}  // namespace
}  // namespace tenure::domain
