#include "commands/remote_answers.h"

#include "server/json_member.h"

namespace tenure::commands {

Result<Revision> revision_member(const codec::JsonDocument& document, codec::JsonIndex object,
                                 std::string_view name) {
    const codec::JsonValue* value = server::member_of(document, object, name);
    if (value == nullptr || value->kind != codec::JsonValue::Kind::integer) return strange_answer();
    return Revision{static_cast<std::uint64_t>(value->integer)};
}

Result<query::Basis> read_basis(const codec::JsonDocument& document) {
    query::Basis basis;
    TRY(basis.revision, revision_member(document, 0, "revision"));
    if (const codec::JsonValue* at = server::member_of(document, 0, "at");
        at != nullptr && server::is_text(*at)) {
        TRY(basis.clock, parse_instant(at->text, "at"));
    }
    const codec::JsonValue* is_final = server::member_of(document, 0, "final");
    basis.final = is_final != nullptr && is_final->integer == 1;
    return basis;
}

}  // namespace tenure::commands
