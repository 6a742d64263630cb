// The hash chain over the entries of the Raft log, as the signed headers of appends use it (node_statement.hpp): enough
// to follow a chain from one place to another without the Raft core. The rule is consensus/types.hpp's, chain_hash; a
// test holds both together. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/hash.hpp"
#include "ledger/node_statement.hpp"

namespace socai::ledger {

// What an entry may be (consensus::EntryKind).
enum class LogEntryKind : std::uint8_t { noop = 0, configuration = 1, leaf = 2 };

// An entry of the Raft log without its place: the place follows from the entry before.
struct LogEntry {
    std::uint64_t term = 0;
    LogEntryKind kind = LogEntryKind::noop;
    Hash digest{};                       // leaf: the leaf hash; others: SHA-256 of the payload
    std::optional<Hash> mark;            // root of the tree after this entry, where the leader gave one
    std::optional<std::string> payload;  // nothing: left out, as the chain does not need it
    bool operator==(const LogEntry&) const = default;
};

// The place of `entry` right after `previous`: hash = SHA-256(previous hash || term || index || kind || digest ||
// has mark || mark), integers big-endian 64-bit, kind and flag one byte.
LogPlace place_after(const LogPlace& previous, const LogEntry& entry);
// The places of `entries` from `previous` on, one each. Precondition: their indices do not pass 2^64 - 1.
std::vector<LogPlace> places_after(const LogPlace& previous, std::span<const LogEntry> entries);
// Is the payload there, and is it the one that the digest - and with it the chain - commits to?
bool is_own_payload(const LogEntry& entry);

}  // namespace socai::ledger
