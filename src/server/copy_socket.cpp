#include "server/copy_socket.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>

namespace tenure::server {

std::vector<std::string> shown_names(SSL* tls, const std::vector<std::string>& names) {
    constexpr unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    std::vector<std::string> found;
    X509* const shown = SSL_get1_peer_certificate(tls);
    if (shown == nullptr) return found;
    if (SSL_get_verify_result(tls) == X509_V_OK)
        for (const std::string& name : names)
            if (X509_check_host(shown, name.data(), name.size(), flags, nullptr) == 1)
                found.push_back(name);
    X509_free(shown);
    return found;
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

bool CopyPeer::received(Bytes bytes) {
    auto message = codec::decode_message(bytes);
    if (!message) return false;
    const auto* hello = std::get_if<replication::Hello>(&message.value());
    if (hello != nullptr && names_ &&
        std::find(names_->begin(), names_->end(), hello->member.node) == names_->end())
        return false;
    const std::size_t size = bytes.size();
    if ((received_bytes_ += size) > received_bytes_max) return false;
    net::post(replicator_.context(),
              [self = shared_from_this(), message = std::move(message.value()), size] {
                  self->received_bytes_ -= size;
                  self->replicator_.received(self->session_, message);
              });
    return true;
}

void CopyPeer::ended() {
    closed_ = true;
    wake();
    net::post(replicator_.context(),
              [self = shared_from_this()] { self->replicator_.ended(self->session_); });
}

}  // namespace tenure::server
