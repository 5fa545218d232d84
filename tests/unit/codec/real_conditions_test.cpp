// Conditions of real built-in roles, if TENURE_SHARED_DATA names a folder that has some: each one
// parses.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "codec/json_document.h"
#include "domain/condition.h"

namespace tenure::codec {
namespace {

// The texts of all members called "condition", however deep.
std::vector<std::string> conditions_in(const std::string& line) {
    JsonDocument document{line};
    const auto parsed = document.parse();
    EXPECT_TRUE(parsed) << line << "\n" << (parsed ? "" : parsed.error().detail);
    std::vector<std::string> texts;
    if (!parsed) return texts;
    for (JsonIndex at = 1; at < document[0].end; ++at)
        if (document[at].name == "condition" && document[at].kind == JsonValue::Kind::text)
            texts.emplace_back(document[at].text);
    return texts;
}

TEST(RealConditions, Parse) {
    const char* shared = std::getenv("TENURE_SHARED_DATA");
    if (shared == nullptr) GTEST_SKIP() << "TENURE_SHARED_DATA is not set";
    std::size_t seen = 0;
    for (const std::string name : {"/azure-roles/roles.jsonl", "/seed-roles.jsonl"}) {
        std::ifstream file{shared + name};
        if (!file) GTEST_SKIP() << shared << name << " is not there";
        for (std::string line; std::getline(file, line);)
            for (const std::string& text : conditions_in(line)) {
                const auto program = domain::condition::Program::parse(text, "condition");
                ASSERT_TRUE(program) << text << "\n" << program.error().detail;
                const auto again =
                    domain::condition::Program::parse(program.value().text(), "condition");
                EXPECT_TRUE(again.has_value() && again.value() == program.value()) << text;
                ++seen;
            }
    }
    EXPECT_GT(seen, 0U);
}

}  // namespace
}  // namespace tenure::codec
