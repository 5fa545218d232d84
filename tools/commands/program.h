#pragma once
// Program: what every command of `tenure` runs with: clock and chance, where output goes and in
// which form, the store and its tenant. One thread runs a command; progress may come from others.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/forms.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/exit_codes.h"
#include "node/node.h"
#include "system/input.h"
#include "system/progress_meter.h"

namespace tenure::commands {

using cli::Exit;

// What may be said before or after the name of any command.
struct GlobalOptions {
    std::string store;
    std::string tenant;
    bool tenant_given = false;
    bool json = false;
    bool table = false;
    bool no_color = false;
    std::string server;  // URL
    std::string profile;
    std::string token_file;
    std::string ca_file;
};

enum class Access { read, write, follow };  // follow: a store that copies another's log

class Remote;

class Program {
public:
    // Both outlive the program.
    Program(Clock& clock, Random& random);

    GlobalOptions global;
    // The command the command line chose; what it does with a store's directory, and with a server
    // if it can.
    std::string chosen_name;
    std::function<Exit()> chosen;
    std::function<Exit(Remote&)> chosen_remote;

    // Runs it. Output that could not be written is an error too.
    int run();

    Instant now() { return clock_.now(); }

    Clock& clock() { return clock_; }

    Random& random() { return random_; }

    // As --json, --table or TENURE_OUTPUT ("json", "table") say; otherwise JSON unless standard
    // output is a terminal.
    bool json() const;
    bool in_colour() const;

    api::Paint paint() const { return api::Paint{in_colour()}; }

    // An answer in that form: the arguments of api::to_json and, before the paint, api::to_text.
    template <class... Parts>
    void print_answer(const Parts&... parts) {
        if (json())
            print_line(api::to_json(parts...));
        else
            print(api::to_text(parts..., paint()));
    }

    void print(std::string_view text);
    // With an end of line.
    void print_line(std::string_view text);
    // One line on standard error, for a person.
    void note(std::string_view text);

    // Says what is wrong and answers with the exit code for it.
    Exit fail(const Error& error);
    // An input file's fault, whatever kind: refused. Storage that fails stays a storage failure.
    Exit refuse(const Error& error);
    // The command line contradicts itself.
    Exit misuse(const std::string& what);

    Result<std::string> store_directory() const;
    // The store, with its repairs told on standard error.
    Result<std::unique_ptr<node::Node>> open(Access access);
    // The same without a word: for a store of which it is known that it has no index yet.
    Result<std::unique_ptr<node::Node>> open_silently(Access access);
    // The tenant that was named, or the only one.
    Result<std::string> tenant(const node::Node& node) const;

    // From here on long work stops at a good moment when a signal asks for it.
    void stop_on_signals();
    bool stopped() const;
    // Waits so long. False: a signal asked for it to stop.
    bool pause(std::chrono::milliseconds time) const;
    // Says that it stopped, and `consequence`; the exit code of the signal.
    Exit stop(std::string_view consequence);

    // Shows progress. Work that only reports progress can be stopped there and nowhere else: then
    // the process ends, which every store survives.
    void progress(const node::Progress& progress);

    // What a signal during progress() means, e.g. "the backup is not usable".
    void stop_in_progress(std::string consequence) { stop_consequence_ = std::move(consequence); }

    void progress_of_input(const system::Input* input) { input_.store(input); }

    void end_progress() { meter_.clear(); }

private:
    Exit carry_out();

    Clock& clock_;
    Random& random_;
    const bool stdout_is_terminal_;
    system::ProgressMeter meter_;
    std::atomic<const system::Input*> input_{nullptr};
    std::string stop_consequence_;
};

}  // namespace tenure::commands
