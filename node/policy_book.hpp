// The policies of the ledger in the order of their leaves: which one governs a size, and which a head must satisfy
// (design/formats.md: "the policy at leaf i governs sizes > i, and the first head it governs needs the old and the new
// quorum"). Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/policy_leaf.hpp"

namespace socai::node {

// A policy and the leaf that holds it.
struct GoverningPolicy {
    std::uint64_t leaf = 0;
    ledger::PolicyLeaf value;
    std::string entry;  // the leaf's bytes
};
using GoverningPolicyPtr = std::shared_ptr<const GoverningPolicy>;

// The policy's witnesses from outside the consortium, as positions: those whose keys are none of its nodes' cosigner keys.
std::vector<std::size_t> outside_witnesses(const GoverningPolicy& policy);
// Their keys.
std::vector<ledger::VerifierKey> outside_keys(const GoverningPolicy& policy);

class PolicyBook {
  public:
    // `first`: of the leaf that opened the epoch, the genesis or a recovery. Sizes up to that leaf are of earlier epochs.
    explicit PolicyBook(GoverningPolicyPtr first) : policies_{std::move(first)} {}

    // Precondition: a later leaf than those before.
    void add(GoverningPolicyPtr policy);
    // The policy that governs heads of `size` leaves, 1 or more.
    GoverningPolicyPtr at(std::uint64_t size) const;
    GoverningPolicyPtr latest() const;
    std::uint64_t first_leaf() const;  // of the first: a head of this epoch has more leaves
    // Whose quorum a head of `size` leaves needs when the final head before it has `before` leaves (0: there is none):
    // the policy that governed that one, and each that has begun since. The last governs `size`.
    std::vector<GoverningPolicyPtr> required(std::uint64_t before, std::uint64_t size) const;
    std::size_t count() const;

  private:
    mutable std::mutex mutex_;
    std::vector<GoverningPolicyPtr> policies_;  // ascending by leaf, not empty
};

}  // namespace socai::node
