#pragma once
// Names: texts interned to ids, in event order, so that all copies of a log hand out the same ids.
// A name is (tenant, kind, text); what may be spelled in several ways (scopes, roles, role names)
// is interned in its canonical form. The hash is keyed by the log's id, which outsiders do not
// choose.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "projection/rows.h"
#include "projection/tables.h"

namespace tenure::projection {

struct Name {
    ObjectId id;
    std::uint32_t mark = 0;  // principals: 1 = a group; everything else 0
};

inline constexpr std::uint32_t mark_group = 1;

Key name_key(const SipKey& sip, ObjectId tenant, Kind kind, std::string_view text);
// Looks `text` up in the value of its key.
std::optional<Name> find_in(Words value, std::string_view text);
// How many words the name at `at` of such a value takes; the first is its id.
std::size_t name_words(Words value, std::size_t at);
std::optional<Name> find_name(const RowReader& reader, const SipKey& sip, ObjectId tenant,
                              Kind kind, std::string_view text);

struct NamedObject {
    ObjectId tenant;
    Kind kind{};
    std::string text;
};

std::optional<NamedObject> name_of(const RowReader& reader, ObjectId id);
// As name_of(...).text; empty for id 0.
std::string text_of(const RowReader& reader, ObjectId id);

// The writer's names: finds and interns, remembers what it found. One per store; forget() after an
// aborted transaction, for then ids may be handed out again.
class WriterNames {
public:
    // Remembers up to `known_max` names; 0 where looking one up costs no more than remembering.
    explicit WriterNames(const SipKey& sip, std::size_t known_max = 400'000)
        : sip_{sip}, known_max_{known_max} {}

    std::optional<Name> find(const Rows& rows, ObjectId tenant, Kind kind, std::string_view text);
    // Finds it or hands out `++last_object`. `shown` is the spelling to keep.
    Name intern(Rows& rows, ObjectId tenant, Kind kind, std::string_view text,
                std::string_view shown, std::uint32_t mark, std::uint64_t& last_object);

    void forget() { known_.clear(); }

    const SipKey& sip() const { return sip_; }

private:
    struct Hash {
        std::size_t operator()(const std::string& key) const {
            return std::hash<std::string_view>{}(key);
        }
    };

    void remember(Name name);
    SipKey sip_;
    std::size_t known_max_;
    std::string probe_;  // tenant, kind, text of the name being looked up
    std::unordered_map<std::string, Name, Hash> known_;
};

}  // namespace tenure::projection
