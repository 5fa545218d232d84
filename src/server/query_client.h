#pragma once
// QueryClient: asks a server by tenure.query.v1. Frames may be sent ahead; answers come in the
// order of the frames. Blocking; one thread at a time.

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/query_frames.h"

namespace tenure::server {

struct QueryServer {
    std::string url = "http://127.0.0.1:7400";
    std::string tenant = "default";
    std::string token{};    // empty: none
    std::string ca_file{};  // empty: the machine's authorities
};

class QueryClient {
public:
    static Result<std::unique_ptr<QueryClient>> connect(const QueryServer& server);
    ~QueryClient();
    QueryClient(const QueryClient&) = delete;
    QueryClient& operator=(const QueryClient&) = delete;

    // The id comes back with the answers.
    Result<void> send(const codec::QuestionFrame& frame);
    Result<codec::AnswerFrame> receive();

    // One frame, and its answers.
    Result<codec::AnswerFrame> ask(std::vector<domain::CheckQuestion> checks);

private:
    struct State;
    explicit QueryClient(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tenure::server
