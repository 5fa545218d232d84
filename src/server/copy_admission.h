#pragma once
// CopyAdmission: which nodes may copy from this one (replication.copies), as the settings said
// last. Any thread.

#include <mutex>
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
    }

    // A copy that is refused comes again every few seconds: true the first time.
    bool is_news(const std::string& refusal) {
        const std::lock_guard guard{mutex_};
        return std::exchange(told_, refusal) != refusal;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> names_;
    std::string told_;
};

}  // namespace tenure::server
