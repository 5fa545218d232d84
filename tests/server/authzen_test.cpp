// The AuthZEN API over HTTP: what its standard asks for, and time travel.

#include <gtest/gtest.h>

#include "support/running_server.h"

namespace tenure::testing {
namespace {

const std::string base = "/tenants/default/access/v1";

// Types, ids and names as a client of the standard has them: ana reads records and edits record 1,
// bo is in a group of readers, and a robot reads data.
class Authzen : public ::testing::Test {
protected:
    Authzen() {
        server_.record(R"({"type":"principal.create","data":{"principal":"ana","kind":"user"}}
{"type":"principal.create","data":{"principal":"bo","kind":"user"}}
{"type":"principal.create","data":{"principal":"cy","kind":"user"}}
{"type":"principal.create","data":{"principal":"robot","kind":"servicePrincipal"}}
{"type":"principal.create","data":{"principal":"readers","kind":"group"}}
{"type":"group.addMember","data":{"group":"readers","member":"bo"}}
{"type":"scope.create","data":{"scope":"/record/1"}}
{"type":"scope.create","data":{"scope":"/record/2"}}
{"type":"scope.create","data":{"scope":"/record/3"}}
{"type":"scope.create","data":{"scope":"/note/1"}}
{"type":"role.define","data":{"role":"reader","name":"Reader","permissions":[{"actions":["read"],"dataActions":["fetch"]}],"assignableScopes":["/record"]}}
{"type":"role.define","data":{"role":"editor","name":"Editor","permissions":[{"actions":["read","write"]}],"assignableScopes":["/record"]}}
{"type":"assignment.create","data":{"assignment":"a1","principal":"ana","role":"reader","scope":"/record"}}
{"type":"assignment.create","data":{"assignment":"a2","principal":"ana","role":"editor","scope":"/record/1"}}
{"type":"assignment.create","data":{"assignment":"a3","principal":"readers","role":"reader","scope":"/record/1"}}
{"type":"assignment.create","data":{"assignment":"a4","principal":"robot","role":"reader","scope":"/record"}})");
        // The events of a batch are a microsecond apart: the clock is behind the last of them.
        server_.clock().advance_ms(1000);
    }

    static std::string entity(const std::string& type, const std::string& id) {
        return R"({"type":")" + type + R"(","id":")" + id + R"("})";
    }

    // "subject":…,"action":…,"resource":…, with what else is given.
    static std::string asks(const std::string& who, const std::string& what, const std::string& on,
                            const std::string& more = {}) {
        return R"({"subject":)" + entity("user", who) + R"(,"action":{"name":")" + what +
               R"("},"resource":)" + entity("record", on) + more + '}';
    }

    Answered evaluate(const std::string& body, const std::string& token = {}) const {
        return server_.post(base + "/evaluation", body, token);
    }

    // "true", "false", or the status of what is no decision.
    std::string decided(const std::string& body) const {
        const Answered answer = evaluate(body);
        if (answer.status != 200) return std::to_string(answer.status);
        return answer.body.starts_with(R"({"decision":true,)") ? "true" : "false";
    }

    Answered evaluate_all(const std::string& body, const std::string& token = {}) const {
        return server_.post(base + "/evaluations", body, token);
    }

    // The decisions of a batch, in order: "TFT".
    static std::string decisions(const Answered& answer) {
        const std::string name = R"("decision":)";
        std::string all;
        for (std::size_t at = answer.body.find(name); at != std::string::npos;
             at = answer.body.find(name, at + 1))
            all += answer.body.substr(at + name.size(), 4) == "true" ? 'T' : 'F';
        return all;
    }

    Answered search(const std::string& what, const std::string& body,
                    const std::string& token = {}) const {
        return server_.post(base + "/search/" + what, body, token);
    }

    static std::string results(const Answered& answer) {
        const std::string name = R"("results":)";
        const std::size_t at = answer.body.find(name);
        if (answer.status != 200 || at == std::string::npos) return answer.body;
        return answer.body.substr(at + name.size(), answer.body.size() - at - name.size() - 1);
    }

    static std::string member(const Answered& answer, const std::string& name) {
        const std::size_t at = answer.body.find('"' + name + "\":\"");
        if (at == std::string::npos) return {};
        const std::size_t from = at + name.size() + 4;
        return answer.body.substr(from, answer.body.find('"', from) - from);
    }

    static std::string reader_of(const std::string& resource) {
        return R"({"subject":{"type":"user"},"action":{"name":"read"},"resource":)" + resource;
    }

    RunningServer server_;
};

TEST_F(Authzen, ADenyIsAnAnswerToo) {
    const Answered allow = evaluate(asks("ana", "write", "1"));
    EXPECT_EQ(allow.status, 200U);
    EXPECT_TRUE(allow.body.starts_with(R"({"decision":true,)")) << allow.body;
    EXPECT_EQ(allow.header("Content-Type"), "application/json");
    const Answered deny = evaluate(asks("bo", "write", "1"));
    EXPECT_EQ(deny.status, 200U);
    EXPECT_TRUE(deny.body.starts_with(R"({"decision":false,)")) << deny.body;
    EXPECT_EQ(decided(asks("bo", "read", "1")), "true");
    EXPECT_EQ(decided(asks("bo", "read", "2")), "false");
}

TEST_F(Authzen, TheSameRequestIsDecidedTheSameWayAgain) {
    const std::string body =
        asks("ana", "write", "1",
             R"(,"context":{"revision":)" +
                 std::to_string(server_.node().status().committed.value) + "}");
    const Answered first = evaluate(body);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(evaluate(body).body, first.body);
}

TEST_F(Authzen, AMissingMemberIsABadRequestThatIsTold) {
    const std::string s = R"("subject":{"type":"user","id":"ana"})";
    const std::string a = R"("action":{"name":"read"})";
    const std::string r = R"("resource":{"type":"record","id":"1"})";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"{" + a + "," + r + "}", "'subject' is missing"},
        {"{" + s + "," + r + "}", "'action' is missing"},
        {"{" + s + "," + a + "}", "'resource' is missing"},
        {R"({"subject":{"id":"ana"},)" + a + "," + r + "}", "'subject.type' is missing"},
        {R"({"subject":{"type":"user"},)" + a + "," + r + "}", "'subject.id' is missing"},
        {"{" + s + R"(,"action":{},)" + r + "}", "'action.name' is missing"},
        {"{" + s + "," + a + R"(,"resource":{"id":"1"}})", "'resource.type' is missing"},
        {"{" + s + "," + a + R"(,"resource":{"type":"record"}})", "'resource.id' is missing"},
        {"{" + s + "," + a + R"(,"resource":{"type":"record","id":""}})", "'resource.id' is empty"},
        {"{}", "'subject' is missing"},
    };
    for (const auto& [body, text] : cases) {
        const Answered answer = evaluate(body);
        EXPECT_EQ(answer.status, 400U) << body << '\n' << answer.body;
        EXPECT_TRUE(answer.says(text)) << body << '\n' << answer.body;
    }
}

TEST_F(Authzen, AMemberOfTheWrongTypeIsABadRequest) {
    for (
        const std::string body :
        {R"({"subject":"ana","action":{"name":"read"},"resource":{"type":"record","id":"1"}})",
         R"({"subject":{"type":"user","id":7},"action":{"name":"read"},"resource":{"type":"record","id":"1"}})",
         R"({"subject":{"type":"user","id":"ana","properties":[]},"action":{"name":"read"},"resource":{"type":"record","id":"1"}})",
         R"({"subject":{"type":"user","id":"ana"},"action":"read","resource":{"type":"record","id":"1"}})",
         R"({"subject":{"type":"user","id":"ana"},"action":{"name":null},"resource":{"type":"record","id":"1"}})",
         R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},"resource":[]})",
         R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},"resource":{"type":"record","id":"1"},"context":"home"})",
         R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},"resource":{"type":"record","id":"1"},"context":{"at":5}})",
         R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},"resource":{"type":"record","id":"1"},"context":{"at":"2025-01-01T00:00:00Z","revision":3}})"})
        EXPECT_EQ(evaluate(body).status, 400U) << body;
}

TEST_F(Authzen, ABodyThatIsNoJsonIsABadRequest) {
    const std::string good = asks("ana", "read", "1");
    for (const std::string body : {"", "{", "[]", "null", "\"x\"", "{\"subject\":\"\xff\"}"})
        for (const std::string path : {"/evaluation", "/evaluations", "/search/subject"}) {
            const Answered answer = server_.post(base + path, body);
            EXPECT_EQ(answer.status, 400U) << body;
            EXPECT_FALSE(member(answer, "detail").empty()) << answer.body;
        }
    for (const std::string type : {"text/plain", "application/x-www-form-urlencoded"})
        EXPECT_EQ(
            server_.ask({"POST", base + "/evaluation", good, {}, {{"Content-Type", type}}}).status,
            400U);
    EXPECT_EQ(server_
                  .ask({"POST",
                        base + "/evaluation",
                        good,
                        {},
                        {{"Content-Type", "application/json; charset=utf-8"}}})
                  .status,
              200U);
    EXPECT_EQ(server_.ask({"GET", base + "/evaluation"}).status, 405U);
}

TEST_F(Authzen, MembersNobodyKnowsAreIgnored) {
    EXPECT_EQ(
        decided(
            R"({"subject":{"type":"user","id":"ana","name":"Ana"},"action":{"name":"read","x":1},)"
            R"("resource":{"type":"record","id":"1","z":[{}]},"context":{"deep":{"er":[1,"a",null]}},)"
            R"("trace":{"id":1},"options":{"colour":"red"}})"),
        "true");
}

TEST_F(Authzen, TheRequestIdGoesBackOut) {
    const Answered answer = server_.ask({"POST",
                                         base + "/evaluation",
                                         asks("ana", "read", "1"),
                                         {},
                                         {{"X-Request-ID", "bfe9eb29-ab87"}}});
    EXPECT_EQ(answer.header("X-Request-ID"), "bfe9eb29-ab87");
}

TEST_F(Authzen, ASubjectOfAnotherTypeIsSomebodyElse) {
    const auto as = [&](const std::string& type, const std::string& id) {
        return decided(R"({"subject":)" + entity(type, id) +
                       R"(,"action":{"name":"read"},"resource":{"type":"record","id":"1"}})");
    };
    EXPECT_EQ(as("user", "ana"), "true");
    EXPECT_EQ(as("servicePrincipal", "ana"), "false");
    EXPECT_EQ(as("customer", "ana"), "false");
    EXPECT_EQ(as("servicePrincipal", "robot"), "true");
    EXPECT_EQ(as("user", "robot"), "false");
    EXPECT_EQ(as("user", "ANA"), "false");
    EXPECT_EQ(as("user", "nobody"), "false");
}

TEST_F(Authzen, AResourceIsAScopeByTypeAndIdOrByItsPath) {
    const auto on = [&](const std::string& type, const std::string& id) {
        return decided(
            R"({"subject":{"type":"user","id":"ana"},"action":{"name":"write"},"resource":)" +
            entity(type, id) + "}");
    };
    EXPECT_EQ(on("record", "1"), "true");
    EXPECT_EQ(on("record", "1/pages/7"), "true");
    EXPECT_EQ(on("scope", "/record/1"), "true");
    EXPECT_EQ(on("anything", "/record/1"), "true");
    EXPECT_EQ(on("note", "1"), "false");
    EXPECT_EQ(on("record", "11"), "false");
    EXPECT_EQ(on("unknown", "1"), "false");
    EXPECT_EQ(on("note", "../record/1"), "400");
    EXPECT_EQ(on("record", "*"), "400");
    EXPECT_EQ(on("", "x"), "400");
}

TEST_F(Authzen, ThePlaneComesWithTheAction) {
    const auto with = [&](const std::string& properties) {
        return decided(
            R"({"subject":{"type":"user","id":"ana"},"action":{"name":"fetch","properties":)" +
            properties + R"(},"resource":{"type":"record","id":"1"}})");
    };
    EXPECT_EQ(with(R"({"plane":"data"})"), "true");
    EXPECT_EQ(with(R"({"plane":"control"})"), "false");
    EXPECT_EQ(with("{}"), "false");
    EXPECT_EQ(with(R"({"plane":"dat"})"), "400");
}

TEST_F(Authzen, PropertiesAndContextDecideConditions) {
    server_.record(
        R"({"type":"role.define","data":{"role":"deleter","name":"Deleter","permissions":[{"actions":["delete"]}],"assignableScopes":["/record"]}}
{"type":"assignment.create","data":{"assignment":"c1","principal":"cy","role":"deleter","scope":"/record","condition":"@Request[subject.role] StringEquals 'admin' AND @Resource[status] StringEquals 'closed' AND @Request[soft] BoolEquals true AND @Environment[zone] ForAnyOfAnyValues:StringEquals {'hq'}"}})");
    const auto with = [&](const std::string& role, const std::string& status,
                          const std::string& soft, const std::string& zone) {
        return decided(R"({"subject":{"type":"user","id":"cy","properties":{"role":)" + role +
                       R"(}},"action":{"name":"delete","properties":{"soft":)" + soft +
                       R"(}},"resource":{"type":"record","id":"1","properties":{"status":)" +
                       status + R"(}},"context":{"zone":)" + zone + "}}");
    };
    EXPECT_EQ(with(R"("admin")", R"("closed")", "true", R"(["hq","lab"])"), "true");
    EXPECT_EQ(with(R"("user")", R"("closed")", "true", R"("hq")"), "false");
    EXPECT_EQ(with(R"("admin")", R"("open")", "true", R"("hq")"), "false");
    EXPECT_EQ(with(R"("admin")", R"("closed")", "false", R"("hq")"), "false");
    EXPECT_EQ(with(R"("admin")", R"("closed")", "true", R"("home")"), "false");
    // What conditions have no kind for is equal to nothing, and refuses nothing.
    for (const std::string odd : {"1.5", "{}", "[]", "null", R"(["hq",1])", "[true]"})
        EXPECT_EQ(with(R"("admin")", R"("closed")", "true", odd), "false") << odd;
}

TEST_F(Authzen, WhatHasNoKindIsThereAllTheSame) {
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"c1","principal":"cy","role":"reader","scope":"/record","condition":"NOT Exists @Environment[hold]"}})");
    EXPECT_EQ(decided(asks("cy", "read", "1")), "true");
    EXPECT_EQ(decided(asks("cy", "read", "1", R"(,"context":{"hold":{"since":1.5}})")), "false");
}

TEST_F(Authzen, WhoIsAskingCannotSetWhatTheStoreKnowsOfASubject) {
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"c1","principal":"cy","role":"reader","scope":"/record","condition":"@Principal[role] StringEquals 'admin'"}})");
    EXPECT_EQ(decided(R"({"subject":{"type":"user","id":"cy","properties":{"role":"admin"}},)"
                      R"("action":{"name":"read"},"resource":{"type":"record","id":"1"}})"),
              "false");
}

TEST_F(Authzen, APastInstantIsAnsweredAsItWasThen) {
    const Instant then = server_.clock().now();
    server_.clock().advance_ms(1000);
    const Revision revoked =
        server_.record(R"({"type":"assignment.revoke","data":{"assignment":"a2"}})");
    server_.clock().advance_ms(1000);
    const Instant after = server_.clock().now();

    const auto at = [&](const std::string& context) {
        return asks("ana", "write", "1", R"(,"context":)" + context);
    };
    const std::string past = at(R"({"at":")" + format_instant(then) + R"("})");
    const std::string later = at(R"({"at":")" + format_instant(after) + R"("})");
    const Answered allowed = evaluate(past);
    EXPECT_EQ(allowed.body, R"({"decision":true,"context":{"revision":)" +
                                std::to_string(revoked.value - 1) + R"(,"at":")" +
                                format_instant(then) + R"(","final":true}})");
    EXPECT_EQ(decided(later), "false");
    EXPECT_EQ(decided(asks("ana", "write", "1")), "false");
    EXPECT_EQ(decided(at(R"({"revision":)" + std::to_string(revoked.value - 1) + "}")), "true");
    EXPECT_EQ(decided(at(R"({"revision":)" + std::to_string(revoked.value) + "}")), "false");
    EXPECT_EQ(decided(at(R"({"at":")" + format_instant(after) + R"(","known_at":")" +
                         format_instant(then) + R"("})")),
              "true");
    EXPECT_EQ(decided(at(R"({"revision":999999})")), "503");
    EXPECT_EQ(evaluate(past).body, allowed.body);

    // Of a batch: what an item leaves out is as the options say.
    const Answered both =
        evaluate_all(R"({"subject":{"type":"user","id":"ana"},"action":{"name":"write"},)"
                     R"("resource":{"type":"record","id":"1"},"options":{"at":")" +
                     format_instant(then) + R"("},"evaluations":[{},{"context":{"at":")" +
                     format_instant(after) + R"("}},{"context":{"room":1}}]})");
    EXPECT_EQ(decisions(both), "TFT") << both.body;

    // Of a search, likewise.
    const std::string writers =
        R"({"subject":{"type":"user"},"action":{"name":"write"},"resource":{"type":"record","id":"1"})";
    EXPECT_EQ(results(search("subject",
                             writers + R"(,"context":{"at":")" + format_instant(then) + R"("}})")),
              R"([{"type":"user","id":"ana"},{"type":"user","id":"owner"}])");
    EXPECT_EQ(results(search("subject",
                             writers + R"(,"options":{"at":")" + format_instant(then) + R"("}})")),
              R"([{"type":"user","id":"ana"},{"type":"user","id":"owner"}])");
    EXPECT_EQ(results(search("subject", writers + "}")), R"([{"type":"user","id":"owner"}])");
}

TEST_F(Authzen, ADecisionMayWaitForARevision) {
    const std::uint64_t next = server_.node().status().committed.value + 1;
    const auto at_least = [&](std::uint64_t revision) {
        return asks("ana", "read", "1",
                    R"(,"context":{"at_least":)" + std::to_string(revision) + "}");
    };
    EXPECT_EQ(evaluate(at_least(next - 1)).status, 200U);
    EXPECT_EQ(evaluate(at_least(next)).status, 503U);
    EXPECT_EQ(
        evaluate_all(R"({"evaluations":[)" + at_least(1) + "," + at_least(next) + "]}").status,
        503U);
}

TEST_F(Authzen, AReasonIsGivenToThoseWhoAskForIt) {
    const std::string explain = R"(,"context":{"explain":true})";
    const Answered allow = evaluate(asks("bo", "read", "1", explain));
    EXPECT_TRUE(allow.says(R"("reason":{"code":"granted","text":"role 'Reader' at /record/1)"))
        << allow.body;
    EXPECT_TRUE(allow.says("through group 'readers'")) << allow.body;
    const Answered deny = evaluate(asks("cy", "read", "1", explain));
    EXPECT_TRUE(deny.says(R"("reason":{"code":"noAssignment")")) << deny.body;
    EXPECT_FALSE(evaluate(asks("cy", "read", "1")).says("reason"));
    const Answered batch =
        evaluate_all(R"({"options":{"explain":true},"evaluations":[)" + asks("ana", "write", "1") +
                     "," + asks("x", "read", "1") + "]}");
    EXPECT_EQ(decisions(batch), "TF");
    EXPECT_TRUE(batch.says("principalUnknown")) << batch.body;
    // Reasons tell of assignments: they take the right to read those.
    const std::string ana = server_.token_of("ana", {"Tenure.Access/*"});
    EXPECT_EQ(evaluate(asks("bo", "read", "1", explain), ana).status, 403U);
}

TEST_F(Authzen, AskersNeedTheRightToAskAboutOthers) {
    const std::string bo = server_.token_of("bo");
    EXPECT_EQ(evaluate(asks("bo", "read", "1"), bo).status, 200U);
    const Answered refused = evaluate(asks("ana", "read", "1"), bo);
    EXPECT_EQ(refused.status, 403U);
    EXPECT_TRUE(refused.says("Tenure.Access/decisions/read at /record/1")) << refused.body;
    EXPECT_EQ(evaluate(asks("ana", "read", "1"), "-").status, 401U);
    EXPECT_EQ(evaluate(asks("ana", "read", "1"), "nonsense").status, 401U);
    EXPECT_EQ(search("subject", reader_of(R"({"type":"record","id":"1"}})"), bo).status, 403U);
    EXPECT_EQ(
        server_.post("/tenants/other/access/v1/evaluation", asks("bo", "read", "1"), bo).status,
        401U);
    const Answered batch = evaluate_all(
        R"({"evaluations":[)" + asks("bo", "read", "1") + "," + asks("ana", "read", "1") + "]}",
        bo);
    EXPECT_EQ(decisions(batch), "TF");
    EXPECT_TRUE(batch.says(R"("error":{"status":403)")) << batch.body;
    EXPECT_EQ(results(search("resource",
                             R"({"subject":{"type":"user","id":"bo"},"action":{"name":"read"},)"
                             R"("resource":{"type":"record"}})",
                             bo)),
              R"([{"type":"record","id":"1"}])");
}

TEST_F(Authzen, ItemsTakeOverWhatTheyLeaveOutAndReplaceItWhole) {
    const Answered answer = evaluate_all(
        R"({"subject":{"type":"user","id":"ana"},"action":{"name":"write"},)"
        R"("resource":{"type":"record","id":"1"},"evaluations":[{},)"
        R"({"resource":{"type":"record","id":"2"}},{"action":{"name":"read"},)"
        R"("resource":{"type":"record","id":"2"}},{"subject":{"type":"user","id":"bo"}}]})");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(decisions(answer), "TFTF") << answer.body;
    EXPECT_TRUE(answer.body.starts_with(R"({"evaluations":[)")) << answer.body;
    // No deep merge: the id is not taken from the default.
    const Answered part =
        evaluate_all(R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},)"
                     R"("resource":{"type":"record","id":"1"},)"
                     R"("evaluations":[{"resource":{"type":"record"}},{}]})");
    EXPECT_EQ(part.status, 200U);
    EXPECT_EQ(decisions(part), "FT");
    EXPECT_TRUE(part.says(
        R"({"decision":false,"context":{"error":{"status":400,"message":"'resource.id' is missing"}}})"))
        << part.body;
}

TEST_F(Authzen, AnItemThatIsWrongIsDeniedAndTheOthersAreDecided) {
    const Answered answer = evaluate_all(R"({"evaluations":[)" + asks("ana", "read", "1") +
                                         R"(,{},7,{"subject":"ana"},)" + asks("ana", "a*", "1") +
                                         "," + asks("ana", "write", "1") + "]}");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(decisions(answer), "TFFFFT") << answer.body;
}

TEST_F(Authzen, WithoutItemsABatchIsASingleEvaluation) {
    for (const std::string none : {"", R"(,"evaluations":[])"}) {
        const Answered answer = evaluate_all(asks("ana", "write", "1", none));
        EXPECT_EQ(answer.status, 200U);
        EXPECT_TRUE(answer.body.starts_with(R"({"decision":true,)")) << answer.body;
    }
    EXPECT_EQ(evaluate_all(R"({"evaluations":[]})").status, 400U);
}

TEST_F(Authzen, ShortCircuitsAnswerWhatWasDecidedSoFar) {
    const auto with = [&](const std::string& semantic) {
        return evaluate_all(
            R"({"subject":{"type":"user","id":"ana"},"resource":{"type":"record","id":"2"},)"
            R"("options":{"evaluations_semantic":")" +
            semantic +
            R"("},"evaluations":[{"action":{"name":"read"}},{"action":{"name":"write"}},)"
            R"({"action":{"name":"read"}}]})");
    };
    EXPECT_EQ(decisions(with("execute_all")), "TFT");
    EXPECT_EQ(decisions(with("deny_on_first_deny")), "TF");
    EXPECT_EQ(decisions(with("permit_on_first_permit")), "T");
    EXPECT_EQ(with("sometimes").status, 400U);
    // What cannot be decided is a deny here, too.
    EXPECT_EQ(decisions(evaluate_all(R"({"options":{"evaluations_semantic":"deny_on_first_deny"},)"
                                     R"("evaluations":[{},)" +
                                     asks("ana", "read", "1") + "]}")),
              "F");
}

TEST_F(Authzen, ABatchOfTheWrongFormIsRefusedAsAWhole) {
    for (const std::string body :
         {R"({"evaluations":{}})", R"({"evaluations":"all"})",
          R"({"evaluations":[{}],"options":[]})", R"({"evaluations":[{}],"subject":"ana"})",
          R"({"evaluations":[{}],"context":[]})",
          R"({"evaluations":[{}],"options":{"evaluations_semantic":1}})",
          R"({"evaluations":[{}],"options":{"at":"yesterday"}})"})
        EXPECT_EQ(evaluate_all(body).status, 400U) << body;
}

TEST_F(Authzen, WhatIsTooMuchAtOnceIsRefused) {
    RunningServer strict{[](server::Settings& settings) { settings.limits.batch_checks_max = 2; }};
    const std::string one = R"({"subject":{"type":"user","id":"owner"},"action":{"name":"read"},)"
                            R"("resource":{"type":"record","id":"1"}})";
    EXPECT_EQ(
        strict.post(base + "/evaluations", R"({"evaluations":[)" + one + "," + one + "]}").status,
        200U);
    EXPECT_EQ(
        strict
            .post(base + "/evaluations", R"({"evaluations":[)" + one + "," + one + "," + one + "]}")
            .status,
        413U);
    // A context that thousands of items take over counts for each of them.
    std::string items = "{}";
    for (int i = 1; i < 5000; ++i) items += ",{}";
    EXPECT_EQ(evaluate_all(asks("ana", "read", "1",
                                R"(,"context":{"a":[")" + std::string(1000, 'x') + R"(",")" +
                                    std::string(1000, 'y') + R"(",")" + std::string(1000, 'z') +
                                    R"(",")" + std::string(1000, 'w') + R"("]},"evaluations":[)" +
                                    items + "]"))
                  .status,
              413U);
}

TEST_F(Authzen, SubjectSearchFindsThoseWhoMayByWhateverWay) {
    const Answered answer = search("subject", reader_of(R"({"type":"record","id":"1"}})"));
    EXPECT_EQ(
        results(answer),
        R"([{"type":"user","id":"ana"},{"type":"user","id":"bo"},{"type":"user","id":"owner"}])");
    EXPECT_TRUE(answer.body.starts_with(R"({"page":{"next_token":"","count":3},)")) << answer.body;
    const auto of_type = [&](const std::string& subject) {
        return results(search("subject", R"({"subject":)" + subject +
                                             R"(,"action":{"name":"read"},)"
                                             R"("resource":{"type":"record","id":"1"}})"));
    };
    EXPECT_EQ(of_type(R"({"type":"servicePrincipal"})"),
              R"([{"type":"servicePrincipal","id":"robot"}])");
    EXPECT_EQ(of_type(R"({"type":"group"})"), "[]");
    // An id is ignored.
    EXPECT_EQ(of_type(R"({"type":"servicePrincipal","id":"ana"})"),
              R"([{"type":"servicePrincipal","id":"robot"}])");
}

TEST_F(Authzen, ResourceSearchFindsScopesOfTheType) {
    const auto of = [&](const std::string& who, const std::string& resource) {
        return results(search(
            "resource",
            R"({"subject":)" + who + R"(,"action":{"name":"read"},"resource":)" + resource + "}"));
    };
    const std::string ana = entity("user", "ana");
    EXPECT_EQ(
        of(ana, R"({"type":"record"})"),
        R"([{"type":"record","id":"1"},{"type":"record","id":"2"},{"type":"record","id":"3"}])");
    EXPECT_EQ(of(ana, R"({"type":"record","id":"9"})"), of(ana, R"({"type":"record"})"));
    EXPECT_EQ(of(ana, R"({"type":"note"})"), "[]");
    EXPECT_EQ(of(entity("user", "bo"), R"({"type":"scope"})"),
              R"([{"type":"scope","id":"/record/1"}])");
    EXPECT_EQ(of(entity("servicePrincipal", "ana"), R"({"type":"record"})"), "[]");
}

TEST_F(Authzen, ActionSearchFindsOperationsOfBothPlanes) {
    const auto of = [&](const std::string& who, const std::string& id) {
        return results(search("action", R"({"subject":)" + entity("user", who) + R"(,"resource":)" +
                                            entity("record", id) + "}"));
    };
    EXPECT_EQ(
        of("ana", "1"),
        R"([{"name":"fetch","properties":{"plane":"data"}},{"name":"read"},{"name":"write"}])");
    EXPECT_EQ(of("ana", "2"),
              R"([{"name":"fetch","properties":{"plane":"data"}},{"name":"read"}])");
    EXPECT_EQ(of("cy", "1"), "[]");
    // A deny assignment takes away.
    server_.record(
        R"({"type":"deny.create","data":{"deny":"d1","name":"Freeze","principals":["ana"],"scope":"/record/1","permissions":[{"actions":["write"]}]}})");
    EXPECT_EQ(of("ana", "1"),
              R"([{"name":"fetch","properties":{"plane":"data"}},{"name":"read"}])");
}

TEST_F(Authzen, WhatASearchFindsIsAllowedWhenAskedAgain) {
    for (const std::string who : {"ana", "bo"}) {
        const Answered answer =
            search("resource", R"({"subject":)" + entity("user", who) +
                                   R"(,"action":{"name":"read"},"resource":{"type":"record"}})");
        std::size_t found = 0;
        for (const std::string id : {"1", "2", "3"}) {
            const bool listed = answer.says(entity("record", id));
            EXPECT_EQ(decided(asks(who, "read", id)), listed ? "true" : "false") << who << id;
            found += listed ? 1U : 0U;
        }
        EXPECT_GT(found, 0U);
    }
}

TEST_F(Authzen, UnknownIdsAndTypesAreFoundNowhere) {
    const std::string action = R"("action":{"name":"read"})";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"subject", R"({"subject":{"type":"martian"},)" + action +
                        R"(,"resource":{"type":"record","id":"1"}})"},
        {"subject", R"({"subject":{"type":"servicePrincipal"},)" + action +
                        R"(,"resource":{"type":"planet","id":"mars"}})"},
        {"subject", reader_of(R"({"type":"record","id":"a//b"}})")},
        {"subject", R"({"subject":{"type":"servicePrincipal"},"action":{"name":"unheard"},)"
                    R"("resource":{"type":"record","id":"1"}})"},
        {"resource", R"({"subject":{"type":"user","id":"nobody"},)" + action +
                         R"(,"resource":{"type":"record"}})"},
        {"resource", R"({"subject":{"type":"martian","id":"ana"},)" + action +
                         R"(,"resource":{"type":"record"}})"},
        {"resource", R"({"subject":{"type":"user","id":"ana"},)" + action +
                         R"(,"resource":{"type":"planet"}})"},
        {"resource",
         R"({"subject":{"type":"user","id":"ana"},)" + action + R"(,"resource":{"type":"*/"}})"},
        {"action", R"({"subject":{"type":"user","id":"nobody"},)"
                   R"("resource":{"type":"record","id":"1"}})"},
        {"action",
         R"({"subject":{"type":"user","id":"ana"},"resource":{"type":"planet","id":"mars"}})"},
    };
    for (const auto& [what, body] : cases) {
        const Answered answer = search(what, body);
        EXPECT_EQ(answer.status, 200U) << body << '\n' << answer.body;
        EXPECT_EQ(results(answer), "[]") << body << '\n' << answer.body;
    }
}

TEST_F(Authzen, ASearchWithoutWhatItNeedsIsABadRequest) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"subject", R"({"action":{"name":"read"},"resource":{"type":"record","id":"1"}})"},
        {"subject",
         R"({"subject":{},"action":{"name":"read"},"resource":{"type":"record","id":"1"}})"},
        {"subject", R"({"subject":{"type":"user"},"resource":{"type":"record","id":"1"}})"},
        {"subject", reader_of(R"({"type":"record"}})")},
        {"resource",
         R"({"subject":{"type":"user"},"action":{"name":"read"},"resource":{"type":"record"}})"},
        {"resource",
         R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},"resource":{}})"},
        {"action", R"({"subject":{"type":"user","id":"ana"},"resource":{"type":"record"}})"},
        {"subject", reader_of(R"({"type":"record","id":"1"},"page":7})")},
        {"subject", reader_of(R"({"type":"record","id":"1"},"page":{"limit":0}})")},
        {"subject", reader_of(R"({"type":"record","id":"1"},"page":{"token":"AAAA"}})")},
    };
    for (const auto& [what, body] : cases) EXPECT_EQ(search(what, body).status, 400U) << body;
}

TEST_F(Authzen, PagesGoOnAtTheMomentTheFirstWasOf) {
    const auto body = [](const std::string& page, const std::string& type = "record") {
        return R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},"resource":{"type":")" +
               type + R"("},"page":)" + page + "}";
    };
    const Answered first = search("resource", body(R"({"limit":2})"));
    EXPECT_EQ(results(first), R"([{"type":"record","id":"1"},{"type":"record","id":"2"}])");
    const std::string token = member(first, "next_token");
    ASSERT_FALSE(token.empty()) << first.body;

    server_.clock().advance_ms(1000);
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"a1"}}
{"type":"scope.create","data":{"scope":"/record/4"}})");
    const std::string rest = R"({"limit":2,"token":")" + token + R"("})";
    const Answered second = search("resource", body(rest));
    EXPECT_EQ(results(second), R"([{"type":"record","id":"3"}])") << second.body;
    EXPECT_EQ(member(second, "next_token"), "");
    EXPECT_TRUE(second.says(R"("next_token":"")"));

    const Answered other = search("resource", body(rest, "note"));
    EXPECT_EQ(other.status, 400U);
    EXPECT_TRUE(other.says("of another request")) << other.body;
    EXPECT_EQ(results(search("resource", body(R"({"limit":2})"))),
              R"([{"type":"record","id":"1"}])");
}

TEST_F(Authzen, EverySearchHasPages) {
    // Of a batch that was just recorded the last events are later than the clock.
    server_.record(R"({"type":"principal.create","data":{"principal":"dee","kind":"user"}}
{"type":"assignment.create","data":{"assignment":"b1","principal":"ana","role":"editor","scope":"/record/2"}}
{"type":"group.addMember","data":{"group":"readers","member":"dee"}})");
    const std::string page = R"(,"page":{"limit":1)";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"subject", R"({"subject":{"type":"user"},"action":{"name":"read"},)"
                    R"("resource":{"type":"record","id":"1"})"},
        {"resource", R"({"subject":{"type":"user","id":"ana"},"action":{"name":"read"},)"
                     R"("resource":{"type":"scope"})"},
        {"action",
         R"({"subject":{"type":"user","id":"ana"},"resource":{"type":"record","id":"1"})"},
    };
    for (const auto& [what, start] : cases) {
        const std::string whole = results(search(what, start + "}"));
        std::string joined;
        std::string token;
        for (int pages = 0; pages < 10; ++pages) {
            const Answered answer = search(
                what, start + page +
                          (token.empty() ? std::string{} : R"(,"token":")" + token + '"') + "}}");
            ASSERT_EQ(answer.status, 200U) << answer.body;
            const std::string one = results(answer);
            joined += (joined.empty() ? "" : ",") + one.substr(1, one.size() - 2);
            token = member(answer, "next_token");
            if (token.empty()) break;
        }
        EXPECT_EQ('[' + joined + ']', whole) << what;
    }
}

TEST_F(Authzen, TheDescriptionNamesTheConfiguredAddressForEverybody) {
    RunningServer named{
        [](server::Settings& settings) { settings.public_url = "https://access.example.com"; }};
    const std::string target = "/.well-known/authzen-configuration/tenants/default";
    const Answered answer = named.ask(
        {"GET", target, {}, "-", {{"Host", "evil.example"}, {"X-Forwarded-Host", "evil"}}});
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    EXPECT_FALSE(answer.says("evil")) << answer.body;
    const std::string point = "https://access.example.com/tenants/default";
    EXPECT_EQ(member(answer, "policy_decision_point"), point);
    for (const auto& [name, path] : std::vector<std::pair<std::string, std::string>>{
             {"access_evaluation_endpoint", "evaluation"},
             {"access_evaluations_endpoint", "evaluations"},
             {"search_subject_endpoint", "search/subject"},
             {"search_resource_endpoint", "search/resource"},
             {"search_action_endpoint", "search/action"}})
        EXPECT_EQ(member(answer, name), point + "/access/v1/" + path);
    EXPECT_TRUE(answer.says(R"("capabilities":["urn:tenure:authzen:capability:time-travel"])"));
    const Answered odd = named.get("/.well-known/authzen-configuration/tenants/a%22b%2F%3Fc", "-");
    EXPECT_EQ(member(odd, "policy_decision_point"),
              "https://access.example.com/tenants/a%22b%2F%3Fc");
}

TEST_F(Authzen, DecisionsAreCountedUnderTheirDoor) {
    evaluate_all(R"({"evaluations":[)" + asks("ana", "read", "1") + "," +
                 asks("ana", "write", "2") + ",{}]}");
    const std::string text = server_.get("/metrics", "-").body;
    EXPECT_NE(text.find(R"(tenure_decisions_total{decision="allow",door="authzen"} 1)"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(tenure_decisions_total{decision="deny",door="authzen"} 1)"),
              std::string::npos)
        << text;
}

}  // namespace
}  // namespace tenure::testing
