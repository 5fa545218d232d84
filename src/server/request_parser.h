#pragma once
// RequestParser: Beast's parser of requests, and stricter where it is too kind: no folded lines, no
// endless headers or chunk extensions, nothing of fields that come after the body.

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"

namespace tenure::server {

// Fields of one request; who has more is refused as one whose header is too long.
inline constexpr std::size_t header_fields_max = 256;

class RequestParser final : public http::request_parser<http::string_body> {
public:
    // `header_bytes_max`: of the first line and the fields together, and once more of all that goes
    // with the chunks of a body.
    explicit RequestParser(std::size_t header_bytes_max) : bytes_max_{header_bytes_max} {
        header_limit(static_cast<std::uint32_t>(header_bytes_max));
    }

    // As put() of the base, of all the bytes there are, in one piece. The base compares its limit
    // with the bytes at hand alone, and takes each field that is whole: a header that comes in the
    // right pieces would have no end.
    std::size_t put_some(std::string_view bytes, boost::system::error_code& failed) {
        begin_ = bytes.data();
        end_ = bytes.data() + bytes.size();
        const std::size_t used = put(boost::asio::const_buffer{begin_, bytes.size()}, failed);
        if (is_header_done()) return used;
        header_bytes_ += used;
        const std::size_t rest = bytes.size() - used;
        if (failed == http::error::need_more && header_bytes_ + rest > bytes_max_)
            failed = http::error::header_limit;
        return used;
    }

private:
    using String = boost::beast::string_view;

    void on_field_impl(http::field name, String text, String value,
                       boost::system::error_code& failed) override {
        failed = {};
        // They must not say who asks, or how the request is to be read (RFC 9110, 6.5.1).
        if (is_header_done()) return;
        if (is_folded(text, value)) {
            failed = http::error::bad_obs_fold;
            return;
        }
        const auto here = static_cast<std::size_t>(value.data() + value.size() - begin_);
        if (header_bytes_ + here > bytes_max_ || ++fields_ > header_fields_max)
            failed = http::error::header_limit;
        else
            get().insert(name, text, value);
    }

    void on_chunk_header_impl(std::uint64_t, String extensions,
                              boost::system::error_code& failed) override {
        extension_bytes_ += extensions.size();
        if (extension_bytes_ > bytes_max_) failed = http::error::header_limit;
    }

    // A value that went over several lines was put together elsewhere, or does not begin on the
    // line of its name (RFC 9112, 5.2).
    bool is_folded(String text, String value) const {
        const char* const colon = text.data() + text.size();
        const char* const begin = value.data();
        if (std::less<>{}(begin, colon) || std::less<>{}(end_, begin)) return true;
        return std::string_view{colon, static_cast<std::size_t>(begin - colon)}.find('\r') !=
               std::string_view::npos;
    }

    // Of the bytes that are being parsed.
    const char* begin_ = nullptr;
    const char* end_ = nullptr;
    const std::size_t bytes_max_;
    std::size_t header_bytes_ = 0;  // before those
    std::size_t fields_ = 0;
    std::size_t extension_bytes_ = 0;
};

// Of a target in absolute form ("http://host/path?query", RFC 9112, 3.2.2) path and query: what it
// says of the host is believed no more than the Host header is. Nothing if it is of another form.
std::optional<std::string> origin_form(std::string_view target);

// Whether the first line is a request's, of a version of HTTP other than 1.0 and 1.1.
bool asks_another_version(std::string_view bytes);

}  // namespace tenure::server
