// Created scopes and their explicit parents.

#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class ScopeCommands : public Deciding {
protected:
    void scope(const std::string& path, const std::string& parent = "") {
        allow(CreateScope{path, parent, ""});
    }
};

TEST_F(ScopeCommands, CreateKeepsWhatWasGiven) {
    scope("/M");
    EXPECT_EQ(allow(CreateScope{"/Subs/1", "/m/", "First"}),
              (std::vector<EventBody>{ScopeCreated{"/Subs/1", "/m/", "First"}}));
    EXPECT_EQ(state.scope_chain("t", "/subs/1/rg"),
              (std::vector<std::string>{"/subs/1/rg", "/subs/1", "/m", "/"}));
}

TEST_F(ScopeCommands, CreateRefusesWhatIsThere) {
    scope("/a");
    refused(CreateScope{"/A/", "", ""}, Errc::already_exists, "data.scope", {"'/A/'"});
    refused(CreateScope{"/", "", ""}, Errc::already_exists, "data.scope", {"always there"});
    refused(CreateScope{"/a/*", "", ""}, Errc::invalid_argument, "data.scope");
    refused(CreateScope{"/b", "c", ""}, Errc::invalid_argument, "data.parent");
}

TEST_F(ScopeCommands, ParentMustBeCreatedOrTheRoot) {
    refused(CreateScope{"/a", "/m", ""}, Errc::not_found, "data.parent", {"'/m'", "scope.create"});
    allow(CreateScope{"/a/deep/one", "/", ""});
    EXPECT_EQ(state.scope_chain("t", "/a/deep/one"),
              (std::vector<std::string>{"/a/deep/one", "/"}));
    scope("/m");
    allow(CreateScope{"/a", "/M", ""});
    refused(MoveScope{"/a", "/x"}, Errc::not_found, "data.parent", {"'/x'"});
}

TEST_F(ScopeCommands, CyclesAreRefused) {
    scope("/a");
    scope("/b", "/a");
    scope("/c", "/b");
    refused(MoveScope{"/a", "/c"}, Errc::conflict, "data.parent", {"'/a'", "'/c'"});
    refused(MoveScope{"/a", "/a"}, Errc::conflict, "data.parent");
    scope("/a/child");
    refused(MoveScope{"/a", "/A/child"}, Errc::conflict, "data.parent", {"'/A/child'"});
    refused(CreateScope{"/x", "/x", ""}, Errc::not_found, "data.parent");
}

TEST_F(ScopeCommands, PathsMustNotCloseACycleEither) {
    scope("/a/b", "/");
    scope("/a", "/a/b");
    refused(MoveScope{"/a/b", ""}, Errc::conflict, "data.parent", {"'/a/b'"});
    allow(MoveScope{"/a", ""});
    allow(MoveScope{"/a/b", ""});
}

TEST_F(ScopeCommands, MoveNeedsACreatedScopeAndANewParent) {
    refused(MoveScope{"/a", ""}, Errc::not_found, "data.scope", {"'/a'"});
    scope("/m");
    scope("/a", "/m");
    refused(MoveScope{"/a", "/M"}, Errc::conflict, "data.parent", {"already"});
    EXPECT_EQ(allow(MoveScope{"/A", ""}), (std::vector<EventBody>{ScopeMoved{"/A", ""}}));
    refused(MoveScope{"/a", ""}, Errc::conflict, "data.parent", {"already"});
    EXPECT_EQ(state.scope_chain("t", "/a"), (std::vector<std::string>{"/a", "/"}));
}

TEST_F(ScopeCommands, ExplicitParentsAreLimitedAboveAndBelow) {
    scope("/s0");
    for (std::size_t i = 1; i <= limits::scope_parents_max; ++i)
        scope("/s" + std::to_string(i), "/s" + std::to_string(i - 1));
    const std::string last = "/s" + std::to_string(limits::scope_parents_max);
    refused(CreateScope{"/more", last, ""}, Errc::limit_exceeded, "data.parent", {"'/more'", "65"});
    scope("/top");
    refused(MoveScope{"/s0", "/top"}, Errc::limit_exceeded, "data.parent", {"65"});
    allow(MoveScope{last, "/top"});
    allow(MoveScope{"/s0", "/top"});
}

TEST_F(ScopeCommands, MoveMustNotSeparateAnAssignmentFromItsRolesScope) {
    const std::string m1 = std::string(mg) + "one";
    const std::string m2 = std::string(mg) + "two";
    scope(m1);
    scope(m2);
    scope("/subscriptions/s", m1);
    user("u");
    defined(role("r", {m1}));
    assigned(assignment("a", "u", "r", "/subscriptions/s/rg"));

    refused(MoveScope{"/subscriptions/s", m2}, Errc::conflict, "data.parent",
            {"'a'", "'r'", "one'", "two'"});
    refused(MoveScope{"/subscriptions/s", ""}, Errc::conflict, "data.parent", {"'a'"});

    allow(UpdateRole{role("r", {m1, "/subscriptions/s"})});
    allow(MoveScope{"/subscriptions/s", m2});
}

TEST_F(ScopeCommands, MoveBelowTheSameScopeSeparatesNothing) {
    scope("/m");
    scope("/m2", "/m");
    scope("/s", "/m");
    user("u");
    defined(role("r", {"/m"}));
    built_in("reader");
    assigned(assignment("a", "u", "r", "/s"));
    assigned(assignment("b", "u", "reader", "/s"));
    allow(MoveScope{"/s", "/m2"});
    allow(RevokeAssignment{"a"});
    allow(MoveScope{"/s", "/"});
}

TEST_F(ScopeCommands, CreateMustNotSeparateEither) {
    user("u");
    defined(role("r", {"/a"}));
    assigned(assignment("x", "u", "r", "/a/b/c"));
    scope("/m");
    refused(CreateScope{"/a/b", "/m", ""}, Errc::conflict, "data.parent", {"'x'"});
    allow(CreateScope{"/a/b", "", ""});
}

TEST_F(ScopeCommands, DeleteNeedsNothingInForceThere) {
    scope("/a");
    scope("/a/b");
    refused(DeleteScope{"/a"}, Errc::conflict, "data.scope", {"'/a'", "'/a/b'"});
    allow(DeleteScope{"/a/b"});

    user("u");
    defined(role("r", {"/a"}));
    assigned(assignment("x", "u", "r", "/a/c"));
    refused(DeleteScope{"/a"}, Errc::conflict, "data.scope", {"'/a/c'"});
    allow(RevokeAssignment{"x"});

    DenyAssignment d = deny("d", {"u"});
    d.scope = "/A";
    allow(CreateDeny{d});
    refused(DeleteScope{"/a"}, Errc::conflict, "data.scope");
    allow(DeleteDeny{"d"});

    scope("/m", "/a");
    refused(DeleteScope{"/a"}, Errc::conflict, "data.scope", {"'/m'"});
    allow(DeleteScope{"/m"});

    EXPECT_EQ(allow(DeleteScope{"/A"}), (std::vector<EventBody>{ScopeDeleted{"/A"}}));
    refused(DeleteScope{"/a"}, Errc::not_found, "data.scope");
    scope("/a");  // a path may come back
}

}  // namespace
}  // namespace tenure::domain
