#include "server/route.h"

namespace tenure::server {
namespace {

constexpr std::string_view tenant_segment = "{tenant}";
constexpr std::string_view id_segment = "{id}";

}  // namespace

Router::Router() {
    add_question_routes(routes_);
    add_command_routes(routes_);
    add_token_routes(routes_);
    add_authzen_routes(routes_);
    add_store_routes(routes_);
    for (const Route& route : routes_) {
        Shape shape;
        std::string_view path = route.path.substr(1);
        for (;;) {
            const std::size_t slash = path.find('/');
            shape.segments.push_back(path.substr(0, slash));
            if (slash == std::string_view::npos) break;
            path.remove_prefix(slash + 1);
        }
        shapes_.push_back(std::move(shape));
    }
}

Router::Found Router::find(http::verb verb, const Target& target) const {
    Found found;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        const auto& shape = shapes_[i].segments;
        if (shape.size() != target.segments.size()) continue;
        std::string_view tenant;
        std::string_view id;
        bool same = true;
        for (std::size_t k = shape.size(); k-- > 0 && same;) {
            const std::string& segment = target.segments[k];
            if (shape[k] == tenant_segment)
                tenant = segment;
            else if (shape[k] == id_segment)
                id = segment;
            else
                same = shape[k] == segment;
        }
        if (!same) continue;
        if (routes_[i].verb == verb ||
            (verb == http::verb::head && routes_[i].verb == http::verb::get)) {
            found.route = &routes_[i];
            found.number = i;
            found.tenant = tenant;
            found.id = id;
            return found;
        }
        const auto name = http::to_string(routes_[i].verb);
        found.allow += (found.allow.empty() ? "" : ", ") + std::string(name.data(), name.size());
    }
    found.number = routes_.size();
    return found;
}

std::vector<std::string> Router::names() const {
    std::vector<std::string> names;
    for (const Route& route : routes_) {
        const auto verb = http::to_string(route.verb);
        names.push_back(std::string(verb.data(), verb.size()) + ' ' + std::string(route.path));
    }
    names.emplace_back("none");
    return names;
}

}  // namespace tenure::server
