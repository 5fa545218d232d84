#include "property/folded_world.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "projection/bulk.h"

namespace tenure::testing {

FoldedWorld::FoldedWorld(const std::vector<domain::Event>& events, Random& random)
    : events_{events}, random_{random} {
    open(true);
}

void FoldedWorld::open(bool create) {
    projection::IndexOptions options;
    options.map_bytes = std::uint64_t{1} << 30U;
    options.create = create;
    auto opened = projection::Index::open(directory_ / "index", log::LogId{{7, 11}}, options);
    INVARIANT(opened.has_value());
    index_ = std::move(opened.value());
    INVARIANT(index_->applied() == applied_);
    index_->set_visible(head_);
    engine_ = std::make_unique<query::Engine>(*index_);
}

void FoldedWorld::reopen() {
    engine_.reset();
    index_.reset();
    open(false);
}

void FoldedWorld::fold_and_give_up(std::size_t count) {
    projection::IndexBatch batch{*index_};
    for (std::size_t i = 0; i < count && applied_.value + i < events_.size(); ++i)
        batch.folder().fold(events_[applied_.value + i]);
    if (random_.one_in(2)) batch.folder().finish();
}

void FoldedWorld::fold_out_of_sight(std::size_t count) {
    count = std::min(count, events_.size() - applied_.value);
    projection::IndexBatch batch{*index_};
    for (std::size_t i = 0; i < count; ++i) batch.folder().fold(events_[applied_.value + i]);
    const auto committed = batch.commit();
    INVARIANT(committed.has_value());
    applied_ = Revision{applied_.value + count};
}

void FoldedWorld::fold(std::size_t count) {
    fold_out_of_sight(count);
    head_ = applied_;
    index_->set_visible(head_);
}

void FoldedWorld::commit(projection::IndexBatch& batch, std::size_t count) {
    INVARIANT(applied_ == head_);
    const auto committed = batch.commit();
    INVARIANT(committed.has_value());
    applied_ = head_ = Revision{head_.value + count};
    index_->set_visible(head_);
}

void FoldedWorld::build(std::size_t count) {
    INVARIANT(applied_ == revision_none);
    projection::BulkRows rows;
    projection::WriterNames names{index_->sip()};
    projection::Folder folder{rows, names};
    for (std::size_t i = 0; i < count; ++i) folder.fold(events_[i]);
    folder.finish();
    const auto written = rows.write(index_->environment(), nullptr);
    INVARIANT(written.has_value());
    applied_ = head_ = Revision{count};
    reopen();
}

void FoldedWorld::fold_some(std::size_t batch_events_max) {
    if (random_.one_in(6)) fold_and_give_up(1 + random_.below(batch_events_max));
    if (random_.one_in(12)) reopen();
    fold(1 + random_.below(batch_events_max));
    if (random_.one_in(6)) fold_out_of_sight(1 + random_.below(batch_events_max));
}

query::Moment FoldedWorld::moment(Instant now, Instant closed) const {
    return {now, closed, [this](Revision revision) {
                INVARIANT(revision != revision_none);
                return events_[revision.value - 1].effective_at;
            }};
}

}  // namespace tenure::testing
