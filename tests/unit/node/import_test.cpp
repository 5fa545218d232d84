// History from lines: all of it or nothing, in order of its time.

#include <thread>

#include "codec/json_lines.h"
#include "unit/node/node_fixture.h"

namespace tenure::node {
namespace {

using Importing = Store;

std::string export_lines(const Node& node, const std::string& tenant) {
    std::string lines;
    EventFilter filter;
    filter.tenant = tenant;
    filter.any_tenant = false;
    for (const domain::Event& event : all_events(node, filter))
        lines += codec::event_line(event) + "\n";
    return lines;
}

TEST_F(Importing, CreatesTheTenantAndSealsIt) {
    const ImportReport report = must_import("\n" + user_lines(3) + "  \r\n");
    EXPECT_EQ(report.lines, 3);
    EXPECT_EQ(report.events, 5);
    EXPECT_EQ(report.bad_line_count, 0);
    EXPECT_EQ(report.last, Revision{9});
    EXPECT_EQ(node_->status().committed, Revision{9});
    const Error sealed = import_error(user_line(old_time(100), "x"));
    EXPECT_EQ(sealed.code, Errc::conflict);
    EXPECT_TRUE(sealed.detail.starts_with("line 1: ")) << sealed.detail;
    EXPECT_EQ(sealed.field, "tenant");
    expect_sound(*node_);
}

TEST_F(Importing, AFileWithoutLinesDoesNothing) {
    EXPECT_EQ(must_import("").last, Revision{4});
    EXPECT_EQ(must_import("\n\n").events, 0);
    EXPECT_EQ(node_->status().last, Revision{4});
}

TEST_F(Importing, KeepOpenGoesOnLater) {
    must_import(user_lines(2), {.keep_open = true});
    EXPECT_EQ(node_->tenants(), (std::vector<std::string>{"acme", "default"}));
    open();
    // Order of time counts over the files too.
    const Error early = import_error(user_line("2019-06-01T00:00:00Z", "x"));
    EXPECT_TRUE(early.detail.starts_with("line 1: ")) << early.detail;
    must_import(user_line(old_time(100), "x"));
    EXPECT_TRUE(exists("x", "default"));
    import_error(user_line(old_time(200), "y"));
}

TEST_F(Importing, ABadLineKeepsNothing) {
    for (const std::string& bad :
         {std::string("{not json}\n"), user_line(old_time(5), "u1"), user_line(old_time(-5), "x"),
          user_line("2999-01-01T00:00:00Z", "x"), std::string("[]\n"),
          std::string(
              R"({"time":"2020-06-01T00:00:00Z","actor":"a","type":"no.such","data":{}})")}) {
        const Error error = import_error(user_lines(3) + "\n" + bad + user_line(old_time(9), "z"));
        EXPECT_TRUE(error.detail.starts_with("line 5: ")) << error.detail;
        EXPECT_EQ(node_->status().last, Revision{4});
        EXPECT_EQ(node_->tenants(), std::vector<std::string>{"acme"});
    }
    must_import(user_lines(3));
    expect_sound(*node_);
}

TEST_F(Importing, ABadLineFarInKeepsNothing) {
    // Some chunks are stored by then.
    const Error error = import_error(user_lines(10'000) + "{\n" + user_lines(5, "v"));
    EXPECT_TRUE(error.detail.starts_with("line 10001: ")) << error.detail;
    EXPECT_EQ(node_->status().last, Revision{4});
    EXPECT_EQ(node_->status().committed, Revision{4});
    EXPECT_EQ(node_->tenants(), std::vector<std::string>{"acme"});
    expect_sound(*node_);
    EXPECT_EQ(must_submit(batch({create_user("a")})).first, Revision{5});
    open();
    EXPECT_TRUE(node_->repairs().empty());
    EXPECT_EQ(must_import(user_lines(10'000)).events, 10'002);
    expect_sound(*node_);
}

TEST_F(Importing, KeepGoingNamesTheBadLines) {
    const ImportReport report = must_import(
        user_lines(2) + "{\n" + user_line(old_time(5), "u1") + user_line(old_time(6), "v"),
        {.keep_going = true});
    EXPECT_EQ(report.lines, 5);
    EXPECT_EQ(report.bad_line_count, 2);
    ASSERT_EQ(report.bad_lines.size(), 2);
    EXPECT_EQ(report.bad_lines[0].line, 3);
    EXPECT_EQ(report.bad_lines[1].line, 4);
    EXPECT_EQ(report.bad_lines[1].error.code, Errc::already_exists);
    EXPECT_TRUE(exists("v", "default"));
    expect_sound(*node_);
}

TEST_F(Importing, KeepGoingNamesAThousandBadLinesAndCountsAll) {
    std::string lines = user_lines(1);
    for (int i = 0; i < 1'500; ++i) lines += "{\n";
    const ImportReport report = must_import(lines, {.keep_going = true});
    EXPECT_EQ(report.bad_lines.size(), 1'000);
    EXPECT_EQ(report.bad_line_count, 1'500);
}

TEST_F(Importing, ALineIsNeverTooLongForUs) {
    const std::string lines = user_lines(1) + std::string(std::size_t{5} << 20U, 'x') + "\n" +
                              user_line(old_time(5), "v");
    const ImportReport report = must_import(lines, {.keep_going = true});
    ASSERT_EQ(report.bad_line_count, 1);
    EXPECT_EQ(report.bad_lines[0].line, 2);
    EXPECT_TRUE(exists("v", "default"));
}

TEST_F(Importing, SeveralTenantsInOneFile) {
    // Each tenant has a time of its own.
    must_import(user_line(old_time(50), "a", "first") + user_line(old_time(9), "a", "second") +
                user_line(old_time(60), "b", "first") + user_line(old_time(10), "b", "second"));
    EXPECT_EQ(node_->tenants(), (std::vector<std::string>{"acme", "first", "second"}));
    for (const TenantStatus& tenant : node_->status().tenants)
        EXPECT_FALSE(tenant.open_for_import) << tenant.id;
    expect_sound(*node_);
}

TEST_F(Importing, AnExportIntoAFreshStoreIsTheSameHistory) {
    must_import(user_lines(20));
    must_submit(batch({create_user("live")}, "", "default"));
    const std::string exported = export_lines(*node_, "default");
    ASSERT_NE(exported.find("tenant.created"), std::string::npos);
    ASSERT_NE(exported.find("tenant.sealed"), std::string::npos);
    clock_.advance(3600 * second);

    node_.reset();
    path_ = dir_ / "copy";
    create("");
    open();
    must_import(exported);
    // The same things happened at the same times; when they were recorded is the copy's own. All
    // but the seal, which stands where this import ended.
    const auto story = [](const std::string& lines) {
        std::istringstream input{lines};
        std::string kept;
        for (std::string line; std::getline(input, line);) {
            if (line.find("tenant.sealed") != std::string::npos) continue;
            kept +=
                line.substr(line.find("\"time\""), 30) + line.substr(line.find("\"type\"")) + "\n";
        }
        return kept;
    };
    EXPECT_EQ(story(export_lines(*node_, "default")), story(exported));
    EXPECT_FALSE(node_->status().tenants.back().open_for_import);
    expect_sound(*node_);
}

TEST_F(Importing, NobodySeesAnImportBeforeItsEnd) {
    std::promise<void> begun;
    std::promise<void> go_on;
    bool told = false;
    options_.progress = [&](const Progress& progress) {
        if (progress.work != "import" || std::exchange(told, true)) return;
        begun.set_value();
        go_on.get_future().wait();
    };
    open();
    std::thread importer{[&] { must_import(user_lines(9'000)); }};
    begun.get_future().wait();
    EXPECT_EQ(node_->status().committed, Revision{4});
    EXPECT_EQ(node_->tenants(), std::vector<std::string>{"acme"});
    EXPECT_EQ(all_events(*node_).size(), 4);
    const auto session = node_->session();
    EXPECT_EQ(session->check(may_write("owner")).value().basis.revision, Revision{4});
    EXPECT_TRUE(session->check(may_write("owner")).value().allowed);
    const auto unknown = session->check(may_write("u1", {}, "default"));
    EXPECT_TRUE(!unknown.has_value() || !unknown.value().allowed);
    go_on.set_value();
    importer.join();
    EXPECT_EQ(node_->status().committed, Revision{9'006});
    expect_sound(*node_);
}

TEST_F(Importing, AnIndexWithoutRoomIsNotBlamedOnALine) {
    options_.index_map_bytes = std::uint64_t{640} << 10U;
    open();
    const Error error = import_error(user_lines(20'000), {.keep_going = true});
    EXPECT_EQ(error.code, Errc::storage_full) << error.detail;
    EXPECT_EQ(node_->status().committed, Revision{4});
    const Error strict = import_error(user_lines(20'000));
    EXPECT_EQ(strict.code, Errc::storage_full) << strict.detail;
    must_submit(batch({create_user("a")}));
    options_.index_map_bytes = std::uint64_t{256} << 20U;
    open();
    must_import(user_lines(20'000));
    expect_sound(*node_);
}

TEST_F(Importing, ALogWithoutRoomKeepsNothing) {
    options_.log_map_bytes = std::uint64_t{1} << 20U;
    open();
    const Error error = import_error(user_lines(20'000));
    EXPECT_EQ(error.code, Errc::storage_full) << error.detail;
    EXPECT_EQ(node_->status().committed, Revision{4});
    EXPECT_EQ(node_->tenants(), std::vector<std::string>{"acme"});
    options_.log_map_bytes = std::uint64_t{64} << 20U;
    open();
    EXPECT_EQ(node_->status().last, Revision{4});
    must_import(user_lines(20'000));
    expect_sound(*node_);
}

}  // namespace
}  // namespace tenure::node
