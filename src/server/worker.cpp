#include "server/worker.h"

#include <openssl/crypto.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "base/hex_words.h"
#include "server/wire.h"

namespace tenure::server {

Worker::~Worker() {
    close_all();
    join();
    ticker_.reset();
    work_.reset();
    context_.reset();
}

void Worker::start() {
    id_prefix_ = hex_of(service.random.next());
    for (SipKey& key : token_keys_)
        for (std::uint64_t& word : key.words) word = service.random.next();
    thread_ = std::thread{[this] { run(); }};
}

void Worker::run() {
    session_ = service.node.session();
    tick();
    context_->run();
    session_.reset();
}

void Worker::tick() {
    ++tick_;
    date_ = http_date(service.clock.now());
    // close() may end others' coroutines and so change the set.
    std::vector<Watched*> late;
    for (Watched* each : watched_)
        if (each->is_late(tick_)) late.push_back(each);
    for (Watched* each : late)
        if (watched_.contains(each)) each->close();
    if (draining_ && watched_.empty()) {
        work_.reset();
        return;
    }
    ticker_->expires_after(std::chrono::milliseconds{tick_ms});
    ticker_->async_wait([this](const boost::system::error_code& failed) {
        if (!failed) tick();
    });
}

void Worker::wake_waiting() {
    if (wake_posted_.exchange(true)) return;
    net::post(*context_, [this] {
        wake_posted_ = false;
        for (net::steady_timer* timer : waiting_) timer->cancel();
    });
}

void Worker::drain() {
    net::post(*context_, [this] {
        draining_ = true;
        std::vector<Watched*> free;
        for (Watched* each : watched_)
            if (each->between_requests) free.push_back(each);
        for (Watched* each : free) {
            if (!watched_.contains(each)) continue;
            if (each->leaving != nullptr)
                each->leaving->leave(CloseCode::going_away, "the server stops");
            else
                each->close();
        }
        // Nobody is told of new revisions any more.
        for (net::steady_timer* timer : waiting_) timer->cancel();
        ticker_->cancel();
        tick();
    });
}

void Worker::close_all() {
    net::post(*context_, [this] {
        draining_ = true;
        const std::vector<Watched*> all{watched_.begin(), watched_.end()};
        for (Watched* each : all)
            if (watched_.contains(each)) each->close();
        for (net::steady_timer* timer : waiting_) timer->cancel();
        ticker_->cancel();
        tick();
    });
}

void Worker::abandon() { context_->stop(); }

void Worker::join() {
    if (thread_.joinable()) thread_.join();
}

Worker::TokenKey Worker::key_of(std::string_view authorization, std::string_view tenant) {
    token_text_ = std::to_string(tenant.size());
    token_text_ += ':';
    token_text_ += tenant;
    token_text_ += authorization;
    const TokenKey key{
        {siphash(token_keys_[0], token_text_), siphash(token_keys_[1], token_text_)}};
    OPENSSL_cleanse(token_text_.data(), token_text_.size());
    return key;
}

SignIn Worker::sign_in(std::string_view authorization, std::string_view tenant, Instant now) {
    if (authorization.empty())
        return service.authenticator.sign_in(authorization, tenant, *session_, now);
    const TokenKey key = key_of(authorization, tenant);
    const Revision head = service.heads.newest();
    TokenUses::Place* use = nullptr;
    if (const auto known = remembered_.find(key); known != remembered_.end()) {
        const Remembered& found = known->second;
        const bool expired = found.identity.expires_at && *found.identity.expires_at <= now;
        // Whatever is recorded may have ended it.
        const bool fresh = found.found_at <= now && now.us - found.found_at.us < remembered_us_max;
        use = found.use;
        if (found.head == head && fresh && !expired) {
            TokenUses::note(use, now);
            return found.identity;
        }
        remembered_.erase(known);
    }
    auto found = service.authenticator.sign_in(authorization, tenant, *session_, now);
    if (!found) return found;
    const auto reads = may_everywhere(*session_, found.value(), tenant, action::decisions_read);
    if (reads.allowed && reads.lasting) found.value().reads_all_decisions_at = head;
    const std::string& token = found.value().token;
    if (use == nullptr && !token.empty()) use = place_of_use(tenant, token);
    TokenUses::note(use, now);
    if (remembered_.size() >= remembered_max) remembered_.clear();
    remembered_.emplace(key, Remembered{found.value(), head, now, use});
    return found;
}

TokenUses::Place* Worker::place_of_use(std::string_view tenant, std::string_view token) {
    TokenUses::Place* const place = service.token_uses.place_of(tenant, token);
    if (place == nullptr) service.metrics.limit_hit("token_uses_max");
    return place;
}

std::string Worker::next_request_id() { return id_prefix_ + '-' + std::to_string(++id_count_); }

net::awaitable<bool> Worker::reached(Revision revision, std::uint32_t timeout_ms) {
    net::steady_timer timer{*context_, std::chrono::milliseconds{timeout_ms}};
    const auto end = timer.expiry();
    waiting_.insert(&timer);
    bool late = false;
    while (service.heads.newest() < revision && !late && !draining_) {
        timer.expires_at(end);
        const auto waited = co_await timer.async_wait(net::as_tuple(net::use_awaitable));
        late = !std::get<0>(waited);
    }
    waiting_.erase(&timer);
    co_return service.heads.newest() >= revision;
}

}  // namespace tenure::server
