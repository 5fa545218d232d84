// The native API over HTTP: who may ask, freshness, changes with conditions, keep-alive.

#include "server/http.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <future>
#include <sstream>

#include "server/later.h"
#include "server/worker.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

const std::string base = "/v1/tenants/default";

class Http : public ::testing::Test {
protected:
    Http() {
        server_.record(R"({"type":"principal.create","data":{"principal":"ana","kind":"user"}}
{"type":"principal.create","data":{"principal":"bo","kind":"user"}}
{"type":"role.define","data":{"role":"reader","name":"Reader","permissions":[{"actions":["*/read"]}],"assignableScopes":["/s"]}}
{"type":"assignment.create","data":{"assignment":"a1","principal":"ana","role":"reader","scope":"/s"}})");
    }

    static std::string check(const std::string& principal, const std::string& more = {}) {
        return base + "/check?principal=" + principal + "&action=Things/read&scope=/s" + more;
    }

    RunningServer server_;
};

TEST_F(Http, ChecksByUrlAndByBodyAgree) {
    const Answered by_url = server_.get(check("ana"));
    EXPECT_EQ(by_url.status, 200U);
    EXPECT_TRUE(by_url.says(R"("decision":"allow")")) << by_url.body;
    const Answered by_body =
        server_.post(base + "/check", R"({"principal":"bo","action":"Things/read","scope":"/s"})");
    EXPECT_EQ(by_body.status, 200U);
    EXPECT_TRUE(by_body.says(R"("decision":"deny")")) << by_body.body;
}

TEST_F(Http, ABatchAnswersInOrderAndSaysWhatCannotBeAnswered) {
    const Answered answer = server_.post(
        base + "/checks", R"({"checks":[{"principal":"ana","action":"Things/read","scope":"/s"},)"
                          R"({"principal":"ana","action":"Things/write","scope":"/s"},)"
                          R"({"principal":"ana","action":"*","scope":"/s"}]})");
    EXPECT_EQ(answer.status, 200U);
    const auto allow = answer.body.find("\"allow\"");
    const auto deny = answer.body.find("\"deny\"");
    const auto error = answer.body.find("\"invalid_argument\"");
    EXPECT_LT(allow, deny);
    EXPECT_LT(deny, error);
    EXPECT_NE(error, std::string::npos) << answer.body;
}

TEST_F(Http, OneItemOfTheWrongFormRefusesTheBatchAndIsNamed) {
    const std::string good = R"({"principal":"ana","action":"Things/read","scope":"/s"})";
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"principal":"ana","action":"Things/read"})", "checks[1].scope"},
        {R"({"principal":7,"action":"Things/read","scope":"/s"})", "checks[1].principal"},
        {R"({"principal":"ana","action":"Things/read","scope":"/s","colour":1})",
         "checks[1].colour"},
        {R"("ana")", "checks[1]"},
    };
    for (const auto& [bad, field] : cases) {
        const Answered answer =
            server_.post(base + "/checks", R"({"checks":[)" + good + ',' + bad + ',' + good + "]}");
        EXPECT_EQ(answer.status, 400U) << bad;
        EXPECT_TRUE(answer.says("\"field\":\"" + field + '"')) << answer.body;
        EXPECT_FALSE(answer.says("\"answers\"")) << answer.body;
    }
    // AuthZEN says that the others are decided all the same.
    const std::string subject =
        R"("subject":{"type":"user","id":"ana"},"action":{"name":"T/read"})";
    const Answered evaluations =
        server_.post("/tenants/default/access/v1/evaluations",
                     "{" + subject + R"(,"evaluations":[{"resource":{"type":"s","id":"1"}},)" +
                         R"({"resource":{"type":"s"}},{"resource":{"type":"s","id":"2"}}]})");
    EXPECT_EQ(evaluations.status, 200U) << evaluations.body;
    EXPECT_TRUE(evaluations.says("\"status\":400")) << evaluations.body;
    std::size_t decided = 0;
    for (std::size_t at = 0; (at = evaluations.body.find("\"decision\"", at)) != std::string::npos;
         ++at)
        ++decided;
    EXPECT_EQ(decided, 3U) << evaluations.body;
}

TEST_F(Http, EverybodyMayAskAboutThemselvesAndWithTheRightAboutOthers) {
    const std::string bo = server_.token_of("bo");
    EXPECT_EQ(server_.get(check("bo"), bo).status, 200U);
    const Answered refused = server_.get(check("ana"), bo);
    EXPECT_EQ(refused.status, 403U);
    EXPECT_TRUE(refused.says("Tenure.Access/decisions/read at /s")) << refused.body;
    // Reader at /s may read decisions there, and nowhere else.
    const std::string ana = server_.token_of("ana");
    EXPECT_EQ(server_.get(check("bo"), ana).status, 200U);
    EXPECT_EQ(server_.get(base + "/check?principal=bo&action=Things/read&scope=/t", ana).status,
              403U);
    EXPECT_EQ(server_.get(base + "/events", ana).status, 403U);
}

TEST_F(Http, AnswersInTheFormThatIsWanted) {
    const auto ask = [&](const std::string& target, const std::string& accept) {
        return server_.ask({"GET", target, {}, {}, {{"Accept", accept}}});
    };
    const Answered text = ask(check("bo"), "text/plain");
    EXPECT_EQ(text.header("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(text.header("Tenure-Decision"), "deny");
    EXPECT_EQ(text.header("Cache-Control"), "no-store");
    EXPECT_TRUE(text.body.starts_with("deny  as of 2025-06-01T00:00:0")) << text.body;
    EXPECT_TRUE(ask(check("bo"), "text/plain; color=always").body.starts_with("\x1b["));
    for (const char* other : {"*/*", "application/json", "text/html,text/plain"}) {
        const Answered json = ask(check("bo"), other);
        EXPECT_EQ(json.header("Content-Type"), "application/json") << other;
        EXPECT_EQ(json.header("Tenure-Decision"), "") << other;
    }
    // What is kept for ever is kept by form.
    EXPECT_EQ(ask(check("bo", "&revision=3"), "*/*").header("Vary"), "Accept, Authorization");
    EXPECT_EQ(ask(base + "/check", "text/plain").header("Content-Type"),
              "application/problem+json");

    const Answered lines = ask(base + "/events?limit=2", "application/jsonl");
    EXPECT_EQ(lines.header("Content-Type"), "application/jsonl");
    EXPECT_EQ(std::count(lines.body.begin(), lines.body.end(), '\n'), 2) << lines.body;
    EXPECT_EQ(lines.header("Tenure-Next"), "3");
    EXPECT_EQ(ask(base + "/roles/reader", "application/jsonl").header("ETag"), "");
    EXPECT_TRUE(ask("/v1/status", "text/plain").says("connections"));
}

TEST_F(Http, WithoutAGoodTokenNothingIsAnswered) {
    const Answered missing = server_.get(check("ana"), "-");
    EXPECT_EQ(missing.status, 401U);
    EXPECT_EQ(missing.header("WWW-Authenticate"), R"(Bearer realm="tenure")");
    const std::string known = server_.token_of("bo");
    std::string mistyped = known;
    mistyped[20] = mistyped[20] == 'A' ? 'B' : 'A';
    const Answered wrong = server_.get(check("bo"), mistyped);
    EXPECT_EQ(wrong.status, 401U);
    EXPECT_TRUE(wrong.header("WWW-Authenticate").find("invalid_token") != std::string::npos);
    EXPECT_FALSE(wrong.says(mistyped));

    server_.record(R"({"type":"principal.disable","data":{"principal":"bo"}})");
    EXPECT_EQ(server_.get(check("bo"), known).status, 401U);
    server_.record(R"({"type":"principal.enable","data":{"principal":"bo"}})");
    EXPECT_EQ(server_.get(check("bo"), known).status, 200U);
    EXPECT_EQ(server_.get("/v1/tenants/other/check?principal=bo&action=a&scope=/", known).status,
              401U);
}

TEST_F(Http, ATokenMayBeLimitedToActionsAndEnded) {
    const Answered made =
        server_.post(base + "/tokens", R"({"principal":"owner","actions":["Tenure.Access/*"]})");
    ASSERT_EQ(made.status, 201U) << made.body;
    const auto member = [&](const std::string& name) {
        const std::size_t at = made.body.find('"' + name + "\":\"") + name.size() + 4;
        return made.body.substr(at, made.body.find('"', at) - at);
    };
    const std::string token = member("token");
    EXPECT_EQ(server_.get(check("ana"), token).status, 200U);
    EXPECT_EQ(server_.get(base + "/events", token).status, 403U);
    EXPECT_EQ(
        server_
            .post(base + "/commands", R"({"commands":[{"type":"tenant.seal","data":{}}]})", token)
            .status,
        403U);
    EXPECT_EQ(server_.ask({"DELETE", base + "/tokens/" + member("id")}).status, 200U);
    EXPECT_EQ(server_.get(check("ana"), token).status, 401U);
}

TEST_F(Http, ARightToAskForAWhileEndsWithItsWindow) {
    const std::string bo = server_.token_of("bo");
    const auto others = [&] { return server_.get(check("ana"), bo).status; };
    EXPECT_EQ(others(), 403U);
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"for-an-hour","principal":"bo","role":"owner","scope":"/","end":"2025-06-01T01:00:00Z"}})");
    EXPECT_EQ(others(), 200U);
    EXPECT_EQ(others(), 200U);
    // Nothing is recorded; it ends all the same, and at once.
    server_.clock().advance_ms(3'599'000);
    EXPECT_EQ(others(), 200U);
    server_.clock().advance_ms(1'000);
    EXPECT_EQ(others(), 403U);

    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"for-an-hour"}})");
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"for-good","principal":"bo","role":"owner","scope":"/"}})");
    EXPECT_EQ(others(), 200U);
    EXPECT_EQ(others(), 200U);
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"for-good"}})");
    EXPECT_EQ(others(), 403U);
}

TEST_F(Http, TokensAreListedWithTheirLastUse) {
    const std::string ana = server_.token_of("ana");
    const std::string bo = server_.token_of("bo", {"Things/*"});
    const auto listed = [&](const std::string& principal, const std::string& token = {}) {
        return server_.get(base + "/tokens?principal=" + principal, token);
    };
    const Answered unused = listed("ana");
    ASSERT_EQ(unused.status, 200U) << unused.body;
    EXPECT_TRUE(unused.says(R"("principal":"ana")")) << unused.body;
    EXPECT_TRUE(unused.says(R"("revoked":false)")) << unused.body;
    EXPECT_FALSE(unused.says("lastUsed")) << unused.body;
    EXPECT_TRUE(unused.says(R"("usesSince":"2025-06-01T00:00:00)")) << unused.body;
    EXPECT_FALSE(unused.says("\"bo\"")) << unused.body;
    EXPECT_EQ(unused.header("Cache-Control"), "no-store");

    EXPECT_EQ(server_.get(check("ana"), ana).status, 200U);
    EXPECT_TRUE(listed("ana").says(R"("lastUsed":"2025-06-01T00:00:00Z")")) << listed("ana").body;
    // Also when it is remembered who it stands for; a refusal of the route is a use all the same.
    server_.clock().advance_ms(3'000);
    EXPECT_EQ(server_.get(base + "/events", ana).status, 403U);
    server_.clock().advance_ms(3'000);
    EXPECT_EQ(server_.get(base + "/events", ana).status, 403U);
    EXPECT_TRUE(listed("ana").says(R"("lastUsed":"2025-06-01T00:00:06Z")")) << listed("ana").body;
    EXPECT_FALSE(listed("bo").says("lastUsed"));
    EXPECT_TRUE(listed("bo").says(R"("actions":["Things/*"])"));

    // One's own, and with the right all.
    EXPECT_EQ(listed("bo", bo).status, 200U);
    EXPECT_EQ(listed("ana", bo).status, 403U);
    EXPECT_EQ(server_.get(base + "/tokens", bo).status, 403U);
    const Answered all = server_.get(base + "/tokens");
    EXPECT_TRUE(all.says("\"owner\"") && all.says("\"ana\"") && all.says("\"bo\"")) << all.body;
    EXPECT_FALSE(server_.get(base + "/tokens?revision=3").says("\"ana\""));
    // In pages.
    const auto after = [](const std::string& body, const std::string& mark) {
        const std::size_t at = body.find(mark);
        if (at == std::string::npos) return std::string{};
        const std::size_t begin = at + mark.size();
        return body.substr(begin, body.find('"', begin) - begin);
    };
    std::string cursor = "";
    for (const char* principal : {"ana", "bo", "owner"}) {
        const Answered page = server_.get(base + "/tokens?limit=1" + cursor);
        ASSERT_EQ(page.status, 200U) << page.body;
        EXPECT_EQ(after(page.body, R"("principal":")"), principal) << page.body;
        EXPECT_TRUE(page.says("usesSince"));
        cursor = "&cursor=" + server::percent_encoded(after(page.body, R"("next":")"));
    }
    EXPECT_EQ(cursor, "&cursor=") << "the last page has no next";
    EXPECT_EQ(server_.get(base + "/tokens?limit=0").status, 400U);
    const Answered text =
        server_.ask({"GET", base + "/tokens", {}, {}, {{"Accept", "text/plain"}}});
    EXPECT_TRUE(text.says("LAST USED") && text.says("at this server, since it started"))
        << text.body;
    // Known of this server since it started.
    server_.restart();
    EXPECT_FALSE(listed("ana").says("lastUsed"));
}

TEST_F(Http, TheLastUseOfOnlySoManyTokensIsRemembered) {
    RunningServer small{[](server::Settings& settings) { settings.limits.token_uses_max = 1; }};
    const std::string second = small.token_of("owner");
    EXPECT_EQ(small.get(base + "/tokens").status, 200U);
    const Answered listed = small.get(base + "/tokens", second);
    const std::size_t first = listed.body.find("lastUsed");
    EXPECT_NE(first, std::string::npos) << listed.body;
    EXPECT_EQ(listed.body.find("lastUsed", first + 1), std::string::npos) << listed.body;
    EXPECT_TRUE(listed.says(R"("usesComplete":false)")) << listed.body;
    const Answered text = small.ask({"GET", base + "/tokens", {}, {}, {{"Accept", "text/plain"}}});
    EXPECT_TRUE(text.says("more than its token_uses_max")) << text.body;
    EXPECT_TRUE(small.get("/metrics", "-").says(R"(limit="token_uses_max"} 1)"));
    EXPECT_FALSE(server_.get(base + "/tokens").says("usesComplete"));
}

TEST_F(Http, AWriteReturnsItsRevisionAndReadsMayWaitForIt) {
    const Answered written = server_.post(
        base + "/commands",
        R"({"commands":[{"type":"principal.create","data":{"principal":"kim","kind":"user"}}]})");
    ASSERT_EQ(written.status, 200U) << written.body;
    const std::string revision = written.header("Tenure-Revision");
    EXPECT_EQ(server_.get(check("kim", "&at_least=" + revision)).status, 200U);

    const std::uint64_t next = std::stoull(revision) + 1;
    const Answered late = server_.get(check("kim", "&at_least=" + std::to_string(next)));
    EXPECT_EQ(late.status, 503U);
    EXPECT_EQ(late.header("Retry-After"), "1");
}

TEST_F(Http, AWaitingReadIsAnsweredAsSoonAsTheRevisionIsThere) {
    RunningServer patient{[](server::Settings& settings) { settings.limits.wait_max_ms = 60'000; }};
    const std::uint64_t next = patient.node().status().committed.value + 1;
    auto waiting = std::async(std::launch::async, [&] {
        return patient.get(
            base + "/check?principal=owner&action=a&scope=/&at_least=" + std::to_string(next));
    });
    patient.record(R"({"type":"principal.create","data":{"principal":"x","kind":"user"}})");
    EXPECT_EQ(waiting.get().status, 200U);
}

TEST_F(Http, ARepeatedIdempotencyKeyGivesTheFirstAnswer) {
    const std::string body =
        R"({"commands":[{"type":"principal.create","data":{"principal":"kim","kind":"user"}}]})";
    const Asked asked{"POST", base + "/commands", body, {}, {{"Idempotency-Key", "k-1"}}};
    const Answered first = server_.ask(asked);
    const Answered second = server_.ask(asked);
    EXPECT_EQ(first.status, 200U);
    EXPECT_EQ(second.status, 200U);
    EXPECT_EQ(first.header("Tenure-Revision"), second.header("Tenure-Revision"));
    EXPECT_TRUE(second.says(R"("repeated":true)")) << second.body;
    Asked other = asked;
    other.body =
        R"({"commands":[{"type":"principal.create","data":{"principal":"lee","kind":"user"}}]})";
    EXPECT_EQ(server_.ask(other).status, 409U);
}

TEST_F(Http, ARepeatIsAnsweredBeforeItsPreconditions) {
    const std::string role =
        R"({"roleName":"Mixer","permissions":[{"actions":["Mix/read"]}],"assignableScopes":["/s"]})";
    const std::string wider =
        R"({"roleName":"Mixer","permissions":[{"actions":["Mix/*"]}],"assignableScopes":["/s"]})";
    const auto expect_repeated = [&](const Asked& asked) {
        const Answered first = server_.ask(asked);
        EXPECT_EQ(first.status, 200U) << first.body;
        const Answered second = server_.ask(asked);
        EXPECT_EQ(second.status, 200U) << second.body;
        EXPECT_TRUE(second.says(R"("repeated":true)")) << second.body;
        EXPECT_EQ(first.header("Tenure-Revision"), second.header("Tenure-Revision"));
    };
    // Made by the first, so the second would be an update of it.
    const Asked made{"PUT", base + "/roles/mixer", role, {}, {{"Idempotency-Key", "k-1"}}};
    expect_repeated(made);
    const std::string tag = server_.get(base + "/roles/mixer").header("ETag");
    expect_repeated(
        {"PUT", base + "/roles/mixer", wider, {}, {{"Idempotency-Key", "k-2"}, {"If-Match", tag}}});
    expect_repeated(
        {"PUT",
         base + "/roles/other",
         R"({"roleName":"Other","permissions":[{"actions":["Mix/read"]}],"assignableScopes":["/s"]})",
         {},
         {{"Idempotency-Key", "k-3"}, {"If-None-Match", "*"}}});
    // The update stays done when the role has gone, and so does its making.
    const std::string newer = server_.get(base + "/roles/mixer").header("ETag");
    expect_repeated({"DELETE",
                     base + "/roles/mixer",
                     {},
                     {},
                     {{"Idempotency-Key", "k-4"}, {"If-Match", newer}}});
    EXPECT_TRUE(server_.ask(made).says(R"("repeated":true)"));
    EXPECT_EQ(server_.get(base + "/roles/mixer").status, 404U);
    // The key stands for the whole change.
    Asked different = made;
    different.body = wider;
    EXPECT_EQ(server_.ask(different).status, 409U);
    EXPECT_EQ(server_.get(base + "/roles/mixer").status, 404U);
    // Without a key the precondition holds.
    EXPECT_EQ(server_.ask({"PUT", base + "/roles/mixer", wider, {}, {{"If-Match", tag}}}).status,
              412U);
}

TEST_F(Http, IfMatchGuardsAChangeAgainstOthers) {
    const std::string role =
        R"({"roleName":"Mixer","permissions":[{"actions":["Mix/read"]}],"assignableScopes":["/s"]})";
    ASSERT_EQ(
        server_.ask({"PUT", base + "/roles/mixer", role, {}, {{"If-None-Match", "*"}}}).status,
        200U);
    EXPECT_EQ(
        server_.ask({"PUT", base + "/roles/mixer", role, {}, {{"If-None-Match", "*"}}}).status,
        412U);
    const std::string tag = server_.get(base + "/roles/mixer").header("ETag");
    const std::string wider =
        R"({"roleName":"Mixer","permissions":[{"actions":["Mix/*"]}],"assignableScopes":["/s"]})";
    server_.record(R"({"type":"principal.create","data":{"principal":"other","kind":"user"}})");
    EXPECT_EQ(server_.ask({"PUT", base + "/roles/mixer", wider, {}, {{"If-Match", tag}}}).status,
              200U);
    const Answered late =
        server_.ask({"PUT", base + "/roles/mixer", role, {}, {{"If-Match", tag}}});
    EXPECT_EQ(late.status, 412U) << late.body;
    EXPECT_TRUE(late.says("read it again"));
    EXPECT_EQ(server_.ask({"DELETE", base + "/roles/mixer", {}, {}, {{"If-Match", tag}}}).status,
              412U);
}

TEST_F(Http, IfNoneMatchGuardsARoleAgainstOneThatIsKnown) {
    const std::string role =
        R"({"roleName":"Mixer","permissions":[{"actions":["Mix/read"]}],"assignableScopes":["/s"]})";
    const std::string wider =
        R"({"roleName":"Mixer","permissions":[{"actions":["Mix/*"]}],"assignableScopes":["/s"]})";
    const auto put = [&](const std::string& body, const std::string& tags) {
        return server_.ask({"PUT", base + "/roles/mixer", body, {}, {{"If-None-Match", tags}}});
    };
    EXPECT_EQ(put(role, "\"1\"").status, 200U) << "there is none yet";
    const std::string tag = server_.get(base + "/roles/mixer").header("ETag");
    const Answered same = put(wider, tag);
    EXPECT_EQ(same.status, 412U) << same.body;
    EXPECT_TRUE(same.says(R"("field":"If-None-Match")")) << same.body;
    EXPECT_EQ(put(wider, "\"1\", " + tag).status, 412U);
    EXPECT_EQ(put(wider, "\"1\" ,\"2\"").status, 200U);
    // Weak tags are compared as strong ones are (RFC 9110, 13.1.2).
    const std::string newer = server_.get(base + "/roles/mixer").header("ETag");
    EXPECT_EQ(put(role, "W/" + newer).status, 412U);
    EXPECT_EQ(put(role, "\"1\", W/" + newer).status, 412U);
    EXPECT_EQ(put(role, "W/\"1\"").status, 200U);
    for (const std::string malformed :
         {"", "5", "\"x\"", "\"1\",", "w/\"1\"", "W/1", "*, \"1\"", "\"1\" \"2\"", "\"1"}) {
        const Answered answer = put(role, malformed);
        EXPECT_EQ(answer.status, 400U) << malformed << ' ' << answer.body;
        EXPECT_TRUE(answer.says(R"("field":"If-None-Match")")) << answer.body;
    }
}

TEST_F(Http, AHeaderThatIsPassedOverIsRefusedInstead) {
    const std::string role =
        R"({"roleName":"Mixer","permissions":[{"actions":["Mix/read"]}],"assignableScopes":["/s"]})";
    const std::string create =
        R"({"commands":[{"type":"principal.create","data":{"principal":"kim","kind":"user"}}]})";
    const auto refused = [&](Asked asked, const std::string& header, const std::string& value) {
        asked.headers.emplace_back(header, value);
        const Answered answer = server_.ask(asked);
        EXPECT_EQ(answer.status, 400U) << asked.target << ' ' << header << ' ' << answer.body;
        EXPECT_TRUE(answer.says("\"field\":\"" + header + '"')) << answer.body;
    };
    for (const char* none : {"", "x", "\"\""}) {
        refused({"PUT", base + "/roles/mixer", role}, "If-Match", none);
        refused({"DELETE", base + "/roles/reader"}, "If-Match", none);
        refused({"PATCH", base + "/assignments/a1", R"({"description":"d"})"}, "If-Match", none);
        refused({"DELETE", base + "/assignments/a1"}, "If-Match", none);
    }
    for (const char* header : {"If-Match", "If-None-Match"}) {
        refused({"POST", base + "/commands", create}, header, "*");
        refused(
            {"PUT", base + "/assignments/a9", R"({"principal":"bo","role":"reader","scope":"/s"})"},
            header, "*");
        refused({"POST", base + "/tokens", R"({"principal":"bo"})"}, header, "*");
    }
    refused({"DELETE", base + "/assignments/a1"}, "If-None-Match", "*");
    refused({"DELETE", base + "/roles/reader"}, "If-None-Match", "*");
    refused({"POST", base + "/commands", create}, "Idempotency-Key", "");
    EXPECT_EQ(server_.get(base + "/principals/kim").status, 404U);
}

TEST_F(Http, AHeaderThatSaysOneThingIsGivenOnce) {
    const std::string body =
        R"({"commands":[{"type":"principal.create","data":{"principal":"kim","kind":"user"}}]})";
    const auto sent = [&](const std::string& headers) {
        return server_.exchange("POST " + base +
                                "/commands HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                "Content-Type: application/json\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
    };
    const std::string signed_in = "Authorization: Bearer " + server_.owner_token() + "\r\n";
    for (const std::string header : {"Idempotency-Key", "Tenure-Reason", "Tenure-Ticket"}) {
        const std::string got = sent(signed_in + header + ": a\r\n" + header + ": a\r\n");
        EXPECT_TRUE(got.starts_with("HTTP/1.1 400 ")) << got;
        EXPECT_NE(got.find("\"field\":\"" + header + '"'), std::string::npos) << got;
    }
    const std::string twice = sent(signed_in + signed_in);
    EXPECT_TRUE(twice.starts_with("HTTP/1.1 400 ")) << twice;
    EXPECT_NE(twice.find(R"("field":"Authorization")"), std::string::npos) << twice;
    EXPECT_EQ(server_.get(base + "/principals/kim").status, 404U);
}

TEST_F(Http, ErrorsAboutTheCommandIdNameTheHeaderItCameBy) {
    const auto create = [&](const std::string& principal, const std::string& key) {
        return server_.ask({"POST",
                            base + "/commands",
                            R"({"commands":[{"type":"principal.create","data":{"principal":")" +
                                principal + R"(","kind":"user"}}]})",
                            {},
                            {{"Idempotency-Key", key}}});
    };
    EXPECT_EQ(create("kim", "k-1").status, 200U);
    const Answered other = create("lee", "k-1");
    EXPECT_EQ(other.status, 409U);
    EXPECT_TRUE(other.says(R"("field":"Idempotency-Key")")) << other.body;
    const Answered too_long = create("lee", std::string(300, 'k'));
    EXPECT_EQ(too_long.status, 422U);
    EXPECT_TRUE(too_long.says(R"("field":"Idempotency-Key")")) << too_long.body;
}

TEST_F(Http, AnswersAboutClosedMomentsMayBeKeptForEver) {
    const Instant then = server_.clock().now();
    server_.clock().advance_ms(1000);
    const std::string target = check("ana", "&at=" + format_instant(then));
    const Answered first = server_.get(target);
    EXPECT_EQ(first.header("Cache-Control"), "private, max-age=31536000, immutable");
    ASSERT_FALSE(first.header("ETag").empty());
    EXPECT_EQ(
        server_.ask({"GET", target, {}, {}, {{"If-None-Match", first.header("ETag")}}}).status,
        304U);
    const auto held = [&](const std::string& tags) {
        return server_.ask({"GET", target, {}, {}, {{"If-None-Match", tags}}}).status;
    };
    EXPECT_EQ(held("W/" + first.header("ETag")), 304U);
    EXPECT_EQ(held("\"a,b\", W/" + first.header("ETag")), 304U);
    EXPECT_EQ(held("*"), 304U);
    EXPECT_EQ(held("\"x" + first.header("ETag") + '"'), 200U) << "part of another tag";
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"a1"}})");
    EXPECT_EQ(server_.get(target).body, first.body);
    server_.restart();
    EXPECT_EQ(server_.get(target).body, first.body);
    ASSERT_TRUE(server_.node().rebuild().has_value());
    EXPECT_EQ(server_.get(target).body, first.body);

    const Answered now = server_.get(check("ana"));
    EXPECT_EQ(now.header("Cache-Control"), "no-store");
    EXPECT_TRUE(now.says("\"deny\""));
}

TEST_F(Http, AnswersAboutNowAreNotKeptHoweverNowIsSpelled) {
    const std::string newest = std::to_string(server_.node().status().committed.value);
    for (const std::string& target :
         {check("ana", "&at=now"), check("ana", "&revision=9&known_at=now"), base + "/diff?from=1",
          base + "/diff?from=1&to=now", base + "/diff?from=now&to=9",
          base + "/roles/reader/diff?from=" + newest,
          base + "/roles/reader/diff?from=" + newest + "&to=" + newest + "&known_at=now"})
        EXPECT_EQ(server_.get(target).header("Cache-Control"), "no-store") << target;
    EXPECT_EQ(server_.get(base + "/diff?from=1&to=8").header("Cache-Control"),
              "private, max-age=31536000, immutable");
}

TEST_F(Http, RolesAreComparedAndTheLeastIsFound) {
    server_.record(
        R"({"type":"role.define","data":{"role":"writer","name":"Writer","permissions":[{"actions":["Things/*"]}],"assignableScopes":["/s"]}})");
    const Answered difference = server_.get(base + "/roles/reader/diff?other=writer");
    EXPECT_EQ(difference.status, 200U);
    EXPECT_TRUE(difference.says(R"({"member":"actions","removed":"*/read"})")) << difference.body;
    EXPECT_TRUE(difference.says(R"({"member":"actions","added":"Things/*"})"));
    EXPECT_EQ(server_.get(base + "/roles/reader/diff?other=none").status, 404U);

    const std::string scope = R"(,"scope":"/s","limit":1})";
    const Answered read =
        server_.post(base + "/least-roles", R"({"actions":["Things/read"])" + scope);
    EXPECT_TRUE(read.says(R"("choices":[{"roles":[{"role":)")) << read.body;
    const Answered write =
        server_.post(base + "/least-roles", R"({"actions":["Things/write"])" + scope);
    EXPECT_TRUE(write.says(R"("role":"writer")")) << write.body;
    EXPECT_EQ(server_.post(base + "/least-roles", "{}").status, 400U);
    EXPECT_EQ(server_.post(base + "/least-roles", R"({"task":"Make coffee"})").status, 404U);
    const std::string bo = server_.token_of("bo");
    EXPECT_EQ(server_.get(base + "/roles/reader/diff?from=1", bo).status, 403U);
    EXPECT_EQ(server_.post(base + "/least-roles", R"({"actions":["Things/read"]})", bo).status,
              403U);
}

TEST_F(Http, OnlyTheOperatorMakesTenants) {
    const std::string body = R"({"commands":[{"type":"tenant.create","data":{"owner":"fay"}}]})";
    const std::string target = "/v1/tenants/fabrikam/commands";
    EXPECT_EQ(server_.post(target, body).status, 401U);
    EXPECT_EQ(server_.post(base + "/commands", body).status, 403U);
    RunningServer open{[](server::Settings& settings) { settings.authentication = false; }};
    const Answered made = open.post(target, body, "-");
    EXPECT_EQ(made.status, 200U) << made.body;
    EXPECT_EQ(open.get("/v1/tenants/fabrikam/me", open.token_of("owner")).status, 401U);
}

TEST_F(Http, ManyRequestsShareOneConnectionAndMayBeSentAhead) {
    const std::string one = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string last = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    std::string all;
    for (int i = 0; i < 100; ++i) all += one;
    const std::string got = server_.exchange(all + last);
    std::size_t answers = 0;
    for (std::size_t at = got.find("HTTP/1.1 200"); at != std::string::npos;
         at = got.find("HTTP/1.1 200", at + 1))
        ++answers;
    EXPECT_EQ(answers, 101U);
    EXPECT_TRUE(got.ends_with("ready\n"));
}

TEST_F(Http, WhatIsNoHttpIsRefusedAndTheConnectionEnds) {
    const std::string host = "Host: x\r\n";
    const std::string chunked = "POST /v1/tenants/default/check HTTP/1.1\r\n" + host +
                                "Authorization: Bearer " + server_.owner_token() +
                                "\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::string many_extensions;
    for (int each = 0; each < 60; ++each)
        many_extensions += "1;" + std::string(1'000, 'x') + "\r\n \r\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"NONSENSE\r\n\r\n", "400"},
        {"GET /healthz HTTP/2.0\r\n\r\n", "505"},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
        {"GET /healthz HTTP/0.9\r\n\r\n", "505"},
        {"GET /healthz HTTP/2\r\n\r\n", "400"},
        {"GET /healthz HTTQ/2.0\r\n\r\n", "400"},
        {"GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        {"POST /v1/tenants/default/check HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n",
         "400"},
        {"GET http://x/healthz HTTP/1.1\r\n\r\n", "400"},
        {"\r\n\r\nGET /healthz HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"GET /healthz HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n", "400"},
        {"GET /healthz HTTP/1.1\r\n" + host + "X: a\r\n\tb\r\n\r\n", "400"},
        {"GET /healthz HTTP/1.1\r\n" + host + "X:\r\n b\r\n\r\n", "400"},
        {"GET /healthz HTTP/1.1\r\n" + host + "X: a\r\n \r\n\r\n", "400"},
        {"GET /healthz HTTP/1.1\r\n" + host + " X: a\r\n\r\n", "400"},
        {chunked + "1;" + std::string(60'000, 'x') + "\r\n{\r\n0\r\n\r\n", "431"},
        {chunked + many_extensions + "0\r\n\r\n", "431"},
        {chunked + "0\r\nX: " + std::string(60'000, 'x') + "\r\n\r\n", "431"},
        {"GET /healthz HTTP/1.1\r\n\r\n", "400"},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        {"POST /v1/tenants/default/check HTTP/1.1\r\n" + host +
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "400"},
        {"POST /v1/tenants/default/check HTTP/1.1\r\n" + host +
             "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
         "400"},
        {"GET /healthz HTTP/1.1\r\n" + host + "X: " + std::string(20'000, 'x') + "\r\n\r\n", "431"},
        {"POST /v1/tenants/default/check HTTP/1.1\r\n" + host +
             "Content-Length: 99999999\r\n\r\nabcde",
         "413"},
        {"GET /%zz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "400"},
        {"GET /a%00b HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "400"},
        {"GET /v1/../../etc/passwd HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "404"},
        {"GET http://x/healthz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "200"},
        {"GET HTTPS://y:1/healthz?a=1 HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "200"},
        {"GET http://x HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "404"},
        {"GET http://x?a=1 HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "404"},
        {"GET http:///healthz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "400"},
        {"GET http://me@x/healthz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "400"},
        {"GET ftp://x/healthz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "400"},
        {"OPTIONS * HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "400"},
        {"\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "200"},
        {"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + host + "X: \r\nY:\r\n\r\n", "200"},
        {"BREW /healthz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n", "405"},
    };
    for (const auto& [bytes, status] : cases) {
        const std::string got = server_.exchange(bytes);
        EXPECT_EQ(got.substr(0, 12), "HTTP/1.1 " + status) << bytes.substr(0, 80) << '\n' << got;
        EXPECT_NE(got.find("Connection: close"), std::string::npos);
    }
}

TEST_F(Http, AnEmptyLineBetweenRequestsIsPassedOver) {
    const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
    const std::string got =
        server_.exchange(request + "\r\n\r\n" + request + "Connection: close\r\n\r\n");
    std::size_t answers = 0;
    for (std::size_t at = 0; (at = got.find("HTTP/1.1 200 ", at)) != std::string::npos; ++at)
        ++answers;
    EXPECT_EQ(answers, 2U) << got;
}

TEST_F(Http, ABodyIsNotWaitedForWhereNobodyMayAsk) {
    const auto sent = [&](const std::string& path, const std::string& headers) {
        return server_.exchange("POST " + path +
                                " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
                                headers + "\r\n");
    };
    // Nothing of the body is ever sent.
    const std::string length = "Content-Length: 100000\r\n";
    const std::string none = sent(base + "/check", length);
    EXPECT_TRUE(none.starts_with("HTTP/1.1 401 ")) << none;
    EXPECT_NE(none.find("Connection: close\r\n"), std::string::npos) << none;
    const std::string wrong =
        sent(base + "/check", length + "Authorization: Bearer tenure_wrong\r\n");
    EXPECT_TRUE(wrong.starts_with("HTTP/1.1 401 ")) << wrong;
    const std::string waiting = sent(base + "/check", length + "Expect: 100-continue\r\n");
    EXPECT_TRUE(waiting.starts_with("HTTP/1.1 401 ")) << waiting;
    const std::string nowhere = sent("/v1/nothing", "Transfer-Encoding: chunked\r\n");
    EXPECT_TRUE(nowhere.starts_with("HTTP/1.1 404 ")) << nowhere;
    // Part of a body that is sent does no harm either.
    const std::string some = server_.exchange("POST " + base + "/check HTTP/1.1\r\nHost: x\r\n" +
                                              length + "\r\n" + std::string(90'000, 'x'));
    EXPECT_TRUE(some.starts_with("HTTP/1.1 401 ")) << some;
    const std::string text = server_.get("/metrics", "-").body;
    EXPECT_NE(text.find(R"(tenure_authentications_total{result="refused"} 4)"), std::string::npos)
        << text;
}

// Whatever else the header says: nothing of the body is sent, so what is answered did not wait.
TEST_F(Http, WhatTheHeaderIsRefusedForComesBeforeTheBody) {
    const std::string length = "Content-Length: 100000\r\n";
    const auto sent = [&](const std::string& line, const std::string& headers) {
        return server_.exchange(line + "\r\n" + headers + "\r\n").substr(0, 13);
    };
    const std::string check = base + "/check";
    const std::string host = "Host: x\r\n" + length;
    EXPECT_EQ(sent("POST http://x" + check + " HTTP/1.1", host), "HTTP/1.1 401 ");
    EXPECT_EQ(sent("POST http://x/nothing HTTP/1.1", host), "HTTP/1.1 404 ");
    EXPECT_EQ(sent("POST ftp://x" + check + " HTTP/1.1", host), "HTTP/1.1 400 ");
    EXPECT_EQ(sent("POST " + check + " HTTP/1.1", host + "Host: y\r\n"), "HTTP/1.1 400 ");
    EXPECT_EQ(sent("POST " + check + " HTTP/1.1", length), "HTTP/1.1 400 ");
    EXPECT_EQ(
        sent("POST " + check + " HTTP/1.1", "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n"),
        "HTTP/1.1 400 ");
    EXPECT_EQ(sent("POST " + check + " HTTP/1.0", "Transfer-Encoding: chunked\r\n"),
              "HTTP/1.1 400 ");
    EXPECT_EQ(sent("GET " + base + "/query HTTP/1.1",
                   host + "Authorization: Bearer " + server_.owner_token() +
                       "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: tenure.query.v1\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
              "HTTP/1.1 400 ");
}

TEST_F(Http, OnlyWhoSpeaksHttp11IsToldToGoOn) {
    RunningServer hasty{[](server::Settings& settings) { settings.limits.request_timeout_ms = 1; }};
    // Waits for the rest of the body until there is no time left.
    const auto sent = [&](const std::string& version) {
        return hasty.exchange("POST " + base + "/check HTTP/" + version +
                              "\r\nHost: x\r\nContent-Length: 2\r\nAuthorization: Bearer " +
                              hasty.owner_token() + "\r\nExpect: 100-continue\r\n\r\n{");
    };
    EXPECT_EQ(sent("1.1"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(sent("1.0"), "");
}

// A connection that is closed while bytes come that nobody reads takes the answer with it.
TEST_F(Http, WhoSendsALongBodyInVainIsTold) {
    const std::string body(3U << 20U, 'x');
    const std::string got = server_.exchange(
        "POST " + base + "/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
        "Authorization: Bearer tenure_wrong\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body);
    EXPECT_TRUE(got.starts_with("HTTP/1.1 401 ")) << got.substr(0, 100);
}

// Some clients send one after a body; it is no beginning of a request.
TEST_F(Http, AConnectionIsIdleAfterAnEmptyLine) {
    RunningServer patient{[](server::Settings& settings) {
        settings.limits.request_timeout_ms = 60'000;
        settings.limits.stop_timeout_ms = 60'000;
    }};
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket client{context};
    client.connect({boost::asio::ip::address_v4::loopback(), patient.port()});
    const std::string bytes = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\r\n";
    boost::asio::write(client, boost::asio::buffer(bytes));
    std::array<char, 1'024> part{};
    EXPECT_GT(client.read_some(boost::asio::buffer(part)), 0U);
    auto stopping = std::async(std::launch::async, [&] { patient.server().stop(); });
    ASSERT_EQ(stopping.wait_for(std::chrono::seconds{30}), std::future_status::ready);
}

TEST_F(Http, BodiesThatAreWrongAreToldWhere) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"{", "body"},
        {"[]", "object"},
        {R"({"principal":"ana","action":"a"})", "'scope' is missing"},
        {R"({"principal":1,"action":"a","scope":"/"})", "principal"},
        {R"({"principal":"ana","action":"a","scope":"/","colour":1})", "'colour'"},
        {R"({"principal":"ana","principal":"bo","action":"a","scope":"/"})", "principal"},
        {R"({"principal":"ana","action":"a","scope":"/","at":"yesterday"})", "yesterday"},
        {R"({"principal":"ana","action":"a","scope":"/","at":null})", "null is not a time"},
        {R"({"principal":"ana","action":"a","scope":"/","time":null})", "null is not a time"},
        {R"({"principal":"ana","action":"a","scope":"/","knownAt":null})", "null is not a time"},
        {R"({"principal":"ana","action":"a","scope":"/","revision":-1})", "revision"},
        {R"({"principal":"ana","action":"a","scope":"/","revision":1e99})", "revision"},
        {"{\"principal\":\"\xff\",\"action\":\"a\",\"scope\":\"/\"}", "syntax error"},
        {std::string(100, '[') + std::string(100, ']'), "body"},
    };
    for (const auto& [body, text] : cases) {
        const Answered answer = server_.post(base + "/check", body);
        EXPECT_EQ(answer.status, 400U) << body << '\n' << answer.body;
        EXPECT_TRUE(answer.says(text)) << body << '\n' << answer.body;
        EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    }
    const Answered versioned = server_.ask(
        {"PATCH", base + "/assignments/a1", R"({"condition":null,"conditionVersion":"2.0"})"});
    EXPECT_EQ(versioned.status, 400U);
    EXPECT_TRUE(versioned.says("given without a condition")) << versioned.body;
    EXPECT_EQ(
        server_.ask({"POST", base + "/check", "{}", {}, {{"Content-Type", "text/plain"}}}).status,
        415U);
    EXPECT_TRUE(server_.get(check("ana", "&colour=red")).says("'colour'"));
    EXPECT_TRUE(server_.get(check("ana", "&scope=/")).says("twice"));
}

TEST_F(Http, AWholeNumberIsWholeHoweverItIsWritten) {
    const auto check = [&](const std::string& revision) {
        return server_
            .post(base + "/check", R"({"principal":"ana","action":"Things/read","scope":"/s",)"
                                   R"("attributes":{"resource":{"size":3.0}},"revision":)" +
                                       revision + '}')
            .status;
    };
    EXPECT_EQ(check("3"), 200U);
    EXPECT_EQ(check("3.0"), 200U);
    EXPECT_EQ(check("0.3e1"), 200U);
    EXPECT_EQ(check("1961134945914879.0"), 503U) << "a revision that is not here yet";
    EXPECT_EQ(check("3.5"), 400U);
    EXPECT_EQ(check("-3.0"), 400U);
    EXPECT_EQ(check("9007199254740993.0"), 400U);
}

TEST_F(Http, ABodyIsOneObjectAndNothingAfterIt) {
    const std::vector<Asked> cases{
        {"PUT", base + "/assignments/a2",
         R"({"principal":"bo","role":"reader","scope":"/s"},"reason":"slipped in")"},
        {"PUT", base + "/assignments/a2",
         R"({"principal":"bo","role":"reader","scope":"/s"}},{"type":"tenant.seal","data":{})"},
        {"PUT", base + "/assignments/a1/role", R"({"role":"reader"}}],"expectedRevision":[{"a":1)"},
        {"POST", base + "/tokens", R"({"principal":"bo"},"ticket":"slipped in")"},
    };
    for (const Asked& asked : cases) {
        const Answered answer = server_.ask(asked);
        EXPECT_EQ(answer.status, 400U) << asked.body << '\n' << answer.body;
        EXPECT_TRUE(answer.says("the body is not valid JSON")) << answer.body;
    }
    EXPECT_EQ(server_.get(base + "/assignments/a2").status, 404U);
}

TEST_F(Http, ParametersMustBeWhatTheySeem) {
    const std::string who = base + "/who-can?action=Things/read&scope=/s";
    for (const std::string more :
         {"&groups=", "&groups=yes", "&plane=", "&plane=both", "&revision=9223372036854775808",
          "&at_least=9223372036854775808", "&limit=0", "&limit=18446744073709551616",
          "&cursor=", "&cursor=1:9223372036854775807:f:x", "&cursor=1:-62167219200000001:f:x"}) {
        const Answered answer = server_.get(who + more);
        EXPECT_EQ(answer.status, 400U) << more << ' ' << answer.body;
    }
    EXPECT_EQ(server_.get(who + "&groups=true&plane=data&cursor=1:253402300799999999:f:x").status,
              200U);
    EXPECT_EQ(server_.post(base + "/checks?at_least=1", R"({"checks":[]})").status, 400U);
}

TEST_F(Http, AReloadOpensTheDecisionLogAnewOrSaysWhyNot) {
    const TempDir files;
    const std::string folder = files / "decisions";
    std::filesystem::create_directory(folder);
    RunningServer logged{
        [&](server::Settings& settings) { settings.decision_log.file = folder + "/log.jsonl"; }};
    const std::string target = base + "/check?principal=owner&action=a&scope=/";
    std::filesystem::rename(folder, files / "moved");
    const auto refused = logged.server().reload({});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "decision_log.file");
    EXPECT_NE(refused.error().detail.find(folder), std::string::npos) << refused.error().detail;
    // Written a little later: before the next reload, or to what that opens.
    const auto written = [&] { return std::filesystem::file_size(files / "moved/log.jsonl"); };
    for (int tries = 0; tries < 2'000 && written() == 0; ++tries) {
        EXPECT_EQ(logged.get(target).status, 200U);
    }

    std::filesystem::create_directory(folder);
    EXPECT_TRUE(logged.server().reload({}));
    EXPECT_EQ(logged.get(target).status, 200U);
    logged.stop();
    EXPECT_GT(std::filesystem::file_size(files / "moved/log.jsonl"), 0U);
    EXPECT_GT(std::filesystem::file_size(folder + "/log.jsonl"), 0U);
}

TEST_F(Http, NullIsNoValueOfAnything) {
    const auto refused = [&](const std::string& path, const std::string& body,
                             const std::string& member) {
        const std::string with =
            body.substr(0, body.size() - 1) + (body == "{}" ? "" : ",") + '"' + member + "\":null}";
        const Answered answer = server_.post(base + path, with);
        EXPECT_EQ(answer.status, 400U) << with << '\n' << answer.body;
        EXPECT_TRUE(answer.says("\"field\":\"" + member + '"')) << with << '\n' << answer.body;
        EXPECT_TRUE(answer.says("null is not ")) << with << '\n' << answer.body;
    };
    const std::string check = R"({"principal":"ana","action":"a","scope":"/"})";
    for (const char* member : {"at", "revision", "knownAt", "atLeast", "plane", "subOperation"})
        for (const char* path : {"/check", "/explain", "/when"}) refused(path, check, member);
    for (const char* member : {"at", "revision", "knownAt", "atLeast", "limit", "cursor", "groups"})
        refused("/who-can", R"({"action":"a","scope":"/"})", member);
    for (const char* member : {"at", "revision", "knownAt", "atLeast", "limit", "scope", "task"})
        refused("/least-roles", R"({"actions":["a/b"]})", member);
    refused("/checks", R"({"checks":[]})", "atLeast");
    refused("/commands", R"({"commands":[]})", "expectedRevision");
    const Answered item = server_.post(
        base + "/checks",
        R"({"checks":[{"principal":"ana","action":"a","scope":"/","revision":null}]})");
    EXPECT_EQ(item.status, 400U);
    EXPECT_TRUE(item.says(R"("field":"checks[0].revision")")) << item.body;
    for (const char* member : {"at", "revision", "known_at", "at_least", "explain"}) {
        const Answered answer = server_.post(
            "/tenants/default/access/v1/evaluation",
            R"({"subject":{"type":"user","id":"ana"},"action":{"name":"a"},"resource":{"type":"s","id":"1"},"context":{")" +
                std::string(member) + "\":null}}");
        EXPECT_EQ(answer.status, 400U) << member << ' ' << answer.body;
        EXPECT_TRUE(answer.says("context." + std::string(member))) << answer.body;
    }
}

TEST_F(Http, ACursorIsOfOneMoment) {
    const std::string who = base + "/who-can?action=Tenure.Access/decisions/read&scope=/s&limit=1";
    const auto next = [](const Answered& page) {
        const std::size_t at = page.body.find(R"("next":")");
        if (at == std::string::npos) return std::string{};
        const std::size_t begin = at + 8;
        return page.body.substr(begin, page.body.find('"', begin) - begin);
    };
    server_.clock().advance_ms(1'000);
    for (const std::string moment :
         {"&revision=9", "&at=2025-06-01T00:00:01Z", "&known_at=2025-06-01T00:00:00.9Z"}) {
        const Answered first = server_.get(who + moment);
        ASSERT_EQ(first.status, 200U) << first.body;
        const std::string cursor = "&cursor=" + next(first);
        EXPECT_NE(cursor, "&cursor=") << first.body;
        EXPECT_EQ(server_.get(who + cursor).status, 200U);
        EXPECT_EQ(server_.get(who + cursor + moment).status, 200U) << moment;
    }
    const std::string cursor = "&cursor=" + next(server_.get(who + "&revision=9"));
    const auto refused = [&](const std::string& more, const std::string& field) {
        const Answered answer = server_.get(who + cursor + more);
        EXPECT_EQ(answer.status, 400U) << more << ' ' << answer.body;
        EXPECT_TRUE(answer.says("\"field\":\"" + field + '"')) << answer.body;
        EXPECT_TRUE(answer.says("the cursor is of ")) << answer.body;
    };
    refused("&revision=8", "revision");
    refused("&at=2025-05-01", "at");
    refused("&known_at=2025-05-01", "known_at");
}

TEST_F(Http, AnAnswerDoesNotWaitForTheRequestAfterIt) {
    const std::string got = server_.exchange(
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\n", "ok\n");
    EXPECT_TRUE(got.ends_with("ok\n")) << got;
}

TEST_F(Http, TheRequestIdComesBackIfItCanBeWritten) {
    EXPECT_EQ(server_.ask({"GET", "/healthz", {}, "-", {{"X-Request-ID", "abc-1"}}})
                  .header("X-Request-ID"),
              "abc-1");
    const std::string made =
        server_.ask({"GET", "/healthz", {}, "-", {{"X-Request-ID", "a b"}}}).header("X-Request-ID");
    EXPECT_NE(made, "a b");
    EXPECT_FALSE(made.empty());
}

TEST_F(Http, LongAnswersComeCompressedToThoseWhoTakeIt) {
    const Asked asked{"GET", base + "/events", {}, {}, {{"Accept-Encoding", "gzip"}}};
    const Answered packed = server_.ask(asked);
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_LT(packed.body.size(), server_.get(base + "/events").body.size());
    Asked refused = asked;
    refused.headers = {{"Accept-Encoding", "gzip;q=0"}};
    EXPECT_EQ(server_.ask(refused).header("Content-Encoding"), "");
}

TEST_F(Http, AClientThatAsksTooOftenIsToldToWait) {
    RunningServer strict{
        [](server::Settings& settings) { settings.limits.client_requests_per_second_max = 3; }};
    const std::string target = base + "/check?principal=owner&action=a&scope=/";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(strict.get(target).status, 200U);
    const Answered refused = strict.get(target);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    strict.clock().advance_ms(1000);
    EXPECT_EQ(strict.get(target).status, 200U);
    EXPECT_TRUE(strict.get("/metrics", "-")
                    .says(R"(tenure_limit_hits_total{limit="client_requests_per_second_max"} 1)"));
}

TEST_F(Http, OneAddressHasOnlySoManyConnections) {
    RunningServer strict{
        [](server::Settings& settings) { settings.limits.connections_of_client_max = 1; }};
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket first{context};
    first.connect({boost::asio::ip::address_v4::loopback(), strict.port()});
    const std::string bytes = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    boost::asio::write(first, boost::asio::buffer(bytes));
    std::array<char, 64> part{};
    first.read_some(boost::asio::buffer(part));
    EXPECT_EQ(strict.exchange(bytes), "");
}

TEST_F(Http, BodiesOfUnknownLengthAreNotGuessedAt) {
    for (const std::string coding :
         {"xchunked", "identity", "gzip, chunked", "chunked, identity"}) {
        const std::string got = server_.exchange(
            "POST " + base + "/check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + coding +
            "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_TRUE(got.starts_with("HTTP/1.1 400 ")) << coding << '\n' << got;
        EXPECT_EQ(got.find("HTTP/1.1 200"), std::string::npos) << coding << '\n' << got;
    }
}

TEST_F(Http, WhatComesAfterTheBodySaysNothingOfTheAsker) {
    const std::string body = R"({"principal":"ana","action":"T/read","scope":"/s"})";
    std::ostringstream chunk;
    chunk << std::hex << body.size() << "\r\n" << body << "\r\n0\r\n";
    const std::string got = server_.exchange(
        "POST " + base +
        "/check HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
        chunk.str() + "Authorization: Bearer " + server_.owner_token() + "\r\n\r\n");
    EXPECT_TRUE(got.starts_with("HTTP/1.1 401 ")) << got;
}

TEST_F(Http, PreconditionsTellNothingToThoseWhoMayNotChange) {
    server_.record(
        R"({"type":"principal.create","data":{"principal":"nobody","kind":"user"}}
{"type":"role.define","data":{"role":"secret","name":"Secret","permissions":[{"actions":["*/read"]}],"assignableScopes":["/s"]}}
{"type":"assignment.create","data":{"assignment":"there","principal":"ana","role":"secret","scope":"/s"}})");
    const std::string nobody = server_.token_of("nobody");
    const auto told = [&](const std::string& method, const std::string& path, const std::string& id,
                          const std::string& header, const std::string& value) {
        Asked asked;
        asked.method = method;
        asked.target = base + path + id;
        asked.token = nobody;
        asked.headers = {{header, value}};
        if (method == "PUT")
            asked.body =
                R"({"name":"N","permissions":[{"actions":["a/b"]}],"assignableScopes":["/s"]})";
        if (method == "PATCH") asked.body = R"({"description":"d"})";
        std::string body = std::to_string(server_.ask(asked).status);
        return body;
    };
    for (const std::string tag : {"\"1\"", "*"}) {
        EXPECT_EQ(told("DELETE", "/assignments/", "there", "If-Match", tag), "403");
        EXPECT_EQ(told("DELETE", "/assignments/", "gone", "If-Match", tag), "403");
        EXPECT_EQ(told("PATCH", "/assignments/", "there", "If-Match", tag), "403");
        EXPECT_EQ(told("PATCH", "/assignments/", "gone", "If-Match", tag), "403");
        EXPECT_EQ(told("PUT", "/roles/", "secret", "If-Match", tag), "403");
        EXPECT_EQ(told("PUT", "/roles/", "gone", "If-Match", tag), "403");
        EXPECT_EQ(told("DELETE", "/roles/", "secret", "If-Match", tag), "403");
    }
    EXPECT_EQ(told("PUT", "/roles/", "secret", "If-None-Match", "*"), "403");
    EXPECT_EQ(told("PUT", "/roles/", "gone", "If-None-Match", "*"), "403");
}

TEST_F(Http, AskingAboutOneselfTellsNothingOfRolesOneDoesNotHold) {
    server_.record(
        R"({"type":"principal.create","data":{"principal":"nobody","kind":"user"}}
{"type":"role.define","data":{"role":"secret","name":"Secret","permissions":[{"actions":["Hidden/x"]}],"assignableScopes":["/s"]}})");
    const std::string nobody = server_.token_of("nobody");
    const Answered diff = server_.get(base + "/diff?from=1&to=now&principal=nobody", nobody);
    EXPECT_EQ(diff.status, 200U);
    EXPECT_FALSE(diff.says("secret")) << diff.body;
    const Answered why =
        server_.get(base + "/explain?principal=nobody&action=Hidden/x&scope=/s", nobody);
    EXPECT_EQ(why.status, 200U);
    EXPECT_FALSE(why.says("secret")) << why.body;
    EXPECT_TRUE(
        server_.get(base + "/explain?principal=nobody&action=Hidden/x&scope=/s").says("secret"));
}

TEST_F(Http, AScopeThatIsNoneIsSaidToBeNone) {
    const Answered answer = server_.get(base + "/check?principal=ana&action=T/read&scope=/a/../b");
    EXPECT_EQ(answer.status, 400U) << answer.body;
    EXPECT_TRUE(answer.says("\"scope\"")) << answer.body;
}

TEST_F(Http, AnIdleConnectionIsClosed) {
    RunningServer hasty{[](server::Settings& settings) { settings.limits.idle_timeout_ms = 1; }};
    EXPECT_EQ(hasty.exchange(""), "");
}

TEST_F(Http, AConnectionThatNeverFinishesItsRequestIsClosed) {
    RunningServer hasty{[](server::Settings& settings) { settings.limits.request_timeout_ms = 1; }};
    EXPECT_EQ(hasty.exchange("GET /healthz HT"), "");
}

TEST_F(Http, StoppingClosesIdleConnectionsAtOnce) {
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket idle{context};
    idle.connect({boost::asio::ip::address_v4::loopback(), server_.port()});
    server_.server().stop();
    char byte{};
    boost::system::error_code ended;
    idle.read_some(boost::asio::buffer(&byte, 1), ended);
    EXPECT_TRUE(ended);
}

// As the store's writer does when a change is the last thing before the stop.
TEST_F(Http, WhoeverToldAWorkerSomethingMayLetGoAfterTheStop) {
    server::Worker& worker = server_.server().any_worker();
    std::function<void(int)> tell;
    std::promise<int> told;
    boost::asio::co_spawn(worker.context(), server::later<int>([&](std::function<void(int)> done) {
                              tell = done;
                              tell(7);
                          }),
                          [&](const std::exception_ptr&, int value) { told.set_value(value); });
    EXPECT_EQ(told.get_future().get(), 7);
    server_.server().stop();
    tell = nullptr;
}

TEST_F(Http, GuestsSeeOfTheDirectoryWhatTheTenantLetsThem) {
    server_.record(
        R"({"type":"principal.create","data":{"principal":"gus","kind":"user","userType":"guest"}}
{"type":"principal.update","data":{"principal":"ana","displayName":"Ana Diaz"}}
{"type":"assignment.create","data":{"assignment":"g","principal":"gus","role":"reader","scope":"/s"}})");
    const std::string gus = server_.token_of("gus");
    const std::string ana = base + "/principals/ana";
    const std::string who = base + "/who-can?action=Things/read&scope=/s";
    const auto set = [&](const std::string& level) {
        server_.record(R"({"type":"settings.change","data":{"settings":{"guests.directory":")" +
                       level + R"("}}})");
    };
    // By id, and no names in lists.
    EXPECT_EQ(server_.get(ana, gus).status, 200U);
    EXPECT_TRUE(server_.get(who, gus).says("\"ana\""));
    EXPECT_FALSE(server_.get(who, gus).says("Ana Diaz"));
    EXPECT_TRUE(server_.get(who).says("Ana Diaz"));
    set("own");
    EXPECT_EQ(server_.get(ana, gus).status, 403U);
    EXPECT_EQ(server_.get(base + "/principals/gus", gus).status, 200U);
    EXPECT_FALSE(server_.get(who, gus).says("Ana Diaz"));
    // As a member: what its roles let it, and Reader at /s is not Reader of the directory.
    set("member");
    EXPECT_EQ(server_.get(ana, gus).status, 403U);
    EXPECT_TRUE(server_.get(who, gus).says("Ana Diaz"));
}

TEST_F(Http, WhoWasInvitedMayAcceptAndNothingElseBefore) {
    server_.record(
        R"({"type":"invitation.create","data":{"invitation":"i1","principal":"gia","email":"gia@x.example","name":"Gia","roles":[{"role":"reader","scope":"/s"}]}})");
    const std::string gia = server_.token_of("gia");
    EXPECT_EQ(server_.get(check("gia"), gia).status, 401U);
    const auto command = [&](const std::string& type, const std::string& data) {
        return server_.post(base + "/commands",
                            R"({"commands":[{"type":")" + type + R"(","data":)" + data + "}]}",
                            gia);
    };
    EXPECT_EQ(command("principal.update", R"({"principal":"gia","displayName":"G"})").status, 403U);
    const Answered accepted = command("invitation.accept", R"({"invitation":"i1"})");
    EXPECT_EQ(accepted.status, 200U) << accepted.body;
    EXPECT_TRUE(server_.get(check("gia"), gia).says("allow"));
}

TEST_F(Http, MetricsCountWhatWasAsked) {
    server_.get(check("ana"));
    const std::string text = server_.get("/metrics", "-").body;
    EXPECT_NE(text.find(R"(tenure_decisions_total{decision="allow",door="http"} 1)"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("tenure_revision "), std::string::npos);
}

}  // namespace
}  // namespace tenure::testing
