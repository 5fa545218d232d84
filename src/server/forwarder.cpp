#include "server/forwarder.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/rfc7230.hpp>
#include <charconv>

#include "base/text.h"
#include "server/client_connection.h"

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
                     std::chrono::milliseconds timeout, Clock& clock)
    : timeout_{timeout}, clock_{clock}, pool_{forward_threads, forwards_waiting_max, [=] {
                                                  return std::make_unique<HttpClient>(
                                                      leader, ca_file, ClientLimits{timeout});
                                              }} {}

Forwarder::~Forwarder() { stop(); }

bool Forwarder::submit(ClientRequest request, Done done) {
    return pool_.submit(
        [this, request = std::move(request), done = std::move(done),
         now = clock_.now()](HttpClient& leader) mutable { send(leader, request, done, now); });
}

void Forwarder::stop() {
    give_up();
    pool_.stop();
}

void Forwarder::send(HttpClient& leader, ClientRequest& request, const Done& done,
                     Instant submitted_at) {
    const Instant now = clock_.now();
    const std::int64_t waited_ms = (now.us - submitted_at.us) / 1'000;
    if (waited_ms >= timeout_.count())
        return done({client_failure(leader.url(), "other changes wait for its answers"), false});
    request.target = leader.url().below(request.target);
    auto answer = leader.ask(request, stopping_.get_token());
    done({std::move(answer), leader.sent()});
}

Result<ClientRequest> forwarded(const Request& request, std::string_view request_id) {
    ClientRequest copy;
    const auto method = request.method_string();
    copy.method.assign(method.data(), method.size());
    copy.target.assign(request.target().data(), request.target().size());
    copy.body = request.body();
    copy.repeatable = request.count("Idempotency-Key") > 0;
    unsigned times = 0;
    // Those that it names are of the connection as well.
    boost::beast::http::token_list of_connection{request[boost::beast::http::field::connection]};
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
        } else if (!among(not_sent_on, name) && !of_connection.exists(field.name_string())) {
            copy.headers.emplace_back(name, value);
        }
    }
    copy.headers.emplace_back(forwarded_header, std::to_string(times + 1));
    copy.headers.emplace_back("X-Request-ID", request_id);
    return copy;
}

Reply reply_of(Forwarded outcome, bool repeatable) {
    if (!outcome.answer) {
        const std::string& why = outcome.answer.error().detail;
        if (!outcome.sent)
            return problem(
                Error{Errc::unavailable,
                      "the change was not made: it could not be sent on to the leader: " + why});
        Reply reply = problem(Error{
            Errc::unavailable,
            "the change was sent on to the leader, and whether it was made is not known: " + why});
        // Nothing is to repeat it by itself, unless once more does no harm.
        if (!repeatable)
            std::erase_if(reply.headers,
                          [](const auto& each) { return each.first == "Retry-After"; });
        return reply;
    }
    ClientAnswer& answer = outcome.answer.value();
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
