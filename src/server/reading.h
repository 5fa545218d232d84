#pragma once
// What all routes that read have in common: who may ask, `at_least`, and what a reply says about
// its age. Private to the routes.

#include <string>
#include <string_view>
#include <vector>

#include "api/forms.h"
#include "codec/json_requests.h"
#include "query/answers.h"
#include "server/route.h"

namespace tenure::server {

// Refuses any parameter of the URL.
Result<void> no_parameters(const Call& call);

// The request's body if there is one, else its query.
Result<codec::Asked> read_asked(const Call& call, const codec::Takes& takes);

// A reply that asks to be waited for, or to say that it takes too long, while the store is not that
// far; nothing if it is.
std::optional<Reply> too_early(const Call& call, const std::optional<Revision>& at_least);

// How many entries a page has, and where it begins.
Result<query::Page> page_of(const Call& call, const std::optional<std::uint64_t>& asked_limit,
                            const std::string& cursor);

// Nothing if the asker may; else the refusal.
std::optional<Reply> unless_may(const Call& call, node::Session& session, std::string_view action,
                                std::string_view scope);
// The same where asking about oneself is always allowed.
std::optional<Reply> unless_self_or_may(const Call& call, node::Session& session,
                                        std::string_view principal, std::string_view action,
                                        std::string_view scope);

// The forms an answer comes in, by what Accept begins with: JSON, or what the command line prints
// for a person ("text/plain", in colour with the parameter color=always), or one a line
// ("application/jsonl"): events, and definitions of roles.
enum class Form { json, text, lines };

Form form_of(const Call& call);
api::Paint paint_of(const Call& call);

// The answer in the form that is wanted, with the same arguments for both.
template <class... Parts>
std::string body_of(const Call& call, const Parts&... parts) {
    return form_of(call) == Form::text ? api::to_text(parts..., paint_of(call))
                                       : api::to_json(parts...);
}

// 200 with the body, which is of the form that is wanted. JSON about a closed moment of the past
// may be kept for ever: it gets an ETag and says so; If-None-Match is honoured. `dated`: the
// question named the moment itself.
Reply answered(const Call& call, std::string body, const query::Basis& basis, bool dated);

// What If-None-Match says: any, or entity tags as they are between W/ and the next comma. It
// compares weakly (RFC 9110, 13.1.2), so that it is all one whether they are weak.
struct NoneMatch {
    bool any = false;  // "*"
    std::vector<std::string_view> tags{};
};

// Views of `header`. Errors name what is no entity tag.
Result<NoneMatch> parse_none_match(std::string_view header);

// Headers: the revision, and of an answer about now how old it may be.
void say_age(const Call& call, const query::Basis& basis, bool dated, Reply& reply);
// The latter alone, for answers whose questions name no moment.
void say_closed(const Call& call, Reply& reply);
bool names_no_moment(const domain::AsOf& as_of);

// The body, or 304 if the asker has what `tag` names.
void give_body(const Call& call, std::string_view tag, std::string body, Reply& reply);

bool is_dated(const codec::Asked& asked);

// The entity tag of bytes, strong: quotes, a hash.
std::string tag_of(std::string_view bytes);

}  // namespace tenure::server
