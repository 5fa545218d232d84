#pragma once
// DecisionLog: who asked what, when, and what was answered at which revision; one JSON object a
// line. Written by a thread of its own; those who answer only hand over text. When the disk cannot
// keep up the newest are dropped and counted, never waited for. Rotated by size:
// FILE, FILE.1 (newer), FILE.2 ...

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/instant.h"
#include "base/result.h"
#include "domain/question.h"
#include "query/answers.h"
#include "server/settings.h"

namespace tenure::server {

class DecisionLog {
public:
    // Opens the file; without one it takes nothing.
    static Result<std::unique_ptr<DecisionLog>> open(const DecisionLogSettings& settings);
    ~DecisionLog();  // writes what it was given
    DecisionLog(const DecisionLog&) = delete;
    DecisionLog& operator=(const DecisionLog&) = delete;

    bool on() const { return !settings_.file.empty(); }

    struct Asking {
        std::string_view door;
        std::string_view asker;
        std::string_view request_id;
        Instant now;
    };

    void add(const Asking& asking, const domain::CheckQuestion& question,
             const Result<query::CheckAnswer>& answer);

    std::uint64_t dropped() const;

    struct Closing {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    using File = std::unique_ptr<std::FILE, Closing>;

    // The file opened once more, for go_on_in(): somebody else has moved it. Null if there is none.
    Result<File> open_anew() const;
    // What comes from now on is written to it.
    void go_on_in(File file);

private:
    DecisionLog(const DecisionLogSettings& settings, File file);
    void loop();
    void rotate();

    static constexpr std::size_t waiting_bytes_max = std::size_t{16} << 20U;

    const DecisionLogSettings settings_;
    File file_;  // the thread's, as file_bytes_
    std::uint64_t file_bytes_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::string waiting_;
    std::uint64_t dropped_ = 0;
    File next_;  // to go on in
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace tenure::server
