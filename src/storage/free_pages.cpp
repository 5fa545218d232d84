#include "storage/free_pages.h"

#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

namespace tenure::storage {
namespace {

// The layout of LMDB 0.9 on 64-bit machines, as far as it is needed here.
constexpr std::size_t header_bytes = 16;      // page number, pad, flags at 10, lower at 12
constexpr std::size_t node_header_bytes = 8;  // size or child (low, high), flags or child, key size
constexpr std::uint16_t page_is_branch = 0x01;
constexpr std::uint16_t page_is_leaf = 0x02;
constexpr std::uint16_t node_is_big = 0x01;                // its data lie on pages of their own
constexpr std::size_t meta_free_root = header_bytes + 64;  // in the first of its two tables
constexpr std::size_t meta_txn = header_bytes + 128;
constexpr std::uint64_t no_page = ~std::uint64_t{0};
constexpr unsigned depth_max = 32;

class FreePages {
public:
    FreePages(int fd, std::uint64_t page_bytes, std::uint64_t file_bytes, std::uint64_t last_page)
        : fd_{fd},
          page_bytes_{page_bytes},
          pages_{file_bytes / page_bytes},
          missing_(last_page + 1 - pages_, true) {}

    bool cover_missing(std::uint64_t txn) {
        const std::optional<std::uint64_t> root = free_root(txn);
        if (!root) return false;
        if (*root != no_page && !walk(*root, 0)) return false;
        for (const bool missing : missing_)
            if (missing) return false;
        return true;
    }

private:
    using Page = std::vector<std::byte>;

    template <class Number>
    static Number number_at(const Page& page, std::size_t offset) {
        Number number = 0;
        if (offset + sizeof number <= page.size())
            std::memcpy(&number, page.data() + offset, sizeof number);
        return number;
    }

    std::optional<Page> read(std::uint64_t first, std::uint64_t count) const {
        if (first >= pages_ || count > pages_ - first) return std::nullopt;
        Page page(count * page_bytes_);
        std::size_t done = 0;
        while (done < page.size()) {
            const auto offset = static_cast<off_t>(first * page_bytes_ + done);
            const ssize_t got = ::pread(fd_, page.data() + done, page.size() - done, offset);
            if (got <= 0) return std::nullopt;
            done += static_cast<std::size_t>(got);
        }
        return page;
    }

    // The root of the table of free pages, from the meta page that `txn` wrote.
    std::optional<std::uint64_t> free_root(std::uint64_t txn) const {
        for (const std::uint64_t meta : {0U, 1U}) {
            const std::optional<Page> page = read(meta, 1);
            if (page && number_at<std::uint64_t>(*page, meta_txn) == txn)
                return number_at<std::uint64_t>(*page, meta_free_root);
        }
        return std::nullopt;
    }

    bool walk(std::uint64_t number, unsigned depth) {
        // A damaged branch may lead back to itself.
        if (depth > depth_max || ++walked_ > pages_) return false;
        const std::optional<Page> page = read(number, 1);
        if (!page) return false;
        const auto flags = number_at<std::uint16_t>(*page, 10);
        const auto lower = number_at<std::uint16_t>(*page, 12);
        if ((flags & (page_is_branch | page_is_leaf)) == 0 || lower < header_bytes) return false;
        for (std::size_t at = header_bytes; at < lower; at += sizeof(std::uint16_t)) {
            const std::size_t node = number_at<std::uint16_t>(*page, at);
            const bool good = (flags & page_is_branch) != 0 ? walk(child_of(*page, node), depth + 1)
                                                            : take_list(*page, node);
            if (!good) return false;
        }
        return true;
    }

    static std::uint64_t child_of(const Page& page, std::size_t node) {
        return number_at<std::uint16_t>(page, node) |
               std::uint64_t{number_at<std::uint16_t>(page, node + 2)} << 16U |
               std::uint64_t{number_at<std::uint16_t>(page, node + 4)} << 32U;
    }

    // A row of the table: how many page numbers, then these.
    bool take_list(const Page& page, std::size_t node) {
        const std::size_t size = number_at<std::uint16_t>(page, node) |
                                 std::size_t{number_at<std::uint16_t>(page, node + 2)} << 16U;
        const auto flags = number_at<std::uint16_t>(page, node + 4);
        const std::size_t data =
            node + node_header_bytes + number_at<std::uint16_t>(page, node + 6);
        if ((flags & node_is_big) == 0) return take_numbers(page, data, size);
        const auto first = number_at<std::uint64_t>(page, data);
        const std::optional<Page> big =
            read(first, (header_bytes + size + page_bytes_ - 1) / page_bytes_);
        return big && take_numbers(*big, header_bytes, size);
    }

    bool take_numbers(const Page& page, std::size_t offset, std::size_t size) {
        const auto count = number_at<std::uint64_t>(page, offset);
        if (offset + size > page.size() || count >= size / sizeof count) return false;
        for (std::uint64_t i = 1; i <= count; ++i) {
            const auto number = number_at<std::uint64_t>(page, offset + i * sizeof count);
            if (number >= pages_ && number - pages_ < missing_.size())
                missing_[number - pages_] = false;
        }
        return true;
    }

    int fd_;
    std::uint64_t page_bytes_;
    std::uint64_t pages_;        // whole ones in the file
    std::vector<bool> missing_;  // those behind its end
    std::uint64_t walked_ = 0;
};

}  // namespace

bool only_free_pages_missing(int fd, std::uint64_t page_bytes, std::uint64_t txn,
                             std::uint64_t file_bytes, std::uint64_t last_page) {
    // So many pages are not lost by giving them back.
    constexpr std::uint64_t missing_max = std::uint64_t{1} << 24U;
    if (last_page - file_bytes / page_bytes >= missing_max) return false;
    return FreePages{fd, page_bytes, file_bytes, last_page}.cover_missing(txn);
}

}  // namespace tenure::storage
