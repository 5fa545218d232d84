// Checks asked of the engine itself: what a question costs without the clock and the promises that
// a node adds.

#include <array>
#include <filesystem>

#include "bench/store_bench.h"

namespace tenure::bench {
namespace {

enum class When { now, revision, instant };

// Questions that are all asked once.
struct Round {
    std::vector<domain::CheckQuestion> questions;
    std::vector<double> came_at;
};

Round cold_round(const Setup& setup, std::uint64_t number) {
    Questions questions{setup.shape, setup.seed + number};
    Round round;
    for (std::uint64_t n = 0; n < setup.checks; ++n) {
        const std::uint64_t which = number * setup.checks + n;
        round.came_at.push_back(questions.came_at(which));
        round.questions.push_back(questions.cold(which));
    }
    return round;
}

// `users` people with four questions each, in turn.
Round hot_round(const Setup& setup, std::uint64_t users) {
    Questions questions{setup.shape, setup.seed};
    std::vector<domain::CheckQuestion> few;
    for (std::uint64_t user = 0; user < users; ++user) {
        domain::CheckQuestion question = questions.cold(user);
        for (int i = 0; i < 4; ++i) {
            few.push_back(question);
            question.scope = questions.cold(user).scope;
        }
    }
    Round round;
    // The first fifth is not counted: every question is asked at least twice before.
    const std::uint64_t count = std::max<std::uint64_t>(setup.checks, few.size() * 10);
    for (std::uint64_t n = 0; n < count; ++n) {
        round.questions.push_back(few[n % few.size()]);
        round.came_at.push_back(questions.came_at(n % few.size() / 4));
    }
    return round;
}

// Asks about moments since the principal had come.
void set_when(Round& round, When when, Revision head, std::uint64_t seed) {
    SeededRandom random{seed};
    const double span = static_cast<double>(history_end.us - history_begin.us);
    for (std::size_t i = 0; i < round.questions.size(); ++i) {
        const double chance = static_cast<double>(random.below(1U << 30U)) / (1U << 30U);
        const double share = round.came_at[i] + (1 - round.came_at[i]) * chance;
        domain::AsOf& as_of = round.questions[i].as_of;
        as_of = {};
        if (when == When::revision)
            as_of.revision = Revision{
                1 + static_cast<std::uint64_t>(share * static_cast<double>(head.value - 1))};
        if (when == When::instant)
            as_of.at = history_begin + static_cast<std::int64_t>(share * span);
    }
}

struct Outcome {
    Timings fresh;  // before the engine has met most groups
    Timings steady;
    double seeks = 0;
    double allowed = 0;
};

Outcome ask(query::Engine& engine, const Round& round) {
    const query::Moment moment{history_end, history_end, [](Revision) { return history_end; }};
    Outcome outcome;
    const std::size_t warm = round.questions.size() / 5;
    outcome.fresh.reserve(warm);
    outcome.steady.reserve(round.questions.size() - warm);
    engine.begin();
    std::uint64_t allowed = 0;
    std::uint64_t seeks = 0;
    for (std::size_t i = 0; i < round.questions.size(); ++i) {
        if (i == warm) seeks = engine.reader().seeks();
        const std::uint64_t begin = ticks();
        const auto answer = engine.check(round.questions[i], moment);
        (i < warm ? outcome.fresh : outcome.steady).add(ticks() - begin);
        if (!answer) give_up(answer.error().detail);
        if (answer.value().allowed) ++allowed;
    }
    outcome.seeks = static_cast<double>(engine.reader().seeks() - seeks) /
                    static_cast<double>(round.questions.size() - warm);
    outcome.allowed = static_cast<double>(allowed) / static_cast<double>(round.questions.size());
    engine.end();
    return outcome;
}

// What several rounds of one kind came to.
struct Kind {
    std::vector<double> p50, p99, mean, fresh, seeks, allowed;

    void add(const Outcome& outcome) {
        p50.push_back(outcome.steady.median());
        p99.push_back(outcome.steady.quantile(0.99));
        mean.push_back(outcome.steady.mean());
        fresh.push_back(outcome.fresh.median());
        seeks.push_back(outcome.seeks);
        allowed.push_back(outcome.allowed);
    }

    void show(Report& report, const std::string& name, std::optional<Target> target) const {
        report.add(name + ".p50", median_of(p50), "us", target);
        report.add(name + ".p99", median_of(p99), "us");
        report.add(name + ".mean", median_of(mean), "us");
        report.add(name + ".seeks", median_of(seeks), "/check");
    }
};

double ratio_of(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        if (b[i] > 0) ratios.push_back(a[i] / b[i]);
    return median_of(ratios);
}

constexpr std::array whens{When::now, When::revision, When::instant};
constexpr std::array when_names{"now", "revision", "instant"};

// Each kind in turn, round after round, so that a disturbance meets all of them.
std::array<Kind, 3> ask_all(const Setup& setup, const projection::Index& index,
                            const std::function<Round(std::uint64_t)>& questions) {
    std::array<Kind, 3> kinds;
    for (std::uint32_t number = 0; number < setup.rounds; ++number) {
        Round round = questions(number);
        for (std::size_t k = 0; k < whens.size(); ++k) {
            query::Engine engine{index};
            set_when(round, whens[k], index.visible(), setup.seed + number);
            kinds[k].add(ask(engine, round));
        }
    }
    return kinds;
}

void show_all(Report& report, const std::string& name, const std::array<Kind, 3>& kinds,
              double target) {
    for (std::size_t k = 0; k < whens.size(); ++k)
        kinds[k].show(report, name + "." + when_names[k],
                      k == 0 ? std::optional{at_most(target)} : std::nullopt);
    report.add(name + ".revision_to_now", ratio_of(kinds[1].p50, kinds[0].p50), "x", at_most(1.2));
    report.add(name + ".instant_to_now", ratio_of(kinds[2].p50, kinds[0].p50), "x", at_most(1.2));
    report.add(name + ".mean_revision_to_now", ratio_of(kinds[1].mean, kinds[0].mean), "x");
}

}  // namespace

void measure_checks(const Setup& setup, Report& report) {
    const OpenIndex open = open_index(setup.store());
    const auto hot = [&](std::uint64_t users) {
        return [&setup, users](std::uint64_t) { return hot_round(setup, users); };
    };
    show_all(report, "check.hot_one", ask_all(setup, *open.index, hot(1)), 2);
    show_all(report, "check.hot_thousand",
             ask_all(setup, *open.index, hot(std::min(1'000U, setup.shape.users()))), 2);
    const auto cold = ask_all(setup, *open.index,
                              [&](std::uint64_t number) { return cold_round(setup, number); });
    show_all(report, "check.cold", cold, 20);
    report.add("check.cold.now.fresh_p50", median_of(cold[0].fresh), "us");
    report.add("check.cold.allowed", 100 * median_of(cold[0].allowed), "%");
}

void measure_history(const Setup& setup, Report& report) {
    std::array<Setup, 2> setups{setup, setup};
    setups[0].shape.history = 1;
    const std::array<std::string, 2> stores{setup.directory + "/short", setup.directory + "/long"};
    std::array<OpenIndex, 2> open;
    for (std::size_t i = 0; i < 2; ++i) {
        fill_log(setups[i], stores[i], report);
        build_index(setups[i], stores[i], report);
        open[i] = open_index(stores[i]);
    }
    // [store][hot, cold][when]
    std::array<std::array<std::array<Kind, 3>, 2>, 2> kinds;
    for (std::uint32_t number = 0; number < setup.rounds; ++number)
        for (std::size_t k = 0; k < whens.size(); ++k)
            for (std::size_t store = 0; store < 2; ++store)
                for (std::size_t heat = 0; heat < 2; ++heat) {
                    Round round = heat == 0 ? hot_round(setups[store], 1'000)
                                            : cold_round(setups[store], number);
                    const projection::Index& index = *open[store].index;
                    query::Engine engine{index};
                    set_when(round, whens[k], index.visible(), setup.seed + number);
                    kinds[store][heat][k].add(ask(engine, round));
                }
    for (std::size_t heat = 0; heat < 2; ++heat)
        for (std::size_t k = 0; k < whens.size(); ++k) {
            const std::string name =
                std::string("history.") + (heat == 0 ? "hot." : "cold.") + when_names[k];
            const Kind& few = kinds[0][heat][k];
            const Kind& many = kinds[1][heat][k];
            report.add(name + ".short_p50", median_of(few.p50), "us");
            report.add(name + ".long_p50", median_of(many.p50), "us");
            report.add(name + ".long_to_short", ratio_of(many.p50, few.p50), "x",
                       k == 0 ? std::optional{at_most(1.15)} : std::nullopt);
            report.add(name + ".long_seeks", median_of(many.seeks), "/check");
        }
    for (std::size_t i = 0; i < 2; ++i) {
        open[i] = {};
        std::filesystem::remove_all(stores[i]);
    }
}

}  // namespace tenure::bench
