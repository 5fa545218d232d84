#include "cli/completion.h"

#include <string_view>

#include "base/text.h"

namespace tenure::cli {
namespace {

// Inside single quotes of a shell; zsh's own separators are taken out of descriptions.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else if (c == '[' || c == ']' || c == ':' || c == '\\')
            out += std::string{"\\"} + c;
        else
            out += c;
    }
    return out;
}

std::string zsh_value(const CompletedOption& option) {
    if (!option.takes_value) return {};
    if (!option.choices.empty()) return ":value:(" + joined(option.choices, " ") + ')';
    if (option.takes_path) return ":path:_files";
    return ":value:";
}

}  // namespace

std::string bash_completion(const std::vector<CompletedCommand>& commands) {
    std::string out =
        "# bash completion for tenure; load it with: source <(tenure completion bash)\n"
        "_tenure() {\n"
        "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    local command='' word\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case \" $_tenure_commands \" in *\" $word \"*) command=\"$word\"; break ;; esac\n"
        "    done\n"
        "    COMPREPLY=()\n"
        "    if [[ -z $command && $current != -* ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$_tenure_commands\" -- \"$current\")\n"
        "        return\n"
        "    fi\n"
        "    case \"$command $previous\" in\n";
    for (const CompletedCommand& command : commands)
        for (const CompletedOption& option : command.options) {
            if (!option.takes_value) continue;
            out += "        '" + command.name + ' ' + option.name + "') ";
            if (!option.choices.empty())
                out += "mapfile -t COMPREPLY < <(compgen -W '" + joined(option.choices, " ") +
                       "' -- \"$current\"); ";
            else if (option.takes_path)
                out += "mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); ";
            out += "return ;;\n";
        }
    out += "    esac\n    case \"$command\" in\n";
    for (const CompletedCommand& command : commands) {
        out += "        '" + command.name + "')\n";
        const std::string options = joined(command.options, " ", &CompletedOption::name);
        out += "            if [[ $current == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '" +
               options + "' -- \"$current\")\n";
        if (!command.choices.empty())
            out += "            else mapfile -t COMPREPLY < <(compgen -W '" +
                   joined(command.choices, " ") + "' -- \"$current\")\n";
        else if (command.takes_path)
            out += "            else mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n";
        out += "            fi ;;\n";
    }
    out += "    esac\n}\n_tenure_commands='" + joined(commands, " ", &CompletedCommand::name) +
           "'\ncomplete -o filenames -F _tenure tenure\n";
    return out;
}

std::string zsh_completion(const std::vector<CompletedCommand>& commands) {
    std::string out =
        "#compdef tenure\n"
        "# zsh completion for tenure; load it with: source <(tenure completion zsh)\n"
        "_tenure() {\n"
        "    local -a commands\n"
        "    commands=(\n";
    for (const CompletedCommand& command : commands)
        out += "        '" + zsh_text(command.name) + ':' + zsh_text(command.description) + "'\n";
    out +=
        "    )\n"
        "    if (( CURRENT == 2 )); then\n"
        "        _describe 'command' commands\n"
        "        return\n"
        "    fi\n"
        "    case \"${words[2]}\" in\n";
    for (const CompletedCommand& command : commands) {
        out += "        " + command.name + ")\n            _arguments";
        for (const CompletedOption& option : command.options)
            out += " \\\n                '" + option.name + '[' + zsh_text(option.description) +
                   ']' + zsh_value(option) + '\'';
        if (!command.choices.empty())
            out += " \\\n                '2:argument:(" + joined(command.choices, " ") + ")'";
        if (command.takes_path) out += " \\\n                '*:file:_files'";
        out += " ;;\n";
    }
    out +=
        "    esac\n"
        "}\n"
        "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _tenure \"$@\"; else compdef _tenure "
        "tenure; fi\n";
    return out;
}

}  // namespace tenure::cli
