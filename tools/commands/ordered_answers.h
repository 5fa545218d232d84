#pragma once
// OrderedAnswers: what became of commands that are carried out while more of them are read. Each is
// reported as soon as it and all before it are settled: on standard output when it is durable, on
// standard error when it is refused.
//
// One thread expects answers, the store's writer gives them. Output is flushed whenever nothing is
// outstanding, so that whoever reads it knows what has been acknowledged.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "commands/program.h"

namespace tenure::commands {

class OrderedAnswers {
public:
    explicit OrderedAnswers(Program& program) : program_{program} {}

    // All that was expected has been answered.
    ~OrderedAnswers() { wait(); }

    OrderedAnswers(const OrderedAnswers&) = delete;
    OrderedAnswers& operator=(const OrderedAnswers&) = delete;

    // Announces the answer about a line. Waits while too many are outstanding. What it returns is
    // called once, by any thread.
    std::function<void(Result<node::Receipt>)> expect(std::uint64_t line);
    void wait();
    // Of an answer so far: nothing that follows can succeed.
    bool storage_failed() const;

    // After wait():
    std::size_t count() const { return count_; }

    std::size_t refused() const { return refused_; }

    Revision last() const { return last_; }

private:
    static constexpr std::size_t outstanding_max = 4'096;
    static constexpr std::size_t unflushed_max = 512;

    struct Slot {
        std::uint64_t line = 0;
        std::optional<Result<node::Receipt>> answer;
    };

    void report_settled();
    void report(std::uint64_t line, const Result<node::Receipt>& answer);

    Program& program_;
    mutable std::mutex mutex_;
    std::condition_variable settled_;
    std::deque<Slot> slots_;
    std::uint64_t first_slot_ = 0;  // number of slots_.front()
    std::size_t count_ = 0;
    std::size_t refused_ = 0;
    std::size_t unflushed_ = 0;
    bool storage_failed_ = false;
    Revision last_;
};

}  // namespace tenure::commands
