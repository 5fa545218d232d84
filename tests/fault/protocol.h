#pragma once
// What parent and child agree on: the names of things say how large they must be, so that half of
// one is seen without asking who made it.

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/command.h"
#include "node/node.h"

namespace tenure::fault {

inline constexpr std::string_view tenant = "acme";

inline node::Options options() {
    node::Options made;
    made.log_map_bytes = std::uint64_t{256} << 20U;
    made.index_map_bytes = std::uint64_t{512} << 20U;
    made.disk_free_bytes_min = 0;
    return made;
}

// "<name>-<size>": a command id of `size` commands, or a tenant of `size` imported users.
inline std::string sized(const std::string& name, std::uint64_t size) {
    return name + "-" + std::to_string(size);
}

// 0 if `text` is not of that form.
inline std::uint64_t size_of(std::string_view text) {
    const std::size_t dash = text.rfind('-');
    std::uint64_t size = 0;
    if (dash != std::string_view::npos)
        std::from_chars(text.data() + dash + 1, text.data() + text.size(), size);
    return size;
}

// The batch with that id, the same each time: each of its commands makes one event.
inline domain::Batch batch_of(const std::string& id) {
    domain::Batch batch;
    batch.command_id = id;
    for (std::uint64_t i = 0; i < size_of(id); ++i) {
        domain::CreatePrincipal create;
        create.principal.id = id + "#" + std::to_string(i);
        domain::Command command;
        command.tenant = tenant;
        command.actor = "owner";
        command.body = std::move(create);
        batch.commands.push_back(std::move(command));
    }
    return batch;
}

}  // namespace tenure::fault
