#include "cli/profiles.h"

#include <gtest/gtest.h>

namespace tenure::cli {
namespace {

constexpr const char* two = R"(
[profiles.work]
server = "https://access.example.com"
tenant = "contoso"
token_file = "work.token"

[profiles.home]
server = "http://127.0.0.1:7400"
token = "tenure_secret"
ca_file = "ca.pem"
)";

// What finding a profile in `toml` complains about.
std::string fault(const std::string& toml) {
    const auto found = find_profile(toml, "work");
    EXPECT_FALSE(found) << toml;
    return found ? std::string{} : found.error().detail;
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Profiles, AreFoundByName) {
    const auto work = find_profile(two, "work");
    ASSERT_TRUE(work);
    EXPECT_EQ(work.value().profile.server, "https://access.example.com");
    EXPECT_EQ(work.value().profile.tenant, "contoso");
    EXPECT_EQ(work.value().profile.token_file, "work.token");
    EXPECT_EQ(work.value().profile.token, "");
    // Of another profile, but whoever can read the file can read it.
    EXPECT_TRUE(work.value().file_holds_token);

    const auto home = find_profile(two, "home");
    ASSERT_TRUE(home);
    EXPECT_EQ(home.value().profile.token, "tenure_secret");
    EXPECT_EQ(home.value().profile.ca_file, "ca.pem");
}

TEST(Profiles, ThatAreWrongAreRefusedWithoutTheirValues) {
    EXPECT_TRUE(says(fault(""), "there is no profile 'work'"));
    EXPECT_TRUE(says(fault("[profiles.home]\nserver = \"x\"\n"), "there are home"));
    EXPECT_TRUE(says(fault("[profiles.work]\ntenant = \"t\"\n"), "has no server"));
    EXPECT_TRUE(says(fault("[profiles.work]\nserver = \"s\"\nport = 1\n"), "'port' is not"));
    EXPECT_TRUE(says(fault("[profiles.work]\nserver = 1\n"), "must be a text (line 2)"));
    EXPECT_TRUE(says(fault("[profiles]\nwork = 1\n"), "must be a table"));
    EXPECT_TRUE(says(fault("[profiles.work]\nserver = \"s\"\ntoken = \"tenure_secret\"\n"
                           "token_file = \"f\"\n"),
                     "one is enough"));
    for (const char* broken :
         {"[profiles.work]\ntoken = \"tenure_secret\n", "[profiles.work]\ntoken = tenure_secret\n",
          "[profiles.work]\nserver = \"s\"\ntoken = [\"tenure_secret\"]\n"})
        EXPECT_FALSE(says(fault(broken), "secret")) << fault(broken);
}

}  // namespace
}  // namespace tenure::cli
