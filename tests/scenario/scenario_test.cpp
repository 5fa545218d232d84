// Runs every script of this folder against the real program on a store of its own. With
// TENURE_REWRITE=1 the scripts are rewritten with what the program says now.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "script.h"
#include "support/temp_store.h"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> scripts() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{TENURE_SOURCE_DIR "/tests/scenario"})
        if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists")
            names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

bool rewriting() {
    const char* value = std::getenv("TENURE_REWRITE");
    return value != nullptr && std::string_view{value} == "1";
}

class Scenario : public ::testing::TestWithParam<std::string> {};

TEST_P(Scenario, SaysWhatTheScriptSays) {
    const std::string path = TENURE_SOURCE_DIR "/tests/scenario/" + GetParam() + ".txt";
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    const std::vector<Block> expected = parse_script(text.str());

    const TempDir temp;
    const std::string work = temp / "work";
    fs::create_directory(work);
    const char* search = std::getenv("PATH");
    std::vector<std::string> variables{"PATH=" + fs::path{TENURE_PROGRAM}.parent_path().string() +
                                           ':' + (search != nullptr ? search : "/usr/bin:/bin"),
                                       "TENURE_STORE=store", "TENURE_TEST_NOW=2025-01-01T00:00:00Z",
                                       "SOURCE=" TENURE_SOURCE_DIR};
    std::vector<Block> actual;
    for (const Block& block : expected) {
        Block happened = block;
        if (block.kind == Block::Kind::variable) {
            variables.push_back(block.head);
        } else if (block.kind == Block::Kind::file) {
            std::ofstream to{work + '/' + block.head};
            for (const std::string& line : block.lines) to << line << '\n';
        } else if (block.kind == Block::Kind::command) {
            happened = run(block, work, variables);
            if (!rewriting()) {
                EXPECT_EQ(script_text({happened}), script_text({block})) << "in " << path;
            }
        }
        actual.push_back(std::move(happened));
    }
    if (rewriting()) std::ofstream{path} << script_text(actual);
}

INSTANTIATE_TEST_SUITE_P(Scripts, Scenario, ::testing::ValuesIn(scripts()), [](const auto& script) {
    // A test's name has no '-'.
    std::string name = script.param;
    std::ranges::replace(name, '-', '_');
    return name;
});

}  // namespace
}  // namespace tenure::testing
