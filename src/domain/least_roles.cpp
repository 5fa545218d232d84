#include "domain/least_roles.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <tuple>
#include <utility>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/action.h"

namespace tenure::domain {
namespace {

// A set of known operations, by their place.
class Bits {
public:
    explicit Bits(std::size_t size) : words_((size + 63) / 64) {}

    void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }

    std::size_t count() const {
        std::size_t count = 0;
        for (const std::uint64_t word : words_)
            count += static_cast<std::size_t>(std::popcount(word));
        return count;
    }

    Bits with(const Bits& other) const {
        Bits both = *this;
        for (std::size_t i = 0; i < words_.size(); ++i) both.words_[i] |= other.words_[i];
        return both;
    }

    bool within(const Bits& other) const {
        for (std::size_t i = 0; i < words_.size(); ++i)
            if ((words_[i] & ~other.words_[i]) != 0) return false;
        return true;
    }

private:
    std::vector<std::uint64_t> words_;
};

// What is granted and not needed: a count and, for unions, which.
struct Unneeded {
    Bits changes;
    Bits reads;

    std::pair<std::size_t, std::size_t> counts() const { return {changes.count(), reads.count()}; }

    Unneeded with(const Unneeded& other) const {
        return {changes.with(other.changes), reads.with(other.reads)};
    }

    bool within(const Unneeded& other) const {
        return changes.within(other.changes) && reads.within(other.reads);
    }
};

// A role that grants something that is needed.
struct Candidate {
    std::size_t role = 0;
    std::string id;             // folded
    std::uint64_t covers = 0;   // needed operations, one bit each
    std::uint64_t unbound = 0;  // those among them that it grants without a condition
    std::size_t granted = 0;    // known operations
    Unneeded unneeded;
};

class Search {
public:
    Search(std::vector<Candidate> candidates, std::uint64_t all, Unneeded nothing,
           std::size_t choices_max)
        : candidates_{std::move(candidates)},
          all_{all},
          nothing_{std::move(nothing)},
          choices_max_{choices_max} {
        std::ranges::sort(candidates_, {}, [](const Candidate& c) {
            return std::tuple{c.unneeded.counts(), c.granted, c.id};
        });
    }

    LeastRoles run() {
        LeastRoles result;
        for (std::size_t i = 0; i < candidates_.size(); ++i)
            if (candidates_[i].covers == all_) keep({i});
        if (found_.empty()) {
            drop_dominated();
            for (size_ = 2; size_ <= roles_together_max && found_.empty(); ++size_)
                extend({}, 0, nothing_);
        }
        std::ranges::sort(found_, {}, &Found::order);
        for (Found& found : found_) result.choices.push_back(std::move(found.choice));
        result.complete = steps_ < role_search_steps_max;
        return result;
    }

private:
    using Order = std::tuple<std::pair<std::size_t, std::size_t>, std::size_t, bool,
                             std::vector<std::string>>;

    struct Found {
        RoleChoice choice;
        Order order;
    };

    // A candidate that another one can stand in for, at no more than its cost, is never better.
    void drop_dominated() {
        std::vector<bool> dropped(candidates_.size());
        const auto stands_in = [&](std::size_t a, std::size_t b) {
            const Candidate& x = candidates_[a];
            const Candidate& y = candidates_[b];
            if ((y.covers & ~x.covers) != 0 || (y.unbound & ~x.unbound) != 0) return false;
            if (x.granted > y.granted || !x.unneeded.within(y.unneeded)) return false;
            // Of two alike the first is kept.
            return a < b || x.covers != y.covers || x.granted < y.granted;
        };
        for (std::size_t b = 0; b < candidates_.size(); ++b)
            for (std::size_t a = 0; a < candidates_.size() && !dropped[b]; ++a)
                dropped[b] = a != b && !dropped[a] && stands_in(a, b);
        std::vector<Candidate> kept;
        for (std::size_t i = 0; i < candidates_.size(); ++i)
            if (!dropped[i]) kept.push_back(std::move(candidates_[i]));
        candidates_ = std::move(kept);
    }

    // All choices of exactly size_ roles: each role added covers the first operation that is
    // missing.
    void extend(std::vector<std::size_t> chosen, std::uint64_t covered, const Unneeded& unneeded) {
        if (covered == all_) return keep(std::move(chosen));
        if (chosen.size() == size_) return;
        if (found_.size() == choices_max_ && unneeded.counts() > std::get<0>(worst())) return;
        const std::uint64_t first_missing = std::uint64_t{1} << std::countr_zero(all_ & ~covered);
        for (std::size_t i = 0; i < candidates_.size(); ++i) {
            if ((candidates_[i].covers & first_missing) == 0) continue;
            if (steps_ >= role_search_steps_max) return;
            ++steps_;
            auto more = chosen;
            more.push_back(i);
            extend(std::move(more), covered | candidates_[i].covers,
                   unneeded.with(candidates_[i].unneeded));
        }
    }

    const Order& worst() const {
        return std::ranges::max_element(found_, {}, &Found::order)->order;
    }

    void keep(std::vector<std::size_t> chosen) {
        std::ranges::sort(chosen, {}, [&](std::size_t i) { return candidates_[i].id; });
        Found found;
        Unneeded unneeded = nothing_;
        std::uint64_t unbound = 0;
        std::vector<std::string> ids;
        for (const std::size_t i : chosen) {
            const Candidate& candidate = candidates_[i];
            found.choice.roles.push_back(candidate.role);
            found.choice.granted += candidate.granted;
            unneeded = unneeded.with(candidate.unneeded);
            unbound |= candidate.unbound;
            ids.push_back(candidate.id);
        }
        const auto counts = unneeded.counts();
        std::tie(found.choice.unneeded_changes, found.choice.unneeded_reads) = counts;
        found.choice.conditional = unbound != all_;
        found.order = {counts, found.choice.granted, found.choice.conditional, std::move(ids)};
        for (const Found& other : found_)
            if (other.order == found.order) return;  // the same roles in another order
        found_.push_back(std::move(found));
        if (found_.size() > choices_max_)
            found_.erase(std::ranges::max_element(found_, {}, &Found::order));
    }

    std::vector<Candidate> candidates_;
    std::uint64_t all_;
    Unneeded nothing_;
    std::size_t choices_max_;
    std::size_t size_ = 1;
    std::size_t steps_ = 0;
    std::vector<Found> found_;
};

}  // namespace

LeastRoles least_roles(const std::vector<Role>& roles, const std::vector<Operation>& needed,
                       const Operations& known, std::size_t choices_max) {
    INVARIANT(needed.size() <= needed_operations_max);
    // What is known beyond what is needed.
    std::vector<const Operation*> other;
    for (const Operation& operation : known) {
        const bool is_needed = std::ranges::any_of(needed, [&](const Operation& need) {
            return need.plane == operation.plane && matches_folded(need.name, operation.name);
        });
        if (!is_needed) other.push_back(&operation);
    }
    const Unneeded nothing{Bits{other.size()}, Bits{other.size()}};
    LeastRoles result;
    std::uint64_t covered = 0;
    std::vector<Candidate> candidates;
    for (std::size_t r = 0; r < roles.size(); ++r) {
        Candidate candidate{r, folded(roles[r].id), 0, 0, 0, nothing};
        const GrantedOperations role{roles[r]};
        for (std::size_t i = 0; i < needed.size(); ++i) {
            const Granted granted = role.all_of(needed[i]);
            const std::uint64_t bit = std::uint64_t{1} << i;
            if (granted != Granted::no) candidate.covers |= bit;
            if (granted == Granted::yes) candidate.unbound |= bit;
        }
        if (candidate.covers == 0) continue;
        covered |= candidate.covers;
        candidate.granted = static_cast<std::size_t>(std::popcount(candidate.covers));
        for (std::size_t i = 0; i < other.size(); ++i) {
            if (!role.some_of(*other[i])) continue;
            (other[i]->is_read() ? candidate.unneeded.reads : candidate.unneeded.changes).set(i);
            ++candidate.granted;
        }
        candidates.push_back(std::move(candidate));
    }
    const std::uint64_t all = needed.size() == needed_operations_max
                                  ? ~std::uint64_t{0}
                                  : (std::uint64_t{1} << needed.size()) - 1;
    for (std::size_t i = 0; i < needed.size(); ++i)
        if ((covered >> i & 1U) == 0) result.missing.push_back(needed[i]);
    if (covered != all || all == 0 || choices_max == 0) return result;
    LeastRoles found = Search{std::move(candidates), all, nothing, choices_max}.run();
    found.missing = std::move(result.missing);
    return found;
}

}  // namespace tenure::domain
