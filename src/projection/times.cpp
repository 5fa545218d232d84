#include "projection/times.h"

#include <limits>

#include "projection/impossible_event.h"

namespace tenure::projection {

std::optional<TimePoint> time_floor(const RowReader& reader, ObjectId tenant, Instant t) {
    const auto row = reader.last_at(table::times, Key{tenant.value, word_of(t)}, 1);
    if (!row) return std::nullopt;
    const Words pairs = row->second;
    std::size_t low = 0;  // the block's first instant is <= t
    std::size_t high = pairs.size() / 2;
    while (high - low > 1) {
        const std::size_t middle = (low + high) / 2;
        (pairs[middle * 2] <= word_of(t) ? low : high) = middle;
    }
    return TimePoint{instant_of(pairs[low * 2]), Revision{pairs[low * 2 + 1]}};
}

std::optional<TimePoint> first_after(const RowReader& reader, ObjectId tenant, Instant t) {
    const auto first_in = [&](Words pairs) -> std::optional<TimePoint> {
        std::size_t low = 0;
        std::size_t high = pairs.size() / 2;
        while (low < high) {
            const std::size_t middle = (low + high) / 2;
            if (pairs[middle * 2] <= word_of(t))
                low = middle + 1;
            else
                high = middle;
        }
        if (low * 2 == pairs.size()) return std::nullopt;
        return TimePoint{instant_of(pairs[low * 2]), Revision{pairs[low * 2 + 1]}};
    };
    if (const auto row = reader.last_at(table::times, Key{tenant.value, word_of(t)}, 1))
        if (const auto found = first_in(row->second)) return found;
    std::optional<TimePoint> found;
    if (t < instant_max)
        reader.scan_plain(table::times, Key{tenant.value, word_of(t) + 1}, 1,
                          [&](const Key&, Words pairs) {
                              found = first_in(pairs);
                              return false;
                          });
    return found;
}

std::optional<TimePoint> time_floor(const RowReader& reader, ObjectId tenant, Revision revision) {
    std::uint64_t until = std::numeric_limits<std::uint64_t>::max();
    for (;;) {
        const auto row = reader.last_at(table::times, Key{tenant.value, until}, 1);
        if (!row) return std::nullopt;
        const Words pairs = row->second;
        for (std::size_t i = pairs.size() / 2; i-- > 0;)
            if (pairs[i * 2 + 1] <= revision.value)
                return TimePoint{instant_of(pairs[i * 2]), Revision{pairs[i * 2 + 1]}};
        if (row->first.word(1) == 0) return std::nullopt;
        until = row->first.word(1) - 1;
    }
}

TimesAround times_around(const RowReader& reader, ObjectId tenant, Revision revision) {
    TimesAround around;
    reader.scan_plain(table::times, Key{tenant.value, 0}, 1, [&](const Key&, Words pairs) {
        for (std::size_t i = 0; i < pairs.size(); i += 2) {
            if (pairs[i + 1] < revision.value) {
                around.before = instant_of(pairs[i]);
            } else if (pairs[i + 1] > revision.value) {
                around.after = instant_of(pairs[i]);
                return false;
            }
        }
        return true;
    });
    return around;
}

TimesTail::Tail& TimesTail::tail(const Rows& rows, ObjectId tenant) {
    const auto [at, fresh] = tails_.try_emplace(tenant);
    if (fresh) {
        constexpr auto newest = std::numeric_limits<std::uint64_t>::max();
        if (auto row = rows.last_at(table::times, Key{tenant.value, newest}, 1)) {
            at->second.first = row->first.word(1);
            at->second.pairs = std::move(row->second);
        }
    }
    return at->second;
}

std::optional<TimePoint> TimesTail::last(const Rows& rows, ObjectId tenant) {
    const Tail& t = tail(rows, tenant);
    if (t.pairs.empty()) return std::nullopt;
    return TimePoint{instant_of(t.pairs[t.pairs.size() - 2]), Revision{t.pairs.back()}};
}

void TimesTail::append(const Rows& rows, ObjectId tenant, Instant t, Revision revision) {
    Tail& at = tail(rows, tenant);
    const std::uint64_t word = word_of(t);
    if (!at.pairs.empty()) {
        require(at.pairs[at.pairs.size() - 2] <= word, "it takes effect before the one before it");
        const bool first_kept = at.pairs.size() >= 4 && at.pairs[at.pairs.size() - 4] == word;
        if (first_kept && at.pairs[at.pairs.size() - 2] == word) {
            at.pairs.back() = revision.value;
            at.dirty = true;
            return;
        }
    }
    if (at.pairs.size() >= 2 * pairs_max) {
        if (at.dirty) full_.emplace_back(tenant, at);
        at.pairs.clear();
    }
    if (at.pairs.empty()) at.first = word;
    at.pairs.push_back(word);
    at.pairs.push_back(revision.value);
    at.dirty = true;
}

void TimesTail::flush(Rows& rows) {
    for (const auto& [tenant, block] : full_)
        rows.set(table::times, Key{tenant.value, block.first}, block.pairs);
    full_.clear();
    for (auto& [tenant, block] : tails_) {
        if (!block.dirty) continue;
        rows.set(table::times, Key{tenant.value, block.first}, block.pairs);
        block.dirty = false;
    }
}

}  // namespace tenure::projection
