#pragma once
// Views: an owner's part of the index over an interval of revisions, decoded once (engine.h says
// why).

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/action.h"
#include "domain/condition.h"
#include "domain/question.h"
#include "projection/changes.h"
#include "query/facts.h"

namespace tenure::query {

struct GrantEntry {
    std::uint64_t scope;
    std::uint64_t assignment;
    std::uint64_t role_word;
    RevisionRange range;
};

struct SubjectEntry {
    ObjectId subject;
    RevisionRange range;
};

// What every view has: the interval it answers for and how far it is known to be the newest.
struct ViewSpan {
    RevisionRange range;
    Revision built_at;    // head when it was read
    Revision checked_at;  // newest head it was found unchanged at
};

// What is assigned to one subject itself.
struct Grants {
    ObjectId subject;
    std::vector<GrantEntry> entries;  // by scope
    std::uint64_t scope_bits = 0;     // one bit for each scope's hash: most questions stop here
    std::vector<SubjectEntry> wide;   // subjects whose assignments are in grants_wide

    static std::uint64_t bit_of(std::uint64_t scope) {
        return std::uint64_t{1} << ((scope * 0x9E3779B97F4A7C15ULL) >> 58U);
    }

    void finish();  // sorts entries, sets scope_bits
    std::size_t bytes() const;
};

// Whom a principal may be asked as: itself, its groups and those above them, in one piece, over an
// interval in which all the views that it was made of answer.
struct Standings {
    ViewSpan span;
    std::vector<SubjectEntry> subjects;  // the principal first
    std::size_t bytes() const;
};

// Who has been in more groups, in one view's interval, is asked about group by group.
inline constexpr std::size_t standings_max = 512;

struct PrincipalView {
    ViewSpan span;
    bool known = false;
    projection::PrincipalFlags flags;
    std::vector<SubjectEntry> groups;  // direct
    Grants own;
    // Made when it has been missed some times: most principals are asked about rarely.
    std::unique_ptr<Standings> standings;
    unsigned standings_missed = 0;
    bool too_many_standings = false;
    // Read when a condition needs them; the state of a principal is one within a view.
    std::shared_ptr<const domain::condition::AttributeSet> attributes;
    std::size_t attributes_bytes = 0;  // about
    std::size_t bytes() const;
};

// A scope where more was assigned is looked at from the subjects' side.
inline constexpr std::size_t scope_view_rows_max = 4'096;

// What was ever assigned at one scope, if that is not too much. Made when it has been missed some
// times, the more often the more there is: who writes there much would make it in vain.
struct ScopeView {
    struct Entry {
        ObjectId subject;
        std::uint64_t assignment;
        std::uint64_t role_word;
        RevisionRange range;
    };

    ViewSpan span{{revision_none, revision_max}, {}, {}};
    bool made = false;
    unsigned missed = 0;
    std::size_t rows = 0;        // when it was made last
    std::vector<Entry> entries;  // by subject
    // One bit for each subject's hash, some eight times as many as there are subjects.
    std::vector<std::uint64_t> filter;
    unsigned filter_shift = 58;

    std::uint64_t filter_bit(ObjectId subject) const {
        return std::hash<ObjectId>{}(subject) >> filter_shift;
    }

    bool may_have(ObjectId subject) const {
        const std::uint64_t bit = filter_bit(subject);
        return (filter[bit >> 6U] >> (bit & 63U) & 1U) != 0;
    }

    bool due() const { return missed >= 2 + rows / 16; }

    bool too_large() const { return rows > scope_view_rows_max; }

    std::size_t bytes() const;
};

struct GroupView {
    ViewSpan span;
    std::vector<SubjectEntry> above;  // ancestors, transitive
    RevisionRange above_range;        // all that `above` is good for: what is assigned has another
    Grants own;
    std::size_t bytes() const;
};

PrincipalView read_principal_view(const RowReader& reader, ObjectId principal, Revision at,
                                  Revision head);
GroupView read_group_view(const RowReader& reader, ObjectId group, Revision at, Revision head);
void read_scope_view(const RowReader& reader, ObjectId scope, Revision head, ScopeView& view);

// Owner -> its views, in two generations: when the young one is full the old one is dropped and the
// young one grows old; what is used moves back. Holds at most `bytes_max`, or what was used last if
// that alone is more.
template <class View>
class ViewCache {
public:
    explicit ViewCache(std::size_t bytes_max) : generation_bytes_max_{bytes_max / 2} {}

    // The owner's view that answers for `at`. A view with a closed interval never changes; an open
    // one answers up to the head it was read at, and further only while `current(view)` says so.
    template <class Current>
    View* find(ObjectId owner, Revision at, Current current) {
        Views* views = find_all(owner);
        if (views == nullptr) return nullptr;
        // Intervals of one owner's views do not overlap: both sides are cut at its blocks' ends.
        auto after =
            std::upper_bound(views->begin(), views->end(), at,
                             [](Revision r, const View& view) { return r < view.span.range.from; });
        if (after == views->begin()) return nullptr;
        const auto view = after - 1;
        if (!view->span.range.contains(at)) return nullptr;
        if (view->span.range.to != revision_max || at <= view->span.built_at || current(*view))
            return &*view;
        young_bytes_ -= size_of(*view);
        views->erase(view);
        return nullptr;
    }

    View& add(ObjectId owner, View view) {
        const std::size_t size = size_of(view);
        make_room(size);
        young_bytes_ += size;
        Views& views = young_[owner];
        const auto place = std::upper_bound(
            views.begin(), views.end(), view,
            [](const View& a, const View& b) { return a.span.range.from < b.span.range.from; });
        return *views.insert(place, std::move(view));
    }

    // The owner's view that was found or added last takes another number of bytes. It stays, and
    // where it is.
    void resized(ObjectId owner, std::size_t before, std::size_t after) {
        young_bytes_ += after - before;
        if (young_bytes_ <= generation_bytes_max_) return;
        make_room(0);
        find_all(owner);
    }

    std::size_t bytes() const { return young_bytes_ + old_bytes_; }

private:
    using Views = std::vector<View>;

    static std::size_t size_of(const View& view) { return view.bytes() + sizeof(View) + 64; }

    void make_room(std::size_t size) {
        if (young_bytes_ + size <= generation_bytes_max_) return;
        old_ = std::move(young_);
        young_.clear();
        old_bytes_ = std::exchange(young_bytes_, 0);
    }

    // All of an owner's views are in one generation: the young one, once it was asked for.
    Views* find_all(ObjectId owner) {
        if (const auto at = young_.find(owner); at != young_.end()) return &at->second;
        if (old_.empty()) return nullptr;
        if (auto node = old_.extract(owner); !node.empty()) {
            std::size_t size = 0;
            for (const View& view : node.mapped()) size += size_of(view);
            old_bytes_ -= size;
            make_room(size);
            young_bytes_ += size;
            return &young_.insert(std::move(node)).position->second;
        }
        return nullptr;
    }

    std::size_t generation_bytes_max_;
    std::size_t young_bytes_ = 0;
    std::size_t old_bytes_ = 0;
    std::unordered_map<ObjectId, Views> young_;
    std::unordered_map<ObjectId, Views> old_;
};

// Owner -> one view of all its versions, for what there is little of: emptied when it is full.
// Holds at most `bytes_max`, or the last view if that alone is more.
template <class View>
class WholeViewCache {
public:
    explicit WholeViewCache(std::size_t bytes_max) : bytes_max_{bytes_max} {}

    View* find(ObjectId owner) {
        const auto at = views_.find(owner);
        return at == views_.end() ? nullptr : &at->second;
    }

    View& put(ObjectId owner, View view) {
        if (const auto at = views_.find(owner); at != views_.end()) {
            bytes_ -= size_of(at->second);
            views_.erase(at);
        }
        const std::size_t size = size_of(view);
        if (bytes_ + size > bytes_max_) {
            views_.clear();
            bytes_ = 0;
        }
        bytes_ += size;
        return views_.emplace(owner, std::move(view)).first->second;
    }

    // For what the views hold beside their bytes().
    template <class Visit>
    void each(Visit visit) {
        for (auto& [owner, view] : views_) visit(view);
    }

    std::size_t bytes() const { return bytes_; }

private:
    static std::size_t size_of(const View& view) { return view.bytes + sizeof(View) + 64; }

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::unordered_map<ObjectId, View> views_;
};

// About what a stored row takes once it is decoded and compiled.
inline std::size_t decoded_bytes(projection::Words payload) {
    constexpr std::size_t times_its_size = 4;
    return 256 + times_its_size * payload.size_bytes();
}

// A condition, compiled. One that cannot be compiled (imported, or of a newer grammar) is unknown
// whatever it is asked.
class CompiledCondition {
public:
    explicit CompiledCondition(const domain::Condition& condition);

    const domain::condition::Program* program() const { return program_ ? &*program_ : nullptr; }

private:
    std::optional<domain::condition::Program> program_;
};

// What a condition sees of a question. Borrows everything; the texts are folded.
domain::condition::CircumstancesView circumstances(std::string_view action,
                                                   std::string_view sub_operation,
                                                   const domain::AskedAttributes& asked,
                                                   const domain::condition::AttributeSet* principal,
                                                   Instant clock);

using SharedCondition = std::shared_ptr<const CompiledCondition>;  // null: none

SharedCondition compile(const std::optional<domain::Condition>& condition);
// One for each block; empty if no block has one.
std::vector<SharedCondition> compile_conditions(const std::vector<domain::PermissionBlock>& blocks);

// All versions of one assignment that has a condition or a window.
struct AssignmentVersion {
    RevisionRange range;
    domain::Window window;
    SharedCondition condition;
};

struct AssignmentView {
    Revision built_at;
    std::vector<AssignmentVersion> versions;
    std::size_t bytes = 0;  // about
};

AssignmentView read_assignment_view(const RowReader& reader, ObjectId assignment, Revision head);

// Of one action: whether any block without a condition grants it, or only blocks with one.
enum class RoleSays : std::uint8_t { no, yes, on_condition };

RoleSays says(const domain::CompiledPermissions::Match& match);

// What roles say to one action as of a revision, each read once.
class RoleOracle {
public:
    RoleOracle(std::string folded_action, domain::Plane plane, Revision at)
        : action_{std::move(folded_action)}, plane_{plane}, at_{at} {}

    RoleSays ask(const RowReader& reader, ObjectId role);

private:
    std::string action_;
    domain::Plane plane_;
    Revision at_;
    std::unordered_map<ObjectId, RoleSays> known_;
};

// Actions that roles are remembered by.
inline constexpr std::size_t action_slots_max = 4096;

// All versions of one role, compiled.
struct RoleVersion {
    RevisionRange range;
    bool deleted = false;
    std::shared_ptr<const domain::CompiledPermissions> permissions;
    std::vector<SharedCondition> conditions;  // of the blocks; empty: there are none
    // By action slot (and so by plane), of action_slots_max: 0 not asked yet, else 1 + what
    // RoleSays.
    std::vector<std::uint8_t> memo;
};

struct RoleView {
    Revision built_at;
    std::vector<RoleVersion> versions;
    std::size_t bytes = 0;  // about, with a memo for each version
};

RoleView read_role_view(const RowReader& reader, ObjectId role, Revision head);

}  // namespace tenure::query
