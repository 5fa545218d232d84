#include "commands/grant_commands.h"

#include <algorithm>
#include <map>

#include "api/json_text.h"
#include "base/text.h"
#include "codec/catalogs.h"
#include "commands/remote.h"
#include "commands/submitting.h"
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
    const std::string known = joined(grants, ", ", &domain::GrantTemplate::name);
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
    add_command(
        group, program, "give", "Assign all roles of a grant, or none",
        [this] { return give(nullptr); }, [this](Remote& remote) { return give(&remote); })
        .argument("catalog", catalog_, "CATALOG", "Such as azure-ai-foundry")
        .argument("grant", grant_, "GRANT", "Such as project-member; catalog show tells")
        .argument("id", id_, "ID", "Its assignments are named ID/1, ID/2 ...")
        .argument("principal", principal_, "PRINCIPAL", "Who gets them")
        .list("--at", places_, "PLACE=SCOPE", "The scope of each place the grant speaks of")
        .cause(cause_);
    add_command(
        group, program, "undo", "Revoke what is left of a grant, all together",
        [this] { return undo(); }, [this](Remote& remote) { return undo_at(remote); })
        .argument("id", id_, "ID", "As it was given")
        .cause(cause_);
}

Exit GrantCommands::give(Remote* remote) {
    const auto grant = grant_named(catalog_, grant_);
    if (!grant) return program_.fail(grant.error());
    const auto places = parse_places(places_);
    if (!places) return program_.fail(places.error());
    if (cause_.reason.empty()) cause_.reason = "grant " + grant_ + " of " + catalog_;
    std::vector<domain::CommandBody> bodies;
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
        bodies.push_back(std::move(create));
    }
    return report(submit_batch(program_, remote, cause_, std::move(bodies)), assignments, "given");
}

// The assignments that are still there; `last_event` finds the newest event of one.
template <class LastEvent>
Result<std::vector<std::string>> GrantCommands::left(const std::string& tenant,
                                                     LastEvent&& last_event) const {
    std::vector<std::string> assignments;
    for (std::size_t n = 1; n <= domain::limits::batch_commands_max; ++n) {
        const std::string id = assignment_id(id_, n);
        const Result<domain::Event> last = last_event(id);
        if (!last && last.error().code == Errc::not_found) break;
        if (!last) return last.error();
        if (!std::holds_alternative<domain::AssignmentRevoked>(last.value().body))
            assignments.push_back(id);
    }
    if (assignments.empty())
        return Error{Errc::not_found,
                     "nothing is left of a grant " + quoted(id_) + " in tenant " + quoted(tenant),
                     "id"};
    return assignments;
}

std::vector<domain::CommandBody> GrantCommands::revocations(
    const std::vector<std::string>& assignments) {
    std::vector<domain::CommandBody> bodies;
    for (const std::string& id : assignments) bodies.emplace_back(domain::RevokeAssignment{id});
    return bodies;
}

Exit GrantCommands::undo() {
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto session = node.value()->session();
    const auto assignments =
        left(tenant.value(), [&](const std::string& id) -> Result<domain::Event> {
            TRY(const auto history, session->history(tenant.value(), "assignment", id, {}));
            return node.value()->event(history.events.back());
        });
    if (!assignments) return program_.fail(assignments.error());
    return report(
        node.value()->submit(batch_of(tenant.value(), cause_, revocations(assignments.value()))),
        assignments.value(), "revoked");
}

Exit GrantCommands::undo_at(Remote& remote) {
    const auto assignments = left(remote.tenant(), [&](const std::string& id) {
        return remote.last_event("assignments", id);
    });
    if (!assignments) return program_.fail(assignments.error());
    return report(submit_batch(program_, &remote, cause_, revocations(assignments.value())),
                  assignments.value(), "revoked");
}

Exit GrantCommands::report(const Result<node::Receipt>& receipt,
                           const std::vector<std::string>& assignments, const char* done) {
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
        api::printable(text + "; revision " + std::to_string(receipt.value().last.value)));
    return Exit::ok;
}

}  // namespace tenure::commands
