#pragma once
// Actions and the patterns roles are made of.
//
// Matching: without regard to ASCII case, anchored at both ends, '*' is any run of
// characters, '/' included, possibly empty; any number of '*' at any place. Nothing is trimmed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/model.h"

namespace tenure::domain {

// Both already folded. Linear in the text, no allocation, no backtracking beyond the last '*'.
bool matches_folded(std::string_view pattern, std::string_view action);

// A question's action: not empty, at most action_length_max, no control characters, no '*', valid
// UTF-8. Returns it folded.
Result<std::string> parse_action(std::string_view text, std::string_view field);

// A pattern in a role: as an action, with at most one '*' unless `any_wildcards`
// (deny assignments, imported and built-in roles). Case is kept.
Result<void> check_pattern(std::string_view pattern, std::string_view field, bool any_wildcards);

// A role's or deny assignment's permission list, folded and ready to be asked many times.
// Immutable after construction; may be shared between threads.
class CompiledPermissions {
public:
    explicit CompiledPermissions(const std::vector<PermissionBlock>& blocks);

    struct Match {
        bool unconditional = false;  // some block grants and has no condition
        bool conditional = false;    // some block grants and has one
    };

    Match match(std::string_view folded_action, Plane plane) const;

    // Calls visit(block) for the blocks that grant and have a condition, in order, until it returns
    // true; returns whether it did. Blocks are numbered as in the list.
    template <class Visit>
    bool any_conditional(std::string_view folded_action, Plane plane, Visit&& visit) const {
        for (std::size_t i = 0; i < blocks_.size(); ++i)
            if (blocks_[i].has_condition && grants(blocks_[i], folded_action, plane) && visit(i))
                return true;
        return false;
    }

    struct BlockMatch {
        std::size_t block{};
        std::string_view pattern;  // as written; owner: the PermissionBlock list given to explain
        std::string_view subtracted_by;  // the notActions pattern that took it away; empty: granted
        bool conditional{};
    };

    // Every block that names the action, granted or subtracted, for explanations.
    static std::vector<BlockMatch> explain(const std::vector<PermissionBlock>& blocks,
                                           std::string_view folded_action, Plane plane);

private:
    // A list of patterns, cut at their wildcards once. The texts lie in one string, so that a list
    // is read from front to back.
    class Patterns {
    public:
        explicit Patterns(const std::vector<std::string>& patterns);
        bool names(std::string_view folded_action) const;

    private:
        enum class Form : std::uint8_t { exact, one_wildcard, wildcards };

        struct Pattern {
            std::size_t at{};      // in texts_
            std::size_t size{};    // of the whole pattern
            std::size_t prefix{};  // bytes before the first '*', or all
            std::size_t suffix{};  // bytes after the last '*'
            Form form{};
        };

        std::vector<Pattern> patterns_;
        std::string texts_;
    };

    struct Side {
        Patterns grant;
        Patterns subtract;
    };

    struct Block {
        Side control;
        Side data;
        bool has_condition{};
    };

    static bool grants(const Block& block, std::string_view folded_action, Plane plane);

    std::vector<Block> blocks_;
};

}  // namespace tenure::domain
