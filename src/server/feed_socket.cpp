#include "server/feed_socket.h"

#include <algorithm>
#include <charconv>

#include "api/json_text.h"
#include "base/text.h"
#include "codec/json_lines.h"
#include "domain/scope.h"
#include "server/later.h"

namespace tenure::server {
namespace {

// Events read in one turn, and how many may be looked at for them.
constexpr std::size_t part_events_max = 256;
constexpr std::uint64_t part_revisions_max = 8'192;

// So that the sequence sorts as text.
std::string padded(Revision revision) {
    constexpr std::size_t digits = 20;
    std::string text = std::to_string(revision.value);
    return std::string(digits - text.size(), '0') + text;
}

void holds(api::JsonText& json, std::string_view name, const std::vector<query::Hold>& all) {
    json.name(name);
    json.begin_array();
    for (const query::Hold& hold : all) {
        json.begin_object();
        json.member("principal", hold.principal);
        json.member("role", hold.role);
        json.member("scope", hold.scope);
        if (hold.conditional) json.member("conditional", true);
        json.end_object();
    }
    json.end_array();
}

std::string cloud_event(const domain::Event& event, const std::string& source,
                        const query::DiffAnswer* effects) {
    api::JsonText json;
    json.begin_object();
    json.member("specversion", "1.0");
    json.member("id", std::to_string(event.revision.value));
    json.member("source", source);
    json.member("type", "tenure." + std::string(domain::type_of(event.body)));
    json.member("time", event.effective_at);
    json.member("recordedtime", event.recorded_at);
    json.member("sequence", padded(event.revision));
    json.member("authid", event.actor);
    json.text_member("correlationid", event.command_id);
    json.member("datacontenttype", "application/json");
    json.name("data");
    json.json(codec::event_line(event));
    if (effects != nullptr) {
        json.name("effects");
        json.begin_object();
        holds(json, "gained", effects->gained);
        holds(json, "lost", effects->lost);
        json.name("rolesChanged");
        json.begin_array();
        for (const query::RoleDiff& role : effects->roles_changed) json.value(role.role);
        json.end_array();
        json.end_object();
    }
    json.end_object();
    return json.take();
}

bool touches(const std::vector<query::Hold>& all, const FeedFilter& filter) {
    return std::ranges::any_of(all, [&](const query::Hold& hold) {
        return (filter.principal.empty() || hold.principal == filter.principal) &&
               (filter.scope.empty() || equal_folded(hold.scope, filter.scope));
    });
}

// What the filter wants of one event; nothing if it does not.
Result<std::optional<std::string>> message_of(node::Session& session, const domain::Event& event,
                                              const FeedFilter& filter, const std::string& source,
                                              bool named) {
    std::optional<std::string> message;
    if (!filter.effects) {
        if (named) message = cloud_event(event, source, nullptr);
        return message;
    }
    domain::AsOf before;
    before.revision = Revision{event.revision.value - 1};
    domain::AsOf after;
    after.revision = event.revision;
    TRY(const auto effects, session.diff(event.tenant, filter.principal, before, after));
    if (named || touches(effects.gained, filter) || touches(effects.lost, filter))
        message = cloud_event(event, source, &effects);
    return message;
}

FeedPart read_part(node::Session& session, const Service& service, const std::string& tenant,
                   const FeedFilter& filter, Revision from) {
    FeedPart part;
    const Revision head = service.heads.newest();
    const Revision to{std::min(head.value, from.value + part_revisions_max - 1)};
    part.next = next(to);
    const std::string source = service.public_url + "/v1/tenants/" + tenant;
    node::EventFilter events;
    events.from = from;
    events.to = to;
    events.tenant = tenant;
    events.any_tenant = false;
    events.type = filter.type;
    const auto read = service.node.events(events, [&](const domain::Event& event) {
        if (part.messages.size() == part_events_max) {
            part.next = event.revision;
            return false;
        }
        const bool named = (filter.principal.empty() || node::names(event, filter.principal)) &&
                           (filter.scope.empty() || node::names(event, filter.scope));
        auto message = message_of(session, event, filter, source, named);
        if (!message) {
            part.failed = message.error();
            return false;
        }
        if (message.value()) part.messages.push_back(std::move(*message.value()));
        return true;
    });
    if (!read) part.failed = read.error();
    return part;
}

FeedPart quick_part(Worker& worker, const Standing& standing, const FeedFilter& filter,
                    Revision from) {
    FeedMemory& known = worker.feed_memory();
    const Revision head = worker.service.heads.newest();
    const bool same = known.head == head && known.from == from &&
                      known.tenant == standing.tenant() && known.type == filter.type &&
                      known.principal == filter.principal && known.scope == filter.scope;
    if (same) return known.part;
    FeedPart part = read_part(worker.session(), worker.service, standing.tenant(), filter, from);
    known = {standing.tenant(), filter.type, filter.principal, filter.scope, from, head, part};
    return part;
}

}  // namespace

Result<FeedFilter> parse_feed_filter(const Target& target, Revision head) {
    FeedFilter filter;
    filter.from = next(head);
    for (const auto& [name, value] : target.query) {
        if (name == "from") {
            std::uint64_t number = 0;
            const char* end = value.data() + value.size();
            const auto read = std::from_chars(value.data(), end, number);
            if (read.ec != std::errc{} || read.ptr != end || number == 0)
                return invalid("from", quoted(value) + " is not a revision: 1 or more");
            filter.from = Revision{number};
        } else if (name == "type") {
            TRY(filter.type, node::parse_event_type(value, "type"));
        } else if (name == "principal") {
            filter.principal = value;
        } else if (name == "scope") {
            TRY(filter.scope, domain::parse_scope(value, "scope"));
        } else if (name == "effects") {
            if (value != "true" && value != "false")
                return invalid("effects", quoted(value) + " is not true or false");
            filter.effects = value == "true";
        } else {
            return invalid(name, quoted(name) +
                                     " is not a parameter of the feed: from, type, principal, "
                                     "scope and effects are taken");
        }
    }
    return filter;
}

net::awaitable<FeedPart> read_feed(Worker& worker, const Standing& standing,
                                   const FeedFilter& filter, Revision from) {
    Service& service = worker.service;
    // What was recorded just now is a quick read; all else goes where it holds up nobody.
    constexpr std::uint64_t quick_revisions = 64;
    const std::uint64_t ahead = service.heads.newest().value - from.value;
    if (!filter.effects && ahead < quick_revisions)
        co_return quick_part(worker, standing, filter, from);
    std::function<void(std::function<void(FeedPart)>)> start =
        [&](std::function<void(FeedPart)> done) {
            const bool taken = service.long_questions.submit([&, done](node::Session& session) {
                done(read_part(session, service, standing.tenant(), filter, from));
            });
            if (taken) return;
            FeedPart later_then;
            later_then.next = from;
            done(std::move(later_then));
        };
    FeedPart part = co_await later<FeedPart>(std::move(start));
    co_return part;
}

}  // namespace tenure::server
