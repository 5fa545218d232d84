#include "api/answer_text.h"

#include <gtest/gtest.h>

#include "api/answer_json.h"

namespace tenure::api {
namespace {

using api::mentioned;
using api::to_json;

const Paint plain{false};

constexpr query::Basis basis{Revision{42}, Instant{0}, true};

Events two_events() {
    Events events;
    domain::Event opened;
    opened.actor = "lee";
    opened.effective_at = Instant{0};
    opened.body = domain::MemberAdded{"leads", "dana"};
    events.emplace(Revision{7}, opened);
    domain::Event closed;
    closed.actor = "kim";
    closed.effective_at = Instant{1'000'000};
    closed.cause.reason = "left";
    closed.body = domain::MemberRemoved{"leads", "dana"};
    events.emplace(Revision{9}, closed);
    return events;
}

TEST(AnswerText, SaysWhatMomentAnAnswerIsAbout) {
    EXPECT_EQ(basis_text(basis), "as of 1970-01-01T00:00:00Z, revision 42");
    EXPECT_EQ(basis_text({Revision{42}, std::nullopt, true}), "as of revision 42");
    EXPECT_EQ(basis_text({revision_none, Instant{0}, true}),
              "as of 1970-01-01T00:00:00Z, before the first event");
    EXPECT_EQ(basis_text({revision_none, instant_min, true}), "before the first event");
    EXPECT_EQ(basis_text({Revision{1}, std::nullopt, false}),
              "as of revision 1 (not final: later events may change the answer)");
}

TEST(AnswerText, TellsADecision) {
    EXPECT_EQ(to_text({true, basis}, plain), "allow  as of 1970-01-01T00:00:00Z, revision 42\n");
    EXPECT_EQ(to_json(query::CheckAnswer{false, {Revision{3}, std::nullopt, false}}),
              "{\"decision\":\"deny\",\"revision\":3,\"final\":false}");
}

TEST(AnswerText, ListsPrincipalsGroupsFirst) {
    query::WhoCanAnswer answer;
    answer.principals = {{"dana", domain::PrincipalKind::user, "Dana Kim"},
                         {"ci", domain::PrincipalKind::service_principal, "ci"}};
    answer.groups = {{"leads", domain::PrincipalKind::group, ""}};
    answer.basis = basis;
    answer.next = "42:0:f:ci";

    EXPECT_EQ(to_text(answer, plain),
              "PRINCIPAL  KIND              NAME\n"
              "leads      group\n"
              "dana       user              Dana Kim\n"
              "ci         servicePrincipal\n"
              "2 principals as of 1970-01-01T00:00:00Z, revision 42\n"
              "more: --cursor '42:0:f:ci'\n");
    EXPECT_EQ(to_json(answer),
              "{\"principals\":[{\"principal\":\"dana\",\"kind\":\"user\",\"displayName\":"
              "\"Dana Kim\"},{\"principal\":\"ci\",\"kind\":\"servicePrincipal\",\"displayName\":"
              "\"ci\"}],\"groups\":[{\"principal\":\"leads\",\"kind\":\"group\"}],\"next\":"
              "\"42:0:f:ci\",\"revision\":42,\"at\":\"1970-01-01T00:00:00Z\",\"final\":true}");
}

TEST(AnswerText, ListsNothing) {
    EXPECT_EQ(to_text(query::WhoCanAnswer{.basis = basis}, plain),
              "0 principals as of 1970-01-01T00:00:00Z, revision 42\n");
    EXPECT_EQ(to_text(query::WhatCanAnswer{.basis = basis}, false, plain),
              "0 scopes as of 1970-01-01T00:00:00Z, revision 42\n");
    EXPECT_EQ(to_text(query::WhenAnswer{.basis = basis}, {}, plain),
              "never  as of 1970-01-01T00:00:00Z, revision 42\n");
}

TEST(AnswerText, ListsScopesWithRoles) {
    const query::WhatCanAnswer answer{{{"/a", {"reader", "writer"}}, {"/b", {}}}, "", basis};

    EXPECT_EQ(to_text(answer, true, plain),
              "SCOPE  ROLES\n"
              "/a     reader, writer\n"
              "/b\n"
              "2 scopes as of 1970-01-01T00:00:00Z, revision 42\n");
    EXPECT_EQ(to_text(answer, false, plain),
              "/a\n/b\n2 scopes as of 1970-01-01T00:00:00Z, revision 42\n");
}

TEST(AnswerText, TellsIntervals) {
    const query::WhenAnswer answer{
        {{Instant{0}, Instant{1'000'000}, Revision{7}, Revision{9}},
         {Instant{2'000'000}, Instant{3'000'000}, revision_none, revision_none},
         {Instant{4'000'000}, std::nullopt, Revision{11}, revision_none}},
        basis};

    EXPECT_EQ(to_text(answer, two_events(), plain),
              "FROM                  UNTIL                 FOR  OPENED BY                   "
              "CLOSED BY\n"
              "1970-01-01T00:00:00Z  1970-01-01T00:00:01Z  1 s  7 group.memberAdded by lee  "
              "9 group.memberRemoved by kim\n"
              "1970-01-01T00:00:02Z  1970-01-01T00:00:03Z  1 s  a window begins             "
              "a window ends\n"
              "1970-01-01T00:00:04Z  still                      11\n"
              "3 intervals as of 1970-01-01T00:00:00Z, revision 42\n");
    EXPECT_EQ(mentioned(answer), (std::set<Revision>{Revision{7}, Revision{9}, Revision{11}}));
}

TEST(AnswerText, TellsADifference) {
    query::DiffAnswer answer;
    answer.gained = {{"dana", "reader", "/a"}};
    answer.lost = {{"lee", "owner", "/"}};
    answer.roles_changed = {{"reader", revision_none, Revision{7}}};
    answer.from = {Revision{1}, Instant{0}, true};
    answer.to = basis;

    EXPECT_EQ(to_text(answer, two_events(), plain),
              "from  as of 1970-01-01T00:00:00Z, revision 1\n"
              "to    as of 1970-01-01T00:00:00Z, revision 42\n"
              "\n"
              "   PRINCIPAL  ROLE    SCOPE\n"
              "+  dana       reader  /a\n"
              "-  lee        owner   /\n"
              "\n"
              "ROLE CHANGED  FROM             TO\n"
              "reader        not defined yet  7 group.memberAdded by lee\n"
              "\n"
              "1 gained, 1 lost\n");
}

TEST(AnswerText, ShowsEvents) {
    Table table = event_table(true);
    for (auto& [revision, event] : two_events()) {
        domain::Event shown = event;
        shown.revision = revision;
        shown.tenant = "contoso";
        add_event(table, shown, true);
    }

    EXPECT_EQ(table.take(plain),
              "REVISION  TIME                  TENANT   ACTOR  TYPE                 "
              "WHAT                     WHY\n"
              "       7  1970-01-01T00:00:00Z  contoso  lee    group.memberAdded    "
              "dana joins group leads\n"
              "       9  1970-01-01T00:00:01Z  contoso  kim    group.memberRemoved  "
              "dana leaves group leads  left\n");
}

}  // namespace
}  // namespace tenure::api
