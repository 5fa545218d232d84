#include "commands/token_commands.h"

#include "api/json_text.h"
#include "api/token_list.h"
#include "cli/coordinates_text.h"
#include "commands/remote.h"
#include "commands/submitting.h"
#include "server/store_token.h"

namespace tenure::commands {
std::string make_token(Program& program, domain::Token& token) {
    std::string secret = server::make_store_token(program.random());
    token.secret_hash = server::hash_of(secret);
    token.id = domain::token_id_of(token.secret_hash);
    return secret;
}

TokenCommands::TokenCommands(CLI::App& app, Program& program) : program_{program} {
    CLI::App& group = add_group(app, program, "token", "Bearer tokens of the store");
    add_command(
        group, program, "issue", "A token that stands for a principal; shown once",
        [this] { return issue(nullptr); }, [this](Remote& remote) { return issue(&remote); })
        .argument("principal", principal_, "PRINCIPAL", "Who it stands for")
        .option("--name", name_, "TEXT", "What it is for")
        .option("--expires", expires_, "TIME", "Until when it is good; always if left out")
        .list("--action", actions_, "PATTERN",
              "Good for these actions of reading only; for all the principal may if left out")
        .cause(cause_);
    add_command(
        group, program, "list",
        "The tokens there are; with --server also when each was last used there",
        [this] { return list(); }, [this](Remote& remote) { return list_at(remote); })
        .option("--principal", principal_, "PRINCIPAL", "Only those that stand for it")
        .page(page_)
        .as_of(as_of_);
    add_command(
        group, program, "revoke", "End a token", [this] { return revoke(nullptr); },
        [this](Remote& remote) { return revoke(&remote); })
        .argument("token", id_, "ID", "Its id, tok-...")
        .cause(cause_);
}

Exit TokenCommands::issue(Remote* remote) {
    domain::Token token;
    token.principal = principal_;
    token.name = name_;
    token.actions = actions_;
    if (!expires_.empty()) {
        const auto until = cli::parse_time(expires_, "--expires", program_.now());
        if (!until) return program_.fail(until.error());
        token.expires_at = until.value();
    }
    const std::string secret = make_token(program_, token);
    const std::string id = token.id;
    const auto issued =
        submit_batch(program_, remote, cause_, {domain::IssueToken{std::move(token)}});
    if (!issued) return program_.fail(issued.error());
    if (!program_.json()) {
        program_.print_line(secret);
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("token", secret);
    json.member("id", id);
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

Exit TokenCommands::list() {
    const auto as_of = cli::parse_as_of(as_of_, program_.now());
    if (!as_of) return program_.fail(as_of.error());
    const auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    auto answer = node.value()->session()->tokens(tenant.value(), principal_, as_of.value(), page_);
    if (!answer) return program_.fail(answer.error());
    const api::TokenList list{std::move(answer.value())};
    if (program_.json())
        program_.print_line(api::to_json(list));
    else
        program_.print(api::to_text(list, program_.paint()));
    return Exit::ok;
}

Exit TokenCommands::list_at(Remote& remote) {
    if (const auto as_of = cli::parse_as_of(as_of_, program_.now()); !as_of)
        return program_.fail(as_of.error());
    RemoteQuestion question{"tokens"};
    question.add("principal", principal_);
    question.add_page(page_);
    question.add_as_of(as_of_);
    return remote.show(question);
}

Exit TokenCommands::revoke(Remote* remote) {
    const auto done = submit_batch(program_, remote, cause_, {domain::RevokeToken{id_}});
    if (!done) return program_.fail(done.error());
    if (!program_.json()) program_.print_line("revoked " + id_);
    return Exit::ok;
}

}  // namespace tenure::commands
