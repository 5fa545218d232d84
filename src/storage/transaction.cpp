#include <lmdb.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/text.h"
#include "storage/damage.h"
#include "storage/environment.h"
#include "storage/lmdb_failure.h"

namespace tenure::storage {
namespace {

MDB_val value_of(Bytes bytes) {
    // LMDB takes void*, and only reads what it is given here.
    return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}

Bytes bytes_of(const MDB_val& value) {
    return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

// Its size is what LMDB read from the page.
Bytes checked_bytes(std::uint64_t map_bytes, const MDB_val& value) {
    if (value.mv_size > map_bytes)
        fatal_damage("a row claims to have " + std::to_string(value.mv_size) + " bytes");
    return bytes_of(value);
}

// A row as found, if its key begins like `wanted`. Keys of another length are not ours.
std::optional<RowView> row_if(const TableSpec& table, std::uint64_t map_bytes, const MDB_val& key,
                              const MDB_val& value, const Key& wanted, std::size_t prefix_words) {
    if (key.mv_size != table.key_words * sizeof(std::uint64_t))
        fatal_damage(std::string("the table '") + table.name + "' holds a key of " +
                     std::to_string(key.mv_size) + " bytes");
    if (std::memcmp(key.mv_data, wanted.bytes().data(), prefix_words * sizeof(std::uint64_t)) != 0)
        return std::nullopt;
    return RowView{Key::from_bytes(bytes_of(key)), checked_bytes(map_bytes, value)};
}

// LMDB calls a write that the disk cut short EIO. Free space below this makes a full disk the
// cause.
constexpr std::uint64_t nearly_full_bytes = std::uint64_t{16} << 20U;

bool disk_is_full(MDB_env* env) {
    int fd = -1;
    if (mdb_env_get_fd(env, &fd) != 0) return false;

    struct statvfs disk {};

    struct stat file {};

    struct rlimit limit {};

    if (::fstatvfs(fd, &disk) != 0 || ::fstat(fd, &file) != 0 ||
        ::getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return false;
    const std::uint64_t disk_free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const auto size = static_cast<std::uint64_t>(file.st_size);
    const std::uint64_t below_limit = limit.rlim_cur > size ? limit.rlim_cur - size : 0;
    return std::min(disk_free, below_limit) < nearly_full_bytes;
}

// After a failed write of the meta page LMDB does not begin another transaction.
bool still_writable(MDB_env* env) {
    MDB_txn* txn = nullptr;
    if (mdb_txn_begin(env, nullptr, 0, &txn) != 0) return false;
    mdb_txn_abort(txn);
    return true;
}

}  // namespace

Key Key::from_bytes(Bytes stored) {
    INVARIANT(stored.size() % sizeof(std::uint64_t) == 0);
    INVARIANT(stored.size() <= sizeof(big_endian_));
    Key key;
    key.count_ = stored.size() / sizeof(std::uint64_t);
    std::memcpy(key.big_endian_.data(), stored.data(), stored.size());
    return key;
}

Reader::Reader(const Environment& environment, MDB_txn* txn)
    : environment_{&environment}, txn_{txn}, slots_(environment.tables_.size()) {}

MDB_cursor* Reader::cursor(Table table) const {
    INVARIANT(table.index < slots_.size());
    ++seeks_;
    touch(environment_);
    Slot& slot = slots_[table.index];
    if (slot.cursor == nullptr) {
        if (const int code =
                mdb_cursor_open(txn_, environment_->handles_[table.index], &slot.cursor);
            code != 0)
            fatal_lmdb("open a cursor", code);
        slot.snapshot = snapshot_;
    } else if (slot.snapshot != snapshot_) {
        if (const int code = mdb_cursor_renew(txn_, slot.cursor); code != 0)
            fatal_lmdb("renew a cursor", code);
        slot.snapshot = snapshot_;
    }
    return slot.cursor;
}

void Reader::close_cursors() {
    for (Slot& slot : slots_) {
        if (slot.cursor != nullptr) mdb_cursor_close(slot.cursor);
        slot.cursor = nullptr;
    }
}

std::optional<Bytes> Reader::get(Table table, const Key& key) const {
    if (failed_) return std::nullopt;
    MDB_cursor* const at = cursor(table);
    INVARIANT(key.size() == environment_->tables_[table.index].key_words);
    MDB_val wanted = value_of(key.bytes());
    MDB_val value{};
    const int code = mdb_cursor_get(at, &wanted, &value, MDB_SET);
    if (code == MDB_NOTFOUND) return std::nullopt;
    if (code != 0) fatal_lmdb("read a row", code);
    return checked_bytes(environment_->map_bytes_, value);
}

std::optional<RowView> Reader::seek(Table table, const Key& key, std::size_t prefix_words) const {
    if (failed_) return std::nullopt;
    MDB_cursor* const at = cursor(table);
    const TableSpec& spec = environment_->tables_[table.index];
    INVARIANT(key.size() >= 1);
    INVARIANT(key.size() <= spec.key_words);
    INVARIANT(prefix_words <= key.size());
    MDB_val found = value_of(key.bytes());
    MDB_val value{};
    const int code = mdb_cursor_get(at, &found, &value, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) return std::nullopt;
    if (code != 0) fatal_lmdb("seek a row", code);
    return row_if(spec, environment_->map_bytes_, found, value, key, prefix_words);
}

std::optional<RowView> Reader::seek_back(Table table, const Key& key,
                                         std::size_t prefix_words) const {
    if (failed_) return std::nullopt;
    MDB_cursor* const at = cursor(table);
    const TableSpec& spec = environment_->tables_[table.index];
    INVARIANT(key.size() == spec.key_words);
    INVARIANT(prefix_words <= key.size());
    MDB_val found = value_of(key.bytes());
    MDB_val value{};
    int code = mdb_cursor_get(at, &found, &value, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) {
        code = mdb_cursor_get(at, &found, &value, MDB_LAST);
    } else if (code == 0 && !(found.mv_size == key.bytes().size() &&
                              std::memcmp(found.mv_data, key.bytes().data(), found.mv_size) == 0)) {
        code = mdb_cursor_get(at, &found, &value, MDB_PREV);
    }
    if (code == MDB_NOTFOUND) return std::nullopt;
    if (code != 0) fatal_lmdb("seek a row backwards", code);
    return row_if(spec, environment_->map_bytes_, found, value, key, prefix_words);
}

void Reader::scan_rows(Table table, const Key& from, std::size_t prefix_words, VisitRow visit,
                       const void* visitor) const {
    if (failed_) return;
    MDB_cursor* const at = cursor(table);
    // The scan takes the table's cursor along; a visitor that reads the same table opens another.
    slots_[table.index].cursor = nullptr;
    const TableSpec& spec = environment_->tables_[table.index];
    INVARIANT(from.size() >= 1);
    INVARIANT(from.size() <= spec.key_words);
    INVARIANT(prefix_words <= from.size());
    MDB_val found = value_of(from.bytes());
    MDB_val value{};
    int code = mdb_cursor_get(at, &found, &value, MDB_SET_RANGE);
    while (code == 0) {
        const std::optional<RowView> row =
            row_if(spec, environment_->map_bytes_, found, value, from, prefix_words);
        if (!row || !visit(visitor, *row)) break;
        code = mdb_cursor_get(at, &found, &value, MDB_NEXT);
    }
    if (code != 0 && code != MDB_NOTFOUND) fatal_lmdb("scan a table", code);
    Slot& slot = slots_[table.index];
    if (slot.cursor != nullptr) mdb_cursor_close(slot.cursor);
    slot = Slot{at, snapshot_};
}

namespace {

MDB_txn* begin(MDB_env* env, unsigned flags) {
    MDB_txn* txn = nullptr;
    if (const int code = mdb_txn_begin(env, nullptr, flags, &txn); code != 0)
        fatal_lmdb(flags == 0 ? "begin a write transaction" : "begin a read transaction", code);
    return txn;
}

}  // namespace

ReadTxn::ReadTxn(const Environment& environment)
    : Reader{environment, begin(environment.env_, MDB_RDONLY)} {}

ReadTxn::~ReadTxn() {
    untouch(environment_);
    close_cursors();
    mdb_txn_abort(txn_);
}

void ReadTxn::renew() {
    reset();
    if (const int code = mdb_txn_renew(txn_); code != 0) fatal_lmdb("renew a transaction", code);
    active_ = true;
    ++snapshot_;
}

void ReadTxn::reset() {
    untouch(environment_);
    if (active_) mdb_txn_reset(txn_);
    active_ = false;
}

WriteTxn::WriteTxn(Environment& environment) : Reader{environment, nullptr} {
    INVARIANT(!environment.read_only_);
    touch(&environment);
    txn_ = begin(environment.env_, 0);
}

WriteTxn::~WriteTxn() {
    close_cursors();
    if (txn_ != nullptr) mdb_txn_abort(txn_);
    untouch(environment_);
}

Result<void> WriteTxn::write(Table table, const Key& key, Bytes value, unsigned flags) {
    INVARIANT(table.index < slots_.size());
    INVARIANT(key.size() == environment_->tables_[table.index].key_words);
    INVARIANT(value.size() % sizeof(std::uint64_t) == 0);
    if (failed_) return lmdb_error("write", MDB_MAP_FULL);
    touch(environment_);
    MDB_val key_value = value_of(key.bytes());
    MDB_val data = value_of(value);
    const int code = mdb_put(txn_, environment_->handles_[table.index], &key_value, &data, flags);
    if (code == 0) return success();
    const std::string attempt = std::string("write to the table '") +
                                environment_->tables_[table.index].name + "' in " +
                                tenure::quoted(environment_->directory_);
    // A large transaction writes pages before its commit.
    const bool full = no_space(code) || (code == EIO && disk_is_full(environment_->env_));
    if (!full) fatal_lmdb(attempt, code);
    failed_ = true;
    return lmdb_error(attempt, no_space(code) ? code : ENOSPC);
}

Result<void> WriteTxn::put(Table table, const Key& key, Bytes value) {
    return write(table, key, value, 0);
}

Result<void> WriteTxn::append(Table table, const Key& key, Bytes value) {
    return write(table, key, value, MDB_APPEND);
}

bool WriteTxn::erase(Table table, const Key& key) {
    INVARIANT(table.index < slots_.size());
    INVARIANT(key.size() == environment_->tables_[table.index].key_words);
    if (failed_) return false;
    touch(environment_);
    MDB_val key_value = value_of(key.bytes());
    const int code = mdb_del(txn_, environment_->handles_[table.index], &key_value, nullptr);
    if (code == MDB_NOTFOUND) return false;
    if (code == 0) return true;
    if (!no_space(code) && !(code == EIO && disk_is_full(environment_->env_)))
        fatal_lmdb("erase a row", code);
    failed_ = true;
    return false;
}

Result<void> WriteTxn::commit() {
    INVARIANT(txn_ != nullptr);
    const std::string attempt =
        "commit to the database in " + tenure::quoted(environment_->directory_);
    close_cursors();
    if (failed_) return lmdb_error(attempt, MDB_MAP_FULL);
    touch(environment_);
    // LMDB frees the transaction, whatever comes of it.
    const int code = mdb_txn_commit(std::exchange(txn_, nullptr));
    failed_ = true;  // no more reading
    if (code == 0) return success();
    if (no_space(code)) return lmdb_error(attempt, code);
    if (code == EIO && disk_is_full(environment_->env_) && still_writable(environment_->env_))
        return lmdb_error(attempt, ENOSPC);
    fatal_lmdb(attempt, code);
}

}  // namespace tenure::storage
