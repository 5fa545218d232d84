#include "server/authzen_page.h"

#include <charconv>

#include "log/merkle.h"
#include "server/base64url.h"

namespace tenure::server::authzen {
namespace {

constexpr std::size_t request_hash_length = 32;
constexpr std::string_view no_number = "-";

// Each part with its length, so that no two requests read the same.
class Parts {
public:
    void add(std::string_view part) {
        text_ += std::to_string(part.size());
        text_ += ':';
        text_ += part;
    }

    void add(const domain::condition::AttributeSet& attributes) {
        add(std::to_string(attributes.all().size()));
        for (const domain::Attribute& attribute : attributes.all()) {
            add(attribute.name);
            add(std::to_string(attribute.values.index()));
            if (const auto* flag = std::get_if<bool>(&attribute.values)) {
                add(*flag ? "1" : "0");
            } else if (const auto* numbers =
                           std::get_if<std::vector<std::int64_t>>(&attribute.values)) {
                add(std::to_string(numbers->size()));
                for (const std::int64_t number : *numbers) add(std::to_string(number));
            } else if (const auto* texts =
                           std::get_if<std::vector<std::string>>(&attribute.values)) {
                add(std::to_string(texts->size()));
                for (const std::string& text : *texts) add(text);
            }
        }
    }

    const std::string& text() const { return text_; }

private:
    std::string text_;
};

template <class Number>
std::string number_text(const std::optional<Number>& number) {
    return number ? std::to_string(number->value) : std::string(no_number);
}

template <>
std::string number_text(const std::optional<Instant>& instant) {
    return instant ? std::to_string(instant->us) : std::string(no_number);
}

// Of everything in the request but the page.
std::string hash_of(const Search& asked, std::string_view tenant) {
    Parts parts;
    parts.add(tenant);
    parts.add(std::to_string(static_cast<int>(asked.searched)));
    parts.add(asked.subject_type);
    parts.add(asked.principal);
    parts.add(asked.action);
    parts.add(domain::name_of(asked.plane));
    parts.add(asked.resource_type);
    parts.add(asked.scope.value_or(std::string{}));
    parts.add(number_text(asked.as_of.at));
    parts.add(number_text(asked.as_of.revision));
    parts.add(number_text(asked.as_of.known_at));
    parts.add(asked.attributes.sub_operation);
    parts.add(asked.attributes.request);
    parts.add(asked.attributes.resource);
    parts.add(asked.attributes.environment);
    const log::Digest digest = log::sha256(std::as_bytes(std::span{parts.text()}));
    return log::hex(digest).substr(0, request_hash_length);
}

// Up to the next colon, which goes too.
std::optional<std::string_view> taken(std::string_view& text) {
    const std::size_t end = text.find(':');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end + 1);
    return part;
}

template <class Number>
bool take_number(std::string_view& text, Number& to) {
    const auto part = taken(text);
    if (!part || part->empty()) return false;
    const char* end = part->data() + part->size();
    const auto read = std::from_chars(part->data(), end, to);
    return read.ec == std::errc{} && read.ptr == end;
}

}  // namespace

Result<Page> page_of(const Search& asked, std::string_view tenant) {
    Page page;
    page.as_of = asked.as_of;
    if (asked.token.empty()) return page;
    const Error bad = invalid("page.token", "'page.token' is not of an earlier page");
    const auto decoded = base64url_decode(asked.token);
    if (!decoded) return bad;
    std::string_view rest = *decoded;
    const auto hash = taken(rest);
    page.as_of = {};
    if (!hash || !take_number(rest, page.as_of.revision.emplace().value) ||
        !take_number(rest, page.as_of.clock.emplace().us) || rest.empty())
        return bad;
    if (*hash != hash_of(asked, tenant))
        return invalid("page.token",
                       "'page.token' is of another request; repeat everything but the page");
    page.after = rest;
    return page;
}

std::string token_of(const Search& asked, std::string_view tenant, const Page& next) {
    return base64url_encode(hash_of(asked, tenant) + ':' +
                            std::to_string(next.as_of.revision->value) + ':' +
                            std::to_string(next.as_of.clock->us) + ':' + next.after);
}

}  // namespace tenure::server::authzen
