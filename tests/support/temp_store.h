#pragma once
// TempDir: a directory of its own for one test, removed with all that is in it at the end.

#include <stdlib.h>  // NOLINT: mkdtemp is not in <cstdlib>

#include <filesystem>
#include <string>
#include <system_error>

#include "base/invariant.h"

namespace tenure::testing {

class TempDir {
public:
    TempDir() : path_{(std::filesystem::temp_directory_path() / "tenure-XXXXXX").string()} {
        INVARIANT(::mkdtemp(path_.data()) != nullptr);
    }

    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::string& path() const { return path_; }

    // A path below the directory; nothing is made.
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

}  // namespace tenure::testing
