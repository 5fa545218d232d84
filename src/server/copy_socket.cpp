#include "server/copy_socket.h"

#include <openssl/x509v3.h>

#include <algorithm>

#include "base/text.h"

namespace tenure::server {

namespace {

// Null: none was shown, or it was not verified. Lives as long as the connection.
X509* verified_certificate(SSL* tls) {
    return SSL_get_verify_result(tls) == X509_V_OK ? SSL_get0_peer_certificate(tls) : nullptr;
}

}  // namespace

std::vector<std::string> shown_names(SSL* tls, const std::vector<std::string>& names) {
    constexpr unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    std::vector<std::string> found;
    X509* const shown = verified_certificate(tls);
    if (shown == nullptr) return found;
    for (const std::string& name : names)
        if (X509_check_host(shown, name.data(), name.size(), flags, nullptr) == 1)
            found.push_back(name);
    return found;
}

std::string all_shown_names(SSL* tls) {
    X509* const shown = verified_certificate(tls);
    if (shown == nullptr) return {};
    std::vector<std::string> names;
    auto* const all = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(shown, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(all, i);
        if (name->type != GEN_DNS) continue;
        const unsigned char* const text = ASN1_STRING_get0_data(name->d.dNSName);
        names.emplace_back(reinterpret_cast<const char*>(text),
                           static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    }
    GENERAL_NAMES_free(all);
    return names.empty() ? "no name" : joined(names, ", ", quoted);
}

void tell_of_refused_copy(const Service& service, const std::string& why) {
    if (service.copies.is_news(why)) service.journal.warn("copy_refused", {{"reason", why}});
}

void CopyPeer::send(const replication::Message& message) {
    codec::FrameBytes frame;
    codec::encode_message(message, frame);
    net::post(worker_, [self = shared_from_this(), frame = std::move(frame)]() mutable {
        if (self->closed_) return;
        self->waiting_bytes_ += frame.size();
        self->frames_.push_back(std::move(frame));
        if (self->waiting_bytes_ > waiting_bytes_max) {
            self->frames_.clear();
            self->closed_ = true;
        }
        self->wake();
    });
}

codec::FrameBytes CopyPeer::take_frame() {
    codec::FrameBytes frame = std::move(frames_.front());
    frames_.pop_front();
    waiting_bytes_ -= frame.size();
    return frame;
}

void CopyPeer::close(const std::string&) {
    net::post(worker_, [self = shared_from_this()] {
        self->closed_ = true;
        self->wake();
    });
}

void CopyPeer::open() {
    net::post(replicator_.context(), [self = shared_from_this()] {
        self->session_ = self->replicator_.opened(self, false);
    });
}

Result<void> CopyPeer::received(Bytes bytes) {
    TRY(auto message, codec::decode_message(bytes));
    if (const auto* hello = std::get_if<replication::Hello>(&message); hello != nullptr && names_) {
        node_ = hello->member.node;
        if (std::ranges::find(*names_, node_) == names_->end())
            return Error{Errc::forbidden, "it calls itself " + quoted(node_) +
                                              ", but its certificate is of " +
                                              joined(*names_, ", ", quoted)};
    }
    const std::size_t size = bytes.size();
    if ((received_bytes_ += size) > received_bytes_max)
        return Error{Errc::unavailable, "it says more than is read"};
    net::post(replicator_.context(),
              [self = shared_from_this(), message = std::move(message), size] {
                  self->received_bytes_ -= size;
                  self->replicator_.received(self->session_, message);
              });
    return success();
}

Result<void> CopyPeer::admit(const std::vector<std::string>& names) {
    if (!names_) return success();
    std::erase_if(*names_, [&](const std::string& name) {
        return std::ranges::find(names, name) == names.end();
    });
    const bool stays = node_.empty() || std::ranges::find(*names_, node_) != names_->end();
    if (stays) return success();
    return Error{Errc::forbidden, quoted(node_) + " is no more among replication.copies"};
}

void CopyPeer::ended() {
    closed_ = true;
    wake();
    net::post(replicator_.context(),
              [self = shared_from_this()] { self->replicator_.ended(self->session_); });
}

}  // namespace tenure::server
