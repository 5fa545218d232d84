#pragma once
// What LMDB's return codes mean to us. Private to this folder.

#include <string>

#include "base/result.h"

namespace tenure::storage {

// `code` after a successful open, where only bad hardware or a bug of ours can cause it.
[[noreturn]] void fatal_lmdb(const std::string& attempt, int code);

// "cannot <attempt>: <reason>", as a kind of error that says who can help.
Error lmdb_error(const std::string& attempt, int code);

// The map, the disk, a quota, a file size limit or the transaction has no room.
bool no_space(int code);

}  // namespace tenure::storage
