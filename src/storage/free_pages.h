#pragma once
// Whether a file that is shorter than its meta page says has lost anything. Private to this folder.
//
// LMDB does not write pages that it took and gave back within one transaction. When they are the
// last ones, the file ends early, and nothing is missing: LMDB's table of free pages lists them
// all. A file that was cut has lost pages that table does not list.
//
// The table is read with pread, since a page missing from a map is a SIGBUS.

#include <cstdint>

namespace tenure::storage {

// True if every page of [file_bytes / page_bytes, last_page] is listed as free by transaction
// `txn`, the newest one of the file `fd`.
bool only_free_pages_missing(int fd, std::uint64_t page_bytes, std::uint64_t txn,
                             std::uint64_t file_bytes, std::uint64_t last_page);

}  // namespace tenure::storage
