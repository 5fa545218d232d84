#pragma once
// The files that settings name: read when the server starts and at each reload, or only looked at.
// Errors name the setting, the file, and what would be right.

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "server/jwks.h"
#include "server/settings.h"

namespace tenure::server {

// Of certificate and key, with the authority of copies where there are any; null without TLS.
Result<std::shared_ptr<boost::asio::ssl::context>> read_tls(const Settings& settings);

// The key sets of issuers, by number; none of those whose keys are fetched.
Result<std::vector<std::optional<KeySet>>> read_key_sets(const Settings& settings);

// Whether a server with these settings, which check_settings takes, could use all the files and
// directories it needs: also the store's directory, and the decision log's. Makes and changes
// nothing, and takes no lock: a server may run on them.
Result<void> check_files(const Settings& settings);

}  // namespace tenure::server
