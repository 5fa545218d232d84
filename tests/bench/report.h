#pragma once
// Report: what was measured, beside what ought to come out: a table for people, JSON for scripts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::bench {

struct Target {
    double value;
    bool at_most;  // otherwise at least
};

constexpr Target at_most(double value) { return {value, true}; }

constexpr Target at_least(double value) { return {value, false}; }

class Report {
public:
    // Printed at once, for those who wait. `name` is stable: section.what.
    void add(std::string_view name, double value, std::string_view unit,
             std::optional<Target> target = {});
    void note(std::string_view text);
    void section(std::string_view title);

    // Of a value that was added.
    std::optional<double> find(std::string_view name) const;
    std::string json() const;

private:
    struct Line {
        std::string name;
        double value;
        std::string unit;
        std::optional<Target> target;
    };

    std::vector<Line> lines_;
    std::vector<std::string> notes_;
};

}  // namespace tenure::bench
