#pragma once
// BareLog: the least that LMDB can do for a log: values appended under a running number, one
// durable commit for a group. What writes are measured against.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

struct MDB_env;

namespace tenure::bench {

class BareLog {
public:
    // Makes the directory.
    explicit BareLog(const std::string& directory);
    ~BareLog();
    BareLog(const BareLog&) = delete;
    BareLog& operator=(const BareLog&) = delete;

    void append(std::span<const std::vector<std::byte>> values);

private:
    MDB_env* env_ = nullptr;
    unsigned table_ = 0;
    std::uint64_t last_ = 0;
};

}  // namespace tenure::bench
