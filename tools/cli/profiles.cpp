#include "cli/profiles.h"

// Errors as values.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/text.h"

namespace tenure::cli {
namespace {

std::string line_of(const toml::node& node) {
    return " (line " + std::to_string(node.source().begin.line) + ")";
}

Result<void> read_member(const toml::key& key, const toml::node& node, Profile& to) {
    std::string* place = key == "server"       ? &to.server
                         : key == "tenant"     ? &to.tenant
                         : key == "token"      ? &to.token
                         : key == "token_file" ? &to.token_file
                         : key == "ca_file"    ? &to.ca_file
                                               : nullptr;
    const std::string name{key.str()};
    if (place == nullptr)
        return invalid(name, quoted(name) + " is not a setting of a profile" + line_of(node) +
                                 "; there are server, tenant, token, token_file, ca_file");
    const auto text = node.value_exact<std::string>();
    if (!text || text->empty())
        return invalid(name, quoted(name) + " must be a text" + line_of(node));
    *place = *text;
    return success();
}

Result<Profile> read_profile(const toml::table& table) {
    Profile profile;
    for (const auto& [key, node] : table) {
        TRY(read_member(key, node, profile));
    }
    if (profile.server.empty()) return invalid("server", "it has no server" + line_of(table));
    if (!profile.token.empty() && !profile.token_file.empty())
        return invalid("token", "it has token and token_file; one is enough" + line_of(table));
    return profile;
}

}  // namespace

Result<ProfileFound> find_profile(std::string_view toml, const std::string& name) {
    const toml::parse_result parsed = toml::parse(toml);
    // The parser's own words may repeat what stands there.
    if (!parsed)
        return invalid(
            "", "it is not TOML (line " + std::to_string(parsed.error().source().begin.line) + ")");
    const toml::table* profiles = parsed.table()["profiles"].as_table();
    ProfileFound found;
    std::string known;
    bool is_there = false;
    if (profiles != nullptr) {
        for (const auto& [key, node] : *profiles) {
            known += (known.empty() ? "" : ", ") + std::string(key.str());
            const toml::table* table = node.as_table();
            if (table == nullptr)
                return invalid("profiles", "profiles." + std::string(key.str()) +
                                               " must be a table" + line_of(node));
            found.file_holds_token = found.file_holds_token || table->contains("token");
            if (key.str() != name) continue;
            auto profile = read_profile(*table);
            if (!profile) {
                profile.error().detail = "profile " + quoted(name) + ": " + profile.error().detail;
                return profile.error();
            }
            found.profile = std::move(profile.value());
            is_there = true;
        }
    }
    if (!is_there)
        return Error{Errc::not_found,
                     "there is no profile " + quoted(name) +
                         (known.empty() ? std::string{} : "; there are " + known),
                     "--profile"};
    return found;
}

}  // namespace tenure::cli
