#include "commands/remote.h"

#include <algorithm>
#include <filesystem>

#include "api/json_text.h"
#include "base/text.h"
#include "cli/profiles.h"
#include "codec/error_codes.h"
#include "codec/json_document.h"
#include "codec/json_lines.h"
#include "commands/attributes_file.h"
#include "server/http.h"
#include "server/json_member.h"
#include "server/limits.h"
#include "system/terminal.h"

namespace tenure::commands {
namespace {

namespace fs = std::filesystem;

// Tokens are single words; anything else would make another header of the request.
Result<std::string> checked_token(std::string token, const std::string& where) {
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
    if (token.empty() || !std::ranges::all_of(token, is_visible))
        return invalid("", where + " does not hold a token: one word is expected");
    return token;
}

Result<std::string> token_of_file(const std::string& file) {
    constexpr std::size_t token_bytes_max = 64 * 1024;
    TRY(auto text, whole_text(file, token_bytes_max));
    return checked_token(std::move(text), tenure::quoted(file));
}

Result<std::string> token_of_environment() {
    if (auto token = system::environment("TENURE_TOKEN"))
        return checked_token(std::move(*token), "TENURE_TOKEN");
    return std::string{};
}

std::string profiles_file() {
    if (const auto folder = system::environment("XDG_CONFIG_HOME"))
        return *folder + "/tenure/profiles.toml";
    return system::environment("HOME").value_or("") + "/.config/tenure/profiles.toml";
}

bool others_can_read(const std::string& file) {
    std::error_code failed;
    const auto permissions = fs::status(file, failed).permissions();
    return !failed &&
           (permissions & (fs::perms::group_read | fs::perms::others_read)) != fs::perms::none;
}

Result<cli::Profile> profile_named(const std::string& name) {
    const std::string file = profiles_file();
    TRY(const std::string text, whole_text(file));
    auto found = cli::find_profile(text, name);
    if (!found) {
        found.error().detail = tenure::quoted(file) + ": " + found.error().detail;
        return found.error();
    }
    if (found.value().file_holds_token && others_can_read(file))
        return invalid("", tenure::quoted(file) +
                               " holds a token and others can read it: chmod 600 makes it yours, "
                               "or put the token into a file of its own (token_file)");
    cli::Profile profile = std::move(found.value().profile);
    const fs::path folder = fs::path{file}.parent_path();
    if (!profile.token_file.empty()) profile.token_file = folder / profile.token_file;
    if (!profile.ca_file.empty()) profile.ca_file = folder / profile.ca_file;
    return profile;
}

// "known_at" as "knownAt".
std::string in_camel_case(const std::string& name) {
    std::string camel;
    bool up = false;
    for (const char c : name) {
        if (c == '_') {
            up = true;
            continue;
        }
        camel += up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        up = false;
    }
    return camel;
}

std::string query_of(const RemoteQuestion& question) {
    std::string query;
    for (const auto& [name, value] : question.parameters)
        query += (query.empty() ? '?' : '&') + name + '=' + server::percent_encoded(value);
    return query;
}

std::string body_of(const RemoteQuestion& question, Instant now) {
    api::JsonText json;
    json.begin_object();
    for (const auto& [name, value] : question.parameters) {
        json.name(in_camel_case(name));
        if (name == "revision" || name == "limit" || name == "groups")
            json.json(value);
        else
            json.value(value == "now" ? format_instant(now) : value);
    }
    json.name("attributes");
    json.json(question.attributes);
    json.end_object();
    return json.take();
}

Errc code_of_status(unsigned status) {
    switch (status) {
        case 401:
        case 403:
            return Errc::forbidden;
        case 404:
            return Errc::not_found;
        case 409:
        case 412:
            return Errc::conflict;
        case 413:
        case 414:
        case 422:
        case 429:
        case 431:
            return Errc::limit_exceeded;
        default:
            return status < 500 ? Errc::invalid_argument : Errc::unavailable;
    }
}

std::string text_member(const codec::JsonDocument& document, std::string_view name) {
    const codec::JsonValue* value = server::member_of(document, 0, name);
    return value != nullptr && server::is_text(*value) ? std::string(value->text) : std::string{};
}

// A refusal as the store itself would have said it.
Error error_of(const server::ClientAnswer& answer, const std::string& url, bool has_token) {
    if (answer.status == 401 && !has_token)
        return Error{Errc::forbidden,
                     url +
                         " wants a token: name its file by --token-file, set TENURE_TOKEN, or use "
                         "a profile"};
    codec::JsonDocument document{answer.body};
    const bool is_problem =
        answer.header("Content-Type").starts_with("application/problem+json") && document.parse();
    if (!is_problem)
        return Error{Errc::unavailable, url + " answers with status " +
                                            std::to_string(answer.status) +
                                            " and not as a tenure server does"};
    return Error{codec::error_code_named(text_member(document, "code"))
                     .value_or(code_of_status(answer.status)),
                 text_member(document, "detail"), text_member(document, "field")};
}

Result<node::Receipt> parse_receipt(const std::string& body) {
    const Error strange{Errc::unavailable, "the server's receipt cannot be read"};
    codec::JsonDocument document{body};
    if (!document.parse()) return strange;
    const auto number = [&](std::string_view name) -> std::optional<Revision> {
        const codec::JsonValue* value = server::member_of(document, 0, name);
        if (value == nullptr || value->kind != codec::JsonValue::Kind::integer) return std::nullopt;
        return Revision{static_cast<std::uint64_t>(value->integer)};
    };
    node::Receipt receipt;
    const auto last = number("revision");
    if (!last) return strange;
    receipt.last = *last;
    // Without events there is no first one.
    receipt.first = number("first").value_or(next(receipt.last));
    if (const std::string at = text_member(document, "recordedAt"); !at.empty()) {
        TRY(receipt.recorded_at, parse_instant(at, "recordedAt"));
    }
    const codec::JsonValue* repeated = server::member_of(document, 0, "repeated");
    receipt.repeated = repeated != nullptr && repeated->integer == 1;
    return receipt;
}

}  // namespace

void RemoteQuestion::add(std::string_view name, std::string_view value) {
    if (!value.empty()) parameters.emplace_back(name, value);
}

void RemoteQuestion::add_flag(std::string_view name, bool value) { add(name, value ? "true" : ""); }

void RemoteQuestion::add_plane(domain::Plane plane) {
    if (plane != domain::Plane{}) add("plane", domain::name_of(plane));
}

void RemoteQuestion::add_as_of(const cli::CoordinateTexts& texts) {
    add("at", texts.at);
    if (texts.revision) add("revision", std::to_string(*texts.revision));
    add("known_at", texts.known_at);
}

void RemoteQuestion::add_as_of(const domain::AsOf& as_of) {
    if (as_of.at) add("at", format_instant(*as_of.at));
    if (as_of.revision) add("revision", std::to_string(as_of.revision->value));
    if (as_of.known_at) add("known_at", format_instant(*as_of.known_at));
}

void RemoteQuestion::add_page(const query::Page& page) {
    constexpr std::size_t page_entries_max = server::Limits{}.page_entries_max;
    add("limit", std::to_string(page.limit == 0 ? page_entries_max : page.limit));
    add("cursor", page.cursor);
}

Result<Remote::Access> Remote::access_of(const Program& program, const std::string& profile) {
    const GlobalOptions& global = program.global;
    Access access;
    if (profile.empty()) {
        access.server = global.server;
    } else {
        TRY(cli::Profile named, profile_named(profile));
        access.server = std::move(named.server);
        if (!named.tenant.empty()) access.tenant = std::move(named.tenant);
        access.ca_file = std::move(named.ca_file);
        access.token = std::move(named.token);
        if (!access.token.empty()) {
            TRY(access.token, checked_token(std::move(access.token), "the profile's token"));
        }
        if (!named.token_file.empty() && global.token_file.empty()) {
            TRY(access.token, token_of_file(named.token_file));
        }
    }
    if (global.tenant_given) access.tenant = global.tenant;
    if (!global.ca_file.empty()) access.ca_file = global.ca_file;
    if (!global.token_file.empty()) {
        TRY(access.token, token_of_file(global.token_file));
    }
    if (access.token.empty()) {
        TRY(access.token, token_of_environment());
    }
    return access;
}

Result<std::unique_ptr<Remote>> Remote::named(Program& program, bool may) {
    const GlobalOptions& global = program.global;
    std::unique_ptr<Remote> none;
    const bool by_option = !global.server.empty() || !global.profile.empty();
    if (!global.server.empty() && !global.profile.empty())
        return invalid("", "--server and --profile both name a server: give one of them");
    if (by_option && !global.store.empty())
        return invalid("", "--store names a directory and " +
                               std::string(global.server.empty() ? "--profile" : "--server") +
                               " a server: give one of them");
    if (by_option && !may)
        return invalid("", tenure::quoted(program.chosen_name) +
                               " does not go through a server: it works beside a store's files "
                               "(--store), or needs none");
    std::string profile = global.profile;
    if (!by_option) {
        if (!global.token_file.empty() || !global.ca_file.empty())
            return invalid("", "--token-file and --ca-file go with --server or --profile");
        const auto usual = system::environment("TENURE_PROFILE");
        if (!may || !usual || !global.store.empty()) return none;
        if (system::environment("TENURE_STORE"))
            return invalid("",
                           "TENURE_STORE and TENURE_PROFILE are both set: say --store or "
                           "--profile");
        profile = *usual;
    }
    TRY(Access access, access_of(program, profile));
    TRY(server::ServerUrl url, server::parse_server_url(access.server, "--server"));
    if (!access.token.empty()) {
        TRY(server::check_safe_for_secrets(url, "--server"));
    }
    return std::unique_ptr<Remote>{new Remote{program, std::move(access), std::move(url)}};
}

Remote::Remote(Program& program, Access access, server::ServerUrl url)
    : program_{program}, access_{std::move(access)}, client_{std::move(url), access_.ca_file} {}

std::string Remote::form() const {
    if (program_.json()) return std::string(json_form);
    return program_.in_colour() ? "text/plain; color=always" : "text/plain";
}

Result<server::ClientAnswer> Remote::send(server::ClientRequest request) {
    if (!access_.token.empty())
        request.headers.emplace_back("Authorization", "Bearer " + access_.token);
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", json_form);
    TRY(auto answer, client_.ask(request));
    if (answer.status >= 400) return error_of(answer, url().text, !access_.token.empty());
    return answer;
}

Result<server::ClientAnswer> Remote::ask_server(const std::string& path, std::string_view accept) {
    server::ClientRequest request;
    request.target = url().below(path);
    request.headers.emplace_back("Accept", accept);
    return send(std::move(request));
}

Result<server::ClientAnswer> Remote::ask(const RemoteQuestion& question, std::string_view accept) {
    const std::string path =
        "/v1/tenants/" + server::percent_encoded(access_.tenant) + '/' + question.path;
    server::ClientRequest request;
    request.headers.emplace_back("Accept", accept);
    if (question.attributes.empty()) {
        request.target = url().below(path) + query_of(question);
    } else {
        request.method = "POST";
        request.target = url().below(path);
        request.body = body_of(question, program_.now());
    }
    return send(std::move(request));
}

Exit Remote::show(const RemoteQuestion& question) { return show_answer(ask(question, form())); }

Exit Remote::show_answer(const Result<server::ClientAnswer>& answer) {
    if (!answer) return program_.fail(answer.error());
    const std::string& body = answer.value().body;
    if (program_.json()) {
        program_.print_line(body);
        return body.starts_with(R"({"decision":"deny")") ? Exit::deny : Exit::ok;
    }
    if (!answer.value().header("Content-Type").starts_with("text/plain"))
        return program_.fail(Error{Errc::unavailable,
                                   url().text + " does not write for people: ask it with --json"});
    program_.print(body);
    return answer.value().header("Tenure-Decision") == "deny" ? Exit::deny : Exit::ok;
}

Result<domain::Event> Remote::last_event(std::string_view objects, const std::string& id) {
    const RemoteQuestion question{std::string(objects) + '/' + server::percent_encoded(id) +
                                  "/history"};
    TRY(const auto answer, ask(question, lines_form));
    std::string_view lines = answer.body;
    if (lines.ends_with('\n')) lines.remove_suffix(1);
    return codec::parse_event_line(lines.substr(lines.rfind('\n') + 1));
}

Result<node::Receipt> Remote::submit(domain::Batch batch) {
    if (batch.command_id.empty())
        batch.command_id = "cli-" + std::to_string(program_.now().us) + '-' +
                           std::to_string(program_.random().next());
    std::string body = R"({"commands":[)";
    for (std::size_t i = 0; i < batch.commands.size(); ++i)
        body += (i == 0 ? "" : ",") + codec::command_json(batch.commands[i]);
    body += ']';
    if (batch.expected_revision)
        body += ",\"expectedRevision\":" + std::to_string(batch.expected_revision->value);
    body += '}';
    server::ClientRequest request;
    request.method = "POST";
    request.target =
        url().below("/v1/tenants/" + server::percent_encoded(access_.tenant) + "/commands");
    request.headers.emplace_back("Accept", json_form);
    request.headers.emplace_back("Idempotency-Key", batch.command_id);
    request.body = std::move(body);
    TRY(const auto answer, send(std::move(request)));
    return parse_receipt(answer.body);
}

Result<void> check_remote_actor(const std::string& actor) {
    if (actor == domain::system_actor) return success();
    return invalid("", "--actor is for a store's directory: at a server the token says who asks");
}

}  // namespace tenure::commands
