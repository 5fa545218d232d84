#include "commands/program.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "base/text.h"
#include "cli/problem.h"
#include "commands/remote.h"
#include "system/signals.h"
#include "system/terminal.h"

namespace tenure::commands {

Program::Program(Clock& clock, Random& random)
    : clock_{clock},
      random_{random},
      stdout_is_terminal_{system::stdout_is_terminal()},
      meter_{system::stderr_is_terminal()} {}

Exit Program::carry_out() {
    const auto remote = Remote::named(*this, chosen_remote != nullptr);
    if (!remote) return fail(remote.error());
    return remote.value() ? chosen_remote(*remote.value()) : chosen();
}

int Program::run() {
    const Exit exit = carry_out();
    meter_.clear();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        return static_cast<int>(
            fail(Error{Errc::storage_failed,
                       std::string{"cannot write the output: "} + std::strerror(errno)}));
    return static_cast<int>(exit);
}

bool Program::json() const {
    if (global.json || global.table) return global.json;
    if (const auto form = system::environment("TENURE_OUTPUT")) return *form == "json";
    return !stdout_is_terminal_;
}

bool Program::in_colour() const {
    return stdout_is_terminal_ && !global.no_color && !system::environment("NO_COLOR");
}

void Program::print(std::string_view text) {
    if (stdout_is_terminal_) meter_.clear();
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void Program::print_line(std::string_view text) {
    print(text);
    print("\n");
}

void Program::note(std::string_view text) {
    meter_.clear();
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

Exit Program::fail(const Error& error) {
    const Exit exit = cli::exit_of(error.code);
    note(global.json ? cli::problem_json(error, exit) : cli::problem_line(error));
    return exit;
}

Exit Program::refuse(const Error& error) {
    const Exit exit = cli::exit_of(error.code) == Exit::storage ? Exit::storage : Exit::refused;
    note(global.json ? cli::problem_json(error, exit) : cli::problem_line(error));
    return exit;
}

Exit Program::misuse(const std::string& what) { return fail(invalid("", what)); }

Result<std::string> Program::store_directory() const {
    if (!global.store.empty()) return global.store;
    if (const auto directory = system::environment("TENURE_STORE")) return *directory;
    return invalid("", "no store is named: give --store DIR or set TENURE_STORE");
}

Result<std::unique_ptr<node::Node>> Program::open_silently(Access access) {
    TRY(const std::string directory, store_directory());
    node::Options options;
    options.read_only = access == Access::read;
    options.copies = access == Access::follow;
    options.progress = [this](const node::Progress& at) { progress(at); };
    return node::Node::open(directory, clock_, random_, options);
}

Result<std::unique_ptr<node::Node>> Program::open(Access access) {
    TRY(auto node, open_silently(access));
    for (const std::string& repair : node->repairs()) note("tenure: repaired: " + repair);
    return node;
}

Result<std::string> Program::tenant(const node::Node& node) const {
    const auto tenants = node.tenants();
    if (global.tenant_given) {
        if (std::find(tenants.begin(), tenants.end(), global.tenant) == tenants.end())
            return Error{Errc::not_found, "the store has no tenant " + quoted(global.tenant)};
        return global.tenant;
    }
    if (tenants.size() == 1) return tenants.front();
    if (tenants.empty())
        return Error{Errc::not_found,
                     "the store has no tenant yet: import history, or apply a tenant.create"};
    constexpr std::size_t shown_max = 10;
    const std::string names =
        joined(std::span{tenants}.first(std::min(tenants.size(), shown_max)), ", ", quoted);
    return invalid("", "the store has " + std::to_string(tenants.size()) +
                           " tenants, so --tenant must name one: " + names +
                           (tenants.size() > shown_max ? " ..." : ""));
}

void Program::stop_on_signals() { system::remember_stop_signals(); }

bool Program::stopped() const { return system::stop_signal() != 0; }

bool Program::pause(std::chrono::milliseconds time) const {
    return !stopped() && system::wait_for_stop_signal(time) == 0;
}

Exit Program::stop(std::string_view consequence) {
    note("tenure: stopped: " + std::string(consequence));
    return static_cast<Exit>(system::exit_code_of_signal(system::stop_signal()));
}

void Program::progress(const node::Progress& at) {
    if (stopped() && !stop_consequence_.empty()) {
        const Exit exit = stop(stop_consequence_);
        std::fflush(stdout);
        std::_Exit(static_cast<int>(exit));
    }
    std::uint64_t total = at.total;
    const system::Input* input = input_.load();
    // The store counts lines and cannot know how many there are; the file's size tells.
    if (total == 0 && input != nullptr && input->bytes_read() > 0)
        total = static_cast<std::uint64_t>(static_cast<double>(at.done) *
                                           static_cast<double>(input->bytes_total()) /
                                           static_cast<double>(input->bytes_read()));
    meter_.show(at.work, at.done, total);
}

}  // namespace tenure::commands
