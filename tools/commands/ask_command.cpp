#include "commands/ask_command.h"

#include <algorithm>

#include "api/json_text.h"
#include "base/text.h"
#include "cli/problem.h"
#include "codec/json_lines.h"
#include "commands/batch_lines.h"
#include "commands/remote_lists.h"
#include "server/query_client.h"
#include "system/system_clock.h"

namespace tenure::commands {
namespace {

const std::string& tenant_of(const domain::AskLine& line) {
    return std::visit([](const auto& question) -> const std::string& { return question.tenant; },
                      line.question);
}

Result<std::vector<Result<query::CheckAnswer>>> checks_at(
    server::QueryClient& client, const std::vector<domain::CheckQuestion>& checks) {
    TRY(const auto frame, client.ask(checks));
    if (frame.problem) return *frame.problem;
    if (frame.answers.size() != checks.size())
        return Error{Errc::unavailable, "the server has not answered all questions"};
    std::vector<Result<query::CheckAnswer>> answers;
    for (const codec::FrameAnswer& each : frame.answers) {
        using Decision = codec::FrameAnswer::Decision;
        if (each.decision == Decision::none) {
            answers.emplace_back(
                each.problem.value_or(Error{Errc::unavailable, "the server has not answered"}));
            continue;
        }
        query::CheckAnswer answer;
        answer.allowed = each.decision == Decision::allow;
        answer.basis.revision = each.revision;
        answer.basis.clock = each.clock;
        answer.basis.final = each.final;
        answers.emplace_back(answer);
    }
    return answers;
}

}  // namespace

AskCommand::AskCommand(CLI::App& app, Program& program) : program_{program} {
    add_command(
        app, program, "ask", "Answer a file of questions, line by line", [this] { return ask(); },
        [this](Remote& remote) { return ask_at(remote); })
        .argument("file", file_, "FILE", "JSON Lines; - is standard input")
        .option("--within", within_, "PATTERN",
                "Of what-can questions: only scopes of this shape, such as /orgs/*/repos/*")
        .flag("--expect", expect_,
              "Compare with \"expected\" in each line; show what differs, and the count")
        .flag("--answers", answers_, "With --expect: print the answers, too");
}

Exit AskCommand::ask() {
    program_.stop_on_signals();
    auto input = system::Input::open(file_);
    if (!input) return program_.fail(input.error());
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    const auto tenant = program_.tenant(*node.value());
    if (!tenant) return program_.fail(tenant.error());
    const auto session = node.value()->session();
    auto tenants = node.value()->tenants();
    std::sort(tenants.begin(), tenants.end());
    const Asking asking{
        [&](const std::vector<domain::CheckQuestion>& checks) {
            return Result<Checks>{session->check_all(checks)};
        },
        [&](const domain::AskLine& question) { return answer_list(*session, question); }};
    return answer_all(*input.value(), tenant.value(), tenants, asking);
}

Exit AskCommand::ask_at(Remote& remote) {
    program_.stop_on_signals();
    auto input = system::Input::open(file_);
    if (!input) return program_.fail(input.error());
    auto client = server::QueryClient::connect(
        {remote.url().text, remote.tenant(), remote.token(), remote.ca_file()});
    if (!client) return program_.fail(client.error());
    const Asking asking{
        [&](const std::vector<domain::CheckQuestion>& checks) {
            return checks_at(*client.value(), checks);
        },
        [&](const domain::AskLine& question) { return remote_list(remote, question, within_); }};
    return answer_all(*input.value(), remote.tenant(), {remote.tenant()}, asking);
}

Exit AskCommand::answer_all(system::Input& input, const std::string& tenant,
                            const std::vector<std::string>& tenants, const Asking& asking) {
    const std::uint64_t started_ms = system::monotonic_ms();
    program_.progress_of_input(&input);
    std::vector<Line> lines;
    std::string text;
    Result<void> answered = success();
    while (answered && !program_.stopped() && input.next_line(text)) {
        if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
        auto question = codec::parse_ask_line(text, tenant);
        if (question) {
            const std::string& asked = tenant_of(question.value());
            if (!std::binary_search(tenants.begin(), tenants.end(), asked))
                question =
                    Error{Errc::not_found, "the store has no tenant " + quoted(asked), "tenant"};
        }
        lines.push_back({input.line_number(), std::move(question)});
        if (lines.size() < questions_together) continue;
        answered = answer(asking, lines);
        lines.clear();
        program_.progress({"ask", counts_.questions, 0});
    }
    if (answered) answered = answer(asking, lines);
    program_.progress_of_input(nullptr);
    program_.end_progress();
    if (!answered) return program_.fail(answered.error());
    if (program_.stopped())
        return program_.stop("the first " + api::counted(counts_.questions, "question") +
                             " were answered");
    if (const auto whole = input.whole(); !whole) return program_.refuse(whole.error());
    return close(system::monotonic_ms() - started_ms);
}

Result<void> AskCommand::answer(const Asking& asking, const std::vector<Line>& lines) {
    std::vector<domain::CheckQuestion> checks;
    for (const Line& line : lines)
        if (line.question)
            if (const auto* check =
                    std::get_if<domain::CheckQuestion>(&line.question.value().question))
                checks.push_back(*check);
    Checks answers;
    if (!checks.empty()) {
        TRY(answers, asking.checks(checks));
    }
    auto next_check = answers.begin();
    for (const Line& line : lines) {
        if (!line.question) {
            report(line, line.question.error());
        } else if (std::holds_alternative<domain::CheckQuestion>(line.question.value().question)) {
            if (*next_check)
                report(line, cli::Answer{next_check->value()});
            else
                report(line, next_check->error());
            ++next_check;
        } else {
            report(line, asking.list(line.question.value()));
        }
    }
    return success();
}

Result<cli::Answer> AskCommand::answer_list(node::Session& session,
                                            const domain::AskLine& question) const {
    if (const auto* who = std::get_if<domain::WhoCanQuestion>(&question.question)) {
        TRY(auto answer, session.who_can(*who, false, {}));
        return cli::Answer{std::move(answer)};
    }
    TRY(auto answer,
        session.what_can(std::get<domain::WhatCanQuestion>(question.question), within_, {}));
    return cli::Answer{std::move(answer)};
}

void AskCommand::report(const Line& line, const Result<cli::Answer>& answer) {
    ++counts_.questions;
    const bool print = !expect_ || answers_;
    if (!answer) {
        ++counts_.errors;
        if (print) program_.print_line(cli::answer_line(line.number, answer.error()));
        program_.note(cli::problem_line(at_line(line.number, answer.error())));
        return;
    }
    if (print) program_.print_line(cli::answer_line(line.number, answer.value()));
    if (!expect_ || !cli::has_expectation(line.question.value())) return;
    ++counts_.compared;
    if (const auto wrong = cli::mismatch(line.question.value(), answer.value())) {
        ++counts_.mismatches;
        program_.note(
            api::printable("mismatch in line " + std::to_string(line.number) + ": " + *wrong));
    }
}

Exit AskCommand::close(std::uint64_t elapsed_ms) {
    if (expect_ && program_.json()) {
        api::JsonText json;
        json.begin_object();
        json.member("questions", counts_.questions);
        json.member("compared", counts_.compared);
        json.member("mismatches", counts_.mismatches);
        json.member("errors", counts_.errors);
        json.end_object();
        program_.print_line(json.take());
    } else if (expect_) {
        std::string text = api::grouped(counts_.mismatches) +
                           (counts_.mismatches == 1 ? " mismatch in " : " mismatches in ") +
                           api::counted(counts_.compared, "question");
        if (counts_.compared < counts_.questions - counts_.errors)
            text +=
                "; " +
                api::counted(counts_.questions - counts_.errors - counts_.compared, "question") +
                " without an expected answer";
        if (counts_.errors > 0)
            text += "; " + api::counted(counts_.errors, "line") + " could not be answered";
        if (elapsed_ms >= 100)
            text += "; " + api::grouped(counts_.questions * 1000 / elapsed_ms) + " questions/s";
        program_.print_line(text);
    }
    if (counts_.errors > 0) return Exit::refused;
    return counts_.mismatches > 0 ? Exit::deny : Exit::ok;
}

}  // namespace tenure::commands
