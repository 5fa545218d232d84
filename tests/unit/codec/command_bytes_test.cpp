#include "codec/command_bytes.h"

#include <gtest/gtest.h>

#include <set>

namespace tenure {
namespace {

domain::Batch batch_of(std::vector<domain::CommandBody> bodies) {
    domain::Batch batch;
    for (domain::CommandBody& body : bodies) {
        domain::Command command;
        command.tenant = "contoso";
        command.actor = "dana@contoso.example";
        command.body = std::move(body);
        batch.commands.push_back(std::move(command));
    }
    return batch;
}

TEST(CommandBytes, AreEqualForEqualBatches) {
    const auto make = [] {
        domain::Assignment assignment;
        assignment.id = "a1";
        assignment.window.end = Instant{5};
        return batch_of({domain::CreateAssignment{assignment}, domain::AddMember{"g", "m"}});
    };

    EXPECT_EQ(codec::canonical_bytes(make()), codec::canonical_bytes(make()));
}

TEST(CommandBytes, LeaveTheCommandIdOut) {
    domain::Batch first = batch_of({domain::DeleteScope{"/a"}});
    domain::Batch second = first;
    second.command_id = "again";

    EXPECT_EQ(codec::canonical_bytes(first), codec::canonical_bytes(second));
}

// Each differs from every other in one thing only.
TEST(CommandBytes, DifferWhereverBatchesDiffer) {
    domain::Assignment plain;
    plain.id = "a1";
    domain::Assignment conditional = plain;
    conditional.condition = domain::Condition{"", "2.0"};
    std::vector<domain::Batch> batches{
        batch_of({domain::AddMember{"ab", "c"}}),
        batch_of({domain::AddMember{"a", "bc"}}),
        batch_of({domain::RemoveMember{"a", "bc"}}),
        batch_of({domain::DeletePrincipal{"p", false}}),
        batch_of({domain::DeletePrincipal{"p", true}}),
        batch_of({domain::DisablePrincipal{"p"}}),
        batch_of({domain::EnablePrincipal{"p"}}),
        batch_of({domain::EnablePrincipal{"p"}, domain::DisablePrincipal{"p"}}),
        batch_of({domain::DisablePrincipal{"p"}, domain::EnablePrincipal{"p"}}),
        batch_of({domain::CreateAssignment{plain}}),
        batch_of({domain::CreateAssignment{conditional}}),
        batch_of({domain::UpdateAssignment{"a1", {}, {}, {}}}),
        batch_of({domain::UpdateAssignment{"a1", {}, {}, ""}}),
        batch_of({domain::UpdateAssignment{"a1", {}, domain::Window{}, {}}}),
        batch_of({domain::UpdateAssignment{"a1", {}, domain::Window{Instant{1}, {}}, {}}}),
        batch_of({domain::UpdateAssignment{"a1", {}, domain::Window{{}, Instant{1}}, {}}}),
        batch_of({domain::ApplyCatalog{"c", 1, {}}}),
        batch_of({domain::ApplyCatalog{"c", 2, {}}}),
        batch_of({domain::ApplyCatalog{"c", 1, {domain::Role{}}}}),
        batch_of({domain::RecordEvent{domain::PrincipalDisabled{"p"}}}),
        batch_of({domain::RecordEvent{domain::PrincipalEnabled{"p"}}}),
    };
    batches.push_back(batches.front());
    batches.back().expected_revision = Revision{0};
    batches.push_back(batches.front());
    batches.back().commands.front().actor = "lee@contoso.example";
    batches.push_back(batches.front());
    batches.back().commands.front().tenant = "fabrikam";
    batches.push_back(batches.front());
    batches.back().commands.front().reason = "moved";
    batches.push_back(batches.front());
    batches.back().commands.front().effective_at = Instant{0};

    std::set<std::string> seen;
    for (const domain::Batch& batch : batches) seen.insert(codec::canonical_bytes(batch));

    EXPECT_EQ(seen.size(), batches.size());
}

}  // namespace
}  // namespace tenure
