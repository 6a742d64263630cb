#include "node/policy_book.hpp"

#include <algorithm>
#include <cassert>

namespace socai::node {

std::vector<std::size_t> outside_witnesses(const GoverningPolicy& policy) {
    std::vector<std::size_t> outside;
    const auto& witnesses = policy.value.policy.witnesses;
    for (std::size_t i = 0; i < witnesses.size(); ++i)
        if (std::ranges::find(policy.value.nodes, witnesses[i].key.key, &ledger::GenesisNode::cosigner_key) ==
            policy.value.nodes.end())
            outside.push_back(i);
    return outside;
}

std::vector<ledger::VerifierKey> outside_keys(const GoverningPolicy& policy) {
    std::vector<ledger::VerifierKey> keys;
    for (const std::size_t i : outside_witnesses(policy))
        keys.push_back(policy.value.policy.witnesses[i].key);
    return keys;
}

void PolicyBook::add(GoverningPolicyPtr policy) {
    const std::lock_guard lock(mutex_);
    assert(policy->leaf > policies_.back()->leaf);
    policies_.push_back(std::move(policy));
}

GoverningPolicyPtr PolicyBook::at(std::uint64_t size) const {
    return required(size, size).back();
}

GoverningPolicyPtr PolicyBook::latest() const {
    const std::lock_guard lock(mutex_);
    return policies_.back();
}

std::uint64_t PolicyBook::first_leaf() const {
    const std::lock_guard lock(mutex_);
    return policies_.front()->leaf;
}

std::vector<GoverningPolicyPtr> PolicyBook::required(std::uint64_t before, std::uint64_t size) const {
    const std::lock_guard lock(mutex_);
    // The first whose leaf is not below a size does not govern it.
    const auto beyond = [this](std::uint64_t bound) {
        return std::ranges::lower_bound(policies_, bound, {}, &GoverningPolicy::leaf);
    };
    auto first = beyond(before);
    if (first != policies_.begin()) --first;
    const auto last = std::max(beyond(size), first + 1);
    return {first, last};
}

std::size_t PolicyBook::count() const {
    const std::lock_guard lock(mutex_);
    return policies_.size();
}

}  // namespace socai::node
