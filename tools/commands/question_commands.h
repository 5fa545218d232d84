#pragma once
// Questions: check, explain, who-can, what-can, when.

#include <string>

#include "commands/options.h"
#include "commands/remote.h"

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

    // What the command line says, found to be well formed.
    struct Given {
        domain::AsOf as_of;
        domain::condition::GivenAttributes attributes;
    };

    Result<Given> given() const;
    Result<Setting> open();
    domain::CheckQuestion check_question(const Setting& setting) const;

    Exit check();
    Exit explain();
    Exit who_can();
    Exit what_can();
    Exit when();

    // The same of a server.
    Exit ask(Remote& remote, RemoteQuestion question) const;
    // With the words of the command line; those that are needed even if they are empty.
    RemoteQuestion asked(const char* path, std::initializer_list<const char*> needed) const;
    RemoteQuestion check_asked() const;
    RemoteQuestion explain_asked() const;
    RemoteQuestion when_asked() const;
    RemoteQuestion who_can_asked() const;
    RemoteQuestion what_can_asked() const;

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
};

}  // namespace tenure::commands
