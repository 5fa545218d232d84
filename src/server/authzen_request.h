#pragma once
// Requests of the OpenID AuthZEN Authorization API 1.0, read into questions. No store, no sockets.
//
//   subject.id            the principal; subject.type its kind: user, group, servicePrincipal,
//                         managedIdentity (any other type: nobody)
//   action.name           the action; action.properties.plane "control" (if left out) or "data";
//                         action.properties.sub_operation
//   resource              the scope: resource.id where it begins with '/', else /TYPE/ID
//   subject.properties    @Request[subject.NAME]: who is asking cannot change what the store knows
//                         of a principal, which is what conditions read as @Principal
//   action.properties     @Request[NAME]
//   resource.properties   @Resource[NAME]
//   context               @Environment[NAME], but for at, revision, known_at, at_least and explain
//
// Members nobody knows are ignored. Errors name the member: "subject.id".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/question.h"

namespace tenure::server::authzen {

// A value that conditions have no kind for (a fraction, an object, a list of different things, a
// very long text) is there and equal to nothing; null is not there.
inline constexpr std::size_t attributes_bytes_max = std::size_t{16} << 20U;  // of a whole request

struct Evaluation {
    domain::CheckQuestion question;
    std::string subject_type;
    std::optional<domain::PrincipalKind> kind;  // nothing: no principal is of that type
    std::optional<Revision> at_least;
    bool explain = false;
};

Result<Evaluation> parse_evaluation(std::string_view body, std::string_view tenant);

enum class Semantic { execute_all, deny_on_first_deny, permit_on_first_permit };

struct Evaluations {
    // Without items it is an evaluation like any other, the only one here.
    bool single = false;
    std::vector<Result<Evaluation>> items;
    Semantic semantic{};
    std::optional<Revision> at_least;  // the newest that any of them asks for
    bool explain = false;              // some do
};

// Errors are of the request; what is wrong with an item is told in its place.
Result<Evaluations> parse_evaluations(std::string_view body, std::string_view tenant,
                                      std::size_t items_max);

enum class Searched { subject, resource, action };

// The id (or name) of what is searched is not read.
struct Search {
    Searched searched{};
    std::string subject_type;
    std::optional<domain::PrincipalKind> kind;
    std::string principal;
    std::string action;
    domain::Plane plane{};
    std::string resource_type;
    std::optional<std::string> scope;  // nothing: no scope can be called that
    domain::AsOf as_of;
    std::optional<Revision> at_least;
    domain::AskedAttributes attributes;
    std::string token;
    std::optional<std::uint64_t> limit;
};

Result<Search> parse_search(std::string_view body, Searched searched);

// What scopes of a type begin with, folded: "/record/". Type "scope" is all scopes: "/".
// Nothing: no scope can be of that type.
std::optional<std::string> scope_prefix(std::string_view resource_type);
// The id that names `scope`, one of the type, together with it.
std::string_view id_of_scope(std::string_view resource_type, std::string_view scope);

}  // namespace tenure::server::authzen
