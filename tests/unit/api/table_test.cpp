#include "api/table.h"

#include <gtest/gtest.h>

namespace tenure::api {
namespace {

const Paint plain{false};

TEST(Table, AlignsColumns) {
    Table table{{{"NAME"}, {"COUNT", Table::Align::right}, {"WHY"}}};
    table.add({"a", "7", "short"});
    table.add({"a longer name", "1234", "x"});

    EXPECT_EQ(table.take(plain),
              "NAME           COUNT  WHY\n"
              "a                  7  short\n"
              "a longer name   1234  x\n");
}

TEST(Table, AlignsByWidthOnTheTerminal) {
    Table table{{{"N"}, {"X"}}};
    table.add({"\xe6\x9d\x8e", "1"});
    table.add({"abc", "2"});

    EXPECT_EQ(table.take(plain),
              "N    X\n"
              "\xe6\x9d\x8e   1\n"
              "abc  2\n");
}

TEST(Table, LeavesNoBlanksAtTheEndOfALine) {
    Table table{{{"A"}, {"B"}}};
    table.add({"longer than its title", ""});

    EXPECT_EQ(table.take(plain),
              "A                      B\n"
              "longer than its title\n");
}

TEST(Table, ShowsTitlesOnceAndKeepsWidths) {
    Table table{{{"A"}, {"B"}}};
    table.add({"wide cell", "1"});
    EXPECT_EQ(table.take(plain), "A          B\nwide cell  1\n");

    table.add({"x", "2"});
    EXPECT_EQ(table.take(plain), "x          2\n");
}

TEST(Table, MakesCellsPrintable) {
    Table table{{{"A"}, {"B"}}};
    table.add({"two\nlines", "1"});

    EXPECT_EQ(table.take(plain), "A             B\ntwo\\x0alines  1\n");
}

TEST(Table, PaintsCellsWithoutMovingColumns) {
    Table table{{{""}, {"B"}}};
    table.add({{Colour::deny, "-"}, "1"});

    EXPECT_EQ(table.take(Paint{true}), "   \x1b[1mB\x1b[0m\n\x1b[1;31m-\x1b[0m  1\n");
}

}  // namespace
}  // namespace tenure::api
