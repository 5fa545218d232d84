#include "server/authzen_request.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "base/text.h"
#include "codec/json_document.h"
#include "domain/action.h"
#include "domain/limits.h"
#include "domain/scope.h"

namespace tenure::server::authzen {
namespace {

using codec::JsonDocument;
using codec::JsonIndex;
using codec::JsonValue;
using Kind = JsonValue::Kind;

constexpr JsonIndex root = 0;
constexpr JsonIndex none = std::numeric_limits<JsonIndex>::max();

constexpr std::string_view all_scopes_type = "scope";
constexpr std::string_view subject_prefix = "subject.";
constexpr std::array<std::string_view, 5> coordinate_names{"at", "revision", "known_at", "at_least",
                                                           "explain"};
constexpr std::array<std::string_view, 2> action_names{"plane", "sub_operation"};

Error missing(std::string_view path) {
    return invalid(std::string(path), quoted(path) + " is missing");
}

Error wrong(std::string_view path, std::string_view expected) {
    return invalid(std::string(path), quoted(path) + " is not " + std::string(expected));
}

// "id" of "subject.id".
std::string_view name_in(std::string_view path) { return path.substr(path.rfind('.') + 1); }

// When a question is about and how it is to be answered, as context or options say.
struct Coordinates {
    domain::AsOf as_of;
    std::optional<Revision> at_least;
    std::optional<bool> explain;

    bool dated() const { return as_of.at || as_of.revision || as_of.known_at; }
};

struct Action {
    std::string name;
    domain::Plane plane{};
    std::string sub_operation;
};

struct Entity {
    std::string type;
    std::string id;
};

class Reading {
public:
    explicit Reading(const JsonDocument& document) : document_{document} {}

    const JsonValue& operator[](JsonIndex at) const { return document_[at]; }

    JsonIndex find(JsonIndex object, std::string_view name) const {
        if (object == none) return none;
        for (JsonIndex at = object + 1; at < document_[object].end; at = document_[at].end)
            if (document_[at].name == name) return at;
        return none;
    }

    // An object of the item's own or else of the request, which it replaces as a whole.
    Result<JsonIndex> object(JsonIndex item, std::string_view path) const {
        JsonIndex at = find(item, path);
        if (at == none) at = find(root, path);
        if (at != none && document_[at].kind != Kind::object) return wrong(path, "an object");
        return at;
    }

    Result<JsonIndex> needed_object(JsonIndex item, std::string_view path) const {
        TRY(const JsonIndex at, object(item, path));
        if (at == none) return missing(path);
        return at;
    }

    // Of an object that is there, what it may have within.
    Result<JsonIndex> inner_object(JsonIndex outer, std::string_view path) const {
        const JsonIndex at = find(outer, name_in(path));
        if (at != none && document_[at].kind != Kind::object) return wrong(path, "an object");
        return at;
    }

    Result<void> text(JsonIndex object, std::string_view path, std::string& to) const {
        const JsonIndex at = find(object, name_in(path));
        if (at == none) return success();
        if (document_[at].kind != Kind::text) return wrong(path, "a text");
        to = document_[at].text;
        return success();
    }

    Result<void> needed_text(JsonIndex object, std::string_view path, std::string& to) const {
        if (find(object, name_in(path)) == none) return missing(path);
        return text(object, path, to);
    }

    Result<void> number(JsonIndex object, std::string_view path,
                        std::optional<std::uint64_t>& to) const {
        const JsonIndex at = find(object, name_in(path));
        if (at == none) return success();
        if (document_[at].kind != Kind::integer || document_[at].integer < 0)
            return wrong(path, "a whole number from 0");
        to = static_cast<std::uint64_t>(document_[at].integer);
        return success();
    }

    Result<void> revision(JsonIndex object, std::string_view path,
                          std::optional<Revision>& to) const {
        std::optional<std::uint64_t> number_there;
        TRY(number(object, path, number_there));
        if (number_there) to = Revision{*number_there};
        return success();
    }

    Result<void> instant(JsonIndex object, std::string_view path,
                         std::optional<Instant>& to) const {
        const JsonIndex at = find(object, name_in(path));
        if (at == none) return success();
        if (document_[at].kind != Kind::text)
            return wrong(path, "a time such as \"2024-05-01T12:00:00Z\"");
        TRY(to, parse_instant(document_[at].text, path));
        return success();
    }

    // `of` is "context" or "options".
    Result<Coordinates> coordinates(JsonIndex object, std::string_view of) const {
        const std::string prefix = std::string(of) + '.';
        Coordinates read;
        TRY(instant(object, prefix + "at", read.as_of.at));
        TRY(revision(object, prefix + "revision", read.as_of.revision));
        TRY(instant(object, prefix + "known_at", read.as_of.known_at));
        TRY(revision(object, prefix + "at_least", read.at_least));
        if (read.as_of.at && read.as_of.revision)
            return invalid(prefix + "revision",
                           "give either a time or a revision to ask about, not both");
        if (const JsonIndex at = find(object, "explain"); at != none) {
            if (document_[at].kind != Kind::boolean) return wrong(prefix + "explain", "a flag");
            read.explain = document_[at].integer != 0;
        }
        return read;
    }

    // Those of the context; what it leaves out, of the request's options.
    Result<Coordinates> coordinates_of(JsonIndex context) const {
        TRY(Coordinates own, coordinates(context, "context"));
        TRY(const JsonIndex options, object(root, "options"));
        TRY(const Coordinates common, coordinates(options, "options"));
        if (!own.dated()) own.as_of = common.as_of;
        if (!own.at_least) own.at_least = common.at_least;
        if (!own.explain) own.explain = common.explain;
        return own;
    }

    Result<Action> action(JsonIndex at) const {
        Action read;
        TRY(needed_text(at, "action.name", read.name));
        TRY(domain::parse_action(read.name, "action.name"));
        TRY(const JsonIndex properties, inner_object(at, "action.properties"));
        std::string plane;
        TRY(text(properties, "action.properties.plane", plane));
        TRY(text(properties, "action.properties.sub_operation", read.sub_operation));
        if (plane == domain::name_of(domain::Plane::data))
            read.plane = domain::Plane::data;
        else if (!plane.empty() && plane != domain::name_of(domain::Plane::control))
            return wrong("action.properties.plane", "\"control\" or \"data\"");
        return read;
    }

    domain::AskedAttributes attributes(JsonIndex subject, JsonIndex action, JsonIndex resource,
                                       JsonIndex context) {
        domain::AskedAttributes asked;
        std::vector<domain::Attribute> of_request;
        add_attributes(find(subject, "properties"), subject_prefix, {}, of_request);
        add_attributes(find(action, "properties"), {}, action_names, of_request);
        asked.request = domain::condition::AttributeSet{std::move(of_request)};
        std::vector<domain::Attribute> of_resource;
        add_attributes(find(resource, "properties"), {}, {}, of_resource);
        asked.resource = domain::condition::AttributeSet{std::move(of_resource)};
        std::vector<domain::Attribute> of_environment;
        add_attributes(context, {}, coordinate_names, of_environment);
        asked.environment = domain::condition::AttributeSet{std::move(of_environment)};
        return asked;
    }

    // Of all attributes read so far. Items that take over a long context multiply it.
    std::size_t attributes_bytes() const { return attributes_bytes_; }

private:
    void add_attributes(JsonIndex object, std::string_view prefix,
                        std::span<const std::string_view> reserved,
                        std::vector<domain::Attribute>& to) {
        if (object == none) return;
        for (JsonIndex at = object + 1; at < document_[object].end; at = document_[at].end) {
            const JsonValue& value = document_[at];
            if (value.kind == Kind::null ||
                std::ranges::find(reserved, value.name) != reserved.end())
                continue;
            to.push_back({std::string(prefix) + std::string(value.name), values_of(at)});
            attributes_bytes_ += sizeof(domain::Attribute) + prefix.size() + value.name.size();
        }
    }

    domain::AttributeValues values_of(JsonIndex at) {
        const JsonValue& value = document_[at];
        if (value.kind == Kind::boolean) return value.integer != 0;
        const std::vector<std::string> equal_to_nothing;
        const bool many = value.kind == Kind::array;
        const std::uint32_t count = many ? value.size : 1;
        if (count == 0 || count > domain::limits::attribute_values_max) return equal_to_nothing;
        const Kind kind = many ? document_[at + 1].kind : value.kind;
        std::vector<std::int64_t> integers;
        std::vector<std::string> texts;
        JsonIndex element = many ? at + 1 : at;
        for (std::uint32_t i = 0; i < count; ++i, element = document_[element].end) {
            const JsonValue& each = document_[element];
            if (each.kind != kind) return equal_to_nothing;
            if (kind == Kind::integer)
                integers.push_back(each.integer);
            else if (kind == Kind::text &&
                     each.text.size() <= domain::limits::attribute_value_length_max)
                texts.emplace_back(each.text);
            else
                return equal_to_nothing;
            attributes_bytes_ += sizeof(std::string) + each.text.size();
        }
        if (kind == Kind::integer) return integers;
        return texts;
    }

    const JsonDocument& document_;
    std::size_t attributes_bytes_ = 0;
};

Result<std::string> scope_of(const Entity& resource) {
    if (resource.id.empty()) return invalid("resource.id", "'resource.id' is empty");
    if (resource.id.front() == '/') return domain::parse_scope(resource.id, "resource.id");
    return domain::parse_scope('/' + resource.type + '/' + resource.id, "resource.id");
}

Result<Evaluation> read_evaluation(Reading& reading, JsonIndex item, std::string_view tenant) {
    Evaluation read;
    domain::CheckQuestion& question = read.question;
    question.tenant = tenant;
    TRY(const JsonIndex subject, reading.needed_object(item, "subject"));
    TRY(reading.needed_text(subject, "subject.type", read.subject_type));
    TRY(reading.needed_text(subject, "subject.id", question.principal));
    TRY(reading.inner_object(subject, "subject.properties"));
    TRY(const JsonIndex action_at, reading.needed_object(item, "action"));
    TRY(Action action, reading.action(action_at));
    Entity resource;
    TRY(const JsonIndex resource_at, reading.needed_object(item, "resource"));
    TRY(reading.needed_text(resource_at, "resource.type", resource.type));
    TRY(reading.needed_text(resource_at, "resource.id", resource.id));
    TRY(reading.inner_object(resource_at, "resource.properties"));
    TRY(const JsonIndex context, reading.object(item, "context"));
    TRY(const Coordinates coordinates, reading.coordinates_of(context));
    TRY(question.scope, scope_of(resource));
    read.kind = domain::principal_kind_named(read.subject_type);
    question.action = std::move(action.name);
    question.plane = action.plane;
    question.as_of = coordinates.as_of;
    question.attributes = reading.attributes(subject, action_at, resource_at, context);
    question.attributes.sub_operation = std::move(action.sub_operation);
    read.at_least = coordinates.at_least;
    read.explain = coordinates.explain.value_or(false);
    return read;
}

Result<Semantic> read_semantic(const Reading& reading, JsonIndex options) {
    std::string name = "execute_all";
    TRY(reading.text(options, "options.evaluations_semantic", name));
    if (name == "execute_all") return Semantic::execute_all;
    if (name == "deny_on_first_deny") return Semantic::deny_on_first_deny;
    if (name == "permit_on_first_permit") return Semantic::permit_on_first_permit;
    return invalid(
        "options.evaluations_semantic",
        quoted(name) + " is not execute_all, deny_on_first_deny or permit_on_first_permit");
}

}  // namespace

Result<Evaluation> parse_evaluation(std::string_view body, std::string_view tenant) {
    JsonDocument document{body, "body"};
    TRY(document.parse());
    Reading reading{document};
    return read_evaluation(reading, root, tenant);
}

Result<Evaluations> parse_evaluations(std::string_view body, std::string_view tenant,
                                      std::size_t items_max) {
    JsonDocument document{body, "body"};
    TRY(document.parse());
    Reading reading{document};
    for (const std::string_view name : {"subject", "action", "resource", "context"}) {
        TRY(reading.object(root, name));
    }
    TRY(const JsonIndex options, reading.object(root, "options"));
    TRY(reading.coordinates(options, "options"));
    Evaluations read;
    TRY(read.semantic, read_semantic(reading, options));
    const JsonIndex list = reading.find(root, "evaluations");
    if (list != none && reading[list].kind != Kind::array) return wrong("evaluations", "an array");
    if (list == none || reading[list].size == 0) {
        read.single = true;
        TRY(Evaluation only, read_evaluation(reading, root, tenant));
        read.items.emplace_back(std::move(only));
    } else if (reading[list].size > items_max) {
        return Error{Errc::limit_exceeded,
                     std::to_string(reading[list].size) + " evaluations are given; at most " +
                         std::to_string(items_max) + " are taken together",
                     "evaluations"};
    } else {
        read.items.reserve(reading[list].size);
        for (JsonIndex at = list + 1; at < reading[list].end; at = reading[at].end) {
            if (reading[at].kind == Kind::object)
                read.items.push_back(read_evaluation(reading, at, tenant));
            else
                read.items.emplace_back(wrong("evaluations", "an array of objects"));
            if (reading.attributes_bytes() > attributes_bytes_max)
                return Error{Errc::limit_exceeded,
                             "properties and contexts of all evaluations together, those they take "
                             "over included, have more than " +
                                 std::to_string(attributes_bytes_max) + " bytes",
                             "evaluations"};
        }
    }
    for (const Result<Evaluation>& item : read.items) {
        if (!item) continue;
        read.explain = read.explain || item.value().explain;
        if (item.value().at_least)
            read.at_least = std::max(read.at_least.value_or(revision_none), *item.value().at_least);
    }
    return read;
}

Result<Search> parse_search(std::string_view body, Searched searched) {
    JsonDocument document{body, "body"};
    TRY(document.parse());
    Reading reading{document};
    Search read;
    read.searched = searched;
    TRY(const JsonIndex subject, reading.needed_object(root, "subject"));
    TRY(reading.needed_text(subject, "subject.type", read.subject_type));
    if (searched != Searched::subject) {
        TRY(reading.needed_text(subject, "subject.id", read.principal));
    }
    TRY(reading.inner_object(subject, "subject.properties"));
    JsonIndex action_at = none;
    if (searched != Searched::action) {
        TRY(action_at, reading.needed_object(root, "action"));
        TRY(Action action, reading.action(action_at));
        read.action = std::move(action.name);
        read.plane = action.plane;
        read.attributes.sub_operation = std::move(action.sub_operation);
    }
    Entity resource;
    TRY(const JsonIndex resource_at, reading.needed_object(root, "resource"));
    TRY(reading.needed_text(resource_at, "resource.type", resource.type));
    if (searched != Searched::resource) {
        TRY(reading.needed_text(resource_at, "resource.id", resource.id));
        if (auto scope = scope_of(resource)) read.scope = std::move(scope.value());
    }
    TRY(reading.inner_object(resource_at, "resource.properties"));
    TRY(const JsonIndex context, reading.object(root, "context"));
    TRY(const Coordinates coordinates, reading.coordinates_of(context));
    TRY(const JsonIndex page, reading.object(root, "page"));
    TRY(reading.text(page, "page.token", read.token));
    TRY(reading.number(page, "page.limit", read.limit));
    if (read.limit == 0U) return wrong("page.limit", "a whole number from 1");
    read.kind = domain::principal_kind_named(read.subject_type);
    read.resource_type = std::move(resource.type);
    read.as_of = coordinates.as_of;
    read.at_least = coordinates.at_least;
    std::string sub_operation = std::move(read.attributes.sub_operation);
    read.attributes = reading.attributes(subject, action_at, resource_at, context);
    read.attributes.sub_operation = std::move(sub_operation);
    return read;
}

std::optional<std::string> scope_prefix(std::string_view resource_type) {
    if (resource_type == all_scopes_type) return "/";
    const auto scope = domain::parse_scope('/' + std::string(resource_type), "resource.type");
    // No slash at the end, which would be dropped, and something before it.
    if (!scope || scope.value() == "/" || scope.value().size() != resource_type.size() + 1)
        return std::nullopt;
    return domain::canonical_scope(scope.value()) + '/';
}

std::string_view id_of_scope(std::string_view resource_type, std::string_view scope) {
    if (resource_type == all_scopes_type) return scope;
    return scope.substr(resource_type.size() + 2);
}

}  // namespace tenure::server::authzen
