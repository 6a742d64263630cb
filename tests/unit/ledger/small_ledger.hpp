// A small ledger with its tree, heads that its nodes sign, and receipts: built by hand, for tests of what a stranger
// verifies. Its nodes are customs-1 and most-1 of the samples, and its policy needs both agencies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/policy_leaf.hpp"
#include "ledger/receipt.hpp"
#include "tests/unit/ledger/naive_tree.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger::samples {

// As samples::genesis, with the consortium's policy; customs/1 holds the right `policy`.
inline Genesis founded() {
    Genesis plain = genesis();
    Genesis founded;
    founded.origin = plain.origin;
    founded.nodes = plain.nodes;
    for (const auto& [code, agency] : plain.registry.agencies()) {
        if (!agency.parent) founded.registry.add_agency(agency).value();
    }
    for (const auto& [code, agency] : plain.registry.agencies()) {
        if (agency.parent && !founded.registry.agency(code) && *agency.parent != "customs.nsw") {
            founded.registry.add_agency(agency).value();
        }
    }
    founded.registry.add_agency(*plain.registry.agency(trader)).value();
    founded.registry.add_delegation("customs.nsw", std::string(trader)).value();
    for (const auto& [kid, key] : plain.registry.keys()) {
        RegisteredKey copy = key;
        if (kid == "customs/1") copy.rights = {std::string(policy_right)};
        founded.registry.add_key(copy).value();
    }
    founded.policy = consortium_policy(founded.origin, founded.nodes).to_string();
    return founded;
}

inline GenesisNode node_named(std::string_view name, std::string_view agency, std::uint64_t raft_id) {
    const std::string prefix(name);
    return {prefix,
            std::string(agency),
            raft_id,
            key_named(prefix + " log").key.public_key(),
            key_named(prefix + " cosigner").key.public_key(),
            key_named(prefix + " node").key.public_key(),
            key_named(prefix + " tls").key.public_key()};
}

class SmallLedger {
  public:
    SmallLedger() {
        const std::string record = genesis_record(founded(), "customs", "2021-01-01T00:00:00Z");
        append(make_entry(now_ms - 1'000, sign_statement(key_named("customs/1"), origin, record, false)));
    }

    // Appends an entry; its index.
    std::uint64_t append(std::string entry) {
        leaves_.push_back(leaf_hash(entry));
        entries_.push_back(std::move(entry));
        return entries_.size() - 1;
    }
    std::uint64_t append(const boost::json::object& record, std::string_view kid) {
        return append(make_entry(now_ms, sign_statement(key_named(kid), origin, text(record), false)));
    }
    std::uint64_t append_policy(const PolicyLeaf& leaf, std::string_view id) {
        const std::string record = policy_record(leaf, origin, "customs", id, "2021-09-30T23:00:00Z");
        return append(make_entry(now_ms, sign_statement(key_named("customs/1"), origin, record, false)));
    }

    std::uint64_t size() const { return entries_.size(); }
    const std::string& entry(std::uint64_t index) const { return entries_.at(index); }

    Checkpoint checkpoint(std::uint64_t size) const {
        return {std::string(origin), size, naive::root(naive::Leaves(leaves_).first(size))};
    }
    // Signed by the log key of customs-1 and cosigned by `nodes`.
    Head head(std::uint64_t size, const std::vector<GenesisNode>& nodes,
              std::uint64_t time_s = 1'633'046'401) const {
        Head head{checkpoint(size), {checkpoint(size).to_string(), {}}};
        sign_note(head.note, origin, key_named("customs-1 log").key);
        for (const GenesisNode& node : nodes) {
            cosign_note(head.note, node.agency + "." + std::string(origin),
                        key_named(node.name + " cosigner").key, time_s);
        }
        return head;
    }
    Head head(std::uint64_t size) const { return head(size, founded().nodes); }

    ProvenEntry proven(std::uint64_t index, const Head& head) const {
        return {entry(index),
                {index, naive::path(index, naive::Leaves(leaves_).first(head.checkpoint.size)), head}};
    }
    Receipt receipt(std::uint64_t index, std::string_view kid, const Head& head) const {
        return {proven(index, head), std::string(kid), key_named(kid).key.public_key(), proven(0, head), {}};
    }

  private:
    std::vector<std::string> entries_;
    std::vector<Hash> leaves_;
};

}  // namespace socai::ledger::samples
