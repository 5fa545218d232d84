#pragma once
// HttpSession: one connection from its first byte to its last, over any stream (TCP, TLS, the
// in-memory one of the tests). Requests are answered in order; what a client sends ahead waits in
// the buffer (and, when that is full, in its own machine).

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>
#include <string>
#include <utility>

#include "server/answering.h"
#include "server/request_parser.h"
#include "server/sockets.h"
#include "server/wire.h"
#include "server/worker.h"

namespace tenure::server {

namespace beast = boost::beast;

template <class Stream>
class HttpSession final : private Watched {
public:
    // `worker` outlives it. `peer` is the address the connection came from.
    HttpSession(Worker& worker, Stream stream, std::string peer)
        : worker_{worker}, stream_{std::move(stream)}, peer_{std::move(peer)} {
        worker_.watch(*this);
        worker_.service.metrics.connections(1);
        ++worker_.service.open_connections;
        admitted_ = worker_.clients.connect(peer_);
        if (!admitted_) worker_.service.metrics.limit_hit("connections_of_client_max");
    }

    ~HttpSession() {
        worker_.unwatch(*this);
        worker_.service.metrics.connections(-1);
        --worker_.service.open_connections;
        if (admitted_) worker_.clients.disconnect(peer_);
    }

    HttpSession(const HttpSession&) = delete;
    HttpSession& operator=(const HttpSession&) = delete;

    Stream& stream() { return stream_; }

    // Until the connection ends.
    net::awaitable<void> run() {
        bool open = admitted_;
        while (open) open = co_await exchange();
        const bool told = co_await flush();
        if (told && unread_) co_await pass_over_rest();
    }

    // After run(): what is left to do on the stream has an end too.
    void begin_farewell() {
        between_requests = true;
        within_ms(limits().write_timeout_ms);
    }

private:
    static constexpr std::size_t read_bytes = 16 * 1024;
    static constexpr std::size_t answers_bytes_max = 64 * 1024;  // before they are sent
    // What a connection keeps of each buffer while nothing is asked: most connections are idle most
    // of the time, and most requests and answers are no longer.
    static constexpr std::size_t idle_bytes = 2 * 1024;
    // How long what is left of a request is still read that was refused before its end. A body that
    // would have been taken is, on most lines.
    static constexpr std::uint32_t rest_timeout_ms = 5'000;

    const Limits& limits() const { return worker_.service.settings.limits; }

    void close() override {
        closed_ = true;
        beast::close_socket(beast::get_lowest_layer(stream_));
        if (leaving != nullptr && leaving->left()) leaving->give_up();
    }

    // Of the buffer; until it is read into or consumed.
    std::string_view bytes_here() const {
        const auto data = buffer_.cdata();
        return {static_cast<const char*>(data.data()), data.size()};
    }

    void within_ms(std::uint32_t ms) { deadline_tick = worker_.tick_after_ms(ms); }

    // Both buffers are empty.
    void give_back_memory() {
        if (buffer_.capacity() > idle_bytes) buffer_.shrink_to_fit();
        if (out_.capacity() > idle_bytes) std::string{}.swap(out_);
    }

    // More bytes; false: there are none to come.
    net::awaitable<bool> read_more(std::size_t bytes) {
        if (closed_) co_return false;
        const std::size_t room = buffer_.max_size() - buffer_.size();
        const auto space = buffer_.prepare(std::min(room, bytes));
        const auto got = co_await stream_.async_read_some(space, net::as_tuple(net::use_awaitable));
        const auto& [failed, count] = got;
        if (failed || closed_) co_return false;
        buffer_.commit(count);
        co_return true;
    }

    // Of a request that was answered before it was read: a connection closed with bytes nobody has
    // read takes the answer with it. As many as a body may have, only so long, and none is kept.
    net::awaitable<void> pass_over_rest() {
        if constexpr (requires(boost::system::error_code & failed) {
                          stream_.shutdown(net::socket_base::shutdown_send, failed);
                      }) {
            boost::system::error_code ignored;
            stream_.shutdown(net::socket_base::shutdown_send, ignored);
        }
        between_requests = true;
        within_ms(rest_timeout_ms);
        std::uint64_t left = limits().body_bytes_max;
        while (left > 0) {
            buffer_.clear();
            const bool more = co_await read_more(read_bytes);
            if (!more) break;
            left -= std::min<std::uint64_t>(left, buffer_.size());
        }
        buffer_.clear();
    }

    net::awaitable<bool> flush() {
        if (out_.empty()) co_return true;
        if (closed_) co_return false;
        within_ms(limits().write_timeout_ms);
        const auto wrote = co_await net::async_write(stream_, net::buffer(out_),
                                                     net::as_tuple(net::use_awaitable));
        out_.clear();
        co_return !std::get<0>(wrote);
    }

    // One request and its answer; false: that was the last.
    net::awaitable<bool> exchange() {
        bool line_passed = false;
        while (!request_begins(line_passed)) {
            if (!co_await flush()) co_return false;
            if (worker_.draining()) co_return false;
            between_requests = true;
            within_ms(limits().idle_timeout_ms);
            give_back_memory();
            const bool more = co_await read_more(idle_bytes);
            between_requests = false;
            if (!more) co_return false;
        }
        RequestParser parser{limits().header_bytes_max};
        parser.body_limit(limits().body_bytes_max);
        within_ms(limits().request_timeout_ms);
        bool continued = false;
        bool header_seen = false;
        bool asker_seen = false;
        while (!parser.is_done()) {
            boost::system::error_code failed;
            if (buffer_.size() > 0) {
                const std::size_t used = parser.put_some(bytes_here(), failed);
                buffer_.consume(used);
            } else {
                failed = http::error::need_more;
            }
            // Before anything of the body is read, at most once.
            if (parser.is_header_done() && !header_seen) {
                header_seen = true;
                if (refuse_header(parser.get(), parser.is_done())) co_return false;
                parser.eager(true);
            }
            // A chunk's line, or what comes after the body, that fills all the room there is.
            if (failed == http::error::need_more && buffer_.size() == buffer_.max_size())
                failed = http::error::header_limit;
            if (failed == http::error::need_more) {
                if (parser.is_header_done() && !asker_seen) {
                    asker_seen = true;
                    if (answer_early(parser.get())) co_return false;
                }
                // Who speaks HTTP/1.0 would take it for the answer (RFC 9110, 10.1.1).
                if (parser.is_header_done() && !continued && parser.get().version() >= 11 &&
                    beast::iequals(parser.get()[http::field::expect], "100-continue")) {
                    continued = true;
                    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
                    if (!co_await flush()) co_return false;
                    within_ms(limits().request_timeout_ms);
                }
                // What has been answered is not kept back until the rest is here.
                if (!out_.empty()) {
                    if (!co_await flush()) co_return false;
                    within_ms(limits().request_timeout_ms);
                }
                // A client that sends its header byte by byte gets no more room than it fills.
                const std::size_t spare = buffer_.capacity() - buffer_.size();
                const std::size_t bytes = parser.is_header_done() ? read_bytes
                                          : spare > 0             ? spare
                                                                  : idle_bytes;
                if (!co_await read_more(bytes)) co_return false;
            } else if (failed) {
                refuse(malformed(failed));
                unread_ = true;
                co_return false;
            }
        }
        deadline_tick = 0;
        co_return co_await answer(parser.release());
    }

    // Whether there is something of a request. An empty line before it is passed over, once (RFC
    // 9112, 2.2), and is nothing of it.
    bool request_begins(bool& line_passed) {
        if (!line_passed && bytes_here().starts_with("\r\n")) {
            buffer_.consume(2);
            line_passed = true;
        }
        return buffer_.size() > 0 && (line_passed || bytes_here() != "\r");
    }

    // What cannot be answered for the header alone, whoever asks; the target is in origin form
    // after it, where it can be. `whole`: there is no body. True: it has been refused, and the
    // connection ends.
    bool refuse_header(Request& header, bool whole) {
        if (!header.target().starts_with('/')) {
            const auto origin = origin_form({header.target().data(), header.target().size()});
            if (origin) header.target(*origin);
        }
        const auto refusal = refusal_of(header, whole);
        if (!refusal) return false;
        refuse(problem(400, "bad_request", *refusal));
        unread_ = !whole || buffer_.size() > 0;
        return true;
    }

    static std::optional<Error> refusal_of(const Request& header, bool whole) {
        // Otherwise it is not known where the body ends (RFC 9112, 6.1 and 6.3).
        const auto codings = header.count(http::field::transfer_encoding);
        if (codings > 0 && header.version() < 11)
            return Error{Errc::invalid_argument, "HTTP/1.0 has no transfer codings",
                         "Transfer-Encoding"};
        if (codings > 1 ||
            (codings == 1 && !beast::iequals(header[http::field::transfer_encoding], "chunked")))
            return Error{Errc::invalid_argument,
                         "the only transfer coding that is taken is chunked", "Transfer-Encoding"};
        const auto hosts = header.count(http::field::host);
        if (hosts > 1 || (hosts == 0 && header.version() == 11))
            return Error{Errc::invalid_argument, "HTTP/1.1 needs one Host", "Host"};
        if (!whole && beast::websocket::is_upgrade(header))
            return Error{Errc::invalid_argument, "a request to be a WebSocket has no body",
                         "Upgrade"};
        return std::nullopt;
    }

    // Before a body is waited for. True: it has been answered, and the connection ends.
    bool answer_early(const Request& header) {
        const auto refused = refuse_early(worker_, header);
        if (!refused) return false;
        count_answer(worker_, *refused, *refused->reply);
        append_reply(
            out_, *refused->reply,
            {false, header.method() == http::verb::head, refused->request_id, worker_.date()});
        unread_ = true;
        return true;
    }

    net::awaitable<bool> answer(Request request) {
        if (beast::websocket::is_upgrade(request)) {
            co_await flush();
            co_return co_await upgrade(std::move(request));
        }
        Begun begun = begin_answer(worker_, request, peer_);
        Reply reply;
        if (begun.reply)
            reply = std::move(*begun.reply);
        else
            reply = co_await finish_answer(worker_, request, begun);
        count_answer(worker_, begun, reply);
        const bool stay = request.keep_alive() && !worker_.draining();
        append_reply(
            out_, reply,
            {stay, request.method() == http::verb::head, begun.request_id, worker_.date()});
        if (stay && out_.size() > answers_bytes_max && !co_await flush()) co_return false;
        co_return stay;
    }

    // The stream goes on as a WebSocket; what comes after is none of HTTP's.
    net::awaitable<bool> upgrade(Request request) {
        const std::string id = request_id_of(worker_, request);
        auto reply = co_await run_socket(worker_, stream_, std::move(request), *this);
        if (reply) append_reply(out_, *reply, {false, false, id, worker_.date()});
        co_return false;
    }

    void refuse(const Reply& reply) {
        worker_.service.metrics.request(worker_.router.routes().size(), reply.status, 0);
        if (!reply.limit.empty()) worker_.service.metrics.limit_hit(reply.limit);
        append_reply(out_, reply, {false, false, worker_.next_request_id(), worker_.date()});
    }

    Reply malformed(const boost::system::error_code& failed) {
        const auto too_large = [](unsigned status, std::string_view limit, std::string detail) {
            Reply reply =
                problem(status, "limit_exceeded", Error{Errc::limit_exceeded, std::move(detail)});
            reply.limit = limit;
            return reply;
        };
        if (failed == http::error::header_limit)
            return too_large(
                431, "header_bytes_max",
                "the header, or what goes with the chunks of the body, has more than " +
                    std::to_string(limits().header_bytes_max) + " bytes, or the header more than " +
                    std::to_string(header_fields_max) + " fields");
        if (failed == http::error::body_limit)
            return too_large(
                413, "body_bytes_max",
                "the body has more than " + std::to_string(limits().body_bytes_max) + " bytes");
        if (failed == http::error::bad_version && asks_another_version(bytes_here()))
            return problem(505, "bad_request",
                           Error{Errc::invalid_argument, "HTTP/1.1 is spoken here"});
        return problem(400, "bad_request",
                       Error{Errc::invalid_argument, "this is no HTTP/1.1: " + failed.message()});
    }

    Worker& worker_;
    Stream stream_;
    const std::string peer_;
    beast::flat_buffer buffer_{limits().header_bytes_max + read_bytes};
    std::string out_;  // answers not yet sent
    bool closed_ = false;
    bool unread_ = false;    // the last request was answered before its end
    bool admitted_ = false;  // its address has not too many connections
};

}  // namespace tenure::server
