#include "simulation/disk.h"

#include <cstring>

namespace tenure::simulation {
namespace {

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    return SeededRandom{a ^ (b * 0x9E3779B97F4A7C15ULL)}.next();
}

}  // namespace

std::uint64_t Disk::chain(Revision revision) const {
    return revision == revision_none ? 0 : chain_.at(revision.value - 1);
}

replication::Root Disk::root(Revision size) const {
    replication::Root root{};
    const std::uint64_t hash = chain(size);
    std::memcpy(root.data(), &hash, sizeof hash);
    return root;
}

bool Disk::add(const Stored& entry) {
    if (full) return false;
    const std::uint64_t before = chain(last());
    if (entries_.empty() || entries_.back().term != entry.term)
        terms_.push_back({entry.term, next(last())});
    entries_.push_back(entry);
    chain_.push_back(mixed(mixed(before, entry.term.value),
                           mixed(static_cast<std::uint64_t>(entry.recorded_us), entry.payload)));
    return true;
}

void Disk::cut(Revision to) {
    entries_.resize(to.value);
    chain_.resize(to.value);
    while (!terms_.empty() && terms_.back().first > to) terms_.pop_back();
}

void Disk::later(std::function<bool()> change, std::function<void(bool)> done) {
    waiting_.push_back({std::move(change), std::move(done)});
}

void Disk::complete_one() {
    if (waiting_.empty()) return;
    const Waiting oldest = std::move(waiting_.front());
    waiting_.pop_front();
    oldest.done(oldest.change());
}

void Disk::crash(Random& random) {
    const std::uint64_t made = random.below(waiting_.size() + 1);
    for (std::uint64_t i = 0; i < made; ++i) waiting_[i].change();
    waiting_.clear();
}

void Disk::wipe() {
    full = false;
    waiting_.clear();
    entries_.clear();
    chain_.clear();
    terms_.clear();
    term = Term{};
    reserved_us = 0;
    committed_ = revision_none;
}

replication::Run Disk::run(Revision from, std::uint64_t count) const {
    replication::Run run;
    run.before = {replication::term_at(terms_, Revision{from.value - 1}), Revision{from.value - 1}};
    run.last = Revision{std::min(last().value, from.value + count - 1)};
    for (const replication::TermStart& start : terms_)
        if (start.first >= from && start.first <= run.last) run.terms.push_back(start);
    run.root = root(run.last);
    const std::size_t entries = run.last.value - run.before.revision.value;
    auto content = std::make_shared<replication::RunContent>();
    content->words.resize(entries * sizeof(Stored) / sizeof(std::uint64_t));
    std::memcpy(content->words.data(), &entries_[from.value - 1], entries * sizeof(Stored));
    run.content = std::move(content);
    return run;
}

std::vector<Stored> Disk::entries_of(const replication::Run& run) {
    const std::size_t bytes = run.content->words.size() * sizeof(std::uint64_t);
    std::vector<Stored> entries(bytes / sizeof(Stored));
    std::memcpy(static_cast<void*>(entries.data()), run.content->words.data(), bytes);
    return entries;
}

}  // namespace tenure::simulation
