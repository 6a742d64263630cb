#include "node/audit/policy_history.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace socai::node::audit {
namespace {

std::string place_of(const PolicyHistory::Entry& entry) {
    return entry.leaf == 0 ? "the genesis" : "leaf " + std::to_string(entry.leaf);
}

// One head may link several policies, when no head was final in between.
bool links(const ledger::Head& head, const PolicyHistory::Entry& before, const PolicyHistory::Entry& after) {
    return head.checkpoint.size > after.leaf && ledger::check_head(before.policy.policy, head) &&
           ledger::check_head(after.policy.policy, head);
}

Finding not_trusted(const ledger::Error& error, const std::string& whose) {
    return {error.reason, "the head does not satisfy " + whose + ": " + error.detail, std::nullopt, {}};
}

}  // namespace

std::size_t PolicyHistory::governing(std::uint64_t size) const {
    assert(size >= 1);
    std::size_t position = 0;
    while (position + 1 < entries_.size() && entries_[position + 1].leaf < size) ++position;
    return position;
}

std::optional<std::size_t> PolicyHistory::governing(const ledger::Checkpoint& checkpoint) const {
    std::optional<std::size_t> position;
    for (std::size_t at = 0; at < entries_.size(); ++at)
        if (entries_[at].origin == checkpoint.origin && entries_[at].leaf < checkpoint.size) position = at;
    return position;
}

std::optional<std::uint64_t> PolicyHistory::ended_at(std::string_view origin) const {
    bool seen = false;
    for (const Entry& entry : entries_) {
        if (seen && entry.origin != origin) return entry.leaf;
        seen = seen || entry.origin == origin;
    }
    return std::nullopt;
}

std::optional<std::size_t> PolicyHistory::find(const ledger::Policy& policy, std::uint64_t size) const {
    for (std::size_t position = governing(size) + 1; position-- > 0;)
        if (entries_[position].policy.policy == policy) return position;
    return std::nullopt;
}

std::optional<std::string> PolicyHistory::node_of(const ledger::PublicKey& cosigner_key) const {
    for (const Entry& entry : entries_)
        for (const ledger::GenesisNode& named : entry.policy.nodes)
            if (named.cosigner_key == cosigner_key) return named.name;
    return std::nullopt;
}

std::vector<ledger::PublicKey> PolicyHistory::node_keys(std::string_view node) const {
    std::vector<ledger::PublicKey> keys;
    for (const Entry& entry : entries_)
        for (const ledger::GenesisNode& named : entry.policy.nodes)
            if (named.name == node && std::ranges::find(keys, named.node_key) == keys.end())
                keys.push_back(named.node_key);
    return keys;
}

PolicyHistory::Opening opening_of(const ledger::RecoveryLeaf& recovery) {
    const auto head = ledger::parse_head(recovery.plan.final_head);
    PolicyHistory::Opening opening{recovery.plan.final_head, head ? head->checkpoint.size : 0, {}};
    for (const ledger::RecoveryApproval& approval : recovery.approvals)
        opening.agencies.push_back(approval.agency);
    return opening;
}

const ledger::Head* link_to(const PolicyHistory& history, std::size_t position, const ledger::Head& head,
                            const std::vector<KnownHead>& known) {
    assert(position > 0 && position < history.entries().size());
    const auto& before = history.entries()[position - 1];
    const auto& after = history.entries()[position];
    if (links(head, before, after)) return &head;
    const auto found = std::ranges::find_if(known, [&](const KnownHead& candidate) {
        return candidate.fits.value_or(false) && links(candidate.head, before, after);
    });
    return found == known.end() ? nullptr : &found->head;
}

Trust follow_to_head(const PolicyHistory& history, const ledger::Policy& pinned, const ledger::Head& head,
                     const std::vector<KnownHead>& known) {
    Trust trust;
    const std::uint64_t size = head.checkpoint.size;
    const std::size_t governing = history.governing(std::max<std::uint64_t>(size, 1));
    const auto& entries = history.entries();
    const std::optional<std::size_t> from = history.find(pinned, std::max<std::uint64_t>(size, 1));

    if (!from) {
        // The pinned policy speaks for itself: whoever it names has signed this very head, or it is not believed.
        trust.governing = pinned;
        trust.notes.push_back(
            "the pinned policy stands nowhere in this part of the ledger; the ledger's own policy at this "
            "size (" +
            place_of(entries[governing]) + ") has the fingerprint " +
            ledger::policy_fingerprint(entries[governing].policy.policy));
        auto signers = ledger::check_head(pinned, head);
        if (signers)
            trust.signers = *std::move(signers);
        else
            trust.findings.push_back(not_trusted(signers.error(), "the pinned policy"));
        return trust;
    }

    const auto link = [&](std::size_t at) {
        const auto& before = entries[at];
        const auto& after = entries[at + 1];
        if (link_to(history, at + 1, head, known) == nullptr) {
            trust.findings.push_back(
                {"broken_chain",
                 "no head is at hand that satisfies both the policy of " + place_of(before) +
                     " and that of " + place_of(after) +
                     ", which replaced it: give the first head after it with --head or the receipts "
                     "that carry it with --receipts, or pin the later policy (fingerprint " +
                     ledger::policy_fingerprint(after.policy.policy) + ") once its owners have confirmed it",
                 after.leaf,
                 {}});
        }
        ++trust.links;
    };
    for (std::size_t at = *from; at < governing;) {
        std::size_t opens = at + 1;
        while (opens <= governing && !entries[opens].opening) ++opens;
        if (opens > governing) {
            link(at++);
            continue;
        }
        // An epoch that ended before a head of it was final is passed over: what opened the next rests on the same final head.
        for (std::size_t later = opens + 1; later <= governing; ++later)
            if (entries[later].opening && entries[later].opening->final_size <= entries[opens].leaf) opens = later;
        // The recovery's final head shows whoever trusts the policy of its time that the root keys which authorised it stand in
        // this ledger; what they signed covers all leaves before it. So the policies in between need no heads.
        const std::size_t shown = history.governing(entries[opens].opening->final_size);
        if (shown < at)
            trust.findings.push_back(
                {"broken_chain",
                 "the recovery at leaf " + std::to_string(entries[opens].leaf) + " commits to a head of " +
                     std::to_string(entries[opens].opening->final_size) +
                     " leaves, from before the pinned policy of " + place_of(entries[at]) +
                     " came into force: pin the policy of the recovery (fingerprint " +
                     ledger::policy_fingerprint(entries[opens].policy.policy) +
                     ") once its owners have confirmed it",
                 entries[opens].leaf,
                 {}});
        while (at < shown) link(at++);
        at = opens;
        ++trust.links;
    }
    trust.governing = entries[governing].policy.policy;
    trust.governing_leaf = entries[governing].leaf;
    auto signers = ledger::check_head(trust.governing, head);
    if (signers)
        trust.signers = *std::move(signers);
    else
        trust.findings.push_back(
            not_trusted(signers.error(), "the policy of " + place_of(entries[governing])));
    return trust;
}

}  // namespace socai::node::audit
