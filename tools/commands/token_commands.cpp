#include "commands/token_commands.h"

#include "api/json_text.h"
#include "cli/coordinates_text.h"
#include "server/store_token.h"

namespace tenure::commands {
namespace {

domain::Batch batch_of(const std::string& tenant, const CauseTexts& cause,
                       domain::CommandBody body) {
    domain::Batch batch;
    domain::Command& command = batch.commands.emplace_back();
    command.tenant = tenant;
    command.actor = cause.actor;
    command.reason = cause.reason;
    command.ticket = cause.ticket;
    command.body = std::move(body);
    return batch;
}

}  // namespace

Result<std::string> issue_token(Program& program, node::Node& node, const std::string& tenant,
                                domain::Token token, const CauseTexts& cause) {
    std::string secret = server::make_store_token(program.random());
    token.secret_hash = server::hash_of(secret);
    token.id = domain::token_id_of(token.secret_hash);
    TRY(node.submit(batch_of(tenant, cause, domain::IssueToken{std::move(token)})));
    return secret;
}

TokenCommands::TokenCommands(CLI::App& app, Program& program) : program_{program} {
    CLI::App& group = add_group(app, program, "token", "Bearer tokens of the store");
    add_command(group, program, "issue", "A token that stands for a principal; shown once",
                [this] { return issue(); })
        .argument("principal", principal_, "PRINCIPAL", "Who it stands for")
        .option("--name", name_, "TEXT", "What it is for")
        .option("--expires", expires_, "TIME", "Until when it is good; always if left out")
        .list("--action", actions_, "PATTERN",
              "Good for these actions of reading only; for all the principal may if left out")
        .cause(cause_);
    add_command(group, program, "revoke", "End a token", [this] { return revoke(); })
        .argument("token", id_, "ID", "Its id, tok-...")
        .cause(cause_);
}

Exit TokenCommands::issue() {
    domain::Token token;
    token.principal = principal_;
    token.name = name_;
    token.actions = actions_;
    if (!expires_.empty()) {
        const auto until = cli::parse_time(expires_, "--expires", program_.now());
        if (!until) return program_.fail(until.error());
        token.expires_at = until.value();
    }
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto secret =
        issue_token(program_, *node.value(), tenant.value(), std::move(token), cause_);
    if (!secret) return program_.fail(secret.error());
    if (!program_.json()) {
        program_.print_line(secret.value());
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("token", std::string_view{secret.value()});
    json.member("id", std::string_view{domain::token_id_of(server::hash_of(secret.value()))});
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

Exit TokenCommands::revoke() {
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto done =
        node.value()->submit(batch_of(tenant.value(), cause_, domain::RevokeToken{id_}));
    if (!done) return program_.fail(done.error());
    if (!program_.json()) program_.print_line("revoked " + id_);
    return Exit::ok;
}

}  // namespace tenure::commands
