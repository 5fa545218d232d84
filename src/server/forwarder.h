#pragma once
// Forwarder: of a follower that is told to send changes on to the node it copies from
// (replication.forward_writes). A few threads, each with a connection that is kept. Bounded in
// number and in time: a change that waited too long is not made any more, for whoever asked for it
// may have decided anew.

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/http.h"
#include "server/http_client.h"
#include "server/pool.h"

namespace tenure::server {

inline constexpr std::size_t forward_threads = 8;
inline constexpr std::size_t forwards_waiting_max = 256;
// How often it was sent on; a follower of a follower of one that copies from it goes in a circle.
inline constexpr std::string_view forwarded_header = "Tenure-Forwarded";
inline constexpr unsigned forwarded_max = 8;

// What became of a change that was to be sent on.
struct Forwarded {
    Result<ClientAnswer> answer;
    // False: nothing of it has reached the leader, so it was not made.
    bool sent = false;
};

class Forwarder {
public:
    // `ca_file` as in HttpClient. `timeout`: of each change, from submit() on. The clock outlives
    // it.
    Forwarder(const ServerUrl& leader, const std::string& ca_file,
              std::chrono::milliseconds timeout, Clock& clock);
    ~Forwarder();  // stop()
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    using Done = std::function<void(Forwarded)>;
    // Any thread; `done` is called on one of its own. False: too many wait, or it has stopped.
    bool submit(ClientRequest request, Done done);

    // Ends soon what is under way and what waits: whether the former was made is not known.
    void give_up() { stopping_.request_stop(); }

    // After those that wait for its answers have gone.
    void stop();

private:
    void send(HttpClient& leader, ClientRequest& request, const Done& done, Instant submitted_at);

    const std::chrono::milliseconds timeout_;
    Clock& clock_;
    std::stop_source stopping_;
    Pool<HttpClient> pool_;  // last: its threads use all of the above
};

// The request as it is sent on, with what was said of who asks and what for; an error if it has
// been sent on too often.
Result<ClientRequest> forwarded(const Request& request, std::string_view request_id);

// As an answer of this node. `repeatable`: the request may be sent again.
Reply reply_of(Forwarded outcome, bool repeatable);

}  // namespace tenure::server
