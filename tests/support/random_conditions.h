#pragma once
// Random conditions, spelled in every way the language allows, and what to ask them about. Names
// and values come from short lists, so that they meet often.

#include <string>

#include "base/random.h"
#include "support/naive_condition.h"

namespace tenure::testing {

class ConditionMaker {
public:
    // `random` outlives it.
    explicit ConditionMaker(Random& random) : random_{random} {}

    std::string condition();
    ConditionFacts facts();
    Instant instant();
    // The text with a few places changed, so that it mostly is no condition any more.
    std::string damaged(std::string text);

private:
    enum class Kind { text, number, date_time, guid, boolean };

    void expression(std::size_t depth);
    void unary(std::size_t depth);
    void leaf();
    void patterns();
    void comparison();
    void operand(Kind kind, bool pattern);
    void literal(Kind kind, bool pattern);
    void attribute(Kind kind);
    std::string operator_of(Kind kind);
    domain::AttributeValues values(Kind kind);
    Kind kind();

    // A word of the language in some case, and anything else as it is; with or without blanks.
    void word(const std::string& text);
    void add(const std::string& text);
    std::string in_quotes(const std::string& text, bool pattern);

    template <class List>
    const auto& one_of(const List& list) {
        return list[random_.below(list.size())];
    }

    Random& random_;
    std::string text_;
};

}  // namespace tenure::testing
