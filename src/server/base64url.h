#pragma once
// base64url without padding (RFC 4648, section 5; RFC 7515, section 2), in one spelling only: no
// '=', no blanks, no line ends, and the bits that are left over are zero. So no two texts decode to
// the same bytes.

#include <optional>
#include <string>
#include <string_view>

namespace tenure::server {

std::string base64url_encode(std::string_view bytes);

// Nothing if `text` is not of that form. Takes the same steps for all texts of one length, because
// some are secret.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace tenure::server
