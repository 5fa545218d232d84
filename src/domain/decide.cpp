#include "domain/decide.h"

#include "base/text.h"
#include "domain/decide_live.h"

namespace tenure::domain {
namespace {

bool creates_tenant(const CommandBody& body) {
    if (std::holds_alternative<CreateTenant>(body)) return true;
    const auto* record = std::get_if<RecordEvent>(&body);
    return record != nullptr && std::holds_alternative<TenantCreated>(record->body);
}

Result<void> check_import_time(const Command& command, const std::optional<TenantState>& tenant,
                               Instant now) {
    const Instant at = *command.effective_at;
    if (now < at)
        return invalid("time", "time " + format_instant(at) + " is after now, " +
                                   format_instant(now) + "; only what has happened is imported");
    if (!tenant) return success();
    if (!tenant->open_for_import)
        return conflict("tenant", "tenant " + quoted(command.tenant) +
                                      " is not open for import; leave out the time, or import "
                                      "into a tenant created with openForImport");
    if (at < tenant->last_effective)
        return conflict("time", "time " + format_instant(at) + " is before " +
                                    format_instant(tenant->last_effective) +
                                    ", when the newest event of tenant " + quoted(command.tenant) +
                                    " took effect; import in order of time");
    return success();
}

}  // namespace

Result<std::vector<EventBody>> decide(const State& state, const Command& command, Instant now) {
    TRY(check_form(command));
    const auto tenant = state.tenant(command.tenant);
    if (creates_tenant(command.body)) {
        if (tenant)
            return already_exists("tenant", "tenant " + quoted(command.tenant) +
                                                " exists already; choose another id");
    } else if (!tenant) {
        return not_found("tenant", "tenant " + quoted(command.tenant) +
                                       " does not exist; create it with tenant.create first");
    }
    const Rules rules{state, command.tenant};
    if (command.effective_at) {
        TRY(check_import_time(command, tenant, now));
        return decide_import(rules, command.body);
    }
    return std::visit(LiveCommands{rules, command.actor, now}, command.body);
}

}  // namespace tenure::domain
