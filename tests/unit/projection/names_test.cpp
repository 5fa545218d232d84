#include "projection/names.h"

#include "unit/projection/rows_fixture.h"

namespace tenure::projection {
namespace {

const SipKey key{{1, 2}};
constexpr ObjectId tenant_a{1};
constexpr ObjectId tenant_b{2};

TEST(Names, AreHandedOutOnceInOrder) {
    TestRows rows;
    WriterNames names{key};
    std::uint64_t last = 10;

    rows.write([&](LmdbRows& r) {
        EXPECT_EQ(names.intern(r, tenant_a, Kind::principal, "dana", "dana", 0, last).id.value,
                  11U);
        EXPECT_EQ(names.intern(r, tenant_a, Kind::principal, "kim", "kim", 0, last).id.value, 12U);
        EXPECT_EQ(names.intern(r, tenant_a, Kind::principal, "dana", "dana", 0, last).id.value,
                  11U);
    });

    EXPECT_EQ(last, 12U);
}

TEST(Names, OfTenantsAndKindsAreApart) {
    TestRows rows;
    WriterNames names{key};
    std::uint64_t last = 0;
    rows.write([&](LmdbRows& r) {
        names.intern(r, tenant_a, Kind::principal, "x", "x", 0, last);
        names.intern(r, tenant_b, Kind::principal, "x", "x", 0, last);
        names.intern(r, tenant_a, Kind::role, "x", "x", 0, last);
    });

    EXPECT_EQ(last, 3U);
    rows.read([&](const RowReader& reader) {
        EXPECT_EQ(find_name(reader, key, tenant_b, Kind::principal, "x")->id.value, 2U);
        EXPECT_EQ(find_name(reader, key, tenant_a, Kind::role, "x")->id.value, 3U);
        EXPECT_FALSE(find_name(reader, key, tenant_b, Kind::role, "x").has_value());
        EXPECT_FALSE(find_name(reader, key, tenant_a, Kind::principal, "X").has_value());
    });
}

TEST(Names, KeepTheFirstSpellingAndTheMark) {
    TestRows rows;
    WriterNames names{key};
    std::uint64_t last = 0;
    rows.write([&](LmdbRows& r) {
        names.intern(r, tenant_a, Kind::scope, "/a/b", "/A/b", 0, last);
        names.intern(r, tenant_a, Kind::scope, "/a/b", "/a/B", 0, last);
        names.intern(r, tenant_a, Kind::principal, "team", "team", mark_group, last);
    });

    rows.read([&](const RowReader& reader) {
        EXPECT_EQ(text_of(reader, ObjectId{1}), "/A/b");
        const auto named = name_of(reader, ObjectId{2});
        ASSERT_TRUE(named.has_value());
        EXPECT_EQ(named->tenant, tenant_a);
        EXPECT_EQ(named->kind, Kind::principal);
        EXPECT_EQ(named->text, "team");
        EXPECT_EQ(find_name(reader, key, tenant_a, Kind::principal, "team")->mark, mark_group);
        EXPECT_EQ(find_name(reader, key, tenant_a, Kind::scope, "/a/b")->mark, 0U);
        EXPECT_EQ(text_of(reader, ObjectId{}), "");
        EXPECT_FALSE(name_of(reader, ObjectId{3}).has_value());
    });
}

TEST(Names, WhoseHashesCollideAreFoundEach) {
    // Two names in one row, as fold writes them.
    std::vector<std::uint64_t> value;
    for (const auto& [id, text] :
         {std::pair{5U, "first"}, std::pair{9U, "second, which is longer"}}) {
        value.push_back(id);
        push_text(value, text);
    }

    EXPECT_EQ(find_in(value, "first")->id.value, 5U);
    EXPECT_EQ(find_in(value, "second, which is longer")->id.value, 9U);
    EXPECT_FALSE(find_in(value, "second").has_value());
}

TEST(Names, OfAnAbortedTransactionAreForgotten) {
    TestRows rows;
    WriterNames names{key};
    {
        storage::WriteTxn txn{rows.environment()};
        LmdbRows r{txn};
        std::uint64_t last = 0;
        names.intern(r, tenant_a, Kind::principal, "dana", "dana", 0, last);
    }

    names.forget();

    rows.write([&](LmdbRows& r) {
        EXPECT_FALSE(names.find(r, tenant_a, Kind::principal, "dana").has_value());
    });
}

TEST(Names, AreTheSameForAnotherWriter) {
    TestRows rows;
    std::uint64_t last = 0;
    rows.write([&](LmdbRows& r) {
        WriterNames names{key};
        names.intern(r, tenant_a, Kind::principal, "", "", 0, last);
        names.intern(r, tenant_a, Kind::principal, "dana", "dana", 0, last);
    });

    WriterNames other{key};
    rows.write([&](LmdbRows& r) {
        EXPECT_EQ(other.find(r, tenant_a, Kind::principal, "dana")->id.value, 2U);
        EXPECT_EQ(other.find(r, tenant_a, Kind::principal, "")->id.value, 1U);
    });
}

}  // namespace
}  // namespace tenure::projection
