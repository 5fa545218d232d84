#include "codec/json_requests.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.h"
#include "codec/json_document.h"
#include "codec/json_members.h"
#include "codec/json_questions.h"

namespace tenure::codec {
namespace {

constexpr std::string_view now_text = "now";

Result<Instant> time_of(std::string_view text, std::string_view field, Instant now) {
    if (text == now_text) return now;
    return parse_instant(text, field);
}

std::optional<std::uint64_t> whole(std::string_view text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    // As in JSON, where integers are signed.
    if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
    return number;
}

Result<std::uint64_t> number_of(std::string_view text, std::string_view field) {
    if (const auto number = whole(text)) return *number;
    return invalid(std::string(field), quoted(text) + " is not a whole number, or too large");
}

// A time, "now", or a revision: a number alone.
Result<domain::AsOf> point_of(std::string_view text, std::string_view field, Instant now) {
    domain::AsOf as_of;
    if (const auto number = whole(text)) {
        as_of.revision = Revision{*number};
        return as_of;
    }
    TRY(as_of.at, time_of(text, field, now));
    return as_of;
}

Result<bool> flag_of(std::string_view text, std::string_view field) {
    if (text == "true") return true;
    if (text == "false") return false;
    return invalid(std::string(field), quoted(text) + " is not true or false");
}

// There is none of the first page, which must not come again by mistake.
Result<std::string> cursor_of(const std::string& text) {
    if (text.empty())
        return invalid("cursor", "the cursor is empty: leave it out to ask for the first page");
    return text;
}

// The parameters of a URL, taken one by one; what nobody took is refused.
class Query {
public:
    explicit Query(Parameters all) : all_{all} {}

    const std::string* take(std::string_view name) {
        names_.emplace_back(name);
        const auto found = std::ranges::find(all_, name, &Parameters::value_type::first);
        return found == all_.end() ? nullptr : &found->second;
    }

    Result<void> text(std::string_view name, bool needed, std::string& to) {
        if (const std::string* value = take(name))
            to = *value;
        else if (needed)
            return invalid(std::string(name), quoted(name) + " is missing");
        return success();
    }

    Result<void> number(std::string_view name, std::optional<std::uint64_t>& to) {
        if (const std::string* value = take(name)) {
            TRY(to, number_of(*value, name));
        }
        return success();
    }

    Result<void> revision(std::string_view name, std::optional<Revision>& to) {
        if (const std::string* value = take(name)) {
            TRY(const std::uint64_t number, number_of(*value, name));
            to = Revision{number};
        }
        return success();
    }

    Result<void> instant(std::string_view name, Instant now, std::optional<Instant>& to) {
        if (const std::string* value = take(name)) {
            TRY(to, time_of(*value, name, now));
            says_now_ = says_now_ || *value == now_text;
        }
        return success();
    }

    // Some time that was taken is "now".
    bool says_now() const { return says_now_; }

    Result<void> finish() const {
        for (const auto& [name, value] : all_) {
            if (std::ranges::find(names_, name) != names_.end()) continue;
            const std::string known = joined(names_);
            return invalid(name, quoted(name) + " is not a parameter of this request: " + known +
                                     (known.empty() ? "none is" : " are") + " taken");
        }
        return success();
    }

private:
    Parameters all_;
    std::vector<std::string_view> names_;
    bool says_now_ = false;
};

Result<void> as_of_of(Query& query, Instant now, domain::AsOf& as_of) {
    TRY(query.instant("at", now, as_of.at));
    TRY(query.revision("revision", as_of.revision));
    TRY(query.instant("known_at", now, as_of.known_at));
    if (as_of.at && as_of.revision)
        return invalid("revision", "give either a time or a revision to ask about, not both");
    return success();
}

Result<void> plane_of(Query& query, domain::Plane& plane) {
    const std::string* text = query.take("plane");
    if (text == nullptr || *text == domain::name_of(domain::Plane::control)) return success();
    if (*text != domain::name_of(domain::Plane::data))
        return invalid("plane", quoted(*text) + " is not control or data");
    plane = domain::Plane::data;
    return success();
}

}  // namespace

Result<Asked> parse_asked(Parameters parameters, const Takes& takes, Instant now) {
    Query query{parameters};
    Asked asked;
    if (takes.principal) {
        TRY(query.text("principal", takes.principal_needed, asked.principal));
    }
    if (takes.action) {
        TRY(query.text("action", takes.action_needed, asked.action));
        TRY(plane_of(query, asked.plane));
    }
    if (takes.scope) {
        TRY(query.text("scope", takes.scope_needed, asked.scope));
    }
    if (takes.circumstances) {
        TRY(query.text("sub_operation", false, asked.attributes.sub_operation));
    }
    if (takes.within) {
        TRY(query.text("within", false, asked.within));
    }
    if (takes.groups) {
        if (const std::string* value = query.take("groups")) {
            TRY(asked.groups, flag_of(*value, "groups"));
        }
    }
    if (takes.page) {
        TRY(query.number("limit", asked.limit));
        if (const std::string* value = query.take("cursor")) {
            TRY(asked.cursor, cursor_of(*value));
        }
    }
    if (takes.other) {
        TRY(query.text("other", false, asked.other));
    }
    if (takes.span) {
        std::string from{now_text};
        std::string to{now_text};
        TRY(query.text("from", takes.from_needed, from));
        TRY(query.text("to", false, to));
        TRY(asked.from, point_of(from, "from", now));
        TRY(asked.to, point_of(to, "to", now));
        TRY(query.instant("known_at", now, asked.as_of.known_at));
        asked.from.known_at = asked.to.known_at = asked.as_of.known_at;
        asked.says_now = from == now_text || to == now_text;
    } else {
        TRY(as_of_of(query, now, asked.as_of));
    }
    TRY(query.revision("at_least", asked.at_least));
    TRY(query.finish());
    asked.says_now = asked.says_now || query.says_now();
    return asked;
}

Result<Asked> parse_asked(std::string_view body, const Takes& takes, Instant now) {
    JsonDocument document{body, "body"};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers members{reading, 0};
    Asked asked;
    const auto text = [&](std::string_view name, bool needed, std::string& to) {
        if (needed)
            members.required(name, to);
        else
            members.optional(name, to);
    };
    if (takes.principal) text("principal", takes.principal_needed, asked.principal);
    if (takes.action) {
        text("action", takes.action_needed, asked.action);
        asked.plane = read_plane(members);
    }
    if (takes.scope) text("scope", takes.scope_needed, asked.scope);
    if (takes.circumstances) asked.attributes = read_attributes(members);
    if (takes.within) members.optional("within", asked.within);
    if (takes.groups) members.optional("groups", asked.groups);
    if (takes.page) {
        members.optional("limit", asked.limit);
        if (members.has("cursor")) {
            members.required("cursor", asked.cursor);
            if (const auto cursor = cursor_of(asked.cursor); !cursor)
                members.refuse("cursor", cursor.error().detail);
        }
    }
    std::string from;
    std::string to{now_text};
    if (takes.span) {
        members.required("from", from);
        members.optional("to", to);
        if (members.has("knownAt")) members.required("knownAt", asked.as_of.known_at.emplace());
    } else {
        asked.as_of = read_as_of(members);
    }
    if (members.has("atLeast")) members.required("atLeast", asked.at_least.emplace().value);
    members.finish();
    if (reading.failed()) return reading.take_error();
    if (takes.span) {
        TRY(asked.from, point_of(from, "from", now));
        TRY(asked.to, point_of(to, "to", now));
        asked.from.known_at = asked.to.known_at = asked.as_of.known_at;
    }
    return asked;
}

Result<AskedChecks> parse_checks(std::string_view body, std::string_view tenant,
                                 std::size_t checks_max) {
    JsonDocument document{body, "body"};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers members{reading, 0};
    AskedChecks asked;
    members.objects("checks", checks_max, asked.checks,
                    [&](JsonMembers& check, domain::CheckQuestion& question) {
                        question.tenant = tenant;
                        check.required("principal", question.principal);
                        check.required("action", question.action);
                        check.required("scope", question.scope);
                        question.plane = read_plane(check);
                        question.as_of = read_as_of(check);
                        question.attributes = read_attributes(check);
                    });
    if (members.has("atLeast")) members.required("atLeast", asked.at_least.emplace().value);
    members.finish();
    if (reading.failed()) return reading.take_error();
    return asked;
}

Result<AskedLeastRoles> parse_asked_least_roles(std::string_view body) {
    JsonDocument document{body, "body"};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers members{reading, 0};
    AskedLeastRoles asked;
    members.optional("actions", asked.actions);
    members.optional("dataActions", asked.data_actions);
    members.optional("task", asked.task);
    members.optional("scope", asked.scope);
    members.optional("limit", asked.limit);
    asked.as_of = read_as_of(members);
    if (members.has("atLeast")) members.required("atLeast", asked.at_least.emplace().value);
    members.finish();
    if (reading.failed()) return reading.take_error();
    return asked;
}

Result<AskedEvents> parse_asked_events(Parameters parameters, Instant now) {
    Query query{parameters};
    AskedEvents asked;
    std::optional<Revision> from;
    std::optional<Revision> to;
    TRY(query.revision("from", from));
    TRY(query.revision("to", to));
    if (from) asked.from = *from;
    if (to) asked.to = *to;
    TRY(query.instant("since", now, asked.since));
    TRY(query.instant("until", now, asked.until));
    TRY(query.text("type", false, asked.type));
    TRY(query.text("actor", false, asked.actor));
    TRY(query.text("object", false, asked.object));
    TRY(query.number("limit", asked.limit));
    TRY(query.revision("at_least", asked.at_least));
    TRY(query.finish());
    return asked;
}

Result<std::optional<Revision>> parse_asked_revision(Parameters parameters) {
    Query query{parameters};
    std::optional<Revision> revision;
    TRY(query.revision("revision", revision));
    TRY(query.finish());
    return revision;
}

}  // namespace tenure::codec
