#include "server/key_fetch.h"

#include <algorithm>

#include "base/text.h"
#include "server/http_client.h"

namespace tenure::server {
namespace {

constexpr std::chrono::seconds look_again{1};

Result<ServerUrl> url_of_keys(const std::string& text) {
    TRY(auto url, parse_server_url(text, "issuers.jwks_url"));
    if (url.tls || url.on_loopback()) return url;
    return invalid("issuers.jwks_url",
                   quoted(text) + ": keys are fetched by https; by http on loopback only");
}

}  // namespace

Result<std::string> fetch(const std::string& url, std::chrono::milliseconds timeout,
                          const std::stop_token& stopping) {
    TRY(const ServerUrl place, url_of_keys(url));
    HttpClient client{place, {}, {timeout, limits::key_set_size_max}};
    ClientRequest request;
    request.target = place.target;
    request.headers = {{"Accept", "application/jwk-set+json, application/json"},
                       {"Connection", "close"}};
    request.repeatable = false;
    TRY(auto answer, client.ask(request, stopping));
    if (answer.status != 200)
        return Error{Errc::unavailable, "cannot fetch " + quoted(url) + ": the answer is " +
                                            std::to_string(answer.status)};
    return std::move(answer.body);
}

Result<void> check_url(const std::string& url) {
    TRY(url_of_keys(url));
    return success();
}

KeyFetch::KeyFetch(const std::vector<IssuerSettings>& settings, const JwtIssuers& issuers,
                   Clock& clock, Journal& journal, Metrics& metrics,
                   std::chrono::milliseconds timeout)
    : settings_{settings},
      issuers_{issuers},
      clock_{clock},
      journal_{journal},
      metrics_{metrics},
      timeout_{timeout} {}

KeyFetch::~KeyFetch() { stop(); }

void KeyFetch::start() {
    const auto by_url = [](const IssuerSettings& each) { return !each.jwks_url.empty(); };
    if (std::ranges::any_of(settings_, by_url))
        thread_ = std::jthread{[this](const std::stop_token& stopping) { loop(stopping); }};
}

void KeyFetch::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void KeyFetch::fetch_due(const std::stop_token& stopping) {
    for (std::size_t i = 0; i < settings_.size(); ++i) {
        KeyCache& keys = issuers_.keys(i);
        const std::string& url = settings_[i].jwks_url;
        if (url.empty() || !keys.wants_fetch(clock_.now())) continue;
        auto text = fetch(url, timeout_, stopping);
        if (stopping.stop_requested()) return;
        Result<KeySet> fetched =
            text ? KeySet::parse(text.value()) : Result<KeySet>{std::move(text.error())};
        metrics_.keys_fetched(fetched.has_value());
        if (!fetched)
            journal_.warn("keys_not_fetched", {{"issuer", settings_[i].issuer.issuer},
                                               {"error", fetched.error().detail}});
        keys.fetched(std::move(fetched), clock_.now());
    }
}

void KeyFetch::loop(const std::stop_token& stopping) {
    while (!stopping.stop_requested()) {
        fetch_due(stopping);
        std::unique_lock guard{mutex_};
        wake_.wait_for(guard, stopping, look_again, [] { return false; });
    }
}

}  // namespace tenure::server
