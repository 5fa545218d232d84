#include <gtest/gtest.h>

#include "api/answer_json.h"
#include "api/answer_text.h"

namespace tenure::api {
namespace {

using api::mentioned;
using api::to_json;

using query::GrantVerdict;
using query::Reason;

const Paint plain{false};

query::Explanation explanation(Reason reason) {
    query::Explanation answer;
    answer.answer = {reason == Reason::granted, {Revision{42}, Instant{0}, true}};
    answer.reason = reason;
    answer.principal = "dana";
    answer.display_name = "Dana Kim";
    answer.principal_since = Revision{2};
    answer.action = "Files/write";
    answer.scope = "/files/a";
    answer.scope_chain = {"/files", "/"};
    return answer;
}

query::GrantPath grant(GrantVerdict verdict) {
    query::GrantPath path;
    path.assignment = "a-1";
    path.assignment_since = Revision{5};
    path.role = "writer";
    path.role_name = "File Writer";
    path.role_since = Revision{3};
    path.scope = "/files";
    path.verdict = verdict;
    path.pattern = "Files/*";
    return path;
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string told(const query::Explanation& answer) { return to_text(answer, {}, {}, plain); }

TEST(ExplainText, TellsAnAllowStepByStep) {
    query::Explanation answer = explanation(Reason::granted);
    query::GrantPath path = grant(GrantVerdict::grants);
    path.through = {{"dana", "team", Revision{7}}, {"team", "everyone", Revision{8}}};
    path.window.start = Instant{-1};
    answer.grants = {path};

    EXPECT_EQ(told(answer),
              "ALLOW  Dana Kim (dana)\n"
              "       Files/write\n"
              "       at /files/a\n"
              "       as of 1970-01-01T00:00:00Z, revision 42\n"
              "\n"
              "Because group everyone holds the role File Writer (writer), which contains the "
              "action:\n"
              "\n"
              " 1. Dana Kim (dana) is an active principal.\n"
              "    revision 2\n"
              " 2. dana is a member of group team.\n"
              "    revision 7\n"
              " 3. team is a member of group everyone.\n"
              "    revision 8\n"
              " 4. Assignment a-1 gives group everyone the role File Writer (writer) at /files, "
              "which is above the asked scope and inherited by it.\n"
              "    revision 5\n"
              " 5. The assignment is in force from 1969-12-31T23:59:59.999999Z on, and so at "
              "1970-01-01T00:00:00Z.\n"
              " 6. The role contains the action: it matches Files/*.\n"
              "    revision 3\n"
              " 7. No deny assignment stands at the scope or above it.\n");
    EXPECT_EQ(mentioned(answer), (std::set<Revision>{Revision{2}, Revision{3}, Revision{5},
                                                     Revision{7}, Revision{8}}));
}

TEST(ExplainText, KnowsTheAskedScopeInAnySpelling) {
    query::Explanation answer = explanation(Reason::granted);
    answer.scope = "/FILES/";
    answer.grants = {grant(GrantVerdict::grants)};

    EXPECT_TRUE(says(told(answer), "at this very scope."));
}

TEST(ExplainText, ListsWhatElseGrants) {
    query::Explanation answer = explanation(Reason::granted);
    answer.grants.assign(20, grant(GrantVerdict::grants));
    answer.grants.push_back(grant(GrantVerdict::not_named));

    const std::string text = told(answer);
    EXPECT_TRUE(says(text,
                     "It is also granted by:\n  - assignment a-1: role File Writer (writer) "
                     "to dana at /files\n"));
    EXPECT_TRUE(says(text, "  - and 7 more (--json shows all)\n"));
}

TEST(ExplainText, SaysWhyEachRoleDoesNotGrant) {
    query::Explanation answer = explanation(Reason::not_granted);
    answer.grants = {grant(GrantVerdict::not_named), grant(GrantVerdict::subtracted),
                     grant(GrantVerdict::condition_not_met), grant(GrantVerdict::outside_window)};
    answer.grants[1].subtracted_by = "Files/write";
    answer.grants[2].assignment_condition = {"@Resource[x] StringEquals 'y'", std::nullopt};
    answer.grants[2].through = {{"dana", "team", Revision{7}}};
    answer.grants[3].window = {Instant{3'600'000'000}, std::nullopt};
    answer.would_allow = {{"writer", "File Writer"}};
    answer.allowed_at = {"/files/b"};

    const std::string text = told(answer);
    EXPECT_TRUE(says(text, "dana holds 4 roles at the scope or above it, and none grants"));
    EXPECT_TRUE(says(text, "but the role does not contain the action."));
    EXPECT_TRUE(says(text, "it matches Files/* and is subtracted by Files/write."));
    EXPECT_TRUE(
        says(text, "but its condition cannot be read by this version, so it does not grant."));
    EXPECT_TRUE(says(text, "      @Resource[x] StringEquals 'y'\n"));
    EXPECT_TRUE(says(text, "    dana is in group team: revision 7\n"));
    EXPECT_TRUE(says(text, "but it is in force from 1970-01-01T01:00:00Z on only."));
    EXPECT_TRUE(says(text,
                     "It is planned: assignment a-1 comes into force at "
                     "1970-01-01T01:00:00Z, in 1 h."));
    EXPECT_TRUE(says(text, "one of these roles at the scope or above it:\n  - File Writer"));
    EXPECT_TRUE(says(text, "dana may do it at:\n  - /files/b\n"));
}

TEST(ExplainText, PutsADenyAssignmentFirst) {
    query::Explanation answer = explanation(Reason::denied_by_deny_assignment);
    query::DenyPath other;
    other.deny = "d-0";
    other.not_because = "it does not name the action";
    query::DenyPath deny;
    deny.deny = "d-1";
    deny.name = "Freeze";
    deny.scope = "/";
    deny.since = Revision{9};
    deny.pattern = "Files/*";
    deny.applies = true;
    answer.denies = {other, deny};
    answer.grants = {grant(GrantVerdict::grants)};

    const std::string text = told(answer);
    EXPECT_TRUE(says(text, "Because a deny assignment forbids it"));
    EXPECT_TRUE(says(text,
                     " 2. Deny assignment Freeze (d-1) forbids it to this principal at /, "
                     "which is above the asked scope and inherited by it: the action matches "
                     "Files/*.\n    revision 9\n"));
    EXPECT_TRUE(says(text, "Without it, assignment a-1 would grant it"));
    EXPECT_TRUE(says(text, "deleting the deny assignment, or excluding dana from it."));

    answer.grants.clear();
    EXPECT_TRUE(says(told(answer), "Without it, it would still be denied"));
}

TEST(ExplainText, SaysWhenItWasLastAllowed) {
    query::Explanation answer = explanation(Reason::no_assignment);
    domain::Event left;
    left.actor = "lee";
    left.effective_at = Instant{0};
    left.body = domain::MemberRemoved{"team", "dana"};
    const query::AccessInterval last{Instant{-3'600'000'000}, Instant{0}, Revision{7}, Revision{9}};

    EXPECT_TRUE(says(to_text(answer, last, {{Revision{9}, left}}, plain),
                     "It was allowed from 1969-12-31T23:00:00Z until 1970-01-01T00:00:00Z (1 h). "
                     "It was ended by:\n    dana leaves group team\n    revision 9, "
                     "group.memberRemoved by lee at 1970-01-01T00:00:00Z\n"));
    EXPECT_TRUE(says(to_json(answer, last, {{Revision{9}, left}}),
                     "\"lastAllowed\":{\"from\":\"1969-12-31T23:00:00Z\",\"to\":"
                     "\"1970-01-01T00:00:00Z\",\"openedBy\":{\"revision\":7},\"closedBy\":"
                     "{\"revision\":9,\"type\":\"group.memberRemoved\""));
}

TEST(ExplainText, TellsTheStateOfAPrincipal) {
    query::Explanation pending = explanation(Reason::invitation_pending);
    pending.grants = {grant(GrantVerdict::grants)};
    EXPECT_TRUE(says(told(pending), "Assignment a-1 stands by: role File Writer (writer)"));
    EXPECT_TRUE(says(told(pending), "What would allow it: accepting the invitation.\n"));

    const std::string disabled = told(explanation(Reason::principal_disabled));
    EXPECT_TRUE(says(disabled, "Besides, no role that contains the action is assigned"));
    EXPECT_TRUE(says(disabled, "enabling the principal again, and a role that contains"));

    EXPECT_TRUE(says(told(explanation(Reason::principal_deleted)), "is deleted.\n"));
    EXPECT_TRUE(says(told(explanation(Reason::principal_unknown)),
                     "Because no principal 'dana' exists at that moment.\n"));
}

}  // namespace
}  // namespace tenure::api
