#pragma once
// From a command key to its number in the log, in an LMDB file of its own: `commands/` in the log's
// directory. Private to this folder.
//
// The log keeps commands in the order they came, which costs its durable commit a few pages per
// batch. Keys are random, so finding them costs a page per command: that is done here, without
// waiting for the disk. All of it follows from the log and can be made anew.
//
// It is behind the log by less than `rows_behind_max` commands between appends; find() looks
// through these. It can be trusted after the program ended in any way while the machine went on,
// and after it was closed; the log's meta record LookupUse tells. Otherwise it is made anew by
// open().
//
// Threads: find() from any; the rest belongs to the log's writer.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "log/format.h"
#include "storage/environment.h"

namespace tenure::log {

class CommandLookup {
public:
    static constexpr std::uint64_t rows_behind_max = 256;

    // For the log in `log`, which outlives this. Does nothing to the disk before there are
    // commands.
    static Result<std::unique_ptr<CommandLookup>> open(storage::Environment& log);
    ~CommandLookup();
    CommandLookup(const CommandLookup&) = delete;
    CommandLookup& operator=(const CommandLookup&) = delete;

    std::optional<format::CommandValue> find(const std::array<std::uint64_t, 2>& key) const;

    // Part of a transaction of the log that adds commands.
    Result<void> mark_in_use(storage::WriteTxn& txn) const;
    // After that was committed; `count` commands are in the log now. Where there is no room the
    // lookup stays behind; nothing is lost.
    void added(std::uint64_t count);
    // Before a transaction of the log that discards the commands after `number`.
    Result<void> forget_above(std::uint64_t number);

    // Whether it finds all it should; part of EventLog::verify().
    Result<void> verify() const;

private:
    explicit CommandLookup(storage::Environment& log);

    std::string directory() const;
    bool can_be_trusted() const;
    // Opens the file, made anew if it is not one of this log; then adds what it lacks.
    Result<void> begin(bool trusted, std::uint64_t count);
    Result<void> open_environment();
    bool belongs_to_log(const storage::Environment& environment) const;
    Result<void> catch_up();

    storage::Environment& log_;
    std::array<std::uint64_t, 2> log_id_{};
    std::array<std::uint64_t, 2> boot_{};  // zero if this boot has no id
    std::unique_ptr<storage::Environment> environment_;
    std::atomic<const storage::Environment*> shared_{nullptr};  // environment_, for find()
    std::uint64_t applied_ = 0;  // the commands up to this number are in the lookup
    bool in_use_ = false;        // as the log knows it
};

// The same from the log alone, one command after the other from `first` on.
std::optional<format::CommandValue> scan_commands(const storage::Reader& reader,
                                                  const std::array<std::uint64_t, 2>& key,
                                                  std::uint64_t first);

}  // namespace tenure::log
