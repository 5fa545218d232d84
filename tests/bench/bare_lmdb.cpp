#include "bench/bare_lmdb.h"

#include <lmdb.h>

#include <filesystem>

#include "bench/measure.h"
#include "storage/environment.h"

namespace tenure::bench {
namespace {

void check(int result) {
    if (result != MDB_SUCCESS) give_up(std::string("bare LMDB: ") + mdb_strerror(result));
}

}  // namespace

BareLog::BareLog(const std::string& directory) {
    std::filesystem::create_directories(directory);
    check(mdb_env_create(&env_));
    check(mdb_env_set_mapsize(env_, std::size_t{1} << 36U));
    check(mdb_env_open(env_, directory.c_str(), 0, 0644));
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    check(mdb_dbi_open(txn, nullptr, 0, &table_));
    check(mdb_txn_commit(txn));
}

BareLog::~BareLog() { mdb_env_close(env_); }

void BareLog::append(std::span<const std::vector<std::byte>> values) {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    for (const std::vector<std::byte>& value : values) {
        std::uint64_t key_word = storage::big_endian(++last_);
        MDB_val key{sizeof key_word, &key_word};
        MDB_val stored{value.size(), const_cast<std::byte*>(value.data())};
        check(mdb_put(txn, table_, &key, &stored, MDB_APPEND));
    }
    check(mdb_txn_commit(txn));
}

}  // namespace tenure::bench
