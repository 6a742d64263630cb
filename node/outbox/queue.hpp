// The order of what waits in the outbox, in memory: which items go to the leader next, and which are there already and
// only have to be seen in this node's own ledger. One batch is under way at a time, and it always begins with the oldest
// item that is not settled, so that nothing overtakes anything, whatever becomes of a call: a call that was lost may
// still bring in the front of its batch, and the next call begins with the same items.
//
// No thread, no clock, no disk: owned by the outbox's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "storage/outbox_store.hpp"

namespace socai::node {

class OutboxQueue {
  public:
    using Item = storage::OutboxStore::Waiting;

    // Numbers rise.
    void add(Item item);

    // The next batch, ascending: at least one item when any waits, then as many as stay within both bounds. Empty while
    // one is under way. From now on it is under way.
    std::vector<std::uint64_t> start_batch(std::size_t max_items, std::size_t max_bytes);
    // The batch has ended: what was not stood_at() or removed meanwhile waits again.
    void end_batch();
    bool under_way() const { return under_way_; }

    // The leader says, at `now_ms`, that the item stands in leaf `index`, accepted at `time_ms`; it counts as waiting until
    // this node has applied it.
    void stood_at(std::uint64_t number, std::uint64_t index, std::int64_t time_ms, std::int64_t now_ms);
    // Those of which that was said before `since_ms`, and which are not applied yet, are sent again. True when there are any.
    bool doubt(std::int64_t since_ms);
    // Precondition: stood_at() was said of it.
    std::int64_t time_ms(std::uint64_t number) const { return items_.at(number).time_ms; }
    // Those that stand below `size` by the leader's word, ascending. They stay until they are removed or sent again.
    std::vector<std::uint64_t> applied_below(std::uint64_t size) const;
    // The smallest leaf that anything is waited for; nothing when nothing is.
    std::optional<std::uint64_t> awaited() const;
    // It does not stand there after all.
    void send_again(std::uint64_t number);
    void remove(std::uint64_t number);

    const Item& item(std::uint64_t number) const;
    std::size_t size() const { return items_.size(); }
    std::size_t bytes() const { return bytes_; }
    const Item* oldest() const { return items_.empty() ? nullptr : &items_.begin()->second.item; }
    // How many had to stand by `now_ms`, and the earliest time by which any must.
    std::size_t overdue(std::int64_t now_ms) const;
    std::optional<std::int64_t> include_by_ms() const;

  private:
    struct Held {
        Item item;
        std::optional<std::uint64_t> index;
        std::int64_t time_ms = 0;
        std::int64_t said_ms = 0;  // when the leader said so
    };
    std::map<std::uint64_t, Held> items_;
    std::set<std::pair<std::int64_t, std::uint64_t>> by_deadline_;  // include-by, number
    std::set<std::pair<std::uint64_t, std::uint64_t>> by_index_;    // leaf, number, of those that stand
    std::size_t bytes_ = 0;
    bool under_way_ = false;
};

}  // namespace socai::node
