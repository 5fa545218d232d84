// Roles as they are in the world, if TENURE_SHARED_DATA names a folder that has some: Azure's own,
// and those of the documents that the catalogs were made from.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "base/text.h"
#include "codec/catalogs.h"
#include "codec/role_definitions.h"
#include "domain/action.h"

namespace tenure::codec {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using domain::Plane;

std::string text_of(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// Each line by another reader than ours.
std::vector<json::object> lines_of(const fs::path& path) {
    std::ifstream file{path};
    std::vector<json::object> lines;
    for (std::string line; std::getline(file, line);)
        lines.push_back(json::parse(line).as_object());
    return lines;
}

std::vector<std::string> texts(const json::object& object, const char* name) {
    std::vector<std::string> list;
    for (const json::value& text : object.at(name).as_array())
        list.emplace_back(text.as_string().c_str());
    return list;
}

// One character after the other, in every way there is.
bool naive_match(const char* pattern, const char* action) {
    if (*pattern == '*')
        return naive_match(pattern + 1, action) || (*action && naive_match(pattern, action + 1));
    if (*pattern == '\0' || *action == '\0') return *pattern == *action;
    return *pattern == *action && naive_match(pattern + 1, action + 1);
}

// A permission block as it stands in the file, in small letters.
struct NaiveBlock {
    std::map<Plane, std::vector<std::string>> grant;
    std::map<Plane, std::vector<std::string>> subtract;
    bool conditional = false;

    bool grants(const std::string& action, Plane plane) {
        const auto named_in = [&](const std::vector<std::string>& patterns) {
            return std::ranges::any_of(patterns, [&](const std::string& pattern) {
                return naive_match(pattern.c_str(), action.c_str());
            });
        };
        return named_in(grant[plane]) && !named_in(subtract[plane]);
    }
};

std::vector<std::string> small(std::vector<std::string> list) {
    for (std::string& text : list)
        for (char& c : text)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return list;
}

class SharedRoles : public ::testing::Test {
protected:
    void SetUp() override {
        const char* shared = std::getenv("TENURE_SHARED_DATA");
        if (shared == nullptr) GTEST_SKIP() << "TENURE_SHARED_DATA is not set";
        data_ = shared;
        if (!fs::exists(data_ / "azure-roles") || !fs::exists(data_ / "seed-roles.jsonl"))
            GTEST_SKIP() << data_ << " has no roles";
    }

    fs::path data_;
};

TEST_F(SharedRoles, AllLoadAndComeBackTheSame) {
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator{data_ / "azure-roles"}) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".jsonl" && entry.path().extension() != ".json") continue;
        ++files;
        if (name.starts_with("operations")) {
            const auto operations = parse_operations(text_of(entry.path()));
            ASSERT_TRUE(operations) << name << ": " << operations.error().detail;
            EXPECT_FALSE(operations.value().empty());
            continue;
        }
        const auto given = parse_role_definitions(text_of(entry.path()));
        ASSERT_TRUE(given) << name << ": " << given.error().detail;
        std::vector<domain::Role> roles;
        for (const domain::GivenRole& each : given.value()) roles.push_back(each.role);

        const auto back = parse_role_definitions(role_definitions_json(roles));

        ASSERT_TRUE(back) << name << ": " << back.error().detail;
        ASSERT_EQ(back.value().size(), roles.size());
        EXPECT_GT(roles.size(), 0U);
        for (std::size_t i = 0; i < roles.size(); ++i) {
            EXPECT_EQ(back.value()[i].role, roles[i]) << roles[i].name;
            EXPECT_TRUE(given.value()[i].id_given) << roles[i].name;
        }
    }
    EXPECT_GE(files, 2U);
}

TEST_F(SharedRoles, GrantWhatANaiveMatcherSays) {
    const auto given = parse_role_definitions(text_of(data_ / "azure-roles" / "roles.jsonl"));
    ASSERT_TRUE(given);
    const auto lines = lines_of(data_ / "azure-roles" / "roles.jsonl");
    ASSERT_EQ(given.value().size(), lines.size());

    // Operations that are listed, and those that roles name in full.
    std::set<std::pair<std::string, Plane>> operations;
    for (const json::object& line : lines_of(data_ / "azure-roles" / "operations.jsonl"))
        operations.emplace(small({line.at("name").as_string().c_str()}).front(),
                           line.at("isDataAction").as_bool() ? Plane::data : Plane::control);
    std::vector<std::vector<NaiveBlock>> naive;
    for (const json::object& line : lines) {
        std::vector<NaiveBlock>& blocks = naive.emplace_back();
        for (const json::value& value : line.at("permissions").as_array()) {
            const json::object& block = value.as_object();
            NaiveBlock& to = blocks.emplace_back();
            to.grant[Plane::control] = small(texts(block, "actions"));
            to.grant[Plane::data] = small(texts(block, "dataActions"));
            to.subtract[Plane::control] = small(texts(block, "notActions"));
            to.subtract[Plane::data] = small(texts(block, "notDataActions"));
            to.conditional = !block.at("condition").is_null();
            for (const auto& [plane, patterns] : to.grant)
                for (const std::string& pattern : patterns)
                    if (pattern.find('*') == std::string::npos) operations.emplace(pattern, plane);
        }
    }
    ASSERT_GT(operations.size(), 6'000U);

    std::size_t granted = 0;
    for (std::size_t r = 0; r < naive.size(); ++r) {
        const domain::Role& role = given.value()[r].role;
        const domain::CompiledPermissions compiled{role.permissions};
        for (const auto& [action, plane] : operations) {
            domain::CompiledPermissions::Match expected;
            for (NaiveBlock& block : naive[r])
                if (block.grants(action, plane))
                    (block.conditional ? expected.conditional : expected.unconditional) = true;
            const auto match = compiled.match(action, plane);
            granted += match.unconditional ? 1U : 0U;
            ASSERT_EQ(match.unconditional, expected.unconditional) << role.name << ' ' << action;
            ASSERT_EQ(match.conditional, expected.conditional) << role.name << ' ' << action;
        }
    }
    EXPECT_GT(granted, 10'000U);
}

// Names, permissions, scopes and the ids there are; descriptions are in our words.
TEST_F(SharedRoles, AreInTheCatalogsAsInTheirDocuments) {
    const std::map<std::string, std::string> catalog_of{{"002", "azure-2015"},
                                                        {"003", "azure-ai-foundry"}};
    std::map<std::string, std::size_t> seen;
    for (const json::object& line : lines_of(data_ / "seed-roles.jsonl")) {
        const std::string name = line.at("roleName").as_string().c_str();
        const std::string source = std::string(line.at("source").as_string().c_str()).substr(0, 3);
        SCOPED_TRACE(source + ": " + name);
        ASSERT_TRUE(catalog_of.contains(source));
        const domain::Catalog& catalog = find_catalog(catalog_of.at(source))->catalog;
        const bool built_in = line.at("roleType").as_string() == "BuiltInRole";
        ++seen[source];
        const auto& roles = built_in ? catalog.roles : catalog.templates;
        const auto role = std::ranges::find(roles, name, &domain::Role::name);
        ASSERT_NE(role, roles.end());
        if (!line.at("id").is_null()) {
            EXPECT_EQ(role->id, line.at("id").as_string().c_str());
        }
        EXPECT_EQ(role->assignable_scopes, texts(line, "assignableScopes"));
        const json::array& blocks = line.at("permissions").as_array();
        ASSERT_EQ(role->permissions.size(), blocks.size());
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const json::object& block = blocks[i].as_object();
            const domain::PermissionBlock& ours = role->permissions[i];
            EXPECT_EQ(ours.actions, texts(block, "actions"));
            EXPECT_EQ(ours.not_actions, texts(block, "notActions"));
            EXPECT_EQ(ours.data_actions, texts(block, "dataActions"));
            EXPECT_EQ(ours.not_data_actions, texts(block, "notDataActions"));
            ASSERT_EQ(ours.condition.has_value(), !block.at("condition").is_null());
            if (ours.condition) {
                EXPECT_EQ(ours.condition->text, block.at("condition").as_string().c_str());
            }
        }
    }
    EXPECT_EQ(seen["002"], find_catalog("azure-2015")->catalog.roles.size());
    EXPECT_EQ(seen["003"], 8U);
}

}  // namespace
}  // namespace tenure::codec
