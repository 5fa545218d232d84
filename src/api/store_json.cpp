#include "api/store_json.h"

#include "api/json_text.h"

namespace tenure::api {
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

void status_members(JsonText& json, const node::Status& status) {
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
}

}  // namespace

std::string to_json(const node::Status& status) {
    JsonText json;
    json.begin_object();
    status_members(json, status);
    json.end_object();
    return json.take();
}

std::string to_json(const node::Status& status, const ServerState& server) {
    JsonText json;
    json.begin_object();
    status_members(json, status);
    json.name("server");
    json.begin_object();
    json.member("connections", std::uint64_t{server.connections});
    json.member("longQuestionsWaiting", std::uint64_t{server.long_questions_waiting});
    json.name("limitsHit");
    json.begin_object();
    for (const auto& [limit, hits] : server.limits_hit) json.member(limit, hits);
    json.end_object();
    json.end_object();
    json.end_object();
    return json.take();
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

}  // namespace tenure::api
