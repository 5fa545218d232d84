// Paths of the AuthZEN API: one decision point for each tenant, and its description.

#include <array>

#include "api/json_text.h"
#include "server/authzen_answers.h"

namespace tenure::server {
namespace authzen {
namespace {

constexpr std::string_view time_travel = "urn:tenure:authzen:capability:time-travel";

// Open: it tells nothing that the standard does not, not even whether there is such a tenant. The
// addresses are the configured ones, whatever Host the request names.
Reply configuration(Call& call, node::Session&) {
    const std::string point = call.service.public_url + "/tenants/" + percent_encoded(call.tenant);
    const auto endpoint = [&](std::string_view path) {
        return point + "/access/v1/" + std::string(path);
    };
    api::JsonText json;
    json.begin_object();
    json.member("policy_decision_point", point);
    json.member("access_evaluation_endpoint", endpoint("evaluation"));
    json.member("access_evaluations_endpoint", endpoint("evaluations"));
    json.member("search_subject_endpoint", endpoint("search/subject"));
    json.member("search_resource_endpoint", endpoint("search/resource"));
    json.member("search_action_endpoint", endpoint("search/action"));
    json.list_member("capabilities", std::array{time_travel});
    json.end_object();
    Reply reply;
    reply.body = json.take();
    reply.headers.emplace_back("Cache-Control", "no-cache");
    return reply;
}

}  // namespace

unsigned status_of_error(Errc code) {
    constexpr unsigned too_large = 413;
    return code == Errc::limit_exceeded ? too_large : status_of(code);
}

Reply refused(const Error& error) {
    return problem(status_of_error(error.code), name_of(error.code), error);
}

}  // namespace authzen

void add_authzen_routes(std::vector<Route>& routes) {
    const auto add = [&](std::string_view path, Runs runs, Reply (*answer)(Call&, node::Session&),
                         std::string_view operation) {
        Route route;
        route.path = path;
        route.verb = http::verb::post;
        route.runs = runs;
        route.status_of_other_media = 400;
        route.answer = answer;
        route.operation = operation;
        routes.push_back(route);
    };
    add("/tenants/{tenant}/access/v1/evaluation", Runs::here, authzen::evaluation,
        "authzenEvaluation");
    add("/tenants/{tenant}/access/v1/evaluations", Runs::here, authzen::evaluations,
        "authzenEvaluations");
    add("/tenants/{tenant}/access/v1/search/subject", Runs::longer, authzen::search_subject,
        "authzenSearchSubject");
    add("/tenants/{tenant}/access/v1/search/resource", Runs::longer, authzen::search_resource,
        "authzenSearchResource");
    add("/tenants/{tenant}/access/v1/search/action", Runs::longer, authzen::search_action,
        "authzenSearchAction");
    Route configuration;
    configuration.path = "/.well-known/authzen-configuration/tenants/{tenant}";
    configuration.verb = http::verb::get;
    configuration.runs = Runs::here;
    configuration.open = true;
    configuration.answer = authzen::configuration;
    configuration.operation = "authzenConfiguration";
    routes.push_back(configuration);
}

}  // namespace tenure::server
