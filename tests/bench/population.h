#pragma once
// Population: the history of a company, drawn from a seed, that the benchmarks are run on. It
// streams events in order and remembers only what the next one depends on: some bytes for each
// user, group and assignment, nothing for each event.
//
// The company has departments, all of the same size; the scale says how many. At scale 1: 1M users,
// 50k groups nested up to four deep, 8 direct groups a user, 220k scopes five segments deep, 2M
// assignments in force, and about 13M events over eight years: 11.3M make that state, the others
// are moves between groups, changes of role, revocations and the like. At other scales there are
// fewer or more departments of the same kind.
//
// `history` multiplies the events and leaves the state as it is: after the last year above come
// people who leave a group and come back, and roles that are changed and changed back.
//
// Names and questions follow from the shape alone, so a store can be asked without the population
// that filled it.

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "domain/command.h"
#include "domain/event.h"
#include "domain/question.h"

namespace tenure::bench {

inline constexpr std::string_view tenant_name = "contoso";

struct Shape {
    std::uint32_t departments = 400;
    std::uint32_t history = 1;
    // Resources under a provider and a type, as in Azure, and subscriptions under management
    // groups.
    bool azure_paths = false;
    // Deny assignments of groups, one for each 50 users.
    bool denies = false;

    static constexpr std::uint32_t users_per_department = 2'500;
    static constexpr std::uint32_t groups_per_department = 125;
    static constexpr std::uint32_t resource_groups_per_department = 49;
    static constexpr std::uint32_t scopes_per_department = 550;
    static constexpr std::uint32_t departments_per_management_group = 20;

    static Shape at_scale(double scale);

    std::uint32_t users() const { return departments * users_per_department; }

    std::uint32_t groups() const { return departments * groups_per_department; }

    std::uint32_t scopes() const { return departments * scopes_per_department; }

    std::uint32_t management_groups() const;
    // Without `history`, and with it; a little more or less comes out.
    std::uint64_t base_events() const;

    std::uint64_t events() const { return base_events() * history; }
};

// First and last instant of the history.
inline constexpr Instant history_begin{1'451'606'400'000'000};  // 2016-01-01
inline constexpr Instant history_end{1'704'067'200'000'000};    // 2024-01-01

// What things are called. Numbers begin at 0.
class Names {
public:
    explicit Names(const Shape& shape) : shape_{shape} {}

    std::string user(std::uint32_t number) const;
    std::string group(std::uint32_t number) const;
    // Subjects of assignments: the groups, then the users.
    std::string subject(std::uint32_t number) const;
    // The number after the last one is "/".
    std::string scope(std::uint32_t number) const;
    std::string management_group(std::uint32_t number) const;
    std::string assignment(std::uint32_t number) const;

private:
    Shape shape_;
};

// Roles are the same at all scales.
const std::vector<domain::Role>& roles();

struct Action {
    std::string name;
    domain::Plane plane{};
};

// Actions that people ask about; each is in some role.
const std::vector<Action>& actions();

class Population {
public:
    Population(const Shape& shape, std::uint64_t seed);

    // The next event of the history, without gaps from revision 1 on; false at its end.
    bool next(domain::Event& event);
    // After the end: what goes on happening, for ever; each assumes that those before it were
    // carried out.
    domain::Command next_command();

    std::uint64_t users() const { return users_; }

    std::uint64_t memberships() const { return memberships_; }

    std::uint64_t assignments() const { return live_.size(); }

private:
    enum class Kind : std::uint8_t {
        tenant,
        role,
        management_group,
        scope,
        group,
        nest,
        user,
        update_user,
        disable_user,
        join,
        leave,
        assign,
        change_role,
        revoke,
        deny,
    };

    // What it is about, by number.
    struct Change {
        Kind kind{};
        std::uint32_t subject = 0;
        std::uint32_t object = 0;
        std::uint32_t scope = 0;
        std::uint32_t role = 0;
    };

    struct LiveAssignment {
        std::uint32_t number;
        std::uint32_t subject;
        std::uint32_t scope;
        std::uint8_t role;
        bool away = false;  // its role will be changed back
    };

    // An event that takes back an earlier one.
    struct Return {
        bool membership;
        std::uint32_t subject;  // a user, or a place in live_
        std::uint32_t object;   // the group, or the role
    };

    // Rates by the user that joins the company, kept as what is due.
    struct Due {
        double rate;
        double amount = 0;

        bool take() {
            if (amount < 1) return false;
            amount -= 1;
            return true;
        }
    };

    void step();
    void found();
    void arrive();
    void go_on();

    void create_group(std::uint32_t group);
    bool join(std::uint32_t user, std::uint32_t group);
    bool join_somewhere(std::uint32_t user);
    bool leave(std::uint32_t user);
    bool assign();
    bool change_role(std::uint32_t place, std::uint32_t role);
    bool revoke();
    void update();
    bool disable();
    void deny();
    void come_back(const Return& back);

    std::uint32_t any_user();
    std::uint32_t any_role();
    std::uint32_t any_scope(std::uint32_t department, bool to_group);
    // Remembers that the subject was given the role there; false if it (perhaps) was before.
    bool first_time(std::uint32_t subject, std::uint32_t role, std::uint32_t scope);
    std::uint32_t department_of(std::uint32_t subject) const;

    domain::EventBody body_of(const Change& change) const;
    domain::CommandBody command_of(const Change& change) const;
    std::string actor_of(const Change& change);

    static constexpr std::size_t groups_of_user_max = 16;
    static constexpr std::size_t returns_waiting = 1'024;

    Shape shape_;
    Names names_;
    SeededRandom random_;
    std::deque<Change> waiting_;  // already part of the state below
    std::uint64_t revision_ = 0;
    Instant at_ = history_begin;
    std::int64_t step_us_;  // between two events, on average

    std::uint32_t stage_ = 0;
    std::uint32_t founded_ = 0;
    std::uint32_t users_ = 0;
    std::uint64_t memberships_ = 0;
    std::uint64_t extra_ = 0;  // events that `history` still asks for
    std::vector<std::array<std::uint32_t, groups_of_user_max>> groups_of_;
    std::vector<std::uint8_t> group_count_;
    std::vector<bool> disabled_;
    std::vector<LiveAssignment> live_;
    std::uint32_t assignments_made_ = 0;
    std::vector<bool> given_;  // by hash of subject, role and scope
    std::deque<Return> returns_;

    Due joins_{4.0};
    Due assigns_{2.0};
    Due moves_{0.5};
    Due role_changes_{0.4};
    Due reassigns_{0.2};
    Due updates_{0.05};
    Due disables_{0.01};
    Due denies_{0.02};
    std::uint32_t denies_made_ = 0;
};

// Questions about the population, from a seed.
class Questions {
public:
    Questions(const Shape& shape, std::uint64_t seed);

    // Number n of those that ask about each user once, in random order, before any is asked about
    // again. Two thirds are about scopes of the user's own department.
    domain::CheckQuestion cold(std::uint64_t n);
    // Some questions about one user.
    domain::CheckQuestion about(std::uint32_t user);
    // How much of the history had passed when the user of cold(n) had come: 0 to 1.
    double came_at(std::uint64_t n) const;

private:
    std::uint32_t user_of(std::uint64_t n) const;

    Shape shape_;
    Names names_;
    SeededRandom random_;
};

}  // namespace tenure::bench
