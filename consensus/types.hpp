// The nouns of the protocol, each with its invariant. Terms as in the Raft paper (Ongaro & Ousterhout 2014)
// and Ongaro's thesis. Pure values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace socai::consensus {

// An integer that cannot be mixed up with another kind of integer.
template <class Tag>
struct Tagged {
    std::uint64_t value = 0;
    constexpr auto operator<=>(const Tagged&) const = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(value);
    }
};
using Term = Tagged<struct TermTag>;  // 0: before any election; never falls on a node
using Index =
    Tagged<struct IndexTag>;  // position in the Raft log; the first entry after the base is base + 1
using NodeId = Tagged<struct NodeTag>;  // 0: none
using ReadId = Tagged<struct ReadTag>;  // made by the leader, strictly rising within its term
using Micros = std::int64_t;            // time handed in with events, microseconds of some monotonic clock

constexpr Index operator+(Index index, std::uint64_t n) {
    return {index.value + n};
}
constexpr Index operator-(Index index, std::uint64_t n) {
    return {index.value - n};
}

using Digest = std::array<std::uint8_t, 32>;

// Names an entry and, because `hash` chains over all before it, the whole log up to it. Equal (term, index)
// implies equal hash among honest nodes (Log Matching); the hash makes a breach visible.
struct EntryId {
    Term term;
    Index index;
    Digest hash{};
    bool operator==(const EntryId&) const = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(term, index, hash);
    }
};

// Is a log that ends with `a` less up to date than one that ends with `b` (Raft §5.4.1)?
constexpr bool is_behind(const EntryId& a, const EntryId& b) {
    return a.term < b.term || (a.term == b.term && a.index < b.index);
}

enum class EntryKind : std::uint8_t {
    noop = 0,           // appended by a new leader (thesis §6.4)
    configuration = 1,  // effective at append (thesis §4.1)
    payload = 2,        // opaque to consensus: a ledger leaf
};

// One log entry, immutable once made, shared by reference between core, storage, transport and apply.
struct Entry {
    EntryId id;
    EntryKind kind = EntryKind::noop;
    // Digest of `payload` as its owner defines it (the RFC 6962 leaf hash for leaves, SHA-256 for others).
    // The chain hashes this, not the bytes, so that the bytes of a leaf can one day be withdrawn
    // (formats.md).
    Digest digest{};
    // State digest after this entry, set on the last entry of each proposed batch (the Merkle root); empty
    // otherwise.
    std::optional<Digest> mark;
    std::string payload;
};
using EntryPtr = std::shared_ptr<const Entry>;
// What an entry costs in memory, about.
inline std::size_t memory_of(const Entry& entry) {
    return sizeof(Entry) + entry.payload.size();
}

// hash(i) = SHA-256(hash(i-1) || term || index || kind || digest || has_mark || mark), integers big-endian
// 64-bit, kind and has_mark one byte.
Digest chain_hash(const Digest& previous, Term term, Index index, EntryKind kind, const Digest& digest,
                  const std::optional<Digest>& mark);

// Who votes and who only listens. `outgoing` is non-empty while joint (thesis §4.3): then both majorities are
// needed. Each vector sorted, without repeats; no learner is among `voters`, but one may be among `outgoing`: a
// voter that becomes a learner when the joint configuration is left.
struct Configuration {
    std::vector<NodeId> voters;
    std::vector<NodeId> outgoing;
    std::vector<NodeId> learners;
    bool operator==(const Configuration&) const = default;
    bool joint() const { return !outgoing.empty(); }
};

// A configuration and the entry that made it effective. `note` is the host's own (who the members are and where),
// opaque here and carried with the configuration from change to change.
struct ConfigurationEntry {
    EntryId id;  // the initial configuration, which no entry of the log made: the zero id or the base's
    Configuration configuration;
    std::string note;
    bool operator==(const ConfigurationEntry&) const = default;
};

// What must be durable before any message that rests on it leaves (thesis §3.8). Written in one write.
struct HardState {
    Term term;
    NodeId vote;            // 0: none in this term
    EntryId configuration;  // id of the entry that made the current configuration; index 0: the initial one
    bool operator==(const HardState&) const = default;
};

// A run of entries of one term: the log in memory is these, not the entries.
struct TermRun {
    Term term;
    Index first;
    bool operator==(const TermRun&) const = default;
};

// An entry that this log holds by its id alone: its content was lost on this disk and is fetched again by that
// id, which the id of the entry before it and the content prove (protocol-aware recovery, Alagappan et al. 2018).
struct DamagedEntry {
    EntryId previous;
    EntryId id;
    bool operator==(const DamagedEntry&) const = default;
};

inline constexpr std::size_t max_recent_ids = 65'536;

// What storage knows at start.
struct LogSummary {
    EntryId base;  // the entry before the first one held; index 0, term 0 and zero hash for a whole log
    EntryId last;  // equals base when empty
    std::vector<TermRun> runs;  // ascending; covers base+1 .. last
    // The highest entry by (term, index) that this node ever acknowledged, when the log is behind it: acknowledged
    // and lost, which is not the same as never had. The log may be shorter, or an older one with another tail. Zero,
    // or at most `last`: nothing was lost.
    EntryId promised{};
    std::vector<DamagedEntry> damaged{};  // ascending, within base+1 .. last; never configurations
    // Ids of the entries after the commit index, ascending to `last`; at most max_recent_ids, the newest. What is not
    // committed is compared by hash, so that an entry of a leader that sent two contents is told from the other one.
    std::vector<EntryId> recent{};
};

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

}  // namespace socai::consensus

template <class Tag>
struct std::hash<socai::consensus::Tagged<Tag>> {
    std::size_t operator()(const socai::consensus::Tagged<Tag>& tagged) const noexcept {
        return std::hash<std::uint64_t>()(tagged.value);
    }
};
