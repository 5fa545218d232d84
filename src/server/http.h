#pragma once
// Requests and replies as values: what a route is given and what it gives back. Routes are plain
// functions; only http_session.h knows sockets.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace tenure::server {

namespace http = boost::beast::http;

using Request = http::request<http::string_body>;

struct Reply {
    unsigned status = 200;
    std::string_view content_type = "application/json";  // of static storage
    std::string body{};
    // Besides those every reply has (wire.cpp). Values hold no line ends.
    std::vector<std::pair<std::string_view, std::string>> headers{};
    // Not an answer yet: ask again when the store has this revision (or time is up).
    std::optional<Revision> wait_for{};
    // Not an answer either, of a route that is quick but for what this request wants: ask again on
    // a thread for long questions.
    bool takes_long = false;
    // Of what limit it was refused for, a name in limits.h; for the metrics.
    std::string_view limit{};
};

// RFC 9457 problem details: the only form of an error.
Reply problem(unsigned status, std::string_view code, const Error& error);
// The same with the status that belongs to the error's kind.
Reply problem(const Error& error);
unsigned status_of(Errc code);

// "Bad Request"; for any status that a Reply has.
std::string_view phrase_of(unsigned status);

// Decodes a path segment or a query's name or value; nothing if it is malformed (a bad %xx, text
// that is not UTF-8, a NUL). `plus_is_space` is for queries.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

// As one segment of a path, or a query's value (RFC 3986, section 2.3).
std::string percent_encoded(std::string_view text);

// A target's path, cut at '/', each segment decoded; and its query.
struct Target {
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, std::string>> query;
};

// Errors name what is wrong. Only origin form ("/path?query") is taken.
Result<Target> parse_target(std::string_view target);

}  // namespace tenure::server
