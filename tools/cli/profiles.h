#pragma once
// Profiles: servers by name, each with its tenant and token, in a file of the user's.
//
//   [profiles.work]
//   server = "https://access.example.com"
//   tenant = "contoso"
//   token_file = "work.token"        # or token = "tenure_..."

#include <string>
#include <string_view>

#include "base/result.h"

namespace tenure::cli {

struct Profile {
    std::string server;
    std::string tenant{};
    std::string token{};
    std::string token_file{};
    std::string ca_file{};
};

struct ProfileFound {
    Profile profile;
    bool file_holds_token = false;  // of any profile
};

// The profile of that name. Errors never repeat a value: it may be secret.
Result<ProfileFound> find_profile(std::string_view toml, const std::string& name);

}  // namespace tenure::cli
