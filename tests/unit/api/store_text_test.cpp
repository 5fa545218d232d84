#include "api/store_text.h"

#include <gtest/gtest.h>

#include "api/store_json.h"

namespace tenure::api {
namespace {

using api::to_json;

const Paint plain{false};

TEST(StoreText, ReportsAVerification) {
    node::VerifyReport report;
    report.events = Revision{1'234};
    report.root = "ab12";
    report.index_equal = true;
    EXPECT_EQ(to_text(report, plain),
              "ok     log    1,234 events, tree root ab12\n"
              "ok     index  the same as a fresh replay of the log\n");
    EXPECT_EQ(to_json(report),
              "{\"ok\":true,\"events\":1234,\"root\":\"ab12\",\"indexEqual\":true}");

    report.index_equal = false;
    report.index_problem = "table grants, key 7";
    report.log_problem = "revision 12 is not what was written";
    EXPECT_EQ(to_text(report, plain),
              "wrong  log    revision 12 is not what was written\n"
              "wrong  index  table grants, key 7\n");
}

TEST(StoreText, ReportsAnImport) {
    node::ImportReport report;
    report.lines = 31'552;
    report.events = 31'554;
    report.last = Revision{31'554};
    EXPECT_EQ(to_text(report, 500),
              "31,552 lines imported as 31,554 events, revision 31554; 63,108 events/s\n");
    report.bad_line_count = 2;
    EXPECT_EQ(to_text(report, 1),
              "31,552 lines imported as 31,554 events, revision 31554; 2 bad lines\n");
}

TEST(StoreText, AcknowledgesCommands) {
    EXPECT_EQ(to_json(3, node::Receipt{Revision{7}, Revision{8}, Instant{0}, false}),
              "{\"line\":3,\"first\":7,\"revision\":8,\"recordedAt\":\"1970-01-01T00:00:00Z\"}");
    EXPECT_EQ(to_json(0, node::Receipt{Revision{7}, Revision{6}, Instant{0}, true}),
              "{\"revision\":6,\"repeated\":true}");
    EXPECT_EQ(to_json(3, Error{Errc::conflict, "no", ""}),
              "{\"line\":3,\"refused\":\"conflict\",\"detail\":\"no\"}");
}

TEST(StoreText, ShowsAStoreWithNothingInIt) {
    node::Status status;
    status.directory = "store";
    status.last_recorded_at = instant_min;
    status.closed_until = instant_min;

    const std::string text = to_text(status, plain);
    EXPECT_NE(text.find("revision       0\n"), std::string::npos);
    EXPECT_NE(text.find("last recorded  never\n"), std::string::npos);
    EXPECT_EQ(text.find("TENANT"), std::string::npos);
    EXPECT_EQ(to_json(status).find("lastRecorded"), std::string::npos);
}

TEST(StoreText, ShowsTablesWithBytesForEachEvent) {
    node::Status status;
    status.last = status.committed = status.applied = Revision{1'000};
    status.log_tables = {{"entries", 1'000, 250'000}};
    status.tenants = {{"contoso", true, Revision{1'000}, Instant{0}}};

    const std::string text = to_text(status, plain);
    EXPECT_NE(text.find("log   entries  1,000  244.1 KiB        250.0\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("contoso  open for import      1000  1970-01-01T00:00:00Z\n"),
              std::string::npos)
        << text;
}

}  // namespace
}  // namespace tenure::api
