#include "cli/completion.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tenure::cli {
namespace {

const std::vector<CompletedCommand> commands{
    {"check",
     "May it's [do] it: yes",
     {{"--store", "Where", true, true, {}}, {"--json", "", false, false, {}}},
     {},
     false},
    {"history", "Events", {}, {"principal", "role"}, false},
    {"import", "Read", {}, {}, true}};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Completion, KnowsCommandsOptionsAndChoicesInBash) {
    const std::string script = bash_completion(commands);

    EXPECT_TRUE(has(script, "_tenure_commands='check history import'"));
    EXPECT_TRUE(has(script, "compgen -W '--store --json'"));
    EXPECT_TRUE(has(script, "'check --store') mapfile -t COMPREPLY < <(compgen -f"));
    EXPECT_TRUE(has(script, "compgen -W 'principal role'"));
    EXPECT_FALSE(has(script, "'check --json')"));  // takes no value
}

TEST(Completion, QuotesDescriptionsInZsh) {
    const std::string script = zsh_completion(commands);

    EXPECT_TRUE(has(script, "'check:May it'\\''s \\[do\\] it\\: yes'"));
    EXPECT_TRUE(has(script, "'--store[Where]:path:_files'"));
    EXPECT_TRUE(has(script, "'2:argument:(principal role)'"));
    EXPECT_TRUE(has(script, "'*:file:_files'"));
}

}  // namespace
}  // namespace tenure::cli
