#include "api/event_text.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace tenure::api {
namespace {

domain::Event member_added() {
    domain::Event event;
    event.revision = Revision{12};
    event.effective_at = Instant{0};
    event.actor = "lee";
    event.cause.reason = "new in the team";
    event.cause.ticket = "HR-7";
    event.cause.source = "ldap@17";
    event.body = domain::MemberAdded{"leads", "dana"};
    return event;
}

TEST(EventText, NamesWhoWhenAndWhy) {
    const Events events{{Revision{12}, member_added()}};

    EXPECT_EQ(credit(events, Revision{12}),
              "revision 12, group.memberAdded by lee at 1970-01-01T00:00:00Z: new in the team "
              "[HR-7] (ldap@17)");
    EXPECT_EQ(credit(events, Revision{13}), "revision 13");
}

TEST(EventText, GivesReasonAndTicketAsFarAsThereAreAny) {
    domain::Event event;
    EXPECT_EQ(why(event), "");
    event.cause.ticket = "IT-1";
    EXPECT_EQ(why(event), "[IT-1]");
    event.cause.reason = "audit";
    EXPECT_EQ(why(event), "audit [IT-1]");
}

TEST(EventText, NamesThingsOnce) {
    EXPECT_EQ(named("dana", "Dana Kim"), "Dana Kim (dana)");
    EXPECT_EQ(named("dana", ""), "dana");
    EXPECT_EQ(named("owner", "Owner"), "owner");
}

TEST(EventText, DescribesWhatHappened) {
    EXPECT_EQ(describe(domain::MemberAdded{"leads", "dana"}), "dana joins group leads");
    EXPECT_EQ(describe(domain::ScopeMoved{"/a", ""}), "scope /a now stands by its path");
    EXPECT_EQ(describe(domain::ScopeMoved{"/a", "/b"}), "scope /a now stands under /b");
    EXPECT_EQ(describe(domain::SettingsChanged{{{"a", "1"}, {"b", "2"}}}), "settings: a=1 b=2");

    domain::Assignment assignment;
    assignment.id = "a-1";
    assignment.principal = "dana";
    assignment.role = "reader";
    assignment.scope = "/files";
    assignment.window.end = Instant{0};
    assignment.condition = domain::Condition{"x", "2.0"};
    EXPECT_EQ(describe(domain::AssignmentCreated{assignment}),
              "dana gets role reader at /files, until 1970-01-01T00:00:00Z, with a condition "
              "(assignment a-1)");

    domain::Principal guest;
    guest.id = "priya";
    guest.user_type = domain::UserType::guest;
    guest.redemption = domain::Redemption::pending;
    EXPECT_EQ(describe(domain::PrincipalCreated{guest}),
              "guest priya is created, invitation pending");

    domain::DenyAssignment deny;
    deny.id = "d-1";
    deny.scope = "/";
    deny.principals = {"a", "b", "c", "d", "e"};
    EXPECT_EQ(describe(domain::DenyCreated{deny}),
              "deny assignment d-1 at / for a, b, c and 2 more");
}

// Each kind has words of its own: none falls back to the name of its type.
template <class... Body>
void expect_words_for_all(std::type_identity<std::variant<Body...>>) {
    for (const domain::EventBody& body : {domain::EventBody{Body{}}...}) {
        EXPECT_NE(describe(body), domain::type_of(body));
        EXPECT_FALSE(describe(body).empty());
    }
}

TEST(EventText, HasWordsForEveryKind) {
    expect_words_for_all(std::type_identity<domain::EventBody>{});
}

}  // namespace
}  // namespace tenure::api
