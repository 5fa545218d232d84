#pragma once
// KeyFetch: fetches the key sets of issuers that have a jwks_url, on a thread of its own, when
// their caches want it (key_cache.h). An issuer that is down costs nothing but a line in the
// journal and a count.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "server/journal.h"
#include "server/jwt_issuers.h"
#include "server/metrics.h"
#include "server/settings.h"

namespace tenure::server {

// Of one fetch, from the name of the host to the last byte.
inline constexpr std::chrono::milliseconds key_fetch_timeout{10'000};

class KeyFetch {
public:
    // All outlive it.
    KeyFetch(const std::vector<IssuerSettings>& settings, const JwtIssuers& issuers, Clock& clock,
             Journal& journal, Metrics& metrics,
             std::chrono::milliseconds timeout = key_fetch_timeout);
    ~KeyFetch();  // stop(), if nobody did
    KeyFetch(const KeyFetch&) = delete;
    KeyFetch& operator=(const KeyFetch&) = delete;

    // Looks each second, if there is an issuer with a URL.
    void start();
    // At once, even while an issuer takes its time.
    void stop();

    // Fetches what is wanted now: what the thread does, for those who have none.
    void fetch_due(const std::stop_token& stopping = {});

private:
    void loop(const std::stop_token& stopping);

    const std::vector<IssuerSettings>& settings_;
    const JwtIssuers& issuers_;
    Clock& clock_;
    Journal& journal_;
    Metrics& metrics_;
    const std::chrono::milliseconds timeout_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;
};

// Whether fetch() would take the URL.
Result<void> check_url(const std::string& url);

// The body of a 200, by GET over https (certificates checked) or, on loopback, http. Bounded in
// size and time; ends early when it is to stop. Redirections are not followed: where keys come
// from is a setting.
Result<std::string> fetch(const std::string& url, std::chrono::milliseconds timeout,
                          const std::stop_token& stopping);

}  // namespace tenure::server
