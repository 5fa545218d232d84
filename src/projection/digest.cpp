#include "projection/digest.h"

#include <algorithm>
#include <vector>

#include "base/invariant.h"
#include "projection/names.h"
#include "projection/records.h"
#include "projection/rows.h"
#include "projection/times.h"
#include "projection/versioned_set.h"

namespace tenure::projection {
namespace {

// The bytes "tenurdig", and the version of what follows.
constexpr std::uint64_t mark = 0x67696472'756E6574ULL;
constexpr std::uint64_t form = 1;

// A transaction ends after so much too: a few milliseconds.
constexpr std::size_t run_words = std::size_t{1} << 19U;

const SetShape* set_of(Table table) {
    for (const SetShape* shape : {&groups_of_set, &ancestors_of_set, &grants_of_set})
        if (shape->table == table) return shape;
    return nullptr;
}

// An end that has come later is not there yet.
std::uint64_t end_as_of(std::uint64_t to, Revision at) {
    return to > at.value ? revision_max.value : to;
}

class Digesting {
public:
    Digesting(const Index& index, Revision at, const std::function<bool(std::uint64_t rows)>& go_on,
              std::size_t run_rows)
        : index_{index}, at_{at}, go_on_{go_on}, run_rows_{run_rows} {}

    std::optional<IndexDigest> run() {
        begin();
        for (std::uint32_t t = table::times.index; t < index_tables.size(); ++t)
            if (!walk(Table{t})) return std::nullopt;
        // Last: what was named up to now says how far the names go.
        for (const Table t : {table::names, table::texts})
            if (!walk(t)) return std::nullopt;
        result_.revision = at_;
        result_.digest = hash_.finish();
        return result_;
    }

private:
    void begin() {
        const storage::ReadTxn txn{index_.environment()};
        const RowReader reader{txn};
        std::vector<std::uint64_t> words{mark, form};
        for (const MetaKey key : {MetaKey::version, MetaKey::log_id_high, MetaKey::log_id_low}) {
            const auto value = reader.get(table::meta, meta_key(key));
            INVARIANT(value.has_value());
            words.push_back(value->front());
        }
        words.push_back(at_.value);
        hash_.update(as_byte_span(words));
    }

    // All rows of a table, a run at a time. False if it is to stop.
    bool walk(Table t) {
        Key from;
        for (std::uint32_t i = 0; i < index_tables[t.index].key_words; ++i) from.push(0);
        tenant_.reset();
        bool first_was_seen = false;
        for (;;) {
            if (go_on_ && !go_on_(looked_at_)) return false;
            const storage::ReadTxn txn{index_.environment()};
            const RowReader reader{txn};
            std::size_t rows = 0;
            std::size_t words = 0;
            bool full = false;
            Key last = from;
            reader.scan_plain(t, from, 0, [&](const Key& key, Words value) {
                if (first_was_seen && key == from) return true;
                look(reader, t, key, value);
                last = key;
                words += value.size();
                full = ++rows >= run_rows_ || words >= run_words;
                return !full;
            });
            looked_at_ += rows;
            if (!full) return true;
            from = last;
            first_was_seen = true;
        }
    }

    void look(const RowReader& reader, Table t, const Key& key, Words value) {
        payload_.clear();
        if (t == table::times) {
            if (times(reader, key, value)) add(t, key);
        } else if (t == table::names) {
            if (names(value)) add(t, key);
        } else if (t == table::texts) {
            payload_.assign(value.begin(), value.end());
            if (key.word(0) <= last_named_) add(t, key);
        } else if (t == table::window_edges) {
            if (edge_stood(reader, key)) add(t, key);
        } else if (t == table::scope_marks) {
            if (mark_stood(reader, key)) add(t, key);
        } else if (version(reader, t, key, value)) {
            for (std::size_t i = 0; i + 1 < key.size(); ++i)
                last_named_ = std::max(last_named_, key.word(i));
            add(t, key);
        }
    }

    void add(Table t, const Key& key) {
        row_.assign({t.index, payload_.size()});
        for (std::size_t i = 0; i < key.size(); ++i) row_.push_back(key.word(i));
        row_.insert(row_.end(), payload_.begin(), payload_.end());
        hash_.update(as_byte_span(row_));
        ++result_.rows;
        result_.bytes += (key.size() + payload_.size()) * sizeof(std::uint64_t);
    }

    // These put what stood in a row as of the revision into payload_; false if there was none.

    bool version(const RowReader& reader, Table t, const Key& key, Words value) {
        const Revision from{~key.word(key.size() - 1)};
        INVARIANT(!value.empty());
        if (from > at_) return false;
        if (t == table::grants_wide && !was_wide(reader, key.word(0))) return false;
        payload_.push_back(end_as_of(value[0], at_));
        const Words rest = value.subspan(1);
        const SetShape* shape = set_of(t);
        if (shape == nullptr) {
            payload_.insert(payload_.end(), rest.begin(), rest.end());
            return true;
        }
        payload_.push_back(rest.front());
        const std::size_t stride = shape->entry_words();
        for (std::size_t i = 1; i + stride <= rest.size(); i += stride) {
            const Words entry = rest.subspan(i, stride);
            if (entry[stride - 2] > at_.value) continue;
            payload_.insert(payload_.end(), entry.begin(), entry.end() - 1);
            payload_.push_back(end_as_of(entry.back(), at_));
        }
        return true;
    }

    // A subject's rows begin when its assignments did, but are there since it became wide only.
    bool was_wide(const RowReader& reader, std::uint64_t subject) const {
        const auto head = reader.head(table::grants_of, Key{subject});
        INVARIANT(head.has_value());
        return SetBlockView{grants_of_set, *head}.wide() && head->range.from <= at_;
    }

    // Of events at one instant the last is kept, and which that was as of the revision is known
    // only when an event of a later instant was there.
    bool times(const RowReader& reader, const Key& key, Words pairs) {
        const ObjectId tenant{key.word(0)};
        if (tenant_ != tenant) {
            tenant_ = tenant;
            before_.reset();
            const auto newest = time_floor(reader, tenant, at_);
            newest_ = newest ? std::optional{word_of(newest->instant)} : std::nullopt;
        }
        for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
            if (pairs[i + 1] > at_.value) break;
            const bool open = newest_ == pairs[i] && before_ == pairs[i];
            before_ = pairs[i];
            if (open) continue;
            payload_.push_back(pairs[i]);
            payload_.push_back(pairs[i + 1]);
        }
        return !payload_.empty();
    }

    bool names(Words value) {
        for (std::size_t i = 0; i < value.size();) {
            const std::size_t words = name_words(value, i);
            if (value[i] <= last_named_)
                payload_.insert(payload_.end(), value.begin() + static_cast<std::ptrdiff_t>(i),
                                value.begin() + static_cast<std::ptrdiff_t>(i + words));
            i += words;
        }
        return !payload_.empty();
    }

    bool edge_stood(const RowReader& reader, const Key& key) const {
        const Instant edge = instant_of(key.word(1));
        return any_version(reader, table::assignments, key.word(2), [&](Words payload) {
            const AssignmentRecord record = decode_assignment_record(payload);
            return record.window.start == edge || record.window.end == edge;
        });
    }

    bool mark_stood(const RowReader& reader, const Key& key) const {
        const std::uint64_t scope = key.word(2);
        if (static_cast<ScopeMark>(key.word(1)) == ScopeMark::deny)
            return any_version(reader, table::denies_at, scope, [](Words) { return true; });
        return any_version(reader, table::scopes, scope, [](Words payload) {
            return decode_scope_record(payload).parent != ObjectId{};
        });
    }

    // Whether one that had begun is so, of the versions whose keys begin with `owner`.
    template <class Is>
    bool any_version(const RowReader& reader, Table t, std::uint64_t owner, Is&& is) const {
        bool found = false;
        reader.scan(t, Key{owner}, [&](const VersionRow& row) {
            found = row.version.range.from <= at_ && is(row.version.payload);
            return !found;
        });
        return found;
    }

    const Index& index_;
    const Revision at_;
    const std::function<bool(std::uint64_t rows)>& go_on_;
    const std::size_t run_rows_;
    log::Sha256Stream hash_;
    IndexDigest result_;
    std::uint64_t looked_at_ = 0;
    std::uint64_t last_named_ = 0;  // by the keys of versions
    std::vector<std::uint64_t> payload_;
    std::vector<std::uint64_t> row_;
    // Of the series of times that is read: whose it is, its newest instant as of the revision, and
    // the instant of the pair before.
    std::optional<ObjectId> tenant_;
    std::optional<std::uint64_t> newest_;
    std::optional<std::uint64_t> before_;
};

}  // namespace

std::optional<IndexDigest> digest_as_of(const Index& index, Revision at,
                                        const std::function<bool(std::uint64_t rows)>& go_on,
                                        std::size_t run_rows) {
    INVARIANT(at <= index.applied());
    return Digesting{index, at, go_on, run_rows}.run();
}

}  // namespace tenure::projection
