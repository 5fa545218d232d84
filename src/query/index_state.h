#pragma once
// IndexState: domain::State over the index at head, inside the writer's open transaction, so that a
// command is decided against everything before it in the same batch.

#include "domain/state.h"
#include "projection/index.h"
#include "query/facts.h"

namespace tenure::query {

class IndexState final : public domain::State {
public:
    // Reads through `batch`, which outlives it.
    explicit IndexState(projection::IndexBatch& batch) : batch_{batch} {}

    std::optional<domain::TenantState> tenant(std::string_view tenant) const override;
    std::optional<domain::PrincipalState> principal(std::string_view tenant,
                                                    std::string_view id) const override;
    bool is_direct_member(std::string_view tenant, std::string_view group,
                          std::string_view member) const override;
    bool is_nested(std::string_view tenant, std::string_view inner,
                   std::string_view outer) const override;
    std::size_t direct_group_count(std::string_view tenant, std::string_view member) const override;
    std::size_t ancestor_group_count(std::string_view tenant,
                                     std::string_view group) const override;
    std::size_t ancestor_group_count_below(std::string_view tenant,
                                           std::string_view group) const override;
    domain::Holdings holdings(std::string_view tenant, std::string_view principal) const override;
    std::vector<std::string> direct_groups(std::string_view tenant,
                                           std::string_view member) const override;
    std::vector<domain::GroupDeny> denies_of_group(std::string_view tenant,
                                                   std::string_view group) const override;
    std::vector<std::string> eligibilities_of_group(std::string_view tenant,
                                                    std::string_view group) const override;
    std::optional<domain::RoleState> role(std::string_view tenant,
                                          std::string_view id) const override;
    std::optional<std::string> role_named(std::string_view tenant,
                                          std::string_view name) const override;
    std::optional<std::string> role_user(std::string_view tenant,
                                         std::string_view role) const override;
    std::size_t role_use_count(std::string_view tenant, std::string_view role,
                               std::size_t count_max) const override;
    std::vector<std::string> role_scopes(std::string_view tenant,
                                         std::string_view role) const override;
    std::optional<domain::AssignmentState> assignment(std::string_view tenant,
                                                      std::string_view id) const override;
    std::optional<std::string> assignment_of(std::string_view tenant, std::string_view principal,
                                             std::string_view role,
                                             std::string_view scope) const override;
    std::optional<domain::DenyState> deny(std::string_view tenant,
                                          std::string_view id) const override;
    domain::ScopeState scope(std::string_view tenant, std::string_view scope) const override;
    std::vector<std::string> scope_chain(std::string_view tenant,
                                         std::string_view scope) const override;
    Result<std::optional<std::string>> scope_user(std::string_view tenant,
                                                  std::string_view scope) const override;
    std::optional<domain::InvitationState> invitation(std::string_view tenant,
                                                      std::string_view id) const override;
    std::optional<std::string> setting(std::string_view tenant,
                                       std::string_view name) const override;
    std::optional<domain::EligibilityState> eligibility(std::string_view tenant,
                                                        std::string_view id) const override;
    std::optional<domain::TokenState> token(std::string_view tenant,
                                            std::string_view id) const override;
    Result<std::vector<std::string>> assignments_below(std::string_view tenant,
                                                       std::string_view scope) const override;
    Result<std::size_t> scope_parents_below(std::string_view tenant,
                                            std::string_view scope) const override;

private:
    // Names of one tenant through the writer's memory of them.
    class Names {
    public:
        Names(projection::IndexBatch& batch, std::string_view tenant)
            : batch_{&batch}, tenant_{batch.find(ObjectId{}, Kind::tenant, tenant)} {}

        bool known() const { return tenant_.has_value(); }

        ObjectId tenant() const { return tenant_.value_or(ObjectId{}); }

        std::optional<ObjectId> find(Kind kind, std::string_view text) const {
            return tenant_ ? batch_->find(*tenant_, kind, text) : std::nullopt;
        }

        // The tenant's own, or the built-in one.
        std::optional<ObjectId> find_role(std::string_view id) const;

    private:
        projection::IndexBatch* batch_;
        std::optional<ObjectId> tenant_;
    };

    Names names(std::string_view tenant) const { return Names{batch_, tenant}; }

    struct ScopeBelow {
        ObjectId id;
        std::string canonical;
        std::size_t explicit_parents;  // on the way up to the top
    };

    // The scope and every scope with an id below it, by path or over explicit parents.
    Result<std::vector<ScopeBelow>> scopes_below(const Names& names,
                                                 std::string_view canonical) const;
    // True if the tenant ever named something of the kind: one seek.
    bool any_named(const Names& names, Kind kind) const;
    // Elements of the owner in force at head, of a table of [owner, element].
    std::vector<ObjectId> live_elements(projection::Table table, ObjectId owner) const;
    // The group, if there is one of this name, and all above it.
    std::vector<ObjectId> group_and_above(const Names& names, std::string_view group) const;

    Revision head() const { return batch_.folder().applied(); }

    projection::IndexBatch& batch_;
};

}  // namespace tenure::query
