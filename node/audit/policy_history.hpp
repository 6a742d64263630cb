// The policies that a ledger itself has had - of its genesis, then of each policy leaf - and how trust in a pinned one
// reaches the one that governs a head (design/formats.md: "the policy at leaf i governs sizes > i, and the first head it
// governs needs the old and the new quorum"). Value; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/head.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "node/audit/finding.hpp"

namespace socai::node::audit {

// A signed head that somebody holds: of the source, of a file, of a receipt, of the last audit.
struct KnownHead {
    std::string label;  // "the source's head", a file's name
    ledger::Head head;
    // Its root is that of the audited tree at its size: what it vouches for is this ledger. Nothing: its size is
    // beyond the tree, so that it cannot be said.
    std::optional<bool> fits;
};

class PolicyHistory {
  public:
    // Of the policy of a leaf that opened an epoch (ledger/recovery_leaf.hpp).
    struct Opening {
        std::string final_head;             // that the leaf commits to, a signed note
        std::uint64_t final_size = 0;       // its leaves
        std::vector<std::string> agencies;  // whose root keys authorised it
    };
    struct Entry {
        std::uint64_t leaf = 0;  // governs sizes > leaf
        ledger::PolicyLeaf policy;
        std::string origin;  // of the epoch that it belongs to
        std::optional<Opening> opening{};
    };

    PolicyHistory(std::string origin, ledger::PolicyLeaf genesis) {
        entries_.push_back({0, std::move(genesis), std::move(origin)});
    }
    // Precondition: leaf is after those before.
    void add(std::uint64_t leaf, ledger::PolicyLeaf policy) {
        entries_.push_back({leaf, std::move(policy), entries_.back().origin});
    }
    // A recovery. The caller has seen that the ledger admits it.
    void open_epoch(std::uint64_t leaf, std::string origin, ledger::PolicyLeaf policy, Opening opening) {
        entries_.push_back({leaf, std::move(policy), std::move(origin), std::move(opening)});
    }

    const std::vector<Entry>& entries() const { return entries_; }
    // The one that governs a tree of `size` >= 1 leaves: its position.
    std::size_t governing(std::uint64_t size) const;
    // The one that governs this head, which may be of an epoch that has ended, and then of more leaves than were carried on;
    // nothing: it is of no epoch of the ledger, or of fewer leaves than its epoch has.
    std::optional<std::size_t> governing(const ledger::Checkpoint& checkpoint) const;
    // The leaf that ended the epoch of that name; nothing: it goes on, or there is none.
    std::optional<std::uint64_t> ended_at(std::string_view origin) const;
    // Where `policy` stands among those up to the one that governs `size` >= 1 leaves, the latest of several; nothing
    // when it is none of them.
    std::optional<std::size_t> find(const ledger::Policy& policy, std::uint64_t size) const;
    // The node whose cosigner key this is, under any of the policies.
    std::optional<std::string> node_of(const ledger::PublicKey& cosigner_key) const;
    // The public node key of `node` (node_statement.hpp) under any of the policies; each once.
    std::vector<ledger::PublicKey> node_keys(std::string_view node) const;

  private:
    std::vector<Entry> entries_;  // ascending
};

PolicyHistory::Opening opening_of(const ledger::RecoveryLeaf& recovery);

// What the audited head rests on.
struct Trust {
    std::vector<Finding> findings;   // empty: the head may be relied upon
    std::vector<std::string> notes;  // sentences: what a reader should know
    ledger::Policy governing;        // the policy that the head was checked under
    std::optional<std::uint64_t>
        governing_leaf;  // where it stands; nothing: the pinned one, which stands nowhere
    ledger::HeadSigners signers;
    std::uint64_t links = 0;  // policies followed from the pinned one
};

// A head that the policy at `position` - 1 and the one at `position` are both content with, so that who trusts the old one
// knows by it that the leaf of the new one stands: `head`, or one of `known` that fits. Null: none is at hand.
const ledger::Head* link_to(const PolicyHistory& history, std::size_t position, const ledger::Head& head,
                            const std::vector<KnownHead>& known);

// May `head` be relied upon by who trusts `pinned` alone? `known` are heads that may serve as links between policies;
// only those with `fits` are used. `head` itself serves too.
Trust follow_to_head(const PolicyHistory& history, const ledger::Policy& pinned, const ledger::Head& head,
                     const std::vector<KnownHead>& known);

}  // namespace socai::node::audit
