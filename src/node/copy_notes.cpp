#include "node/copy_notes.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tenure::node {
namespace {

constexpr std::string_view note_copies = "replication.copies";
constexpr std::string_view note_term = "replication.term";
constexpr std::string_view note_leads = "replication.leads";
constexpr std::string_view note_store = "replication.store";
constexpr std::string_view note_node = "replication.node";
constexpr std::size_t word_digits = 16;

std::string hex_of(std::uint64_t word) {
    char digits[word_digits];
    const auto end = std::to_chars(digits, digits + word_digits, word, 16).ptr;
    return std::string(word_digits - static_cast<std::size_t>(end - digits), '0') +
           std::string(digits, end);
}

template <class Number>
std::optional<Number> number_of(std::string_view text, int base) {
    Number number{};
    const auto [end, failed] =
        std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Error unreadable(std::string_view note, const std::string& value) {
    return Error{Errc::storage_damaged, "note " + std::string(note) + " of the log says '" + value +
                                            "', which this program did not write"};
}

Result<Term> term_of(const log::EventLog& log, std::string_view note) {
    const Term of_entries = std::max(log.last_term(), Term{1});
    const auto kept = log.note(note);
    if (!kept) return of_entries;
    const auto term = number_of<std::uint64_t>(*kept, 10);
    if (!term) return unreadable(note, *kept);
    return std::max(of_entries, Term{*term});
}

}  // namespace

bool copies_another(const log::EventLog& log) { return log.note(note_copies) == "1"; }

Result<void> set_copies_another(log::EventLog& log, bool copies) {
    if (copies == copies_another(log)) return success();
    return log.set_note(note_copies, copies ? "1" : "0");
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
    TRY(log.set_notes({{note_term, term}, {note_leads, term}, {note_copies, "0"}}));
    return Term{known.value + 1};
}

Result<replication::StoreId> store_id(log::EventLog& log, const std::string& node, Random& random) {
    const auto kept = log.note(note_store);
    if (kept && !kept->empty() && log.note(note_node) == node) {
        if (kept->size() != 2 * word_digits) return unreadable(note_store, *kept);
        const auto first =
            number_of<std::uint64_t>(std::string_view{*kept}.substr(0, word_digits), 16);
        const auto second =
            number_of<std::uint64_t>(std::string_view{*kept}.substr(word_digits), 16);
        if (!first || !second) return unreadable(note_store, *kept);
        return replication::StoreId{{*first, *second}};
    }
    const replication::StoreId made{{random.next() | 1U, random.next()}};
    TRY(log.set_note(note_node, node));
    TRY(log.set_note(note_store, hex_of(made.words[0]) + hex_of(made.words[1])));
    return made;
}

Result<void> forget_store_id(log::EventLog& log) {
    if (!log.note(note_store)) return success();
    return log.set_note(note_store, "");
}

}  // namespace tenure::node
