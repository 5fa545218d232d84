#pragma once
// Remote: a server instead of a store's directory, as --server or a profile name it. It asks what a
// command would ask of the store, in the form the command prints.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/coordinates_text.h"
#include "commands/options.h"
#include "commands/program.h"
#include "server/http_client.h"

namespace tenure::commands {

// Forms of answers, as Accept names them. Lines: of events and definitions of roles, one each.
inline constexpr std::string_view json_form = "application/json";
inline constexpr std::string_view lines_form = "application/jsonl";

// A question: where it is asked, and its parameters as a URL spells them.
struct RemoteQuestion {
    std::string path;  // below the tenant, encoded: "check", "roles/owner"
    std::vector<std::pair<std::string, std::string>> parameters{};
    std::string attributes{};  // JSON; with them it is sent as a body

    // Left out if empty.
    void add(std::string_view name, std::string_view value);
    void add_flag(std::string_view name, bool value);
    void add_plane(domain::Plane plane);
    void add_as_of(const cli::CoordinateTexts& texts);
    void add_as_of(const domain::AsOf& as_of);
    // Without a limit of its own: as much as a page of the server may have.
    void add_page(const query::Page& page);
};

class Remote {
public:
    // Nothing if the command goes to a store. `may`: the command can speak to a server.
    static Result<std::unique_ptr<Remote>> named(Program& program, bool may);

    const server::ServerUrl& url() const { return client_.url(); }

    const std::string& tenant() const { return access_.tenant; }

    const std::string& token() const { return access_.token; }

    const std::string& ca_file() const { return access_.ca_file; }

    // What the answer says, if it is one and no refusal. `accept` is the form that is wanted.
    Result<server::ClientAnswer> ask(const RemoteQuestion& question, std::string_view accept);
    // A path of the server, not of the tenant.
    Result<server::ClientAnswer> ask_server(const std::string& path, std::string_view accept);

    // Asks, prints the answer as the store's own would be printed, and says what the exit code is.
    Exit show(const RemoteQuestion& question);
    Exit show_answer(const Result<server::ClientAnswer>& answer);

    // The form that the program prints.
    std::string form() const;

    // The newest event of an object: `objects` is the path of its kind, such as "assignments".
    Result<domain::Event> last_event(std::string_view objects, const std::string& id);

    // Carries out a batch as the token's principal. Lost connections are no harm: it is sent again
    // under its command id, which it gets if it has none.
    Result<node::Receipt> submit(domain::Batch batch);

private:
    struct Access {
        std::string server;
        std::string tenant = "default";
        std::string token;
        std::string ca_file;
    };

    Remote(Program& program, Access access, server::ServerUrl url);

    static Result<Access> access_of(const Program& program, const std::string& profile);
    Result<server::ClientAnswer> send(server::ClientRequest request);

    Program& program_;
    const Access access_;
    server::HttpClient client_;
};

// At a server the actor is who the token stands for: refuses to name another.
Result<void> check_remote_actor(const std::string& actor);

}  // namespace tenure::commands
