#include "node/copy_notes.h"

#include <algorithm>
#include <charconv>

#include "base/hex_words.h"
#include "base/text.h"

namespace tenure::node {
namespace {

constexpr std::string_view note_copies = "replication.copies";
constexpr std::string_view note_term = "replication.term";
constexpr std::string_view note_leads = "replication.leads";
constexpr std::string_view note_members = "replication.members";
constexpr std::string_view note_store = "replication.store";
constexpr std::string_view note_node = "replication.node";

Error unreadable(std::string_view note, const std::string& value) {
    return Error{Errc::storage_damaged, "note " + std::string(note) + " of the log says '" + value +
                                            "', which this program did not write"};
}

Result<Term> term_of(const log::EventLog& log, std::string_view note) {
    const Term of_entries = std::max(log.last_term(), Term{1});
    const auto kept = log.note(note);
    if (!kept) return of_entries;
    const char* const end = kept->data() + kept->size();
    std::uint64_t term = 0;
    const auto read = std::from_chars(kept->data(), end, term);
    if (read.ec != std::errc{} || read.ptr != end) return unreadable(note, *kept);
    return std::max(of_entries, Term{term});
}

}  // namespace

bool copies_another(const log::EventLog& log) { return log.note(note_copies) == "1"; }

Result<void> begin_to_copy(log::EventLog& log) {
    return log.set_notes({{note_copies, "1"}, {note_members, ""}});
}

Result<Term> known_term(const log::EventLog& log) { return term_of(log, note_term); }

Result<void> keep_term(log::EventLog& log, Term term) {
    TRY(const Term known, known_term(log));
    if (term <= known && log.note(note_term)) return success();
    return log.set_note(note_term, std::to_string(term.value));
}

Result<Term> leading_term(const log::EventLog& log) { return term_of(log, note_leads); }

Result<Term> lead_in_a_new_term(log::EventLog& log) {
    TRY(const Term known, known_term(log));
    if (known >= replication::term_max)
        return Error{Errc::limit_exceeded, "there is no term after " + std::to_string(known.value)};
    const std::string term = std::to_string(known.value + 1);
    TRY(log.set_notes(
        {{note_term, term}, {note_leads, term}, {note_copies, "0"}, {note_members, ""}}));
    return Term{known.value + 1};
}

Result<std::vector<replication::Member>> members(const log::EventLog& log) {
    std::vector<replication::Member> all;
    const std::string kept = log.note(note_members).value_or("");
    std::string_view rest = kept;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        const auto store = words_of_hex(line.substr(0, line.find(' ')));
        if (!store || line.size() <= line.find(' ') || line.size() == rest.size())
            return unreadable(note_members, kept);
        all.push_back({std::string(line.substr(line.find(' ') + 1)), {*store}});
        rest.remove_prefix(line.size() + 1);
    }
    return all;
}

Result<void> keep_members(log::EventLog& log, const std::vector<replication::Member>& members) {
    std::string text;
    for (const replication::Member& member : members)
        text += hex_of(member.store.words) + ' ' + member.node + '\n';
    return log.set_note(note_members, text);
}

std::string names_of(const std::vector<replication::Member>& members) {
    return joined(members, ", ", &replication::Member::node);
}

Result<void> forget_members(log::EventLog& log) {
    return log.commit_to(log.last(), {{note_members, ""}});
}

Result<replication::StoreId> store_id(log::EventLog& log, const std::string& node, Random& random) {
    const auto kept = log.note(note_store);
    if (kept && !kept->empty() && log.note(note_node) == node) {
        const auto words = words_of_hex(*kept);
        if (!words) return unreadable(note_store, *kept);
        return replication::StoreId{*words};
    }
    const replication::StoreId made{{random.next() | 1U, random.next()}};
    TRY(log.set_note(note_node, node));
    TRY(log.set_note(note_store, hex_of(made.words)));
    return made;
}

Result<void> forget_store_id(log::EventLog& log) {
    if (!log.note(note_store)) return success();
    return log.set_note(note_store, "");
}

}  // namespace tenure::node
