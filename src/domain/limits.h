#pragma once
// Named limits of what can be stored. Sizes are bytes of UTF-8. Where Azure has a
// limit it is that one; the others are ours, chosen well above what the models need.

#include <cstddef>

namespace tenure::domain::limits {

inline constexpr std::size_t tenant_id_length_max = 128;
inline constexpr std::size_t id_length_max = 256;  // principals, roles, assignments, denies ...
inline constexpr std::size_t display_name_length_max = 512;
inline constexpr std::size_t email_length_max = 320;
inline constexpr std::size_t role_name_length_max = 512;
inline constexpr std::size_t description_length_max = 2048;
inline constexpr std::size_t reason_length_max = 2048;
inline constexpr std::size_t ticket_length_max = 256;
inline constexpr std::size_t source_length_max = 512;
inline constexpr std::size_t command_id_length_max = 256;
inline constexpr std::size_t scope_length_max = 2048;
inline constexpr std::size_t scope_segments_max = 64;
inline constexpr std::size_t action_length_max = 512;
inline constexpr std::size_t condition_length_max = 8192;
inline constexpr std::size_t condition_depth_max = 64;    // parentheses and NOTs around a part
inline constexpr std::size_t condition_parts_max = 1024;  // ANDs, ORs, NOTs and what they join
inline constexpr std::size_t condition_list_max = 256;    // values in one set, patterns in one list
// Bytes and pairs of values that the comparisons of one condition may look at together.
inline constexpr std::size_t condition_steps_max = std::size_t{1} << 20U;
inline constexpr std::size_t role_size_max = std::size_t{1} << 20U;
inline constexpr std::size_t assignable_scopes_max = 2000;
inline constexpr std::size_t permission_blocks_max = 64;
inline constexpr std::size_t deny_principals_max = 1000;
inline constexpr std::size_t attributes_max = 64;
inline constexpr std::size_t attribute_values_max = 64;
inline constexpr std::size_t attribute_value_length_max = 1024;
inline constexpr std::size_t secret_hash_length_max = 256;
inline constexpr std::size_t token_actions_max = 64;
inline constexpr std::size_t setting_value_length_max = 2048;
inline constexpr std::size_t invitation_roles_max = 64;
inline constexpr std::size_t settings_max = 64;
inline constexpr std::size_t catalog_name_length_max = 128;
inline constexpr std::size_t catalog_roles_max = 10'000;
inline constexpr std::size_t direct_groups_max = 4096;    // of one principal
inline constexpr std::size_t ancestor_groups_max = 4096;  // of one group, transitive
inline constexpr std::size_t scope_parents_max = 64;      // explicit parents above one scope
// What one command may make the writer look at.
inline constexpr std::size_t scopes_looked_at_max = 1'000'000;  // named scopes of a tenant
inline constexpr std::size_t assignments_below_max = 100'000;   // of the scope that is moved
inline constexpr std::size_t role_uses_counted_max = 10'000;
inline constexpr std::size_t batch_commands_max = 10'000;
// What one command may expand to (deleting a principal with all it holds).
inline constexpr std::size_t command_events_max = 100'000;

}  // namespace tenure::domain::limits
