#include "commands/grant_commands.h"

#include <algorithm>
#include <map>

#include "api/json_text.h"
#include "base/text.h"
#include "codec/catalogs.h"
#include "domain/limits.h"

namespace tenure::commands {
namespace {

Result<const domain::GrantTemplate*> grant_named(const std::string& catalog,
                                                 const std::string& name) {
    const auto* found = codec::find_catalog(catalog);
    if (found == nullptr)
        return Error{Errc::not_found,
                     "there is no catalog " + quoted(catalog) + "; see catalog list", "catalog"};
    const auto& grants = found->catalog.grants;
    const auto grant = std::ranges::find(grants, name, &domain::GrantTemplate::name);
    if (grant != grants.end()) return &*grant;
    std::string known;
    for (const domain::GrantTemplate& each : grants)
        known += (known.empty() ? "" : ", ") + each.name;
    return Error{Errc::not_found,
                 "catalog " + quoted(catalog) + " has no grant " + quoted(name) +
                     (known.empty() ? std::string{} : "; it has " + known),
                 "grant"};
}

// "project=/subscriptions/s/..." each.
Result<std::map<std::string, std::string>> parse_places(const std::vector<std::string>& texts) {
    std::map<std::string, std::string> places;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            return invalid("--at", quoted(text) + " is not of the form PLACE=SCOPE");
        if (!places.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
            return invalid("--at", "place " + quoted(text.substr(0, equals)) + " is given twice");
    }
    return places;
}

std::string assignment_id(const std::string& grant, std::size_t n) {
    return grant + '/' + std::to_string(n);
}

}  // namespace

GrantCommands::GrantCommands(CLI::App& app, Program& program) : program_{program} {
    CLI::App& group = add_group(app, program, "grant", "Roles that a catalog gives together");
    add_command(group, program, "give", "Assign all roles of a grant, or none",
                [this] { return give(); })
        .argument("catalog", catalog_, "CATALOG", "Such as azure-ai-foundry")
        .argument("grant", grant_, "GRANT", "Such as project-member; catalog show tells")
        .argument("id", id_, "ID", "Its assignments are named ID/1, ID/2 ...")
        .argument("principal", principal_, "PRINCIPAL", "Who gets them")
        .list("--at", places_, "PLACE=SCOPE", "The scope of each place the grant speaks of")
        .cause(cause_);
    add_command(group, program, "undo", "Revoke what is left of a grant, all together",
                [this] { return undo(); })
        .argument("id", id_, "ID", "As it was given")
        .cause(cause_);
}

domain::Command GrantCommands::command(const std::string& tenant, domain::CommandBody body) const {
    domain::Command command;
    command.tenant = tenant;
    command.actor = cause_.actor;
    command.reason = cause_.reason;
    command.ticket = cause_.ticket;
    command.body = std::move(body);
    return command;
}

Exit GrantCommands::give() {
    const auto grant = grant_named(catalog_, grant_);
    if (!grant) return program_.fail(grant.error());
    const auto places = parse_places(places_);
    if (!places) return program_.fail(places.error());
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());

    if (cause_.reason.empty()) cause_.reason = "grant " + grant_ + " of " + catalog_;
    domain::Batch batch;
    std::vector<std::string> assignments;
    for (const domain::RoleAtPlace& role : grant.value()->roles) {
        const auto scope = places.value().find(role.at);
        if (scope == places.value().end())
            return program_.fail(invalid("--at", "grant " + quoted(grant_) + " gives role " +
                                                     quoted(role.role) + " at the " + role.at +
                                                     "; add --at '" + role.at + "=SCOPE'"));
        domain::CreateAssignment create;
        create.assignment.id = assignment_id(id_, assignments.size() + 1);
        create.assignment.principal = principal_;
        create.assignment.role = role.role;
        create.assignment.scope = scope->second;
        assignments.push_back(create.assignment.id);
        batch.commands.push_back(command(tenant.value(), std::move(create)));
    }
    return submit(*node.value(), std::move(batch), assignments, "given");
}

Exit GrantCommands::undo() {
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto session = node.value()->session();
    domain::Batch batch;
    std::vector<std::string> assignments;
    for (std::size_t n = 1; n <= domain::limits::batch_commands_max; ++n) {
        const std::string id = assignment_id(id_, n);
        const auto history = session->history(tenant.value(), "assignment", id, {});
        if (!history) {
            if (history.error().code == Errc::not_found) break;
            return program_.fail(history.error());
        }
        const auto last = node.value()->event(history.value().events.back());
        if (!last) return program_.fail(last.error());
        if (std::holds_alternative<domain::AssignmentRevoked>(last.value().body)) continue;
        assignments.push_back(id);
        batch.commands.push_back(command(tenant.value(), domain::RevokeAssignment{id}));
    }
    if (batch.commands.empty())
        return program_.fail(Error{
            Errc::not_found,
            "nothing is left of a grant " + quoted(id_) + " in tenant " + quoted(tenant.value()),
            "id"});
    return submit(*node.value(), std::move(batch), assignments, "revoked");
}

Exit GrantCommands::submit(node::Node& node, domain::Batch batch,
                           const std::vector<std::string>& assignments, const char* done) {
    const auto receipt = node.submit(std::move(batch));
    if (!receipt) return program_.fail(receipt.error());
    if (program_.json()) {
        api::JsonText json;
        json.begin_object();
        json.member("grant", id_);
        json.list_member(done, assignments);
        json.member("revision", receipt.value().last);
        json.end_object();
        program_.print_line(json.take());
        return Exit::ok;
    }
    std::string text = "grant " + id_ + ": " + done;
    for (const std::string& assignment : assignments) text += ' ' + assignment;
    program_.print_line(
        cli::printable(text + "; revision " + std::to_string(receipt.value().last.value)));
    return Exit::ok;
}

}  // namespace tenure::commands
