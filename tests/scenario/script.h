#pragma once
// A scenario: a text file with command lines and what they are expected to say. See
// docs/TESTING.md, "Scenarios".
//
//   ## a comment
//   % NAME=value      an environment variable for the commands that follow
//   > name            writes the indented lines below to file `name`
//   $ command         runs in sh; below it what it said:
//     a line of standard output
//   ! a line of standard error
//   ? 3               the exit code, if it is not 0

#include <string>
#include <vector>

namespace tenure::testing {

struct Block {
    enum class Kind { text, variable, file, command };
    Kind kind{};
    std::string head;                // the line after its marker; of text: the line itself
    std::vector<std::string> lines;  // of a file
    std::vector<std::string> output;
    std::vector<std::string> errors;
    int exit_code = 0;
    bool operator==(const Block&) const = default;
};

std::vector<Block> parse_script(const std::string& text);
std::string script_text(const std::vector<Block>& blocks);

// Runs `block`, a command, in `directory` and returns it with what happened instead of what was
// expected. `variables` are "NAME=value".
Block run(const Block& block, const std::string& directory,
          const std::vector<std::string>& variables);

}  // namespace tenure::testing
