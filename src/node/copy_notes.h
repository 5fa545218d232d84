#pragma once
// What a store keeps about itself as one of several copies of a log: in notes of the log, so that
// it is durable. Private to node/.

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "log/event_log.h"
#include "replication/position.h"

namespace tenure::node {

// Room in the map of a log that is opened only to write these.
inline constexpr std::uint64_t notes_bytes = std::uint64_t{64} << 20U;

// Whether it copies another's log: then nobody but replication may write to it.
bool copies_another(const log::EventLog& log);
// It copies another's from now on: it has no members any more.
Result<void> begin_to_copy(log::EventLog& log);

// The newest term it knows; of a store that was never told one, that of its last entry or 1. Error
// storage_damaged.
Result<Term> known_term(const log::EventLog& log);
Result<void> keep_term(log::EventLog& log, Term term);
// The term it was made the leader of; of a store that was never told, that of its last entry or 1.
// Where a newer one is known, another leads.
Result<Term> leading_term(const log::EventLog& log);
// It copies nobody and leads, without members, in a term after all it knows: that term. All or
// nothing.
Result<Term> lead_in_a_new_term(log::EventLog& log);

// Of a leader: the copies that must have an entry before it is committed; none: it commits alone.
// What follows the committed entries is then more than an import that was not finished: members may
// have it. Error storage_damaged.
Result<std::vector<replication::Member>> members(const log::EventLog& log);
Result<void> keep_members(log::EventLog& log, const std::vector<replication::Member>& members);
// "b, c"
std::string names_of(const std::vector<replication::Member>& members);
// It commits alone from now on, also what it has by now. All or nothing.
Result<void> forget_members(log::EventLog& log);

// The id of this copy, made at the first call and whenever `node` is another than before: a
// directory that was copied to another machine is not what it was copied from.
Result<replication::StoreId> store_id(log::EventLog& log, const std::string& node, Random& random);
// After a restore: the next store_id() is a new one.
Result<void> forget_store_id(log::EventLog& log);

}  // namespace tenure::node
