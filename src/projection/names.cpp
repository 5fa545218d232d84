#include "projection/names.h"

namespace tenure::projection {
namespace {

// Record: id, length | mark << 32, text padded to whole words.
constexpr std::uint64_t length_mask = 0xFFFFFFFFU;

void set_probe(std::string& probe, ObjectId tenant, Kind kind, std::string_view text) {
    probe.assign(reinterpret_cast<const char*>(&tenant.value), sizeof tenant.value);
    probe += static_cast<char>(kind);
    probe += text;
}

}  // namespace

Key name_key(const SipKey& sip, ObjectId tenant, Kind kind, std::string_view text) {
    return Key{tenant.value, static_cast<std::uint64_t>(kind), siphash(sip, text)};
}

std::optional<Name> find_in(Words value, std::string_view text) {
    std::size_t at = 0;
    while (at < value.size()) {
        const std::uint64_t length = value[at + 1] & length_mask;
        const std::string_view found{reinterpret_cast<const char*>(value.data() + at + 2), length};
        if (found == text)
            return Name{ObjectId{value[at]}, static_cast<std::uint32_t>(value[at + 1] >> 32U)};
        at += name_words(value, at);
    }
    return std::nullopt;
}

std::size_t name_words(Words value, std::size_t at) {
    return 2 + ((value[at + 1] & length_mask) + 7) / 8;
}

std::optional<Name> find_name(const RowReader& reader, const SipKey& sip, ObjectId tenant,
                              Kind kind, std::string_view text) {
    const auto value = reader.get(table::names, name_key(sip, tenant, kind, text));
    if (!value) return std::nullopt;
    return find_in(*value, text);
}

std::optional<NamedObject> name_of(const RowReader& reader, ObjectId id) {
    const auto value = reader.get(table::texts, Key{id.value});
    if (!value) return std::nullopt;
    const std::uint64_t length = (*value)[1] >> 8U;
    return NamedObject{ObjectId{(*value)[0]}, static_cast<Kind>((*value)[1] & 0xFFU),
                       std::string{reinterpret_cast<const char*>(value->data() + 2), length}};
}

std::string text_of(const RowReader& reader, ObjectId id) {
    auto name = name_of(reader, id);
    return name ? std::move(name->text) : std::string{};
}

std::optional<Name> WriterNames::find(const Rows& rows, ObjectId tenant, Kind kind,
                                      std::string_view text) {
    if (known_max_ > 0) {
        set_probe(probe_, tenant, kind, text);
        if (const auto known = known_.find(probe_); known != known_.end()) return known->second;
    }
    const auto value = rows.get(table::names, name_key(sip_, tenant, kind, text));
    if (!value) return std::nullopt;
    const auto found = find_in(*value, text);
    if (found) remember(*found);
    return found;
}

void WriterNames::remember(Name name) {
    if (known_max_ == 0) return;
    if (known_.size() >= known_max_) known_.clear();
    known_.emplace(probe_, name);
}

Name WriterNames::intern(Rows& rows, ObjectId tenant, Kind kind, std::string_view text,
                         std::string_view shown, std::uint32_t mark, std::uint64_t& last_object) {
    if (const auto found = find(rows, tenant, kind, text)) return *found;
    const Name name{ObjectId{++last_object}, mark};
    const Key key = name_key(sip_, tenant, kind, text);
    std::vector<std::uint64_t> value;
    if (const auto collided = rows.get(table::names, key))
        value.assign(collided->begin(), collided->end());
    value.push_back(name.id.value);
    push_text(value, text);
    value[value.size() - 1 - (text.size() + 7) / 8] |= std::uint64_t{mark} << 32U;
    rows.set(table::names, key, value);

    value.assign({tenant.value});
    push_text(value, shown);
    value[1] = value[1] << 8U | static_cast<std::uint64_t>(kind);
    rows.set(table::texts, Key{name.id.value}, value);
    remember(name);
    return name;
}

}  // namespace tenure::projection
