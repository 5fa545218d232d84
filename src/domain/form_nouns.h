#pragma once
// NounForm: what the nouns of commands and events must look like, whatever the state is; form.cpp
// says which command holds which. Imported ones obey the limits, and of the models' rules only
// those that the index rests on.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/command.h"
#include "domain/condition_attributes.h"

namespace tenure::domain {

// "data.role" of "data" and "role"; "data.roles[2]" of "data.roles" and 2.
std::string member(std::string_view object, std::string_view name);
std::string element(std::string_view list, std::size_t i);

struct TextRule {
    std::string_view what;
    std::size_t length_max{};
    bool required = false;
    bool lines = false;  // line ends and tabs are fine
};

Result<void> check_text(std::string_view text, std::string_view field, const TextRule& rule);
Result<void> check_id(std::string_view id, std::string_view field, std::string_view noun);
Result<void> check_count(std::size_t count, std::size_t count_max, std::string_view field,
                         std::string_view what);
// Of a principal, or given with a question: names that differ, values of a bounded number and size.
Result<void> check_attributes(const std::vector<Attribute>& all, std::string_view field);
// Fields "request", "resource", "principal" and "environment".
Result<void> check_attributes(const condition::GivenAttributes& given);
// In the years that can be written.
Result<void> check_instant(std::optional<Instant> t, std::string_view field);

class NounForm {
public:
    // The command outlives it.
    explicit NounForm(const Command& command)
        : tenant_{command.tenant},
          imported_{command.effective_at.has_value()},
          in_store_{command.tenant == store_tenant} {}

    bool imported() const { return imported_; }

    // `object` is where the noun's members are, "data" mostly.
    Result<void> tenant(std::string_view name) const;
    Result<void> principal_id(std::string_view id, std::string_view field) const;
    Result<void> display_name(std::string_view name) const;
    Result<void> description(std::string_view text, std::string_view object) const;
    Result<void> email(std::string_view text, bool required) const;
    Result<void> attributes(const std::vector<Attribute>& all) const;
    Result<void> principal(const Principal& value) const;
    Result<void> new_principal(const Principal& value) const;
    Result<void> membership(std::string_view group, std::string_view joining) const;
    Result<void> scope(std::string_view text) const;
    Result<void> scope_with_parent(std::string_view text, std::string_view parent) const;
    Result<void> condition(const std::optional<Condition>& value, std::string_view object) const;
    Result<void> window(const Window& value, std::string_view object) const;
    Result<void> role(const Role& value) const;
    Result<void> assignment_id(std::string_view id) const;
    Result<void> assignment(const Assignment& value, std::string_view object) const;
    Result<void> deny(const DenyAssignment& value) const;
    Result<void> eligibility(const Eligibility& value) const;
    Result<void> eligibility_id(std::string_view id) const;
    Result<void> invitation_id(std::string_view id) const;
    Result<void> secret_hash(std::string_view hash) const;
    Result<void> invitation(const Invitation& value) const;
    Result<void> settings(const std::vector<Setting>& all) const;
    Result<void> catalog(std::string_view name, std::uint64_t version,
                         const std::vector<Role>& roles) const;
    Result<void> token(const Token& value) const;

private:
    Result<void> patterns(const std::vector<std::string>& list, std::string_view field,
                          bool any_wildcards) const;
    Result<void> permissions(const std::vector<PermissionBlock>& blocks, bool any_wildcards) const;
    Result<void> names_an_action(const std::vector<PermissionBlock>& blocks,
                                 std::string_view what) const;
    Result<void> built_in_role(const Role& value) const;
    Result<void> custom_role(const Role& value) const;
    Result<void> role_size(const Role& value) const;
    Result<void> provided_role(const Role& value) const;
    Result<void> deny_principals(const DenyAssignment& value) const;

    std::string_view tenant_;
    bool imported_;
    bool in_store_;
};

}  // namespace tenure::domain
