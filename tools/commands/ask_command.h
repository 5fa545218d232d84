#pragma once
// ask: answers a file of questions, and with --expect tests a store against the answers in it.

#include <functional>
#include <string>
#include <vector>

#include "cli/ask_text.h"
#include "commands/options.h"

namespace tenure::commands {

class AskCommand {
public:
    // Adds the command to `app`; both outlive this.
    AskCommand(CLI::App& app, Program& program);
    AskCommand(const AskCommand&) = delete;
    AskCommand& operator=(const AskCommand&) = delete;

private:
    // Checks are asked so many at a time.
    static constexpr std::size_t questions_together = 512;

    struct Line {
        std::uint64_t number = 0;
        Result<domain::AskLine> question;
    };

    struct Counts {
        std::uint64_t questions = 0;
        std::uint64_t compared = 0;
        std::uint64_t mismatches = 0;
        std::uint64_t errors = 0;
    };

    using Checks = std::vector<Result<query::CheckAnswer>>;

    // How a store, or a server, is asked.
    struct Asking {
        // Of as many questions, in their order; an error ends it all.
        std::function<Result<Checks>(const std::vector<domain::CheckQuestion>&)> checks;
        std::function<Result<cli::Answer>(const domain::AskLine&)> list;
    };

    Exit ask();
    Exit ask_at(Remote& remote);
    // `tenants` are sorted.
    Exit answer_all(system::Input& input, const std::string& tenant,
                    const std::vector<std::string>& tenants, const Asking& asking);
    Result<void> answer(const Asking& asking, const std::vector<Line>& lines);
    Result<cli::Answer> answer_list(node::Session& session, const domain::AskLine& question) const;
    void report(const Line& line, const Result<cli::Answer>& answer);
    Exit close(std::uint64_t elapsed_ms);

    Program& program_;
    std::string file_;
    std::string within_;
    bool expect_ = false;
    bool answers_ = false;
    Counts counts_;
};

}  // namespace tenure::commands
