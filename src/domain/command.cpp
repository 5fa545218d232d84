#include "domain/command.h"

#include <type_traits>
#include <utility>

namespace tenure::domain {
namespace {

std::string_view name_of(const CreateTenant*) { return "tenant.create"; }

std::string_view name_of(const SealTenant*) { return "tenant.seal"; }

std::string_view name_of(const CreatePrincipal*) { return "principal.create"; }

std::string_view name_of(const UpdatePrincipal*) { return "principal.update"; }

std::string_view name_of(const DisablePrincipal*) { return "principal.disable"; }

std::string_view name_of(const EnablePrincipal*) { return "principal.enable"; }

std::string_view name_of(const DeletePrincipal*) { return "principal.delete"; }

std::string_view name_of(const AddMember*) { return "group.addMember"; }

std::string_view name_of(const RemoveMember*) { return "group.removeMember"; }

std::string_view name_of(const CreateScope*) { return "scope.create"; }

std::string_view name_of(const MoveScope*) { return "scope.move"; }

std::string_view name_of(const DeleteScope*) { return "scope.delete"; }

std::string_view name_of(const DefineRole*) { return "role.define"; }

std::string_view name_of(const UpdateRole*) { return "role.update"; }

std::string_view name_of(const DeleteRole*) { return "role.delete"; }

std::string_view name_of(const CreateAssignment*) { return "assignment.create"; }

std::string_view name_of(const ChangeAssignmentRole*) { return "assignment.changeRole"; }

std::string_view name_of(const UpdateAssignment*) { return "assignment.update"; }

std::string_view name_of(const RevokeAssignment*) { return "assignment.revoke"; }

std::string_view name_of(const CreateDeny*) { return "deny.create"; }

std::string_view name_of(const DeleteDeny*) { return "deny.delete"; }

std::string_view name_of(const CreateEligibility*) { return "eligibility.create"; }

std::string_view name_of(const ExtendEligibility*) { return "eligibility.extend"; }

std::string_view name_of(const RemoveEligibility*) { return "eligibility.remove"; }

std::string_view name_of(const ActivateEligibility*) { return "eligibility.activate"; }

std::string_view name_of(const DeactivateEligibility*) { return "eligibility.deactivate"; }

std::string_view name_of(const CreateInvitation*) { return "invitation.create"; }

std::string_view name_of(const ResendInvitation*) { return "invitation.resend"; }

std::string_view name_of(const AcceptInvitation*) { return "invitation.accept"; }

std::string_view name_of(const ResetInvitation*) { return "invitation.reset"; }

std::string_view name_of(const RevokeInvitation*) { return "invitation.revoke"; }

std::string_view name_of(const ExpireInvitation*) { return "invitation.expire"; }

std::string_view name_of(const IssueToken*) { return "token.issue"; }

std::string_view name_of(const RevokeToken*) { return "token.revoke"; }

std::string_view name_of(const ChangeSettings*) { return "settings.change"; }

std::string_view name_of(const ApplyCatalog*) { return "catalog.apply"; }

// A list in the order of the variant, so that it cannot be out of step with it. RecordEvent has no
// name of its own and must stay last.
template <class... Body, std::size_t... at>
std::vector<std::string_view> names_of(const std::variant<Body...>*, std::index_sequence<at...>) {
    using All = std::variant<Body...>;
    return {name_of(static_cast<const std::variant_alternative_t<at, All>*>(nullptr))...};
}

constexpr std::size_t named_commands = std::variant_size_v<CommandBody> - 1;
static_assert(std::is_same_v<std::variant_alternative_t<named_commands, CommandBody>, RecordEvent>);

}  // namespace

std::string token_id_of(std::string_view secret_hash) {
    return "tok-" + std::string(secret_hash.substr(0, 16));
}

std::string_view type_of(const CommandBody& body) {
    if (const auto* record = std::get_if<RecordEvent>(&body)) return type_of(record->body);
    return command_types()[body.index()];
}

const std::vector<std::string_view>& command_types() {
    static const std::vector<std::string_view> types = names_of(
        static_cast<const CommandBody*>(nullptr), std::make_index_sequence<named_commands>{});
    return types;
}

}  // namespace tenure::domain
