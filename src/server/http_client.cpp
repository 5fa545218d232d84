#include "server/http_client.h"

#include <sys/socket.h>

#include <boost/beast/http.hpp>
#include <cerrno>

#include "base/text.h"
#include "server/client_connection.h"

namespace tenure::server {
namespace {

namespace http = boost::beast::http;

using Failure = boost::system::error_code;
using Asked = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

// Of one request: the first, and two more when connections are lost.
constexpr int tries_max = 3;

Asked message_of(const ServerUrl& url, const ClientRequest& request) {
    Asked asked{http::string_to_verb(request.method), request.target, 11};
    asked.set(http::field::host, url.authority);
    for (const auto& [name, value] : request.headers) asked.insert(name, value);
    asked.body() = request.body;
    if (!request.body.empty()) asked.prepare_payload();
    return asked;
}

ClientAnswer answer_of(Parser& parser) {
    auto message = parser.release();
    ClientAnswer answer;
    answer.status = message.result_int();
    for (const auto& field : message)
        answer.headers.emplace_back(
            std::string(field.name_string().data(), field.name_string().size()),
            std::string(field.value().data(), field.value().size()));
    answer.body = std::move(message.body());
    return answer;
}

}  // namespace

struct HttpClient::Connection {
    ClientConnection wire;

    // One that was kept: the server may have closed it since, or said something unasked.
    bool is_quiet() {
        if (wire.buffer.size() > 0) return false;
        char byte = 0;
        const int socket = wire.stream.next_layer().socket().native_handle();
        return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

    // Sends and receives; runs the loop until it is done.
    Failure exchange(const Asked& asked, Parser& parser, std::chrono::milliseconds timeout,
                     const std::stop_token& stopping) {
        Failure result;
        wire.stream.next_layer().expires_after(timeout);
        http::async_write(wire.stream, asked, [&](Failure failed, std::size_t) {
            result = failed;
            if (failed) return;
            http::async_read(wire.stream, wire.buffer, parser,
                             [&](Failure ended, std::size_t) { result = ended; });
        });
        if (!run(wire, stopping)) return boost::asio::error::operation_aborted;
        return result;
    }
};

std::string ClientAnswer::header(std::string_view name) const {
    for (const auto& [each, value] : headers)
        if (equal_folded(each, name)) return value;
    return {};
}

HttpClient::HttpClient(ServerUrl url, std::string ca_file, ClientLimits limits)
    : url_{std::move(url)}, ca_file_{std::move(ca_file)}, limits_{limits} {}

HttpClient::~HttpClient() = default;

Result<void> HttpClient::connect(const std::stop_token& stopping) {
    connection_ = std::make_unique<Connection>();
    auto opened = open_connection(connection_->wire, url_, ca_file_, limits_.timeout, stopping);
    if (!opened) connection_.reset();
    return opened;
}

Result<ClientAnswer> HttpClient::ask(const ClientRequest& request,
                                     const std::stop_token& stopping) {
    const Asked asked = message_of(url_, request);
    sent_ = false;
    for (int tries = 1;; ++tries) {
        if (stopping.stop_requested()) return client_failure(url_, "this program stops");
        if (connection_ && !connection_->is_quiet()) connection_.reset();
        if (!connection_) {
            TRY(connect(stopping));
        }
        sent_ = true;
        Parser parser;
        parser.body_limit(limits_.body_bytes_max);
        const Failure failed = connection_->exchange(asked, parser, limits_.timeout, stopping);
        if (!failed) {
            if (!parser.get().keep_alive()) connection_.reset();
            return answer_of(parser);
        }
        connection_.reset();
        // Who took too long once would do so again.
        if (!request.repeatable || tries == tries_max || failed == beast::error::timeout ||
            failed == http::error::body_limit || stopping.stop_requested())
            return client_failure(url_, failed.message());
    }
}

}  // namespace tenure::server
