#pragma once
// LogView: what the machine may see of the log it drives. The shell implements it over the real
// log, the simulation over a pretended disk.

#include <vector>

#include "replication/position.h"

namespace tenure::replication {

class LogView {
public:
    virtual ~LogView() = default;
    // The newest durable entry.
    virtual Revision last() const = 0;
    // The newest entry known to be committed when the log was opened.
    virtual Revision committed() const = 0;
    // In order; a term without entries is not among them.
    virtual std::vector<TermStart> terms() const = 0;
    virtual Root root(Revision size) const = 0;
};

// The term of the entry at `revision`; 0 of revision 0.
Term term_at(const std::vector<TermStart>& terms, Revision revision);

Position end_of(const LogView& log);

// The newest revision up to which two logs are surely equal. Entries of one term come from one
// leader, so two logs that both have entries of a term are equal up to where the shorter of the two
// leaves that term.
Revision agreed(const std::vector<TermStart>& terms, Revision last,
                const std::vector<TermStart>& other_terms, Revision other_last);

}  // namespace tenure::replication
