// What must hold over a set of nodes after every step (design/consensus.md, obligation 3). Used by the
// scenario runner, the randomised tests and the simulator; never by a running node. It remembers: what was
// once committed, who once led, what was once durable. Several rules are deltas between two looks (LogCabin's
// RaftConsensusInvariants).
//
//   election safety      one leader a term, ever
//   log matching         equal (term, index): equal hash, and an unbroken chain behind it
//   leader completeness  a leader holds everything committed in earlier terms
//   state-machine safety no two nodes commit different entries at one index
//   monotone             term, and commit within one life, never fall; one vote a term, also on disk
//   durable commit       the committed prefix is on the disks of a quorum of the configuration that committed it
//   committed base       a log begins only after what was committed
//   whole leader         nobody leads whose disk lost what it acknowledged
//   honest match         what a leader counts for a peer is on that peer's disk
//   departures           no vote or acknowledgement leaves before what it promises is durable
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "consensus/core.hpp"

namespace socai::consensus {

// A look at one node. Pointers are only used during the call. `log` and `disk_log` hold the entries after
// `base` and `disk_base`, consecutive; entries that a disk holds by id alone are among them.
struct NodeSnapshot {
    NodeId id;
    bool running = false;
    std::uint64_t life = 0;  // rises with each start
    Status status;           // while running
    EntryId base;
    const std::vector<EntryPtr>* log = nullptr;  // as the core decided it; while running
    HardState disk_hard;
    EntryId disk_base;
    const std::vector<EntryPtr>* disk_log = nullptr;
    EntryId promised;        // the disk's end was lost up to here: what it once held counts as held
    bool disk_lost = false;  // it came back empty: the same
};

class Invariants {
  public:
    // Nothing, or a sentence naming the first breach.
    std::optional<std::string> check(std::span<const NodeSnapshot> nodes);
    // `message` is about to leave `sender`.
    static std::optional<std::string> check_departure(const NodeSnapshot& sender, const Send& message);

    // A liar made this entry: it need not be the same on all nodes. All else is checked of it as of any other.
    void note_lie(const EntryId& id) { lies_.push_back(id); }

    // The highest index that any node ever knew to be committed: no later linearizable read may answer less.
    Index committed() const;
    // An entry that some log once held.
    EntryPtr find(Term term, Index index) const;

  private:
    struct Seen {
        EntryPtr entry;
        EntryId previous;
    };
    struct Committed {
        EntryId id;
        Term in_term;      // of the node first seen to know: the leader that committed it
        Configuration by;  // in force there then: counted over its own majorities, old and new
    };
    struct Past {
        std::uint64_t life = 0;
        Term term;
        NodeId vote;
        Index commit;
        HardState disk_hard;
    };
    using Breach = std::optional<std::string>;

    Breach check_monotone(const NodeSnapshot& node);
    Breach check_log(const NodeSnapshot& node, const EntryId& base, const std::vector<EntryPtr>& log,
                     Index settled);
    Breach check_election(const NodeSnapshot& node);
    Breach check_base(const EntryId& base, NodeId node) const;
    Breach check_commit(const NodeSnapshot& node);
    Breach check_completeness(const NodeSnapshot& leader) const;
    Breach check_match(const NodeSnapshot& leader, std::span<const NodeSnapshot> nodes) const;
    Breach check_durable_commit(std::span<const NodeSnapshot> nodes) const;

    std::optional<EntryId> base_;
    std::map<std::pair<Term, Index>, Seen> seen_;
    std::vector<EntryId> lies_;
    std::map<Term, NodeId> leaders_;
    std::vector<Committed> committed_;  // of base + 1 onward
    std::map<NodeId, Past> past_;
};

}  // namespace socai::consensus
