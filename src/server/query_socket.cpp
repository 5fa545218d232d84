#include "server/query_socket.h"

#include <algorithm>

namespace tenure::server {
namespace {

codec::FrameAnswer answer_of(const Result<query::CheckAnswer>& from) {
    codec::FrameAnswer to;
    if (!from) {
        to.problem = from.error();
        return to;
    }
    const query::CheckAnswer& answer = from.value();
    to.decision =
        answer.allowed ? codec::FrameAnswer::Decision::allow : codec::FrameAnswer::Decision::deny;
    to.final = answer.basis.final;
    to.revision = answer.basis.revision;
    to.clock = answer.basis.clock;
    return to;
}

}  // namespace

void QueryFrames::begin(Bytes bytes) {
    answered_ = 0;
    answer_.answers.clear();
    answer_.problem.reset();
    question_.id = 0;
    const std::size_t checks_max = worker_.service.settings.limits.frame_questions_max;
    const auto decoded = codec::decode_questions(bytes, standing_.tenant(), checks_max, question_);
    answer_.id = question_.id;
    if (decoded) return;
    if (decoded.error().code == Errc::limit_exceeded)
        worker_.service.metrics.limit_hit("frame_questions_max");
    refuse(decoded.error());
}

void QueryFrames::refuse(Error error) {
    question_.size = 0;
    question_.at_least.reset();
    answered_ = 0;
    answer_.answers.clear();
    answer_.problem = std::move(error);
}

void QueryFrames::next() {
    node::Session& session = worker_.session();
    const Identity& identity = standing_.identity();
    const std::size_t end = std::min(question_.size, answered_ + part_checks);
    const auto first = question_.checks.begin() + static_cast<std::ptrdiff_t>(answered_);
    const std::size_t count = end - answered_;
    part_.assign(std::make_move_iterator(first),
                 std::make_move_iterator(first + static_cast<std::ptrdiff_t>(count)));
    const bool everywhere =
        may_everywhere(session, identity, standing_.tenant(), action::decisions_read).allowed;
    for (const domain::CheckQuestion& check : part_) {
        if (everywhere || check.principal == identity.principal ||
            may(session, identity, standing_.tenant(), action::decisions_read, check.scope))
            continue;
        refuse(Error{Errc::forbidden, "'" + identity.principal + "' needs " +
                                          std::string(action::decisions_read) + " at " +
                                          check.scope});
        return;
    }
    const auto answers = session.check_all(part_);
    std::uint64_t allowed = 0;
    const Instant now = worker_.service.clock.now();
    for (std::size_t i = 0; i < answers.size(); ++i) {
        worker_.service.decision_log.add({"query", identity.principal, {}, now}, part_[i],
                                         answers[i]);
        answer_.answers.push_back(answer_of(answers[i]));
        if (answers[i] && answers[i].value().allowed) ++allowed;
    }
    // Their memory goes back for the next frame.
    std::move(part_.begin(), part_.end(), first);
    worker_.service.metrics.decisions("query", allowed, answers.size() - allowed);
    answered_ = end;
}

const codec::FrameBytes& QueryFrames::bytes() {
    codec::encode_answers(answer_, bytes_);
    return bytes_;
}

}  // namespace tenure::server
