#include "query/enumerate.h"

#include <vector>

namespace tenure::query {

using projection::Key;

void for_each_named(Engine& engine, ObjectId tenant, Kind kind,
                    const std::function<bool(ObjectId, std::string_view)>& visit) {
    std::uint64_t hash = 0;
    for (bool more = true; more;) {
        engine.begin();
        std::vector<std::pair<ObjectId, std::string>> run;
        more = false;
        engine.reader().scan_plain(
            projection::table::names, Key{tenant.value, static_cast<std::uint64_t>(kind), hash}, 2,
            [&](const Key& key, projection::Words value) {
                if (run.size() >= objects_per_snapshot) {
                    hash = key.word(2);
                    more = true;
                    return false;
                }
                std::size_t at = 0;
                while (at < value.size()) {
                    const ObjectId id{value[at]};
                    // The upper half of the length word is a mark (names.h).
                    const std::uint64_t length = value[at + 1] & 0xFFFFFFFFU;
                    run.emplace_back(
                        id,
                        std::string(reinterpret_cast<const char*>(value.data() + at + 2), length));
                    at += 2 + (length + 7) / 8;
                }
                return true;
            });
        for (const auto& [id, text] : run)
            if (!visit(id, text)) return;
    }
}

}  // namespace tenure::query
