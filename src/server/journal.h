#pragma once
// Journal: the server's log of itself: one line a fact, key=value or (settings.log_json) a JSON
// object. Any thread. Tokens and secrets never get here.

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenure::server {

class Journal {
public:
    using Facts = std::vector<std::pair<std::string_view, std::string>>;

    // To standard error.
    Journal(bool as_json, const std::string& level);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    void debug(std::string_view event, const Facts& facts = {}) {
        write(spdlog::level::debug, event, facts);
    }

    void info(std::string_view event, const Facts& facts = {}) {
        write(spdlog::level::info, event, facts);
    }

    void warn(std::string_view event, const Facts& facts = {}) {
        write(spdlog::level::warn, event, facts);
    }

    void error(std::string_view event, const Facts& facts = {}) {
        write(spdlog::level::err, event, facts);
    }

    bool writes_debug() const { return logger_->should_log(spdlog::level::debug); }

private:
    void write(spdlog::level::level_enum level, std::string_view event, const Facts& facts);

    bool as_json_;
    std::shared_ptr<spdlog::logger> logger_;  // spdlog's own way of sharing
};

}  // namespace tenure::server
