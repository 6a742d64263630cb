// An audit from beginning to end: a source, a pinned policy, what the auditor holds besides, and a report
// (design/quality.md, "Audit"). Trust comes from the policy file alone; everything else is looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/admission.hpp"
#include "ledger/evidence.hpp"
#include "ledger/remains.hpp"
#include "node/audit/finding.hpp"
#include "node/audit/source.hpp"
#include "node/error.hpp"

namespace socai::node::audit {

struct AuditOptions {
    std::string source;                       // folder or URL
    std::string policy;                       // file: the pinned policy
    std::optional<std::string> genesis_hash;  // hex SHA-256 of leaf 0's entry
    std::string state;                        // file of the last audit; empty: none
    bool from_start = false;                  // read everything again, even with a state
    std::vector<std::string> heads;           // files: further signed heads
    std::string receipts;                     // folder; empty: none
    std::string promises;                     // folder; empty: none
    std::string disclosures;                  // file of them, one a line; empty: none
    std::optional<std::uint64_t> remains_of;  // a leaf: what would remain of it, were its bytes withdrawn
    Depth depth = Depth::everything;          // a state is kept of whole audits only
    unsigned jobs = 0;                        // threads that check; 0: as many as the machine has
    SourceLimits limits;
    // Whether records may come after those before, and what they say together; null: as nodes do (inspection/kinds.hpp).
    std::shared_ptr<const ledger::Rules> rules;
};

// Who has signed the audited head, as the policy names them.
struct HeadReport {
    std::string origin;
    std::uint64_t size = 0;
    std::string root;                    // base64, as in the checkpoint
    std::vector<std::string> logs;       // verifier keys
    std::vector<std::string> witnesses;  // names in the policy
    bool quorum_needed = true;           // false: the policy is content with one log's own signature
};

// A recovery from the loss of the majority (ledger/recovery_leaf.hpp).
struct EpochReport {
    std::uint64_t leaf = 0;  // that opened it
    std::string origin;
    std::vector<std::string> agencies;  // whose root keys authorised it
    std::uint64_t final_size = 0;       // of the last final head that it commits to
};

struct PromiseReport {
    std::uint64_t kept = 0;
    std::uint64_t refused = 0;
    std::uint64_t waiting = 0;
};

// Confidential members (ledger/disclosure.hpp), by what became of them.
struct ConfidentialReport {
    std::uint64_t records = 0;    // that keep members confidential
    std::uint64_t disclosed = 0;  // members that the auditor holds: they are what the leaves commit to
    std::uint64_t withheld = 0;   // that it does not
    std::uint64_t erased = 0;     // ended by an erasure
};

// Leaves that the members withdrew (ledger/remains.hpp).
struct WithdrawalReport {
    std::uint64_t withdrawn = 0;  // only remains are there, and the members voted for those
    std::uint64_t whole = 0;      // voted to go, and still whole in the source
};

// What the rules derive from the leaves under the head.
struct DerivedReport {
    std::string engine;           // version of the rules (inspection/activation.hpp: rule_engine)
    std::string digest;           // hex SHA-256, the running digest of ledger/facts.hpp
    std::uint64_t facts = 0;      // that stand
    bool facts_compared = false;  // those that the source holds after the head's size, one by one
    std::uint64_t compared =
        0;  // leaves: what the source has derived from so many is the same, or a finding names the first
};

struct AuditReport {
    std::string source;
    std::string source_kind;
    std::string policy_file;
    std::string fingerprint;                      // of the pinned policy, for comparing by telephone
    std::string governing_fingerprint;            // of the policy that the head was checked under
    std::optional<std::uint64_t> governing_leaf;  // where that policy stands
    std::string genesis;  // hex SHA-256 of leaf 0's entry; empty: it could not be read
    std::optional<HeadReport> head;
    std::string note;  // the audited head, as it was signed
    Depth depth = Depth::everything;
    Coverage coverage;
    std::vector<EpochReport> epochs;       // after the first
    std::uint64_t policies = 0;            // in the ledger, that of the genesis included
    std::optional<DerivedReport> derived;  // of whole audits that read all leaves
    std::optional<PromiseReport> promises;
    std::optional<ConfidentialReport> confidential;  // as derived
    WithdrawalReport withdrawals;
    std::optional<ledger::Remains> remains;  // as asked for
    std::vector<Finding> findings;   // first the lowest leaves
    std::vector<std::string> notes;  // sentences
    // Of signed heads that cannot both be true, and of promises that were broken (ledger/evidence.hpp): each holds under the
    // pinned policy.
    std::vector<ledger::Evidence> evidence;
    // The first leaf that is wrong, as far as it can be told; and the range in which it lies, when only that can.
    std::optional<std::uint64_t> first_wrong;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> wrong_between;  // [first, second)
    std::optional<Error> stopped;                                          // why it did not come to its end
    double seconds = 0;                                                    // of reading and checking
    bool passed() const { return findings.empty() && !stopped; }
};

// `progress` is told now and then, on the calling thread: leaves judged, and of how many. `stop`: true ends the audit
// early, with what it knows kept in the state. Errors are of what the auditor gave (Exit::usage) and of what cannot be
// read or reached at all (Exit::unreachable); whatever is wrong with the ledger is in the report.
Result<AuditReport> run_audit(const AuditOptions& options,
                              const std::function<void(std::uint64_t done, std::uint64_t of)>& progress,
                              const std::function<bool()>& stop);

}  // namespace socai::node::audit
