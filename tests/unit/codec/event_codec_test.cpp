#include "codec/event_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "support/random_events.h"

namespace tenure::codec {
namespace {

using testing::event_kinds;
using testing::random_body;
using testing::random_event;
using testing::seed_under_test;

// Where the words of an encoded event stand: the root pointer, two words of data, nine pointers.
constexpr std::size_t effective_at_word = 1;
constexpr std::size_t kind_word = 2;
constexpr std::size_t tenant_pointer = 3;
constexpr std::size_t actor_pointer = 4;
constexpr std::size_t payload_pointer = 11;

domain::Event event_of(domain::EventBody body) {
    domain::Event event;
    event.effective_at = Instant{1'714'564'800'000'000};
    event.tenant = "contoso";
    event.actor = "dana@contoso.example";
    event.command_id = "onboarding-17";
    event.cause.command = "group.addMember";
    event.body = std::move(body);
    return event;
}

domain::Event membership() {
    return event_of(domain::MemberAdded{"team:platform", "ravi@contoso.example"});
}

std::uint64_t word_at(const Buffer& bytes, std::size_t index) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + index * 8, 8);
    return word;
}

Buffer with_word(Buffer bytes, std::size_t index, std::uint64_t word) {
    std::memcpy(bytes.data() + index * 8, &word, 8);
    return bytes;
}

Buffer with_text(Buffer bytes, std::string_view from, std::string_view to) {
    const auto at =
        std::search(bytes.begin(), bytes.end(), from.begin(), from.end(),
                    [](std::byte byte, char c) { return byte == static_cast<std::byte>(c); });
    EXPECT_NE(at, bytes.end());
    EXPECT_EQ(from.size(), to.size());
    std::transform(to.begin(), to.end(), at, [](char c) { return static_cast<std::byte>(c); });
    return bytes;
}

// Decodes what must be refused.
Error refusal(const Buffer& bytes) {
    const auto decoded = decode_event(bytes);
    EXPECT_FALSE(decoded.has_value());
    return decoded ? Error{} : decoded.error();
}

void expect_round_trip(const domain::Event& event) {
    const Buffer bytes = encode_event(event);
    EXPECT_EQ(bytes.size() % 8, 0U);
    const auto decoded = decode_event(bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().detail;
    EXPECT_TRUE(decoded.value() == event) << domain::type_of(event.body);
    EXPECT_EQ(encode_event(decoded.value()), bytes) << domain::type_of(event.body);
}

TEST(EventCodec, RoundTripIsExactForEveryKind) {
    SCOPED_TRACE("TENURE_SEED=" + std::to_string(seed_under_test()));
    SeededRandom random{seed_under_test()};
    for (int round = 0; round < 100; ++round)
        for (std::size_t kind = 0; kind < event_kinds; ++kind)
            expect_round_trip(random_event(random, kind));
}

TEST(EventCodec, RoundTripOfIndexValues) {
    SCOPED_TRACE("TENURE_SEED=" + std::to_string(seed_under_test()));
    SeededRandom random{seed_under_test()};
    const auto draw = [&]<class Payload>(std::type_identity<Payload>) {
        const std::size_t kind = domain::EventBody{Payload{}}.index();
        return std::get<Payload>(random_body(random, kind));
    };
    for (int round = 0; round < 100; ++round) {
        const auto principal = draw(std::type_identity<domain::PrincipalCreated>{}).principal;
        EXPECT_TRUE(decode_principal(encode_principal(principal)).value() == principal);
        const auto role = draw(std::type_identity<domain::RoleDefined>{}).role;
        EXPECT_TRUE(decode_role(encode_role(role)).value() == role);
        const auto assignment = draw(std::type_identity<domain::AssignmentCreated>{}).assignment;
        EXPECT_TRUE(decode_assignment(encode_assignment(assignment)).value() == assignment);
        const auto deny = draw(std::type_identity<domain::DenyCreated>{}).deny;
        EXPECT_TRUE(decode_deny(encode_deny(deny)).value() == deny);
        const auto eligibility = draw(std::type_identity<domain::EligibilityCreated>{}).eligibility;
        EXPECT_TRUE(decode_eligibility(encode_eligibility(eligibility)).value() == eligibility);
        const auto invitation = draw(std::type_identity<domain::InvitationCreated>{}).invitation;
        EXPECT_TRUE(decode_invitation(encode_invitation(invitation)).value() == invitation);
        const auto token = draw(std::type_identity<domain::TokenIssued>{}).token;
        EXPECT_TRUE(decode_token(encode_token(token)).value() == token);
    }
}

TEST(EventCodec, KeepsAbsentAndEmptyApart) {
    domain::AssignmentUpdated update{.assignment = "a-1"};
    expect_round_trip(event_of(update));
    update.condition.emplace();
    expect_round_trip(event_of(update));
    update.window.start = Instant{0};
    expect_round_trip(event_of(update));
    update.window = {.start = {}, .end = Instant{0}};
    expect_round_trip(event_of(update));
}

TEST(EventCodec, KeepsTheTypeOfEmptyAttributes) {
    domain::Principal principal{.id = "dana"};
    principal.attributes = {{"levels", std::vector<std::int64_t>{}},
                            {"projects", std::vector<std::string>{}},
                            {"onCall", false}};
    expect_round_trip(event_of(domain::PrincipalCreated{principal}));
}

TEST(EventCodec, LargeEventsAreOneSegmentToo) {
    domain::Role role{.id = "auditor", .name = "Auditor"};
    role.permissions.emplace_back();
    for (int i = 0; i < 2000; ++i) {
        role.assignable_scopes.push_back("/subscriptions/" + std::to_string(i));
        role.permissions[0].actions.push_back("Provider" + std::to_string(i) + "/*/read");
    }
    expect_round_trip(event_of(domain::RoleDefined{role}));
}

TEST(EventCodec, ExtremesOfTime) {
    domain::Event event = membership();
    event.effective_at = instant_min;
    expect_round_trip(event);
    event.effective_at = instant_max;
    expect_round_trip(event);
}

TEST(EventCodec, LeavesTheEntryHeaderOut) {
    domain::Event event = membership();
    const Buffer bytes = encode_event(event);
    event.revision = Revision{7};
    event.term = Term{2};
    event.recorded_at = Instant{9};
    EXPECT_EQ(encode_event(event), bytes);
}

TEST(EventCodec, RefusesWhatIsNoMessage) {
    EXPECT_EQ(refusal({}).code, Errc::storage_damaged);
    EXPECT_EQ(refusal(Buffer(12)).code, Errc::storage_damaged);
    EXPECT_EQ(refusal(Buffer(64)).detail, "body has no payload");
    EXPECT_EQ(refusal(Buffer(64, std::byte{0xFF})).code, Errc::storage_damaged);
}

TEST(EventCodec, RefusesEveryTruncation) {
    Buffer bytes = encode_event(membership());
    while (!bytes.empty()) {
        bytes.resize(bytes.size() - 8);
        EXPECT_EQ(refusal(bytes).code, Errc::storage_damaged) << bytes.size();
    }
}

TEST(EventCodec, RefusesUnknownKinds) {
    const Buffer bytes = encode_event(membership());
    const std::uint64_t word = word_at(bytes, kind_word);
    ASSERT_EQ(word >> 16U & 0xFFFFU, 7U);
    const std::uint64_t unknown = (word & ~(std::uint64_t{0xFFFF} << 16U)) | event_kinds << 16U;
    const Error error = refusal(with_word(bytes, kind_word, unknown));
    EXPECT_EQ(error.code, Errc::storage_too_new);
    EXPECT_EQ(error.field, "body");
    EXPECT_NE(error.detail.find("33"), std::string::npos) << error.detail;
}

TEST(EventCodec, RefusesUnknownEnumerators) {
    const Buffer bytes = encode_principal({.id = "dana"});
    // Root pointer, then kind, user type and redemption in 16 bits each.
    for (const unsigned shift : {0U, 16U, 32U}) {
        const auto decoded = decode_principal(with_word(bytes, 1, std::uint64_t{9} << shift));
        ASSERT_FALSE(decoded.has_value());
        EXPECT_EQ(decoded.error().code, Errc::storage_too_new);
    }
}

TEST(EventCodec, RefusesTextsThatAreNotUtf8) {
    const Buffer bytes = encode_event(membership());
    const Error error = refusal(with_text(bytes, "contoso", "cont\xFFso"));
    EXPECT_EQ(error.code, Errc::storage_damaged);
    EXPECT_EQ(error.field, "tenant");
    EXPECT_EQ(refusal(with_text(bytes, "ravi", "rav\xC3")).field, "member");
}

TEST(EventCodec, RefusesTimesThatCannotBeWritten) {
    const Buffer bytes = encode_event(membership());
    const auto beyond = static_cast<std::uint64_t>(instant_max.us) + 1;
    const Error error = refusal(with_word(bytes, effective_at_word, beyond));
    EXPECT_EQ(error.code, Errc::storage_damaged);
    EXPECT_EQ(error.field, "effectiveAt");
}

TEST(EventCodec, RefusesAnEventWithoutPayload) {
    const Error error = refusal(with_word(encode_event(membership()), payload_pointer, 0));
    EXPECT_EQ(error.code, Errc::storage_damaged);
    EXPECT_EQ(error.field, "body");
}

TEST(EventCodec, RefusesPointersThatShareTheirTarget) {
    domain::Event event = membership();
    event.tenant = std::string(400, 't');
    const Buffer bytes = encode_event(event);
    // The same target, seen from one word further on.
    const std::uint64_t shared = word_at(bytes, tenant_pointer) - 4;
    const Error error = refusal(with_word(bytes, actor_pointer, shared));
    EXPECT_EQ(error.code, Errc::storage_damaged);
}

TEST(EventCodec, SurvivesEveryFlippedBit) {
    const Buffer bytes = encode_event(membership());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Buffer flipped = bytes;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        const auto decoded = decode_event(flipped);
        if (decoded) expect_round_trip(decoded.value());
    }
}

TEST(EventCodec, IgnoresWhatALaterVersionAdds) {
    const Buffer bytes = encode_event(membership());
    const std::uint64_t payload = word_at(bytes, payload_pointer);
    const std::uint64_t start = payload_pointer + 1 + ((payload & 0xFFFFFFFFU) >> 2U);
    const std::uint64_t words = bytes.size() / 8;

    // The payload moves behind the message and gets a third pointer, as a later MemberAdded would
    // have. What its own pointers lead to stays where it is, so they lead further back.
    Buffer longer = bytes;
    longer.resize(bytes.size() + 24);
    for (std::uint64_t i = 0; i < 2; ++i) {
        const std::uint64_t pointer = word_at(bytes, start + i);
        const std::uint64_t lead = (pointer - ((words - start) << 2U)) & 0xFFFFFFFFU;
        longer = with_word(longer, words + i, (pointer & ~std::uint64_t{0xFFFFFFFF}) | lead);
    }
    const std::uint64_t lead = words - (payload_pointer + 1);
    longer = with_word(longer, payload_pointer, lead << 2U | std::uint64_t{3} << 48U);

    const auto decoded = decode_event(longer);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().detail;
    EXPECT_TRUE(decoded.value() == membership());
}

TEST(EventCodecDeathTest, NeverWritesWhatItCouldNotRead) {
    domain::Event event = membership();
    event.actor = "dana\xFF";
    EXPECT_DEATH(encode_event(event), "is_utf8");
    event = membership();
    event.effective_at = instant_max + 1;
    EXPECT_DEATH(encode_event(event), "instant_max");
}

TEST(EventCodecDeathTest, NeedsAlignedBytes) {
    Buffer bytes = encode_event(membership());
    bytes.insert(bytes.begin(), std::byte{0});
    EXPECT_DEATH(static_cast<void>(decode_event(Bytes{bytes}.subspan(1))), "% sizeof");
}

}  // namespace
}  // namespace tenure::codec
