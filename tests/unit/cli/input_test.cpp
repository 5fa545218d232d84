#include "system/input.h"

#include <gtest/gtest.h>

#include <fstream>

#include "codec/json_lines.h"
#include "support/temp_store.h"

namespace tenure::system {
namespace {

class InputTest : public ::testing::Test {
protected:
    std::unique_ptr<Input> open(const std::string& content) {
        const std::string path = temp_ / "lines";
        std::ofstream{path, std::ios::binary} << content;
        return std::move(Input::open(path).value());
    }

    tenure::testing::TempDir temp_;
};

TEST_F(InputTest, ReadsLinesWithAndWithoutAnEnd) {
    const auto input = open("one\n\nthree");
    std::string line;

    ASSERT_TRUE(input->next_line(line));
    EXPECT_EQ(line, "one");
    ASSERT_TRUE(input->next_line(line));
    EXPECT_EQ(line, "");
    ASSERT_TRUE(input->next_line(line));
    EXPECT_EQ(line, "three");
    EXPECT_EQ(input->line_number(), 3U);
    EXPECT_FALSE(input->next_line(line));
    EXPECT_TRUE(input->whole());
    EXPECT_EQ(input->bytes_read(), 10U);
    EXPECT_EQ(input->bytes_total(), 10U);
}

TEST_F(InputTest, ReadsManyBuffers) {
    std::string content;
    for (int i = 0; i < 200'000; ++i) content += std::to_string(i) + '\n';
    const auto input = open(content);

    std::string line;
    int count = 0;
    while (input->next_line(line)) ASSERT_EQ(line, std::to_string(count++));
    EXPECT_EQ(count, 200'000);
}

TEST_F(InputTest, CutsALineThatIsTooLong) {
    const auto input = open(std::string(codec::json_line_length_max * 2, 'x') + "\nnext\n");
    std::string line;

    ASSERT_TRUE(input->next_line(line));
    EXPECT_EQ(line.size(), codec::json_line_length_max + 1);  // too long for whoever parses it
    ASSERT_TRUE(input->next_line(line));
    EXPECT_EQ(line, "next");
}

TEST_F(InputTest, IsAStream) {
    const auto input = open("a b c");
    std::string word;
    int count = 0;
    while (input->stream() >> word) ++count;
    EXPECT_EQ(count, 3);
}

TEST_F(InputTest, SaysWhatCannotBeRead) {
    EXPECT_EQ(Input::open(temp_ / "nothing").error().code, Errc::invalid_argument);
    EXPECT_EQ(Input::open(temp_.path()).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace tenure::system
