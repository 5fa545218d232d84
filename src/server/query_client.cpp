#include "server/query_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server/query_socket.h"

namespace tenure::server {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

Error failure(std::string_view doing, const boost::system::error_code& failed) {
    return Error{Errc::unavailable, std::string(doing) + ": " + failed.message()};
}

}  // namespace

struct QueryClient::State {
    net::io_context context;
    websocket::stream<net::ip::tcp::socket> socket{context};
    beast::flat_buffer buffer;
    codec::FrameBytes bytes;
    std::uint64_t next_id = 1;
};

QueryClient::QueryClient(std::unique_ptr<State> state) : state_{std::move(state)} {}

QueryClient::~QueryClient() = default;

Result<std::unique_ptr<QueryClient>> QueryClient::connect(const QueryServer& server) {
    auto state = std::make_unique<State>();
    boost::system::error_code failed;
    net::ip::tcp::resolver resolver{state->context};
    const auto endpoints = resolver.resolve(server.host, std::to_string(server.port), failed);
    if (failed) return failure("cannot find " + server.host, failed);
    net::connect(state->socket.next_layer(), endpoints, failed);
    if (failed) return failure("cannot connect to " + server.host, failed);
    state->socket.next_layer().set_option(net::ip::tcp::no_delay{true}, failed);
    websocket::stream_base::decorator asking{[&](websocket::request_type& request) {
        request.set(http::field::sec_websocket_protocol, std::string(query_protocol));
        if (!server.token.empty())
            request.set(http::field::authorization, "Bearer " + server.token);
    }};
    state->socket.set_option(std::move(asking));
    state->socket.binary(true);
    state->socket.read_message_max(0);
    websocket::response_type response;
    state->socket.handshake(response, server.host, "/v1/tenants/" + server.tenant + "/query",
                            failed);
    if (failed) {
        std::string detail{response.body()};
        return Error{Errc::unavailable, "the server does not answer questions: " +
                                            (detail.empty() ? failed.message() : detail)};
    }
    return std::unique_ptr<QueryClient>{new QueryClient{std::move(state)}};
}

Result<void> QueryClient::send(const codec::QuestionFrame& frame) {
    codec::encode_questions(frame, state_->bytes);
    boost::system::error_code failed;
    state_->socket.write(net::buffer(state_->bytes), failed);
    if (failed) return failure("cannot send", failed);
    return success();
}

Result<codec::AnswerFrame> QueryClient::receive() {
    state_->buffer.clear();
    boost::system::error_code failed;
    state_->socket.read(state_->buffer, failed);
    if (failed) return failure("cannot receive", failed);
    const auto data = state_->buffer.cdata();
    return codec::decode_answers({static_cast<const std::byte*>(data.data()), data.size()});
}

Result<codec::AnswerFrame> QueryClient::ask(std::vector<domain::CheckQuestion> checks) {
    codec::QuestionFrame frame;
    frame.id = state_->next_id++;
    frame.size = checks.size();
    frame.checks = std::move(checks);
    TRY(send(frame));
    return receive();
}

}  // namespace tenure::server
