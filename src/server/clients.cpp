#include "server/clients.h"

#include <algorithm>

namespace tenure::server {

Clients::Client& Clients::known(Part& part, std::string_view client) {
    const auto found = part.clients.find(client);
    if (found != part.clients.end()) return found->second;
    // Forgetting one that is not inside gives it a full bucket: harmless.
    if (part.clients.size() >= clients_of_part_max)
        std::erase_if(part.clients, [](const auto& entry) {
            return entry.second.inside == 0 && entry.second.connections == 0;
        });
    Client fresh;
    fresh.left = limits_.client_requests_per_second_max;
    return part.clients.emplace(std::string(client), fresh).first->second;
}

bool Clients::admit(std::string_view client, Instant now) {
    Part& own = part(client);
    const std::lock_guard guard{own.mutex};
    Client& state = known(own, client);
    const double rate = limits_.client_requests_per_second_max;
    if (state.seen_us != 0 && now.us > state.seen_us)
        state.left =
            std::min(rate, state.left + rate * static_cast<double>(now.us - state.seen_us) / 1e6);
    state.seen_us = now.us;
    if (state.left < 1) return false;
    state.left -= 1;
    return true;
}

bool Clients::enter(std::string_view client) {
    Part& own = part(client);
    const std::lock_guard guard{own.mutex};
    Client& state = known(own, client);
    if (state.inside >= limits_.client_concurrent_max) return false;
    ++state.inside;
    return true;
}

void Clients::leave(std::string_view client) {
    Part& own = part(client);
    const std::lock_guard guard{own.mutex};
    const auto found = own.clients.find(client);
    if (found != own.clients.end() && found->second.inside > 0) --found->second.inside;
}

bool Clients::connect(std::string_view address) {
    Part& own = part(address);
    const std::lock_guard guard{own.mutex};
    Client& state = known(own, address);
    if (state.connections >= limits_.connections_of_client_max) return false;
    ++state.connections;
    return true;
}

void Clients::disconnect(std::string_view address) {
    Part& own = part(address);
    const std::lock_guard guard{own.mutex};
    const auto found = own.clients.find(address);
    if (found != own.clients.end() && found->second.connections > 0) --found->second.connections;
}

}  // namespace tenure::server
