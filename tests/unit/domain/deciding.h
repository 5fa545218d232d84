#pragma once
// Deciding: a small world for tests of decide(): a state in maps, a clock that moves on by a second
// with every command, one tenant named "t".

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/decide.h"
#include "support/map_state.h"

namespace tenure::domain {

inline constexpr std::string_view mg = "/providers/Microsoft.Management/managementGroups/";

inline Principal principal(std::string id, PrincipalKind kind = PrincipalKind::user) {
    Principal result;
    result.id = std::move(id);
    result.kind = kind;
    return result;
}

inline Role role(std::string id, std::vector<std::string> scopes = {"/s"},
                 std::vector<std::string> actions = {"App/*/read"}) {
    Role result;
    result.id = id;
    result.name = std::move(id);
    result.assignable_scopes = std::move(scopes);
    result.permissions.emplace_back().actions = std::move(actions);
    return result;
}

inline Role data_role(std::string id, std::vector<std::string> scopes) {
    Role result = role(std::move(id), std::move(scopes));
    result.permissions.front().data_actions = {"App/blobs/read"};
    return result;
}

inline Assignment assignment(std::string id, std::string who, std::string what,
                             std::string where = "/s") {
    Assignment result;
    result.id = std::move(id);
    result.principal = std::move(who);
    result.role = std::move(what);
    result.scope = std::move(where);
    return result;
}

inline DenyAssignment deny(std::string id, std::vector<std::string> principals) {
    DenyAssignment result;
    result.id = std::move(id);
    result.scope = "/s";
    result.principals = std::move(principals);
    result.permissions.emplace_back().actions = {"*"};
    return result;
}

inline std::string condition_of_size(std::size_t size) {
    std::string text = "Exists @Request[x]";
    text.resize(size, ' ');
    return text;
}

class Deciding : public ::testing::Test {
protected:
    Deciding() { allow(CreateTenant{"Test", true, ""}); }

    Command command(CommandBody body, std::string_view tenant = "t") const {
        Command result;
        result.tenant = tenant;
        result.actor = "ada";
        result.body = std::move(body);
        return result;
    }

    Command imported(CommandBody body, Instant at, std::string_view tenant = "t") const {
        Command result = command(std::move(body), tenant);
        result.effective_at = at;
        return result;
    }

    Command imported(CommandBody body) const { return imported(std::move(body), now); }

    // Decides it and lets the events happen.
    std::vector<EventBody> allow(const Command& given) {
        auto decided = decide(state, given, now);
        EXPECT_TRUE(decided) << type_of(given.body) << ": "
                             << (decided ? "" : decided.error().detail);
        if (!decided) return {};
        for (const EventBody& body : decided.value()) happen(given, body);
        now = now + 1'000'000;
        return decided.value();
    }

    std::vector<EventBody> allow(CommandBody body) { return allow(command(std::move(body))); }

    Error refuse(const Command& given) const {
        const auto decided = decide(state, given, now);
        EXPECT_FALSE(decided) << type_of(given.body) << " should be refused";
        return decided ? Error{} : decided.error();
    }

    Error refuse(CommandBody body) const { return refuse(command(std::move(body))); }

    // Refused with this code, about this field, in words that hold all of these.
    void refused(const Command& given, Errc code, std::string_view field,
                 std::initializer_list<std::string_view> words = {}) const {
        const Error error = refuse(given);
        EXPECT_STREQ(name_of(error.code), name_of(code)) << error.detail;
        EXPECT_EQ(error.field, field) << error.detail;
        for (const std::string_view word : words)
            EXPECT_NE(error.detail.find(word), std::string::npos)
                << "'" << word << "' is missing in: " << error.detail;
        EXPECT_FALSE(error.detail.ends_with('.')) << error.detail;
    }

    void refused(CommandBody body, Errc code, std::string_view field,
                 std::initializer_list<std::string_view> words = {}) const {
        refused(command(std::move(body)), code, field, words);
    }

    void happen(const Command& given, const EventBody& body) {
        Event event;
        revision = next(revision);
        event.revision = revision;
        event.recorded_at = now;
        event.effective_at = given.effective_at.value_or(now);
        event.tenant = given.tenant;
        event.actor = given.actor;
        event.body = body;
        state.apply(event);
    }

    // Givens.
    void user(const std::string& id) { allow(CreatePrincipal{principal(id)}); }

    void group(const std::string& id) {
        allow(CreatePrincipal{principal(id, PrincipalKind::group)});
    }

    void defined(Role r) { allow(DefineRole{std::move(r)}); }

    void assigned(Assignment a) { allow(CreateAssignment{std::move(a)}); }

    void built_in(const std::string& id) {
        Role r = role(id, {"/"}, {"*"});
        r.built_in = true;
        allow(command(DefineRole{r}, store_tenant));
    }

    testing::MapState state;
    Instant now{1'700'000'000'000'000};
    Revision revision = revision_none;
};

}  // namespace tenure::domain
