// Runs the examples of the documentation and compares what they say: every ```console block of a
// page, in order, in one directory. With TENURE_REWRITE=1 the pages are rewritten.
//
//   $ command        with lines that begin with "> " belonging to it
//   output           standard output and standard error as they come

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/instant.h"
#include "free_port.h"
#include "script.h"
#include "support/temp_store.h"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

class DocsExamples : public ::testing::TestWithParam<std::string> {
protected:
    // What a block's commands say, as the block shows it.
    std::string happened(const std::vector<std::string>& block) {
        std::string text;
        for (std::size_t i = 0; i < block.size(); ++i) {
            if (!block[i].starts_with("$ ")) continue;  // what it said when the page was written
            Block command;
            command.kind = Block::Kind::command;
            command.head = "exec 2>&1\n" + block[i].substr(2);
            text += block[i] + '\n';
            for (; i + 1 < block.size() && block[i + 1].starts_with("> "); ++i) {
                command.head += '\n' + block[i + 1].substr(2);
                text += block[i + 1] + '\n';
            }
            now_ = now_ + 60'000'000;
            std::vector<std::string> variables{
                "PATH=" + fs::path{TENURE_PROGRAM}.parent_path().string() + ":/usr/bin:/bin",
                "TENURE_STORE=acl", "TENURE_OUTPUT=table",
                "TENURE_TEST_NOW=" + format_instant(now_)};
            command.head = replaced(command.head, usual_port_, port_);
            for (const std::string& line : run(command, temp_ / "work", variables).output)
                text += replaced(line, port_, usual_port_) + '\n';
        }
        return text;
    }

    const std::string usual_port_ = "7400";
    const std::string port_ = free_port();  // pages start a server on the usual one
    TempDir temp_;
    Instant now_ = parse_instant("2025-03-03T09:00:00Z", "test").value();
};

TEST_P(DocsExamples, SayWhatThePageSays) {
    const std::string path = TENURE_SOURCE_DIR "/" + GetParam();
    std::ifstream file{path};
    fs::create_directory(temp_ / "work");

    std::string expected;
    std::string actual;
    std::vector<std::string> block;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        expected += line + '\n';
        if (inside && line == "```") {
            actual += happened(block);
            block.clear();
            inside = false;
        }
        if (inside)
            block.push_back(line);
        else
            actual += line + '\n';
        if (line == "```console") inside = true;
    }

    const char* rewrite = std::getenv("TENURE_REWRITE");
    if (rewrite != nullptr && std::string_view{rewrite} == "1")
        std::ofstream{path} << actual;
    else
        EXPECT_EQ(actual, expected) << "in " << path;
}

INSTANTIATE_TEST_SUITE_P(Pages, DocsExamples,
                         ::testing::Values("docs/API.md", "docs/OPERATIONS.md"),
                         [](const auto& page) {
                             const std::string name = fs::path{page.param}.stem();
                             return name == "API" ? std::string{"Api"} : std::string{"Operations"};
                         });

}  // namespace
}  // namespace tenure::testing
