// What the server says of itself in /openapi.json is what it does: the same routes, examples that
// work, every status that is documented and no other, answers of exactly the documented form.

#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <future>
#include <map>
#include <set>
#include <sstream>

#include "server/route.h"
#include "support/json_schema.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

namespace json = boost::json;

// AuthZEN's requests may have what nobody knows.
bool is_authzen(std::string_view path) { return path.find("/access/") != std::string_view::npos; }

std::string text_of(const json::value& value) {
    if (const json::string* text = value.if_string()) return {text->data(), text->size()};
    return json::serialize(value);
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || std::string_view{"-._~"}.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        }
    }
    return out;
}

std::string example_store() {
    std::ifstream file{TENURE_SOURCE_DIR "/tests/server/example_store.jsonl"};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// One operation of the document.
struct Operation {
    std::string id;
    std::string method;
    std::string path;
    const json::object* shared = nullptr;       // of the path
    const json::object* description = nullptr;  // of the operation

    bool open() const { return description->contains("security"); }

    bool documents(unsigned status) const {
        return description->at("responses").get_object().contains(std::to_string(status));
    }

    bool has_body() const { return description->contains("requestBody"); }
};

class Document {
public:
    // Braces would make an array of it.
    Document() : value_(json::parse(server_.get("/openapi.json", "-").body)) {
        for (const auto& [path, item] : value_.at("paths").get_object())
            for (const auto& [method, description] : item.get_object()) {
                if (method == "parameters") continue;
                Operation operation;
                operation.id = text_of(description.at("operationId"));
                for (const char c : std::string_view{method.data(), method.size()})
                    operation.method += static_cast<char>(std::toupper(c));
                operation.path = std::string{path.data(), path.size()};
                operation.shared = &item.get_object();
                operation.description = &description.get_object();
                operations_.push_back(operation);
            }
    }

    const json::value& value() const { return value_; }

    const std::vector<Operation>& operations() const { return operations_; }

    std::vector<const json::object*> parameters(const Operation& operation) const {
        std::vector<const json::object*> all;
        for (const json::object* owner : {operation.shared, operation.description})
            if (const json::value* list = owner->if_contains("parameters"))
                for (const json::value& each : list->get_array())
                    all.push_back(&schema().followed(each).get_object());
        return all;
    }

    bool takes(const Operation& operation, std::string_view name) const {
        return std::ranges::any_of(parameters(operation), [&](const json::object* parameter) {
            return text_of(parameter->at("name")) == name;
        });
    }

    // The path and the query with what is required.
    std::string target(const Operation& operation) const {
        std::string target = operation.path;
        std::string query;
        for (const json::object* parameter : parameters(operation)) {
            const json::value* required = parameter->if_contains("required");
            if (required == nullptr || !required->get_bool()) continue;
            const std::string name = text_of(parameter->at("name"));
            const std::string value = percent_encoded(text_of(parameter->at("example")));
            const std::size_t place = target.find('{' + name + '}');
            if (place != std::string::npos)
                target.replace(place, name.size() + 2, value);
            else
                query += (query.empty() ? '?' : '&') + name + '=' + value;
        }
        return target + query;
    }

    std::vector<std::pair<std::string, std::string>> bodies(const Operation& operation) const {
        std::vector<std::pair<std::string, std::string>> all;
        if (!operation.has_body()) return all;
        const json::value& content =
            operation.description->at("requestBody").at("content").at("application/json");
        for (const auto& [name, example] : content.at("examples").get_object())
            all.emplace_back(std::string{name.data(), name.size()},
                             json::serialize(example.at("value")));
        return all;
    }

    // With what is required and, where there is one, the first body.
    Asked request(const Operation& operation) const {
        Asked asked{operation.method, target(operation)};
        const auto examples = bodies(operation);
        if (!examples.empty()) asked.body = examples.front().second;
        if (operation.open()) asked.token = "-";
        return asked;
    }

    JsonSchema schema() const { return JsonSchema{value_}; }

private:
    RunningServer server_;
    json::value value_;
    std::vector<Operation> operations_;
};

// A server over the store the examples are about.
std::unique_ptr<RunningServer> example_server(const RunningServer::Change& change = {}) {
    auto server = std::make_unique<RunningServer>([change](server::Settings& settings) {
        settings.replication.node = "a";
        if (change) change(settings);
    });
    server->record(example_store());
    server->clock().advance_ms(60'000);
    return server;
}

std::string with_parameter(std::string target, const std::string& parameter) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    return target + parameter;
}

class OpenApi : public ::testing::Test {
protected:
    // Sends it and holds the answer against the document.
    unsigned ask(const RunningServer& server, const Operation& operation, const Asked& asked) {
        const Answered answer = server.ask(asked);
        const std::string what = operation.id + ": " + asked.method + ' ' + asked.target + ' ' +
                                 asked.body + "\n  " + std::to_string(answer.status) + ' ' +
                                 answer.body.substr(0, 600);
        if (!operation.documents(answer.status)) {
            ADD_FAILURE() << "undocumented status, " << what;
            return answer.status;
        }
        seen_.insert({operation.id, answer.status});
        const json::object& response =
            document_.schema()
                .followed(operation.description->at("responses").at(std::to_string(answer.status)))
                .get_object();
        check_headers(answer, response, what);
        check_body(answer, response, what);
        return answer.status;
    }

    void check_headers(const Answered& answer, const json::object& response,
                       const std::string& what) {
        static const std::set<std::string> promised{"Tenure-Revision",  "ETag",
                                                    "Cache-Control",    "X-Request-ID",
                                                    "WWW-Authenticate", "Retry-After"};
        const json::object& described = response.at("headers").get_object();
        for (const std::string& name : promised) {
            if (answer.header(name).empty()) continue;
            EXPECT_TRUE(described.contains(name)) << name << " is not documented, " << what;
        }
        EXPECT_FALSE(answer.header("X-Request-ID").empty()) << what;
        if (answer.status < 400) return;
        for (const auto& [name, header] : described)
            EXPECT_FALSE(answer.header(std::string{name.data(), name.size()}).empty())
                << name << " is missing, " << what;
    }

    void check_body(const Answered& answer, const json::object& response, const std::string& what) {
        const json::value* content = response.if_contains("content");
        if (content == nullptr) {
            EXPECT_EQ(answer.body, "") << what;
            return;
        }
        const auto& [type, form] = *content->get_object().begin();
        const std::string media = answer.header("Content-Type");
        EXPECT_EQ(media.substr(0, media.find(';')), std::string_view(type.data(), type.size()))
            << what;
        if (media.find("json") == std::string::npos) return;
        json::error_code failed;
        const json::value body = json::parse(answer.body, failed);
        ASSERT_FALSE(failed) << what;
        for (const std::string& fault : document_.schema().faults(form.at("schema"), body))
            ADD_FAILURE() << fault << '\n' << what;
    }

    // All operations that document `status` give it to what `change` makes of their request.
    void everywhere(const RunningServer& server, unsigned status,
                    const std::function<void(const Operation&, Asked&)>& change,
                    const std::function<bool(const Operation&)>& among = {}) {
        for (const Operation& operation : document_.operations()) {
            if (!operation.documents(status) || (among && !among(operation))) continue;
            Asked asked = document_.request(operation);
            change(operation, asked);
            EXPECT_EQ(ask(server, operation, asked), status)
                << operation.id << ' ' << asked.method << ' ' << asked.target;
        }
    }

    const Operation& operation(const std::string& id) const {
        const auto found = std::ranges::find(document_.operations(), id, &Operation::id);
        EXPECT_NE(found, document_.operations().end()) << id;
        return *found;
    }

    void ask_all_examples();
    void ask_what_is_refused_at_the_door();
    void ask_what_the_asker_may_not();
    void ask_for_what_is_not_there();
    void ask_with_conditions();
    void ask_a_server_that_cannot();

    Document document_;
    std::set<std::pair<std::string, unsigned>> seen_;
};

TEST_F(OpenApi, DescribesEveryRouteAndNoOther) {
    std::set<std::string> routes;
    const server::Router router;
    for (const server::Route& route : router.routes()) {
        const auto verb = server::http::to_string(route.verb);
        routes.insert(std::string(verb.data(), verb.size()) + ' ' + std::string(route.path) + ' ' +
                      std::string(route.operation));
    }
    std::set<std::string> described;
    for (const Operation& operation : document_.operations())
        described.insert(operation.method + ' ' + operation.path + ' ' + operation.id);
    EXPECT_EQ(described, routes);
}

TEST_F(OpenApi, DescribesEveryCommand) {
    std::set<std::string> described;
    const json::value& command = document_.value().at("components").at("schemas").at("Command");
    for (const json::value& each : command.at("oneOf").get_array())
        described.insert(
            text_of(document_.schema().followed(each).at("properties").at("type").at("const")));
    std::set<std::string> known;
    for (const std::string_view type : domain::command_types()) known.emplace(type);
    EXPECT_EQ(described, known);
    for (const auto& [name, body] : document_.bodies(operation("commands"))) known.erase(name);
    EXPECT_EQ(known, (std::set<std::string>{"tenant.create", "tenant.seal"})) << "without example";
}

TEST_F(OpenApi, NamesLinksThatLeadSomewhere) {
    for (const Operation& from : document_.operations())
        for (const auto& [status, response] : from.description->at("responses").get_object()) {
            const json::object& found = document_.schema().followed(response).get_object();
            const json::value* links = found.if_contains("links");
            if (links == nullptr) continue;
            for (const auto& [name, link] : links->get_object()) {
                const Operation& to = operation(text_of(link.at("operationId")));
                for (const auto& [parameter, value] : link.at("parameters").get_object())
                    EXPECT_TRUE(document_.takes(to, {parameter.data(), parameter.size()}))
                        << from.id << " to " << to.id << ": " << parameter;
            }
        }
}

// Every example is as its schema says, and gets the answer it is an example for.
void OpenApi::ask_all_examples() {
    const auto server = example_server();
    // As the operator, who may accept invitations for others.
    const auto unlocked =
        example_server([](server::Settings& settings) { settings.authentication = false; });
    unlocked->record(
        R"({"type":"invitation.create","data":{"invitation":"i-2","principal":"mo","email":"mo@partner.example","expiresAt":"2025-06-01T00:01:30Z"}})");
    unlocked->clock().advance_ms(60'000);
    const auto good = [](unsigned status) { return status == 200 || status == 201; };
    for (const Operation& operation : document_.operations()) {
        const bool commands = operation.id == "commands";
        Asked asked = document_.request(operation);
        if (commands) asked.token = "-";
        const RunningServer& to = commands ? *unlocked : *server;
        const auto bodies = document_.bodies(operation);
        if (bodies.empty()) {
            EXPECT_PRED1(good, ask(to, operation, asked)) << asked.method << ' ' << asked.target;
        }
        for (const auto& [name, body] : bodies) {
            const json::value& schema = operation.description->at("requestBody")
                                            .at("content")
                                            .at("application/json")
                                            .at("schema");
            for (const std::string& fault : document_.schema().faults(schema, json::parse(body)))
                ADD_FAILURE() << operation.id << ", example " << name << ": " << fault;
            asked.body = body;
            // An activation lasts five minutes at least.
            if (commands) unlocked->clock().advance_ms(360'000);
            EXPECT_PRED1(good, ask(to, operation, asked)) << operation.id << ", " << name;
        }
        for (const json::object* parameter : document_.parameters(operation)) {
            const json::value* example = parameter->if_contains("example");
            if (example == nullptr || parameter->contains("required")) continue;
            Asked more = document_.request(operation);
            more.target = with_parameter(more.target, text_of(parameter->at("name")) + '=' +
                                                          percent_encoded(text_of(*example)));
            EXPECT_PRED1(good, ask(to, operation, more)) << more.target;
        }
    }
    Asked nobody = document_.request(operation("me"));
    nobody.token = "-";
    EXPECT_EQ(ask(*unlocked, operation("me"), nobody), 200U);
}

void OpenApi::ask_what_is_refused_at_the_door() {
    const auto server = example_server();
    everywhere(*server, 400, [](const Operation&, Asked& asked) {
        asked.target = with_parameter(asked.target, "%zz");
    });
    everywhere(
        *server, 400,
        [](const Operation&, Asked& asked) {
            asked.target = with_parameter(asked.target, "colour=red");
        },
        [](const Operation& operation) {
            return !operation.open() && !is_authzen(operation.path);
        });
    everywhere(*server, 401, [](const Operation&, Asked& asked) { asked.token = "-"; });
    everywhere(*server, 415, [](const Operation&, Asked& asked) {
        asked.headers = {{"Content-Type", "text/plain"}};
    });
    everywhere(*server, 422, [](const Operation&, Asked& asked) {
        for (int i = 0; i < 65; ++i)
            asked.target = with_parameter(asked.target, "p" + std::to_string(i) + "=1");
    });
    const auto limited = [](auto limit) {
        return example_server([limit](server::Settings& settings) { limit(settings.limits); });
    };
    const auto as_it_is = [](const Operation&, Asked&) {};
    everywhere(*limited([](server::Limits& limits) { limits.body_bytes_max = 8; }), 413, as_it_is);
    everywhere(*limited([](server::Limits& limits) { limits.target_bytes_max = 4; }), 414,
               as_it_is);
    everywhere(*limited([](server::Limits& limits) { limits.client_requests_per_second_max = 0; }),
               429, as_it_is);
    everywhere(*limited([](server::Limits& limits) { limits.header_bytes_max = 32; }), 431,
               as_it_is);
}

void OpenApi::ask_what_the_asker_may_not() {
    const auto server =
        example_server([](server::Settings& settings) { settings.public_metrics = false; });
    const std::string nobody = server->token_of("bo", {"Contoso.Nothing/read"});
    everywhere(*server, 403, [&](const Operation& operation, Asked& asked) {
        if (!operation.open()) asked.token = nobody;
        // Everybody may ask for oneself, in a tenant.
        if (operation.id == "me") asked.target = "/v1/tenants//me";
        // Of many decisions some may be refused; the last example is one alone.
        if (operation.id == "authzenEvaluations")
            asked.body = document_.bodies(operation).back().second;
    });
}

void OpenApi::ask_for_what_is_not_there() {
    const auto server = example_server();
    const std::string early = "at=2025-05-01";
    const std::map<std::string, std::string> bodies{
        {"commands", R"({"commands":[{"type":"assignment.revoke","data":{"assignment":"none"}}]})"},
        {"putAssignment", R"({"principal":"bo","role":"none","scope":"/"})"},
        {"putAssignmentRole", R"({"role":"none"})"},
        {"postToken", R"({"principal":"none"})"},
        {"leastRoles", R"({"task":"none"})"}};
    const auto replaced = [](std::string target, const std::string& from, const std::string& to) {
        const std::size_t at = target.find(from);
        if (at != std::string::npos) target.replace(at, from.size(), to);
        return target;
    };
    const RunningServer alone;
    EXPECT_EQ(ask(alone, operation("replication"), document_.request(operation("replication"))),
              404U);
    const auto names_one = [](const Operation& each) { return each.id != "replication"; };
    const auto ask_for_none = [&](const Operation& operation, Asked& asked) {
        if (const auto body = bodies.find(operation.id); body != bodies.end())
            asked.body = body->second;
        else if (operation.id == "diff")
            asked.target = with_parameter(asked.target, "principal=none");
        else if (operation.id == "me")
            asked.target = with_parameter(asked.target, early);
        else
            for (const json::object* parameter : document_.parameters(operation))
                if (text_of(parameter->at("name")) == "id")
                    asked.target =
                        replaced(asked.target, percent_encoded(text_of(parameter->at("example"))),
                                 "%2Fnone");
    };
    everywhere(*server, 404, ask_for_none, names_one);
}

void OpenApi::ask_with_conditions() {
    const auto server = example_server();
    everywhere(*server, 304, [](const Operation& operation, Asked& asked) {
        if (operation.id == "diff")
            asked.target += "&to=3";
        else if (operation.id == "roleDiff")
            asked.target += "?from=12&to=12";
        else
            asked.target = with_parameter(asked.target, "at=2025-06-01T00:00:30Z");
        asked.headers = {{"If-None-Match", "*"}};
    });
    everywhere(*server, 409, [&](const Operation& operation, Asked& asked) {
        // The key belongs to another change.
        const Asked other{"POST",
                          "/v1/tenants/default/commands",
                          R"({"commands":[{"type":"settings.change","data":{"settings":{"x":")" +
                              operation.id + R"("}}}]})",
                          {},
                          {{"Idempotency-Key", operation.id}}};
        EXPECT_EQ(server->ask(other).status, 200U);
        asked.headers = {{"Idempotency-Key", operation.id}};
    });
    EXPECT_EQ(server->ask(document_.request(operation("putAssignment"))).status, 200U);
    everywhere(
        *server, 412,
        [](const Operation&, Asked& asked) {
            asked.headers = {{"If-Match", "\"999999\""}};
        },
        [](const Operation& operation) { return operation.id != "deleteRole"; });
    EXPECT_EQ(server->ask(document_.request(operation("putRole"))).status, 200U);
    Asked stale = document_.request(operation("deleteRole"));
    stale.headers = {{"If-Match", "\"999999\""}};
    EXPECT_EQ(ask(*server, operation("deleteRole"), stale), 412U);
}

void OpenApi::ask_a_server_that_cannot() {
    const auto hasty = example_server([](server::Settings& settings) {
        settings.limits.wait_max_ms = 1;
        settings.limits.long_questions_waiting_max = 0;
    });
    const auto reads = [&](const Operation& operation) {
        return document_.takes(operation, "at_least") && operation.id != "me";
    };
    everywhere(
        *hasty, 503,
        [](const Operation&, Asked& asked) {
            asked.target = with_parameter(asked.target, "at_least=99999");
        },
        reads);
    // Questions that need a thread of their own, and there is none.
    everywhere(
        *hasty, 503, [](const Operation&, Asked&) {},
        [](const Operation& operation) {
            return operation.id == "me" || operation.id == "metrics" || operation.id == "status" ||
                   operation.id == "replication" || operation.id == "logRoot" ||
                   operation.id == "indexDigest";
        });
    everywhere(
        *hasty, 503,
        [](const Operation& operation, Asked& asked) {
            json::value body = json::parse(asked.body);
            if (is_authzen(operation.path))
                body.get_object()["options"] = json::object{{"at_least", 99'999}};
            else
                body.get_object()["atLeast"] = 99'999;
            asked.body = json::serialize(body);
        },
        [](const Operation& operation) {
            return operation.has_body() && operation.id != "commands" && !operation.documents(507);
        });

    const auto server = example_server();
    server->restart([](node::Options& options) {
        options.disk_free_bytes_min = std::numeric_limits<std::uint64_t>::max();
    });
    everywhere(*server, 507, [](const Operation&, Asked&) {});
    server->node().stop();
    everywhere(
        *server, 503, [](const Operation&, Asked&) {},
        [](const Operation& operation) { return operation.documents(507); });
}

TEST_F(OpenApi, DocumentsEveryStatusThatComesAndNoOther) {
    ask_all_examples();
    ask_what_is_refused_at_the_door();
    ask_what_the_asker_may_not();
    ask_for_what_is_not_there();
    ask_with_conditions();
    ask_a_server_that_cannot();
    const auto follower = example_server(
        [](server::Settings& settings) { settings.replication.source = "http://127.0.0.1:9"; });
    everywhere(*follower, 307, [](const Operation&, Asked&) {});
    seen_.insert({"readyz", 503U});  // the test below

    for (const Operation& operation : document_.operations())
        for (const auto& [status, response] : operation.description->at("responses").get_object()) {
            const auto number =
                static_cast<unsigned>(std::stoul(std::string{status.data(), status.size()}));
            EXPECT_TRUE(seen_.contains({operation.id, number}))
                << operation.id << " documents " << number << ", which never came";
        }
}

TEST_F(OpenApi, AServerThatStopsIsNotReady) {
    RunningServer server;
    boost::asio::io_context context;
    const boost::asio::ip::tcp::endpoint there{boost::asio::ip::address_v4::loopback(),
                                               server.port()};
    boost::asio::ip::tcp::socket socket{context};
    socket.connect(there);
    // A request that has begun is waited for, however much the server wants to stop.
    boost::asio::write(socket, boost::asio::buffer(std::string{
                                   "GET /readyz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                                   "Content-Type: application/json\r\n"
                                   "Expect: 100-continue\r\n\r\n"}));
    std::string answer;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(answer), "100 Continue\r\n\r\n");
    answer.clear();
    auto stopped = std::async(std::launch::async, [&] { server.server().stop(); });
    // Stopping takes no more connections, however fast they come.
    boost::system::error_code refused;
    while (!refused) {
        boost::asio::ip::tcp::socket other{context};
        other.connect(there, refused);
    }
    boost::asio::write(socket, boost::asio::buffer(std::string{"{}"}));
    boost::system::error_code ended;
    boost::asio::read(socket, boost::asio::dynamic_buffer(answer), ended);
    stopped.get();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 503") << answer;
    EXPECT_NE(answer.find("Retry-After: 1"), std::string::npos) << answer;
}

TEST_F(OpenApi, APathTellsTheMethodsItTakes) {
    const auto server = example_server();
    std::map<std::string, std::set<std::string>> methods;
    for (const Operation& operation : document_.operations())
        methods[document_.target(operation)].insert(operation.method);
    for (const auto& [target, taken] : methods) {
        const Answered answer = server->ask({"OPTIONS", target});
        EXPECT_EQ(answer.status, 405U) << target;
        for (const std::string& method : taken)
            EXPECT_NE(answer.header("Allow").find(method), std::string::npos) << target;
    }
}

}  // namespace
}  // namespace tenure::testing
