#pragma once
// The text files of the project, as they lie in its folders.

#include <string>
#include <string_view>
#include <vector>

namespace tenure::tidy {

struct SourceFile {
    std::string path;  // from the root, with '/'
    std::string text;

    bool is_header() const { return path.ends_with(".h"); }

    bool is_source() const { return path.ends_with(".cpp"); }

    bool is_code() const { return is_header() || is_source(); }

    bool below(std::string_view folder) const {
        return path.starts_with(std::string(folder) + "/");
    }
};

// Build trees, what is not text, and inputs that are meant to be odd (fuzzing) are left out.
std::vector<SourceFile> source_tree(const std::string& root);

}  // namespace tenure::tidy
