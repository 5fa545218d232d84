// A real history of eight years, if TENURE_SHARED_DATA names a folder that has one: loaded, asked,
// verified, exported, loaded again and asked again.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "script.h"
#include "support/temp_store.h"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

class RealHistory : public ::testing::Test {
protected:
    void SetUp() override {
        const char* shared = std::getenv("TENURE_SHARED_DATA");
        if (shared == nullptr) GTEST_SKIP() << "TENURE_SHARED_DATA is not set";
        data_ = std::string(shared) + "/kubernetes-org";
        if (!fs::exists(data_ + "/queries.jsonl")) GTEST_SKIP() << data_ << " is not there";
        fs::create_directory(temp_ / "work");
    }

    // Standard output of a command that is expected to succeed.
    std::string said(const std::string& arguments) {
        Block command;
        command.kind = Block::Kind::command;
        command.head = TENURE_PROGRAM " " + arguments;
        const Block happened = run(command, temp_ / "work", {"DATA=" + data_});
        EXPECT_EQ(happened.exit_code, 0) << arguments;
        std::string text;
        for (const std::string& line : happened.errors) text += "! " + line + '\n';
        for (const std::string& line : happened.output) text += line + '\n';
        return text;
    }

    TempDir temp_;
    std::string data_;
};

TEST_F(RealHistory, GivesTheAnswersOfItsSourceBeforeAndAfterATrip) {
    const std::string ask = "ask --within '/orgs/*/repos/*' --expect \"$DATA/queries.jsonl\"";
    const std::string all_right =
        "{\"questions\":40800,\"compared\":40800,\"mismatches\":0,\"errors\":0}\n";

    said("init --store there");
    EXPECT_EQ(said("import --store there \"$DATA/commands.jsonl\""),
              "{\"lines\":31552,\"events\":31554,\"badLines\":0,\"revision\":31554}\n");
    EXPECT_EQ(said(ask + " --store there"), all_right);
    EXPECT_NE(said("verify --store there").find("{\"ok\":true"), std::string::npos);

    said("export --store there --output all.jsonl");
    said("init --store back");
    said("import --store back all.jsonl");
    EXPECT_EQ(said(ask + " --store back"), all_right);
}

}  // namespace
}  // namespace tenure::testing
