#pragma once
// Work on whole stores. Private to node/.

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "node/node.h"

namespace tenure::node {

struct Core;

inline constexpr std::string_view backup_manifest = "backup.json";

// `at_rest` runs work while nothing is written.
Result<VerifyReport> verify_store(
    const Core& core,
    const std::function<Result<void>(const std::function<Result<void>()>& work)>& at_rest,
    const std::function<void(const Progress&)>& progress);
Result<void> backup_store(const Core& core, const std::string& directory,
                          const std::function<void(const Progress&)>& progress);
// With what is above it, where it is not there.
Result<void> make_directory(const std::string& directory);
// Makes a file or the names in a directory durable.
Result<void> sync_path(const std::string& path);
Result<void> each_event(const Core& core, const EventFilter& filter,
                        const std::function<bool(const domain::Event&)>& visit);

}  // namespace tenure::node
