#include "node/core.h"
#include "node/session_state.h"
#include "query/questions.h"

namespace tenure::node {

query::Engine& Session::State::current_engine() {
    const std::uint64_t number = core.index_number.load(std::memory_order_acquire);
    if (!engine || number != index_number) {
        engine.reset();
        index = core.current_index();
        engine = std::make_unique<query::Engine>(*index);
        index_number = number;
    }
    return *engine;
}

query::Moment Session::State::moment(const domain::AsOf& as_of) {
    const Instant now = core.clock->now();
    const Instant asked = std::min(as_of.at.value_or(now), now);
    return {now, core.closed_time->close(asked, now, core.log_writes),
            [this](Revision revision) { return effective_at(revision); }};
}

Instant Session::State::effective_at(Revision revision) {
    if (const auto known = effective.find(revision); known != effective.end()) return known->second;
    const auto entries = core.log->read(revision, 1);
    // The log was checked entry by entry; what cannot be read now was damaged since.
    if (!entries) storage::fatal_storage(entries.error().detail);
    if (entries.value().empty())
        storage::fatal_storage("the log has no revision " + std::to_string(revision.value));
    const auto event = event_of(entries.value()[0]);
    if (!event) storage::fatal_storage(event.error().detail);
    if (effective.size() >= effective_max) effective.clear();
    effective.emplace(revision, event.value().effective_at);
    return event.value().effective_at;
}

Session::Session(std::unique_ptr<State> state) : state_{std::move(state)} {}

Session::~Session() = default;

Result<query::CheckAnswer> Session::check(const domain::CheckQuestion& question) {
    return state_->ask(question.as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return engine.check(question, moment);
    });
}

Result<query::EverywhereAnswer> Session::check_everywhere(const domain::CheckQuestion& question) {
    return state_->ask(question.as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return engine.check_everywhere(question, moment);
    });
}

std::vector<Result<query::CheckAnswer>> Session::check_all(
    const std::vector<domain::CheckQuestion>& questions) {
    std::vector<Result<query::CheckAnswer>> answers;
    answers.reserve(questions.size());
    // All moments before the engine and the look: what is closed after these may hold events that
    // they do not show.
    std::vector<query::Moment> moments;
    moments.reserve(questions.size());
    for (const domain::CheckQuestion& question : questions)
        moments.push_back(state_->moment(question.as_of));
    state_->look([&](query::Engine& engine) {
        for (std::size_t i = 0; i < questions.size(); ++i)
            answers.push_back(engine.check(questions[i], moments[i]));
    });
    return answers;
}

Result<query::Explanation> Session::explain(const domain::CheckQuestion& question) {
    return state_->ask(question.as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::explain(engine, question, moment);
    });
}

Result<query::WhoCanAnswer> Session::who_can(const domain::WhoCanQuestion& question, bool groups,
                                             const query::Page& page) {
    return state_->ask(question.as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::who_can(engine, question, groups, page, moment);
    });
}

Result<query::WhatCanAnswer> Session::what_can(const domain::WhatCanQuestion& question,
                                               std::string_view within, const query::Page& page) {
    return state_->ask(question.as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::what_can(engine, question, within, page, moment);
    });
}

Result<query::WhenAnswer> Session::when(const domain::CheckQuestion& question) {
    return state_->ask(question.as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::when(engine, question, moment);
    });
}

Result<query::DiffAnswer> Session::diff(std::string_view tenant, std::string_view principal,
                                        const domain::AsOf& from, const domain::AsOf& to) {
    state_->moment(from);
    const query::Moment moment = state_->moment(to);
    return state_->look([&](query::Engine& engine) {
        return query::diff(engine, tenant, principal, from, to, moment);
    });
}

Result<query::HistoryAnswer> Session::history(std::string_view tenant, std::string_view kind,
                                              std::string_view id, const domain::AsOf& as_of) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::history(engine, tenant, kind, id, as_of, moment);
    });
}

Result<query::RolesAnswer> Session::roles(std::string_view tenant, std::string_view scope,
                                          const domain::AsOf& as_of) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::roles(engine, tenant, scope, as_of, moment);
    });
}

Result<query::RoleAnswer> Session::role(std::string_view tenant, std::string_view role,
                                        const domain::AsOf& as_of) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::role(engine, tenant, role, as_of, moment);
    });
}

Result<query::RoleHoldersAnswer> Session::role_holders(std::string_view tenant,
                                                       std::string_view role,
                                                       std::string_view scope, bool groups,
                                                       const domain::AsOf& as_of) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::role_holders(engine, tenant, role, scope, groups, as_of, moment);
    });
}

Result<query::HeldRolesAnswer> Session::held_roles(std::string_view tenant,
                                                   std::string_view principal,
                                                   std::string_view scope,
                                                   const domain::AsOf& as_of) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::held_roles(engine, tenant, principal, scope, as_of, moment);
    });
}

Result<query::PrincipalAnswer> Session::principal(std::string_view tenant,
                                                  std::string_view principal,
                                                  const domain::AsOf& as_of) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::principal(engine, tenant, principal, as_of, moment);
    });
}

std::optional<domain::PrincipalKind> Session::kind_of(std::string_view tenant,
                                                      std::string_view principal, Revision at) {
    return state_->look(
        [&](query::Engine& engine) { return query::kind_of(engine, tenant, principal, at); });
}

Result<query::AssignmentAnswer> Session::assignment(std::string_view tenant,
                                                    std::string_view assignment,
                                                    const domain::AsOf& as_of) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::assignment(engine, tenant, assignment, as_of, moment);
    });
}

Result<query::TokenAnswer> Session::token(std::string_view tenant, std::string_view token) {
    return state_->ask({}, [&](query::Engine& engine, const query::Moment& moment) {
        return query::token(engine, tenant, token, moment);
    });
}

Result<query::TokensAnswer> Session::tokens(std::string_view tenant, std::string_view principal,
                                            const domain::AsOf& as_of, const query::Page& page) {
    return state_->ask(as_of, [&](query::Engine& engine, const query::Moment& moment) {
        return query::tokens(engine, tenant, principal, as_of, page, moment);
    });
}

Revision Session::last_revision(std::string_view tenant) {
    return state_->look(
        [&](query::Engine& engine) { return query::last_revision(engine, tenant); });
}

Revision Session::head() {
    return state_->look([&](query::Engine& engine) { return engine.head(); });
}

std::uint64_t Session::seeks() const {
    return state_->engine ? state_->engine->reader().seeks() : 0;
}

}  // namespace tenure::node
