#include "replication/log_view.h"

#include <gtest/gtest.h>

namespace tenure::replication {
namespace {

using Terms = std::vector<TermStart>;

TermStart start(std::uint64_t term, std::uint64_t first) { return {Term{term}, Revision{first}}; }

TEST(LogView, TellsTheTermOfEachEntry) {
    const Terms terms{start(1, 1), start(4, 6)};

    EXPECT_EQ(term_at(terms, revision_none), Term{0});
    EXPECT_EQ(term_at(terms, Revision{1}), Term{1});
    EXPECT_EQ(term_at(terms, Revision{5}), Term{1});
    EXPECT_EQ(term_at(terms, Revision{6}), Term{4});
    EXPECT_EQ(term_at(terms, Revision{600}), Term{4});
}

TEST(LogView, LogsAgreeAsFarAsTheirNewestCommonTermGoes) {
    const Terms one{start(1, 1), start(2, 6)};

    EXPECT_EQ(agreed(one, Revision{9}, one, Revision{9}), Revision{9});
    EXPECT_EQ(agreed(one, Revision{9}, one, Revision{7}), Revision{7});
    // The other went on in term 1 where this one began term 2.
    EXPECT_EQ(agreed(one, Revision{9}, {start(1, 1)}, Revision{8}), Revision{5});
    EXPECT_EQ(agreed({start(1, 1)}, Revision{8}, one, Revision{9}), Revision{5});
    EXPECT_EQ(agreed(one, Revision{9}, {start(1, 1), start(3, 4)}, Revision{8}), Revision{3});
}

TEST(LogView, LogsWithoutACommonTermAgreeOnNothing) {
    EXPECT_EQ(agreed({}, revision_none, {}, revision_none), revision_none);
    EXPECT_EQ(agreed({start(1, 1)}, Revision{3}, {}, revision_none), revision_none);
    EXPECT_EQ(agreed({start(1, 1)}, Revision{3}, {start(2, 1)}, Revision{3}), revision_none);
}

}  // namespace
}  // namespace tenure::replication
