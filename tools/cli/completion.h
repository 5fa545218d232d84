#pragma once
// Completion scripts for shells, from a list of what there is to complete.

#include <string>
#include <vector>

namespace tenure::cli {

struct CompletedOption {
    std::string name;  // "--store"
    std::string description;
    bool takes_value = false;
    bool takes_path = false;
    std::vector<std::string> choices;  // of its value
};

struct CompletedCommand {
    std::string name;
    std::string description;
    std::vector<CompletedOption> options;
    std::vector<std::string> choices;  // of its first argument
    bool takes_path = false;           // as an argument
};

std::string bash_completion(const std::vector<CompletedCommand>& commands);
std::string zsh_completion(const std::vector<CompletedCommand>& commands);

}  // namespace tenure::cli
