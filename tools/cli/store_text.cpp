#include "cli/store_text.h"

#include <array>
#include <cstdio>

#include "cli/json_text.h"
#include "cli/table.h"

namespace tenure::cli {
namespace {

void tables_member(JsonText& json, std::string_view name,
                   const std::vector<storage::TableUse>& tables) {
    json.name(name);
    json.begin_array();
    for (const storage::TableUse& table : tables) {
        json.begin_object();
        json.member("name", table.name);
        json.member("rows", table.rows);
        json.member("bytes", table.bytes);
        json.end_object();
    }
    json.end_array();
}

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

std::string to_json(const node::Status& status) {
    JsonText json;
    json.begin_object();
    json.member("store", status.directory);
    json.member("logId", status.log_id);
    json.member("logFormat", status.log_format);
    json.member("created", status.created_at);
    json.member("revision", status.committed);
    json.member("lastRevision", status.last);
    json.member("appliedRevision", status.applied);
    json.member("term", status.term.value);
    if (status.last != revision_none) json.member("lastRecorded", status.last_recorded_at);
    if (status.closed_until != instant_min) json.member("closedUntil", status.closed_until);
    json.member("root", status.root);
    json.name("tenants");
    json.begin_array();
    for (const node::TenantStatus& tenant : status.tenants) {
        json.begin_object();
        json.member("tenant", tenant.id);
        json.member("openForImport", tenant.open_for_import);
        json.member("lastRevision", tenant.last_revision);
        if (tenant.last_revision != revision_none)
            json.member("lastEffective", tenant.last_effective);
        json.end_object();
    }
    json.end_array();
    json.member("logBytes", status.log_bytes);
    tables_member(json, "logTables", status.log_tables);
    json.member("indexGeneration", status.index_generation);
    json.member("indexVersion", status.index_version);
    json.member("indexBytes", status.index_bytes);
    tables_member(json, "indexTables", status.index_tables);
    json.list_member("repairs", status.repairs);
    json.end_object();
    return json.take();
}

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

std::string to_json(const node::VerifyReport& report) {
    JsonText json;
    json.begin_object();
    json.member("ok", report.ok());
    json.member("events", report.events);
    json.member("root", report.root);
    json.text_member("logProblem", report.log_problem);
    json.member("indexEqual", report.index_equal);
    json.text_member("indexProblem", report.index_problem);
    json.end_object();
    return json.take();
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

std::string to_json(const node::ImportReport& report) {
    JsonText json;
    json.begin_object();
    json.member("lines", report.lines);
    json.member("events", report.events);
    json.member("badLines", report.bad_line_count);
    json.member("revision", report.last);
    json.end_object();
    return json.take();
}

std::string to_text(const node::ImportReport& report, std::uint64_t elapsed_ms) {
    std::string text = counted(report.lines, "line") + " imported as " +
                       counted(report.events, "event") + ", revision " +
                       std::to_string(report.last.value);
    if (elapsed_ms >= 100) text += "; " + grouped(report.events * 1000 / elapsed_ms) + " events/s";
    if (report.bad_line_count > 0) text += "; " + counted(report.bad_line_count, "bad line");
    return text + '\n';
}

std::string to_json(std::uint64_t line, const node::Receipt& receipt) {
    JsonText json;
    json.begin_object();
    if (line > 0) json.member("line", line);
    const bool changed = receipt.first <= receipt.last;
    if (changed) json.member("first", receipt.first);
    json.member("revision", receipt.last);
    if (changed) json.member("recordedAt", receipt.recorded_at);
    if (receipt.repeated) json.member("repeated", true);
    json.end_object();
    return json.take();
}

std::string to_json(std::uint64_t line, const Error& refusal) {
    JsonText json;
    json.begin_object();
    if (line > 0) json.member("line", line);
    json.member("refused", name_of(refusal.code));
    json.member("detail", refusal.detail);
    json.text_member("field", refusal.field);
    json.end_object();
    return json.take();
}

}  // namespace tenure::cli
