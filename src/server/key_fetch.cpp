#include "server/key_fetch.h"

#include <algorithm>

#include "base/text.h"
#include "server/http_client.h"
#include "server/jwks.h"

namespace tenure::server {
namespace {

constexpr std::chrono::seconds fetch_timeout{10};
constexpr std::chrono::seconds look_again{1};

Result<ServerUrl> place_of(const std::string& url) {
    TRY(auto place, parse_server_url(url, "issuers.jwks_url"));
    if (!place.tls && !place.on_loopback())
        return invalid("issuers.jwks_url",
                       quoted(url) + ": keys are fetched by https; by http on loopback only");
    return place;
}

}  // namespace

Result<std::string> fetch(const std::string& url) {
    TRY(auto place, place_of(url));
    ClientRequest request;
    request.target = place.target;
    request.headers.emplace_back("Accept", "application/jwk-set+json, application/json");
    HttpClient client{std::move(place), {}, {fetch_timeout, limits::key_set_size_max}};
    TRY(auto answer, client.ask(request));
    if (answer.status != 200)
        return Error{Errc::unavailable, "cannot fetch " + quoted(url) + ": the answer is " +
                                            std::to_string(answer.status)};
    return std::move(answer.body);
}

Result<void> check_url(const std::string& url) {
    TRY(place_of(url));
    return success();
}

KeyFetch::KeyFetch(const std::vector<IssuerSettings>& settings, const JwtIssuers& issuers,
                   Clock& clock, Journal& journal)
    : settings_{settings}, issuers_{issuers}, clock_{clock}, journal_{journal} {
    const auto by_url = [](const IssuerSettings& each) { return !each.jwks_url.empty(); };
    if (std::ranges::any_of(settings_, by_url)) thread_ = std::thread{[this] { loop(); }};
}

KeyFetch::~KeyFetch() { stop(); }

void KeyFetch::stop() {
    {
        const std::lock_guard guard{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void KeyFetch::loop() {
    for (;;) {
        for (std::size_t i = 0; i < settings_.size(); ++i) {
            KeyCache& keys = issuers_.keys(i);
            const std::string& url = settings_[i].jwks_url;
            if (url.empty() || !keys.wants_fetch(clock_.now())) continue;
            auto text = fetch(url);
            Result<KeySet> fetched =
                text ? KeySet::parse(text.value()) : Result<KeySet>{text.error()};
            if (!fetched)
                journal_.warn("keys_not_fetched", {{"issuer", settings_[i].issuer.issuer},
                                                   {"error", fetched.error().detail}});
            keys.fetched(std::move(fetched), clock_.now());
        }
        std::unique_lock guard{mutex_};
        if (wake_.wait_for(guard, look_again, [&] { return stopping_; })) return;
    }
}

}  // namespace tenure::server
