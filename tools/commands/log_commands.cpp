#include "commands/log_commands.h"

#include <algorithm>

#include "api/json_text.h"
#include "base/text.h"
#include "cli/answer_text.h"
#include "codec/json_lines.h"

namespace tenure::commands {
namespace {

// A table is shown in parts of so many rows.
constexpr std::size_t rows_together = 1'000;

// The name of a type of event, or of all types of one noun.
}  // namespace

LogCommands::LogCommands(CLI::App& app, Program& program) : program_{program} {
    add_command(app, program, "history", "All events of one object, with why",
                [this] { return history(); })
        .choice("kind", kind_,
                {"principal", "role", "scope", "assignment", "deny", "invitation", "eligibility"},
                "What kind of object it is")
        .argument("id", id_, "ID", "Its id, or the scope")
        .as_of(as_of_);

    add_command(app, program, "events", "Events of the log, in order", [this] { return events(); })
        .option("--from", events_.from, "First revision")
        .option("--to", events_.to, "Last revision")
        .option("--since", events_.since, "TIME", "Effective at this time or later")
        .option("--until", events_.until, "TIME", "Effective before this time")
        .option("--type", events_.type, "TYPE",
                "A type such as assignment.created, or all of a noun: assignment")
        .option("--actor", events_.actor, "ACTOR", "Who did it")
        .option("--object", events_.object, "ID", "Id of anything the event names")
        .option("--limit", events_.limit, "At most so many; 0: all");
}

Exit LogCommands::history() {
    const auto as_of = cli::parse_as_of(as_of_, program_.now());
    if (!as_of) return program_.fail(as_of.error());
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto session = node.value()->session();
    const auto answer = session->history(tenant.value(), kind_, id_, as_of.value());
    if (!answer) return program_.fail(answer.error());
    const auto events = api::events_of(*node.value(), answer.value().events);
    if (!events) return program_.fail(events.error());
    if (program_.json()) {
        for (const auto& [revision, event] : events.value())
            program_.print_line(codec::event_line(event));
        return Exit::ok;
    }
    cli::Table table = cli::event_table(false);
    for (const auto& [revision, event] : events.value()) cli::add_event(table, event, false);
    const cli::Paint paint = program_.paint();
    program_.print(table.take(paint));
    program_.print_line(paint(cli::Colour::faint, cli::counted(events.value().size(), "event") +
                                                      ' ' + cli::basis_text(answer.value().basis)));
    return Exit::ok;
}

Result<node::EventFilter> LogCommands::filter() const {
    node::EventFilter filter;
    if (events_.from) filter.from = Revision{*events_.from};
    if (events_.to) filter.to = Revision{*events_.to};
    if (!events_.since.empty()) {
        TRY(filter.since, cli::parse_time(events_.since, "--since", program_.now()));
    }
    if (!events_.until.empty()) {
        TRY(filter.until, cli::parse_time(events_.until, "--until", program_.now()));
    }
    TRY(filter.type, node::parse_event_type(events_.type, "--type"));
    filter.actor = events_.actor;
    filter.object = events_.object;
    filter.any_tenant = !program_.global.tenant_given;
    filter.tenant = program_.global.tenant;
    return filter;
}

Exit LogCommands::events() {
    const auto chosen = filter();
    if (!chosen) return program_.fail(chosen.error());
    program_.stop_on_signals();
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());

    if (program_.global.tenant_given && !program_.global.tenant.empty())
        if (const auto known = program_.tenant(*node.value()); !known)
            return program_.fail(known.error());

    const bool json = program_.json();
    const bool with_tenant = node.value()->status().tenants.size() > 1;
    const cli::Paint paint = program_.paint();
    cli::Table table = cli::event_table(with_tenant);
    std::uint64_t shown = 0;
    const auto read = node.value()->events(chosen.value(), [&](const domain::Event& event) {
        ++shown;
        if (json) {
            program_.print_line(codec::event_line(event));
        } else {
            cli::add_event(table, event, with_tenant);
            if (table.rows() == rows_together) program_.print(table.take(paint));
        }
        return (events_.limit == 0 || shown < events_.limit) && !program_.stopped();
    });
    if (!json) {
        if (table.rows() > 0) program_.print(table.take(paint));
        program_.print_line(paint(cli::Colour::faint, cli::counted(shown, "event")));
    }
    if (!read) return program_.fail(read.error());
    if (program_.stopped()) return program_.stop("not all events were shown");
    return Exit::ok;
}

}  // namespace tenure::commands
