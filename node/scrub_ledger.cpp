// The scrub's second half: the ledger, entry by entry and row by row.
#include <spdlog/spdlog.h>

#include <utility>

#include "node/scrub.hpp"
#include "storage/codec.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"

namespace socai::node {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto between_memories = 60s;

// What does not fit together, in a check that came to its end.
std::optional<std::string> contradiction_of(const storage::LedgerCheck& check,
                                            const ledger::Frontier& target) {
    // With leaves that were taken from the tree itself, a wrong root says only that the tree is wrong somewhere.
    if (check.contradiction() || check.skipped()) return check.contradiction();
    const ledger::Frontier& tree = check.tree().frontier();
    if (tree.size() < target.size())
        return "the log holds " + std::to_string(tree.size()) + " of the " + std::to_string(target.size()) +
               " leaves that this node has applied";
    if (tree.root() != target.root())
        return "the log of " + std::to_string(target.size()) +
               " leaves leads to another root than the one that this node holds";
    return std::nullopt;
}

}  // namespace

Scrub::Came Scrub::check_entries() {
    const ledger::Frontier target = state_.frontier();
    bool resumed = place_ && place_->tree.size() <= target.size() && log_.id_at(place_->last.index) &&
                   *log_.id_at(place_->last.index) == place_->last;
    while (true) {
        const auto from = resumed ? place_ : beginning();
        if (!from) return Came::no_further;
        storage::LedgerCheck check(log_.database(), *from, [this](std::uint32_t level, std::uint64_t row) {
            return state_.database().row_once(level, row);
        });
        if (const Came came = read_ledger(check, target); came != Came::through) return came;
        const auto contradiction = contradiction_of(check, target);
        // Where it went on from may be what is wrong.
        if (!contradiction || !std::exchange(resumed, false)) {
            judge_tree(check, target, contradiction);
            return Came::through;
        }
        place_.reset();
    }
}

// Before the base there is nothing to read: the tree stands for it. Nothing: the tree cannot be read.
std::optional<storage::LedgerCheck::Place> Scrub::beginning() {
    const consensus::EntryId base = log_.database().base();
    if (base.index.value == 0) return storage::LedgerCheck::Place{};
    auto tree = ledger::read_frontier(state_.leaves_up_to(base.index), state_);
    if (tree) return storage::LedgerCheck::Place{base, *std::move(tree)};
    condemn_tree("the tree up to the base of the log cannot be read.");
    give_up("the tree up to the base of the log cannot be read");
    return std::nullopt;
}

Scrub::Came Scrub::read_ledger(storage::LedgerCheck& check, const ledger::Frontier& target) {
    while (check.tree().size() < target.size()) {
        const auto stretch = check.advance(state_.position().raft_index, target.size());
        if (!stretch && stretch.error().reason == "corrupt_state") {
            condemn_tree(stretch.error().detail);
            check.forget_rows();
            continue;
        }
        if (!stretch) return give_up(stretch.error().detail);
        if (stretch->ended) break;
        if (stretch->unreadable) {
            if (!check_unreadable(check, *stretch->unreadable))
                return give_up("there is no going on behind the damage at log entry " +
                               std::to_string(stretch->unreadable->value));
            continue;
        }
        // A restart must find again what is not dealt with yet.
        if (check.spotless()) place_ = check.place();
        if (!pace(stretch->bytes)) return Came::interrupted;
        if (Clock::now() - remembered_ >= between_memories) {
            remembered_ = Clock::now();
            remember();
        }
    }
    return Came::through;
}

void Scrub::condemn_tree(const std::string& why) {
    state_.doubt(why);
    fault(log_.directory() + "/state, the tree", Fault::at_next_start,
          "it cannot be read; the next start rebuilds the state from the log");
}

Scrub::Came Scrub::give_up(const std::string& why) {
    spdlog::error("The scrub ends this round before it is complete: {}", why);
    const std::lock_guard lock(mutex_);
    if (!restart_) figures_.not_completed = why;
    return Came::no_further;
}

// False: there is no going on behind it.
bool Scrub::check_unreadable(storage::LedgerCheck& check, consensus::Index index) {
    auto damaged = log_.damage_in(index, index);
    const auto id = log_.id_at(index);
    if (!damaged || !id) {
        log_.suspect_files(damaged ? id.error().detail : damaged.error().detail);
        fault("log entry " + std::to_string(index.value), Fault::at_next_start,
              "more than its content is lost; the next start keeps what is proven, and fetches the rest");
        return false;
    }
    lost(*std::move(damaged));
    const std::uint64_t leaf = check.tree().size();
    std::optional<ledger::Hash> hash;
    if (state_.raft_index_of(leaf) == index) {
        hash = leaf_hash(leaf);
        if (!hash) {
            condemn_tree("the hash of leaf " + std::to_string(leaf) + " cannot be read.");
            return false;
        }
    }
    check.skip(*id, hash);
    return true;
}

// As the tree has it.
std::optional<ledger::Hash> Scrub::leaf_hash(std::uint64_t leaf) const {
    const auto stored = state_.database().row_once(0, leaf / storage::row_nodes);
    if (!stored || !*stored) return std::nullopt;
    storage::ByteReader row(**stored);
    row.take((leaf % storage::row_nodes) * storage::hash_bytes);
    const ledger::Hash hash = row.digest();
    return row.ok() ? std::optional(hash) : std::nullopt;
}

void Scrub::judge_tree(const storage::LedgerCheck& check, const ledger::Frontier& target,
                       const std::optional<std::string>& contradiction) {
    if (contradiction) {
        fault("ledger", Fault::told,
              *contradiction +
                  ". Nothing is changed. Keep the data folder as evidence, compare this node's "
                  "checkpoint with the others', and audit them");
        const std::lock_guard lock(mutex_);
        figures_.contradiction = *contradiction;
        return;
    }
    if (check.tree().frontier().root() != target.root()) return;
    bool rebuild = check.tree().too_many();
    for (const auto& [place, bytes] : check.tree().wrong()) {
        const auto& [level, row] = place;
        const std::string what = "row " + std::to_string(row) + " of level " + std::to_string(level);
        const bool full = bytes.size() == storage::row_nodes * storage::hash_bytes;
        const bool fresh = fault(what + " of the tree", full ? Fault::told : Fault::at_next_start,
                                 full ? "it does not hold what the log leads to; it is written again"
                                      : "it does not hold what the log leads to; the next start rebuilds it");
        rebuild = rebuild || !full;
        if (!full || !fresh) continue;
        if (const auto written = state_.rewrite_row(level, row, bytes))
            mended(what + " of the tree");
        else
            spdlog::error("{}", written.error().detail);
    }
    if (rebuild) state_.doubt("rows of the tree do not hold what the log leads to.");
}

}  // namespace socai::node
