#include "server/query_client.h"

#include "server/http.h"
#include "server/query_socket.h"
#include "server/socket_client.h"

namespace tenure::server {

struct QueryClient::State {
    ClientSocket socket;
    codec::FrameBytes bytes;
    std::uint64_t next_id = 1;
};

QueryClient::QueryClient(std::unique_ptr<State> state) : state_{std::move(state)} {}

QueryClient::~QueryClient() = default;

Result<std::unique_ptr<QueryClient>> QueryClient::connect(const QueryServer& server) {
    auto state = std::make_unique<State>();
    const SocketPlace place{server.url, server.ca_file,
                            "/v1/tenants/" + percent_encoded(server.tenant) + "/query",
                            std::string(query_protocol), server.token};
    TRY(open_socket(state->socket, place));
    state->socket.stream.binary(true);
    return std::unique_ptr<QueryClient>{new QueryClient{std::move(state)}};
}

Result<void> QueryClient::send(const codec::QuestionFrame& frame) {
    codec::encode_questions(frame, state_->bytes);
    boost::system::error_code failed;
    state_->socket.stream.write(net::buffer(state_->bytes), failed);
    if (failed) return socket_failure("cannot send", failed);
    return success();
}

Result<codec::AnswerFrame> QueryClient::receive() {
    ClientSocket& socket = state_->socket;
    socket.buffer.clear();
    boost::system::error_code failed;
    socket.stream.read(socket.buffer, failed);
    if (failed) return socket_failure("cannot receive", failed);
    const auto data = socket.buffer.cdata();
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
