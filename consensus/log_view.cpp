#include "consensus/log_view.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace socai::consensus {
LogView::LogView(const LogSummary& summary)
    : base_(summary.base),
      last_(summary.last),
      runs_(summary.runs),
      cache_previous_(summary.last),
      ids_(summary.recent.begin(), summary.recent.end()) {
    assert(ids_.empty() || ids_.back() == last_);
    assert(base_.index <= last_.index);
    assert(runs_.empty() == (base_.index == last_.index));
    assert(runs_.empty() || runs_.front().first == base_.index + 1);
    assert(runs_.empty() || runs_.back().term == last_.term);
    for (std::size_t i = 1; i < runs_.size(); ++i) {
        assert(runs_[i - 1].first < runs_[i].first && runs_[i - 1].term < runs_[i].term);
    }
    check();
}

std::optional<Term> LogView::term_at(Index index) const {
    if (index == base_.index) return base_.term;
    if (index < base_.index || index > last_.index) return std::nullopt;
    const auto after = std::upper_bound(runs_.begin(), runs_.end(), index,
                                        [](Index wanted, const TermRun& run) { return wanted < run.first; });
    assert(after != runs_.begin());
    return std::prev(after)->term;
}

std::optional<EntryId> LogView::id_at(Index index) const {
    if (index == base_.index) return base_;
    if (index == cache_previous_.index) return cache_previous_;
    if (index > last_.index) return std::nullopt;
    if (!ids_.empty() && index >= ids_.front().index) return ids_[index.value - ids_.front().index.value];
    if (index < cached_from()) return std::nullopt;
    const EntryId& id = cache_[index.value - cached_from().value]->id;
    assert(id.index == index);
    return id;
}

LogView::Point LogView::agreement(Index at, Term term) const {
    at = std::clamp(at, base_.index, last_.index);
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
        if (run->first > at) continue;
        if (run->term <= term) return {at, run->term};
        at = run->first - 1;  // the whole run is too new
    }
    assert(at == base_.index);
    return {base_.index, base_.term};
}

void LogView::append(EntryPtr entry) {
    assert(entry != nullptr);
    assert(entry->id.index == last_.index + 1);
    assert(entry->id.term >= last_.term);
    if (runs_.empty() || runs_.back().term != entry->id.term) {
        runs_.push_back({entry->id.term, entry->id.index});
    }
    last_ = entry->id;
    ids_.push_back(last_);
    if (ids_.size() > max_recent_ids) ids_.pop_front();
    cached_bytes_ += memory_of(*entry);
    cache_.push_back(std::move(entry));
    check();
}

void LogView::truncate_after(const EntryId& previous) {
    assert(holds(previous.index, previous.term));
    while (!cache_.empty() && cache_.back()->id.index > previous.index) {
        cached_bytes_ -= memory_of(*cache_.back());
        cache_.pop_back();
    }
    if (cache_.empty()) cache_previous_ = previous;
    while (!ids_.empty() && ids_.back().index > previous.index) ids_.pop_back();
    while (!runs_.empty() && runs_.back().first > previous.index) runs_.pop_back();
    last_ = previous;
    check();
}

void LogView::forget_ids(Index commit) {
    while (!ids_.empty() && ids_.front().index <= commit) ids_.pop_front();
}

void LogView::prune(const EntryId& base) {
    assert(base.index >= base_.index && holds(base.index, base.term));
    forget_ids(base.index);
    while (!cache_.empty() && cache_.front()->id.index <= base.index) {
        cached_bytes_ -= memory_of(*cache_.front());
        cache_previous_ = cache_.front()->id;
        cache_.pop_front();
    }
    if (cache_previous_.index < base.index) cache_previous_ = base;
    auto first = std::find_if(runs_.rbegin(), runs_.rend(),
                              [&](const TermRun& run) { return run.first <= base.index + 1; });
    if (first != runs_.rend()) runs_.erase(runs_.begin(), std::prev(first.base()));
    if (base.index == last_.index) {
        runs_.clear();
    } else {
        runs_.front().first = base.index + 1;
    }
    base_ = base;
    check();
}

std::vector<EntryPtr> LogView::entries(Index first, std::size_t max_entries, std::size_t max_bytes) const {
    assert(first >= cached_from());
    assert(max_entries > 0);
    std::vector<EntryPtr> found;
    std::size_t bytes = 0;
    for (std::size_t i = first.value - cached_from().value; i < cache_.size(); ++i) {
        bytes += cache_[i]->payload.size();
        if (found.size() == max_entries || (!found.empty() && bytes > max_bytes)) break;
        found.push_back(cache_[i]);
    }
    assert(found.empty() || found.front()->id.index == first);
    return found;
}

void LogView::trim_cache(std::size_t max_bytes, Index durable) {
    assert(durable <= last_.index);
    while (!cache_.empty() && cached_bytes_ > max_bytes && cache_.front()->id.index <= durable) {
        cached_bytes_ -= memory_of(*cache_.front());
        cache_previous_ = cache_.front()->id;
        cache_.pop_front();
    }
    check();
}

void LogView::check() const {
    assert(base_.index <= cache_previous_.index);
    assert(cache_previous_.index + cache_.size() == last_.index);
    assert(!cache_.empty() || cached_bytes_ == 0);
    assert(ids_.empty() || (ids_.back() == last_ && ids_.front().index + (ids_.size() - 1) == last_.index));
    assert(last_.index == base_.index || runs_.back().term == last_.term);
}

}  // namespace socai::consensus
