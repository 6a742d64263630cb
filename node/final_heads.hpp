// The final heads that this node keeps: the latest, and for every policy the head with which it came into force, of
// which receipts build their chain. Also the largest head that each cosigner key is known to have signed, of this node's
// own tree: who says less of itself is an old copy, and who has signed another tree has signed a fork (head_watch.hpp).
//
// The file, `final` in the data folder, is JSON: {"version", "origin", "head", "transitions": [{"leaf", "head"}],
// "signed": [{"key", "head"}], "sum"}; a damaged one is put aside, and the other nodes tell anew.
//
// Thread-safe. Nothing here waits but write().
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/head.hpp"
#include "ledger/merkle_tree.hpp"
#include "node/error.hpp"
#include "node/policy_book.hpp"

namespace socai::node {

// The head with which the policy of `leaf` came into force: it satisfies that policy and the one before.
struct Transition {
    std::uint64_t leaf = 0;
    ledger::Head head;
};

// Lines that a head is kept and served with: what the policies need is fewer, and witnesses from outside fill up.
inline constexpr std::size_t max_head_lines = 16;

// What a head that somebody offers is worth.
struct OfferedHead {
    enum class Verdict {
        accepted,     // final, and the latest now
        known,        // adds nothing
        too_few,      // some policy's quorum or log line is missing
        bad,          // of another ledger, or with a known key's bad signature
        contradicts,  // final by its signatures, with another root than this node's own tree: proof of a fork
    };
    Verdict verdict = Verdict::bad;
    std::string why;  // a sentence, of the last three
};

class FinalHeads {
  public:
    // `policies` and `tree` outlive this object.
    FinalHeads(std::string path, std::string origin, const PolicyBook& policies,
               const ledger::NodeReader& tree);

    // Takes what the file holds, as far as it is well made. False: it was damaged, and is kept as `path`.damaged.
    bool load();
    // Makes durable what has changed since it was last written. Error: file_unwritable.
    Result<void> write();
    bool unwritten() const;

    // Judges `head` against the policies and the node's own tree. Precondition: the tree holds as many leaves, and
    // `policies` every policy below.
    OfferedHead offer(const ledger::Head& head);
    // Takes from `head`, when it is the latest one, the lines that verify of witnesses from outside that the policy in force
    // names: not needed, they are kept and served all the same, for whoever asks for more than the policy does. False: it
    // held no new ones.
    bool add_outside(const ledger::Head& head);
    // Is the head that load() brought true of the tree? To be asked once the tree holds as many leaves.
    OfferedHead check_latest() const;

    std::optional<ledger::Head> latest() const;
    std::uint64_t size() const;  // of the latest; 0: none yet
    // Of every policy after the genesis' that has come into force, oldest first.
    std::vector<Transition> transitions() const;

    // `key` signed `head`, and both were verified: of the note its line is kept. Precondition: the head is of the own tree.
    void note_signed(const ledger::VerifierKey& key, const ledger::Head& head);
    std::uint64_t signed_by(const ledger::PublicKey& key) const;  // leaves; 0: nothing
    // What each key signed last, with its one line.
    std::vector<ledger::Head> signed_heads() const;

  private:
    bool keep_outside(ledger::Head& kept, const ledger::Head& head);
    OfferedHead contradiction(const ledger::Head& head) const;
    std::string text() const;
    bool read(const std::string& text);

    const std::string path_;
    const std::string origin_;
    const PolicyBook& policies_;
    const ledger::NodeReader& tree_;
    mutable std::mutex mutex_;  // guards all below
    std::optional<ledger::Head> latest_;
    std::vector<Transition> transitions_;
    std::map<ledger::PublicKey, ledger::Head> signed_;
    std::uint64_t version_ = 0, written_ = 0;  // count the changes
};

}  // namespace socai::node
