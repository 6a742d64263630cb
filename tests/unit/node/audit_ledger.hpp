// A ledger of four agencies for the tests of audits: every key at hand, heads cosigned as asked, written as a folder of
// tiles or as a node's data folder, and altered as a forger would.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ledger/admission.hpp"
#include "ledger/genesis.hpp"
#include "ledger/head.hpp"
#include "ledger/jwk.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/receipt.hpp"

namespace socai::node::test {

struct AuditNode {
    ledger::GenesisNode facts;
    ledger::KeyPair log;
    ledger::KeyPair cosigner;
    ledger::KeyPair node;
};

class AuditLedger {
  public:
    static constexpr const char* origin = "ledger.test/audited";
    static constexpr std::int64_t first_ms = 1'700'000'000'000;

    // Four agencies a, b, c, d of one node each. Holds the genesis and `leaves` - 1 records.
    explicit AuditLedger(std::size_t leaves = 1);

    // The entry of a new leaf, accepted `at` seconds after the genesis, where leaf `at` is; does not add it. `refs` is
    // JSON.
    std::string make_entry(const std::string& id, std::size_t at, const std::string& refs = "[]",
                           const std::string& agency = "a") const;
    std::string make_entry(const std::string& id) const { return make_entry(id, entries.size()); }
    // Of the leaf that is to be next: one second after the last.
    std::size_t add(const std::string& id, const std::string& refs = "[]", const std::string& agency = "a");
    void add_entry(std::string entry) { entries.push_back(std::move(entry)); }
    // A leaf that replaces the policy by `policy`.
    std::size_t add_policy(const ledger::PolicyLeaf& policy, const std::string& id);

    // The head of the first `size` leaves, signed by node `log` and cosigned by the nodes of `cosigners`.
    ledger::Head head(std::size_t size, const std::vector<std::size_t>& cosigners = {0, 1, 2},
                      std::size_t log = 0) const;
    ledger::Head head() const { return head(entries.size()); }
    ledger::Hash root(std::size_t size) const;
    ledger::Policy policy() const;

    // Leaf `index` proven under `head`, which is of this ledger.
    ledger::ProvenEntry proven(std::size_t index, const ledger::Head& head) const;
    // A receipt for leaf `index`, a record of agency a.
    ledger::Receipt receipt(std::size_t index, const ledger::Head& head) const;

    // Files that an auditor gets: checkpoint and tile/… of the first `size` leaves.
    void write_tiles(const std::string& folder, const ledger::Head& signed_head) const;
    // A node's folder with log and state of all entries, with what `rules` derive from them; null: the project's own.
    void write_data(const std::string& folder, const ledger::Rules* rules = nullptr) const;

    std::string padding;  // in the body of every record
    std::vector<AuditNode> nodes;
    std::vector<ledger::Jwk> keys;  // record keys, in the agencies' order
    ledger::Genesis genesis;
    std::vector<std::string> entries;
};

}  // namespace socai::node::test
