#include "bench/population.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/invariant.h"

namespace tenure::bench {
namespace {

// Groups of a department by how high they stand: the first number of each level, then the end.
constexpr std::array<std::uint32_t, 5> level_begin{0, 75, 106, 119, 125};
// The leaf group everybody of the department is in.
constexpr std::uint32_t everybody_group = 74;
// The top groups of the first departments have members from the whole company.
constexpr std::uint32_t company_groups = 20;
// In one department of four the first group holds hundreds of assignments.
constexpr std::uint32_t departments_per_wide_group = 4;

constexpr std::uint64_t mixed(std::uint64_t word) {
    word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    word = (word ^ (word >> 27U)) * 0x94D049BB133111EBULL;
    return word ^ (word >> 31U);
}

// Decimal, with zeros in front.
std::string padded(std::uint64_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
    return digits;
}

std::uint32_t level_of(std::uint32_t local_group) {
    std::uint32_t level = 0;
    while (local_group >= level_begin[level + 1]) ++level;
    return level;
}

}  // namespace

Shape Shape::at_scale(double scale) {
    Shape shape;
    shape.departments =
        std::max<std::uint32_t>(2, static_cast<std::uint32_t>(std::lround(400 * scale)));
    return shape;
}

std::uint32_t Shape::management_groups() const {
    if (!azure_paths) return 0;
    return (departments + departments_per_management_group - 1) / departments_per_management_group;
}

std::uint64_t Shape::base_events() const {
    // Scopes, groups and what they are nested in; then 12.86 events for each user: see Due.
    return roles().size() + scopes() + groups() * 2 + std::uint64_t{users()} * 1286 / 100;
}

std::string Names::user(std::uint32_t number) const {
    return "u" + padded(number, 6) + "@contoso.example";
}

std::string Names::group(std::uint32_t number) const {
    return "g" + padded(number, 5) + "@groups.contoso";
}

std::string Names::subject(std::uint32_t number) const {
    return number < shape_.groups() ? group(number) : user(number - shape_.groups());
}

std::string Names::management_group(std::uint32_t number) const {
    return "/providers/Microsoft.Management/managementGroups/mg-" + padded(number, 3);
}

std::string Names::scope(std::uint32_t number) const {
    if (number == shape_.scopes()) return "/";
    const std::uint32_t department = number / Shape::scopes_per_department;
    const std::uint32_t local = number % Shape::scopes_per_department;
    std::string scope = "/subscriptions/sub-" + padded(department, 4) + "-prod";
    if (local == 0) return scope;
    constexpr std::uint32_t groups = Shape::resource_groups_per_department;
    const std::uint32_t group = local <= groups ? local - 1 : (local - 1) % groups;
    scope += "/resourceGroups/rg-" + padded(group, 2) + "-payments";
    if (local <= groups) return scope;
    if (shape_.azure_paths) scope += "/providers/Microsoft.Compute/virtualMachines";
    scope += "/vm-" + padded(department, 4) + "-" + padded(local, 3);
    return scope;
}

std::string Names::assignment(std::uint32_t number) const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id = "ra-";
    const std::uint64_t word = mixed(number + 1ULL);
    for (unsigned shift = 64; shift > 0; shift -= 4) id += digits[(word >> (shift - 4)) & 15U];
    return id;
}

// Building the company.

Population::Population(const Shape& shape, std::uint64_t seed)
    : shape_{shape},
      names_{shape},
      random_{seed},
      step_us_{(history_end.us - history_begin.us) / static_cast<std::int64_t>(shape.events())} {
    groups_of_.resize(shape.users());
    group_count_.resize(shape.users());
    disabled_.resize(shape.users());
    live_.reserve(std::size_t{shape.users()} * 2 + 1'000);
    // At most one in twenty is taken for a repetition without being one.
    std::size_t bits = 1U << 16U;
    while (bits < std::size_t{shape.users()} * 60) bits *= 2;
    given_.resize(bits);
}

void Population::step() {
    if (stage_ == 0) return found();
    if (users_ < shape_.users()) return arrive();
    if (stage_ == 1) {
        stage_ = 2;
        extra_ = shape_.base_events() * (shape_.history - 1);
    }
    if (extra_ > 0) return go_on();
    while (!returns_.empty()) {
        come_back(returns_.front());
        returns_.pop_front();
    }
}

// Roles, scopes, groups: before the first user.
void Population::found() {
    const auto role_count = static_cast<std::uint32_t>(roles().size());
    std::uint32_t at = founded_++;
    if (at == 0) {
        waiting_.push_back({Kind::tenant});
        return;
    }
    at -= 1;
    if (at < role_count) {
        waiting_.push_back({.kind = Kind::role, .role = at});
        return;
    }
    at -= role_count;
    if (at < shape_.management_groups()) {
        waiting_.push_back({.kind = Kind::management_group, .scope = at});
        return;
    }
    at -= shape_.management_groups();
    if (at < shape_.scopes()) {
        waiting_.push_back({.kind = Kind::scope, .scope = at});
        return;
    }
    at -= shape_.scopes();
    // From the top of the departments down, so that what a group is put into exists.
    const std::uint32_t local = Shape::groups_per_department - 1 - at / shape_.departments;
    create_group(at % shape_.departments * Shape::groups_per_department + local);
    if (at + 1 == shape_.groups()) stage_ = 1;
}

void Population::create_group(std::uint32_t group) {
    waiting_.push_back({.kind = Kind::group, .object = group});
    const std::uint32_t department = group / Shape::groups_per_department;
    const std::uint32_t level = level_of(group % Shape::groups_per_department);
    if (level == 3) return;
    const auto above = [&](std::uint32_t of) {
        const std::uint32_t count = level_begin[level + 2] - level_begin[level + 1];
        return of * Shape::groups_per_department + level_begin[level + 1] +
               static_cast<std::uint32_t>(random_.below(count));
    };
    if (random_.below(100) < 95)
        waiting_.push_back({.kind = Kind::nest, .subject = group, .object = above(department)});
    const auto other = static_cast<std::uint32_t>(random_.below(shape_.departments));
    if (random_.below(100) < 10 && other != department)
        waiting_.push_back({.kind = Kind::nest, .subject = group, .object = above(other)});
}

void Population::arrive() {
    const std::uint32_t user = users_++;
    waiting_.push_back({.kind = Kind::user, .subject = user});
    const std::uint32_t department = user % shape_.departments;
    join(user, department * Shape::groups_per_department + everybody_group);
    const std::uint32_t company = std::min(company_groups, shape_.departments);
    join(user, static_cast<std::uint32_t>(random_.below(company)) * Shape::groups_per_department +
                   Shape::groups_per_department - 1);
    for (int i = 0; i < 2; ++i)
        while (!join_somewhere(user)) {
        }
    for (Due* due :
         {&joins_, &assigns_, &moves_, &role_changes_, &reassigns_, &updates_, &disables_})
        due->amount += due->rate;
    while (joins_.take())
        while (!join_somewhere(any_user())) {
        }
    while (assigns_.take())
        while (!assign()) {
        }
    while (moves_.take()) {
        const std::uint32_t mover = any_user();
        if (leave(mover))
            while (!join_somewhere(mover)) {
            }
    }
    while (role_changes_.take())
        while (!change_role(static_cast<std::uint32_t>(random_.below(live_.size())), any_role())) {
        }
    while (reassigns_.take())
        if (revoke())
            while (!assign()) {
            }
    while (updates_.take()) update();
    while (disables_.take()) disable();
    if (!shape_.denies) return;
    denies_.amount += denies_.rate;
    while (denies_.take()) deny();
}

// History that ends where it began.
void Population::go_on() {
    if (returns_.size() >= returns_waiting) {
        come_back(returns_.front());
        returns_.pop_front();
    } else if (random_.below(10) < 7) {
        const std::uint32_t user = any_user();
        if (!leave(user)) return;
        returns_.push_back({true, user, waiting_.back().object});
    } else {
        const auto place = static_cast<std::uint32_t>(random_.below(live_.size()));
        LiveAssignment& assignment = live_[place];
        const std::uint32_t role = any_role();
        if (assignment.away || assignment.role == role) return;
        returns_.push_back({false, place, assignment.role});
        assignment.role = static_cast<std::uint8_t>(role);
        assignment.away = true;
        waiting_.push_back({.kind = Kind::change_role, .object = assignment.number, .role = role});
    }
    extra_ -= std::min<std::uint64_t>(extra_, 1);
}

void Population::come_back(const Return& back) {
    if (back.membership) {
        join(back.subject, back.object);
        return;
    }
    LiveAssignment& assignment = live_[back.subject];
    assignment.away = false;
    assignment.role = static_cast<std::uint8_t>(back.object);
    waiting_.push_back(
        {.kind = Kind::change_role, .object = assignment.number, .role = back.object});
}

// Single changes. Each makes the change in the state and puts it in waiting_, or does nothing and
// returns false.

std::uint32_t Population::any_user() {
    for (;;) {
        const auto user = static_cast<std::uint32_t>(random_.below(users_));
        if (!disabled_[user]) return user;
    }
}

bool Population::join(std::uint32_t user, std::uint32_t group) {
    auto& groups = groups_of_[user];
    std::uint8_t& count = group_count_[user];
    if (count == groups_of_user_max) return false;
    if (std::find(groups.begin(), groups.begin() + count, group) != groups.begin() + count)
        return false;
    groups[count++] = group;
    ++memberships_;
    waiting_.push_back({.kind = Kind::join, .subject = user, .object = group});
    return true;
}

// Mostly a team of the own department, some teams being much larger than others.
bool Population::join_somewhere(std::uint32_t user) {
    if (group_count_[user] == groups_of_user_max) {
        // Somebody else then; who has this many groups gets no more.
        do {
            user = any_user();
        } while (group_count_[user] == groups_of_user_max);
    }
    std::uint32_t department = user % shape_.departments;
    const std::uint64_t kind = random_.below(10);
    if (kind < 2) department = static_cast<std::uint32_t>(random_.below(shape_.departments));
    const double skewed = std::pow(static_cast<double>(random_.below(1U << 20U)) / (1U << 20U), 2);
    auto local = static_cast<std::uint32_t>(skewed * everybody_group);
    if (kind == 2) local = static_cast<std::uint32_t>(random_.below(Shape::groups_per_department));
    return join(user, department * Shape::groups_per_department + local);
}

bool Population::leave(std::uint32_t user) {
    std::uint8_t& count = group_count_[user];
    if (count == 0) return false;
    auto& groups = groups_of_[user];
    const std::size_t place = random_.below(count);
    const std::uint32_t group = groups[place];
    groups[place] = groups[--count];
    --memberships_;
    waiting_.push_back({.kind = Kind::leave, .subject = user, .object = group});
    return true;
}

std::uint32_t Population::department_of(std::uint32_t subject) const {
    return subject < shape_.groups() ? subject / Shape::groups_per_department
                                     : (subject - shape_.groups()) % shape_.departments;
}

std::uint32_t Population::any_role() {
    // The first three are the general ones: owner, contributor, reader.
    const std::uint64_t kind = random_.below(100);
    if (kind == 0) return 0;
    if (kind < 5) return 1;
    if (kind < 15) return 2;
    return 3 + static_cast<std::uint32_t>(random_.below(roles().size() - 3));
}

std::uint32_t Population::any_scope(std::uint32_t department, bool to_group) {
    const std::uint64_t level = random_.below(5'000);
    if (to_group && level == 0) return shape_.scopes();
    if (random_.below(100) < 15)
        department = static_cast<std::uint32_t>(random_.below(shape_.departments));
    constexpr std::uint32_t groups = Shape::resource_groups_per_department;
    std::uint32_t local = 0;
    if (level >= (to_group ? 2'000U : 1'000U))
        local =
            1 + groups +
            static_cast<std::uint32_t>(random_.below(Shape::scopes_per_department - groups - 1));
    else if (level >= (to_group ? 500U : 150U))
        local = 1 + static_cast<std::uint32_t>(random_.below(groups));
    return department * Shape::scopes_per_department + local;
}

bool Population::first_time(std::uint32_t subject, std::uint32_t role, std::uint32_t scope) {
    const std::uint64_t word = mixed(mixed((std::uint64_t{subject} << 32U) | scope) + role + 1);
    auto bit = given_[word % given_.size()];
    if (bit) return false;
    bit = true;
    return true;
}

bool Population::assign() {
    std::uint32_t subject = 0;
    if (const std::uint64_t kind = random_.below(100); kind < 40) {
        subject = shape_.groups() + any_user();
    } else if (kind < 43) {
        const std::uint32_t wide =
            (shape_.departments + departments_per_wide_group - 1) / departments_per_wide_group;
        subject = static_cast<std::uint32_t>(random_.below(wide)) * departments_per_wide_group *
                  Shape::groups_per_department;
    } else {
        subject = static_cast<std::uint32_t>(random_.below(shape_.groups()));
    }
    const std::uint32_t scope = any_scope(department_of(subject), subject < shape_.groups());
    const std::uint32_t role = any_role();
    if (!first_time(subject, role, scope)) return false;
    live_.push_back({assignments_made_, subject, scope, static_cast<std::uint8_t>(role)});
    waiting_.push_back({Kind::assign, subject, assignments_made_++, scope, role});
    return true;
}

bool Population::change_role(std::uint32_t place, std::uint32_t role) {
    LiveAssignment& assignment = live_[place];
    if (assignment.role == role || !first_time(assignment.subject, role, assignment.scope))
        return false;
    assignment.role = static_cast<std::uint8_t>(role);
    waiting_.push_back({.kind = Kind::change_role, .object = assignment.number, .role = role});
    return true;
}

bool Population::revoke() {
    if (live_.empty()) return false;
    const std::size_t place = random_.below(live_.size());
    waiting_.push_back({.kind = Kind::revoke, .object = live_[place].number});
    live_[place] = live_.back();
    live_.pop_back();
    return true;
}

void Population::update() {
    waiting_.push_back({.kind = Kind::update_user, .subject = any_user()});
}

bool Population::disable() {
    const std::uint32_t user = any_user();
    if (user < 1'000) return false;  // these act for the others
    disabled_[user] = true;
    waiting_.push_back({.kind = Kind::disable_user, .subject = user});
    return true;
}

void Population::deny() {
    const auto group = static_cast<std::uint32_t>(random_.below(shape_.groups()));
    waiting_.push_back({Kind::deny, group, denies_made_++, any_scope(department_of(group), false),
                        static_cast<std::uint32_t>(random_.below(actions().size()))});
}

// From numbers to texts.

bool Population::next(domain::Event& event) {
    while (waiting_.empty()) {
        if (stage_ == 2 && extra_ == 0 && returns_.empty()) return false;
        step();
    }
    const Change change = waiting_.front();
    waiting_.pop_front();
    // Half regular, half by chance.
    at_ =
        at_ + (step_us_ / 2 + 1 +
               static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(step_us_) + 1)));
    event = {};
    event.revision = Revision{++revision_};
    event.term = Term{1};
    event.recorded_at = at_;
    event.effective_at = at_;
    event.tenant = tenant_name;
    event.actor = actor_of(change);
    event.body = body_of(change);
    event.cause.command = domain::type_of(command_of(change));
    if (random_.one_in(10)) event.cause.ticket = "CHG" + padded(revision_, 7);
    return true;
}

domain::Command Population::next_command() {
    while (waiting_.empty()) {
        const std::uint64_t kind = random_.below(100);
        if (kind < 30)
            join_somewhere(any_user());
        else if (kind < 55)
            leave(any_user());
        else if (kind < 75)
            assign();
        else if (kind < 85)
            revoke();
        else
            change_role(static_cast<std::uint32_t>(random_.below(live_.size())), any_role());
    }
    const Change change = waiting_.front();
    waiting_.pop_front();
    domain::Command command;
    command.tenant = tenant_name;
    command.actor = domain::system_actor;  // what the rights of actors cost is not measured here
    if (random_.one_in(10)) command.ticket = "CHG" + padded(random_.below(9'999'999), 7);
    command.body = command_of(change);
    return command;
}

std::string Population::actor_of(const Change& change) {
    if (users_ == 0 || change.kind == Kind::user) return std::string(domain::system_actor);
    return names_.user(static_cast<std::uint32_t>(random_.below(std::min(users_, 1'000U))));
}

namespace {

domain::Principal user_of(const Names& names, std::uint32_t number, std::string_view title) {
    domain::Principal user;
    user.id = names.user(number);
    user.kind = domain::PrincipalKind::user;
    user.display_name = std::string(title) + " Person " + padded(number, 6);
    return user;
}

}  // namespace

domain::EventBody Population::body_of(const Change& change) const {
    switch (change.kind) {
        case Kind::tenant:
            return domain::TenantCreated{"Contoso", false};
        case Kind::role:
            return domain::RoleDefined{roles()[change.role]};
        case Kind::management_group:
            return domain::ScopeCreated{names_.management_group(change.scope), {}, {}};
        case Kind::scope: {
            const bool placed =
                shape_.azure_paths && change.scope % Shape::scopes_per_department == 0;
            const std::uint32_t parent = change.scope / Shape::scopes_per_department /
                                         Shape::departments_per_management_group;
            return domain::ScopeCreated{names_.scope(change.scope),
                                        placed ? names_.management_group(parent) : std::string{},
                                        {}};
        }
        case Kind::group: {
            domain::Principal group;
            group.id = names_.group(change.object);
            group.kind = domain::PrincipalKind::group;
            group.display_name = "Team " + padded(change.object, 5);
            return domain::PrincipalCreated{std::move(group)};
        }
        case Kind::nest:
            return domain::MemberAdded{names_.group(change.object), names_.group(change.subject)};
        case Kind::user:
            return domain::PrincipalCreated{user_of(names_, change.subject, "New")};
        case Kind::update_user:
            return domain::PrincipalUpdated{user_of(names_, change.subject, "Senior")};
        case Kind::disable_user:
            return domain::PrincipalDisabled{names_.user(change.subject)};
        case Kind::join:
            return domain::MemberAdded{names_.group(change.object), names_.user(change.subject)};
        case Kind::leave:
            return domain::MemberRemoved{names_.group(change.object), names_.user(change.subject)};
        case Kind::assign: {
            domain::Assignment assignment;
            assignment.id = names_.assignment(change.object);
            assignment.principal = names_.subject(change.subject);
            assignment.role = roles()[change.role].id;
            assignment.scope = names_.scope(change.scope);
            // One in a hundred is for a time: most of these are over.
            if (change.object % 100 == 0) assignment.window.end = history_end + -1;
            return domain::AssignmentCreated{std::move(assignment)};
        }
        case Kind::change_role:
            return domain::AssignmentRoleChanged{names_.assignment(change.object),
                                                 roles()[change.role].id};
        case Kind::revoke:
            return domain::AssignmentRevoked{names_.assignment(change.object)};
        case Kind::deny: {
            domain::DenyAssignment deny;
            deny.id = "deny-" + padded(change.object, 6);
            deny.name = "Deny " + padded(change.object, 6);
            deny.scope = names_.scope(change.scope);
            deny.principals = {names_.subject(change.subject)};
            const std::string& denied = actions()[change.role].name;
            const std::string type = denied.substr(0, denied.find('/', denied.find('/') + 1));
            deny.permissions.push_back(
                {{type + "/*"}, {type + "/read"}, {type + "/data/*"}, {}, {}});
            return domain::DenyCreated{std::move(deny)};
        }
    }
    INVARIANT(false);
    return {};
}

domain::CommandBody Population::command_of(const Change& change) const {
    switch (change.kind) {
        case Kind::tenant:
            return domain::CreateTenant{};
        case Kind::role:
            return domain::DefineRole{};
        case Kind::management_group:
        case Kind::scope:
            return domain::CreateScope{};
        case Kind::group:
        case Kind::user:
            return domain::CreatePrincipal{};
        case Kind::update_user:
            return domain::UpdatePrincipal{};
        case Kind::disable_user:
            return domain::DisablePrincipal{};
        case Kind::nest:
            return domain::AddMember{names_.group(change.object), names_.group(change.subject)};
        case Kind::join:
            return domain::AddMember{names_.group(change.object), names_.user(change.subject)};
        case Kind::leave:
            return domain::RemoveMember{names_.group(change.object), names_.user(change.subject)};
        case Kind::assign:
            return domain::CreateAssignment{
                std::get<domain::AssignmentCreated>(body_of(change)).assignment};
        case Kind::change_role:
            return domain::ChangeAssignmentRole{names_.assignment(change.object),
                                                roles()[change.role].id};
        case Kind::revoke:
            return domain::RevokeAssignment{names_.assignment(change.object)};
        case Kind::deny:
            return domain::CreateDeny{std::get<domain::DenyCreated>(body_of(change)).deny};
    }
    INVARIANT(false);
    return {};
}

// Questions.

Questions::Questions(const Shape& shape, std::uint64_t seed)
    : shape_{shape}, names_{shape}, random_{seed} {}

std::uint32_t Questions::user_of(std::uint64_t n) const {
    // A step without a common factor visits all users.
    std::uint64_t step = shape_.users() * 10ULL / 27 + 1;
    while (std::gcd(step, std::uint64_t{shape_.users()}) != 1) ++step;
    return static_cast<std::uint32_t>(n * step % shape_.users());
}

domain::CheckQuestion Questions::cold(std::uint64_t n) { return about(user_of(n)); }

double Questions::came_at(std::uint64_t n) const {
    const double founding = static_cast<double>(shape_.scopes() + shape_.groups() * 2) /
                            static_cast<double>(shape_.base_events());
    const double share = static_cast<double>(user_of(n) + 1) / shape_.users();
    return (founding + (1 - founding) * share) / shape_.history;
}

domain::CheckQuestion Questions::about(std::uint32_t user) {
    std::uint32_t department = user % shape_.departments;
    if (random_.one_in(3))
        department = static_cast<std::uint32_t>(random_.below(shape_.departments));
    // A resource, the usual object of a question.
    constexpr std::uint32_t first = 1 + Shape::resource_groups_per_department;
    const auto local =
        static_cast<std::uint32_t>(first + random_.below(Shape::scopes_per_department - first));
    const Action& action = actions()[random_.below(actions().size())];
    domain::CheckQuestion question;
    question.tenant = tenant_name;
    question.principal = names_.user(user);
    question.action = action.name;
    question.plane = action.plane;
    question.scope = names_.scope(department * Shape::scopes_per_department + local);
    return question;
}

}  // namespace tenure::bench
