// Importing history: lines into tenants that are open for import.
//
// The whole file is one commitment: chunks are appended durably but uncommitted, folded into the
// index out of sight (questions see no revision above the committed one), and committed together at
// the end. A bad line, a crash or a full disk before that leaves a tail that is discarded, and an
// index that is rebuilt from the log.

#include "node/import.h"

#include <istream>
#include <optional>
#include <set>

#include "base/text.h"
#include "codec/json_lines.h"
#include "domain/decide.h"
#include "node/core.h"
#include "node/recording.h"

namespace tenure::node {
namespace {

constexpr std::size_t events_per_chunk = 4'096;
constexpr std::size_t bad_lines_max = 1'000;

Error at_line(std::uint64_t line, Error error) {
    error.detail = "line " + std::to_string(line) + ": " + error.detail;
    return error;
}

// Reads one line without its end, but no more of it than may be parsed.
bool read_line(std::istream& input, std::string& line) {
    line.clear();
    std::streambuf* buffer = input.rdbuf();
    for (;;) {
        const int c = buffer->sbumpc();
        if (c == std::char_traits<char>::eof()) return !line.empty();
        if (c == '\n') return true;
        if (line.size() <= codec::json_line_length_max) line += static_cast<char>(c);
    }
}

class Import {
public:
    Import(Core& core, std::istream& input, const ImportOptions& options)
        : core_{core}, input_{input}, options_{options}, index_{core.current_index()} {}

    Result<ImportReport> run() {
        TRY(core_.check_disk());
        TRY(core_.mark_in_use());
        auto read = read_lines();
        if (read) read = finish();
        if (read) return std::move(report_);
        // Nothing of it is kept.
        recording_.reset();
        Error error = std::move(read.error());
        if (const auto undone = undo(); !undone) core_.break_down(undone.error());
        return error;
    }

private:
    Result<void> read_lines() {
        codec::LineDefaults defaults{options_.tenant, {}, true, options_.imported_by};
        std::string line;
        std::uint64_t number = 0;
        while (read_line(input_, line)) {
            ++number;
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            ++report_.lines;
            if (auto imported = import_line(line, defaults); !imported) {
                Error error = at_line(number, std::move(imported.error()));
                if (full()) return *recording_->batch().failure();
                if (!options_.keep_going) return error;
                ++report_.bad_line_count;
                if (report_.bad_lines.size() < bad_lines_max)
                    report_.bad_lines.push_back({number, std::move(error)});
            }
            if (full()) return *recording_->batch().failure();
            if (recording_ && recording_->events() >= events_per_chunk) {
                TRY(store_chunk());
                core_.report("import", number, 0);
            }
        }
        if (input_.bad())
            return Error{Errc::storage_failed,
                         "the input could not be read after line " + std::to_string(number)};
        return success();
    }

    Result<void> import_line(const std::string& line, const codec::LineDefaults& defaults) {
        TRY(domain::Command command, codec::parse_command_line(line, defaults));
        const auto* event = std::get_if<domain::RecordEvent>(&command.body);
        // Sealing is this import's own affair; creating is done by the first line of a tenant.
        if (event != nullptr && std::holds_alternative<domain::TenantSealed>(event->body)) {
            TRY(open_tenant(command, nullptr));
            return success();
        }
        const auto* created =
            event == nullptr ? nullptr : std::get_if<domain::TenantCreated>(&event->body);
        TRY(open_tenant(command, created));
        if (created != nullptr) return success();
        return recording().record(command, {});
    }

    // The tenant of a line exists and is open; made if it did not exist.
    Result<void> open_tenant(const domain::Command& command,
                             const domain::TenantCreated* as_exported) {
        if (command.tenant == domain::store_tenant || opened_.contains(command.tenant))
            return success();
        const auto known = recording().state().tenant(command.tenant);
        if (known && !known->open_for_import)
            return Error{Errc::conflict,
                         "tenant " + quoted(command.tenant) +
                             " is sealed: history can be imported into a new tenant, or into one "
                             "created with openForImport",
                         "tenant"};
        if (!known) {
            domain::Command create = command;
            create.body = domain::CreateTenant{
                as_exported != nullptr ? as_exported->display_name : std::string{}, true, {}};
            TRY(domain::check_form(create));
            domain::Event made;
            made.imported = true;
            made.effective_at = *command.effective_at;
            made.tenant = command.tenant;
            made.actor = as_exported != nullptr ? command.actor : options_.imported_by;
            made.imported_by = options_.imported_by;
            made.cause = {"tenant.create", command.reason, command.ticket, command.source};
            made.body = domain::TenantCreated{
                as_exported != nullptr ? as_exported->display_name : std::string{}, true};
            if (made.effective_at > core_.clock->now())
                return invalid("time", format_instant(made.effective_at) +
                                           " lies in the future: history is what has happened");
            recording().record_event(std::move(made));
        }
        opened_.insert(command.tenant);
        return success();
    }

    Recording& recording() {
        if (!recording_)
            recording_.emplace(*index_, core_.guardians, time_.next(core_.clock->now()),
                               core_.log->last(), core_.term);
        return *recording_;
    }

    // A transaction that is full shows no rows: no line is to blame for what it says.
    bool full() { return recording_ && recording_->batch().failure(); }

    Result<void> store_chunk() {
        if (!recording_ || recording_->entries().empty()) {
            recording_.reset();
            return success();
        }
        if (full()) return *recording_->batch().failure();
        TRY(core_.check_disk());
        undo_needed_ = true;
        {
            const std::lock_guard guard{core_.log_writes};
            TRY(core_.log->append(recording_->entries(), {}, false));
        }
        report_.events += recording_->entries().size();
        TRY(recording_->batch().commit());
        recording_.reset();
        return success();
    }

    Result<void> finish() {
        if (!options_.keep_open) {
            for (const std::string& tenant : opened_) {
                domain::Event sealed;
                sealed.tenant = tenant;
                sealed.actor = options_.imported_by;
                sealed.cause.command = "tenant.seal";
                sealed.body = domain::TenantSealed{};
                recording().record_event(std::move(sealed));
            }
        }
        TRY(store_chunk());
        const Revision last = core_.log->last();
        {
            const std::lock_guard guard{core_.log_writes};
            TRY(core_.log->commit_to(last));
        }
        index_->set_visible(last);
        report_.last = last;
        return success();
    }

    Result<void> undo() {
        if (!undo_needed_) return success();
        {
            const std::lock_guard guard{core_.log_writes};
            // First of all: an index that is ahead of its log is otherwise a sign of a lost log.
            TRY(core_.generations->mark_stale());
            TRY(core_.log->discard_uncommitted());
        }
        return core_.rebuild_index();
    }

    Core& core_;
    std::istream& input_;
    const ImportOptions& options_;
    std::shared_ptr<projection::Index> index_;
    RecordingTime time_{*core_.closed_time};
    std::optional<Recording> recording_;
    std::set<std::string> opened_;
    ImportReport report_;
    bool undo_needed_ = false;
};

}  // namespace

Result<ImportReport> import_history(Core& core, std::istream& input, const ImportOptions& options) {
    return Import{core, input, options}.run();
}

}  // namespace tenure::node
