// The epoch that a node serves, held against its log.
#include <algorithm>
#include <cassert>

#include "ledger/epochs.hpp"
#include "node/node.hpp"

namespace socai::node {
namespace {

constexpr std::string_view open_again =
    " Give `socai recover open` again, with the recovery that the agencies agreed on; it is safe to repeat.";

}  // namespace

std::string Node::epoch_hash() const {
    return epoch_ ? epoch_->hash() : config_.genesis_hash;
}

// The policy that the epoch begins with.
GoverningPolicyPtr Node::first_policy() const {
    if (!epoch_) {
        auto policy = ledger::genesis_policy(genesis_);
        assert(policy && "checked with the genesis");
        return std::make_shared<const GoverningPolicy>(
            GoverningPolicy{0, std::move(*policy), genesis_entry_});
    }
    const ledger::RecoveryPlan& plan = epoch_->leaf.plan;
    auto policy = ledger::parse_policy(plan.policy);
    assert(policy && "checked with the recovery");
    return std::make_shared<const GoverningPolicy>(
        GoverningPolicy{plan.size, {plan.nodes, std::move(*policy)}, epoch_->entry});
}

// Leaves that opened earlier epochs stand in the log of whoever catches up; the last one is the one that was agreed on.
std::optional<std::string> Node::foreign_epoch(const ledger::Admitted& leaf) const {
    if (epoch_ && (leaf.index < epoch_->leaf.plan.size ||
                   (leaf.index == epoch_->leaf.plan.size && leaf.entry == epoch_->entry)))
        return std::nullopt;
    return "Leaf " + std::to_string(leaf.index) +
           " opens an epoch that this data folder was not opened for." + std::string(open_again);
}

// A node that goes on holds the leaf that opened the epoch, and nothing in its state is of a later one. One that joins an epoch
// gets the leaf from the others.
Result<void> Node::serves_its_epoch() const {
    const ledger::Epoch stands = ledger::current_epoch(genesis_, state_->facts());
    if (ledger::epoch_number(genesis_.origin, origin_) < stands.number)
        return Error{Exit::no, "recovery_unfinished",
                     "The ledger in " + config_.data + " is in the epoch " + stands.origin +
                         ", and the data folder was not opened for it." + std::string(open_again)};
    if (!epoch_ || !epoch_->names(config_.node)) return {};
    const consensus::Index at{epoch_->leaf.plan.log.index + 1};
    const consensus::LogSummary& log = log_->start().log;
    if (at <= log.base.index) return {};
    const auto entries =
        at <= log.last.index
            ? log_->read(at, at, 1)
            : storage::Result<std::vector<consensus::EntryPtr>>(std::vector<consensus::EntryPtr>());
    if (!entries && entries.error().reason != "corrupt_log")
        return Error{Exit::no, entries.error().reason, entries.error().detail};
    // Damaged: its content comes back by its id.
    if (!entries || (!entries->empty() && entries->front()->payload == epoch_->entry)) return {};
    return Error{Exit::no, "recovery_unfinished",
                 "The log in " + config_.data + " does not hold the leaf that opened the epoch " + origin_ +
                     "." + std::string(open_again)};
}

// A node that the recovery gave up and that comes back: it is to be told, not just shut out.
bool Node::is_given_up(const network::AnchorKey& tls_key) const {
    if (!epoch_) return false;
    return std::ranges::any_of(epoch_->leaf.plan.lost, [&](const std::string& name) {
        const auto member = members_->find(name);
        return member && member->tls_key == tls_key;
    });
}

}  // namespace socai::node
