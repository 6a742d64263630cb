#include "node/head_watch.hpp"

#include <spdlog/spdlog.h>

#include <bit>

#include "node/parcel.hpp"

namespace socai::node {

HeadWatch::HeadWatch(const ledger::NodeReader& tree, Hooks hooks) : tree_(tree), hooks_(std::move(hooks)) {}

void HeadWatch::ask(const std::vector<consensus::NodeId>& others) {
    for (const consensus::NodeId other : others) hooks_.send(other, parcel_of(ParcelKind::heads_question));
}

bool HeadWatch::on_parcel(consensus::NodeId from, const std::string& name, const network::Parcel& parcel) {
    if (is_of(parcel, ParcelKind::heads_question)) {
        if (const auto own = hooks_.own()) {
            network::Parcel answer = parcel_of(ParcelKind::heads_answer);
            answer.body = own->note.to_string();
            hooks_.send(from, std::move(answer));
        }
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
    const auto signers = ledger::head_signers(hooks_.policy(), head);
    const std::lock_guard lock(mutex_);
    // What nobody known signed accuses nobody.
    if (!signers || (signers->logs.empty() && signers->cosigners.empty())) {
        ++figures_.ignored;
        return;
    }
    // A tree that forked stays forked as it grows, so one head at a time is enough: the smallest, which is the first that
    // can be compared. One of a size that nobody ever reaches must not stand in the way.
    const auto [waiting, is_new] = waiting_.try_emplace(source, head);
    if (!is_new && head.checkpoint.size < waiting->second.checkpoint.size) waiting->second = std::move(head);
}

void HeadWatch::compare() {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [this](const auto& element) { return settled(element.first, element.second); });
}

// False: it must wait for this node to get so far.
bool HeadWatch::settled(const std::string& source, const ledger::Head& head) {
    const std::uint64_t size = head.checkpoint.size;
    if (size > hooks_.applied()) return false;
    const auto root = ledger::read_root(size, tree_);
    if (!root) return true;
    if (*root == head.checkpoint.root) {
        ++figures_.compared;
        return true;
    }
    const auto own = hooks_.own();
    if (!own || own->checkpoint.size < size) return false;
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
    hooks_.evidence(
        "fork " + source, {ledger::Fork{head, *own, std::move(path)}, std::nullopt, {}},
        source + " shows a head of " + std::to_string(size) + " leaves that this node's ledger contradicts");
    return true;
}

HeadWatch::Figures HeadWatch::figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
}

}  // namespace socai::node
