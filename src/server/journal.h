#pragma once
// Journal: the server's log of itself: one line a fact, key=value or (settings.log_json) a JSON
// object. Any thread. Tokens and secrets never get here. Where no server is, who runs it is told
// instead (embedded_follower.h).

#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenure::server {

class Journal {
public:
    using Facts = std::vector<std::pair<std::string_view, std::string>>;

    // Called on the thread that writes, for every event but `debug`; must be quick.
    using Reader = std::function<void(std::string_view event, const Facts& facts)>;

    // To standard error.
    Journal(bool as_json, const std::string& level);
    explicit Journal(Reader reader);
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

    Reader reader_;  // empty: to the logger
    bool as_json_ = false;
    std::shared_ptr<spdlog::logger> logger_;  // spdlog's own way of sharing
};

}  // namespace tenure::server
