// Bytes that were ever written must be read for ever, as the same events.

#include "golden/golden_events.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "codec/event_codec.h"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

fs::path folder(std::string_view version) {
    return fs::path{TENURE_SOURCE_DIR} / "tests" / "golden" / "events" / version;
}

fs::path file_of(std::string_view version, const GoldenEvent& golden) {
    return folder(version) / (golden.name + ".bin");
}

codec::Buffer bytes_of(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    EXPECT_TRUE(file) << path;
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const Bytes bytes = std::as_bytes(std::span{text});
    return {bytes.begin(), bytes.end()};
}

// With TENURE_WRITE_GOLDEN set, files that do not exist yet are written first. None is overwritten.
void write_missing(std::string_view version, const std::vector<GoldenEvent>& events) {
    if (std::getenv("TENURE_WRITE_GOLDEN") == nullptr) return;
    fs::create_directories(folder(version));
    for (const GoldenEvent& golden : events) {
        const fs::path path = file_of(version, golden);
        if (fs::exists(path)) continue;
        const codec::Buffer bytes = codec::encode_event(golden.event);
        std::ofstream file{path, std::ios::binary};
        file.write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    }
}

void expect_decodes(std::string_view version, const std::vector<GoldenEvent>& events) {
    std::set<std::string> names;
    for (const GoldenEvent& golden : events) {
        names.insert(golden.name + ".bin");
        const auto decoded = codec::decode_event(bytes_of(file_of(version, golden)));
        ASSERT_TRUE(decoded.has_value()) << golden.name << ": " << decoded.error().detail;
        EXPECT_TRUE(decoded.value() == golden.event) << golden.name;
    }
    for (const auto& entry : fs::directory_iterator{folder(version)})
        EXPECT_TRUE(names.contains(entry.path().filename().string())) << entry.path();
}

TEST(GoldenEvents, Version1IsReadForEver) {
    write_missing("v1", golden_events_v1());
    expect_decodes("v1", golden_events_v1());
}

TEST(GoldenEvents, TheNewestVersionIsWhatWeWrite) {
    for (const GoldenEvent& golden : golden_events_v1())
        EXPECT_EQ(codec::encode_event(golden.event), bytes_of(file_of("v1", golden)))
            << golden.name;
}

TEST(GoldenEvents, TheNewestVersionHasEveryKind) {
    std::set<std::string_view> types;
    for (const GoldenEvent& golden : golden_events_v1())
        types.insert(domain::type_of(golden.event.body));
    for (const std::string_view type : domain::event_types())
        EXPECT_TRUE(types.contains(type)) << type;
}

}  // namespace
}  // namespace tenure::testing
