// Tail, the overlay that ledger/admission.hpp declares.
#include <algorithm>
#include <cassert>
#include <utility>

#include "ledger/admission.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy_leaf.hpp"

namespace socai::ledger {
namespace {

// NUL occurs in neither part, so that no two pairs share a key.
std::string record_key(std::string_view source, std::string_view id) {
    std::string key;
    key.reserve(source.size() + 1 + id.size());
    key += source;
    key += '\0';
    key += id;
    return key;
}

}  // namespace

std::shared_ptr<const Registry> Tail::registry() const {
    return registries_.empty() ? base_.registry() : registries_.back().second;
}

Tail::Tail(const View& base, Frontier frontier)
    : base_(base),
      base_size_(base.size()),
      base_time_ms_(base.last_time_ms()),
      base_frontier_(std::move(frontier)),
      frontier_(base_frontier_),
      facts_(base.facts()) {
    assert(base_frontier_.size() == base_size_);
}

std::uint64_t Tail::size() const {
    return base_size_ + entries_.size();
}

std::int64_t Tail::last_time_ms() const {
    return entries_.empty() ? base_time_ms_ : entries_.back().time_ms;
}

std::optional<KnownRecord> Tail::find(std::string_view source, std::string_view id) const {
    // The overlay first: while the base moves over leaves that the overlay still holds, both say the same.
    const auto found = records_.find(record_key(source, id));
    if (found != records_.end()) return found->second;
    return base_.find(source, id);
}

std::optional<Hash> Tail::find_node(std::string_view name) const {
    if (auto known = base_.find_node(name)) return known;
    for (const Admitted& admitted : entries_) {
        const auto leaf = policy_in(*admitted.statement, admitted.statement->audience);
        if (!leaf) continue;
        const auto found = std::ranges::find(leaf->nodes, name, &GenesisNode::name);
        if (found != leaf->nodes.end()) return node_digest(*found);
    }
    return std::nullopt;
}

Hash Tail::root_with(const Hash& leaf) const {
    Frontier grown = frontier_;
    grown.append(leaf);
    return grown.root();
}

void Tail::push(Admitted admitted) {
    assert(admitted.index == size());
    assert(admitted.time_ms >= last_time_ms());
    assert(admitted.statement != nullptr);
    std::uint32_t n = 0;
    for (const Record& record : admitted.statement->records) {
        const auto [position, added] = records_.emplace(
            record_key(record.source, record.id),
            KnownRecord{Address{admitted.index, n++}, record.digest, std::string(record.kind())});
        assert(added);
    }
    frontier_.append(admitted.leaf);
    facts_.lay(admitted.changes, admitted.index);
    bytes_ += admitted.entry.size();
    if (admitted.registry) registries_.emplace_back(admitted.index, admitted.registry);
    entries_.push_back(std::move(admitted));
}

void Tail::truncate(std::uint64_t size) {
    assert(size >= base_size_ && size <= this->size());
    if (size == this->size()) return;
    while (this->size() > size) {
        const Admitted& last = entries_.back();
        for (const Record& record : last.statement->records) {
            // A leaf that the base holds is committed; a record of it was never admitted a second time.
            assert(!base_.find(record.source, record.id));
        }
        forget_records(last);
        if (last.registry) registries_.pop_back();
        entries_.pop_back();
    }
    frontier_ = base_frontier_;
    facts_.clear();
    for (const Admitted& admitted : entries_) {
        frontier_.append(admitted.leaf);
        facts_.lay(admitted.changes, admitted.index);
    }
}

void Tail::applied(std::uint64_t size) {
    assert(size >= base_size_ && size <= this->size());
    assert(base_.size() >= size);
    for (; base_size_ < size; ++base_size_) {
        const Admitted& first = entries_.front();
        forget_records(first);
        facts_.lift(first.changes, first.index);
        base_frontier_.append(first.leaf);
        base_time_ms_ = first.time_ms;
        if (first.registry) registries_.pop_front();
        entries_.pop_front();
    }
}

Hash Tail::root() const {
    return frontier_.root();
}

const Admitted* Tail::at(std::uint64_t index) const {
    if (index < base_size_ || index >= size()) return nullptr;
    return &entries_[index - base_size_];
}

std::uint64_t Tail::base_size() const {
    return base_size_;
}

std::size_t Tail::bytes() const {
    return bytes_;
}

void Tail::forget_records(const Admitted& admitted) {
    for (const Record& record : admitted.statement->records) {
        const auto found = records_.find(record_key(record.source, record.id));
        assert(found != records_.end() && found->second.address.index == admitted.index);
        records_.erase(found);
    }
    bytes_ -= admitted.entry.size();
}

}  // namespace socai::ledger
