#pragma once
// CopyAdmission: which nodes may copy from this one (replication.copies), as the settings said
// last. Any thread.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tenure::server {

class CopyAdmission {
public:
    explicit CopyAdmission(std::vector<std::string> names) : names_{std::move(names)} {}

    std::vector<std::string> names() const {
        const std::lock_guard guard{mutex_};
        return names_;
    }

    void change(std::vector<std::string> names) {
        const std::lock_guard guard{mutex_};
        names_ = std::move(names);
        told_.clear();
        ++changes_;
    }

    // How often that was: sessions that were let in before look again.
    std::uint64_t changes() const { return changes_; }

    // A copy that is refused comes again every few seconds: true the first time.
    bool is_news(const std::string& refusal) {
        const std::lock_guard guard{mutex_};
        if (told_.size() >= told_max) told_.clear();
        return told_.insert(refusal).second;
    }

private:
    static constexpr std::size_t told_max = 64;
    mutable std::mutex mutex_;
    std::atomic<std::uint64_t> changes_{0};
    std::vector<std::string> names_;
    std::set<std::string> told_;
};

}  // namespace tenure::server
