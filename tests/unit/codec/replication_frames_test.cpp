// Frames of tenure.replication.v1: what is written is read back; what is out of order is refused.

#include "codec/replication_frames.h"

#include <gtest/gtest.h>

namespace tenure::codec {
namespace {

namespace r = tenure::replication;

r::Root root_of(std::uint8_t seed) {
    r::Root root;
    for (std::size_t i = 0; i < root.size(); ++i) root[i] = static_cast<std::byte>(seed + i);
    return root;
}

r::Hello hello() {
    r::Hello hello;
    hello.log = {{1, 2}};
    hello.format = 1;
    hello.member = {"node-a", {{3, 4}}};
    hello.term = Term{7};
    hello.last = Revision{100};
    hello.terms = {{Term{1}, Revision{1}}, {Term{5}, Revision{90}}};
    return hello;
}

r::Append append() {
    r::Append append;
    append.term = Term{7};
    append.run.before = {Term{5}, Revision{100}};
    append.run.last = Revision{102};
    append.run.terms = {{Term{7}, Revision{102}}};
    append.run.root = root_of(3);
    append.committed = Revision{101};
    auto content = std::make_shared<r::RunContent>();
    content->words = {101, 5, 1000, 1, 42, 102, 7, 1001, 0};
    content->commands = {{{8, 9}, root_of(40), Revision{101}, 2}};
    append.run.content = content;
    return append;
}

FrameBytes frame_of(const r::Message& message) {
    FrameBytes bytes;
    encode_message(message, bytes);
    return bytes;
}

template <class Message>
Message read_back(const Message& message) {
    const auto read = decode_message(frame_of(message));
    EXPECT_TRUE(read) << read.error().detail;
    EXPECT_TRUE(std::holds_alternative<Message>(read.value()));
    return std::get<Message>(read.value());
}

std::string refusal(const r::Message& message) {
    const auto read = decode_message(frame_of(message));
    return read ? "read" : read.error().detail;
}

TEST(ReplicationFrames, BringHelloWhole) {
    const r::Hello sent = hello();
    const r::Hello came = read_back(sent);
    EXPECT_EQ(came.log, sent.log);
    EXPECT_EQ(came.member, sent.member);
    EXPECT_EQ(came.format, sent.format);
    EXPECT_EQ(came.term, sent.term);
    EXPECT_EQ(came.last, sent.last);
    EXPECT_EQ(came.terms, sent.terms);
}

TEST(ReplicationFrames, BringAppendWhole) {
    const r::Append sent = append();
    const r::Append came = read_back(sent);
    EXPECT_EQ(came.term, sent.term);
    EXPECT_EQ(came.run.before, sent.run.before);
    EXPECT_EQ(came.run.last, sent.run.last);
    EXPECT_EQ(came.run.terms, sent.run.terms);
    EXPECT_EQ(came.run.root, sent.run.root);
    EXPECT_EQ(came.committed, sent.committed);
    EXPECT_EQ(*came.run.content, *sent.run.content);
    EXPECT_EQ(came.run.bytes(), sent.run.bytes());
}

TEST(ReplicationFrames, BringTheSmallOnesWhole) {
    const auto welcome =
        read_back(r::Welcome{Term{7}, "node-b", 2, Revision{90}, root_of(9), Revision{80}});
    EXPECT_EQ(welcome.node, "node-b");
    EXPECT_EQ(welcome.distance, 2U);
    EXPECT_EQ(welcome.keep, Revision{90});
    EXPECT_EQ(welcome.root, root_of(9));
    EXPECT_EQ(welcome.committed, Revision{80});
    const auto beat = read_back(r::Beat{Term{7}, 11, Revision{3}, instant_min, Instant{99}});
    EXPECT_EQ(beat.round, 11U);
    EXPECT_EQ(beat.committed, Revision{3});
    EXPECT_EQ(beat.closed, instant_min);
    EXPECT_EQ(beat.reserved, Instant{99});
    const auto ack = read_back(r::Ack{Term{7}, 11, Revision{5}, Revision{4}, Instant{98}});
    EXPECT_EQ(ack.durable, Revision{5});
    EXPECT_EQ(ack.applied, Revision{4});
    EXPECT_EQ(ack.reserved, Instant{98});
    EXPECT_EQ(read_back(r::Ask{Term{7}, 12}).id, 12U);
    const auto told = read_back(r::Told{Term{7}, 12, true, Revision{6}});
    EXPECT_TRUE(told.known);
    EXPECT_EQ(told.revision, Revision{6});
    for (const auto why :
         {r::Refused::stranger, r::Refused::format, r::Refused::term, r::Refused::not_ready}) {
        const auto refused = read_back(r::Refusal{why, Term{8}});
        EXPECT_EQ(refused.why, why);
        EXPECT_EQ(refused.term, Term{8});
    }
}

TEST(ReplicationFrames, WithTermsOutOfOrderAreRefused) {
    r::Hello swapped = hello();
    std::swap(swapped.terms[0], swapped.terms[1]);
    EXPECT_NE(refusal(swapped).find("terms are not in order"), std::string::npos);
    r::Hello beyond = hello();
    beyond.terms[1].first = Revision{101};
    EXPECT_NE(refusal(beyond).find("terms are not in order"), std::string::npos);
    r::Hello zero = hello();
    zero.terms[0].term = Term{0};
    EXPECT_NE(refusal(zero).find("terms are not in order"), std::string::npos);
    r::Append elsewhere = append();
    elsewhere.run.terms = {{Term{7}, Revision{100}}};
    EXPECT_NE(refusal(elsewhere).find("terms are not in order"), std::string::npos);
}

TEST(ReplicationFrames, WithoutEntriesOrWithNamesOfAnySizeAreRefused) {
    r::Append nothing = append();
    nothing.run.last = nothing.run.before.revision;
    nothing.run.terms.clear();
    EXPECT_NE(refusal(nothing).find("there are no entries"), std::string::npos);
    r::Hello nameless = hello();
    nameless.member.node.clear();
    EXPECT_NE(refusal(nameless).find("node has 0 bytes"), std::string::npos);
    nameless.member.node = std::string(256, 'n');
    EXPECT_NE(refusal(nameless).find("node has 256 bytes"), std::string::npos);
    nameless.member.node = "\xff";
    EXPECT_NE(refusal(nameless).find("not UTF-8"), std::string::npos);
    EXPECT_NE(refusal(r::Beat{Term{7}, 1, {}, Instant{instant_max.us + 1}, {}})
                  .find("closed is not a time"),
              std::string::npos);
}

TEST(ReplicationFrames, OfATermThatNobodyCanHaveReachedAreRefused) {
    r::Hello far = hello();
    far.term = Term{~std::uint64_t{0}};
    EXPECT_NE(refusal(far).find("term 18446744073709551615 is beyond"), std::string::npos);
    EXPECT_NE(refusal(r::Refusal{r::Refused::term, Term{r::term_max.value + 1}}).find("is beyond"),
              std::string::npos);
    EXPECT_EQ(refusal(r::Ask{r::term_max, 1}), "read");
}

TEST(ReplicationFrames, CutAnywhereAreRefused) {
    const FrameBytes whole = frame_of(append());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const FrameBytes part{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
        const auto read = decode_message(part);
        EXPECT_FALSE(read) << size;
    }
}

}  // namespace
}  // namespace tenure::codec
