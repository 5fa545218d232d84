#include "replication/log_view.h"

#include <algorithm>

namespace tenure::replication {
namespace {

// The last revision of the term at `place`.
Revision end_of_term(const std::vector<TermStart>& terms, std::size_t place, Revision last) {
    return place + 1 < terms.size() ? Revision{terms[place + 1].first.value - 1} : last;
}

}  // namespace

Term term_at(const std::vector<TermStart>& terms, Revision revision) {
    Term term{0};
    for (const TermStart& start : terms) {
        if (start.first > revision) break;
        term = start.term;
    }
    return revision == revision_none ? Term{0} : term;
}

Position end_of(const LogView& log) {
    const Revision last = log.last();
    return {term_at(log.terms(), last), last};
}

Revision agreed(const std::vector<TermStart>& terms, Revision last,
                const std::vector<TermStart>& other_terms, Revision other_last) {
    for (std::size_t i = terms.size(); i-- > 0;) {
        const auto same = std::find(other_terms.begin(), other_terms.end(), terms[i]);
        if (same == other_terms.end()) continue;
        const auto place = static_cast<std::size_t>(same - other_terms.begin());
        return std::min(end_of_term(terms, i, last), end_of_term(other_terms, place, other_last));
    }
    return revision_none;
}

}  // namespace tenure::replication
