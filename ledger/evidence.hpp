// Evidence: a file that shows, to whoever pins the ledger's policy and trusts nobody else, that a key broke its word
// (reference/transparency_log.md §5 points 6 and 7; docs/formats.md, "Evidence"). Pure; safe from any thread.
//
// Every kind is made so that it cannot be made against who keeps the rules: it rests on two things that one key signed
// and that an honest program never signs both. What is not signed by the accused - paths, entries, proofs - is bound to
// what is by SHA-256.
//
//   fork                    Two heads of one ledger that cannot both be true: of one size with two roots; or m < n with
//                           the nodes of the consistency path (RFC 9162 §2.1.4), the seed always written out, which lead to
//                           the root of n but not to the root of m. Under the root of n they are, but for a collision of
//                           SHA-256, the tree's own nodes, and give what the first m leaves' root really is. Against the
//                           keys that signed both heads. Heads that share no key prove it of nobody unless both meet the
//                           policy's quorum: then the ledger is split, and some of those who signed are wrong.
//   double_vote             Two votes of one node in one term for two candidates. A node writes its vote down before it
//                           gives it (Raft §5.4.1).
//   contradicting_appends   Two headers of appends of one node in one term that name two entries at one index. A leader
//                           never changes its own log (Raft §5.3, Leader Append-Only), and leads a term once. Entries after
//                           a header's `previous` may be given, to show the place in the middle.
//   forged_append           A header with the entries that lead from its `previous` to its `last`, one of which no honest
//                           leader sends: a leaf that is no entry, holds no statement, one of another ledger, or one that
//                           the key of its kid, as the genesis registers it, did not sign; a no-op that says something;
//                           terms that fall or pass the leader's. The signed hash commits to the entry's digest, and the
//                           digest to its bytes. Needs the genesis as introduction where a signature is bad.
//   broken_promise          A promise, and a head that meets the quorum, co-signed by the promising node's own cosigner key
//                           at a time later than the promise's include-by - both by that node's own clock - under which one of
//                           the promised records stands nowhere. That it stands nowhere no file can show in short: the
//                           verifier reads the log of that head once (AbsenceCheck), which proves itself complete by the
//                           head's root. A refusal of the statement by the same node, dated no later than the co-signature,
//                           is the other way to keep a promise and defeats the evidence (promise_rule.hpp); who accuses cannot be expected to
//                           hand it over, so the accused may always answer with it.
//
// What stays open: a leader's entries that only the state before them makes wrong (a duplicate, a reference to nothing, a
// wrong root) are refused by every follower but need the log and `socai audit` to be shown; a promise that is refused for
// no good reason; a node whose key neither the genesis nor a policy leaf names; heads signed only by keys that the
// policy does not name.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/head.hpp"
#include "ledger/log_chain.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/node_statement.hpp"
#include "ledger/receipt.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_evidence_bytes = std::size_t{16} << 20;
inline constexpr std::size_t max_evidence_entries = 65'536;  // after one header
inline constexpr std::size_t max_fork_path = 64;             // with the seed

struct Fork {
    Head first;  // the smaller, where sizes differ
    Head second;
    std::vector<Hash> path;  // of (first, second), seed first; empty where sizes are equal
    bool operator==(const Fork&) const = default;
};
struct DoubleVote {
    Note first;
    Note second;
    bool operator==(const DoubleVote&) const = default;
};
struct SignedAppend {
    Note header;
    std::vector<LogEntry> entries;  // after the header's `previous`
    bool operator==(const SignedAppend&) const = default;
};
struct ContradictingAppends {
    SignedAppend first;
    SignedAppend second;
    bool operator==(const ContradictingAppends&) const = default;
};
struct ForgedAppend {
    SignedAppend append;
    bool operator==(const ForgedAppend&) const = default;
};
struct BrokenPromise {
    Note promise;
    Head head;
    bool operator==(const BrokenPromise&) const = default;
};

struct Evidence {
    std::variant<Fork, DoubleVote, ContradictingAppends, ForgedAppend, BrokenPromise> what;
    // The genesis, or a policy leaf, that names the accused node's keys; not for forks.
    std::optional<ProvenEntry> introduction;
    std::vector<ProvenEntry> policies;  // from the pinned policy to the one in force, as in a receipt
    std::string to_json() const;        // ends in a newline
    bool operator==(const Evidence&) const = default;
};
// "fork", "double_vote", …: the JSON's member `evidence`.
std::string_view kind_name(const Evidence& evidence);

// Form only, everything bounded. Errors, Fault::invalid_statement: malformed_evidence, and those of its parts.
Result<Evidence> parse_evidence(std::string_view json);

// Whom the evidence is against.
struct Accused {
    std::string
        name;  // of a key: "<origin>" (log), "<agency>.<origin>" (cosigner), "<node>.<origin>" (node key)
    VerifierKey key;
    bool operator==(const Accused&) const = default;
};
struct Finding {
    std::vector<Accused> against;  // empty: a split ledger whose two final heads share no key
    std::string sentence;          // what it shows, for a person
};

// Does the evidence hold under the pinned policy? Errors, Fault::refused: not_proven (well made and signed, but it
// shows nothing: the sentence says what is missing); the others are the parts': check_head's, follow_policies's,
// verify_node_statement's, wrong_introduction (the introducing leaf does not name the node). A broken promise is only
// half decided by this: the log must be read too, with AbsenceCheck.
Result<Finding> verify_evidence(const Evidence& evidence, const Policy& pinned);

// The other half of a broken promise: reads every leaf of the head, from 0, and says whether the promise was kept.
class AbsenceCheck {
  public:
    // Precondition: verify_evidence holds for the evidence that `broken` is of.
    explicit AbsenceCheck(const BrokenPromise& broken);
    // The leaves wanted in all.
    std::uint64_t size() const { return head_.size; }
    void add(std::string_view entry);
    // After size() leaves. True: they are all leaves under the head, and a promised record is in none. Errors:
    // wrong_root (these are not the head's leaves), Fault::refused: not_proven (all records stand: kept).
    Result<void> finish() const;

  private:
    Checkpoint head_;
    Hash statement_{};
    Frontier frontier_;
    bool stands_ = false;                                                     // the promised statement itself
    std::set<std::pair<std::pair<std::string, std::string>, Hash>> missing_;  // records not seen yet
};

// Is `refusal` by the node that promised, of the promised statement, and in time? Then the promise was kept, whatever the
// log says. Errors as verify_evidence's; not_proven: it is another node's, of another statement, or too late.
Result<void> verify_refusal(const Evidence& evidence, const Note& refusal, const Policy& pinned);

// Path for Fork: RFC 6962 consistency proof `proof` of (first.size, second.size) with its seed written out. `proof` is
// what consistency_proof gives in the tree of `second`; `seed` the root of the largest perfect subtree that ends at
// first.size, in that tree, which consistency_proof leaves out when first.size is a power of two.
std::vector<Hash> fork_path(std::uint64_t first_size, const Hash& seed, const std::vector<Hash>& proof);

}  // namespace socai::ledger
