#include "api/store_text.h"

#include <array>
#include <cstdio>

#include "api/table.h"

namespace tenure::api {
namespace {

// Bytes for each event of the log, with one decimal.
std::string per_event(std::uint64_t bytes, Revision events) {
    if (events == revision_none) return {};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f",
                  static_cast<double>(bytes) / static_cast<double>(events.value));
    return text.data();
}

void add_tables(Table& table, std::string_view part, const std::vector<storage::TableUse>& uses,
                Revision events) {
    for (const storage::TableUse& use : uses)
        table.add({part, use.name, grouped(use.rows), byte_size(use.bytes),
                   per_event(use.bytes, events)});
}

std::string instant_text(Instant instant) {
    return instant == instant_min ? "never" : format_instant(instant);
}

}  // namespace

std::string to_text(const node::Status& status, const Paint& paint) {
    Table facts{{{"STORE"}, {status.directory}}};
    facts.add({"log id", status.log_id + ", format " + std::to_string(status.log_format)});
    facts.add({"created", format_instant(status.created_at)});
    facts.add({"revision",
               std::to_string(status.committed.value) +
                   (status.last == status.committed
                        ? ""
                        : ", and " + std::to_string(status.last.value - status.committed.value) +
                              " not committed") +
                   (status.applied == status.committed
                        ? ""
                        : ", index at " + std::to_string(status.applied.value))});
    facts.add({"last recorded",
               status.last == revision_none ? "never" : instant_text(status.last_recorded_at)});
    facts.add({"closed until", instant_text(status.closed_until)});
    facts.add({"tree root", status.root});
    facts.add({"log", byte_size(status.log_bytes)});
    facts.add({"index", byte_size(status.index_bytes) + ", generation " +
                            std::to_string(status.index_generation) + ", version " +
                            std::to_string(status.index_version)});
    std::string text = facts.take(paint);

    if (!status.tenants.empty()) {
        Table tenants{{{"TENANT"}, {"STATE"}, {"REVISION", Table::Align::right}, {"LAST CHANGE"}}};
        for (const node::TenantStatus& tenant : status.tenants)
            tenants.add(
                {tenant.id.empty() ? "(store)" : tenant.id,
                 tenant.open_for_import ? "open for import" : "",
                 std::to_string(tenant.last_revision.value),
                 tenant.last_revision == revision_none ? "" : instant_text(tenant.last_effective)});
        text += '\n' + tenants.take(paint);
    }
    Table tables{{{"PART"},
                  {"TABLE"},
                  {"ROWS", Table::Align::right},
                  {"SIZE", Table::Align::right},
                  {"BYTES/EVENT", Table::Align::right}}};
    add_tables(tables, "log", status.log_tables, status.last);
    add_tables(tables, "index", status.index_tables, status.last);
    return text + '\n' + tables.take(paint);
}

std::string to_text(const node::Status& status, const ServerState& server, const Paint& paint) {
    Table facts{{{"SERVER"}, {""}}};
    facts.add({"connections", grouped(server.connections)});
    facts.add({"long questions", grouped(server.long_questions_waiting) + " waiting"});
    if (server.limits_hit.empty()) facts.add({"limits hit", "none"});
    for (const auto& [limit, hits] : server.limits_hit)
        facts.add({"limit " + limit, "hit " + grouped(hits) + (hits == 1 ? " time" : " times")});
    return to_text(status, paint) + '\n' + facts.take(paint);
}

std::string to_text(const node::VerifyReport& report, const Paint& paint) {
    const auto mark = [&](bool good) {
        return good ? paint(Colour::allow, "ok   ") : paint(Colour::deny, "wrong");
    };
    std::string text = mark(report.log_problem.empty()) + "  log    ";
    text += report.log_problem.empty()
                ? counted(report.events.value, "event") + ", tree root " + report.root
                : printable(report.log_problem);
    text += '\n' + mark(report.index_equal) + "  index  ";
    text += report.index_equal ? "the same as a fresh replay of the log"
                               : printable(report.index_problem);
    return text + '\n';
}

std::string to_text(const node::ImportReport& report, std::uint64_t elapsed_ms) {
    std::string text = counted(report.lines, "line") + " imported as " +
                       counted(report.events, "event") + ", revision " +
                       std::to_string(report.last.value);
    // Of few, or in no time, a rate says nothing.
    if (report.events >= 1'000 && elapsed_ms >= 100)
        text += "; " + grouped(report.events * 1000 / elapsed_ms) + " events/s";
    if (report.bad_line_count > 0) text += "; " + counted(report.bad_line_count, "bad line");
    return text + '\n';
}

}  // namespace tenure::api
