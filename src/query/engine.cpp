#include "query/engine.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <unordered_map>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/scope.h"
#include "query/views.h"
#include "storage/environment.h"

namespace tenure::query {
namespace {

using projection::Key;
using projection::VersionRow;
namespace table = projection::table;

struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// Entries of a text cache before it is emptied.
constexpr std::size_t names_max = 200'000;
constexpr std::size_t chains_max = 100'000;
constexpr std::size_t actions_max = action_slots_max;

// Shares of cache_bytes_max.
constexpr std::size_t views_bytes_max = cache_bytes_max / 4;         // principals; groups; scopes
constexpr std::size_t whole_views_bytes_max = cache_bytes_max / 12;  // roles; and so on
static_assert(3 * views_bytes_max + 3 * whole_views_bytes_max <= cache_bytes_max);

// A scope's ids from itself up to "/", by path. It never changes once all of them exist; one that
// begins above the scope is good until the index says that its first scope got another below it.
struct Chain {
    std::vector<std::uint64_t> ids;
    bool exact = true;  // the first one is the scope itself
    Revision built_at;
};

// What a question needs to know of its tenant: whether it is open for import, and its scopes that
// ever had an explicit parent or a deny assignment: few, and mostly none.
struct TenantMarks {
    Revision built_at;
    bool read = false;
    bool open_for_import = false;
    std::vector<std::uint64_t> with_parent;  // sorted
    std::vector<std::uint64_t> with_deny;    // sorted
};

struct Tenant {
    std::optional<ObjectId> id;
    TextMap<ObjectId> principals;
    TextMap<Chain> chains;  // by the spelling asked with
    TenantMarks marks;
};

struct Action {
    std::string folded;
    std::size_t slot;
};

using domain::condition::Truth;

struct CompiledDeny {
    ObjectId scope;
    bool not_below = false;
    RevisionRange range;
    bool everybody = false;
    std::vector<ObjectId> principals;  // sorted
    std::vector<ObjectId> excluded;    // sorted
    std::shared_ptr<const domain::CompiledPermissions> permissions;
    std::vector<SharedCondition> conditions;
};

// Of one scope.
struct DenyView {
    Revision built_at;
    std::vector<CompiledDeny> denies;
    std::size_t bytes = 0;  // about
};

// The chain of one question: path ids with explicit parents followed. On the stack for all but
// absurdly deep scopes.
struct ChainIds {
    std::array<std::uint64_t, 64> first;
    std::vector<std::uint64_t> rest;
    std::size_t count = 0;
    std::uint64_t bits = 0;
    bool exact = true;  // the first one is the scope itself, not one above it

    void push(std::uint64_t id) {
        if (count < first.size())
            first[count] = id;
        else
            rest.push_back(id);
        ++count;
        bits |= Grants::bit_of(id);
    }

    std::uint64_t operator[](std::size_t i) const {
        return i < first.size() ? first[i] : rest[i - first.size()];
    }

    void clear() {
        rest.clear();
        count = 0;
        bits = 0;
    }

    bool contains(std::uint64_t id) const {
        for (std::size_t i = 0; i < count; ++i)
            if ((*this)[i] == id) return true;
        return false;
    }
};

}  // namespace

struct Engine::State {
    explicit State(const projection::Index& i)
        : index{i}, txn{std::in_place, i.environment()}, reader{*txn} {
        txn->reset();
    }

    State(projection::Index& i, const projection::IndexBatch& open)
        : index{i}, reader{open.reader()}, batch{&open}, changes{&i.changes()} {}

    const projection::Index& index;
    std::optional<storage::ReadTxn> txn;
    RowReader reader;
    // Of the writer's engine, instead of a transaction.
    const projection::IndexBatch* batch = nullptr;
    projection::Changes* changes = nullptr;
    std::size_t published = 0;  // of what the batch has touched
    Revision head;
    bool begun = false;

    TextMap<Tenant> tenants;
    TextMap<Action> actions[2];  // by plane, by the spelling asked with
    TextMap<std::size_t> slots;  // folded action and plane -> slot
    ViewCache<PrincipalView> principals{views_bytes_max};
    ViewCache<GroupView> groups{views_bytes_max};
    ViewCache<ScopeView> assigned_at{views_bytes_max};
    WholeViewCache<RoleView> roles{whole_views_bytes_max};
    // With a window or a condition.
    WholeViewCache<AssignmentView> assignments{whole_views_bytes_max};
    WholeViewCache<DenyView> denies{whole_views_bytes_max};  // by scope
    // Used by one decision at a time, kept for their memory.
    std::vector<ObjectId> seen;
    std::vector<ObjectId> above;
    ChainIds unseen;
    std::string sub_operation;        // folded
    PrincipalView* asking = nullptr;  // the principal's, while its question is decided
    bool clock_read = false;          // by a decision, since this was last set

    Tenant& tenant(std::string_view name);
    std::optional<ObjectId> principal(Tenant& tenant, std::string_view id);
    const Action* action(std::string_view text, domain::Plane plane, Result<void>& error);
    std::size_t slot_of(std::string_view folded, domain::Plane plane);
    Result<void> chain(Tenant& tenant, std::string_view scope, Revision at, ChainIds& out);
    void follow(Tenant& tenant, std::uint64_t id, Revision at, ChainIds& out);
    void path_chain(Tenant& tenant, std::uint64_t id, std::vector<std::uint64_t>& out);
    const TenantMarks& marks(Tenant& tenant);

    bool current(ViewSpan& span, ObjectId owner) const;
    bool current(Standings& standings) const;
    PrincipalView& principal_view(ObjectId id, Revision at);
    GroupView& group_view(ObjectId id, Revision at);
    RoleView& role_view(ObjectId id);
    AssignmentView& assignment_view(ObjectId id, ObjectId subject);
    DenyView& deny_view(Tenant& tenant, ObjectId scope);
    const Standings* standings(PrincipalView& view, ObjectId principal, Revision at);
    std::unique_ptr<Standings> make_standings(const PrincipalView& view, ObjectId principal,
                                              Revision at);
    const ScopeView* scope_view(ObjectId scope, Revision at);

    struct Asked {
        std::string_view folded;
        std::size_t slot;
        domain::Plane plane;
        Revision at;
        Basis& basis;  // its clock is looked up when it matters
        const Moment& moment;
        ObjectId principal;
        const domain::AskedAttributes& attributes;
        bool& clock_read;

        Instant clock() const {
            clock_read = true;
            if (!basis.clock) basis.clock = clock_of(basis, moment);
            return *basis.clock;
        }
    };

    Truth evaluate(const CompiledCondition& condition, const Asked& asked);

    bool role_exists(ObjectId role, Revision at);
    RoleSays role_says(std::uint64_t role, const Asked& asked);
    bool role_condition_met(std::uint64_t role, const Asked& asked);
    const AssignmentVersion* assignment_version(std::uint64_t assignment, ObjectId subject,
                                                Revision at);
    bool in_force(std::uint64_t role_word, std::uint64_t assignment, ObjectId subject,
                  const Asked& asked);
    bool grants(std::uint64_t role_word, std::uint64_t assignment, ObjectId subject,
                const Asked& asked);
    bool granted(const Grants& own, const ChainIds& chain, const Asked& asked);
    bool granted_at(const ScopeView& scope, const Standings& standings, const Asked& asked);
    bool granted_by_subjects(const PrincipalView& view, const ChainIds& chain, const Asked& asked);
    bool denied(Tenant& tenant, ObjectId principal, const PrincipalView& view,
                const ChainIds& chain, const Asked& asked);
    bool decide(Tenant& tenant, ObjectId principal, const ChainIds& chain, const Asked& asked);
};

Engine::Engine(const projection::Index& index) : state_{std::make_unique<State>(index)} {}

Engine::Engine(projection::Index& index, const projection::IndexBatch& batch)
    : state_{std::make_unique<State>(index, batch)} {}

Engine::~Engine() = default;

void Engine::begin() {
    State& s = *state_;
    s.begun = true;
    if (s.batch != nullptr) {
        s.head = s.batch->folder().applied();
        const std::span<const ObjectId> touched{s.batch->folder().touched()};
        s.changes->publish(touched.subspan(s.published), s.head);
        s.published = touched.size();
        return;
    }
    // The bound first: a snapshot taken after it holds at least that much.
    s.head = s.index.visible();
    s.txn->renew();
}

void Engine::end() {
    if (state_->txn) state_->txn->reset();
    state_->begun = false;
}

Revision Engine::head() const { return state_->head; }

RowReader Engine::reader() const { return state_->reader; }

// Names and texts.

Tenant& Engine::State::tenant(std::string_view name) {
    auto at = tenants.find(name);
    if (at == tenants.end()) {
        if (tenants.size() >= names_max) tenants.clear();
        at = tenants.try_emplace(std::string(name)).first;
    }
    if (!at->second.id) {
        const auto found =
            projection::find_name(reader, index.sip(), ObjectId{}, Kind::tenant, name);
        if (found) at->second.id = found->id;
    }
    return at->second;
}

std::optional<ObjectId> Engine::State::principal(Tenant& tenant, std::string_view id) {
    if (const auto at = tenant.principals.find(id); at != tenant.principals.end())
        return at->second;
    if (!tenant.id) return std::nullopt;
    const auto found = projection::find_name(reader, index.sip(), *tenant.id, Kind::principal, id);
    if (!found) return std::nullopt;
    if (tenant.principals.size() >= names_max) tenant.principals.clear();
    tenant.principals.emplace(id, found->id);
    return found->id;
}

std::size_t Engine::State::slot_of(std::string_view folded, domain::Plane plane) {
    std::string key{folded};
    key += plane == domain::Plane::data ? '\1' : '\0';
    const auto at = slots.find(key);
    if (at != slots.end()) return at->second;
    if (slots.size() >= actions_max) {
        slots.clear();
        for (auto& by_plane : actions) by_plane.clear();
        roles.each([](RoleView& role) {
            for (RoleVersion& version : role.versions) version.memo.clear();
        });
    }
    const std::size_t slot = slots.size();
    slots.emplace(std::move(key), slot);
    return slot;
}

const Action* Engine::State::action(std::string_view text, domain::Plane plane,
                                    Result<void>& error) {
    auto& by_text = actions[static_cast<std::size_t>(plane)];
    if (const auto at = by_text.find(text); at != by_text.end()) return &at->second;
    auto folded = domain::parse_action(text, "action");
    if (!folded) {
        error = std::move(folded.error());
        return nullptr;
    }
    const std::size_t slot = slot_of(folded.value(), plane);
    if (by_text.size() >= 2 * actions_max) by_text.clear();
    return &by_text.emplace(std::string(text), Action{std::move(folded.value()), slot})
                .first->second;
}

// Path ids of a scope that has an id itself: all of its path has.
void Engine::State::path_chain(Tenant& tenant, std::uint64_t id, std::vector<std::uint64_t>& out) {
    const std::string canonical =
        domain::canonical_scope(projection::text_of(reader, ObjectId{id}));
    for (std::string_view path = canonical; !path.empty(); path = domain::parent_by_path(path)) {
        const auto found =
            projection::find_name(reader, index.sip(), *tenant.id, Kind::scope, path);
        if (found) out.push_back(found->id.value);
    }
}

const TenantMarks& Engine::State::marks(Tenant& tenant) {
    TenantMarks& marks = tenant.marks;
    if (marks.read && index.changes().last(*tenant.id) <= marks.built_at) return marks;
    marks.with_parent.clear();
    marks.with_deny.clear();
    marks.built_at = head;
    marks.read = true;
    // As of the newest revision that may be seen: an import that is under way may have sealed it.
    // The store's own tenant, and one that an import is only creating, are open.
    const auto record = reader.at(table::tenants, Key{tenant.id->value}, head);
    marks.open_for_import =
        !record || projection::decode_tenant_record(record->payload).open_for_import;
    const auto read = [&](projection::ScopeMark mark, std::vector<std::uint64_t>& scopes) {
        reader.scan_plain(table::scope_marks,
                          Key{tenant.id->value, static_cast<std::uint64_t>(mark), 0}, 2,
                          [&](const Key& key, projection::Words) {
                              scopes.push_back(key.word(2));
                              return true;
                          });
    };
    read(projection::ScopeMark::explicit_parent, marks.with_parent);
    read(projection::ScopeMark::deny, marks.with_deny);
    return marks;
}

void Engine::State::follow(Tenant& tenant, std::uint64_t id, Revision at, ChainIds& out) {
    std::vector<std::uint64_t> path;
    path_chain(tenant, id, path);
    const auto& with_parent = marks(tenant).with_parent;
    for (const std::uint64_t scope : path) {
        if (out.contains(scope)) continue;
        out.push(scope);
        if (!std::binary_search(with_parent.begin(), with_parent.end(), scope)) continue;
        const auto record = scope_at(reader, ObjectId{scope}, at);
        if (!record || record->value.parent == ObjectId{}) continue;
        follow(tenant, record->value.parent.value, at, out);
        return;
    }
}

Result<void> Engine::State::chain(Tenant& tenant, std::string_view scope, Revision at,
                                  ChainIds& out) {
    auto known = tenant.chains.find(scope);
    Chain fresh;
    const Chain* ids = nullptr;
    if (known != tenant.chains.end() &&
        (known->second.exact ||
         index.changes().last(ObjectId{known->second.ids.front()}) <= known->second.built_at)) {
        ids = &known->second;
    } else {
        TRY(const std::string parsed, domain::parse_scope(scope, "scope"));
        if (!tenant.id) return success();
        const std::string canonical = domain::canonical_scope(parsed);
        for (std::string_view path = canonical; !path.empty();
             path = domain::parent_by_path(path)) {
            // The rest may be known from another scope below the same one.
            const auto upper =
                path.size() < canonical.size() ? tenant.chains.find(path) : tenant.chains.end();
            if (upper != tenant.chains.end() && upper->second.exact) {
                fresh.ids.insert(fresh.ids.end(), upper->second.ids.begin(),
                                 upper->second.ids.end());
                break;
            }
            const auto found =
                projection::find_name(reader, index.sip(), *tenant.id, Kind::scope, path);
            if (found)
                fresh.ids.push_back(found->id.value);
            else if (fresh.ids.empty())
                fresh.exact = false;
        }
        fresh.built_at = head;
        ids = &fresh;
        if (!fresh.ids.empty()) {
            if (tenant.chains.size() >= chains_max) tenant.chains.clear();
            if (fresh.exact && fresh.ids.size() > 1)
                tenant.chains.insert_or_assign(
                    std::string(domain::parent_by_path(canonical)),
                    Chain{{fresh.ids.begin() + 1, fresh.ids.end()}, true, head});
            ids =
                &tenant.chains.insert_or_assign(std::string(scope), std::move(fresh)).first->second;
        }
    }
    out.exact = ids->exact;
    const auto& with_parent = marks(tenant).with_parent;
    for (const std::uint64_t id : ids->ids) {
        out.push(id);
        if (with_parent.empty() || !std::binary_search(with_parent.begin(), with_parent.end(), id))
            continue;
        const auto record = scope_at(reader, ObjectId{id}, at);
        if (!record || record->value.parent == ObjectId{}) continue;
        follow(tenant, record->value.parent.value, at, out);
        break;
    }
    return success();
}

// Views.

bool Engine::State::current(ViewSpan& span, ObjectId owner) const {
    if (span.checked_at >= head) return true;
    if (index.changes().last(owner) > span.built_at) return false;
    span.checked_at = head;
    return true;
}

PrincipalView& Engine::State::principal_view(ObjectId id, Revision at) {
    auto* known = principals.find(id, at, [&](PrincipalView& v) { return current(v.span, id); });
    if (known != nullptr) return *known;
    return principals.add(id, read_principal_view(reader, id, at, head));
}

GroupView& Engine::State::group_view(ObjectId id, Revision at) {
    auto* known = groups.find(id, at, [&](GroupView& v) { return current(v.span, id); });
    if (known != nullptr) return *known;
    return groups.add(id, read_group_view(reader, id, at, head));
}

bool Engine::State::current(Standings& standings) const {
    ViewSpan& span = standings.span;
    if (span.checked_at >= head) return true;
    for (const SubjectEntry& as : standings.subjects)
        if (index.changes().last(as.subject) > span.built_at) return false;
    span.checked_at = head;
    return true;
}

// Of the view that was found or added last. Null: none yet.
const Standings* Engine::State::standings(PrincipalView& view, ObjectId principal, Revision at) {
    constexpr unsigned missed_max = 2;
    constexpr unsigned missed_max_with_another = 16;
    Standings* const known = view.standings.get();
    if (known != nullptr && known->span.range.contains(at) &&
        (known->span.range.to != revision_max || at <= known->span.built_at || current(*known)))
        return known;
    if (view.too_many_standings) return nullptr;
    if (++view.standings_missed <= (known != nullptr ? missed_max_with_another : missed_max))
        return nullptr;
    const std::size_t before = view.bytes();
    view.standings_missed = 0;
    view.standings = make_standings(view, principal, at);
    view.too_many_standings = !view.standings;
    principals.resized(principal, before, view.bytes());
    return view.standings.get();
}

// Null: too many.
std::unique_ptr<Standings> Engine::State::make_standings(const PrincipalView& view,
                                                         ObjectId principal, Revision at) {
    auto made = std::make_unique<Standings>();
    ViewSpan& span = made->span;
    span = {view.span.range, head, head};
    // An open view may be known for the newest only up to an older head.
    const auto made_of = [&](RevisionRange range, const ViewSpan& known) {
        span.range = span.range.intersect(range);
        if (range.to == revision_max)
            span.built_at = std::min(
                span.built_at, known.range.to == revision_max ? known.checked_at : known.built_at);
    };
    made_of(view.span.range, view.span);
    auto& subjects = made->subjects;
    subjects.push_back({principal, {revision_none, revision_max}});
    for (const SubjectEntry& group : view.groups) {
        const GroupView& direct = group_view(group.subject, at);
        made_of(direct.above_range, direct.span);
        subjects.push_back(group);
        for (const SubjectEntry& ancestor : direct.above)
            if (const auto range = ancestor.range.intersect(group.range); !range.empty())
                subjects.push_back({ancestor.subject, range});
        if (subjects.size() > 4 * standings_max) return nullptr;
    }
    std::sort(subjects.begin() + 1, subjects.end(), [](const auto& a, const auto& b) {
        return std::tie(a.subject, a.range.from) < std::tie(b.subject, b.range.from);
    });
    // Above several of the principal's groups, or joined again.
    std::size_t kept = 1;
    for (std::size_t i = 1; i < subjects.size(); ++i) {
        SubjectEntry& last = subjects[kept - 1];
        if (kept > 1 && last.subject == subjects[i].subject &&
            subjects[i].range.from <= last.range.to)
            last.range.to = std::max(last.range.to, subjects[i].range.to);
        else
            subjects[kept++] = subjects[i];
    }
    if (kept > standings_max) return nullptr;
    span.checked_at = span.built_at;
    subjects.resize(kept);
    subjects.shrink_to_fit();
    return made;
}

// Null: none yet, or too much.
const ScopeView* Engine::State::scope_view(ObjectId scope, Revision at) {
    ScopeView* view = assigned_at.find(scope, at, [](const ScopeView&) { return true; });
    if (view == nullptr) view = &assigned_at.add(scope, {});
    if (view->too_large()) return nullptr;
    if (view->made && (at <= view->span.built_at || current(view->span, scope))) return view;
    if (!view->due()) {
        ++view->missed;
        return nullptr;
    }
    const std::size_t before = view->bytes();
    read_scope_view(reader, scope, head, *view);
    assigned_at.resized(scope, before, view->bytes());
    return view->made ? view : nullptr;
}

RoleView& Engine::State::role_view(ObjectId id) {
    RoleView* const known = roles.find(id);
    if (known != nullptr && index.changes().last(id) <= known->built_at) return *known;
    return roles.put(id, read_role_view(reader, id, head));
}

// Whatever changes an assignment changes its subject's grants.
AssignmentView& Engine::State::assignment_view(ObjectId id, ObjectId subject) {
    AssignmentView* const known = assignments.find(id);
    if (known != nullptr && index.changes().last(subject) <= known->built_at) return *known;
    return assignments.put(id, read_assignment_view(reader, id, head));
}

DenyView& Engine::State::deny_view(Tenant& tenant, ObjectId scope) {
    DenyView* const known = denies.find(scope);
    if (known != nullptr && index.changes().last(*tenant.id) <= known->built_at) return *known;
    DenyView view{head, {}};
    std::vector<std::pair<ObjectId, RevisionRange>> found;
    reader.scan(table::denies_at, Key{scope.value}, [&](const VersionRow& row) {
        found.emplace_back(ObjectId{row.owner(1)}, row.version.range);
        return true;
    });
    for (const auto& [id, range] : found) {
        const auto version = reader.at(table::denies, Key{id.value}, range.from);
        INVARIANT(version.has_value());
        view.bytes += sizeof(CompiledDeny) + decoded_bytes(version->payload);
        const projection::DenyRecord record = projection::decode_deny_record(version->payload);
        const domain::DenyAssignment& deny = record.state.deny;
        CompiledDeny compiled{record.scope, deny.not_below, range, false, {}, {}, nullptr, {}};
        const auto resolve_all = [&](const std::vector<std::string>& ids,
                                     std::vector<ObjectId>& out) {
            for (const std::string& text : ids) {
                if (text == domain::all_principals)
                    compiled.everybody = true;
                else if (const auto name = projection::find_name(reader, index.sip(), *tenant.id,
                                                                 Kind::principal, text))
                    out.push_back(name->id);
            }
            std::sort(out.begin(), out.end());
        };
        resolve_all(deny.principals, compiled.principals);
        resolve_all(deny.excluded, compiled.excluded);
        compiled.permissions =
            std::make_shared<const domain::CompiledPermissions>(deny.permissions);
        compiled.conditions = compile_conditions(deny.permissions);
        view.denies.push_back(std::move(compiled));
    }
    return denies.put(scope, std::move(view));
}

// The decision (docs/ARCHITECTURE.md, "A check").

// Imported history may delete a role that is still assigned.
bool Engine::State::role_exists(ObjectId role, Revision at) {
    for (const RoleVersion& version : role_view(role).versions)
        if (version.range.contains(at)) return !version.deleted;
    return false;
}

Truth Engine::State::evaluate(const CompiledCondition& condition, const Asked& asked) {
    const domain::condition::Program* program = condition.program();
    if (program == nullptr) return Truth::unknown;
    if (!asked.attributes.sub_operation.empty())
        sub_operation = folded(asked.attributes.sub_operation);
    else
        sub_operation.clear();
    const domain::condition::AttributeSet* principal = nullptr;
    if (program->reads(domain::condition::Source::principal)) {
        if (!asking->attributes) {
            const auto state = principal_at(reader, asked.principal, asked.at);
            asking->attributes = std::make_shared<const domain::condition::AttributeSet>(
                state ? state->value.principal.attributes : std::vector<domain::Attribute>{});
            if (state)
                if (const auto version =
                        reader.at(table::principals, Key{asked.principal.value}, asked.at))
                    asking->attributes_bytes = decoded_bytes(version->payload);
            principals.resized(asked.principal, 0, asking->attributes_bytes);
        }
        principal = asking->attributes.get();
    }
    return program->evaluate(circumstances(asked.folded, sub_operation, asked.attributes, principal,
                                           program->reads_clock() ? asked.clock() : Instant{}));
}

RoleSays Engine::State::role_says(std::uint64_t role, const Asked& asked) {
    RoleView& view = role_view(ObjectId{role});
    for (RoleVersion& version : view.versions) {
        if (!version.range.contains(asked.at)) continue;
        if (version.deleted) return RoleSays::no;
        if (asked.slot >= version.memo.size()) version.memo.resize(asked.slot + 16, 0);
        std::uint8_t& memo = version.memo[asked.slot];
        if (memo == 0) {
            const RoleSays answer = says(version.permissions->match(asked.folded, asked.plane));
            memo = static_cast<std::uint8_t>(1 + static_cast<std::uint8_t>(answer));
        }
        return static_cast<RoleSays>(memo - 1);
    }
    return RoleSays::no;
}

bool Engine::State::role_condition_met(std::uint64_t role, const Asked& asked) {
    for (const RoleVersion& version : role_view(ObjectId{role}).versions)
        if (version.range.contains(asked.at))
            return version.permissions->any_conditional(
                asked.folded, asked.plane, [&](std::size_t block) {
                    return evaluate(*version.conditions[block], asked) == Truth::yes;
                });
    return false;
}

const AssignmentVersion* Engine::State::assignment_version(std::uint64_t assignment,
                                                           ObjectId subject, Revision at) {
    for (const AssignmentVersion& version : assignment_view(ObjectId{assignment}, subject).versions)
        if (version.range.contains(at)) return &version;
    return nullptr;
}

bool Engine::State::in_force(std::uint64_t role_word, std::uint64_t assignment, ObjectId subject,
                             const Asked& asked) {
    if ((role_word & projection::grant_windowed) == 0) return true;
    const AssignmentVersion* version = assignment_version(assignment, subject, asked.at);
    return version != nullptr && version->window.contains(asked.clock());
}

// One assignment at a scope of the chain: conditions last, they cost most.
bool Engine::State::grants(std::uint64_t role_word, std::uint64_t assignment, ObjectId subject,
                           const Asked& asked) {
    constexpr std::uint64_t flags = projection::grant_conditional | projection::grant_windowed;
    const std::uint64_t role = role_word & projection::grant_role_mask;
    const RoleSays says = role_says(role, asked);
    if (says == RoleSays::no) return false;
    if ((role_word & flags) != 0) {
        const AssignmentVersion* version = assignment_version(assignment, subject, asked.at);
        if (version == nullptr) return false;
        if (!version->window.always() && !version->window.contains(asked.clock())) return false;
        if (version->condition && evaluate(*version->condition, asked) != Truth::yes) return false;
    }
    return says == RoleSays::yes || role_condition_met(role, asked);
}

bool Engine::State::granted(const Grants& own, const ChainIds& chain, const Asked& asked) {
    if ((own.scope_bits & chain.bits) != 0) {
        for (std::size_t i = 0; i < chain.count; ++i) {
            const std::uint64_t scope = chain[i];
            if ((own.scope_bits & Grants::bit_of(scope)) == 0) continue;
            auto entry =
                std::lower_bound(own.entries.begin(), own.entries.end(), scope,
                                 [](const GrantEntry& e, std::uint64_t s) { return e.scope < s; });
            for (; entry != own.entries.end() && entry->scope == scope; ++entry)
                if (entry->range.contains(asked.at) &&
                    grants(entry->role_word, entry->assignment, own.subject, asked))
                    return true;
        }
    }
    for (const SubjectEntry& wide : own.wide) {
        if (!wide.range.contains(asked.at)) continue;
        for (std::size_t i = 0; i < chain.count; ++i) {
            std::vector<std::pair<std::uint64_t, std::uint64_t>> live;
            reader.scan(table::grants_wide, Key{wide.subject.value, chain[i]},
                        [&](const VersionRow& row) {
                            if (row.version.range.contains(asked.at))
                                live.emplace_back(row.version.payload.front(), row.owner(2));
                            return true;
                        });
            for (const auto& [role_word, assignment] : live)
                if (grants(role_word, assignment, wide.subject, asked)) return true;
        }
    }
    return false;
}

bool Engine::State::denied(Tenant& tenant, ObjectId principal, const PrincipalView& view,
                           const ChainIds& chain, const Asked& asked) {
    const auto& with_deny = marks(tenant).with_deny;
    if (with_deny.empty()) return false;
    std::vector<ObjectId> subjects;
    for (std::size_t i = 0; i < chain.count; ++i) {
        if (!std::binary_search(with_deny.begin(), with_deny.end(), chain[i])) continue;
        if (subjects.empty()) {
            subjects.push_back(principal);
            for (const SubjectEntry& group : view.groups) {
                if (!group.range.contains(asked.at)) continue;
                subjects.push_back(group.subject);
                for (const SubjectEntry& ancestor : group_view(group.subject, asked.at).above)
                    if (ancestor.range.contains(asked.at)) subjects.push_back(ancestor.subject);
            }
            std::sort(subjects.begin(), subjects.end());
        }
        const auto among = [&](const std::vector<ObjectId>& ids) {
            return std::any_of(ids.begin(), ids.end(), [&](ObjectId id) {
                return std::binary_search(subjects.begin(), subjects.end(), id);
            });
        };
        for (const CompiledDeny& deny : deny_view(tenant, ObjectId{chain[i]}).denies) {
            if (!deny.range.contains(asked.at) || (deny.not_below && (i != 0 || !chain.exact)))
                continue;
            const auto match = deny.permissions->match(asked.folded, asked.plane);
            if (!match.unconditional && !match.conditional) continue;
            if ((!deny.everybody && !among(deny.principals)) || among(deny.excluded)) continue;
            // A condition that is unknown denies.
            if (match.unconditional || deny.permissions->any_conditional(
                                           asked.folded, asked.plane, [&](std::size_t block) {
                                               return evaluate(*deny.conditions[block], asked) !=
                                                      Truth::no;
                                           }))
                return true;
        }
    }
    return false;
}

bool Engine::State::decide(Tenant& tenant, ObjectId principal, const ChainIds& chain,
                           const Asked& asked) {
    PrincipalView& view = principal_view(principal, asked.at);
    if (!view.known || !view.flags.active()) return false;
    asking = &view;
    if (denied(tenant, principal, view, chain, asked)) return false;
    const Standings* const as = standings(view, principal, asked.at);
    if (as == nullptr) return granted_by_subjects(view, chain, asked);
    // From the side of the scopes, which share their views, as far as they have one.
    unseen.clear();
    for (std::size_t i = 0; i < chain.count; ++i) {
        const ScopeView* const scope = scope_view(ObjectId{chain[i]}, asked.at);
        if (scope == nullptr)
            unseen.push(chain[i]);
        else if (granted_at(*scope, *as, asked))
            return true;
    }
    return unseen.count > 0 && granted_by_subjects(view, unseen, asked);
}

bool Engine::State::granted_at(const ScopeView& scope, const Standings& standings,
                               const Asked& asked) {
    for (const SubjectEntry& as : standings.subjects) {
        if (!scope.may_have(as.subject) || !as.range.contains(asked.at)) continue;
        auto entry = std::lower_bound(
            scope.entries.begin(), scope.entries.end(), as.subject,
            [](const ScopeView::Entry& e, ObjectId subject) { return e.subject < subject; });
        for (; entry != scope.entries.end() && entry->subject == as.subject; ++entry)
            if (entry->range.contains(asked.at) &&
                grants(entry->role_word, entry->assignment, as.subject, asked))
                return true;
    }
    return false;
}

bool Engine::State::granted_by_subjects(const PrincipalView& view, const ChainIds& chain,
                                        const Asked& asked) {
    if (granted(view.own, chain, asked)) return true;
    // Groups above several of the principal's groups are looked at once.
    seen.clear();
    for (const SubjectEntry& group : view.groups) {
        if (!group.range.contains(asked.at)) continue;
        const GroupView& direct = group_view(group.subject, asked.at);
        if (granted(direct.own, chain, asked)) return true;
        // Reading another group's view may move this one.
        above.clear();
        for (const SubjectEntry& ancestor : direct.above)
            if (ancestor.range.contains(asked.at) &&
                std::find(seen.begin(), seen.end(), ancestor.subject) == seen.end())
                above.push_back(ancestor.subject);
        for (const ObjectId ancestor : above) {
            seen.push_back(ancestor);
            if (granted(group_view(ancestor, asked.at).own, chain, asked)) return true;
        }
    }
    return false;
}

Result<CheckAnswer> Engine::check(const domain::CheckQuestion& question, const Moment& moment,
                                  std::optional<Instant> clock) {
    State& s = *state_;
    INVARIANT(s.begun);
    Result<void> error = success();
    const Action* action = s.action(question.action, question.plane, error);
    if (action == nullptr) return error.error();
    Tenant& tenant = s.tenant(question.tenant);

    CheckAnswer answer;
    const domain::AsOf& as_of = question.as_of;
    if (!as_of.at && !as_of.known_at && !as_of.revision) {
        // Into a tenant that is open for import, or new, events before now may still come.
        const bool settled = tenant.id && !s.marks(tenant).open_for_import;
        answer.basis = {s.head, moment.now, settled && moment.now <= moment.closed};
    } else {
        TRY(answer.basis, resolve(s.reader, tenant_time(question.tenant), as_of, s.head, moment));
    }
    if (clock) answer.basis.clock = clock;
    ChainIds chain;
    TRY(s.chain(tenant, question.scope, answer.basis.revision, chain));
    if (!tenant.id) return answer;
    const auto principal = s.principal(tenant, question.principal);
    if (!principal) return answer;
    answer.allowed =
        s.decide(tenant, *principal, chain,
                 {action->folded, action->slot, question.plane, answer.basis.revision, answer.basis,
                  moment, *principal, question.attributes, s.clock_read});
    return answer;
}

bool Engine::allowed(ObjectId tenant, ObjectId principal, std::string_view folded_action,
                     domain::Plane plane, ObjectId scope, const domain::AskedAttributes& attributes,
                     Basis basis, const Moment& moment) {
    State& s = *state_;
    INVARIANT(s.begun);
    Tenant& cached = s.tenant(projection::text_of(s.reader, tenant));
    INVARIANT(cached.id == tenant);
    ChainIds chain;
    s.follow(cached, scope.value, basis.revision, chain);
    return s.decide(cached, principal, chain,
                    {folded_action, s.slot_of(folded_action, plane), plane, basis.revision, basis,
                     moment, principal, attributes, s.clock_read});
}

std::vector<Engine::Held> Engine::holds(ObjectId principal, Basis basis, const Moment& moment) {
    State& s = *state_;
    INVARIANT(s.begun);
    std::vector<Held> result;
    const Revision at = basis.revision;
    const PrincipalView& view = s.principal_view(principal, at);
    if (!view.known || !view.flags.active()) return result;
    const domain::AskedAttributes nothing;
    const State::Asked asked{
        {}, 0, domain::Plane::control, at, basis, moment, principal, nothing, s.clock_read};
    const auto collect = [&](std::uint64_t role_word, std::uint64_t scope, std::uint64_t assignment,
                             ObjectId subject) {
        const ObjectId role{role_word & projection::grant_role_mask};
        if (s.role_exists(role, at) && s.in_force(role_word, assignment, subject, asked))
            result.push_back(
                {role, ObjectId{scope}, (role_word & projection::grant_conditional) != 0});
    };
    const auto collect_all = [&](const Grants& grants) {
        for (const GrantEntry& entry : grants.entries)
            if (entry.range.contains(at))
                collect(entry.role_word, entry.scope, entry.assignment, grants.subject);
        for (const SubjectEntry& wide : grants.wide) {
            if (!wide.range.contains(at)) continue;
            for (const Grant& grant : grants_of_at(s.reader, wide.subject, at))
                collect(grant.role_word, grant.scope.value, grant.assignment.value, wide.subject);
        }
    };
    collect_all(view.own);
    std::vector<ObjectId> groups;
    for (const SubjectEntry& group : view.groups) {
        if (!group.range.contains(at)) continue;
        groups.push_back(group.subject);
        for (const SubjectEntry& ancestor : s.group_view(group.subject, at).above)
            if (ancestor.range.contains(at)) groups.push_back(ancestor.subject);
    }
    for (const ObjectId group : groups) collect_all(s.group_view(group, at).own);
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
}

const SipKey& Engine::sip() const { return state_->index.sip(); }

Result<EverywhereAnswer> Engine::check_everywhere(const domain::CheckQuestion& question,
                                                  const Moment& moment) {
    INVARIANT(question.scope == "/");
    state_->clock_read = false;
    TRY(const CheckAnswer answer, check(question, moment));
    if (!answer.allowed) return EverywhereAnswer{};
    Tenant& tenant = state_->tenant(question.tenant);
    return EverywhereAnswer{tenant.id && state_->marks(tenant).with_deny.empty(),
                            !state_->clock_read};
}

TenantTime Engine::tenant_time(std::string_view name) {
    State& s = *state_;
    Tenant& tenant = s.tenant(name);
    return {tenant.id.value_or(ObjectId{}), tenant.id && s.marks(tenant).open_for_import};
}

}  // namespace tenure::query
