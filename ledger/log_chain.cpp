#include "ledger/log_chain.hpp"

#include <cassert>

#include "ledger/merkle_tree.hpp"

namespace socai::ledger {
namespace {

void add(std::string& bytes, const Hash& hash) {
    bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

void add(std::string& bytes, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

}  // namespace

LogPlace place_after(const LogPlace& previous, const LogEntry& entry) {
    assert(previous.index < UINT64_MAX);
    LogPlace place{previous.index + 1, entry.term, {}};
    std::string bytes;
    add(bytes, previous.hash);
    add(bytes, place.term);
    add(bytes, place.index);
    bytes.push_back(static_cast<char>(entry.kind));
    add(bytes, entry.digest);
    bytes.push_back(entry.mark ? 1 : 0);
    if (entry.mark) add(bytes, *entry.mark);
    place.hash = sha256(bytes);
    return place;
}

std::vector<LogPlace> places_after(const LogPlace& previous, std::span<const LogEntry> entries) {
    std::vector<LogPlace> places;
    places.reserve(entries.size());
    for (const LogEntry& entry : entries)
        places.push_back(place_after(places.empty() ? previous : places.back(), entry));
    return places;
}

bool is_own_payload(const LogEntry& entry) {
    if (!entry.payload) return false;
    return entry.digest ==
           (entry.kind == LogEntryKind::leaf ? leaf_hash(*entry.payload) : sha256(*entry.payload));
}

}  // namespace socai::ledger
