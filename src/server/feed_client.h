#pragma once
// FeedClient: follows a server's feed of changes (feed_socket.h). Blocking; one thread.

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace tenure::server {

struct FeedServer {
    std::string url = "http://127.0.0.1:7400";
    std::string tenant = "default";
    std::string token{};    // empty: none
    std::string ca_file{};  // empty: the machine's authorities
    // What follows "?" of the feed's path, encoded.
    std::string query{};
};

class FeedClient {
public:
    static Result<std::unique_ptr<FeedClient>> connect(const FeedServer& server);
    ~FeedClient();
    FeedClient(const FeedClient&) = delete;
    FeedClient& operator=(const FeedClient&) = delete;

    // The next event, as it came; nothing when the server has ended the feed.
    Result<std::optional<std::string>> next();

private:
    struct State;
    explicit FeedClient(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tenure::server
