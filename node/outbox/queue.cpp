#include "node/outbox/queue.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace socai::node {
void OutboxQueue::add(Item item) {
    assert(items_.empty() || items_.rbegin()->first < item.number);
    bytes_ += item.bytes;
    by_deadline_.emplace(item.promise.include_by_ms, item.number);
    const std::uint64_t number = item.number;
    items_.emplace(number, Held{std::move(item), std::nullopt, 0, 0});
}

std::vector<std::uint64_t> OutboxQueue::start_batch(std::size_t max_items, std::size_t max_bytes) {
    std::vector<std::uint64_t> batch;
    if (under_way_) return batch;
    std::size_t bytes = 0;
    for (const auto& [number, held] : items_) {
        if (held.index) continue;
        bytes += held.item.bytes;
        if (!batch.empty() && (batch.size() == max_items || bytes > max_bytes)) break;
        batch.push_back(number);
    }
    under_way_ = !batch.empty();
    return batch;
}

void OutboxQueue::end_batch() {
    assert(under_way_);
    under_way_ = false;
}

void OutboxQueue::stood_at(std::uint64_t number, std::uint64_t index, std::int64_t time_ms,
                           std::int64_t now_ms) {
    Held& held = items_.at(number);
    assert(!held.index);
    held.index = index;
    held.time_ms = time_ms;
    held.said_ms = now_ms;
    by_index_.emplace(index, number);
}

bool OutboxQueue::doubt(std::int64_t since_ms) {
    std::vector<std::uint64_t> numbers;
    for (const auto& [index, number] : by_index_)
        if (items_.at(number).said_ms < since_ms) numbers.push_back(number);
    for (const std::uint64_t number : numbers) send_again(number);
    return !numbers.empty();
}

std::vector<std::uint64_t> OutboxQueue::applied_below(std::uint64_t size) const {
    std::vector<std::uint64_t> numbers;
    for (auto at = by_index_.begin(); at != by_index_.end() && at->first < size; ++at)
        numbers.push_back(at->second);
    std::ranges::sort(numbers);
    return numbers;
}

std::optional<std::uint64_t> OutboxQueue::awaited() const {
    return by_index_.empty() ? std::nullopt : std::optional(by_index_.begin()->first);
}

void OutboxQueue::send_again(std::uint64_t number) {
    Held& held = items_.at(number);
    assert(held.index);
    by_index_.erase({*held.index, number});
    held.index.reset();
}

void OutboxQueue::remove(std::uint64_t number) {
    const auto found = items_.find(number);
    assert(found != items_.end());
    const Held& held = found->second;
    bytes_ -= held.item.bytes;
    by_deadline_.erase({held.item.promise.include_by_ms, number});
    if (held.index) by_index_.erase({*held.index, number});
    items_.erase(found);
}

const OutboxQueue::Item& OutboxQueue::item(std::uint64_t number) const {
    return items_.at(number).item;
}

std::size_t OutboxQueue::overdue(std::int64_t now_ms) const {
    return static_cast<std::size_t>(
        std::distance(by_deadline_.begin(), by_deadline_.lower_bound({now_ms, 0})));
}

std::optional<std::int64_t> OutboxQueue::include_by_ms() const {
    return by_deadline_.empty() ? std::nullopt : std::optional(by_deadline_.begin()->first);
}

}  // namespace socai::node
