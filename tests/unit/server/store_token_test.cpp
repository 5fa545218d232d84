#include "server/store_token.h"

#include <gtest/gtest.h>

#include <set>

namespace tenure::server {
namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string some_token() {
    SeededRandom random{7};
    return make_store_token(random);
}

// Always words of ones, or of zeros.
class ConstantRandom final : public Random {
public:
    explicit ConstantRandom(std::uint64_t word) : word_{word} {}

    std::uint64_t next() override { return word_; }

private:
    std::uint64_t word_;
};

TEST(StoreToken, HasTheFormThatScannersLookFor) {
    const std::string token = some_token();
    EXPECT_EQ(token.size(), store_token_length);
    EXPECT_TRUE(token.starts_with("tenure_"));
    EXPECT_EQ(token.find_first_not_of(letters, 7), std::string::npos);
    EXPECT_TRUE(is_store_token(token));
    EXPECT_TRUE(check_store_token(token));
}

// A scanner computes the checksum with the crc32 of zlib, and this pins that it can: the four bytes
// are 0xE8 0x06 0x98 0xF3.
TEST(StoreToken, EndsWithTheCrcOfWhatIsBefore) {
    ConstantRandom zeros{0};
    const std::string token = make_store_token(zeros);
    EXPECT_EQ(token.substr(0, 50), "tenure_" + std::string(43, 'A'));
    EXPECT_EQ(token.substr(50), "6AaY8w");
}

TEST(StoreToken, HoldsAllRandomBits) {
    ConstantRandom ones{~std::uint64_t{0}};
    EXPECT_EQ(make_store_token(ones).substr(7, 43), std::string(42, '_') + "8");
    SeededRandom random{1};
    std::set<std::string> tokens;
    for (int i = 0; i < 1000; ++i) tokens.insert(make_store_token(random));
    EXPECT_EQ(tokens.size(), 1000U);
}

TEST(StoreToken, RefusesEveryWrongLetter) {
    const std::string token = some_token();
    for (std::size_t at = 0; at < token.size(); ++at)
        for (const char letter : std::string(letters) + "=+/. \n") {
            std::string wrong = token;
            wrong[at] = letter;
            EXPECT_EQ(check_store_token(wrong).has_value(), wrong == token) << at << letter;
        }
}

TEST(StoreToken, RefusesLettersThatChangedPlaces) {
    const std::string token = some_token();
    for (std::size_t at = 0; at + 1 < token.size(); ++at) {
        std::string wrong = token;
        std::swap(wrong[at], wrong[at + 1]);
        EXPECT_EQ(check_store_token(wrong).has_value(), wrong == token) << at;
    }
}

TEST(StoreToken, RefusesAnotherLength) {
    const std::string token = some_token();
    for (std::size_t size = 0; size < token.size(); ++size)
        EXPECT_FALSE(check_store_token(token.substr(0, size)));
    EXPECT_FALSE(check_store_token(token + "A"));
    EXPECT_FALSE(check_store_token(token + " "));
    EXPECT_FALSE(check_store_token(std::string(1'000'000, 'A')));
    EXPECT_FALSE(is_store_token("TENURE_" + token.substr(7)));
    EXPECT_FALSE(is_store_token("eyJhbGciOiJFUzI1NiJ9.e30.AA"));
}

TEST(StoreToken, IsNotRepeatedByErrors) {
    const std::string token = some_token();
    const auto refused = check_store_token(token.substr(0, 55) + "A");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "token");
    EXPECT_EQ(refused.error().detail.find(token.substr(7, 8)), std::string::npos);
}

TEST(StoreToken, IsKnownByItsHash) {
    // FIPS 180-2, B.1.
    EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const std::string token = some_token();
    EXPECT_TRUE(has_hash(token, hash_of(token)));
    EXPECT_FALSE(has_hash(token, hash_of(token + "A")));
    EXPECT_FALSE(has_hash(token, hash_of(token).substr(1)));
    EXPECT_FALSE(has_hash(token, ""));
    EXPECT_FALSE(has_hash(token, token));
}

}  // namespace
}  // namespace tenure::server
