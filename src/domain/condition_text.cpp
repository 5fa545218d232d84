#include "domain/condition_text.h"

#include <span>

#include "base/invariant.h"
#include "base/match.h"
#include "base/text.h"

namespace tenure::domain::condition {
namespace {

std::string in_quotes(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + '\'';
}

template <class Part, class TextOf>
std::string in_braces(std::span<const Part> parts, const TextOf& text_of_part) {
    return "{" + joined(parts, ", ", text_of_part) + "}";
}

std::string text_of(const Code& code, const Literal& literal) {
    switch (literal.kind) {
        case LiteralKind::text:
        case LiteralKind::date_time:
            return in_quotes(code.text(literal.text));
        case LiteralKind::like_pattern:
            return "'" + std::string(code.text(literal.text)) + "'";
        case LiteralKind::number:
            return std::to_string(literal.number);
        case LiteralKind::guid:
            return format_guid(literal.guid);
        case LiteralKind::boolean:
            return literal.number != 0 ? "true" : "false";
    }
    INVARIANT(!"every literal has a text");
    return {};
}

std::string text_of(const Code& code, const Operand& operand) {
    const auto literal = [&](const Literal& each) { return text_of(code, each); };
    switch (operand.kind) {
        case Operand::Kind::attribute:
            return text_of(code, code.attributes[operand.first]);
        case Operand::Kind::literal:
            return literal(code.literals[operand.first]);
        case Operand::Kind::set:
            return in_braces(std::span{code.literals}.subspan(operand.first, operand.count),
                             literal);
    }
    INVARIANT(!"every operand has a text");
    return {};
}

std::string text_of(const Code& code, const Comparison& comparison) {
    std::string text = text_of(code, comparison.left) + " ";
    if (comparison.quantifier != Quantifier::plain)
        text += std::string(name_of(comparison.quantifier)) + ":";
    return text + name_of(comparison.op) + " " + text_of(code, comparison.right);
}

std::string text_of(const Code& code, const PatternList& list) {
    return in_braces(
        std::span{code.patterns}.subspan(list.first, list.count),
        [&](const ActionPattern& pattern) { return in_quotes(code.text(pattern.written)); });
}

bool is_joint(const Part& part) {
    return part.kind == PartKind::all_of || part.kind == PartKind::any_of;
}

void add_text(const Code& code, Place at, std::string& to) {
    const Part& part = code.parts[at];
    const auto add_inside = [&](Place below) {
        const bool parentheses = is_joint(code.parts[below]);
        if (parentheses) to += '(';
        add_text(code, below, to);
        if (parentheses) to += ')';
    };
    if (part.kind == PartKind::negation) {
        to += "NOT ";
        add_inside(part.first);
    } else if (is_joint(part)) {
        each_below(code, at, [&](Place below) {
            if (below != part.first) to += part.kind == PartKind::all_of ? " AND " : " OR ";
            add_inside(below);
            return true;
        });
    } else {
        to += text_of_leaf(code, part);
    }
}

}  // namespace

std::string text_of(const Code& code) {
    std::string text;
    add_text(code, code.root, text);
    return text;
}

std::string text_of_leaf(const Code& code, const Part& part) {
    switch (part.kind) {
        case PartKind::action_matches:
            return "ActionMatches" + text_of(code, code.lists[part.first]);
        case PartKind::sub_operation_matches:
            return "SubOperationMatches" + text_of(code, code.lists[part.first]);
        case PartKind::exists:
            return "Exists " + text_of(code, code.attributes[part.first]);
        case PartKind::comparison:
            return text_of(code, code.comparisons[part.first]);
        case PartKind::all_of:
        case PartKind::any_of:
        case PartKind::negation:
            break;
    }
    INVARIANT(!"a part without parts below it");
    return {};
}

std::string text_of(const Code& code, const AttributeName& name) {
    return "@" + std::string(name_of(name.source)) + "[" + std::string(code.text(name.written)) +
           "]";
}

std::optional<std::string> text_of(const Code& code, const ValuesView& values) {
    using Text = std::optional<std::string>;
    const auto list = [](const auto& all, const auto& text_of_one) -> Text {
        return all.size() == 1 ? text_of_one(all.front()) : in_braces(all, text_of_one);
    };
    return std::visit(
        match{[](std::monostate) -> Text { return std::nullopt; },
              [](bool value) -> Text { return value ? "true" : "false"; },
              [](Instant value) -> Text { return in_quotes(format_instant(value)); },
              [&](std::span<const Literal> all) {
                  return list(all, [&](const Literal& each) { return text_of(code, each); });
              },
              [&](std::span<const std::int64_t> all) {
                  return list(all, [](std::int64_t each) { return std::to_string(each); });
              },
              [&](std::span<const std::string> all) { return list(all, in_quotes); }},
        values);
}

}  // namespace tenure::domain::condition
