#pragma once
// Questions: check, explain, who-can, what-can, when, diff.

#include <string>

#include "commands/options.h"

namespace tenure::commands {

class QuestionCommands {
public:
    // Adds the commands to `app`; both outlive this.
    QuestionCommands(CLI::App& app, Program& program);
    QuestionCommands(const QuestionCommands&) = delete;
    QuestionCommands& operator=(const QuestionCommands&) = delete;

private:
    // A store opened for reading, the tenant and the moment the question is about.
    struct Setting {
        std::unique_ptr<node::Node> node;
        std::unique_ptr<node::Session> session;
        std::string tenant;
        domain::AsOf as_of;
        domain::AskedAttributes attributes;
    };

    Result<Setting> open();
    domain::CheckQuestion check_question(const Setting& setting) const;

    Exit check();
    Exit explain();
    Exit who_can();
    Exit what_can();
    Exit when();
    Exit diff();

    Program& program_;
    cli::CoordinateTexts as_of_;
    std::string principal_;
    std::string action_;
    std::string scope_;
    domain::Plane plane_{};
    std::string attributes_file_;
    std::string sub_operation_;
    bool groups_ = false;
    std::string within_;
    query::Page page_;
    std::string from_;
    std::string to_ = "now";
};

}  // namespace tenure::commands
