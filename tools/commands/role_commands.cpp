#include "commands/role_commands.h"

#include <algorithm>

#include "api/role_questions.h"
#include "base/text.h"
#include "codec/catalogs.h"
#include "codec/role_definitions.h"
#include "commands/attributes_file.h"
#include "commands/remote_roles.h"
#include "domain/action.h"
#include "server/http.h"

namespace tenure::commands {
namespace {

Error unknown_catalog(const std::string& name) {
    return Error{Errc::not_found,
                 "there is no catalog " + tenure::quoted(name) + ": tenure catalog list shows all",
                 "--catalog"};
}

}  // namespace

RoleCommands::RoleCommands(CLI::App& app, CLI::App& group, Program& program) : program_{program} {
    const auto add = [&](CLI::App& to, const char* name, const char* description,
                         Exit (RoleCommands::*run)(), Exit (RoleCommands::*run_at)()) {
        return add_command(
            to, program, name, description, [this, run] { return (this->*run)(); },
            [this, run_at](Remote& remote) {
                remote_ = &remote;
                return (this->*run_at)();
            });
    };
    const auto role = [&](const Command& command) -> const Command& {
        return command.argument("role", role_, "ROLE", "Its id or its name");
    };
    const auto operations = [&](const Command& command) {
        command.option("--operations", operations_, "FILE",
                       "Operations to measure by, JSON Lines of name and isDataAction");
    };

    add(group, "list", "The roles there are", &RoleCommands::list, &RoleCommands::list_at)
        .option("--scope", scope_, "SCOPE", "Only roles that can be assigned there")
        .as_of(as_of_);
    role(add(group, "show", "One role, in full", &RoleCommands::show, &RoleCommands::show_at))
        .as_of(as_of_);
    const Command diff = add(group, "diff", "What two roles, or two versions of one, differ in",
                             &RoleCommands::diff, &RoleCommands::diff);
    role(diff)
        .optional_argument("other", other_, "OTHER", "The other role; left out: the same one")
        .option("--from", from_, "POINT", "The moment of the first: a time, now, or a revision")
        .option("--to", to_, "POINT", "The moment of the second, likewise; now if left out");
    operations(diff);
    role(add(group, "who", "Who holds a role, where and how they came by it", &RoleCommands::who,
             &RoleCommands::who_at))
        .option("--scope", scope_, "SCOPE", "Only what holds there: at the scope or above it")
        .flag("--groups", groups_, "Show groups that hold it, too")
        .as_of(as_of_);
    const Command least =
        add(group, "least", "The roles that grant some operations and as little else as possible",
            &RoleCommands::least, &RoleCommands::least);
    least.list("--action", actions_, "ACTION", "Needed; a pattern stands for all it names")
        .list("--data-action", data_actions_, "ACTION", "Needed, of the data plane")
        .option("--task", task_, "TASK", "What a task of a catalog needs")
        .option("--scope", scope_, "SCOPE", "Only roles that can be assigned there")
        .option("--catalog", catalog_, "CATALOG",
                "Choose from the roles of this catalog; no store is needed")
        .option("--limit", limit_, "At most so many choices")
        .as_of(as_of_);
    operations(least);
    add(group, "export", "Roles as JSON, in the form that role import reads",
        &RoleCommands::export_roles, &RoleCommands::export_roles)
        .list("roles", roles_, "ROLE", "Ids or names; left out: all roles")
        .flag("--custom", custom_, "Only roles that are not built in")
        .as_of(as_of_);
    add(app, "whoami", "The roles a principal holds, where and by which groups",
        &RoleCommands::whoami, &RoleCommands::whoami_at)
        .option("--principal", principal_, "PRINCIPAL", "Whose roles")
        .option("--scope", scope_, "SCOPE", "Only what holds there: at the scope or above it")
        .as_of(as_of_);
}

Result<RoleCommands::Setting> RoleCommands::open() {
    Setting setting;
    TRY(setting.as_of, cli::parse_as_of(as_of_, program_.now()));
    if (remote_ != nullptr) return setting;
    TRY(setting.node, program_.open(Access::read));
    TRY(setting.tenant, program_.tenant(*setting.node));
    setting.session = setting.node->session();
    return setting;
}

Result<query::RoleAnswer> RoleCommands::find_role(const Setting& setting, const std::string& role,
                                                  const domain::AsOf& as_of) {
    return remote_ != nullptr ? role_at(*remote_, role, as_of)
                              : setting.session->role(setting.tenant, role, as_of);
}

Result<query::RolesAnswer> RoleCommands::find_roles(const Setting& setting,
                                                    const std::string& scope) {
    return remote_ != nullptr ? roles_at(*remote_, scope, setting.as_of)
                              : setting.session->roles(setting.tenant, scope, setting.as_of);
}

// Asks the server what stands at a path below the tenant.
Exit RoleCommands::show_path(const std::string& path) {
    if (const auto as_of = cli::parse_as_of(as_of_, program_.now()); !as_of)
        return program_.fail(as_of.error());
    RemoteQuestion question{path};
    question.add("scope", scope_);
    question.add_flag("groups", groups_);
    question.add_as_of(as_of_);
    return remote_->show(question);
}

Exit RoleCommands::list_at() { return show_path("roles"); }

Exit RoleCommands::show_at() { return show_path("roles/" + server::percent_encoded(role_)); }

Exit RoleCommands::who_at() {
    return show_path("roles/" + server::percent_encoded(role_) + "/holders");
}

// Without a principal: who the token stands for.
Exit RoleCommands::whoami_at() {
    return show_path(principal_.empty()
                         ? std::string{"me"}
                         : "principals/" + server::percent_encoded(principal_) + "/roles");
}

// Of all catalogs, and of the file that was named.
Result<domain::Operations> RoleCommands::known_operations() const {
    domain::Operations known;
    if (!operations_.empty()) {
        TRY(const std::string text, whole_text(operations_));
        TRY(known, codec::parse_operations(text));
    }
    known.merge(api::operations_of_catalogs(catalog_));
    return known;
}

Exit RoleCommands::list() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of] = setting.value();
    const auto answer = session->roles(tenant, scope_, as_of);
    if (!answer) return program_.fail(answer.error());
    program_.print_answer(answer.value());
    return Exit::ok;
}

Exit RoleCommands::show() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of] = setting.value();
    const auto answer = session->role(tenant, role_, as_of);
    if (!answer) return program_.fail(answer.error());
    const auto events = api::events_of(*node, api::mentioned(answer.value()));
    if (!events) return program_.fail(events.error());
    program_.print_answer(answer.value(), events.value());
    return Exit::ok;
}

Exit RoleCommands::diff() {
    if (other_.empty() && from_.empty())
        return program_.misuse("name another role, or give --from, the moment of another version");
    const Instant now = program_.now();
    const auto point = [&](const std::string& text, const char* option) {
        return text.empty() ? Result<domain::AsOf>{domain::AsOf{}}
                            : cli::parse_point(text, option, now);
    };
    const auto from_point = point(from_, "--from");
    if (!from_point) return program_.fail(from_point.error());
    const auto to_point = point(to_, "--to");
    if (!to_point) return program_.fail(to_point.error());
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    auto from = find_role(setting.value(), role_, from_point.value());
    if (!from) return program_.fail(from.error());
    auto to = find_role(setting.value(), other_.empty() ? role_ : other_, to_point.value());
    if (!to) return program_.fail(to.error());
    auto known = known_operations();
    if (!known) return program_.fail(known.error());
    const api::RoleComparison comparison =
        api::compare(std::move(from.value()), std::move(to.value()), std::move(known.value()));
    program_.print_answer(comparison);
    return Exit::ok;
}

Exit RoleCommands::who() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of] = setting.value();
    const auto answer = session->role_holders(tenant, role_, scope_, groups_, as_of);
    if (!answer) return program_.fail(answer.error());
    if (!program_.json()) {
        program_.print(api::to_text(answer.value(), program_.paint()));
        return Exit::ok;
    }
    const auto events = api::events_of(*node, api::mentioned(answer.value()));
    if (!events) return program_.fail(events.error());
    program_.print_line(api::to_json(answer.value(), events.value()));
    return Exit::ok;
}

Result<RoleCommands::Choosing> RoleCommands::choosing() {
    Choosing choosing;
    TRY(choosing.known, known_operations());
    if (!catalog_.empty()) {
        const auto* found = codec::find_catalog(catalog_);
        if (found == nullptr) return unknown_catalog(catalog_);
        choosing.roles = found->catalog.roles;
        return choosing;
    }
    TRY(const Setting setting, open());
    TRY(auto answer, find_roles(setting, scope_));
    choosing.basis = answer.basis;
    for (query::DatedRole& dated : answer.roles) choosing.roles.push_back(std::move(dated.role));
    return choosing;
}

Exit RoleCommands::least() {
    if (!catalog_.empty() && codec::find_catalog(catalog_) == nullptr)
        return program_.fail(unknown_catalog(catalog_));
    const api::Need need{actions_, data_actions_, task_, catalog_};
    if (need.empty())
        return program_.fail(
            invalid("", "nothing is needed: give --action, --data-action or --task"));
    auto needed = api::needed_operations(need);
    if (!needed) return program_.fail(needed.error());
    auto from = choosing();
    if (!from) return program_.fail(from.error());
    const std::size_t choices_max = limit_ == 0 ? from.value().roles.size() : limit_;
    api::LeastRolesAnswer answer =
        api::least_roles(std::move(from.value().roles), std::move(needed.value()),
                         std::move(from.value().known), choices_max);
    answer.scope = scope_;
    answer.basis = from.value().basis;
    program_.print_answer(answer);
    return answer.least.choices.empty() ? Exit::deny : Exit::ok;
}

Exit RoleCommands::export_roles() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    std::vector<domain::Role> roles;
    for (const std::string& each : roles_) {
        auto answer = find_role(setting.value(), each, setting.value().as_of);
        if (!answer) return program_.fail(answer.error());
        roles.push_back(std::move(answer.value().role.role));
    }
    if (roles_.empty()) {
        auto answer = find_roles(setting.value(), {});
        if (!answer) return program_.fail(answer.error());
        for (query::DatedRole& dated : answer.value().roles) roles.push_back(std::move(dated.role));
    }
    if (custom_) std::erase_if(roles, [](const domain::Role& role) { return role.built_in; });
    program_.print_line(codec::role_definitions_json(roles));
    return Exit::ok;
}

Exit RoleCommands::whoami() {
    if (principal_.empty()) return program_.misuse("name the principal: --principal ID");
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of] = setting.value();
    const auto answer = session->held_roles(tenant, principal_, scope_, as_of);
    if (!answer) return program_.fail(answer.error());
    const auto events = api::events_of(*node, api::mentioned(answer.value()));
    if (!events) return program_.fail(events.error());
    program_.print_answer(answer.value(), events.value());
    return Exit::ok;
}

}  // namespace tenure::commands
