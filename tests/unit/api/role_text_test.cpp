#include "api/role_text.h"

#include <gtest/gtest.h>

#include "api/catalog_text.h"
#include "api/role_json.h"

namespace tenure::api {
namespace {

using api::mentioned;
using api::to_json;

const Paint plain{false};

domain::Role reader() {
    domain::Role role;
    role.id = "r";
    role.name = "Reader";
    role.assignable_scopes = {"/"};
    role.permissions.emplace_back().actions = {"*/read"};
    return role;
}

query::RoleHolding holding() {
    query::RoleHolding held;
    held.principal = "ana";
    held.role = "r";
    held.role_name = "Reader";
    held.scope = "/s";
    held.through = {{"ana", "team", Revision{3}}, {"team", "all", Revision{4}}};
    held.assignment = "a-1";
    held.since = Revision{5};
    held.conditional = true;
    held.window.end = Instant{0};
    return held;
}

TEST(RoleText, ShowsBlocksWithTheirConditions) {
    query::RoleAnswer answer{{reader(), Revision{2}}, {Revision{9}}};
    answer.role.role.permissions.emplace_back().not_data_actions = {"D"};
    answer.role.role.permissions.back().condition = domain::Condition{"c", "2.0"};

    EXPECT_EQ(to_text(answer, {}, plain),
              "ROLE           Reader\n"
              "id             r\n"
              "type           custom\n"
              "assignable at  /\n"
              "since          revision 2\n"
              "\n"
              "BLOCK  LIST            PATTERN\n"
              "    1  actions         */read\n"
              "    2  notDataActions  D\n"
              "    2  condition       c\n"
              "as of revision 9\n");
    EXPECT_EQ(mentioned(answer), std::set<Revision>{Revision{2}});
}

TEST(RoleText, SaysHowAndForHowLongSomebodyHoldsARole) {
    query::RoleHoldersAnswer answer{{reader(), Revision{2}}, {holding()}, {Revision{9}}};
    answer.holdings.front().active = false;

    EXPECT_EQ(to_text(answer, plain),
              "PRINCIPAL  KIND  SCOPE  VIA          ASSIGNMENT  TERMS\n"
              "ana        user  /s     team in all  a-1         until 1970-01-01T00:00:00Z, with a "
              "condition, inactive\n"
              "1 holding of role Reader (r) as of revision 9\n");
    EXPECT_EQ(mentioned(answer), (std::set<Revision>{Revision{3}, Revision{4}, Revision{5}}));
    EXPECT_NE(to_json(answer, {}).find("\"conditional\":true,\"through\":[{\"member\":\"ana\""),
              std::string::npos);
}

TEST(RoleText, SaysWhyNothingCounts) {
    query::HeldRolesAnswer answer;
    answer.principal = "ana";
    answer.basis.revision = Revision{9};
    EXPECT_EQ(to_text(answer, {}, plain), "ana holds no role\n0 roles as of revision 9\n");
    answer.hindered = query::Reason::principal_deleted;
    answer.principal_since = Revision{7};
    EXPECT_EQ(to_text(answer, {}, plain),
              "ana has been deleted, so nothing of this counts:\nrevision 7\n"
              "0 roles as of revision 9\n");
    EXPECT_NE(to_json(answer, {}).find("\"active\":false,\"because\":\"principalDeleted\""),
              std::string::npos);
}

TEST(RoleText, ShowsWhatIsLostAndGained) {
    RoleComparison comparison{
        {{reader(), Revision{2}}, {Revision{2}}}, {{reader(), Revision{3}}, {Revision{3}}}, {}, 5};
    EXPECT_EQ(to_text(comparison, plain),
              "from  Reader (r) as of revision 2\nto    Reader (r) as of revision 3\n\n"
              "no difference; 0 gained, 0 lost of 5 known operations\n");
    comparison.difference.regrouped = true;
    comparison.difference.lost = {domain::operation("A/read", domain::Plane::data)};
    EXPECT_EQ(to_text(comparison, plain),
              "from  Reader (r) as of revision 2\nto    Reader (r) as of revision 3\n\n"
              "the same patterns, written or cut into blocks differently\n\n"
              "   OPERATION  PLANE\n"
              "-  A/read     data\n\n"
              "0 gained, 1 lost of 5 known operations\n");
}

TEST(RoleText, SaysWhenNothingIsEnough) {
    LeastRolesAnswer answer;
    answer.needed = {domain::operation("A/x", domain::Plane::control)};
    EXPECT_EQ(to_text(answer, plain),
              "no choice of up to 6 roles grants all of it\n0 choices for 1 operation\n");
    answer.least.complete = false;
    answer.least.missing = answer.needed;
    EXPECT_EQ(to_text(answer, plain),
              "no role grants A/x\n"
              "gave up after 200,000 steps: there may be better choices\n"
              "0 choices for 1 operation\n");
}

TEST(CatalogText, SaysWhetherAnythingChanged) {
    CatalogApplied applied{"c", 2, "", 0, 0, false, Revision{4}};
    EXPECT_EQ(to_text(applied), "catalog c, version 2, for all tenants: nothing to change\n");
    applied.tenant = "t";
    applied.changed = true;
    EXPECT_EQ(to_text(applied),
              "catalog c, version 2, for tenant t: 0 roles defined, 0 changed; revision 4\n");
}

}  // namespace
}  // namespace tenure::api
