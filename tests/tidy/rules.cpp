#include "tidy/rules.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <regex>

namespace tenure::tidy {
namespace {

// Calls look(line, number) for each line of the text.
void each_line(std::string_view text, const std::function<void(const std::string&, int)>& look) {
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        look(std::string(text.substr(0, end)), ++number);
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

std::string finding(const SourceFile& file, int line, std::string_view what) {
    return file.path + ":" + std::to_string(line) + ": " + std::string(what);
}

// A pattern, and texts of which one is in whatever it matches: most lines have none, and looking
// for a text is much quicker.
struct Pattern {
    std::regex regex;
    std::vector<std::string> hints;
};

bool has_hint(const Pattern& pattern, std::string_view text) {
    return std::ranges::any_of(pattern.hints, [&](const std::string& hint) {
        return text.find(hint) != std::string_view::npos;
    });
}

// Every line of `text` that holds the pattern.
Findings lines_with(const SourceFile& file, std::string_view text, const Pattern& pattern,
                    std::string_view what) {
    Findings findings;
    if (!has_hint(pattern, text)) return findings;
    each_line(text, [&](const std::string& line, int number) {
        std::smatch match;
        if (has_hint(pattern, line) && std::regex_search(line, match, pattern.regex))
            findings.push_back(finding(file, number, std::string(what) + ": " + match.str()));
    });
    return findings;
}

struct Include {
    int line;
    std::string path;
    bool quoted;
};

std::vector<Include> includes_of(const SourceFile& file) {
    static const std::regex pattern{R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re"};
    std::vector<Include> includes;
    each_line(file.text, [&](const std::string& line, int number) {
        std::smatch match;
        if (line.find("include") != std::string::npos && std::regex_search(line, match, pattern))
            includes.push_back({number, match.str(2), match.str(1) == "\""});
    });
    return includes;
}

std::string first_folder(std::string_view path) {
    return std::string(path.substr(0, path.find('/')));
}

// "log" of "src/log/merkle.h"; nothing elsewhere.
std::optional<std::string> layer_of(const SourceFile& file) {
    if (!file.below("src")) return std::nullopt;
    const std::string_view rest = std::string_view{file.path}.substr(4);
    if (rest.find('/') == std::string_view::npos) return std::nullopt;
    return first_folder(rest);
}

// As a file is included: without the first folder.
std::string included_as(const std::string& path) { return path.substr(path.find('/') + 1); }

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool is_text_of_the_project(const SourceFile& file) {
    // Captured from elsewhere, kept as it came.
    return !file.below("tests/golden/events");
}

}  // namespace

const std::map<std::string, std::set<std::string>>& layers() {
    static const std::set<std::string> below_node{"base", "domain",     "codec", "storage",
                                                  "log",  "projection", "query", "replication"};
    static const std::map<std::string, std::set<std::string>> table = [] {
        std::map<std::string, std::set<std::string>> may{
            {"base", {}},
            {"domain", {"base"}},
            {"codec", {"base", "domain", "replication"}},
            {"storage", {"base"}},
            {"log", {"base", "storage"}},
            {"projection", {"base", "domain", "codec", "storage", "log"}},
            {"query", {"base", "domain", "codec", "storage", "projection"}},
            {"replication", {"base"}},
            {"node", below_node},
            {"api", below_node},
            {"server", below_node},
            {"schema", {}},  // texts and generated code
        };
        may["api"].insert("node");
        may["server"].insert({"node", "api", "schema"});
        return may;
    }();
    return table;
}

Findings includes_follow_the_layers(const SourceFile& file) {
    Findings findings;
    const auto layer = layer_of(file);
    if (!layer || !file.is_code()) return findings;
    const auto may = layers().find(*layer);
    if (may == layers().end()) return {file.path + ": no layer is called '" + *layer + "'"};
    for (const Include& include : includes_of(file)) {
        if (!include.quoted) continue;
        const std::string to = first_folder(include.path);
        if (to != *layer && !may->second.contains(to))
            findings.push_back(
                finding(file, include.line, *layer + " must not include " + include.path));
    }
    return findings;
}

std::set<std::string> private_headers(const std::vector<SourceFile>& files) {
    static const std::regex is_private{R"re(\bPrivate[\s/]+to\b)re"};
    std::set<std::string> headers;
    for (const SourceFile& file : files) {
        if (!file.is_header() || !(file.below("src") || file.below("tools"))) continue;
        const std::string opening = file.text.substr(0, file.text.find("\n\n"));
        if (std::regex_search(opening, is_private)) headers.insert(included_as(file.path));
    }
    return headers;
}

Findings private_headers_stay_in_their_folder(const SourceFile& file,
                                              const std::set<std::string>& headers) {
    Findings findings;
    if (!file.is_code() || !(file.below("src") || file.below("tools"))) return findings;
    for (const Include& include : includes_of(file))
        if (headers.contains(include.path) &&
            folder_of(include.path) != folder_of(included_as(file.path)))
            findings.push_back(finding(file, include.line, include.path + " is private"));
    return findings;
}

Findings libraries_stay_in_their_layer(const SourceFile& file) {
    Findings findings;
    if (!file.is_code()) return findings;
    // Benchmarks compare with the bare libraries.
    if (file.below("tests/bench")) return findings;

    struct Library {
        std::regex include;
        const char* name;
        bool allowed;
    };

    const bool in_codec =
        (file.below("src/codec") && file.is_source()) || file.path == "src/codec/capnp_frame.h";
    const std::vector<Library> libraries{
        {std::regex{"^(capnp|kj)/|\\.capnp\\.h$"},
         "Cap'n Proto (src/codec/*.cpp and capnp_frame.h only)", in_codec},
        {std::regex{"^lmdb\\.h$"}, "LMDB (src/storage only)", file.below("src/storage")},
        {std::regex{"^boost/(asio|beast)"}, "Asio (node, server and tools only)",
         file.below("src/node") || file.below("src/server") || !file.below("src")},
    };
    for (const Include& include : includes_of(file))
        for (const Library& library : libraries)
            if (!library.allowed && std::regex_search(include.path, library.include))
                findings.push_back(
                    finding(file, include.line, std::string(library.name) + ": " + include.path));
    return findings;
}

Findings no_hidden_inputs(const SourceFile& file) {
    if (!file.is_code()) return {};
    static const Pattern sleeping{std::regex{R"re(\b(u|nano)?sleep\s*\(|\bsleep_(for|until)\b)re"},
                                  {"sleep"}};
    static const Pattern hidden{
        std::regex{
            R"re(\b\w*_clock\s*::\s*now\b|\brandom_device\b|\brand\s*\(|\bgetenv\s*\(|\btime\s*\(\s*(NULL|nullptr|0)\s*\))re"},
        {"_clock", "random_device", "rand", "getenv", "time"}};
    const std::string code = code_only(file.text);
    Findings findings;
    // Tests wait for what they need, they never sleep.
    if (file.below("src") || file.below("tests"))
        findings = lines_with(file, code, sleeping, "only tools/ may sleep");
    if (file.below("src"))
        std::ranges::move(lines_with(file, code, hidden, "only tools/ may ask for this"),
                          std::back_inserter(findings));
    return findings;
}

Findings no_empty_names(const SourceFile& file) {
    if (!file.is_code()) return {};
    static const Pattern empty{
        std::regex{
            R"re(\b\w*(Manager|Helper|Util(s|ity|ities)?)\b|\b(class|struct)\s+\w*(Data|Info)\b)re"},
        {"Manager", "Helper", "Util", "Data", "Info"}};
    // Functions of other libraries are called by the names they have.
    static const Pattern prefixed{std::regex{R"re((^|[^\w:.>])(do|get)_\w+\s*\()re"},
                                  {"do_", "get_"}};
    const std::string code = code_only(file.text);
    Findings findings = lines_with(file, code, empty, "a name that says nothing");
    std::ranges::move(lines_with(file, code, prefixed, "a name that says nothing"),
                      std::back_inserter(findings));
    return findings;
}

Findings headers_are_guarded(const SourceFile& file) {
    if (!file.is_header() || file.text.starts_with("#pragma once\n")) return {};
    return {finding(file, 1, "a header begins with '#pragma once'")};
}

Findings todos_have_a_kind(const SourceFile& file) {
    if (!file.is_code()) return {};
    // Spelled in parts, or these lines would be found.
    static const std::vector<std::string> words{"TO" + std::string{"DO"}, "FIX" + std::string{"ME"},
                                                "XX" + std::string{"X"}};
    static const Pattern open{std::regex{"\\b" + words[0] + "(?!\\((now|soon|perf|test)\\): )|\\b" +
                                         words[1] + "\\b|\\b" + words[2] + "\\b"},
                              words};
    return lines_with(file, file.text, open, "an open point without its kind");
}

Findings no_machine_paths(const SourceFile& file) {
    if (!is_text_of_the_project(file)) return {};
    static const std::vector<std::string> folders{
        "/wo" + std::string{"rk/"}, "/ro" + std::string{"ot/"}, "/ho" + std::string{"me/"}};
    static const Pattern paths{std::regex{"(^|[\\s\"'`=:(<])(" + folders[0] + "|" + folders[1] +
                                          "|" + folders[2] + "[a-z])"},
                               folders};
    return lines_with(file, file.text, paths, "a path of one machine");
}

Findings no_trailing_blanks(const SourceFile& file) {
    if (!is_text_of_the_project(file)) return {};
    Findings findings;
    each_line(file.text, [&](const std::string& line, int number) {
        if (!line.empty() && std::string_view{" \t\r"}.find(line.back()) != std::string_view::npos)
            findings.push_back(finding(file, number, "blanks at the end of the line"));
    });
    if (!file.text.empty() && !file.text.ends_with('\n'))
        findings.push_back(file.path + ": the last line has no end");
    return findings;
}

std::string code_only(std::string_view text) {
    std::string code;
    code.reserve(text.size());
    const auto keep = [&](std::size_t count) {
        code += text.substr(0, count);
        text.remove_prefix(std::min(count, text.size()));
    };
    const auto blank = [&](std::size_t count) {
        for (const char c : text.substr(0, count)) code += c == '\n' ? '\n' : ' ';
        text.remove_prefix(std::min(count, text.size()));
    };
    // Where `end` begins, or the end of the text.
    const auto until = [&](std::string_view end, std::size_t from) {
        return std::min(text.find(end, from), text.size());
    };
    char before = ' ';
    while (!text.empty()) {
        if (text.starts_with("//")) {
            blank(until("\n", 0));
        } else if (text.starts_with("/*")) {
            blank(until("*/", 2) + 2);
        } else if (text.starts_with("R\"")) {
            const std::string end = ")" + std::string(text.substr(2, text.find('(') - 2)) + "\"";
            blank(until(end, 2) + end.size());
        } else if (text.front() == '"' ||
                   // Not the separator in 1'000.
                   (text.front() == '\'' &&
                    std::isalnum(static_cast<unsigned char>(before)) == 0)) {
            std::size_t end = 1;
            while (end < text.size() && text[end] != text.front() && text[end] != '\n')
                end += text[end] == '\\' ? 2U : 1U;
            blank(end + 1);
        } else {
            keep(1);
        }
        if (!code.empty()) before = code.back();
    }
    return code;
}

}  // namespace tenure::tidy
