#include "domain/needs.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/match.h"
#include "base/text.h"
#include "domain/activation.h"
#include "domain/decide_live.h"

namespace tenure::domain {
namespace {

constexpr std::string_view root = "/";

Attribute text_attribute(std::string_view name, std::string_view value) {
    return {std::string(name), std::vector<std::string>{std::string(value)}};
}

// A role's id may be written as the path of a resource; conditions compare its last segment.
std::string_view last_segment(std::string_view id) {
    constexpr std::string_view resource = "/providers/Microsoft.Authorization/roleDefinitions/";
    const std::size_t slash = id.rfind('/');
    const bool is_path =
        slash != std::string_view::npos && slash + 1 >= resource.size() &&
        equal_folded(id.substr(slash + 1 - resource.size(), resource.size()), resource);
    return is_path ? id.substr(slash + 1) : id;
}

// As Azure has it, which knows no managed identities here.
std::string_view type_name(PrincipalKind kind) {
    switch (kind) {
        case PrincipalKind::user:
            return "User";
        case PrincipalKind::group:
            return "Group";
        case PrincipalKind::service_principal:
        case PrincipalKind::managed_identity:
            break;
    }
    return "ServicePrincipal";
}

class Needs {
public:
    Needs(const State& state, const Command& command, std::span<const EventBody> events)
        : state_{state}, tenant_{command.tenant}, actor_{command.actor}, decided_{!events.empty()} {
        for (const EventBody& event : events)
            if (const auto* deleted = std::get_if<PrincipalDeleted>(&event))
                deleted_.insert(deleted->principal);
    }

    // What is needed from here on is what the state says.
    void hide() { hidden_ = true; }

    std::vector<Need> take() { return std::move(needs_); }

    void operator()(const TenantCreated&) { add({}, root); }

    void operator()(const TenantSealed&) { add(action::tenant_write, root); }

    void operator()(const PrincipalCreated& e) {
        kinds_[e.principal.id] = e.principal.kind;
        // An invitation asks for itself.
        if (e.principal.redemption == Redemption::none) add(action::principals_write, root);
        if (!e.principal.attributes.empty()) add(action::assignments_write, root);
    }

    void operator()(const PrincipalUpdated& e) {
        add(action::principals_write, root);
        const auto before = state_.principal(tenant_, e.principal.id);
        if (!before || before->principal.attributes != e.principal.attributes ||
            before->principal.user_type != e.principal.user_type)
            add(action::assignments_write, root, about(e.principal.id, {}), {});
    }

    void operator()(const PrincipalDisabled& e) {
        add(action::principals_write, root);
        add(action::assignments_delete, root, {}, about(e.principal, {}));
    }

    void operator()(const PrincipalEnabled& e) {
        add(action::principals_write, root);
        add(action::assignments_write, root, about(e.principal, {}), {});
    }

    // It holds nothing any more: what it held went before, with needs of its own.
    void operator()(const PrincipalDeleted&) { add(action::principals_delete, root); }

    // A deny assignment that names the group, or one above it, binds one more, or leaves one out.
    void operator()(const MemberAdded& e) {
        add(action::members_write, root);
        add(action::assignments_write, root, about(e.member, {}), {});
        for (const GroupDeny& deny : state_.denies_of_group(tenant_, e.group)) {
            if (deny.binds) add(action::denies_write, deny.scope);
            if (deny.excludes) add(action::denies_delete, deny.scope);
        }
    }

    void operator()(const MemberRemoved& e) {
        add(action::members_delete, root);
        add(action::assignments_delete, root, {}, about(e.member, {}));
        // Who is deleted has no use of it.
        if (deleted_.contains(e.member)) return;
        for (const GroupDeny& deny : state_.denies_of_group(tenant_, e.group)) {
            if (deny.binds) add(action::denies_delete, deny.scope);
            if (deny.excludes) add(action::denies_write, deny.scope);
        }
    }

    // With a parent that is not in its path it moves there, if it has been used already.
    void operator()(const ScopeCreated& e) {
        add(action::scopes_write, e.scope);
        if (e.parent.empty()) return;
        add(action::assignments_write, e.scope);
        add(action::scopes_write, e.parent);
    }

    void operator()(const ScopeMoved& e) {
        add(action::scopes_write, e.scope);
        add(action::assignments_write, e.scope);
        // Who had access from where it was has it no more.
        add(action::assignments_delete, e.scope);
        if (const std::string before = state_.scope(tenant_, e.scope).parent; !before.empty())
            add(action::scopes_write, before);
        if (!e.parent.empty()) add(action::scopes_write, e.parent);
    }

    // One with a parent moves back below its path.
    void operator()(const ScopeDeleted& e) {
        add(action::scopes_delete, e.scope);
        if (!state_.scope(tenant_, e.scope).parent.empty()) add(action::assignments_write, e.scope);
    }

    void operator()(const RoleDefined& e) { at_all(action::roles_write, e.role); }

    void operator()(const RoleUpdated& e) {
        at_all(action::roles_write, role(e.role.id));
        at_all(action::roles_write, e.role);
    }

    void operator()(const RoleDeleted& e) { at_all(action::roles_delete, role(e.role)); }

    void operator()(const AssignmentCreated& e) {
        assignments_[e.assignment.id] = e.assignment;
        may_give(e.assignment);
    }

    void operator()(const AssignmentRoleChanged& e) {
        Assignment changed = assignment(e.assignment);
        may_take(changed);
        changed.role = e.role;
        may_give(changed);
    }

    void operator()(const AssignmentUpdated& e) { may_give(assignment(e.assignment)); }

    void operator()(const AssignmentRevoked& e) { may_take(assignment(e.assignment)); }

    void operator()(const DenyCreated& e) { add(action::denies_write, e.deny.scope); }

    void operator()(const DenyDeleted& e) {
        const auto before = state_.deny(tenant_, e.deny);
        add(action::denies_delete, before ? before->deny.scope : root);
    }

    // To be eligible is to be able to give it to oneself.
    void operator()(const EligibilityCreated& e) { may_give(as_assignment(e.eligibility)); }

    // Whoever may give the role anyway need not be the one, nor approve.
    void operator()(const EligibilityActivated& e) {
        assignments_[e.activation.id] = e.activation;
        Need need = giving(e.activation);
        need.self = {e.activation.principal};
        if (const auto offer = state_.eligibility(tenant_, e.eligibility)) {
            auto approvers = activation_policy(state_, tenant_, offer->eligibility.role,
                                               offer->eligibility.scope)
                                 .approvers;
            // Nobody approves for oneself.
            if (!approvers.empty()) {
                std::erase(approvers, e.activation.principal);
                need.self = std::move(approvers);
            }
        }
        add(std::move(need));
    }

    void operator()(const EligibilityDeactivated& e) {
        const Assignment given = assignment(e.activation);
        Need need = taking(given);
        need.self = {given.principal};
        add(std::move(need));
    }

    void operator()(const EligibilityRemoved& e) { may_take(as_assignment(offer(e.eligibility))); }

    void operator()(const InvitationCreated&) { add(action::invitations_write, root); }

    // Who makes the new secret could accept: all that waits for the invited principal is given once
    // more. One that was accepted has to be so again, and gives no access until then.
    void operator()(const InvitationResent& e) {
        add(action::invitations_write, root);
        const auto before = state_.invitation(tenant_, e.invitation);
        if (!before) return;
        const std::string& invited = before->invitation.principal;
        const Holdings holdings = state_.holdings(tenant_, invited);
        for (const std::string& held : holdings.assignments) may_give(assignment(held));
        for (const std::string& offer : holdings.eligibilities)
            if (const auto found = state_.eligibility(tenant_, offer))
                may_give(as_assignment(found->eligibility));
        if (!holdings.groups.empty()) add(action::assignments_write, root, about(invited, {}), {});
        if (before->status == InvitationStatus::accepted)
            add(action::assignments_delete, root, {}, about(invited, {}));
    }

    void operator()(const InvitationAccepted& e) {
        const auto before = state_.invitation(tenant_, e.invitation);
        Need need;
        need.scope = root;
        if (before) need.self = {before->invitation.principal};
        add(std::move(need));
    }

    // All that waits for the invited principal is taken away.
    void operator()(const InvitationRevoked& e) {
        add(action::invitations_delete, root);
        const auto before = state_.invitation(tenant_, e.invitation);
        if (!before) return;
        const std::string& invited = before->invitation.principal;
        const Holdings holdings = state_.holdings(tenant_, invited);
        for (const std::string& held : holdings.assignments) may_take(assignment(held));
        for (const std::string& offer : holdings.eligibilities)
            if (const auto found = state_.eligibility(tenant_, offer))
                may_take(as_assignment(found->eligibility));
        if (!holdings.groups.empty()) add(action::assignments_delete, root, {}, about(invited, {}));
    }

    void operator()(const InvitationExpired&) { add(action::invitations_write, root); }

    // Some decide who gets which role.
    void operator()(const SettingsChanged& e) {
        add(action::settings_write, root);
        const auto gives = [](const Setting& setting) {
            return setting.name == activation_policies_setting ||
                   setting.name == invitation_default_role_setting;
        };
        if (std::ranges::any_of(e.settings, gives)) add(action::assignments_write, root);
    }

    // One may have a token for oneself; one for somebody else gives all that they have.
    void operator()(const TokenIssued& e) {
        token(action::tokens_write, e.token.principal);
        Need need{std::string(action::assignments_write),
                  std::string(root),
                  about(e.token.principal, {}),
                  {},
                  {e.token.principal},
                  false};
        add(std::move(need));
    }

    void operator()(const TokenRevoked& e) {
        const auto before = state_.token(tenant_, e.token);
        token(action::tokens_delete, before ? before->token.principal : std::string{});
    }

    // What a command says of its events before they are decided, and beyond that what the state
    // says of what it names.

    void operator()(const CreateTenant&) { add({}, root); }

    void operator()(const SealTenant&) { (*this)(TenantSealed{}); }

    void operator()(const CreatePrincipal& c) { (*this)(PrincipalCreated{c.principal}); }

    void operator()(const UpdatePrincipal& c) {
        add(action::principals_write, root);
        if (c.attributes || c.user_type)
            add(action::assignments_write, root, about(c.principal, {}), {});
    }

    void operator()(const DisablePrincipal& c) { (*this)(PrincipalDisabled{c.principal}); }

    void operator()(const EnablePrincipal& c) { (*this)(PrincipalEnabled{c.principal}); }

    void operator()(const DeletePrincipal& c) { (*this)(PrincipalDeleted{c.principal}); }

    void operator()(const AddMember& c) { of_state(MemberAdded{c.group, c.member}); }

    void operator()(const RemoveMember& c) { of_state(MemberRemoved{c.group, c.member}); }

    void operator()(const CreateScope& c) { (*this)(ScopeCreated{c.scope, c.parent, {}}); }

    void operator()(const MoveScope& c) {
        (*this)(ScopeCreated{c.scope, c.parent, {}});
        of_state(ScopeMoved{c.scope, c.parent});
    }

    void operator()(const DeleteScope& c) { (*this)(ScopeDeleted{c.scope}); }

    void operator()(const DefineRole& c) { (*this)(RoleDefined{c.role}); }

    void operator()(const UpdateRole& c) {
        (*this)(RoleDefined{c.role});
        of_state(RoleUpdated{c.role});
    }

    void operator()(const DeleteRole& c) { of_state(RoleDeleted{c.role}); }

    void operator()(const ApplyCatalog& c) {
        for (const Role& role : c.roles) (*this)(RoleDefined{role});
        if (!c.catalog.empty()) add(action::settings_write, root);
    }

    void operator()(const CreateAssignment& c) { may_give(c.assignment); }

    void operator()(const ChangeAssignmentRole& c) {
        of_state(AssignmentRoleChanged{c.assignment, c.role});
    }

    void operator()(const UpdateAssignment& c) {
        of_state(AssignmentUpdated{c.assignment, {}, {}, {}});
    }

    void operator()(const RevokeAssignment& c) { of_state(AssignmentRevoked{c.assignment}); }

    void operator()(const CreateDeny& c) { (*this)(DenyCreated{c.deny}); }

    void operator()(const DeleteDeny& c) { of_state(DenyDeleted{c.deny}); }

    void operator()(const CreateEligibility& c) { (*this)(EligibilityCreated{c.eligibility}); }

    void operator()(const ExtendEligibility& c) {
        of_state(EligibilityRemoved{c.eligibility});
        of_state(EligibilityCreated{offer(c.eligibility)});
    }

    void operator()(const RemoveEligibility& c) { of_state(EligibilityRemoved{c.eligibility}); }

    void operator()(const ActivateEligibility& c) {
        const Eligibility named = offer(c.eligibility);
        Need need = giving(as_assignment(named));
        need.self = activation_policy(state_, tenant_, named.role, named.scope).approvers;
        of_eligible(named, std::move(need));
    }

    void operator()(const DeactivateEligibility& c) {
        const Eligibility named = offer(c.eligibility);
        of_eligible(named, taking(as_assignment(named)));
    }

    void operator()(const CreateInvitation& c) {
        (*this)(InvitationCreated{});
        kinds_[c.invitation.principal] = PrincipalKind::user;
        Assignment given;
        given.principal = c.invitation.principal;
        for (const RoleAtScope& each : with_default_role(c.invitation, state_, tenant_).roles) {
            given.role = each.role;
            given.scope = each.scope;
            may_give(given);
        }
    }

    void operator()(const ResendInvitation& c) { of_state(InvitationResent{c.invitation, {}, {}}); }

    void operator()(const ResetInvitation& c) { of_state(InvitationResent{c.invitation, {}, {}}); }

    void operator()(const AcceptInvitation& c) { of_state(InvitationAccepted{c.invitation}); }

    void operator()(const RevokeInvitation& c) { of_state(InvitationRevoked{c.invitation}); }

    void operator()(const ExpireInvitation& c) { of_state(InvitationExpired{c.invitation}); }

    void operator()(const ChangeSettings& c) { (*this)(SettingsChanged{c.settings}); }

    void operator()(const IssueToken& c) { (*this)(TokenIssued{c.token}); }

    void operator()(const RevokeToken& c) { of_state(TokenRevoked{c.token}); }

    // Imported only.
    void operator()(const RecordEvent&) {}

private:
    template <class Event>
    void of_state(const Event& event) {
        hide();
        (*this)(event);
    }

    // Of an activation that is refused: whoever is eligible may know why. One that is not has its
    // needs from its events, which know the scope and who has to approve.
    void of_eligible(const Eligibility& named, Need need) {
        hide();
        if (decided_) return;
        if (is_eligible(state_, tenant_, named, actor_)) need.self.push_back(actor_);
        add(std::move(need));
    }

    static Assignment as_assignment(const Eligibility& eligibility) {
        Assignment assignment;
        assignment.principal = eligibility.principal;
        assignment.role = eligibility.role;
        assignment.scope = eligibility.scope;
        return assignment;
    }

    Assignment assignment(const std::string& id) const {
        if (const auto made = assignments_.find(id); made != assignments_.end())
            return made->second;
        if (const auto before = state_.assignment(tenant_, id)) return before->assignment;
        Assignment unknown;
        unknown.scope = root;
        return unknown;
    }

    Eligibility offer(const std::string& id) const {
        if (const auto before = state_.eligibility(tenant_, id)) return before->eligibility;
        Eligibility unknown;
        unknown.scope = root;
        return unknown;
    }

    Role role(const std::string& id) const {
        if (const auto before = state_.role(tenant_, id)) return before->role;
        Role unknown;
        unknown.assignable_scopes = {std::string(root)};
        return unknown;
    }

    std::vector<Attribute> about(const std::string& principal, std::string_view role) const {
        return assignment_attributes(role, principal,
                                     principal.empty() ? std::nullopt : kind_of(principal));
    }

    std::optional<PrincipalKind> kind_of(const std::string& principal) const {
        if (const auto made = kinds_.find(principal); made != kinds_.end()) return made->second;
        const auto before = state_.principal(tenant_, principal);
        return before ? std::optional{before->principal.kind} : std::nullopt;
    }

    Need giving(const Assignment& given) const {
        return {std::string(action::assignments_write),
                given.scope,
                about(given.principal, given.role),
                {},
                {},
                false};
    }

    void may_give(const Assignment& given) { add(giving(given)); }

    Need taking(const Assignment& given) const {
        return {std::string(action::assignments_delete), given.scope, {},
                about(given.principal, given.role),      {},          false};
    }

    void may_take(const Assignment& given) { add(taking(given)); }

    void token(std::string_view action, const std::string& principal) {
        add({std::string(action), std::string(root), {}, {}, {principal}, false});
    }

    void at_all(std::string_view action, const Role& role) {
        for (const std::string& scope : role.assignable_scopes) add(action, scope);
    }

    void add(std::string_view action, std::string_view scope, std::vector<Attribute> request = {},
             std::vector<Attribute> resource = {}) {
        add({std::string(action),
             std::string(scope),
             std::move(request),
             std::move(resource),
             {},
             false});
    }

    void add(Need need) {
        std::string key = need.action + '\n' + need.scope;
        for (const std::string& principal : need.self) key += "\n=" + principal;
        for (const auto* attributes : {&need.request, &need.resource})
            for (const Attribute& attribute : *attributes)
                key += '\n' + attribute.name + '=' +
                       std::get<std::vector<std::string>>(attribute.values).front();
        if (!seen_.insert(std::move(key)).second) return;
        // What the command has named is no secret.
        need.hidden = hidden_ && std::ranges::none_of(needs_, [&](const Need& before) {
                          return !before.hidden && before.scope == need.scope;
                      });
        needs_.push_back(std::move(need));
    }

    const State& state_;
    std::string_view tenant_;
    const std::string& actor_;
    bool decided_;
    bool hidden_ = false;
    std::vector<Need> needs_;
    std::set<std::string> seen_;
    // Of the same command.
    std::set<std::string> deleted_;
    std::map<std::string, PrincipalKind> kinds_;
    std::map<std::string, Assignment> assignments_;
};

}  // namespace

std::vector<Attribute> assignment_attributes(std::string_view role, std::string_view principal,
                                             std::optional<PrincipalKind> kind) {
    std::vector<Attribute> result;
    if (!role.empty())
        result.push_back(text_attribute(attribute::role_definition_id, last_segment(role)));
    if (!principal.empty()) result.push_back(text_attribute(attribute::principal_id, principal));
    if (kind) result.push_back(text_attribute(attribute::principal_type, type_name(*kind)));
    return result;
}

std::vector<Need> needs_of(const State& state, const Command& command,
                           std::span<const EventBody> events) {
    Needs needs{state, command, events};
    std::visit(needs, command.body);
    needs.hide();
    for (const EventBody& event : events) std::visit(needs, event);
    return needs.take();
}

bool may_lock_out(const State& state, std::string_view tenant, const EventBody& event) {
    return std::visit(
        match{
            // A deny assignment may bind one more.
            [&](const MemberAdded& e) {
                return std::ranges::any_of(
                    state.denies_of_group(tenant, e.group),
                    [](const GroupDeny& deny) { return deny.binds && deny.scope == root; });
            },
            [](const PrincipalDisabled&) { return true; },
            [](const PrincipalDeleted&) { return true; },
            [](const PrincipalUpdated&) { return true; },  // attributes that a condition reads
            [](const MemberRemoved&) { return true; },
            [](const RoleUpdated&) { return true; },
            [](const RoleDeleted&) { return true; },
            [](const AssignmentRoleChanged&) { return true; },
            [](const AssignmentUpdated&) { return true; },
            [](const AssignmentRevoked&) { return true; },
            [](const DenyCreated&) { return true; },
            [](const EligibilityDeactivated&) { return true; },
            [](const InvitationResent&) { return true; },  // one that was accepted
            [](const auto&) { return false; },
        },
        event);
}

}  // namespace tenure::domain
