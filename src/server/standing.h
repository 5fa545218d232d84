#pragma once
// Standing: whether who opened a long connection may still speak on it. Looked at again when more
// than a second has passed, so a token that was revoked or has expired and a principal that was
// disabled do not live on in an open socket.

#include <string>

#include "server/identity.h"
#include "server/worker.h"

namespace tenure::server {

class Standing {
public:
    Standing(std::string authorization, std::string tenant, Identity identity)
        : authorization_{std::move(authorization)},
          tenant_{std::move(tenant)},
          identity_{std::move(identity)} {}

    const Identity& identity() const { return identity_; }

    const std::string& tenant() const { return tenant_; }

    // The name it has in Clients.
    std::string client() const { return tenant_ + '\n' + identity_.principal; }

    bool holds(Worker& worker) {
        if (ended_) return false;
        const Instant now = worker.service.clock.now();
        if (identity_.expires_at && *identity_.expires_at <= now) return false;
        if (now.us - looked_us_ < second_us && now.us >= looked_us_) return true;
        looked_us_ = now.us;
        auto found =
            worker.service.authenticator.sign_in(authorization_, tenant_, worker.session(), now);
        // An issuer that cannot be asked just now does not end what has begun.
        if (!found) {
            ended_ = found.error().why != NotSignedIn::Why::unavailable;
            return !ended_;
        }
        identity_ = std::move(found.value());
        if (use_ == nullptr && !identity_.token.empty())
            use_ = worker.place_of_use(tenant_, identity_.token);
        TokenUses::note(use_, now);
        return true;
    }

private:
    static constexpr std::int64_t second_us = 1'000'000;

    const std::string authorization_;
    const std::string tenant_;
    Identity identity_;
    TokenUses::Place* use_ = nullptr;
    std::int64_t looked_us_ = 0;
    bool ended_ = false;  // for good
};

}  // namespace tenure::server
