#include "node/recover/stopped_ledger.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <cassert>
#include <filesystem>
#include <limits>
#include <utility>

#include "consensus/types.hpp"
#include "inspection/timeline.hpp"
#include "ledger/entry.hpp"
#include "ledger/ijson.hpp"
#include "node/files.hpp"

namespace socai::node::recover {
namespace {

constexpr std::size_t max_final_bytes = std::size_t{64} << 20;
constexpr std::size_t policies_a_page = 100;

Error from_storage(const storage::Error& error) {
    if (error.reason == "locked")
        return {Exit::no, "locked",
                error.detail + " Stop the node first: a recovery is made of stopped nodes."};
    return {Exit::no, error.reason, error.detail};
}

}  // namespace

StoppedLedger::StoppedLedger(Config config, GenesisFile genesis, Member self)
    : config_(std::move(config)),
      genesis_(std::move(genesis)),
      self_(std::move(self)),
      context_{genesis_.genesis, rules_} {}

StoppedLedger::~StoppedLedger() = default;

Result<std::unique_ptr<StoppedLedger>> StoppedLedger::open(const Config& config) {
    auto genesis = read_genesis(config);
    if (!genesis) return genesis.error();
    auto self = own_membership(config, genesis->genesis);
    if (!self) return self.error();
    std::unique_ptr<StoppedLedger> ledger(
        new StoppedLedger(config, *std::move(genesis), *std::move(self)));
    if (auto opened = ledger->open_stores(); !opened) return opened.error();
    return ledger;
}

Result<void> StoppedLedger::open_stores() {
    std::error_code failure;
    if (!std::filesystem::exists(config_.data + "/log", failure))
        return Error{
            Exit::no, "no_log",
            config_.data + " holds no log: this node has nothing to recover from, and joins as a new one"};
    const storage::Identity identity{genesis().origin, config_.node, config_.genesis_hash};
    auto log = storage::LogStore::open(config_.data, identity);
    if (!log) return from_storage(log.error());
    log_ = *std::move(log);
    const consensus::LogSummary& summary = log_->start().log;
    if (consensus::is_behind(summary.last, summary.promised) || !summary.damaged.empty() ||
        summary.last.index.value == 0)
        return Error{Exit::no, "damaged_log",
                     "The log in " + config_.data +
                         " has lost entries that this node acknowledged, and cannot be recovered from: take "
                         "the survivors "
                         "whose disks are whole, and let this node join anew"};
    const auto id_in_log = [this](consensus::Index index) -> std::optional<consensus::EntryId> {
        const auto id = log_->id_at(index);
        return id ? std::optional(*id) : std::nullopt;
    };
    auto state = storage::StateStore::open(config_.data, identity, id_in_log, nullptr);
    if (!state) return from_storage(state.error());
    state_ = *std::move(state);
    state_->founded(genesis().registry);
    if (state_->position().raft_index.value == 0) {
        const ledger::Admitted leaf = admitted_genesis(genesis_.entry);
        const storage::Apply apply{genesis_log_entry(genesis_.entry)->id, &leaf};
        if (auto applied = state_->apply({&apply, 1}); !applied) return from_storage(applied.error());
    }
    LedgerLoop::Hooks hooks;
    hooks.applied = [](consensus::Index, std::uint64_t) {};
    hooks.fatal = [this](std::string reason, std::string detail) {
        fatal_ = Error{Exit::no, std::move(reason), std::move(detail)};
    };
    // All of the log at once: what is not known to be committed is little, but for a state that is made anew.
    loop_ = std::make_unique<LedgerLoop>(context_, *log_, *state_,
                                         std::numeric_limits<std::size_t>::max() / 4, std::move(hooks));
    const consensus::Index commit{std::max(log_->start().commit, state_->position().raft_index)};
    auto replayed = loop_->replay(std::min(commit, summary.last.index), summary.last.index,
                                  [](std::uint64_t, std::uint64_t) {});
    if (fatal_) return *fatal_;
    if (!replayed) return from_storage(replayed.error());
    if (!replayed->empty())
        return Error{
            Exit::no, "damaged_log",
            "The log in " + config_.data + " has entries whose content is lost; it cannot be recovered from"};
    origin_ = ledger::current_epoch(genesis(), leaves().facts()).origin;
    members_ = genesis_note(genesis());
    if (!start().configurations.empty())
        if (auto note = decode_note(start().configurations.back().note)) members_ = *std::move(note);
    return {};
}

std::shared_ptr<const ledger::Registry> StoppedLedger::registry() const {
    return ledger::registry_of(genesis(), leaves());
}

std::optional<ledger::Statement> StoppedLedger::statement_of(std::uint64_t leaf) const {
    if (const ledger::Admitted* admitted = leaves().at(leaf)) return *admitted->statement;
    const auto at = state_->raft_index_of(leaf);
    if (!at) return std::nullopt;
    const auto entries = log_->read(*at, *at, 1);
    if (!entries || entries->empty()) return std::nullopt;
    const auto split = ledger::split_entry(entries->front()->payload);
    if (!split) return std::nullopt;
    auto statement = ledger::parse_statement(split->statement);
    return statement ? std::optional(*std::move(statement)) : std::nullopt;
}

// Of the genesis, or of the leaf that opened the epoch.
Result<ledger::PolicyLeaf> StoppedLedger::first_policy(const ledger::Epoch& epoch) const {
    if (epoch.number == 1) {
        auto policy = ledger::genesis_policy(genesis());
        if (!policy) return Error{Exit::no, policy.error().reason, policy.error().detail};
        return *std::move(policy);
    }
    const auto statement = statement_of(epoch.leaf);
    auto policy = statement ? ledger::policy_in(*statement, epoch.origin) : std::nullopt;
    if (!policy)
        return Error{Exit::no, "damaged_log",
                     "The log in " + config_.data + " lacks leaf " + std::to_string(epoch.leaf) +
                         ", which opened the epoch " + epoch.origin +
                         ": take the survivors whose disks are whole"};
    return *std::move(policy);
}

Result<ledger::PolicyLeaf> StoppedLedger::policy_at(std::string_view origin, std::uint64_t size) const {
    const auto epochs = ledger::epochs_of(genesis(), leaves().facts());
    const auto epoch = std::ranges::find(epochs, origin, &ledger::Epoch::origin);
    assert(epoch != epochs.end());
    auto governing = first_policy(*epoch);
    if (!governing) return governing;
    const auto take = [&](std::uint64_t leaf) {
        const auto statement = statement_of(leaf);
        if (!statement) return;
        if (auto policy = ledger::policy_in(*statement, origin)) governing = *std::move(policy);
    };
    // Those applied, from the first leaf of the epoch on, and those that are not.
    inspection::Filter filter;
    filter.type = std::string(ledger::policy_type);
    const auto no_fields = [](const ledger::Address&) { return std::optional<inspection::Fields>(); };
    std::optional<std::string> cursor;
    do {
        const auto page = state_->query(filter, epoch->leaf + 1, false, policies_a_page, cursor, no_fields);
        if (!page) return from_storage(page.error());
        for (const ledger::Address& address : page->addresses)
            if (address.index < size) take(address.index);
        cursor = page->next_cursor;
    } while (cursor);
    for (std::uint64_t leaf = std::max(leaves().base_size(), epoch->leaf + 1); leaf < std::min(leaves().size(), size);
         ++leaf)
        take(leaf);
    return governing;
}

std::optional<std::string> StoppedLedger::final_head() const {
    const auto text = read_file(config_.data + "/final", max_final_bytes);
    const auto value =
        text ? ledger::parse_ijson(*text) : ledger::Result<boost::json::value>(ledger::Error{});
    if (!value || !value->is_object()) return std::nullopt;
    const boost::json::value* head = value->get_object().if_contains("head");
    if (head == nullptr || !head->is_string()) return std::nullopt;
    return std::string(head->get_string());
}

std::optional<ledger::Hash> StoppedLedger::node(std::uint32_t level, std::uint64_t index) const {
    const std::uint64_t first = index << level;
    const std::uint64_t end = (index + 1) << level;
    if (end <= leaves().base_size()) return state_->node(level, index);
    if (level == 0) {
        const ledger::Admitted* leaf = leaves().at(first);
        return leaf == nullptr ? std::nullopt : std::optional(leaf->leaf);
    }
    const auto left = node(level - 1, 2 * index);
    const auto right = node(level - 1, 2 * index + 1);
    if (!left || !right) return std::nullopt;
    return ledger::node_hash(*left, *right);
}

}  // namespace socai::node::recover
