#pragma once
// Clients: how much each client asks, so that one cannot crowd out the others. A client is a
// principal of a tenant, or where nobody has signed in an address. Any thread.

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.h"
#include "server/limits.h"

namespace tenure::server {

class Clients {
public:
    explicit Clients(const Limits& limits) : limits_{limits} {}

    // Takes one request of the client's rate, a bucket of one second. False: it has none left.
    bool admit(std::string_view client, Instant now);

    // At a time. False: as many as may be are under way; then leave() is not called for it.
    bool enter(std::string_view client);
    void leave(std::string_view client);

    // Connections of one address. False: it has as many as it may; then disconnect() is not called
    // for this one.
    bool connect(std::string_view address);
    void disconnect(std::string_view address);

private:
    struct Client {
        double left = 0;
        std::int64_t seen_us = 0;
        std::uint32_t inside = 0;
        std::size_t connections = 0;
    };

    struct Text {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    struct Part {
        std::mutex mutex;
        std::unordered_map<std::string, Client, Text, std::equal_to<>> clients;
    };

    static constexpr std::size_t parts_count = 16;
    static constexpr std::size_t clients_of_part_max = 8'192;

    Part& part(std::string_view client) { return parts_[Text{}(client) % parts_count]; }

    Client& known(Part& part, std::string_view client);

    const Limits& limits_;
    std::array<Part, parts_count> parts_;
};

}  // namespace tenure::server
