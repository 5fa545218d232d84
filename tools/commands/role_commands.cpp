#include "commands/role_commands.h"

#include <algorithm>

#include "api/role_questions.h"
#include "base/text.h"
#include "codec/catalogs.h"
#include "codec/role_definitions.h"
#include "commands/attributes_file.h"
#include "domain/action.h"

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
                         Exit (RoleCommands::*run)()) {
        return add_command(to, program, name, description, [this, run] { return (this->*run)(); });
    };
    const auto role = [&](const Command& command) -> const Command& {
        return command.argument("role", role_, "ROLE", "Its id or its name");
    };
    const auto operations = [&](const Command& command) {
        command.option("--operations", operations_, "FILE",
                       "Operations to measure by, JSON Lines of name and isDataAction");
    };

    add(group, "list", "The roles there are", &RoleCommands::list)
        .option("--scope", scope_, "SCOPE", "Only roles that can be assigned there")
        .as_of(as_of_);
    role(add(group, "show", "One role, in full", &RoleCommands::show)).as_of(as_of_);
    const Command diff = add(group, "diff", "What two roles, or two versions of one, differ in",
                             &RoleCommands::diff);
    role(diff)
        .optional_argument("other", other_, "OTHER", "The other role; left out: the same one")
        .option("--from", from_, "POINT", "The moment of the first: a time, now, or a revision")
        .option("--to", to_, "POINT", "The moment of the second, likewise; now if left out");
    operations(diff);
    role(add(group, "who", "Who holds a role, where and how they came by it", &RoleCommands::who))
        .option("--scope", scope_, "SCOPE", "Only what holds there: at the scope or above it")
        .flag("--groups", groups_, "Show groups that hold it, too")
        .as_of(as_of_);
    const Command least =
        add(group, "least", "The roles that grant some operations and as little else as possible",
            &RoleCommands::least);
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
        &RoleCommands::export_roles)
        .list("roles", roles_, "ROLE", "Ids or names; left out: all roles")
        .flag("--custom", custom_, "Only roles that are not built in")
        .as_of(as_of_);
    add(app, "whoami", "The roles a principal holds, where and by which groups",
        &RoleCommands::whoami)
        .option("--principal", principal_, "PRINCIPAL", "Whose roles")
        .option("--scope", scope_, "SCOPE", "Only what holds there: at the scope or above it")
        .as_of(as_of_);
}

Result<RoleCommands::Setting> RoleCommands::open() {
    Setting setting;
    TRY(setting.as_of, cli::parse_as_of(as_of_, program_.now()));
    TRY(setting.node, program_.open(Access::read));
    TRY(setting.tenant, program_.tenant(*setting.node));
    setting.session = setting.node->session();
    return setting;
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
    if (program_.json())
        program_.print_line(api::to_json(answer.value()));
    else
        program_.print(cli::to_text(answer.value(), program_.paint()));
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
    if (program_.json())
        program_.print_line(api::to_json(answer.value(), events.value()));
    else
        program_.print(cli::to_text(answer.value(), events.value(), program_.paint()));
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
    const auto& [node, session, tenant, as_of] = setting.value();
    auto from = session->role(tenant, role_, from_point.value());
    if (!from) return program_.fail(from.error());
    auto to = session->role(tenant, other_.empty() ? role_ : other_, to_point.value());
    if (!to) return program_.fail(to.error());
    auto known = known_operations();
    if (!known) return program_.fail(known.error());
    const api::RoleComparison comparison =
        api::compare(std::move(from.value()), std::move(to.value()), std::move(known.value()));
    if (program_.json())
        program_.print_line(api::to_json(comparison));
    else
        program_.print(cli::to_text(comparison, program_.paint()));
    return Exit::ok;
}

Exit RoleCommands::who() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of] = setting.value();
    const auto answer = session->role_holders(tenant, role_, scope_, groups_, as_of);
    if (!answer) return program_.fail(answer.error());
    if (!program_.json()) {
        program_.print(cli::to_text(answer.value(), program_.paint()));
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
    TRY(auto answer, setting.session->roles(setting.tenant, scope_, setting.as_of));
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
    if (program_.json())
        program_.print_line(api::to_json(answer));
    else
        program_.print(cli::to_text(answer, program_.paint()));
    return answer.least.choices.empty() ? Exit::deny : Exit::ok;
}

Exit RoleCommands::export_roles() {
    auto setting = open();
    if (!setting) return program_.fail(setting.error());
    const auto& [node, session, tenant, as_of] = setting.value();
    std::vector<domain::Role> roles;
    for (const std::string& each : roles_) {
        auto answer = session->role(tenant, each, as_of);
        if (!answer) return program_.fail(answer.error());
        roles.push_back(std::move(answer.value().role.role));
    }
    if (roles_.empty()) {
        auto answer = session->roles(tenant, {}, as_of);
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
    if (program_.json())
        program_.print_line(api::to_json(answer.value(), events.value()));
    else
        program_.print(cli::to_text(answer.value(), events.value(), program_.paint()));
    return Exit::ok;
}

}  // namespace tenure::commands
