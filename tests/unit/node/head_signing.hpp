// Nodes with their keys, policies over them, and a tree that grows, for the tests of heads.
#pragma once

#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

#include "ledger/head.hpp"
#include "ledger/jwk.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/policy_leaf.hpp"
#include "node/member.hpp"
#include "node/policy_book.hpp"

namespace socai::node::test {

// Node i is of the agency "a<i>", its Raft id is i + 1.
struct Consortium {
    static constexpr const char* origin = "ledger.test/heads";
    struct Keys {
        ledger::KeyPair log = ledger::KeyPair::generate();
        ledger::KeyPair cosigner = ledger::KeyPair::generate();
        ledger::KeyPair node = ledger::KeyPair::generate();
        ledger::KeyPair tls = ledger::KeyPair::generate();
    };

    explicit Consortium(std::size_t count) { extend(count); }
    void extend(std::size_t count) {
        while (nodes.size() < count) nodes.emplace_back();
    }

    Member member(std::size_t i) const {
        return {.id = {i + 1},
                .name = "a" + std::to_string(i) + "-1",
                .agency = "a" + std::to_string(i),
                .host = "",
                .log_key = nodes[i].log.public_key(),
                .cosigner_key = nodes[i].cosigner.public_key(),
                .node_key = nodes[i].node.public_key(),
                .tls_key = nodes[i].tls.public_key()};
    }
    ledger::PolicyLeaf leaf_of(const std::vector<std::size_t>& members) const {
        ledger::PolicyLeaf leaf;
        for (const std::size_t i : members) {
            const Member node = member(i);
            leaf.nodes.push_back({node.name, node.agency, node.id.value, node.log_key, node.cosigner_key,
                                  node.node_key, node.tls_key});
        }
        leaf.policy = ledger::consortium_policy(origin, leaf.nodes);
        return leaf;
    }
    // The same, naming the witness from outside "court": in the quorum, or beside it.
    ledger::PolicyLeaf leaf_with_court(std::size_t count, bool is_needed) const {
        std::vector<std::size_t> members(count);
        std::iota(members.begin(), members.end(), std::size_t{0});
        ledger::PolicyLeaf leaf = leaf_of(members);
        const ledger::PolicyWitness outside{"court", court_key(), ""};
        if (is_needed)
            leaf.policy = ledger::consortium_policy(origin, leaf.nodes, std::nullopt, {outside});
        else
            leaf.policy.witnesses.push_back(outside);
        return leaf;
    }
    ledger::VerifierKey court_key() const {
        return {"court.test", ledger::NoteKeyType::cosignature, court.public_key()};
    }
    // The court's lines alone under this head.
    ledger::Head by_court(ledger::Head head) const {
        head.note.signatures.clear();
        ledger::cosign_note(head.note, "court.test", court, 1'700'000'001);
        return head;
    }
    GoverningPolicyPtr policy_of(std::uint64_t leaf, const std::vector<std::size_t>& members) const {
        return std::make_shared<const GoverningPolicy>(GoverningPolicy{leaf, leaf_of(members), {}});
    }
    GoverningPolicyPtr policy_of(std::uint64_t leaf, std::size_t count) const {
        std::vector<std::size_t> members(count);
        std::iota(members.begin(), members.end(), std::size_t{0});
        return policy_of(leaf, members);
    }
    // Signed by the log key and the cosigner key of each of `signers`.
    ledger::Head head(std::uint64_t size, const ledger::Hash& root,
                      const std::vector<std::size_t>& signers) const {
        ledger::Head head{{origin, size, root}, {}};
        head.note.text = head.checkpoint.to_string();
        for (const std::size_t i : signers) {
            ledger::sign_note(head.note, origin, nodes[i].log);
            ledger::cosign_note(head.note, member(i).agency + "." + origin, nodes[i].cosigner, 1'700'000'000);
        }
        return head;
    }

    std::vector<Keys> nodes;
    ledger::KeyPair court = ledger::KeyPair::generate();
};

// Leaves "<name>0", "<name>1", …: trees of one name agree. Safe from any thread.
class GrowingTree : public ledger::NodeReader {
  public:
    explicit GrowingTree(std::string name = "leaf") : name_(std::move(name)) {}

    void grow_to(std::uint64_t size) {
        const std::lock_guard lock(mutex_);
        while (leaves_.size() < size)
            leaves_.push_back(ledger::leaf_hash(name_ + std::to_string(leaves_.size())));
    }
    std::uint64_t size() const {
        const std::lock_guard lock(mutex_);
        return leaves_.size();
    }
    ledger::Hash root(std::uint64_t size) const { return ledger::read_root(size, *this).value(); }
    std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t index) const override {
        const std::lock_guard lock(mutex_);
        const std::uint64_t first = index << level;
        if (first + (std::uint64_t{1} << level) > leaves_.size()) return std::nullopt;
        std::vector<ledger::Hash> row(
            leaves_.begin() + static_cast<std::ptrdiff_t>(first),
            leaves_.begin() + static_cast<std::ptrdiff_t>(first + (std::uint64_t{1} << level)));
        for (; row.size() > 1; row.resize(row.size() / 2))
            for (std::size_t i = 0; i < row.size() / 2; ++i)
                row[i] = ledger::node_hash(row[2 * i], row[2 * i + 1]);
        return row.front();
    }

  private:
    const std::string name_;
    mutable std::mutex mutex_;
    std::vector<ledger::Hash> leaves_;
};

}  // namespace socai::node::test
