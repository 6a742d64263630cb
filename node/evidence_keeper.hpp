// Where a node keeps what it can show against others: one file a piece of evidence in <data>/evidence, for `socai
// evidence verify`, and an alarm for each - in the log, in node.status and in the metrics - until the operator has taken
// the files away and started the node again.
//
// Thread-safe. keep() writes a small file and blocks for that.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/evidence.hpp"
#include "node/error.hpp"

namespace socai::node {

// What a leader sent contradicts this node's log (consensus::Accusation). It is kept nowhere, so no file shows it; but one
// of the two sides lies, or has forgotten what it acknowledged.
inline constexpr const char* contradicting_leader = "contradicting_leader";

struct Alarm {
    std::string kind;  // ledger::kind_name, or contradicting_leader
    std::string file;  // where the evidence is; empty: there is none, or it could not be written
    std::string what;  // a sentence
    // False: the file needs more than the pinned policy to be believed (the log, for what only the state before makes wrong).
    bool proven = false;
};

// Writes evidence to <folder>/<kind>-<first 16 hex digits of its SHA-256>.json, the folder made where it is not there; gives
// the path. Errors: files.hpp's.
Result<std::string> write_evidence(const std::string& folder, const ledger::Evidence& evidence);

class EvidenceKeeper {
  public:
    struct Hooks {
        // Leaf 0 with its proof under a head that the policy accepts; nothing while there is no such head.
        std::function<std::optional<ledger::ProvenEntry>()> introduction;
        std::function<ledger::Policy()> policy;  // pinned: the genesis'
    };
    static constexpr std::size_t max_files = 64;     // more would only be more of the same …
    static constexpr std::size_t max_unproven = 16;  // … and what shows nothing must not keep out what does

    // `folder` need not be there; evidence that lies in it already is raised again, and what it proves is not kept a second
    // time. `hooks.policy` is asked at once.
    EvidenceKeeper(std::string folder, Hooks hooks);

    // Adds the introduction where the kind needs one, checks, writes, raises the alarm. `key` names the breach, so that
    // it is kept once, not once a term: "vote most-1". What the file alone does not show is kept once too, and does not
    // stand in the way of what shows it.
    void keep(const std::string& key, ledger::Evidence evidence, const std::string& what);
    // An alarm that no file can show, once.
    void raise(const std::string& kind, const std::string& what);
    // What waited for an introduction, or for room on the disk. To be called now and then.
    void retry();

    std::vector<Alarm> alarms() const;

  private:
    struct Waiting {
        std::string key;
        ledger::Evidence evidence;
        std::string what;
    };
    bool introduce(ledger::Evidence& evidence) const;
    bool write(const Waiting& waiting);

    const std::string folder_;
    const Hooks hooks_;
    mutable std::mutex mutex_;        // guards all below
    std::set<std::string> known_;     // keys of what was kept, and proven
    std::set<std::string> breaches_;  // what is proven in files, those of earlier runs too
    std::set<std::string> unproven_;  // of what was kept, and was not
    std::vector<Waiting> waiting_;
    std::vector<Alarm> alarms_;
};

}  // namespace socai::node
