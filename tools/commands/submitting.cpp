#include "commands/submitting.h"

#include "commands/remote.h"

namespace tenure::commands {

domain::Batch batch_of(const std::string& tenant, const CauseTexts& cause,
                       std::vector<domain::CommandBody> bodies) {
    domain::Batch batch;
    for (domain::CommandBody& body : bodies) {
        domain::Command& command = batch.commands.emplace_back();
        command.tenant = tenant;
        command.actor = cause.actor;
        command.reason = cause.reason;
        command.ticket = cause.ticket;
        command.body = std::move(body);
    }
    return batch;
}

Result<node::Receipt> submit_batch(Program& program, Remote* remote, const CauseTexts& cause,
                                   std::vector<domain::CommandBody> bodies) {
    if (remote != nullptr) {
        TRY(check_remote_actor(cause.actor));
        return remote->submit(batch_of(remote->tenant(), cause, std::move(bodies)));
    }
    TRY(const auto node, program.open(Access::write));
    TRY(const std::string tenant, program.tenant(*node));
    return node->submit(batch_of(tenant, cause, std::move(bodies)));
}

}  // namespace tenure::commands
