#pragma once
// KeyFetch: fetches the key sets of issuers that have a jwks_url, on a thread of its own, when
// their caches want it (key_cache.h). An issuer that is down costs nothing but a line in the
// journal.

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "server/journal.h"
#include "server/jwt_issuers.h"
#include "server/settings.h"

namespace tenure::server {

class KeyFetch {
public:
    // All outlive it.
    KeyFetch(const std::vector<IssuerSettings>& settings, const JwtIssuers& issuers, Clock& clock,
             Journal& journal);
    ~KeyFetch();
    KeyFetch(const KeyFetch&) = delete;
    KeyFetch& operator=(const KeyFetch&) = delete;

    void stop();

private:
    void loop();

    const std::vector<IssuerSettings>& settings_;
    const JwtIssuers& issuers_;
    Clock& clock_;
    Journal& journal_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

// Whether fetch() would take the URL.
Result<void> check_url(const std::string& url);

// The body of a 200, by GET over https (certificates checked) or, on loopback, http. Bounded in
// size and time.
Result<std::string> fetch(const std::string& url);

}  // namespace tenure::server
