#pragma once
// LiveCommands: the rules of every live command, one call operator each, as decide() visits them.
// The operators are spread over decide_*.cpp by noun.

#include <optional>
#include <vector>

#include "base/instant.h"
#include "domain/command.h"
#include "domain/rules.h"

namespace tenure::domain {

using Decision = Result<std::vector<EventBody>>;

class LiveCommands {
public:
    // All outlive it.
    LiveCommands(const Rules& rules, std::string_view actor, Instant now)
        : rules_{rules}, actor_{actor}, now_{now} {}

    // decide_tenant.cpp
    Decision operator()(const CreateTenant& command) const;
    Decision operator()(const SealTenant& command) const;
    Decision operator()(const ChangeSettings& command) const;
    Decision operator()(const RecordEvent& command) const;

    // decide_principal.cpp
    Decision operator()(const CreatePrincipal& command) const;
    Decision operator()(const UpdatePrincipal& command) const;
    Decision operator()(const DisablePrincipal& command) const;
    Decision operator()(const EnablePrincipal& command) const;
    Decision operator()(const DeletePrincipal& command) const;
    Decision operator()(const AddMember& command) const;
    Decision operator()(const RemoveMember& command) const;

    // decide_scope.cpp
    Decision operator()(const CreateScope& command) const;
    Decision operator()(const MoveScope& command) const;
    Decision operator()(const DeleteScope& command) const;

    // decide_role.cpp
    Decision operator()(const DefineRole& command) const;
    Decision operator()(const UpdateRole& command) const;
    Decision operator()(const DeleteRole& command) const;

    // decide_catalog.cpp
    Decision operator()(const ApplyCatalog& command) const;

    // decide_assignment.cpp
    Decision operator()(const CreateAssignment& command) const;
    Decision operator()(const ChangeAssignmentRole& command) const;
    Decision operator()(const UpdateAssignment& command) const;
    Decision operator()(const RevokeAssignment& command) const;
    Decision operator()(const CreateDeny& command) const;
    Decision operator()(const DeleteDeny& command) const;

    // decide_eligibility.cpp
    Decision operator()(const CreateEligibility& command) const;
    Decision operator()(const ExtendEligibility& command) const;
    Decision operator()(const RemoveEligibility& command) const;
    Decision operator()(const ActivateEligibility& command) const;
    Decision operator()(const DeactivateEligibility& command) const;

    // decide_invitation.cpp
    Decision operator()(const CreateInvitation& command) const;
    Decision operator()(const ResendInvitation& command) const;
    Decision operator()(const AcceptInvitation& command) const;
    Decision operator()(const ResetInvitation& command) const;
    Decision operator()(const RevokeInvitation& command) const;
    Decision operator()(const ExpireInvitation& command) const;

    // decide_token.cpp
    Decision operator()(const IssueToken& command) const;
    Decision operator()(const RevokeToken& command) const;

private:
    const State& state() const { return rules_.state(); }

    std::string_view tenant() const { return rules_.tenant(); }

    Result<void> activations_free(std::string_view id, std::string_view field) const;
    Result<void> changeable_role(std::string_view id) const;
    Result<void> role_name_free(const Role& role) const;
    Result<std::optional<EventBody>> provided_role(const Role& role,
                                                   const ApplyCatalog& command) const;
    Result<void> keeps_guardians(const Role& before, const Role& after) const;
    Result<std::optional<EventBody>> newer_version(const ApplyCatalog& command) const;
    Result<void> strands_nothing(const Role& before, const Role& after) const;
    Result<void> separates_nothing(std::string_view scope, std::string_view parent,
                                   const std::vector<std::string>& new_above) const;

    const Rules& rules_;
    std::string_view actor_;
    Instant now_;
};

// One event.
inline Decision only(EventBody body) {
    std::vector<EventBody> events;
    events.push_back(std::move(body));
    return events;
}

// The principal after the change.
Principal updated(Principal principal, const UpdatePrincipal& change);
// One that offers nothing offers the tenant's default role, if there is one.
Invitation with_default_role(Invitation invitation, const State& state, std::string_view tenant);
// The assignment's new condition, window and description.
AssignmentUpdated updated(const Assignment& assignment, const UpdateAssignment& change);
// What ends with the principal: what is active through it (`ended`), its assignments, eligibilities
// and memberships, then itself.
Decision delete_with_all(const std::string& principal, const Holdings& holdings,
                         const std::vector<EligibilityDeactivated>& ended);

// decide_import.cpp: a command with effective_at, whose tenant exists and is open for import.
Decision decide_import(const Rules& rules, const CommandBody& body);

}  // namespace tenure::domain
