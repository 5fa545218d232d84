#pragma once
// Changes: when an object's cached views were last overtaken, shared by the writer and all readers
// of one index. A table of slots, several objects to a slot: a shared slot costs a needless
// re-read, it never hides a change. Lock-free; the writer publishes before its transaction commits,
// so whoever sees a commit sees its marks.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "base/ids.h"
#include "projection/tables.h"

namespace tenure::projection {

class Changes {
public:
    static constexpr std::size_t slots = std::size_t{1} << 18U;

    Changes() : last_{std::make_unique<std::atomic<std::uint64_t>[]>(slots)} {}

    // `at`: a revision not smaller than that of any change published.
    void publish(std::span<const ObjectId> objects, Revision at) {
        for (const ObjectId id : objects)
            last_[id.value % slots].store(at.value, std::memory_order_release);
    }

    // A revision not smaller than the object's last change since the index was opened.
    Revision last(ObjectId id) const {
        return Revision{last_[id.value % slots].load(std::memory_order_acquire)};
    }

private:
    std::unique_ptr<std::atomic<std::uint64_t>[]> last_;
};

}  // namespace tenure::projection
