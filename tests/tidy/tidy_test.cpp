// The source tree keeps its rules, and each rule can tell when it does not.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tidy/rules.h"

namespace tenure::tidy {
namespace {

using Rule = std::function<Findings(const SourceFile&)>;

const std::vector<SourceFile>& tree() {
    static const std::vector<SourceFile> files = source_tree(TENURE_SOURCE_DIR);
    return files;
}

void expect_kept(const Rule& rule) {
    for (const SourceFile& file : tree())
        for (const std::string& finding : rule(file)) ADD_FAILURE() << finding;
}

// True if the rule objects to a file with this text.
bool objects(const Rule& rule, const std::string& path, const std::string& text) {
    return !rule({path, text}).empty();
}

TEST(Tidy, FindsTheSources) {
    const auto has = [](const std::string& path) {
        return std::ranges::any_of(tree(), [&](const SourceFile& f) { return f.path == path; });
    };
    EXPECT_TRUE(has("src/base/ids.h"));
    EXPECT_TRUE(has("tests/tidy/tidy_test.cpp"));
    EXPECT_TRUE(has("CMakeLists.txt"));
    EXPECT_FALSE(std::ranges::any_of(tree(), [](const SourceFile& f) { return f.below("build"); }));
    for (const auto& [layer, may] : layers())
        for (const std::string& other : may) EXPECT_TRUE(layers().contains(other)) << other;
}

TEST(Tidy, IncludesFollowTheLayers) {
    const Rule rule = includes_follow_the_layers;
    EXPECT_TRUE(objects(rule, "src/domain/x.h", "#include \"storage/environment.h\"\n"));
    EXPECT_TRUE(objects(rule, "src/query/x.cpp", "#include \"log/event_log.h\"\n"));
    EXPECT_TRUE(objects(rule, "src/replication/x.cpp", "#include \"domain/event.h\"\n"));
    EXPECT_TRUE(objects(rule, "src/node/x.cpp", "#include \"server/http.h\"\n"));
    EXPECT_TRUE(objects(rule, "src/node/x.cpp", "#include \"support/temp_store.h\"\n"));
    EXPECT_TRUE(objects(rule, "src/invented/x.cpp", ""));
    EXPECT_FALSE(objects(rule, "src/projection/x.cpp", "#include \"log/event_log.h\"\n"));
    EXPECT_FALSE(objects(rule, "src/base/x.cpp", "#include <vector>\n#include \"base/ids.h\"\n"));
    EXPECT_FALSE(objects(rule, "tools/x.cpp", "#include \"server/http.h\"\n"));
    expect_kept(rule);
}

TEST(Tidy, PrivateHeadersStayInTheirFolder) {
    const std::vector<SourceFile> files{
        {"src/log/a.h", "#pragma once\n// Rows of the log.\n// Private to this folder.\n"},
        {"tools/cli/b.h", "#pragma once\n// What is asked; private. Private\n// to cli/.\n"},
        {"src/log/c.h", "#pragma once\n// The log.\n\n// Private to this folder: a part.\n"},
        {"src/log/a.cpp", "// Private to this folder.\n"},
        {"tests/support/d.h", "#pragma once\n// Private to this folder.\n"},
    };
    const std::set<std::string> headers = private_headers(files);
    EXPECT_EQ(headers, (std::set<std::string>{"log/a.h", "cli/b.h"}));
    const Rule example = [&](const SourceFile& file) {
        return private_headers_stay_in_their_folder(file, headers);
    };
    EXPECT_TRUE(objects(example, "src/server/x.cpp", "#include \"log/a.h\"\n"));
    EXPECT_TRUE(objects(example, "src/node/x.h", "#include \"log/c.h\"\n#include \"log/a.h\"\n"));
    EXPECT_TRUE(objects(example, "tools/main.cpp", "#include \"cli/b.h\"\n"));
    EXPECT_FALSE(objects(example, "src/log/x.cpp", "#include \"log/a.h\"\n"));
    EXPECT_FALSE(objects(example, "tools/cli/x.cpp", "#include \"cli/b.h\"\n"));
    EXPECT_FALSE(objects(example, "src/server/x.cpp", "#include \"log/c.h\"\n"));
    EXPECT_FALSE(objects(example, "tests/unit/log/x.cpp", "#include \"log/a.h\"\n"));

    const std::set<std::string> ours = private_headers(tree());
    EXPECT_TRUE(ours.contains("log/stored.h"));
    expect_kept(
        [&](const SourceFile& file) { return private_headers_stay_in_their_folder(file, ours); });
}

TEST(Tidy, LibrariesStayInTheirLayer) {
    const Rule rule = libraries_stay_in_their_layer;
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "#include <lmdb.h>\n"));
    EXPECT_TRUE(objects(rule, "tests/unit/log/a.cpp", "#include <lmdb.h>\n"));
    EXPECT_TRUE(objects(rule, "src/codec/a.h", "#include <capnp/message.h>\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "#include <schema/event.capnp.h>\n"));
    EXPECT_TRUE(objects(rule, "src/replication/a.cpp", "#include <boost/asio/awaitable.hpp>\n"));
    EXPECT_FALSE(objects(rule, "src/codec/a.cpp", "#include <schema/event.capnp.h>\n"));
    EXPECT_FALSE(objects(rule, "src/codec/capnp_frame.h", "#include <capnp/message.h>\n"));
    EXPECT_FALSE(objects(rule, "src/storage/a.cpp", "#include <lmdb.h>\n"));
    EXPECT_FALSE(objects(rule, "src/server/a.cpp", "#include <boost/beast/core.hpp>\n"));
    expect_kept(rule);
}

TEST(Tidy, NobodyAsksForTimeOrChanceBehindTheBack) {
    const Rule rule = no_hidden_inputs;
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "auto t = std::chrono::system_clock::now();\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "std::random_device entropy;\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "int x = rand();\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "const char* x = std::getenv(\"X\");\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "auto t = time(nullptr);\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.cpp", "std::this_thread::sleep_for(1ms);\n"));
    EXPECT_TRUE(objects(rule, "tests/unit/a.cpp", "usleep(5);\n"));
    EXPECT_FALSE(objects(rule, "tests/unit/a.cpp", "const char* x = std::getenv(\"X\");\n"));
    EXPECT_FALSE(objects(rule, "tools/a.cpp", "auto t = std::chrono::system_clock::now();\n"));
    EXPECT_FALSE(objects(rule, "src/log/a.cpp", "// never system_clock::now\nclock.now();\n"));
    EXPECT_FALSE(objects(rule, "src/log/a.cpp", "int operand(int);\n"));
    expect_kept(rule);
}

TEST(Tidy, NamesSaySomething) {
    const Rule rule = no_empty_names;
    EXPECT_TRUE(objects(rule, "src/log/a.h", "class LogManager {};\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.h", "struct FileUtils;\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.h", "struct RoleInfo {};\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.h", "int get_role();\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.h", "void do_write();\n"));
    EXPECT_FALSE(objects(rule, "src/log/a.h", "// no Manager here\nauto e = x.get_executor();\n"));
    expect_kept(rule);
}

TEST(Tidy, HeadersAreGuarded) {
    const Rule rule = headers_are_guarded;
    EXPECT_TRUE(objects(rule, "src/log/a.h", "#ifndef A_H\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.h", ""));
    EXPECT_FALSE(objects(rule, "src/log/a.h", "#pragma once\n"));
    EXPECT_FALSE(objects(rule, "src/log/a.cpp", ""));
    expect_kept(rule);
}

TEST(Tidy, OpenPointsHaveAKind) {
    const Rule rule = todos_have_a_kind;
    const std::string todo = "// TO" + std::string{"DO"};
    EXPECT_TRUE(objects(rule, "src/log/a.h", todo + ": later\n"));
    EXPECT_TRUE(objects(rule, "src/log/a.h", todo + "(somebody): later\n"));
    EXPECT_FALSE(objects(rule, "src/log/a.h", todo + "(perf): one seek less\n"));
    expect_kept(rule);
}

TEST(Tidy, NoFileKnowsAMachine) {
    const Rule rule = no_machine_paths;
    EXPECT_TRUE(objects(rule, "docs/A.md", "see /wo" + std::string{"rk/main\n"}));
    EXPECT_TRUE(objects(rule, "tools/a", "cd /ro" + std::string{"ot/store\n"}));
    EXPECT_TRUE(objects(rule, "tools/a", "x=\"/ho" + std::string{"me/kim/store\"\n"}));
    EXPECT_FALSE(objects(rule, "docs/A.md", "the network/root/of it\n"));
    expect_kept(rule);
}

TEST(Tidy, LinesEndWhereTheirTextDoes) {
    const Rule rule = no_trailing_blanks;
    EXPECT_TRUE(objects(rule, "docs/A.md", "text \n"));
    EXPECT_TRUE(objects(rule, "docs/A.md", "text\t\n"));
    EXPECT_TRUE(objects(rule, "docs/A.md", "text\r\n"));
    EXPECT_TRUE(objects(rule, "docs/A.md", "text"));
    EXPECT_FALSE(objects(rule, "docs/A.md", "a\n\nb\n"));
    EXPECT_FALSE(objects(rule, "docs/A.md", ""));
    expect_kept(rule);
}

TEST(Tidy, CodeIsToldFromCommentsAndTexts) {
    EXPECT_EQ(code_only("a // b\nc"), "a     \nc");
    EXPECT_EQ(code_only("a /* b\nb */ c"), "a     \n     c");
    EXPECT_EQ(code_only("f(\"x\\\"y\") + 1"), "f(      ) + 1");
    EXPECT_EQ(code_only("c = '\"'; d"), "c =    ; d");
    EXPECT_EQ(code_only("1'000 + x"), "1'000 + x");
    EXPECT_EQ(code_only("R\"(a\"b)\" + c"), "         + c");
}

}  // namespace
}  // namespace tenure::tidy
