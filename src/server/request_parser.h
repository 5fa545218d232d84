#pragma once
// RequestParser: Beast's parser of requests, and stricter where it is too kind: no folded lines, no
// endless chunk extensions, nothing of fields that come after the body.

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

class RequestParser final : public http::request_parser<http::string_body> {
public:
    explicit RequestParser(std::size_t extension_bytes_max)
        : extension_bytes_max_{extension_bytes_max} {}

    // As put() of the base, of bytes in one piece.
    std::size_t put_some(std::string_view bytes, boost::system::error_code& failed) {
        end_ = bytes.data() + bytes.size();
        return put(boost::asio::const_buffer{bytes.data(), bytes.size()}, failed);
    }

private:
    using String = boost::beast::string_view;

    void on_field_impl(http::field name, String text, String value,
                       boost::system::error_code& failed) override {
        failed = {};
        // They must not say who asks, or how the request is to be read (RFC 9110, 6.5.1).
        if (is_header_done()) return;
        if (is_folded(text, value))
            failed = http::error::bad_obs_fold;
        else
            get().insert(name, text, value);
    }

    void on_chunk_header_impl(std::uint64_t, String extensions,
                              boost::system::error_code& failed) override {
        extension_bytes_ += extensions.size();
        if (extension_bytes_ > extension_bytes_max_) failed = http::error::header_limit;
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

    const char* end_ = nullptr;  // of the bytes that are being parsed
    const std::size_t extension_bytes_max_;
    std::size_t extension_bytes_ = 0;
};

// Of a target in absolute form ("http://host/path?query", RFC 9112, 3.2.2) path and query: what it
// says of the host is believed no more than the Host header is. Nothing if it is of another form.
std::optional<std::string> origin_form(std::string_view target);

// Whether the first line is a request's, of a version of HTTP other than 1.0 and 1.1.
bool asks_another_version(std::string_view bytes);

}  // namespace tenure::server
