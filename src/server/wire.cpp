#include "server/wire.h"

#include <zlib.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "base/text.h"

namespace tenure::server {
namespace {

constexpr std::size_t worth_compressing_bytes = 1400;  // what fits one packet is sent as it is

void append_header(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

// Whether gzip is among the codings, and not with weight 0.
bool takes_gzip(std::string_view accepted) {
    const std::string low = folded(accepted);
    const std::size_t at = low.find("gzip");
    if (at == std::string::npos) return false;
    const std::string_view rest = std::string_view{low}.substr(at + 4, low.find(',', at) - at - 4);
    return rest.find("q=0") == std::string_view::npos ||
           rest.find_first_of("123456789") != std::string_view::npos;
}

}  // namespace

void append_reply(std::string& out, const Reply& reply, const ReplyForm& form) {
    out.reserve(out.size() + reply.body.size() + 512);
    out += "HTTP/1.1 ";
    out += std::to_string(reply.status);
    out += ' ';
    out += phrase_of(reply.status);
    out += "\r\n";
    append_header(out, "Date", form.date);
    if (!form.request_id.empty()) append_header(out, "X-Request-ID", form.request_id);
    append_header(out, "X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : reply.headers) append_header(out, name, value);
    if (!form.keep_alive) append_header(out, "Connection", "close");
    const bool bodiless = reply.status == 204 || reply.status == 304;
    if (!bodiless) {
        append_header(out, "Content-Type", reply.content_type);
        append_header(out, "Content-Length", std::to_string(reply.body.size()));
    }
    out += "\r\n";
    if (!bodiless && !form.head) out += reply.body;
}

void compress(Reply& reply, std::string_view accepted) {
    if (reply.body.size() < worth_compressing_bytes || !takes_gzip(accepted)) return;
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    constexpr int memory_level = 8;
    // Fast: the reader waits.
    if (deflateInit2(&stream, 1, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    std::string packed(deflateBound(&stream, reply.body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(reply.body.data());
    stream.avail_in = static_cast<uInt>(reply.body.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int done = deflate(&stream, Z_FINISH);
    const std::size_t size = stream.total_out;
    deflateEnd(&stream);
    if (done != Z_STREAM_END || size >= reply.body.size()) return;
    packed.resize(size);
    reply.body = std::move(packed);
    bool varies = false;
    for (auto& [name, value] : reply.headers) {
        // Other bytes, another strong entity tag.
        if (name == "ETag" && value.size() > 2) value.insert(value.size() - 1, "-gzip");
        if (name == "Vary") {
            value += ", Accept-Encoding";
            varies = true;
        }
    }
    if (!varies) reply.headers.emplace_back("Vary", "Accept-Encoding");
    reply.headers.emplace_back("Content-Encoding", "gzip");
}

std::string http_date(Instant now) {
    using namespace std::chrono;
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_time<microseconds> point{microseconds{now.us}};
    const auto day = floor<std::chrono::days>(point);
    const year_month_day date{day};
    const hh_mm_ss time{floor<seconds>(point - day)};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02ld:%02ld:%02ld GMT",
                  days[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
    return text.data();
}

}  // namespace tenure::server
