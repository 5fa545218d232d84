// check_form alone: what a reader of files can say without a store.

#include <gtest/gtest.h>

#include "deciding.h"
#include "domain/form_nouns.h"
#include "support/random_events.h"

namespace tenure::domain {
namespace {

Command command(CommandBody body) {
    Command result;
    result.tenant = "t";
    result.actor = "ada";
    result.body = std::move(body);
    return result;
}

TEST(Form, OfAFineCommandIsFine) {
    EXPECT_TRUE(check_form(command(CreateAssignment{assignment("a", "u", "r")})));
    EXPECT_TRUE(check_form(command(DeleteScope{"/s"})));
    EXPECT_TRUE(check_form(command(SealTenant{})));
}

TEST(Form, NamesTheFieldAndTheValue) {
    const auto result = check_form(command(CreateAssignment{assignment("a", "u", "r", "s")}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().field, "data.scope");
    EXPECT_EQ(result.error().detail, "scope 's' must start with '/'");
}

TEST(Form, IdsAreRequiredEverywhere) {
    for (const CommandBody& body : std::initializer_list<CommandBody>{CreatePrincipal{},
                                                                      UpdatePrincipal{},
                                                                      DisablePrincipal{},
                                                                      EnablePrincipal{},
                                                                      DeletePrincipal{},
                                                                      AddMember{"g", ""},
                                                                      AddMember{"", "m"},
                                                                      RemoveMember{},
                                                                      CreateScope{},
                                                                      MoveScope{},
                                                                      DeleteScope{},
                                                                      DefineRole{},
                                                                      UpdateRole{},
                                                                      DeleteRole{},
                                                                      CreateAssignment{},
                                                                      ChangeAssignmentRole{"a", ""},
                                                                      ChangeAssignmentRole{"", "r"},
                                                                      UpdateAssignment{},
                                                                      RevokeAssignment{},
                                                                      CreateDeny{},
                                                                      DeleteDeny{},
                                                                      CreateInvitation{},
                                                                      ResendInvitation{},
                                                                      AcceptInvitation{},
                                                                      RevokeInvitation{},
                                                                      ExpireInvitation{},
                                                                      IssueToken{},
                                                                      RevokeToken{},
                                                                      ChangeSettings{},
                                                                      ApplyCatalog{}}) {
        const auto result = check_form(command(body));
        ASSERT_FALSE(result) << type_of(body);
        EXPECT_EQ(result.error().code, Errc::invalid_argument) << type_of(body);
        EXPECT_TRUE(result.error().field.starts_with("data.")) << result.error().field;
    }
}

TEST(Form, TimesMustBeWritable) {
    Assignment a = assignment("a", "u", "r");
    a.window.end = instant_max + 1;
    EXPECT_EQ(check_form(command(CreateAssignment{a})).error().field, "data.end");
    a.window = {instant_min + -1, {}};
    EXPECT_EQ(check_form(command(CreateAssignment{a})).error().field, "data.start");
    a.window = {instant_min, instant_max};
    EXPECT_TRUE(check_form(command(CreateAssignment{a})));
    Command early = command(SealTenant{});
    early.effective_at = instant_min + -1;
    EXPECT_EQ(check_form(early).error().field, "time");
}

// Whatever an import holds is refused or decided; nothing of it may break the program.
TEST(Form, TakesAnyEventOfAnImport) {
    const std::uint64_t seed = testing::seed_under_test();
    SCOPED_TRACE("TENURE_SEED=" + std::to_string(seed));
    SeededRandom random{seed};
    testing::MapState state;
    Event event;
    event.tenant = "t";
    event.body = TenantCreated{"", true};
    state.apply(event);
    std::size_t happened = 0;
    for (int i = 0; i < 5'000; ++i) {
        Command any = command(RecordEvent{testing::random_event(random).body});
        any.effective_at = Instant{};
        auto decided = decide(state, any, Instant{});
        if (!decided) {
            EXPECT_FALSE(decided.error().detail.empty());
            continue;
        }
        for (EventBody& body : decided.value()) {
            if (std::holds_alternative<TenantSealed>(body)) continue;
            event.body = std::move(body);
            event.effective_at = Instant{};
            state.apply(event);
            ++happened;
        }
    }
    EXPECT_GT(happened, 0U);
}

TEST(Form, OfAttributesGivenWithAQuestion) {
    condition::GivenAttributes given;
    given.request = {{"tags:A<$key_case_sensitive$>", true},
                     {"tags:a<$key_case_sensitive$>", std::vector<std::string>{"x"}}};
    given.environment = {{"a", std::vector<std::int64_t>{1}}};
    EXPECT_TRUE(check_attributes(given));
    given.environment.push_back({"A", true});
    const auto twice = check_attributes(given);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().field, "environment");
}

}  // namespace
}  // namespace tenure::domain
