#include <openssl/err.h>

#include <string>

#include "base/invariant.h"
#include "fuzz/targets.h"
#include "server/jwks.h"

namespace tenure::fuzz {

void key_set(Bytes input) {
    const auto set = server::KeySet::parse(text_of(input));
    INVARIANT(ERR_peek_error() == 0);
    if (!set) {
        INVARIANT(!set.error().detail.empty());
        return;
    }
    INVARIANT(set.value().size() > 0);
    INVARIANT(set.value().size() + set.value().skipped() <= server::limits::keys_max);
    for (const server::JwsAlgorithm algorithm : server::jws_algorithms) {
        const auto* key = set.value().find(std::nullopt, algorithm);
        if (key == nullptr) continue;
        INVARIANT(key->algorithm() == algorithm);
        INVARIANT(!key->verifies("text", ""));
        for (const std::size_t size : {64U, 256U}) key->verifies("text", std::string(size, '\x01'));
        INVARIANT(ERR_peek_error() == 0);
    }
    const auto again = server::KeySet::parse(text_of(input));
    INVARIANT(again.has_value());
    INVARIANT(again.value().size() == set.value().size());
    INVARIANT(again.value().skipped() == set.value().skipped());
}

}  // namespace tenure::fuzz
