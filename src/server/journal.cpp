#include "server/journal.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "api/json_text.h"

namespace tenure::server {
namespace {

// A value as it is if it is one plain word, else as a JSON text.
std::string shown(const std::string& value) {
    const bool plain = !value.empty() && value.find_first_of(" \"=\\\n\r\t") == std::string::npos;
    if (plain) return value;
    api::JsonText text;
    text.value(value);
    return text.take();
}

}  // namespace

Journal::Journal(bool as_json, const std::string& level)
    : as_json_{as_json},
      logger_{std::make_shared<spdlog::logger>("tenure",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())} {
    // The time is UTC, as everywhere.
    logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        as_json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%fZ\",\"level\":\"%l\",%v}"
                : "%Y-%m-%dT%H:%M:%S.%fZ %l %v",
        spdlog::pattern_time_type::utc));
    logger_->set_level(spdlog::level::from_str(level));
    logger_->flush_on(spdlog::level::info);
}

// A logger without sinks keeps the level and writes nowhere.
Journal::Journal(Reader reader)
    : reader_{std::move(reader)}, logger_{std::make_shared<spdlog::logger>("tenure")} {}

Journal::~Journal() { logger_->flush(); }

void Journal::write(spdlog::level::level_enum level, std::string_view event, const Facts& facts) {
    if (!logger_->should_log(level)) return;
    if (reader_) return reader_(event, facts);
    if (as_json_) {
        api::JsonText json;
        json.begin_object();
        json.member("event", event);
        for (const auto& [name, value] : facts) json.member(name, value);
        json.end_object();
        const std::string text = json.take();
        logger_->log(level, "{}", std::string_view{text}.substr(1, text.size() - 2));
        return;
    }
    std::string line{event};
    for (const auto& [name, value] : facts) {
        line += ' ';
        line += name;
        line += '=' + shown(value);
    }
    logger_->log(level, "{}", line);
}

}  // namespace tenure::server
