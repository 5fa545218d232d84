#include "codec/replication_frames.h"

#include <schema/replication.capnp.h>

#include <bit>
#include <cstring>
#include <utility>

#include "codec/capnp_frame.h"
#include "codec/utf8.h"

namespace tenure::codec {
namespace {

namespace r = tenure::replication;

// Text, list or data of the wrong size: the first of them is told.
class Reading {
public:
    template <std::size_t size>
    std::array<std::byte, size> bytes(capnp::Data::Reader from, const char* field) {
        std::array<std::byte, size> to{};
        if (from.size() == size)
            std::memcpy(to.data(), from.begin(), size);
        else
            refuse(field,
                   "has " + std::to_string(from.size()) + " bytes, not " + std::to_string(size));
        return to;
    }

    std::array<std::uint64_t, 2> id(capnp::Data::Reader from, const char* field) {
        return std::bit_cast<std::array<std::uint64_t, 2>>(bytes<16>(from, field));
    }

    std::string node(capnp::Text::Reader from) {
        if (from.size() == 0 || from.size() > node_name_length_max)
            refuse("node", "has " + std::to_string(from.size()) + " bytes, not 1 to " +
                               std::to_string(node_name_length_max));
        else if (!is_utf8({from.begin(), from.size()}))
            refuse("node", "is not UTF-8");
        else
            return {from.begin(), from.size()};
        return {};
    }

    Instant instant(std::int64_t us, const char* field) {
        const Instant t{us};
        if (t < instant_min || t > instant_max)
            refuse(field, "is not a time between the years 0 and 9999");
        return t;
    }

    // Ascending, the firsts too, all of them between `from` and `to`.
    std::vector<r::TermStart> terms(capnp::List<schema::TermStart>::Reader list, Revision from,
                                    Revision to) {
        std::vector<r::TermStart> all;
        for (const auto each : list) {
            const r::TermStart start{term(each.getTerm()), Revision{each.getFirst()}};
            const bool in_order =
                all.empty() || (all.back().term < start.term && all.back().first < start.first);
            if (start.term == Term{} || start.first < from || start.first > to || !in_order) {
                refuse("terms", "are not in order, or begin elsewhere than in the entries");
                return {};
            }
            all.push_back(start);
        }
        return all;
    }

    Term term(std::uint64_t value) {
        if (Term{value} > r::term_max)
            refuse("term",
                   std::to_string(value) + " is beyond " + std::to_string(r::term_max.value));
        return Term{value};
    }

    bool failed() const { return error_.has_value(); }

    void refuse(const char* field, std::string what) {
        if (!error_) error_ = invalid(field, std::string(field) + ' ' + std::move(what));
    }

    Result<void> result() {
        if (error_) return std::move(*error_);
        return success();
    }

private:
    std::optional<Error> error_;
};

r::Message read(schema::Hello::Reader from, Reading& reading) {
    r::Hello to;
    to.log.words = reading.id(from.getLog(), "log");
    to.member = {reading.node(from.getNode()), {reading.id(from.getStore(), "store")}};
    to.format = from.getFormat();
    to.term = reading.term(from.getTerm());
    to.last = Revision{from.getLast()};
    to.terms = reading.terms(from.getTerms(), Revision{1}, to.last);
    return to;
}

r::Message read(schema::Welcome::Reader from, Reading& reading) {
    r::Welcome to;
    to.term = reading.term(from.getTerm());
    to.node = reading.node(from.getNode());
    to.distance = from.getDistance();
    to.keep = Revision{from.getKeep()};
    to.root = reading.bytes<32>(from.getRoot(), "root");
    to.committed = Revision{from.getCommitted()};
    return to;
}

r::Message read(schema::Append::Reader from, Reading& reading) {
    r::Append to;
    to.term = reading.term(from.getTerm());
    to.run.before = {reading.term(from.getBeforeTerm()), Revision{from.getBefore()}};
    to.run.last = Revision{from.getLast()};
    if (to.run.last <= to.run.before.revision)
        reading.refuse("last", "is not after the entry before: there are no entries");
    to.run.terms = reading.terms(from.getTerms(), next(to.run.before.revision), to.run.last);
    to.run.root = reading.bytes<32>(from.getRoot(), "root");
    to.committed = Revision{from.getCommitted()};
    auto content = std::make_shared<r::RunContent>();
    const auto entries = from.getEntries();
    if (entries.size() % sizeof(std::uint64_t) != 0)
        reading.refuse("entries", "are not whole words of 8 bytes");
    content->words.resize(entries.size() / sizeof(std::uint64_t));
    if (!content->words.empty())
        std::memcpy(content->words.data(), entries.begin(),
                    content->words.size() * sizeof(std::uint64_t));
    for (const auto each : from.getCommands()) {
        r::RunCommand& command = content->commands.emplace_back();
        command.key = {each.getKey0(), each.getKey1()};
        command.body_hash = reading.bytes<32>(each.getBodyHash(), "bodyHash");
        command.first = Revision{each.getFirst()};
        command.count = each.getCount();
        if (reading.failed()) break;
    }
    to.run.content = std::move(content);
    return to;
}

r::Message read(schema::Beat::Reader from, Reading& reading) {
    return r::Beat{reading.term(from.getTerm()), from.getRound(), Revision{from.getCommitted()},
                   reading.instant(from.getClosed(), "closed"),
                   reading.instant(from.getReserved(), "reserved")};
}

r::Message read(schema::Ack::Reader from, Reading& reading) {
    return r::Ack{reading.term(from.getTerm()), from.getRound(), Revision{from.getDurable()},
                  Revision{from.getApplied()}, reading.instant(from.getReserved(), "reserved")};
}

r::Message read(schema::Refusal::Reader from, Reading& reading) {
    switch (from.getWhy()) {
        case schema::Refusal::Why::STRANGER:
            return r::Refusal{r::Refused::stranger, reading.term(from.getTerm())};
        case schema::Refusal::Why::FORMAT:
            return r::Refusal{r::Refused::format, reading.term(from.getTerm())};
        case schema::Refusal::Why::TERM:
            return r::Refusal{r::Refused::term, reading.term(from.getTerm())};
        case schema::Refusal::Why::NOT_READY:
            return r::Refusal{r::Refused::not_ready, reading.term(from.getTerm())};
    }
    reading.refuse("why", "is of a kind that this program does not know");
    return r::Refusal{};
}

r::Message read(schema::Message::Reader from, Reading& reading) {
    using Kind = schema::Message;
    switch (from.which()) {
        case Kind::HELLO:
            return read(from.getHello(), reading);
        case Kind::WELCOME:
            return read(from.getWelcome(), reading);
        case Kind::APPEND:
            return read(from.getAppend(), reading);
        case Kind::BEAT:
            return read(from.getBeat(), reading);
        case Kind::ACK:
            return read(from.getAck(), reading);
        case Kind::ASK:
            return r::Ask{reading.term(from.getAsk().getTerm()), from.getAsk().getId()};
        case Kind::TOLD: {
            const auto told = from.getTold();
            return r::Told{reading.term(told.getTerm()), told.getId(), told.getKnown(),
                           Revision{told.getRevision()}};
        }
        case Kind::REFUSAL:
            return read(from.getRefusal(), reading);
    }
    reading.refuse("message", "is of a kind that this program does not know");
    return r::Refusal{};
}

template <class Value>
capnp::Data::Reader data_of(const Value& value) {
    return {reinterpret_cast<const kj::byte*>(&value), sizeof value};
}

void write_terms(capnp::List<schema::TermStart>::Builder to,
                 const std::vector<r::TermStart>& from) {
    for (unsigned i = 0; i < from.size(); ++i) {
        to[i].setTerm(from[i].term.value);
        to[i].setFirst(from[i].first.value);
    }
}

void write(schema::Message::Builder root, const r::Hello& from) {
    auto to = root.initHello();
    to.setLog(data_of(from.log.words));
    to.setStore(data_of(from.member.store.words));
    to.setNode(from.member.node);
    to.setFormat(from.format);
    to.setTerm(from.term.value);
    to.setLast(from.last.value);
    write_terms(to.initTerms(static_cast<unsigned>(from.terms.size())), from.terms);
}

void write(schema::Message::Builder root, const r::Welcome& from) {
    auto to = root.initWelcome();
    to.setTerm(from.term.value);
    to.setNode(from.node);
    to.setDistance(from.distance);
    to.setKeep(from.keep.value);
    to.setRoot(data_of(from.root));
    to.setCommitted(from.committed.value);
}

void write(schema::Message::Builder root, const r::Append& from) {
    auto to = root.initAppend();
    to.setTerm(from.term.value);
    to.setBeforeTerm(from.run.before.term.value);
    to.setBefore(from.run.before.revision.value);
    to.setLast(from.run.last.value);
    write_terms(to.initTerms(static_cast<unsigned>(from.run.terms.size())), from.run.terms);
    to.setRoot(data_of(from.run.root));
    to.setCommitted(from.committed.value);
    if (!from.run.content) return;
    const r::RunContent& content = *from.run.content;
    to.setEntries({reinterpret_cast<const kj::byte*>(content.words.data()),
                   content.words.size() * sizeof(std::uint64_t)});
    auto commands = to.initCommands(static_cast<unsigned>(content.commands.size()));
    for (unsigned i = 0; i < content.commands.size(); ++i) {
        const r::RunCommand& command = content.commands[i];
        commands[i].setKey0(command.key[0]);
        commands[i].setKey1(command.key[1]);
        commands[i].setBodyHash(data_of(command.body_hash));
        commands[i].setFirst(command.first.value);
        commands[i].setCount(command.count);
    }
}

void write(schema::Message::Builder root, const r::Beat& from) {
    auto to = root.initBeat();
    to.setTerm(from.term.value);
    to.setRound(from.round);
    to.setCommitted(from.committed.value);
    to.setClosed(from.closed.us);
    to.setReserved(from.reserved.us);
}

void write(schema::Message::Builder root, const r::Ack& from) {
    auto to = root.initAck();
    to.setTerm(from.term.value);
    to.setRound(from.round);
    to.setDurable(from.durable.value);
    to.setApplied(from.applied.value);
    to.setReserved(from.reserved.us);
}

void write(schema::Message::Builder root, const r::Ask& from) {
    auto to = root.initAsk();
    to.setTerm(from.term.value);
    to.setId(from.id);
}

void write(schema::Message::Builder root, const r::Told& from) {
    auto to = root.initTold();
    to.setTerm(from.term.value);
    to.setId(from.id);
    to.setKnown(from.known);
    to.setRevision(from.revision.value);
}

void write(schema::Message::Builder root, const r::Refusal& from) {
    auto to = root.initRefusal();
    const auto why_of = [](r::Refused why) {
        switch (why) {
            case r::Refused::stranger:
                return schema::Refusal::Why::STRANGER;
            case r::Refused::format:
                return schema::Refusal::Why::FORMAT;
            case r::Refused::term:
                return schema::Refusal::Why::TERM;
            case r::Refused::not_ready:
                break;
        }
        return schema::Refusal::Why::NOT_READY;
    };
    to.setWhy(why_of(from.why));
    to.setTerm(from.term.value);
}

}  // namespace

Result<r::Message> decode_message(Bytes bytes) {
    r::Message to;
    Reading reading;
    TRY(read_frame<schema::Message>(
        bytes, [&](schema::Message::Reader message) { to = read(message, reading); }));
    TRY(reading.result());
    return to;
}

void encode_message(const r::Message& message, FrameBytes& to) {
    std::size_t words = 64;
    if (const auto* append = std::get_if<r::Append>(&message); append && append->run.content)
        words += append->run.content->words.size() + 16 * append->run.content->commands.size();
    capnp::MallocMessageBuilder builder{static_cast<unsigned>(words)};
    auto root = builder.initRoot<schema::Message>();
    std::visit([&](const auto& each) { write(root, each); }, message);
    write_frame(builder, to);
}

}  // namespace tenure::codec
