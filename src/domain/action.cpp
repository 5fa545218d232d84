#include "domain/action.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

// The rules that actions and patterns share.
Result<void> check_text(std::string_view text, std::string_view field, std::string_view what) {
    const auto refused = [&](std::string_view why) {
        return invalid(std::string(field),
                       std::string(what) + " " + quoted(text) + " " + std::string(why));
    };
    if (text.empty())
        return invalid(std::string(field), std::string(what) +
                                               " is empty; write one such as "
                                               "'Microsoft.Compute/virtualMachines/read'");
    if (text.size() > limits::action_length_max)
        return Error{Errc::limit_exceeded,
                     std::string(what) + " " + quoted(text) + " has " +
                         std::to_string(text.size()) + " bytes; at most " +
                         std::to_string(limits::action_length_max) + " are allowed",
                     std::string(field)};
    if (!valid_utf8(text)) return refused("is not valid UTF-8");
    if (has_control(text)) return refused("contains a control character");
    return success();
}

// The pieces of `pattern`, each after a '*', occur in `text` one after the other.
bool contains_in_order(std::string_view pattern, std::string_view text) {
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const std::string_view piece = pattern.substr(0, pattern.find('*'));
        const std::size_t found = text.find(piece);
        if (found == std::string_view::npos) return false;
        text.remove_prefix(found + piece.size());
        pattern.remove_prefix(piece.size());
    }
    return true;
}

bool equal_bytes(const char* a, const char* b, std::size_t size) {
    return size == 0 || std::memcmp(a, b, size) == 0;
}

}  // namespace

bool matches_folded(std::string_view pattern, std::string_view action) {
    const std::size_t first = pattern.find('*');
    if (first == std::string_view::npos) return pattern == action;
    const std::size_t last = pattern.rfind('*');
    const std::size_t suffix = pattern.size() - last - 1;
    if (action.size() < first + suffix) return false;
    if (!action.starts_with(pattern.substr(0, first))) return false;
    if (!action.ends_with(pattern.substr(last + 1))) return false;
    // Taking the leftmost place for every piece leaves the most room for the next one, so a piece
    // is never searched for twice.
    if (first == last) return true;
    return contains_in_order(pattern.substr(first, last - first),
                             action.substr(first, action.size() - first - suffix));
}

Result<std::string> parse_action(std::string_view text, std::string_view field) {
    TRY(check_text(text, field, "action"));
    if (text.find('*') != std::string_view::npos)
        return invalid(std::string(field), "action " + quoted(text) +
                                               " contains '*'; a question is about one action, "
                                               "write it in full");
    return folded(text);
}

Result<void> check_pattern(std::string_view pattern, std::string_view field, bool any_wildcards) {
    TRY(check_text(pattern, field, "action pattern"));
    if (!any_wildcards && std::count(pattern.begin(), pattern.end(), '*') > 1)
        return invalid(std::string(field), "action pattern " + quoted(pattern) +
                                               " has more than one '*'; a custom role may use one "
                                               "in each pattern");
    return success();
}

CompiledPermissions::Patterns::Patterns(const std::vector<std::string>& patterns) {
    patterns_.reserve(patterns.size());
    for (const std::string& pattern : patterns) {
        const std::size_t first = pattern.find('*');
        const std::size_t last = pattern.rfind('*');
        Pattern compiled;
        compiled.at = texts_.size();
        compiled.size = pattern.size();
        if (first == std::string::npos) {
            compiled.form = Form::exact;
            compiled.prefix = pattern.size();
        } else {
            compiled.form = first == last ? Form::one_wildcard : Form::wildcards;
            compiled.prefix = first;
            compiled.suffix = pattern.size() - last - 1;
        }
        patterns_.push_back(compiled);
        texts_ += folded(pattern);
    }
}

bool CompiledPermissions::Patterns::names(std::string_view folded_action) const {
    const char* action = folded_action.data();
    const std::size_t size = folded_action.size();
    for (const Pattern& pattern : patterns_) {
        // Length first: most patterns of a role are ruled out by it or by their first few bytes.
        if (size < pattern.prefix + pattern.suffix) continue;
        const char* text = texts_.data() + pattern.at;
        if (!equal_bytes(action, text, pattern.prefix)) continue;
        switch (pattern.form) {
            case Form::exact:
                if (size == pattern.size) return true;
                break;
            case Form::one_wildcard:
                if (equal_bytes(action + size - pattern.suffix,
                                text + pattern.size - pattern.suffix, pattern.suffix))
                    return true;
                break;
            case Form::wildcards:
                if (matches_folded({text, pattern.size}, folded_action)) return true;
                break;
        }
    }
    return false;
}

CompiledPermissions::CompiledPermissions(const std::vector<PermissionBlock>& blocks) {
    blocks_.reserve(blocks.size());
    for (const PermissionBlock& block : blocks)
        blocks_.push_back({{Patterns{block.actions}, Patterns{block.not_actions}},
                           {Patterns{block.data_actions}, Patterns{block.not_data_actions}},
                           block.condition.has_value()});
}

bool CompiledPermissions::grants(const Block& block, std::string_view folded_action, Plane plane) {
    const Side& side = plane == Plane::control ? block.control : block.data;
    return side.grant.names(folded_action) && !side.subtract.names(folded_action);
}

CompiledPermissions::Match CompiledPermissions::match(std::string_view folded_action,
                                                      Plane plane) const {
    Match match;
    for (const Block& block : blocks_) {
        bool& found = block.has_condition ? match.conditional : match.unconditional;
        found = found || grants(block, folded_action, plane);
    }
    return match;
}

std::vector<CompiledPermissions::BlockMatch> CompiledPermissions::explain(
    const std::vector<PermissionBlock>& blocks, std::string_view folded_action, Plane plane) {
    const auto first_match = [&](const std::vector<std::string>& patterns) {
        const auto found = std::find_if(
            patterns.begin(), patterns.end(),
            [&](const std::string& p) { return matches_folded(folded(p), folded_action); });
        return found == patterns.end() ? std::string_view{} : std::string_view{*found};
    };
    std::vector<BlockMatch> matches;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const PermissionBlock& block = blocks[i];
        const bool control = plane == Plane::control;
        const std::string_view granted_by =
            first_match(control ? block.actions : block.data_actions);
        if (granted_by.data() == nullptr) continue;
        matches.push_back({i, granted_by,
                           first_match(control ? block.not_actions : block.not_data_actions),
                           block.condition.has_value()});
    }
    return matches;
}

}  // namespace tenure::domain
