#include "bench/postgres/tables.h"

#include <fstream>
#include <unordered_map>

#include "base/match.h"
#include "base/text.h"

namespace tenure::bench {
namespace {

using Id = std::uint32_t;

std::string range(Instant from, std::optional<Instant> to) {
    return "[" + format_instant(from) + "," + (to ? format_instant(*to) : "") + ")";
}

// '*' is the only wildcard, and no name here has one of LIKE's.
std::string like(std::string_view pattern) {
    std::string text = folded(pattern);
    for (char& c : text)
        if (c == '*') c = '%';
    return text;
}

class Tables {
public:
    explicit Tables(const std::string& directory)
        : principal_{directory + "/principal.tsv"},
          membership_{directory + "/membership.tsv"},
          scope_{directory + "/scope.tsv"},
          permission_{directory + "/permission.tsv"},
          assignment_{directory + "/assignment.tsv"},
          deny_{directory + "/deny.tsv"},
          deny_permission_{directory + "/deny_permission.tsv"} {
        scopes_["/"] = 1;
        scope_ << row({"1", "/", "\\N"});
    }

    void add(const domain::Event& event) {
        now_ = event.effective_at;
        std::visit(*this, event.body);
    }

    // What is true still has no end.
    void finish() {
        for (const auto& [id, since] : principals_) end(id, since, {});
        for (const auto& [key, since] : members_) end_membership(key, since, {});
        for (const auto& [id, given] : assignments_) end(given, {});
    }

    void operator()(const domain::PrincipalCreated& e) {
        principals_[e.principal.id] = {static_cast<Id>(principals_.size() + 1), now_};
    }

    // Who is disabled is not found: it may nothing.
    void operator()(const domain::PrincipalDisabled& e) {
        const auto found = principals_.find(e.principal);
        end(found->first, found->second, now_);
        found->second.ended = true;
    }

    void operator()(const domain::MemberAdded& e) { members_[key(e.group, e.member)] = now_; }

    void operator()(const domain::MemberRemoved& e) {
        const auto found = members_.find(key(e.group, e.member));
        end_membership(found->first, found->second, now_);
        members_.erase(found);
    }

    void operator()(const domain::ScopeCreated& e) {
        const auto id = static_cast<Id>(scopes_.size() + 1);
        // The nearest scope above that has a row.
        std::string above = folded(e.scope);
        do {
            above.resize(above.rfind('/'));
        } while (!above.empty() && !scopes_.contains(above));
        const Id parent = above.empty() ? 1 : scopes_[above];
        scopes_[folded(e.scope)] = id;
        scope_ << row({std::to_string(id), folded(e.scope), std::to_string(parent)});
    }

    void operator()(const domain::RoleDefined& e) {
        const auto id = static_cast<Id>(roles_.size() + 1);
        roles_[e.role.id] = id;
        permissions(permission_, id, e.role.permissions);
    }

    void operator()(const domain::AssignmentCreated& e) {
        const domain::Assignment& a = e.assignment;
        assignments_[a.id] = {principals_[a.principal].id, roles_[a.role],
                              scopes_.at(folded(a.scope)), a.window.end, now_};
    }

    void operator()(const domain::AssignmentRoleChanged& e) {
        Given& given = assignments_[e.assignment];
        end(given, now_);
        given.role = roles_[e.role];
        given.since = now_;
    }

    void operator()(const domain::AssignmentRevoked& e) {
        end(assignments_[e.assignment], now_);
        assignments_.erase(e.assignment);
    }

    void operator()(const domain::DenyCreated& e) {
        const Id id = ++denies_;
        for (const std::string& principal : e.deny.principals)
            deny_ << row({std::to_string(id), std::to_string(principals_[principal].id),
                          std::to_string(scopes_.at(folded(e.deny.scope))), range(now_, {})});
        permissions(deny_permission_, id, e.deny.permissions);
    }

    // Nothing that a check looks at.
    template <class Event>
    void operator()(const Event&) {}

private:
    struct Known {
        Id id = 0;
        Instant since;
        bool ended = false;
    };

    struct Given {
        Id principal;
        Id role;
        Id scope;
        std::optional<Instant> end;
        Instant since;
    };

    std::uint64_t key(const std::string& group, const std::string& member) {
        return std::uint64_t{principals_[member].id} << 32U | principals_[group].id;
    }

    void end(const std::string& name, const Known& known, std::optional<Instant> at) {
        if (!known.ended)
            principal_ << row({std::to_string(known.id), name, range(known.since, at)});
    }

    void end_membership(std::uint64_t key, Instant since, std::optional<Instant> at) {
        membership_ << row(
            {std::to_string(key >> 32U), std::to_string(key & 0xFFFFFFFFU), range(since, at)});
    }

    void end(const Given& given, std::optional<Instant> at) {
        // The window is part of when it is in force.
        if (given.end && (!at || *given.end < *at)) at = given.end;
        if (at && *at <= given.since) return;
        assignment_ << row({std::to_string(given.principal), std::to_string(given.scope),
                            std::to_string(given.role), range(given.since, at)});
    }

    void permissions(std::ofstream& to, Id id, const std::vector<domain::PermissionBlock>& blocks) {
        std::uint32_t number = 0;
        for (const domain::PermissionBlock& block : blocks) {
            ++number;
            const auto all = [&](const std::vector<std::string>& patterns, bool data, bool except) {
                for (const std::string& pattern : patterns)
                    to << row({std::to_string(id), std::to_string(number), data ? "t" : "f",
                               except ? "t" : "f", like(pattern)});
            };
            all(block.actions, false, false);
            all(block.not_actions, false, true);
            all(block.data_actions, true, false);
            all(block.not_data_actions, true, true);
        }
    }

    Instant now_;
    std::unordered_map<std::string, Known> principals_;
    std::unordered_map<std::uint64_t, Instant> members_;
    std::unordered_map<std::string, Id> scopes_;
    std::unordered_map<std::string, Id> roles_;
    std::unordered_map<std::string, Given> assignments_;
    Id denies_ = 0;
    std::ofstream principal_, membership_, scope_, permission_, assignment_, deny_,
        deny_permission_;
};

}  // namespace

std::string row(std::initializer_list<std::string> values) {
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : "\t") + value;
    return text + '\n';
}

void write_tables(const Shape& shape, std::uint64_t seed, const std::string& directory) {
    Population population{shape, seed};
    Tables tables{directory};
    domain::Event event;
    while (population.next(event)) tables.add(event);
    tables.finish();
}

}  // namespace tenure::bench
