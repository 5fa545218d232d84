#pragma once
// Logs of made-up entries: the body of an entry follows from its revision.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "log/event_log.h"
#include "support/temp_store.h"

namespace tenure::log {

inline constexpr LogId test_id{{0x1111, 0x2222}};
inline constexpr Instant test_start{1'700'000'000'000'000};

inline OpenOptions small_map(std::uint64_t map_bytes = std::uint64_t{1} << 30U) {
    OpenOptions options;
    options.map_bytes = map_bytes;
    return options;
}

template <class T>
T value_of(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().detail;
        std::abort();
    }
    return std::move(result).value();
}

inline void expect_success(const Result<void>& result) {
    EXPECT_TRUE(result.has_value()) << result.error().detail;
}

inline std::unique_ptr<EventLog> make_log(const std::string& directory) {
    return value_of(EventLog::create(directory, test_id, test_start, small_map()));
}

inline std::unique_ptr<EventLog> open_log(const std::string& directory) {
    return value_of(EventLog::open(directory, small_map()));
}

inline std::vector<std::byte> body_of(std::uint64_t revision) {
    const std::vector<std::uint64_t> words(1 + revision % 7, revision * 0x9E3779B97F4A7C15ULL);
    std::vector<std::byte> body(words.size() * 8);
    std::memcpy(body.data(), words.data(), body.size());
    return body;
}

inline NewEntry entry_of(std::uint64_t revision, Term term = Term{1}) {
    return {term, test_start + static_cast<std::int64_t>(revision), body_of(revision)};
}

// The next `count` entries of `log`.
inline std::vector<NewEntry> next_entries(const EventLog& log, std::uint64_t count,
                                          Term term = Term{1}) {
    std::vector<NewEntry> entries;
    for (std::uint64_t i = 1; i <= count; ++i)
        entries.push_back(entry_of(log.last().value + i, term));
    return entries;
}

inline void grow(EventLog& log, std::uint64_t count, bool commit = true, Term term = Term{1}) {
    value_of(log.append(next_entries(log, count, term), {}, commit));
}

inline NewCommand command_of(std::uint64_t id, std::uint64_t first, std::uint64_t count) {
    NewCommand command;
    command.key = {{id * 0x9E3779B97F4A7C15ULL, id}};
    command.record.body_hash.fill(static_cast<std::byte>(id ^ 0xA5U));
    command.record.first = Revision{first};
    command.record.count = count;
    return command;
}

// The stored value of an entry, put together independently of the log.
inline std::vector<std::byte> stored_of(std::uint64_t revision, Term term = Term{1}) {
    const std::vector<std::byte> body = body_of(revision);
    const std::uint64_t header[4] = {revision, term.value,
                                     static_cast<std::uint64_t>(test_start.us) + revision,
                                     body.size() / 8};
    std::vector<std::byte> stored(sizeof header + body.size());
    std::memcpy(stored.data(), header, sizeof header);
    std::memcpy(stored.data() + sizeof header, body.data(), body.size());
    return stored;
}

// RFC 6962, 2.1, word for word.
inline Digest naive_root(const std::vector<Digest>& leaves, std::size_t begin, std::size_t end) {
    const std::size_t size = end - begin;
    if (size == 0) return sha256({});
    if (size == 1) return leaves[begin];
    std::size_t k = 1;
    while (k * 2 < size) k *= 2;
    return node_hash(naive_root(leaves, begin, begin + k), naive_root(leaves, begin + k, end));
}

inline Digest naive_root(const std::vector<Digest>& leaves) {
    return naive_root(leaves, 0, leaves.size());
}

}  // namespace tenure::log
