#include "cli/problem.h"

#include <gtest/gtest.h>

namespace tenure::cli {
namespace {

TEST(Problem, IsOneLineForAPerson) {
    EXPECT_EQ(problem_line(Error{Errc::not_found, "no principal 'x' was ever known here", "id"}),
              "tenure: not found: no principal 'x' was ever known here");
    EXPECT_EQ(problem_line(Error{Errc::conflict, "line 3: 'x' exists", "data.principal"}),
              "tenure: conflict: line 3: 'x' exists (data.principal)");
    EXPECT_EQ(problem_line(Error{Errc::storage_failed, "two\nlines"}),
              "tenure: storage failed: two\\x0alines");
}

TEST(Problem, IsOneObjectForAScript) {
    EXPECT_EQ(
        problem_json(Error{Errc::already_exists, "\"x\" is taken", "data.role"}, Exit::refused),
        "{\"title\":\"already exists\",\"code\":\"already_exists\","
        "\"detail\":\"\\\"x\\\" is taken\",\"field\":\"data.role\",\"exit\":3}");
}

TEST(ExitCodes, TellUsageRefusalAndStorageApart) {
    EXPECT_EQ(exit_of(Errc::invalid_argument), Exit::usage);
    for (const Errc code : {Errc::not_found, Errc::already_exists, Errc::conflict, Errc::forbidden,
                            Errc::limit_exceeded, Errc::unavailable})
        EXPECT_EQ(exit_of(code), Exit::refused) << name_of(code);
    for (const Errc code :
         {Errc::storage_full, Errc::storage_damaged, Errc::storage_too_new, Errc::storage_failed})
        EXPECT_EQ(exit_of(code), Exit::storage) << name_of(code);
}

}  // namespace
}  // namespace tenure::cli
