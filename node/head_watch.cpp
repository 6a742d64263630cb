#include "node/head_watch.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>

#include "node/parcel.hpp"

namespace socai::node {
namespace {

bool share_a_signer(const ledger::Head& one, const ledger::Head& other) {
    return std::ranges::any_of(one.note.signatures, [&](const ledger::NoteSignature& line) {
        return std::ranges::any_of(other.note.signatures, [&](const ledger::NoteSignature& theirs) {
            return line.id == theirs.id && line.name == theirs.name;
        });
    });
}

}  // namespace

HeadWatch::HeadWatch(const ledger::NodeReader& tree, Hooks hooks) : tree_(tree), hooks_(std::move(hooks)) {}

void HeadWatch::ask(const std::vector<consensus::NodeId>& others) {
    for (const consensus::NodeId other : others) hooks_.send(other, parcel_of(ParcelKind::heads_question));
}

bool HeadWatch::on_parcel(consensus::NodeId from, const std::string& name, const network::Parcel& parcel) {
    const auto answer = [&](ParcelKind kind, const ledger::Head& head) {
        network::Parcel parcel_of_head = parcel_of(kind);
        parcel_of_head.body = head.note.to_string();
        hooks_.send(from, std::move(parcel_of_head));
    };
    if (is_of(parcel, ParcelKind::heads_question)) {
        if (const auto own = hooks_.own()) answer(ParcelKind::heads_answer, *own);
        for (const ledger::Head& head : hooks_.signed_heads()) answer(ParcelKind::heads_signed, head);
        return true;
    }
    if (is_of(parcel, ParcelKind::heads_signed)) {
        auto head = ledger::parse_head(parcel.body);
        // Nearly all agree, and who agrees is accused of nothing: the signature need not be looked at.
        const bool agrees = head && head->checkpoint.size <= hooks_.applied() &&
                            ledger::read_root(head->checkpoint.size, tree_) == head->checkpoint.root;
        if (head && !agrees) note(name, *std::move(head), true);
        return true;
    }
    if (!is_of(parcel, ParcelKind::heads_answer)) return false;
    seen(name, std::string_view(parcel.body));
    return true;
}

void HeadWatch::seen(const std::string& source, std::string_view note) {
    auto head = ledger::parse_head(note);
    if (head) return seen(source, *std::move(head));
    const std::lock_guard lock(mutex_);
    ++figures_.ignored;
}

void HeadWatch::seen(const std::string& source, ledger::Head head) {
    note(source, std::move(head), false);
}

void HeadWatch::note(const std::string& shown_by, ledger::Head head, bool by_cosigner) {
    const ledger::Policy policy = hooks_.policy();
    const auto signers = ledger::head_signers(policy, head);
    const std::lock_guard lock(mutex_);
    // What nobody known signed accuses nobody.
    if (!signers || (signers->logs.empty() && signers->cosigners.empty())) {
        ++figures_.ignored;
        return;
    }
    std::string source = shown_by;
    if (by_cosigner && !signers->cosigners.empty())
        source += ", with what " + policy.witnesses[signers->cosigners.front().witness].name + " signed,";
    // A tree that forked stays forked as it grows, so one head at a time is enough: the smallest, which is the first that
    // can be compared. One of a size that nobody ever reaches must not stand in the way.
    const auto [waiting, is_new] = waiting_.try_emplace(source, head);
    if (!is_new && head.checkpoint.size < waiting->second.checkpoint.size) waiting->second = std::move(head);
}

void HeadWatch::compare() {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [this](const auto& element) { return settled(element.first, element.second); });
}

// A head of this node's own tree, at least as large as `theirs`: rather one that a signer of theirs signed too, for that
// is who the two convict.
std::optional<ledger::Head> HeadWatch::counterpart(const ledger::Head& theirs) const {
    std::vector<ledger::Head> ours = hooks_.signed_heads();
    if (auto own = hooks_.own()) ours.insert(ours.begin(), *std::move(own));
    const std::uint64_t applied = hooks_.applied();
    std::erase_if(ours, [&](const ledger::Head& head) {
        const std::uint64_t size = head.checkpoint.size;
        return size < theirs.checkpoint.size || size > applied ||
               ledger::read_root(size, tree_) != head.checkpoint.root;
    });
    const auto shared =
        std::ranges::find_if(ours, [&](const ledger::Head& head) { return share_a_signer(head, theirs); });
    if (shared != ours.end()) return *shared;
    return ours.empty() ? std::nullopt : std::optional(ours.front());
}

// False: it must wait for this node to get so far, or for a signed head to hold against it.
bool HeadWatch::settled(const std::string& source, const ledger::Head& head) {
    const std::uint64_t size = head.checkpoint.size;
    if (size > hooks_.applied()) return false;
    const auto root = ledger::read_root(size, tree_);
    if (!root) return true;
    if (*root == head.checkpoint.root) {
        ++figures_.compared;
        return true;
    }
    const std::string what =
        source + " shows a head of " + std::to_string(size) + " leaves that this node's ledger contradicts";
    const auto own = counterpart(head);
    if (!own) {
        hooks_.evidence("fork " + source, {ledger::Fork{head, hooks_.own_at(size), {}}, std::nullopt, {}},
                        what);
        return false;
    }
    ++figures_.compared;
    ++figures_.contradicting;
    std::vector<ledger::Hash> path;
    if (size < own->checkpoint.size && size > 0) {
        const auto proof = ledger::consistency_proof(size, own->checkpoint.size, tree_);
        const auto level = static_cast<std::uint32_t>(std::countr_zero(size));
        const auto seed = tree_.node(level, (size >> level) - 1);
        if (!proof || !seed) return true;
        path = ledger::fork_path(size, *seed, *proof);
    }
    hooks_.evidence("fork " + source, {ledger::Fork{head, *own, std::move(path)}, std::nullopt, {}}, what);
    return true;
}

HeadWatch::Figures HeadWatch::figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
}

}  // namespace socai::node
