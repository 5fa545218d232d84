#pragma once
// Replies as bytes.

#include <string>
#include <string_view>

#include "base/instant.h"
#include "server/http.h"

namespace tenure::server {

struct ReplyForm {
    bool keep_alive = true;
    bool head = false;  // the request was HEAD: everything but the body
    std::string_view request_id;
    std::string_view date;
};

// Appends status line, headers and body.
void append_reply(std::string& out, const Reply& reply, const ReplyForm& form);

// The body as gzip, if that is worth it and `accepted` (Accept-Encoding) takes it.
void compress(Reply& reply, std::string_view accepted);

// "Sat, 21 Nov 2026 20:00:00 GMT" (RFC 9110, section 5.6.7).
std::string http_date(Instant now);

}  // namespace tenure::server
