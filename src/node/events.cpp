// Reading the log as events, filtered.

#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "node/core.h"
#include "node/maintenance.h"

namespace tenure::node {
namespace {

// Whether an event names an object: ids byte for byte, scopes and roles without regard to case.
class Names {
public:
    explicit Names(const std::string& object) : object_{object} {}

    bool in(const domain::EventBody& body) const {
        return std::visit([&](const auto& e) { return names(e); }, body);
    }

private:
    bool id(const std::string& text) const { return text == object_; }

    bool folded_id(const std::string& text) const { return equal_folded(text, object_); }

    bool any(const std::vector<std::string>& ids) const {
        return std::find(ids.begin(), ids.end(), object_) != ids.end();
    }

    bool assignment(const domain::Assignment& a) const {
        return id(a.id) || id(a.principal) || folded_id(a.role) || folded_id(a.scope);
    }

    bool names(const domain::TenantCreated&) const { return false; }

    bool names(const domain::TenantSealed&) const { return false; }

    bool names(const domain::PrincipalCreated& e) const { return id(e.principal.id); }

    bool names(const domain::PrincipalUpdated& e) const { return id(e.principal.id); }

    bool names(const domain::PrincipalDisabled& e) const { return id(e.principal); }

    bool names(const domain::PrincipalEnabled& e) const { return id(e.principal); }

    bool names(const domain::PrincipalDeleted& e) const { return id(e.principal); }

    bool names(const domain::MemberAdded& e) const { return id(e.group) || id(e.member); }

    bool names(const domain::MemberRemoved& e) const { return id(e.group) || id(e.member); }

    bool names(const domain::ScopeCreated& e) const {
        return folded_id(e.scope) || folded_id(e.parent);
    }

    bool names(const domain::ScopeMoved& e) const {
        return folded_id(e.scope) || folded_id(e.parent);
    }

    bool names(const domain::ScopeDeleted& e) const { return folded_id(e.scope); }

    bool names(const domain::RoleDefined& e) const { return folded_id(e.role.id); }

    bool names(const domain::RoleUpdated& e) const { return folded_id(e.role.id); }

    bool names(const domain::RoleDeleted& e) const { return folded_id(e.role); }

    bool names(const domain::AssignmentCreated& e) const { return assignment(e.assignment); }

    bool names(const domain::AssignmentRoleChanged& e) const {
        return id(e.assignment) || folded_id(e.role);
    }

    bool names(const domain::AssignmentUpdated& e) const { return id(e.assignment); }

    bool names(const domain::AssignmentRevoked& e) const { return id(e.assignment); }

    bool names(const domain::DenyCreated& e) const {
        return id(e.deny.id) || folded_id(e.deny.scope) || any(e.deny.principals) ||
               any(e.deny.excluded);
    }

    bool names(const domain::DenyDeleted& e) const { return id(e.deny); }

    bool names(const domain::EligibilityCreated& e) const {
        return id(e.eligibility.id) || id(e.eligibility.principal) ||
               folded_id(e.eligibility.role) || folded_id(e.eligibility.scope);
    }

    bool names(const domain::EligibilityActivated& e) const {
        return id(e.eligibility) || assignment(e.activation);
    }

    bool names(const domain::EligibilityDeactivated& e) const {
        return id(e.eligibility) || id(e.activation);
    }

    bool names(const domain::EligibilityRemoved& e) const { return id(e.eligibility); }

    bool names(const domain::InvitationCreated& e) const {
        return id(e.invitation.id) || id(e.invitation.principal) || id(e.invitation.email);
    }

    bool names(const domain::InvitationResent& e) const { return id(e.invitation); }

    bool names(const domain::InvitationAccepted& e) const { return id(e.invitation); }

    bool names(const domain::InvitationRevoked& e) const { return id(e.invitation); }

    bool names(const domain::InvitationExpired& e) const { return id(e.invitation); }

    bool names(const domain::SettingsChanged& e) const {
        return std::any_of(e.settings.begin(), e.settings.end(),
                           [&](const domain::Setting& s) { return id(s.name); });
    }

    bool names(const domain::TokenIssued& e) const {
        return id(e.token.id) || id(e.token.principal);
    }

    bool names(const domain::TokenRevoked& e) const { return id(e.token); }

    const std::string& object_;
};

bool type_matches(const std::string& filter, std::string_view type) {
    if (filter.empty()) return true;
    return filter.back() == '.' ? type.starts_with(filter) : type == filter;
}

bool matches(const EventFilter& filter, const domain::Event& event) {
    return (filter.any_tenant || event.tenant == filter.tenant) &&
           (!filter.since || *filter.since <= event.effective_at) &&
           (!filter.until || event.effective_at < *filter.until) &&
           type_matches(filter.type, domain::type_of(event.body)) &&
           (filter.actor.empty() || event.actor == filter.actor) &&
           (filter.object.empty() || Names{filter.object}.in(event.body));
}

}  // namespace

Result<std::string> parse_event_type(std::string_view text, std::string_view field) {
    if (text.empty()) return std::string{};
    std::string nouns;
    for (const std::string_view type : domain::event_types()) {
        const std::string_view noun = type.substr(0, type.find('.'));
        if (text == type) return std::string(text);
        if (text == noun || (text.ends_with('.') && text.substr(0, text.size() - 1) == noun))
            return std::string(noun) + '.';
        if (nouns.find(noun) == std::string::npos)
            nouns += (nouns.empty() ? "" : ", ") + std::string(noun);
    }
    return invalid(std::string(field), quoted(text) +
                                           " is not a type of event; it is a name such as "
                                           "assignment.created, or one of " +
                                           nouns);
}

bool names(const domain::Event& event, const std::string& object) {
    return Names{object}.in(event.body);
}

Result<void> each_event(const Core& core, const EventFilter& filter,
                        const std::function<bool(const domain::Event&)>& visit) {
    const Revision last = std::min(filter.to, core.log->committed());
    Revision at = std::max(filter.from, Revision{1});
    while (at <= last) {
        TRY(const auto entries, core.log->read(at));
        if (entries.empty()) break;
        for (const log::Entry& entry : entries) {
            if (entry.revision > last) return success();
            TRY(const domain::Event event, event_of(entry));
            if (matches(filter, event) && !visit(event)) return success();
        }
        at = next(entries[entries.size() - 1].revision);
    }
    return success();
}

namespace {

Error no_entries(const std::string& path, const std::string& why) {
    return Error{Errc::invalid_argument,
                 quoted(path) + " is no file that a copy has kept entries in: " + why};
}

}  // namespace

Result<void> kept_events(const std::string& path, const EventFilter& filter,
                         const std::function<bool(const domain::Event&)>& visit) {
    std::ifstream file{path, std::ios::binary | std::ios::ate};
    if (!file) return Error{Errc::not_found, "cannot read " + quoted(path)};
    const auto bytes = static_cast<std::uint64_t>(file.tellg());
    if (bytes == 0 || bytes % sizeof(std::uint64_t) != 0 || bytes > kept_bytes_max)
        return no_entries(path, "it has " + std::to_string(bytes) + " bytes");
    std::vector<std::uint64_t> words(bytes / sizeof(std::uint64_t));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(words.data()), static_cast<std::streamsize>(bytes));
    if (!file) return Error{Errc::storage_failed, "cannot read " + quoted(path)};
    const auto [entries, flaw] = log::entries_in(words);
    if (flaw && entries.empty()) return no_entries(path, flaw->detail);
    for (const log::Entry& entry : entries) {
        if (entry.revision < filter.from || entry.revision > filter.to) continue;
        TRY(const domain::Event event, event_of(entry));
        if (matches(filter, event) && !visit(event)) return success();
    }
    if (!flaw) return success();
    return Error{Errc::invalid_argument, "what " + quoted(path) + " holds after revision " +
                                             std::to_string(entries.back().revision.value) +
                                             " is no entry: " + flaw->detail};
}

}  // namespace tenure::node
