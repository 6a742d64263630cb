#include "ledger/facts.hpp"

#include <sodium.h>

#include <array>
#include <utility>

#include "ledger/sodium.hpp"

namespace socai::ledger {
namespace {

// The first key that may be visited.
std::string_view beginning(std::string_view prefix, std::string_view from) {
    return from > prefix ? from : prefix;
}

// The last element of an ordered map that begins with `prefix` and is below `end`; map.end() when there is none.
template <class Map>
typename Map::const_iterator last_in(const Map& map, std::string_view prefix, std::string_view end) {
    const std::string beyond = end_of_prefix(prefix);
    auto position = map.lower_bound(!beyond.empty() && beyond < end ? std::string_view(beyond) : end);
    if (position == map.begin()) return map.end();
    --position;
    return std::string_view(position->first).starts_with(prefix) ? position : map.end();
}

// The name of the key's table with its slash; empty: none is told.
std::string_view table_of(std::string_view key) {
    return key.substr(0, key.find('/') + 1);
}

void put_u32(std::string& text, std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift & 0xff));
}

}  // namespace

std::string end_of_prefix(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

std::size_t FactMap::KeyHash::operator()(std::string_view key) const {
    static const auto secret = [] {
        ensure_sodium();
        std::array<unsigned char, crypto_shorthash_KEYBYTES> bytes{};
        crypto_shorthash_keygen(bytes.data());
        return bytes;
    }();
    std::size_t hash = 0;
    static_assert(sizeof hash == crypto_shorthash_BYTES);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                     reinterpret_cast<const unsigned char*>(key.data()), key.size(), secret.data());
    return hash;
}

FactMap& FactMap::operator=(const FactMap& other) {
    if (this == &other) return *this;
    orders_.clear();
    values_ = other.values_;
    return *this;
}

std::optional<std::string> FactMap::get(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

FactMap::Order FactMap::sorted(std::string_view prefix) const {
    Order order;
    for (const auto& [key, value] : values_)
        if (key.starts_with(prefix)) order.emplace(key, value);
    return order;
}

template <class Use>
auto FactMap::with_order(std::string_view prefix, const Use& use) const {
    const std::string_view table = table_of(prefix);
    if (table.empty())
        return use(sorted(prefix));  // of several tables: never asked for while records are taken
    auto order = orders_.find(table);
    if (order == orders_.end()) order = orders_.emplace(table, sorted(table)).first;
    return use(order->second);
}

void FactMap::scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
    with_order(prefix, [&](const Order& order) {
        for (auto fact = order.lower_bound(beginning(prefix, from));
             fact != order.end() && fact->first.starts_with(prefix); ++fact) {
            if (!visit(fact->first, fact->second)) return;
        }
    });
}

std::optional<Fact> FactMap::last(std::string_view prefix, std::string_view end) const {
    return with_order(prefix, [&](const Order& order) -> std::optional<Fact> {
        const auto found = last_in(order, prefix, end);
        if (found == order.end()) return std::nullopt;
        return Fact{std::string(found->first), std::string(found->second)};
    });
}

void FactMap::apply(const std::vector<FactChange>& changes) {
    for (const FactChange& change : changes) {
        const auto order = orders_.find(table_of(change.key));
        if (!change.value) {
            if (order != orders_.end()) order->second.erase(change.key);
            if (const auto found = values_.find(change.key); found != values_.end()) values_.erase(found);
            continue;
        }
        auto found = values_.find(change.key);
        if (found == values_.end())
            found = values_.emplace(change.key, *change.value).first;
        else
            found->second = *change.value;
        if (order != orders_.end()) order->second.insert_or_assign(found->first, found->second);
    }
}

std::optional<std::string> FactDraft::get(std::string_view key) const {
    const auto found = changes_.find(key);
    return found == changes_.end() ? base_.get(key) : found->second.value;
}

void FactDraft::scan(std::string_view prefix, std::string_view from, const Visit& visit) const {
    auto change = changes_.lower_bound(beginning(prefix, from));
    const auto left = [&] { return change != changes_.end() && change->first.starts_with(prefix); };
    bool goes_on = true;
    const auto visit_change = [&] {
        if (change->second.value) goes_on = visit(change->first, *change->second.value);
        ++change;
    };
    base_.scan(prefix, from, [&](std::string_view key, std::string_view value) {
        while (goes_on && left() && change->first < key) visit_change();
        if (!goes_on) return false;
        if (left() && change->first == key)
            visit_change();
        else
            goes_on = visit(key, value);
        return goes_on;
    });
    while (goes_on && left()) visit_change();
}

std::optional<Fact> FactDraft::last(std::string_view prefix, std::string_view end) const {
    auto ours = last_in(changes_, prefix, end);
    while (ours != changes_.end() && !ours->second.value) ours = last_in(changes_, prefix, ours->first);
    std::optional<Fact> theirs = base_.last(prefix, end);
    while (theirs && changes_.contains(theirs->key)) theirs = base_.last(prefix, theirs->key);
    if (ours == changes_.end() || (theirs && theirs->key > ours->first)) return theirs;
    return Fact{ours->first, *ours->second.value};
}

std::shared_ptr<const void>* FactDraft::memo(std::string_view key) const {
    const auto found = memos_.lower_bound(key);
    if (found != memos_.end() && found->first == key) return &found->second;
    return &memos_.emplace_hint(found, key, nullptr)->second;
}

void FactDraft::forget(std::string_view key) {
    if (const auto found = memos_.find(key); found != memos_.end()) memos_.erase(found);
}

void FactDraft::clear() {
    changes_.clear();
    memos_.clear();
}

void FactDraft::put(std::string_view key, std::string value) {
    forget(key);
    changes_.insert_or_assign(std::string(key), Written{std::move(value), 0});
}

void FactDraft::erase(std::string_view key) {
    forget(key);
    changes_.insert_or_assign(std::string(key), Written{});
}

std::vector<FactChange> FactDraft::take_changes() && {
    std::vector<FactChange> changes;
    changes.reserve(changes_.size());
    while (!changes_.empty()) {
        auto node = changes_.extract(changes_.begin());
        changes.push_back({std::move(node.key()), std::move(node.mapped().value)});
    }
    return changes;
}

void FactDraft::lay(const std::vector<FactChange>& changes, std::uint64_t index) {
    for (const FactChange& change : changes) {
        forget(change.key);
        changes_.insert_or_assign(change.key, Written{change.value, index});
    }
}

void FactDraft::lift(const std::vector<FactChange>& changes, std::uint64_t index) {
    for (const FactChange& change : changes) {
        const auto found = changes_.find(change.key);
        if (found == changes_.end() || found->second.index != index) continue;
        forget(change.key);
        changes_.erase(found);
    }
}

Hash digest_after(const Hash& before, const std::vector<FactChange>& changes) {
    if (changes.empty()) return before;
    std::string text(reinterpret_cast<const char*>(before.data()), before.size());
    for (const FactChange& change : changes) {
        put_u32(text, change.key.size());
        text += change.key;
        text.push_back(change.value ? '\1' : '\0');
        if (!change.value) continue;
        put_u32(text, change.value->size());
        text += *change.value;
    }
    return sha256(text);
}

}  // namespace socai::ledger
