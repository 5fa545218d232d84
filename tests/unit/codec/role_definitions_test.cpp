#include "codec/role_definitions.h"

#include <gtest/gtest.h>

namespace tenure::codec {
namespace {

std::vector<domain::GivenRole> parsed(std::string_view text) {
    auto roles = parse_role_definitions(text);
    EXPECT_TRUE(roles) << (roles ? "" : roles.error().detail);
    return roles ? std::move(roles.value()) : std::vector<domain::GivenRole>{};
}

domain::Role reader() {
    domain::Role role;
    role.id = "r-1";
    role.name = "Key Reader";
    role.description = "Reads keys";
    role.assignable_scopes = {"/subscriptions/s1"};
    role.permissions.emplace_back().actions = {"Vault/*/read"};
    role.permissions.back().not_actions = {"Vault/secrets/read"};
    return role;
}

TEST(RoleDefinitions, OneRoleInEveryForm) {
    const std::string path = "/subscriptions/s1/providers/Microsoft.Authorization/roleDefinitions/";
    for (
        const std::string& text : std::vector<std::string>{
            // As the REST interface gives it.
            R"({"id":")" + path +
                R"(r-1","name":"r-1","type":"Microsoft.Authorization/roleDefinitions",
                 "properties":{"roleName":"Key Reader","type":"CustomRole","description":"Reads keys",
                 "assignableScopes":["/subscriptions/s1"],"createdOn":"2024-01-01","updatedBy":null,
                 "permissions":[{"actions":["Vault/*/read"],"notActions":["Vault/secrets/read"],
                 "dataActions":[],"notDataActions":[],"condition":null,"conditionVersion":null}]}})",
            // As the command line lists it.
            R"([{"roleName":"Key Reader","name":"r-1","id":")" + path +
                R"(r-1","roleType":"CustomRole","description":"Reads keys",
                 "assignableScopes":["/subscriptions/s1"],
                 "permissions":[{"actions":["Vault/*/read"],"notActions":["Vault/secrets/read"]}]}])",
            // As the shell writes it, byte order mark and all.
            "\xEF\xBB\xBF{\r\n\"Name\":\"Key Reader\",\"Id\":\"r-1\",\"IsCustom\":true,"
            "\"Description\":\"Reads keys\",\"Actions\":[\"Vault/*/read\"],"
            "\"NotActions\":[\"Vault/secrets/read\"],\"DataActions\":null,"
            "\"AssignableScopes\":[\"/subscriptions/s1\"]}\r\n",
            // A page of a list.
            R"({"value":[{"id":"r-1","properties":{"rolename":"Key Reader","DESCRIPTION":"Reads keys",
                 "permissions":[{"actions":["Vault/*/read"],"NOTACTIONS":["Vault/secrets/read"]}],
                 "assignablescopes":["/subscriptions/s1"]}}],"nextLink":null})"}) {
        const auto roles = parsed(text);
        ASSERT_EQ(roles.size(), 1) << text;
        EXPECT_EQ(roles.front().role, reader()) << text;
        EXPECT_TRUE(roles.front().id_given);
    }
}

TEST(RoleDefinitions, BlocksKeepTheirConditions) {
    const auto roles = parsed(R"({"roleName":"R","roleType":"builtinrole","permissions":[
        {"actions":["A/read"]},
        {"dataActions":["D/*"],"notDataActions":["D/x"],"condition":"@Resource[x] StringEquals 'y'"},
        {"actions":["B/*"],"condition":"c","conditionVersion":"1.0"}]})");

    ASSERT_EQ(roles.size(), 1);
    const domain::Role& role = roles.front().role;
    EXPECT_TRUE(role.built_in);
    ASSERT_EQ(role.permissions.size(), 3);
    EXPECT_FALSE(role.permissions[0].condition);
    EXPECT_EQ(role.permissions[1].condition,
              (domain::Condition{"@Resource[x] StringEquals 'y'", "2.0"}));
    EXPECT_EQ(role.permissions[1].not_data_actions, std::vector<std::string>{"D/x"});
    EXPECT_EQ(role.permissions[2].condition, (domain::Condition{"c", "1.0"}));
}

TEST(RoleDefinitions, WithoutAnIdItIsMadeOfTheName) {
    const auto roles = parsed(R"({"id":"","roleName":"PTU procurer","actions":["a/read"]})");

    ASSERT_EQ(roles.size(), 1);
    EXPECT_FALSE(roles.front().id_given);
    EXPECT_EQ(roles.front().role.id, "ptu-procurer");
    EXPECT_EQ(role_id_of_name(" (Azure) AI: User! "), "azure-ai-user");
    EXPECT_EQ(role_id_of_name("NumberManagement.Read"), "numbermanagement.read");
}

TEST(RoleDefinitions, ManyOneAfterTheOtherKnowTheirLines) {
    const auto roles = parsed(
        "{\"roleName\":\"A\",\"actions\":[]}\n\n{\n\"roleName\":\"B\",\n\"actions\":[\"{\\\"\"]}\n"
        "{\"roleName\":\"C\",\"actions\":[]}");

    ASSERT_EQ(roles.size(), 3);
    EXPECT_EQ(roles[0].line, 1U);
    EXPECT_EQ(roles[1].line, 3U);
    EXPECT_EQ(roles[2].line, 6U);
    EXPECT_EQ(roles[1].role.permissions.front().actions, std::vector<std::string>{"{\""});
    EXPECT_TRUE(parsed("").empty());
    EXPECT_TRUE(parsed(" [ ] ").empty());
}

TEST(RoleDefinitions, ReadBackAsTheyWereWritten) {
    domain::Role odd = reader();
    odd.id = "two";
    odd.name = "Ünïcode \"quoted\"\n";
    odd.built_in = true;
    odd.assignable_scopes = {"/"};
    odd.permissions.emplace_back().data_actions = {"Trailing/blank ", "*/x/*"};
    odd.permissions.back().condition = domain::Condition{"1 < 2", "1.0"};
    const std::vector<domain::Role> roles{reader(), odd};

    const std::string text = role_definitions_json(roles);

    const auto back = parsed(text);
    ASSERT_EQ(back.size(), 2);
    EXPECT_EQ(back[0].role, roles[0]);
    EXPECT_EQ(back[1].role, roles[1]);
    EXPECT_EQ(back[1].line, 3U);
    EXPECT_TRUE(parsed(role_definitions_json({})).empty());
}

// What is refused: where, and some words of why.
struct Refused {
    std::string text;
    std::string field;
    std::string why;
};

TEST(RoleDefinitions, RefusesWithLinePathAndReason) {
    for (const Refused& expected : std::vector<Refused>{
             {"5", "", "line 1: '5' where an object is expected"},
             {"[{\"roleName\":\"A\",\"actions\":[]}", "", "the file ends where ',' or ']'"},
             {"[\n{\"roleName\":\"A\",\"actions\":[]}\n{}]", "", "line 3: '{}]' where ','"},
             {"[] x", "", "something follows"},
             {"[\n{\"a\":[}", "", "line 2: the object that begins here has no end"},
             {"\n{\"roleName\":\n tru}", "",
              "line 3: the role definition is not valid JSON at byte"},
             {"{\"actions\":[]}", "roleName", "no name"},
             {"{\"properties\":{\"actions\":[]},\"name\":\"x\"}", "properties.roleName", "no name"},
             {"{\"roleName\":\"A\"}", "permissions", "no permissions"},
             {"{\"roleName\":7,\"actions\":[]}", "roleName", "7 is not a text"},
             {"{\"roleName\":\"A\",\n\"actoins\":[]}", "actoins",
              "line 2: 'actoins' is not a member of this object; known are properties, roleName"},
             {"{\"roleName\":\"A\",\"permissions\":[{\"action\":[]}]}", "permissions[0].action",
              "not a member"},
             {"{\"roleName\":\"A\",\n\"permissions\":[\n{\"actions\":[\"a\",\n5]}]}",
              "permissions[0].actions[1]", "line 3: 5 is not a text"},
             {"{\"roleName\":\"A\",\"actions\":[],\"Actions\":[]}", "Actions", "already"},
             {"{\"roleName\":\"A\",\"permissions\":[],\"actions\":[]}", "actions", "not both"},
             {"{\"roleName\":\"A\",\"permissions\":{}}", "permissions",
              "an object is not an array"},
             {"{\"roleName\":\"A\",\"actions\":[],\"roleType\":\"Odd\"}", "roleType",
              "BuiltInRole"},
             {"{\"roleName\":\"A\",\"actions\":[],\"roleType\":\"CustomRole\",\"isCustom\":false}",
              "isCustom", "at once"},
             {"{\"roleName\":\"A\",\"id\":\"x\",\"name\":\"y\",\"actions\":[]}", "name",
              "the id is 'y' here and 'x'"},
             {"{\"roleName\":\"A\",\"permissions\":[{\"conditionVersion\":\"2.0\"}]}",
              "permissions[0].conditionVersion", "not there"},
             {"{\"roleName\":\"A\",\"actions\":[]}\n{\"roleName\":\"a\",\"id\":\"x\",\"actions\":[]"
              "}",
              "roleName", "line 2: role name 'a' is given in line 1"},
             {"{\"roleName\":\"A\",\"id\":\"x\",\"actions\":[]}\n"
              "{\"roleName\":\"B\",\"id\":\"X\",\"actions\":[]}",
              "id", "line 2: role 'X' is given in line 1"}}) {
        const auto roles = parse_role_definitions(expected.text);
        ASSERT_FALSE(roles) << expected.text;
        EXPECT_EQ(roles.error().code, Errc::invalid_argument);
        EXPECT_EQ(roles.error().field, expected.field) << roles.error().detail;
        EXPECT_TRUE(roles.error().detail.starts_with("line ")) << roles.error().detail;
        EXPECT_NE(roles.error().detail.find(expected.why), std::string::npos)
            << expected.text << "\n"
            << roles.error().detail;
    }
}

TEST(Operations, AreReadByNameAndPlane) {
    const auto operations = parse_operations(
        "{\"name\":\"A/read\",\"isDataAction\":false}\n{\"name\":\"A/read\",\"isDataAction\":true,"
        "\"origin\":\"user\"}\n");
    ASSERT_TRUE(operations);
    EXPECT_EQ(operations.value(),
              (domain::Operations{domain::operation("a/READ", domain::Plane::control),
                                  domain::operation("a/read", domain::Plane::data)}));
    EXPECT_FALSE(parse_operations("{\"isDataAction\":true}"));
}

}  // namespace
}  // namespace tenure::codec
