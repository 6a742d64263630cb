#include "api/access/replay_cache.hpp"

#include <algorithm>

namespace socai::api {

ReplayCache::Verdict ReplayCache::use(const std::string& kid, const std::string& id, std::uint64_t connection,
                                      std::int64_t ends_ms, std::int64_t now_ms) {
    const std::scoped_lock lock(mutex_);
    OfKey& key = keys_[kid];
    drop_ended(key, now_ms);
    if (const auto known = key.by_id.find(id); known != key.by_id.end())
        return known->second.connection == connection ? Verdict::accepted : Verdict::replayed;
    if (ends_ms <= key.floor_ms) return Verdict::replayed;
    if (size_ >= max_tokens_ && !make_room(key, now_ms)) return Verdict::full;
    key.by_id.emplace(id, Use{connection, ends_ms});
    key.by_end.emplace(ends_ms, id);
    ++size_;
    return Verdict::accepted;
}

std::size_t ReplayCache::size() const {
    const std::scoped_lock lock(mutex_);
    return size_;
}

void ReplayCache::drop_ended(OfKey& key, std::int64_t now_ms) {
    while (!key.by_end.empty() && key.by_end.begin()->first <= now_ms) drop_first(key);
}

void ReplayCache::drop_first(OfKey& key) {
    key.by_id.erase(key.by_end.begin()->second);
    key.by_end.erase(key.by_end.begin());
    --size_;
}

bool ReplayCache::make_room(const OfKey& asking, std::int64_t now_ms) {
    for (auto& [kid, key] : keys_) drop_ended(key, now_ms);
    // Keys come from the registry, so that what is kept of them is bounded; those without tokens go all the same.
    std::erase_if(keys_, [&](const auto& each) {
        return &each.second != &asking && each.second.by_id.empty() && each.second.floor_ms <= now_ms;
    });
    if (size_ < max_tokens_) return true;
    const auto greediest =
        std::ranges::max_element(keys_, {}, [](const auto& each) { return each.second.by_id.size(); });
    OfKey& most = greediest->second;
    if (most.by_id.size() <= asking.by_id.size() || most.by_id.empty()) return false;
    most.floor_ms = std::max(most.floor_ms, most.by_end.begin()->first);
    drop_first(most);
    return true;
}

}  // namespace socai::api
