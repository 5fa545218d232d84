#include "tidy/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tenure::tidy {
namespace {

namespace fs = std::filesystem;

bool left_out(const std::string& path) {
    static const std::vector<std::string> folders{".git", "build", "tests/fuzz/corpus"};
    return std::ranges::any_of(folders, [&](const std::string& folder) {
        return path == folder || path.starts_with(folder + "/") || path.starts_with(folder + "-");
    });
}

}  // namespace

std::vector<SourceFile> source_tree(const std::string& root) {
    std::vector<SourceFile> files;
    for (auto at = fs::recursive_directory_iterator{root}; at != fs::end(at); ++at) {
        const std::string path = fs::relative(at->path(), root).generic_string();
        if (left_out(path)) {
            if (at->is_directory()) at.disable_recursion_pending();
            continue;
        }
        if (!at->is_regular_file() || at->is_symlink()) continue;
        std::ifstream in{at->path(), std::ios::binary};
        std::string text{std::istreambuf_iterator<char>{in}, {}};
        if (text.find('\0') != std::string::npos) continue;
        files.push_back({path, std::move(text)});
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

}  // namespace tenure::tidy
