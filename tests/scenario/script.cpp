#include "script.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/invariant.h"

namespace tenure::testing {
namespace {

constexpr std::string_view indent = "  ";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
    return lines;
}

std::string read_file(const std::string& path) {
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// Empty lines at the end are layout.
void drop_empty_end(std::vector<std::string>& lines) {
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
}

std::string shell_quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + '\'';
}

void write_indented(std::string& out, const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        out += (line.empty() ? "" : std::string(indent) + line) + '\n';
}

// Takes a line that belongs to the block before it; false if it is none.
bool take_body(std::vector<Block>& blocks, const std::string& line) {
    if (blocks.empty()) return false;
    Block& block = blocks.back();
    if (block.kind != Block::Kind::file && block.kind != Block::Kind::command) return false;
    auto& body = block.kind == Block::Kind::file ? block.lines : block.output;
    if (line.empty())
        body.emplace_back();
    else if (line.starts_with(indent))
        body.push_back(line.substr(indent.size()));
    else if (line.starts_with("! "))
        block.errors.push_back(line.substr(2));
    else if (line.starts_with("? "))
        block.exit_code = std::stoi(line.substr(2));
    else
        return false;
    return true;
}

}  // namespace

std::vector<Block> parse_script(const std::string& text) {
    std::vector<Block> blocks;
    const auto begin = [&](Block::Kind kind, std::string head) {
        blocks.push_back({kind, std::move(head), {}, {}, {}, 0});
    };
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with("$ "))
            begin(Block::Kind::command, line.substr(2));
        else if (line.starts_with("> "))
            begin(Block::Kind::file, line.substr(2));
        else if (line.starts_with("% "))
            begin(Block::Kind::variable, line.substr(2));
        else if (!take_body(blocks, line))
            begin(Block::Kind::text, line);
    }
    for (Block& block : blocks) {
        drop_empty_end(block.lines);
        drop_empty_end(block.output);
    }
    return blocks;
}

std::string script_text(const std::vector<Block>& blocks) {
    std::string out;
    for (const Block& block : blocks) {
        switch (block.kind) {
            case Block::Kind::text:
                out += block.head + '\n';
                break;
            case Block::Kind::variable:
                out += "% " + block.head + '\n';
                break;
            case Block::Kind::file:
                out += "> " + block.head + '\n';
                write_indented(out, block.lines);
                out += '\n';
                break;
            case Block::Kind::command:
                out += "$ " + block.head + '\n';
                write_indented(out, block.output);
                for (const std::string& line : block.errors) out += "! " + line + '\n';
                if (block.exit_code != 0) out += "? " + std::to_string(block.exit_code) + '\n';
                out += '\n';
                break;
        }
    }
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
}

Block run(const Block& block, const std::string& directory,
          const std::vector<std::string>& variables) {
    const std::string output = directory + ".out";
    const std::string errors = directory + ".err";
    const std::string script = directory + ".sh";
    {
        std::ofstream file{script};
        for (const std::string& variable : variables) {
            const std::size_t at = variable.find('=');
            INVARIANT(at != std::string::npos);
            file << "export " << variable.substr(0, at) << '='
                 << shell_quoted(variable.substr(at + 1)) << '\n';
        }
        file << "cd " << shell_quoted(directory) << '\n' << block.head << '\n';
    }
    const std::string command = "sh " + shell_quoted(script) + " >" + shell_quoted(output) + " 2>" +
                                shell_quoted(errors) + " </dev/null";
    const int status = std::system(command.c_str());
    Block result = block;
    result.output = lines_of(read_file(output));
    drop_empty_end(result.output);
    result.errors = lines_of(read_file(errors));
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace tenure::testing
