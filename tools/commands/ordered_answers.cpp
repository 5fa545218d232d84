#include "commands/ordered_answers.h"

#include <algorithm>
#include <cstdio>

#include "api/store_json.h"
#include "api/store_text.h"
#include "cli/problem.h"
#include "commands/batch_lines.h"

namespace tenure::commands {

std::function<void(Result<node::Receipt>)> OrderedAnswers::expect(std::uint64_t line) {
    std::unique_lock guard{mutex_};
    settled_.wait(guard, [&] { return slots_.size() < outstanding_max; });
    const std::uint64_t number = first_slot_ + slots_.size();
    slots_.push_back({line, std::nullopt});
    return [this, number](Result<node::Receipt> answer) {
        const std::lock_guard lock{mutex_};
        slots_[number - first_slot_].answer = std::move(answer);
        report_settled();
        settled_.notify_one();
    };
}

bool OrderedAnswers::storage_failed() const {
    const std::lock_guard guard{mutex_};
    return storage_failed_;
}

void OrderedAnswers::wait() {
    std::unique_lock guard{mutex_};
    settled_.wait(guard, [&] { return slots_.empty(); });
}

void OrderedAnswers::report_settled() {
    while (!slots_.empty() && slots_.front().answer) {
        report(slots_.front().line, *slots_.front().answer);
        slots_.pop_front();
        ++first_slot_;
    }
    if (slots_.empty() || unflushed_ >= unflushed_max) {
        std::fflush(stdout);
        unflushed_ = 0;
    }
}

void OrderedAnswers::report(std::uint64_t line, const Result<node::Receipt>& answer) {
    ++count_;
    ++unflushed_;
    if (answer) {
        last_ = std::max(last_, answer.value().last);
        if (program_.json()) program_.print_line(api::to_json(line, answer.value()));
        return;
    }
    ++refused_;
    if (cli::exit_of(answer.error().code) == Exit::storage) storage_failed_ = true;
    if (program_.json()) program_.print_line(api::to_json(line, answer.error()));
    program_.note(cli::problem_line(at_line(line, answer.error())));
}

}  // namespace tenure::commands
