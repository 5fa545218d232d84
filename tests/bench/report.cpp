#include "bench/report.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "codec/json_lines.h"

namespace tenure::bench {
namespace {

std::string number(double value) {
    std::array<char, 64> text{};
    const double size = std::fabs(value);
    const int digits = size >= 1'000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

bool met(double value, const Target& target) {
    return target.at_most ? value <= target.value : value >= target.value;
}

}  // namespace

void Report::section(std::string_view title) {
    std::printf("\n%.*s\n", static_cast<int>(title.size()), title.data());
    std::fflush(stdout);
}

void Report::note(std::string_view text) {
    notes_.emplace_back(text);
    std::printf("  %.*s\n", static_cast<int>(text.size()), text.data());
    std::fflush(stdout);
}

void Report::add(std::string_view name, double value, std::string_view unit,
                 std::optional<Target> target) {
    lines_.push_back({std::string(name), value, std::string(unit), target});
    std::printf("  %-38.*s %14s %-10.*s", static_cast<int>(name.size()), name.data(),
                number(value).c_str(), static_cast<int>(unit.size()), unit.data());
    if (target)
        std::printf(" target %s %s: %s",
                    target->at_most ? "<=" : ">=", number(target->value).c_str(),
                    met(value, *target) ? "met" : "MISSED");
    std::printf("\n");
    std::fflush(stdout);
}

std::optional<double> Report::find(std::string_view name) const {
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line)
        if (line->name == name) return line->value;
    return std::nullopt;
}

std::string Report::json() const {
    std::string out = "{\"results\":[";
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const Line& line = lines_[i];
        if (i > 0) out += ",";
        out += "\n {\"name\":" + codec::json_string(line.name);
        std::array<char, 64> value{};
        std::snprintf(value.data(), value.size(), "%.6g", line.value);
        out += ",\"value\":" + std::string(value.data());
        out += ",\"unit\":" + codec::json_string(line.unit);
        if (line.target) {
            std::snprintf(value.data(), value.size(), "%.6g", line.target->value);
            out += line.target->at_most ? ",\"atMost\":" : ",\"atLeast\":";
            out += value.data();
            out += met(line.value, *line.target) ? ",\"met\":true" : ",\"met\":false";
        }
        out += "}";
    }
    out += "],\n\"notes\":[";
    for (std::size_t i = 0; i < notes_.size(); ++i) {
        if (i > 0) out += ",";
        out += "\n " + codec::json_string(notes_[i]);
    }
    return out + "]}\n";
}

}  // namespace tenure::bench
