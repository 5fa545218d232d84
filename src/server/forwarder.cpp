#include "server/forwarder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace tenure::server {
namespace {

// Of the connection, not of the request (RFC 9110, 7.6.1), or said anew.
constexpr std::array<std::string_view, 11> not_sent_on{
    "Connection", "Content-Length",    "Expect",      "Host",
    "Keep-Alive", "Accept-Encoding",   "TE",          "Trailer",
    "Upgrade",    "Transfer-Encoding", "X-Request-ID"};

// Of an answer, beside its type and length.
constexpr std::array<std::string_view, 8> passed_back{"Allow",           "Cache-Control",   "ETag",
                                                      "Location",        "Retry-After",     "Vary",
                                                      "Tenure-Revision", "WWW-Authenticate"};

constexpr std::array<std::string_view, 4> content_types{
    "application/json", "application/problem+json", "application/jsonl",
    "text/plain; charset=utf-8"};

template <std::size_t n>
bool among(const std::array<std::string_view, n>& names, std::string_view name) {
    return std::ranges::any_of(names,
                               [&](std::string_view each) { return equal_folded(each, name); });
}

}  // namespace

Forwarder::Forwarder(const ServerUrl& leader, const std::string& ca_file,
                     std::chrono::milliseconds timeout) {
    for (std::size_t i = 0; i < forward_threads; ++i)
        threads_.emplace_back([this, leader, ca_file, timeout] {
            ClientLimits limits;
            limits.timeout = timeout;
            HttpClient client{leader, ca_file, limits};
            loop(client);
        });
}

Forwarder::~Forwarder() { stop(); }

bool Forwarder::submit(ClientRequest request, Done done) {
    {
        const std::lock_guard guard{mutex_};
        if (stopping_.stop_requested() || queue_.size() >= forwards_waiting_max) return false;
        queue_.push_back({std::move(request), std::move(done)});
    }
    wake_.notify_one();
    return true;
}

void Forwarder::stop() {
    {
        const std::lock_guard guard{mutex_};
        stopping_.request_stop();
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        if (thread.joinable()) thread.join();
}

void Forwarder::loop(HttpClient& leader) {
    for (;;) {
        Work work;
        {
            std::unique_lock guard{mutex_};
            wake_.wait(guard, [&] { return stopping_.stop_requested() || !queue_.empty(); });
            if (queue_.empty()) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        work.request.target = leader.url().below(work.request.target);
        work.done(leader.ask(work.request, stopping_.get_token()));
    }
}

Result<ClientRequest> forwarded(const Request& request, std::string_view request_id) {
    ClientRequest copy;
    const auto method = request.method_string();
    copy.method.assign(method.data(), method.size());
    copy.target.assign(request.target().data(), request.target().size());
    copy.body = request.body();
    copy.repeatable = request.count("Idempotency-Key") > 0;
    unsigned times = 0;
    for (const auto& field : request) {
        const std::string_view name{field.name_string().data(), field.name_string().size()};
        const std::string_view value{field.value().data(), field.value().size()};
        if (equal_folded(name, forwarded_header)) {
            const auto read = std::from_chars(value.data(), value.data() + value.size(), times);
            if (read.ec != std::errc{} || times >= forwarded_max)
                return Error{Errc::unavailable,
                             "the change was sent on " + std::to_string(forwarded_max) +
                                 " times and found no leader: nodes copy from each other in a "
                                 "circle"};
        } else if (!among(not_sent_on, name)) {
            copy.headers.emplace_back(name, value);
        }
    }
    copy.headers.emplace_back(forwarded_header, std::to_string(times + 1));
    copy.headers.emplace_back("X-Request-ID", request_id);
    return copy;
}

Reply reply_of(ClientAnswer answer) {
    Reply reply;
    reply.status = answer.status;
    const std::string type = answer.header("Content-Type");
    for (const std::string_view known : content_types)
        if (equal_folded(known, type)) reply.content_type = known;
    for (const std::string_view name : passed_back)
        if (std::string value = answer.header(name); !value.empty())
            reply.headers.emplace_back(name, std::move(value));
    reply.body = std::move(answer.body);
    return reply;
}

}  // namespace tenure::server
