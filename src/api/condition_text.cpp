#include "api/condition_text.h"

namespace tenure::api {
namespace {

using domain::condition::AttributeRead;
using domain::condition::Trace;
using domain::condition::Truth;

constexpr std::size_t truth_width = 9;

Colour colour_of(Truth truth) {
    switch (truth) {
        case Truth::no:
            return Colour::deny;
        case Truth::unknown:
            return Colour::warn;
        case Truth::yes:
            return Colour::allow;
    }
    return Colour::warn;
}

void add_lines(const Trace& trace, std::size_t depth, const Paint& paint, std::string& to) {
    const std::string_view truth = name_of(trace.truth);
    const std::string indent(2 * depth, ' ');
    to += paint(colour_of(trace.truth), truth) + std::string(truth_width - truth.size(), ' ') +
          indent + printable(trace.text);
    if (const std::string_view doubt = text_of(trace.doubt); !doubt.empty())
        to += paint(Colour::faint, ": " + std::string(doubt));
    to += '\n';
    for (const AttributeRead& read : trace.read) {
        const std::string value = read.value ? " is " + *read.value : " is missing";
        to += std::string(truth_width + 4, ' ') + indent +
              paint(Colour::faint, printable(read.attribute + value)) + '\n';
    }
    for (const Trace& part : trace.parts) add_lines(part, depth + 1, paint, to);
}

}  // namespace

std::string to_text(const Trace& trace, const Paint& paint) {
    std::string text;
    add_lines(trace, 0, paint, text);
    return text;
}

}  // namespace tenure::api
