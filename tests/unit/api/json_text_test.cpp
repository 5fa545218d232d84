#include "api/json_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenure::api {
namespace {

TEST(JsonText, WritesNestedValues) {
    JsonText json;
    json.begin_object();
    json.member("text", "a \"b\"\n");
    json.member("truth", true);
    json.member("number", std::uint64_t{7});
    json.member("revision", Revision{42});
    json.member("at", Instant{0});
    json.name("list");
    json.begin_array();
    json.begin_object();
    json.end_object();
    json.value("x");
    json.begin_array();
    json.end_array();
    json.end_array();
    json.list_member("ids", std::vector<std::string>{"a", "b"});
    json.end_object();

    EXPECT_EQ(json.take(),
              "{\"text\":\"a \\\"b\\\"\\n\",\"truth\":true,\"number\":7,\"revision\":42,"
              "\"at\":\"1970-01-01T00:00:00Z\",\"list\":[{},\"x\",[]],\"ids\":[\"a\",\"b\"]}");
}

TEST(JsonText, LeavesOutWhatIsNotThere) {
    JsonText json;
    json.begin_object();
    json.text_member("empty", "");
    json.member("none", std::optional<Instant>{});
    json.member("last", false);
    json.end_object();

    EXPECT_EQ(json.take(), "{\"last\":false}");
}

}  // namespace
}  // namespace tenure::api
