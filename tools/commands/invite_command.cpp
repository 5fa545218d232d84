#include "commands/invite_command.h"

#include "api/json_text.h"
#include "base/hex_words.h"
#include "base/text.h"
#include "cli/coordinates_text.h"
#include "codec/json_lines.h"
#include "commands/remote.h"
#include "commands/submitting.h"
#include "server/store_token.h"
#include "system/delivery.h"

namespace tenure::commands {
namespace {

constexpr int secret_words = 4;  // 256 bits
constexpr int delivery_tries = 3;

// "reader@/subscriptions/s1": up to the first '@' that a scope follows.
Result<domain::RoleAtScope> parse_role(const std::string& text) {
    const std::size_t at = text.find("@/");
    if (at == std::string::npos || at == 0)
        return invalid("--role", quoted(text) + " is not of the form ROLE@/SCOPE");
    return domain::RoleAtScope{text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

InviteCommand::InviteCommand(CLI::App& app, Program& program) : program_{program} {
    const auto sent = [&](const Command& command) {
        command
            .option("--expires", expires_, "TIME", "Until when it can be accepted; else for ever")
            .option("--link", link_, "TEXT",
                    "How to accept, in the message; {invitation} and {secret} are filled in")
            .option("--deliver", deliver_, "COMMAND",
                    "Gets the message as its standard input; the invitation stands if it fails")
            .cause(cause_);
    };
    const Command invite_command = add_command(
        app, program, "invite", "Invite a person, and write the message to send",
        [this] { return invite(nullptr); }, [this](Remote& remote) { return invite(&remote); });
    invite_command.argument("invitation", invitation_, "ID", "Id of the invitation")
        .argument("email", email_, "EMAIL", "Where the message goes")
        .option("--principal", principal_, "ID", "Id of the new principal; else the e-mail address")
        .option("--name", name_, "NAME", "The person's name")
        .list("--role", roles_, "ROLE@SCOPE", "What the person gets by accepting")
        .flag("--member", member_, "A member of the organisation, not a guest");
    sent(invite_command);
    const Command resend_command = add_command(
        app, program, "reinvite", "A new secret for an invitation; the old one is dead",
        [this] { return resend(nullptr); }, [this](Remote& remote) { return resend(&remote); });
    resend_command.argument("invitation", invitation_, "ID", "Id of the invitation");
    sent(resend_command);
    add_command(
        app, program, "accept", "Accept an invitation with its secret",
        [this] { return accept(nullptr); }, [this](Remote& remote) { return accept(&remote); })
        .argument("invitation", invitation_, "ID", "Id of the invitation")
        .argument("principal", principal_, "PRINCIPAL", "Who accepts: the invited principal")
        .option("--secret", secret_, "SECRET", "As the message says");
}

std::string InviteCommand::new_secret() {
    std::string secret;
    for (int i = 0; i < secret_words; ++i) secret += hex_of(program_.random().next());
    return secret;
}

Exit InviteCommand::invite(Remote* remote) {
    domain::CreateInvitation create;
    create.invitation.id = invitation_;
    create.invitation.principal = principal_.empty() ? email_ : principal_;
    create.invitation.email = email_;
    create.invitation.name = name_;
    create.user_type = member_ ? domain::UserType::member : domain::UserType::guest;
    for (const std::string& text : roles_) {
        auto role = parse_role(text);
        if (!role) return program_.fail(role.error());
        create.invitation.roles.push_back(std::move(role.value()));
    }
    if (!expires_.empty()) {
        const auto expires = cli::parse_time(expires_, "--expires", program_.now());
        if (!expires) return program_.fail(expires.error());
        create.invitation.expires_at = expires.value();
    }
    Made made;
    made.invitation = invitation_;
    made.secret = new_secret();
    create.invitation.secret_hash = server::hash_of(made.secret);
    return submit(remote, std::move(create), std::move(made));
}

Exit InviteCommand::resend(Remote* remote) {
    domain::ResendInvitation resend;
    resend.invitation = invitation_;
    if (!expires_.empty()) {
        const auto expires = cli::parse_time(expires_, "--expires", program_.now());
        if (!expires) return program_.fail(expires.error());
        resend.expires_at = expires.value();
    }
    Made made;
    made.invitation = invitation_;
    made.secret = new_secret();
    resend.secret_hash = server::hash_of(made.secret);
    return submit(remote, std::move(resend), std::move(made));
}

Exit InviteCommand::accept(Remote* remote) {
    // At a server the token says who accepts.
    if (remote == nullptr) cause_.actor = principal_;
    return submit(
        remote,
        domain::AcceptInvitation{invitation_, secret_.empty() ? "" : server::hash_of(secret_)},
        {invitation_, {}, {}, {}});
}

std::string InviteCommand::message(const Made& made) const {
    std::string how =
        link_.empty() ? "tenure accept {invitation} PRINCIPAL --secret {secret}" : link_;
    const auto fill = [&](std::string_view place, const std::string& value) {
        for (std::size_t at = how.find(place); at != std::string::npos;
             at = how.find(place, at + value.size()))
            how.replace(at, place.size(), value);
    };
    fill("{invitation}", made.invitation);
    fill("{secret}", made.secret);
    std::string text;
    if (!email_.empty()) text += "To: " + email_ + '\n';
    text += "Subject: Invitation\n\n";
    text += name_.empty() ? "Hello,\n\n" : "Hello " + name_ + ",\n\n";
    text += "you are invited. To accept:\n\n  " + how + "\n\n";
    if (!expires_.empty()) text += "The invitation can be accepted until " + expires_ + ".\n";
    text += "It works once; a later message replaces it.\n";
    return text;
}

Exit InviteCommand::submit(Remote* remote, domain::CommandBody body, Made made) {
    const auto receipt = submit_batch(program_, remote, cause_, {std::move(body)});
    if (!receipt) return program_.fail(receipt.error());
    made.revision = receipt.value().last;
    if (!made.secret.empty()) made.message = message(made);
    if (!made.secret.empty() && !deliver_.empty()) return deliver(made);
    if (program_.json()) {
        api::JsonText json;
        json.begin_object();
        json.member("invitation", made.invitation);
        json.member("revision", made.revision);
        json.text_member("secret", made.secret);
        json.text_member("message", made.message);
        json.end_object();
        program_.print_line(json.take());
    } else if (made.secret.empty()) {
        program_.print_line(api::printable("invitation " + made.invitation +
                                           " is accepted; revision " +
                                           std::to_string(made.revision.value)));
    } else {
        program_.print(made.message);
    }
    return Exit::ok;
}

Exit InviteCommand::deliver(const Made& made) {
    Result<void> handed = success();
    for (int attempt = 0; attempt < delivery_tries; ++attempt) {
        handed = system::hand_to(deliver_, made.message);
        if (handed) break;
    }
    if (!handed) {
        Error error = handed.error();
        error.detail = "invitation " + quoted(made.invitation) + " is made (revision " +
                       std::to_string(made.revision.value) +
                       "), but its message was not handed on: " + error.detail +
                       "; reinvite makes a new one";
        return program_.fail(error);
    }
    program_.print_line(
        program_.json()
            ? "{\"invitation\":" + codec::json_string(made.invitation) +
                  ",\"revision\":" + std::to_string(made.revision.value) + ",\"delivered\":true}"
            : api::printable("invitation " + made.invitation + " is handed on; revision " +
                             std::to_string(made.revision.value)));
    return Exit::ok;
}

}  // namespace tenure::commands
