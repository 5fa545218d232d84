#include "storage/environment.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "storage/damage.h"
#include "storage/free_pages.h"
#include "storage/lmdb_failure.h"

namespace tenure::storage {
namespace {

constexpr mdb_mode_t file_mode = 0600;

std::string file_in(const std::string& directory) { return directory + "/data.mdb"; }

void assertion_failed(MDB_env*, const char* message) {
    fatal_damage(std::string("LMDB found the file inconsistent: ") + message);
}

// Makes a new name in `directory` survive a power cut; for "" the working directory.
Result<void> sync_directory(const std::string& directory) {
    const int fd =
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return lmdb_error("open the directory " + tenure::quoted(directory), errno);
    const int code = ::fsync(fd) == 0 ? 0 : errno;
    ::close(fd);
    if (code != 0) return lmdb_error("sync the directory " + tenure::quoted(directory), code);
    return success();
}

Result<void> sync_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return lmdb_error("open " + tenure::quoted(path), errno);
    const int code = ::fsync(fd) == 0 ? 0 : errno;
    ::close(fd);
    if (code != 0) return lmdb_error("sync " + tenure::quoted(path), code);
    return success();
}

Result<void> sync_new_directory(const std::string& directory) {
    TRY(sync_directory(directory));
    return sync_directory(std::filesystem::path(directory).parent_path().string());
}

// Size of a file; nothing if there is none.
Result<std::optional<std::uint64_t>> size_of(const std::string& path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) == 0)
        return std::optional{static_cast<std::uint64_t>(status.st_size)};
    if (errno == ENOENT) return std::optional<std::uint64_t>{};
    return lmdb_error("look at " + tenure::quoted(path), errno);
}

std::uint64_t memory_bytes() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_bytes = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_bytes <= 0) return ~std::uint64_t{0};
    return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

std::uint64_t whole_pages(std::uint64_t bytes) {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

// Keeps others from writing: LMDB would let them, but who writes has its state in memory. Closing
// the file gives the lock back.
Result<int> lock_for_writing(const std::string& directory) {
    const std::string path = file_in(directory);
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return lmdb_error("open " + tenure::quoted(path), errno);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    const int code = errno;
    ::close(fd);
    if (code == EWOULDBLOCK)
        return Error{Errc::unavailable, "the database in " + tenure::quoted(directory) +
                                            " is open for writing already"};
    return lmdb_error("lock " + tenure::quoted(path), code);
}

struct FileState {
    std::uint64_t page_bytes{};
    std::uint64_t last_page{};
    std::uint64_t txn{};
    std::uint64_t map_bytes{};

    std::uint64_t bytes() const { return (last_page + 1) * page_bytes; }
};

FileState state_of(MDB_env* env) {
    MDB_envinfo info{};
    MDB_stat stat{};
    if (const int code = mdb_env_info(env, &info); code != 0) fatal_lmdb("read the size", code);
    if (const int code = mdb_env_stat(env, &stat); code != 0) fatal_lmdb("read the size", code);
    return {stat.ms_psize, info.me_last_pgno, info.me_last_txnid, info.me_mapsize};
}

Error damaged(const std::string& directory, const std::string& why) {
    return {Errc::storage_damaged,
            "the database in " + tenure::quoted(directory) + " is damaged: " + why};
}

// Opens one table in `txn`, or says MDB_NOTFOUND.
int open_table(MDB_txn* txn, const TableSpec& spec, unsigned flags, unsigned& handle) {
    if (const int code = mdb_dbi_open(txn, spec.name, flags, &handle); code != 0) return code;
    unsigned found = 0;
    if (const int code = mdb_dbi_flags(txn, handle, &found); code != 0) return code;
    return found == 0 ? 0 : MDB_INCOMPATIBLE;  // e.g. a table with several values per key
}

// Opens all tables; with `create`, makes those that are missing.
Result<std::vector<unsigned>> open_tables(MDB_env* env, const std::string& directory,
                                          std::span<const TableSpec> tables, bool create) {
    MDB_txn* txn = nullptr;
    if (const int code = mdb_txn_begin(env, nullptr, create ? 0 : unsigned{MDB_RDONLY}, &txn);
        code != 0)
        return lmdb_error("read the database in " + tenure::quoted(directory), code);
    std::vector<unsigned> handles;
    for (const TableSpec& spec : tables) {
        INVARIANT(spec.key_words >= 1);
        INVARIANT(spec.key_words <= Key::words_max);
        unsigned handle = 0;
        const int code = open_table(txn, spec, create ? unsigned{MDB_CREATE} : 0, handle);
        if (code != 0) {
            mdb_txn_abort(txn);
            if (code == MDB_NOTFOUND)
                return damaged(directory, std::string("there is no table '") + spec.name + "'");
            return lmdb_error(
                std::string("open the table '") + spec.name + "' in " + tenure::quoted(directory),
                code);
        }
        handles.push_back(handle);
    }
    if (const int code = mdb_txn_commit(txn); code != 0)
        return lmdb_error("open the tables in " + tenure::quoted(directory), code);
    return handles;
}

}  // namespace

void fatal_storage(const std::string& what) {
    std::fprintf(stderr, "tenure: storage failure: %s\n", what.c_str());
    std::abort();
}

namespace {

bool is_damage(int code) {
    return code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_VERSION_MISMATCH ||
           code == MDB_PAGE_NOTFOUND || code == MDB_INCOMPATIBLE || code == MDB_CURSOR_FULL ||
           code == MDB_BAD_VALSIZE || code == MDB_PANIC;
}

}  // namespace

void fatal_lmdb(const std::string& attempt, int code) {
    const std::string what = "cannot " + attempt + ": " + mdb_strerror(code);
    if (is_damage(code)) fatal_damage(what);
    fatal_storage(what);
}

bool no_space(int code) {
    return code == MDB_MAP_FULL || code == MDB_TXN_FULL || code == ENOSPC || code == EDQUOT ||
           code == EFBIG;
}

Error lmdb_error(const std::string& attempt, int code) {
    Errc kind = Errc::storage_failed;
    if (no_space(code)) {
        kind = Errc::storage_full;
    } else if (is_damage(code)) {
        kind = Errc::storage_damaged;
    }
    return {kind, "cannot " + attempt + ": " + mdb_strerror(code)};
}

Result<std::unique_ptr<Environment>> Environment::open(const std::string& directory,
                                                       std::span<const TableSpec> tables,
                                                       const EnvironmentOptions& options) {
    const std::string path = file_in(directory);
    const bool create = options.create && !options.read_only;
    if (create) {
        std::error_code failure;
        std::filesystem::create_directories(directory, failure);
        if (failure)
            return lmdb_error("make the directory " + tenure::quoted(directory), failure.value());
    }
    TRY(const std::optional<std::uint64_t> size_before, size_of(path));
    if (!create && !size_before)
        return Error{Errc::not_found, "there is no database in " + tenure::quoted(directory)};
    if (!create && *size_before == 0) return damaged(directory, "the file is empty");

    std::unique_ptr<Environment> environment(new Environment);
    if (!options.read_only && size_before) {
        TRY(environment->lock_fd_, lock_for_writing(directory));
    }
    environment->directory_ = directory;
    if (options.replaceable) environment->damage_path_ = directory + "/" + damage_note;
    touch(environment.get());
    environment->read_only_ = options.read_only;
    environment->tables_.assign(tables.begin(), tables.end());
    if (const int code = mdb_env_create(&environment->env_); code != 0)
        return lmdb_error("prepare LMDB", code);
    MDB_env* const env = environment->env_;
    int code = mdb_env_set_maxdbs(env, static_cast<unsigned>(tables.size()));
    if (code == 0) code = mdb_env_set_maxreaders(env, options.readers_max);
    if (code == 0 && options.map_bytes != 0)
        code = mdb_env_set_mapsize(env, whole_pages(options.map_bytes));
    if (code == 0) code = mdb_env_set_assert(env, assertion_failed);
    if (code != 0) return lmdb_error("set up LMDB", code);

    unsigned flags = 0;
    if (options.read_only) flags |= MDB_RDONLY;
    if (options.sync == Sync::relaxed) flags |= MDB_NOSYNC;
    // Reading ahead throws out pages that are worth more once not all of them fit.
    if (size_before.value_or(0) > memory_bytes()) flags |= MDB_NORDAHEAD;
    code = mdb_env_open(env, directory.c_str(), flags, file_mode);
    if (code != 0) return lmdb_error("open the database in " + tenure::quoted(directory), code);

    if (!options.read_only && !size_before) {
        TRY(environment->lock_fd_, lock_for_writing(directory));
    }
    // A page that the file does not have is a SIGBUS when it is read.
    TRY(const std::optional<std::uint64_t> size, size_of(path));
    int fd = -1;
    if (code = mdb_env_get_fd(env, &fd); code != 0) fatal_lmdb("find the file", code);
    const FileState state = state_of(env);
    environment->map_bytes_ = state.map_bytes;
    if (size.value_or(0) < state.bytes() &&
        !only_free_pages_missing(fd, state.page_bytes, state.txn, size.value_or(0),
                                 state.last_page))
        return damaged(directory, "the file has " + std::to_string(size.value_or(0)) +
                                      " bytes and should have " + std::to_string(state.bytes()));

    auto handles = open_tables(env, directory, tables, false);
    if (!handles && create) handles = open_tables(env, directory, tables, true);
    TRY(environment->handles_, std::move(handles));
    if (create && size_before.value_or(0) == 0) {
        TRY(sync_new_directory(directory));
    }
    touch(nullptr);
    return environment;
}

Environment::~Environment() {
    untouch(this);
    if (env_ != nullptr) mdb_env_close(env_);
    if (lock_fd_ >= 0) ::close(lock_fd_);
}

std::uint64_t Environment::file_bytes() const { return state_of(env_).bytes(); }

std::vector<TableUse> Environment::table_use() const {
    touch(this);
    MDB_txn* txn = nullptr;
    if (const int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn); code != 0)
        fatal_lmdb("begin reading " + tenure::quoted(directory_), code);
    std::vector<TableUse> result;
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        MDB_stat stat{};
        if (const int code = mdb_stat(txn, handles_[i], &stat); code != 0)
            fatal_lmdb(std::string("measure the table '") + tables_[i].name + "'", code);
        const std::uint64_t pages =
            std::uint64_t{stat.ms_branch_pages} + stat.ms_leaf_pages + stat.ms_overflow_pages;
        result.push_back({tables_[i].name, stat.ms_entries, pages * stat.ms_psize});
    }
    mdb_txn_abort(txn);
    untouch(this);
    return result;
}

Result<void> Environment::sync() {
    INVARIANT(!read_only_);
    if (const int code = mdb_env_sync(env_, 1); code != 0) {
        const std::string attempt = "sync the database in " + tenure::quoted(directory_);
        // What was not written is lost to the kernel: a second try would only look as if it helped.
        if (!no_space(code)) fatal_lmdb(attempt, code);
        return lmdb_error(attempt, code);
    }
    return success();
}

std::size_t Environment::clear_stale_readers() {
    int dead = 0;
    if (const int code = mdb_reader_check(env_, &dead); code != 0)
        fatal_lmdb("check the readers of " + tenure::quoted(directory_), code);
    return static_cast<std::size_t>(dead);
}

Result<void> Environment::copy_to(const std::string& directory) const {
    const std::string path = file_in(directory);
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure)
        return lmdb_error("make the directory " + tenure::quoted(directory), failure.value());
    TRY(const std::optional<std::uint64_t> size_before, size_of(path));
    if (size_before)
        return Error{Errc::already_exists, "there is a database in " + tenure::quoted(directory)};
    touch(this);
    int code = mdb_env_copy2(env_, directory.c_str(), MDB_CP_COMPACT);
    if (code == MDB_INCOMPATIBLE) {
        // Compacting refuses a file that has lost track of free pages; all its rows are still good.
        std::filesystem::remove(path, failure);
        code = mdb_env_copy2(env_, directory.c_str(), 0);
    }
    untouch(this);
    if (code != 0) {
        std::filesystem::remove(path, failure);
        return lmdb_error("copy " + tenure::quoted(directory_) + " to " + tenure::quoted(directory),
                          code);
    }
    TRY(sync_file(path));
    return sync_new_directory(directory);
}

}  // namespace tenure::storage
