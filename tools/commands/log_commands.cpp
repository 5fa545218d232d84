#include "commands/log_commands.h"

#include <algorithm>

#include "api/answer_json.h"
#include "api/answer_text.h"
#include "base/text.h"
#include "codec/json_lines.h"
#include "commands/remote.h"
#include "server/http.h"
#include "server/limits.h"

namespace tenure::commands {
namespace {

// A table is shown in parts of so many rows.
constexpr std::size_t rows_together = 1'000;

// Calls take(line) for each line of the text until it refuses one.
template <class Take>
Result<void> each_line(std::string_view text, Take&& take) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        TRY(take(text.substr(0, end)));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return success();
}

std::string objects_of(const std::string& kind) {
    if (kind == "deny") return "denies";
    if (kind == "eligibility") return "eligibilities";
    return kind + 's';
}

}  // namespace

// Events in the order they come: lines of JSON, or a table.
class LogCommands::EventList {
public:
    EventList(Program& program, bool with_tenant)
        : program_{program},
          json_{program.json()},
          with_tenant_{with_tenant},
          table_{api::event_table(with_tenant)} {}

    void add(const domain::Event& event) {
        if (json_)
            program_.print_line(codec::event_line(event));
        else
            add_row(event);
        ++shown_;
    }

    // What codec::event_line wrote.
    Result<void> add_line(std::string_view line) {
        if (json_) {
            program_.print_line(line);
        } else {
            TRY(const auto event, codec::parse_event_line(line));
            add_row(event);
        }
        ++shown_;
        return success();
    }

    void end() {
        if (json_) return;
        if (table_.rows() > 0) program_.print(table_.take(paint_));
        program_.print_line(paint_(api::Colour::faint, api::counted(shown_, "event")));
    }

    std::uint64_t shown() const { return shown_; }

private:
    void add_row(const domain::Event& event) {
        api::add_event(table_, event, with_tenant_);
        if (table_.rows() == rows_together) program_.print(table_.take(paint_));
    }

    Program& program_;
    const bool json_;
    const bool with_tenant_;
    const api::Paint paint_ = program_.paint();
    api::Table table_;
    std::uint64_t shown_ = 0;
};

LogCommands::LogCommands(CLI::App& app, Program& program) : program_{program} {
    add_command(
        app, program, "history", "All events of one object, with why", [this] { return history(); },
        [this](Remote& remote) { return history_at(remote); })
        .choice("kind", kind_,
                {"principal", "role", "scope", "assignment", "deny", "invitation", "eligibility"},
                "What kind of object it is")
        .argument("id", id_, "ID", "Its id, or the scope")
        .as_of(as_of_);

    add_command(
        app, program, "events", "Events of the log, in order", [this] { return events(); },
        [this](Remote& remote) { return events_at(remote); })
        .option("--from", events_.from, "First revision")
        .option("--to", events_.to, "Last revision")
        .option("--since", events_.since, "TIME", "Effective at this time or later")
        .option("--until", events_.until, "TIME", "Effective before this time")
        .option("--type", events_.type, "TYPE",
                "A type such as assignment.created, or all of a noun: assignment")
        .option("--actor", events_.actor, "ACTOR", "Who did it")
        .option("--object", events_.object, "ID", "Id of anything the event names")
        .option("--limit", events_.limit, "At most so many; 0: all")
        .option("--file", events_.file, "FILE",
                "Not of a store but of a file a copy has kept events in: cut-..., refused-...");
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
    program_.print(program_.json()
                       ? api::event_lines(events.value())
                       : api::history_text(events.value(), answer.value().basis, program_.paint()));
    return Exit::ok;
}

Exit LogCommands::history_at(Remote& remote) {
    if (const auto as_of = cli::parse_as_of(as_of_, program_.now()); !as_of)
        return program_.fail(as_of.error());
    RemoteQuestion question{objects_of(kind_) + '/' + server::percent_encoded(id_) + "/history"};
    question.add_as_of(as_of_);
    if (!program_.json()) return remote.show(question);
    const auto answer = remote.ask(question, lines_form);
    if (!answer) return program_.fail(answer.error());
    program_.print(answer.value().body);
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
    if (!events_.file.empty()) return kept_events(chosen.value());
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());

    if (program_.global.tenant_given && !program_.global.tenant.empty())
        if (const auto known = program_.tenant(*node.value()); !known)
            return program_.fail(known.error());

    EventList list{program_,
                   !program_.global.tenant_given && node.value()->status().tenants.size() > 1};
    const auto read = node.value()->events(
        chosen.value(), [&](const domain::Event& event) { return show(event, list); });
    return end(list, read);
}

Exit LogCommands::kept_events(const node::EventFilter& chosen) {
    EventList list{program_, !program_.global.tenant_given};
    const auto read = node::kept_events(
        events_.file, chosen, [&](const domain::Event& event) { return show(event, list); });
    return end(list, read);
}

bool LogCommands::show(const domain::Event& event, EventList& list) const {
    list.add(event);
    return (events_.limit == 0 || list.shown() < events_.limit) && !program_.stopped();
}

Exit LogCommands::end(EventList& list, const Result<void>& read) {
    list.end();
    if (!read) return program_.fail(read.error());
    if (program_.stopped()) return program_.stop("not all events were shown");
    return Exit::ok;
}

Exit LogCommands::events_at(Remote& remote) {
    if (const auto chosen = filter(); !chosen) return program_.fail(chosen.error());
    if (!events_.file.empty()) return program_.misuse("--file is read here: leave out --server");
    program_.stop_on_signals();
    constexpr std::uint64_t page_entries_max = server::Limits{}.page_entries_max;
    EventList list{program_, false};
    std::string from = events_.from ? std::to_string(*events_.from) : std::string{};
    Result<void> read = success();
    while (read && !program_.stopped()) {
        RemoteQuestion question{"events"};
        question.add("from", from);
        if (events_.to) question.add("to", std::to_string(*events_.to));
        question.add("since", events_.since);
        question.add("until", events_.until);
        question.add("type", events_.type);
        question.add("actor", events_.actor);
        question.add("object", events_.object);
        const std::uint64_t left =
            events_.limit == 0 ? page_entries_max : events_.limit - list.shown();
        question.add("limit", std::to_string(std::min(left, page_entries_max)));
        const auto answer = remote.ask(question, lines_form);
        if (!answer) return program_.fail(answer.error());
        read = each_line(answer.value().body,
                         [&](std::string_view line) { return list.add_line(line); });
        from = answer.value().header("Tenure-Next");
        if (from.empty() || (events_.limit != 0 && list.shown() == events_.limit)) break;
    }
    list.end();
    if (!read) return program_.fail(read.error());
    if (program_.stopped()) return program_.stop("not all events were shown");
    return Exit::ok;
}

}  // namespace tenure::commands
