// verify, backup and restore.

#include "node/maintenance.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT: kill is not in <csignal>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "node/copy_notes.h"
#include "node/core.h"

namespace tenure::node {
namespace {

namespace fs = std::filesystem;

// Removes a directory that is only needed for a while.
class Scratch {
public:
    explicit Scratch(std::string path) : path_{std::move(path)} {}

    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

constexpr std::string_view scratch_prefix = "verify-";

// What verifications that were killed have left: "verify-<process>-<n>" of a process that is no
// more.
void remove_dead_scratch(const std::string& directory) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{directory, error}) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(scratch_prefix)) continue;
        ::pid_t process = 0;
        const char* const begin = name.data() + scratch_prefix.size();
        const auto number = std::from_chars(begin, name.data() + name.size(), process);
        if (number.ec != std::errc{} || process <= 0) continue;
        if (::kill(process, 0) == 0 || errno != ESRCH) continue;
        std::error_code ignored;
        fs::remove_all(entry.path(), ignored);
    }
}

Result<void> verify_log(const log::EventLog& log, std::string_view work,
                        const std::function<void(const Progress&)>& progress) {
    return log.verify([&](const log::VerifyProgress& at) {
        if (progress) progress({work, at.done.value, at.last.value});
    });
}

// For a copy that nobody writes to: maps what is there and no address space beyond.
log::OpenOptions as_it_is() {
    log::OpenOptions options;
    options.read_only = true;
    options.map_bytes = 1;
    return options;
}

Result<void> check_unused(const std::string& directory, std::string_view what) {
    std::error_code ignored;
    if (fs::exists(directory, ignored) && !fs::is_empty(directory, ignored))
        return Error{Errc::already_exists, directory + " is not empty: " + std::string(what) +
                                               " needs a directory of its own"};
    return success();
}

}  // namespace

Result<void> make_directory(const std::string& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return Error{Errc::storage_failed, "cannot make " + directory + ": " + error.message()};
    return success();
}

Result<void> sync_path(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 || ::fsync(file) != 0) {
        if (file >= 0) ::close(file);
        return Error{Errc::storage_failed, "cannot sync " + path};
    }
    ::close(file);
    return success();
}

Result<VerifyReport> verify_store(
    const Core& core,
    const std::function<Result<void>(const std::function<Result<void>()>& work)>& at_rest,
    const std::function<void(const Progress&)>& progress) {
    VerifyReport report;
    report.events = core.log->committed();
    report.root = log::hex(core.log->root(report.events.value));
    if (const auto log = verify_log(*core.log, "verify log", progress); !log) {
        if (log.error().code != Errc::storage_damaged) return log.error();
        report.log_problem = log.error().detail;
        // What is damaged cannot be replayed; the index is not judged by it.
        report.index_problem = "not compared, because the log is damaged";
        return report;
    }
    // Beside the store if it can be written to, elsewhere if not.
    static std::atomic<std::uint64_t> verifications{0};
    const std::string name = std::string(scratch_prefix) + std::to_string(::getpid()) + "-" +
                             std::to_string(++verifications);
    remove_dead_scratch(core.directory);
    std::error_code error;
    std::string directory = core.directory + "/" + name;
    fs::create_directory(directory, error);
    if (error) directory = fs::temp_directory_path(error).string() + "/tenure-" + name;
    const Scratch scratch{directory};
    TRY(const auto fresh, build_index(scratch.path(), *core.log, report.events, core.build_limits(),
                                      [&](Revision done) {
                                          if (progress)
                                              progress({"replay", done.value, report.events.value});
                                      }));
    // The replay went on beside the writer; only what came since then keeps that waiting.
    TRY(at_rest([&]() -> Result<void> {
        const auto index = core.current_index();
        TRY(catch_up(*fresh, *core.log, std::max(index->visible(), fresh->applied()), {}));
        const auto difference =
            projection::first_difference(*index, *fresh, [&](std::uint64_t rows) {
                if (progress) progress({"compare rows", rows, 0});
            });
        report.index_equal = !difference.has_value();
        report.index_problem = difference.value_or("");
        return success();
    }));
    return report;
}

Result<void> backup_store(const Core& core, const std::string& directory,
                          const std::function<void(const Progress&)>& progress) {
    TRY(check_unused(directory, "a backup"));
    TRY(make_directory(directory));
    TRY(core.log->copy_to(directory + "/log"));
    TRY(const auto copy, log::EventLog::open(directory + "/log", as_it_is()));
    TRY(verify_log(*copy, "backup", progress));
    // The manifest comes last: a directory without one is not a backup.
    const std::string manifest = directory + "/" + std::string(backup_manifest);
    {
        std::ofstream file{manifest};
        file << "{\"tenureBackup\":1,\"revision\":" << copy->committed().value << ",\"root\":\""
             << log::hex(copy->root(copy->committed().value)) << "\",\"takenAt\":\""
             << format_instant(core.clock->now()) << "\"}\n";
        if (!file.flush()) return Error{Errc::storage_full, "cannot write " + manifest};
    }
    TRY(sync_path(manifest));
    return sync_path(directory);
}

Result<void> restore(const std::string& backup, const std::string& directory, RestoreAs as) {
    std::error_code error;
    if (!fs::exists(backup + "/" + std::string(backup_manifest), error))
        return Error{Errc::not_found, backup + " is not a finished backup: it has no " +
                                          std::string(backup_manifest)};
    TRY(check_unused(directory, "a store"));
    TRY(const auto source, log::EventLog::open(backup + "/log", as_it_is()));
    TRY(source->verify({}));
    TRY(make_directory(directory));
    // The log alone: the index is made from it at the first open.
    // Under its name only once it is whole, so that half of one is never opened.
    TRY(source->copy_to(directory + "/log-restoring"));
    {
        // Another copy than the one that was backed up. One that leads does so in a term of its
        // own: not in that of a leader who may be alive.
        log::OpenOptions options;
        options.map_bytes = source->file_bytes() + notes_bytes;
        TRY(const auto restored, log::EventLog::open(directory + "/log-restoring", options));
        TRY(forget_store_id(*restored));
        if (as == RestoreAs::leader) {
            TRY(lead_in_a_new_term(*restored));
        } else {
            TRY(begin_to_copy(*restored));
        }
    }
    fs::rename(directory + "/log-restoring", directory + "/log", error);
    if (error)
        return Error{Errc::storage_failed,
                     "cannot rename " + directory + "/log-restoring: " + error.message()};
    return sync_path(directory);
}

}  // namespace tenure::node
