#pragma once
// Forwarder: of a follower that is told to send changes on to the node it copies from
// (replication.forward_writes). A few threads, each with a connection that is kept. Bounded: when
// too many wait, the next is refused at once.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "server/http.h"
#include "server/http_client.h"

namespace tenure::server {

inline constexpr std::size_t forward_threads = 8;
inline constexpr std::size_t forwards_waiting_max = 256;
// How often it was sent on; a follower of a follower of one that copies from it goes in a circle.
inline constexpr std::string_view forwarded_header = "Tenure-Forwarded";
inline constexpr unsigned forwarded_max = 8;

class Forwarder {
public:
    // `ca_file` as in HttpClient. `timeout`: for each answer.
    Forwarder(const ServerUrl& leader, const std::string& ca_file,
              std::chrono::milliseconds timeout);
    ~Forwarder();  // stop()
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    using Done = std::function<void(Result<ClientAnswer>)>;
    // Any thread; `done` is called on one of its own. False: too many wait, or it has stopped.
    bool submit(ClientRequest request, Done done);
    // Gives up what is under way: whether that was done is not known.
    void stop();

private:
    struct Work {
        ClientRequest request;
        Done done;
    };

    void loop(HttpClient& leader);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> queue_;
    std::stop_source stopping_;
    std::vector<std::thread> threads_;
};

// The request as it is sent on, with what was said of who asks and what for; an error if it has
// been sent on too often.
Result<ClientRequest> forwarded(const Request& request, std::string_view request_id);

// What the leader said, as an answer of this node.
Reply reply_of(ClientAnswer answer);

}  // namespace tenure::server
