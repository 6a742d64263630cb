#include "node/recover/opening.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "consensus/chain.hpp"
#include "consensus/membership.hpp"
#include "ledger/entry.hpp"
#include "ledger/ijson.hpp"
#include "ledger/remains.hpp"
#include "ledger/statement.hpp"
#include "node/bootstrap.hpp"
#include "node/cosigner.hpp"
#include "node/files.hpp"
#include "node/opened_epoch.hpp"
#include "node/recover/entries_file.hpp"
#include "node/recover/stopped_ledger.hpp"

namespace socai::node::recover {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_cosigned_bytes = std::size_t{16} << 20;
constexpr std::size_t max_final_bytes = std::size_t{64} << 20;
constexpr std::size_t max_read_bytes = std::size_t{8} << 20;

Error refused(std::string reason, std::string detail) {
    return {Exit::no, std::move(reason), std::move(detail)};
}

Error from_storage(const storage::Error& error) {
    return refused(error.reason, error.detail);
}

Error outdated(const std::string& node) {
    return refused("plan_outdated",
                   "The log of " + node +
                       " is not what its survey said: the node ran since. Make new surveys and a new plan; "
                       "what was signed for this one does not count for another");
}

// --- 1. what a node lacks

struct Caught {
    std::uint64_t taken = 0;
    std::uint64_t dropped = 0;
};

Result<ledger::Admitted> judge_opening(StoppedLedger& ledger, const OpenedEpoch& epoch);

Error wrong_content(const std::string& path, const std::string& why) {
    return refused("wrong_entries", path + " holds entries that no ledger takes: " + why);
}

// How many leaves the log holds before entry `from`, which is not applied.
Result<std::uint64_t> leaves_before(StoppedLedger& ledger, consensus::Index from) {
    std::uint64_t leaves = ledger.leaves().base_size();
    for (consensus::Index next{ledger.applied().value + 1}; next < from;) {
        const auto entries = ledger.log().read(next, consensus::Index{from.value - 1}, max_read_bytes);
        if (!entries) return from_storage(entries.error());
        if (entries->empty()) break;
        for (const auto& entry : *entries) leaves += entry->kind == consensus::EntryKind::payload ? 1 : 0;
        next = consensus::Index{entries->back()->id.index.value + 1};
    }
    return leaves;
}

// In memory: the leaves of the entries, admitted one after the other on what stays of this log, and the recovery after them.
// What is not right is found before anything is written.
Result<void> try_on(StoppedLedger& ledger, consensus::Index from, std::span<const consensus::EntryPtr> entries,
                    const OpenedEpoch& epoch, const std::string& path) {
    const auto leaves = leaves_before(ledger, from);
    if (!leaves) return leaves.error();
    ledger::Tail& tail = ledger.trial();
    tail.truncate(*leaves);
    for (const consensus::EntryPtr& entry : entries) {
        if (entry->kind == consensus::EntryKind::payload && ledger::is_remains(entry->payload)) {
            auto admitted = ledger::admit_remains(ledger.context(), tail, entry->payload);
            if (!admitted) return wrong_content(path, admitted.error().detail);
            tail.push(*std::move(admitted));
        } else if (entry->kind == consensus::EntryKind::payload) {
            const auto split = ledger::split_entry(entry->payload);
            if (!split) return wrong_content(path, split.error().detail);
            auto statement = ledger::parse_statement(split->statement);
            if (!statement) return wrong_content(path, statement.error().detail);
            auto verdict = ledger::admit(ledger.context(), tail,
                                         std::make_shared<const ledger::Statement>(*std::move(statement)),
                                         split->time_ms, false);
            if (const auto* error = std::get_if<ledger::Error>(&verdict)) return wrong_content(path, error->detail);
            auto* admitted = std::get_if<ledger::Admitted>(&verdict);
            if (admitted == nullptr) return wrong_content(path, "a record stands twice");
            if (admitted->leaf != entry->digest) return wrong_content(path, "a digest is not that of its leaf");
            tail.push(std::move(*admitted));
        }
        if (entry->mark && *entry->mark != tail.root()) return wrong_content(path, "the tree has another root");
    }
    const auto judged = judge_opening(ledger, epoch);
    if (!judged) return judged.error();
    return {};
}

// The entries that the log lacks, in place of its own beyond the last that both hold.
Result<Caught> catch_up(StoppedLedger& ledger, const OpenedEpoch& epoch, const std::string& path) {
    const ledger::RecoveryPlan& plan = epoch.leaf.plan;
    const std::string& node = ledger.config().node;
    // A node that ran since its survey may have acknowledged more than the plan knows of.
    const consensus::EntryId& last = ledger.start().log.last;
    const bool is_further =
        last.term.value > plan.log.term || (last.term.value == plan.log.term && last.index.value > plan.log.index);
    if (is_further || ledger.start().hard.term.value >= plan.log.opens_term) return outdated(node);
    if (path.empty())
        return refused(
            "log_behind",
            "The log of " + node +
                " does not end where the recovery goes on: at the most advanced survivor run `socai "
                "recover entries` with the survey of " +
                node + ", and give the file here with --entries");
    auto file = read_entries(path);
    if (!file) return file.error();
    // Where the survivor that made it was opened before, its log goes on: with what this node is to append itself.
    std::erase_if(file->entries, [&](const auto& entry) { return entry->id.index.value > plan.log.index; });
    if (file->entries.empty() || file->entries.back()->id.hash != plan.log.hash)
        return refused("wrong_entries",
                       path +
                           " does not lead to the log that the recovery goes on from: take the entries from "
                           "the survivor at which the plan was made");
    const consensus::LogSummary& log = ledger.start().log;
    const auto own_id = [&](consensus::Index index) { return ledger.log().id_at(index); };
    if (file->previous.index > log.last.index || file->previous.index < log.base.index ||
        !own_id(file->previous.index) || own_id(file->previous.index)->hash != file->previous.hash)
        return refused("wrong_entries", path + " does not follow the log of " + node +
                                            ": make it with the newest survey of this very node");
    auto first = file->entries.begin();
    while (first != file->entries.end() && (*first)->id.index <= log.last.index &&
           own_id((*first)->id.index) && own_id((*first)->id.index)->hash == (*first)->id.hash)
        ++first;
    if (first == file->entries.end()) return outdated(node);
    if ((*first)->id.index <= ledger.applied())
        return refused("forked_log",
                       "The log of " + node + " has applied entry " +
                           std::to_string((*first)->id.index.value) +
                           ", which the recovery does not carry on: the ledger is forked. Keep the folder as "
                           "evidence, and let the node join anew");
    const consensus::Index from = (*first)->id.index;
    if (auto tried = try_on(ledger, from, {&*first, static_cast<std::size_t>(file->entries.end() - first)}, epoch, path);
        !tried)
        return tried.error();
    Caught caught;
    caught.dropped = log.last.index.value - (from.value - 1);
    caught.taken = static_cast<std::uint64_t>(file->entries.end() - first);
    consensus::StorageJob job;
    job.hard = ledger.start().hard;
    job.hard->term.value = std::max(job.hard->term.value, file->entries.back()->id.term.value);
    if (job.hard->term != ledger.start().hard.term) job.hard->vote = {};
    // Of the configurations that stay or come, the last.
    job.hard->configuration = {};
    for (const auto& known : ledger.start().configurations)
        if (known.id.index < from) job.hard->configuration = known.id;
    for (auto entry = first; entry != file->entries.end(); ++entry)
        if ((*entry)->kind == consensus::EntryKind::configuration) job.hard->configuration = (*entry)->id;
    if (caught.dropped > 0) job.truncate_from = from;
    job.append.assign(first, file->entries.end());
    if (auto written = ledger.log().write({&job, 1}); !written) return from_storage(written.error());
    if (auto flushed = ledger.log().flush_side_file(); !flushed) return from_storage(flushed.error());
    return caught;
}

// --- 2. the leaf and the membership

// Those of the nodes that go on vote from now on, and nobody else. By the steps that any change takes: a joint configuration,
// and what it becomes, so that whoever catches up later sees no step that no leader may take.
Result<void> append_membership(const StoppedLedger& ledger, const ledger::RecoveryPlan& plan,
                               std::vector<consensus::EntryPtr>& entries) {
    consensus::ConfigurationEntry now = genesis_configuration(ledger.genesis());
    MemberNote note = genesis_note(ledger.genesis());
    for (const consensus::ConfigurationEntry& known : ledger.start().configurations) {
        if (known.id.index.value > plan.log.index) break;
        now = known;
        if (auto described = decode_note(known.note)) note = *std::move(described);
    }
    const consensus::Term term{plan.log.opens_term};
    const auto append = [&](const consensus::Configuration& configuration, const MemberNote& described) {
        entries.push_back(
            consensus::make_configuration(entries.back()->id, term, configuration, encode_note(described)));
    };
    consensus::Configuration current = now.configuration;
    if (current.joint()) {
        current = consensus::left(current);
        append(current, note);
    }
    std::vector<consensus::NodeId> voters;
    for (const ledger::GenesisNode& node : plan.nodes) {
        const Member* member = note.find(node.name);
        if (member == nullptr || member->id.value != node.raft_id)
            return refused(
                "wrong_nodes",
                "The recovery lets " + node.name +
                    " go on, which is no member by the log of this node: make a plan from surveys of "
                    "members");
        voters.push_back(member->id);
    }
    std::ranges::sort(voters);
    const consensus::Configuration joint = consensus::plan_change(current, voters, {}, true);
    append(joint, note);
    std::erase_if(note.members,
                  [&](const Member& member) { return !std::ranges::binary_search(voters, member.id); });
    append(consensus::left(joint), note);
    return {};
}

// The recovery as the leaf after those that the ledger holds.
Result<ledger::Admitted> judge_opening(StoppedLedger& ledger, const OpenedEpoch& epoch) {
    const ledger::RecoveryPlan& plan = epoch.leaf.plan;
    const auto split = ledger::split_entry(epoch.entry);
    auto statement = ledger::parse_statement(split->statement);
    const auto verdict = ledger::admit(ledger.context(), ledger.leaves(),
                                       std::make_shared<const ledger::Statement>(*std::move(statement)),
                                       split->time_ms, false);
    if (const auto* error = std::get_if<ledger::Error>(&verdict))
        return refused(error->reason, error->detail);
    const auto* judged = std::get_if<ledger::Admitted>(&verdict);
    if (judged == nullptr) return refused("known_records", "The recovery stands in the ledger already");
    // Of the epoch that ends, or of one before it, as admission has seen.
    const ledger::Checkpoint last = ledger::parse_head(plan.final_head)->checkpoint;
    const auto policy = ledger.policy_at(last.origin, last.size);
    if (!policy) return policy.error();
    if (const auto trusted = ledger::check_final_head(plan, policy->policy); !trusted)
        return refused(trusted.error().reason,
                       "The final head in the recovery does not hold under the policy of its time: " +
                           trusted.error().detail);
    return *judged;
}

// Of another seal: else, interrupted before it is told of this one, it would seem to be opened with that one still.
Result<void> untell_folder(const Config& config) {
    std::error_code failure;
    fs::remove(config.data + "/" + std::string(opened_epoch_file), failure);
    if (!failure) return {};
    return Error{Exit::unreachable, "file_unwritable",
                 "cannot delete " + config.data + "/" + std::string(opened_epoch_file) + ": " + failure.message()};
}

Result<void> append_opening(StoppedLedger& ledger, const OpenedEpoch& epoch) {
    const ledger::RecoveryPlan& plan = epoch.leaf.plan;
    const storage::LogStart& start = ledger.start();
    const auto admitted = judge_opening(ledger, epoch);
    if (!admitted) return admitted.error();
    const consensus::EntryId last{{plan.log.term}, {plan.log.index}, plan.log.hash};

    const consensus::Term term{plan.log.opens_term};
    std::vector<consensus::EntryPtr> entries{
        consensus::make_entry(last, term, consensus::EntryKind::payload, admitted->leaf,
                              ledger.leaves().root_with(admitted->leaf), epoch.entry)};
    if (auto appended = append_membership(ledger, plan, entries); !appended) return appended;
    consensus::StorageJob job;
    // The log is what the plan says, so nothing was acknowledged since. The term may be there already, of an opening that was
    // interrupted between its two files; a vote in it was for nobody who can still be heard.
    job.hard = consensus::HardState{{std::max(start.hard.term.value, term.value)}, {}, entries.back()->id};
    if (start.hard.term > term) job.hard->vote = start.hard.vote;
    job.append = std::move(entries);
    if (start.log.last.index > last.index) {
        job.truncate_from = consensus::Index{last.index.value + 1};
        if (auto untold = untell_folder(ledger.config()); !untold) return untold;
    }
    if (auto written = ledger.log().write({&job, 1}); !written) return from_storage(written.error());
    if (auto flushed = ledger.log().flush_side_file(); !flushed) return from_storage(flushed.error());
    return {};
}

// What the log holds where the leaf of this recovery belongs.
enum class Holds { neither, this_seal, other_seal };

Result<Holds> held_opening(storage::LogStore& log, const OpenedEpoch& epoch) {
    const consensus::Index at{epoch.leaf.plan.log.index + 1};
    if (at > log.start().log.last.index) return Holds::neither;
    const auto entries = log.read(at, at, 1);
    if (!entries) return from_storage(entries.error());
    if (entries->empty()) return Holds::neither;
    const std::string& payload = entries->front()->payload;
    if (payload == epoch.entry) return Holds::this_seal;
    const auto other = ledger::parse_recovery_entry(payload);
    return other && other->plan == epoch.leaf.plan ? Holds::other_seal : Holds::neither;
}

Error takes_part(const std::string& node) {
    return refused("other_seal",
                   "The data folder of " + node +
                       " was opened with another seal of the same plan, and the node has taken part in the epoch "
                       "since: the epoch is that one's. Open the other nodes with the file `recovery` of this folder");
}

// The log as it was before another seal of the plan came into it, in memory; append_opening writes it so. Nothing is lost by that
// as long as no entry of the epoch but the opening's own is there, no vote was given and no later term was heard of: whoever
// leads does so in a term above the opening's, and nothing is acknowledged to him before that term is on disk.
Result<void> take_back(StoppedLedger& ledger, const OpenedEpoch& epoch) {
    const ledger::RecoveryLog& end = epoch.leaf.plan.log;
    const storage::LogStart& start = ledger.start();
    if (start.hard.term.value != end.opens_term || start.hard.vote != consensus::NodeId{} ||
        start.log.last.term.value != end.opens_term || ledger.applied().value > end.index)
        return takes_part(ledger.config().node);
    ledger.trial().truncate(epoch.leaf.plan.size);
    return {};
}

// --- 3. what the node signed before

Result<void> put_aside(const std::string& path, std::uint64_t ended) {
    std::error_code failure;
    if (!fs::exists(path, failure)) return {};
    fs::rename(path, path + ".epoch-" + std::to_string(ended), failure);
    if (!failure) return {};
    return Error{Exit::unreachable, "file_unwritable", "cannot rename " + path + ": " + failure.message()};
}

// The cosigner's memory begins anew with the key's new name: no head of the new epoch was signed before its first leaf stood.
Result<void> begin_cosigning(const Config& config, const Member& self, const ledger::RecoveryPlan& plan) {
    const std::string path = config.data + "/cosigned";
    const std::string first = Cosigner::first_state(self.agency + "." + plan.origin, self.cosigner_key);
    const auto known = read_file(path, max_cosigned_bytes);
    // Its second line names the key, and the key the epoch.
    const std::size_t named = first.find('\n', first.find('\n') + 1);
    if (known && known->substr(0, named) == first.substr(0, named)) return {};
    if (auto aside = put_aside(path, plan.epoch - 1); !aside) return aside;
    return write_file(path, first, 0600);
}

// The kept heads, if they are of the epoch that ends: those of the new one stay, also where this is given again later.
Result<void> end_final_heads(const Config& config, const ledger::RecoveryPlan& plan) {
    const std::string path = config.data + "/final";
    const auto text = read_file(path, max_final_bytes);
    const auto value =
        text ? ledger::parse_ijson(*text) : ledger::Result<boost::json::value>(ledger::Error{});
    const boost::json::value* origin =
        value && value->is_object() ? value->get_object().if_contains("origin") : nullptr;
    if (origin != nullptr && origin->is_string() && std::string_view(origin->get_string()) == plan.origin)
        return {};
    return put_aside(path, plan.epoch - 1);
}

Result<void> tell_folder(const Config& config, const Member& self, const OpenedEpoch& epoch) {
    if (auto begun = begin_cosigning(config, self, epoch.leaf.plan); !begun) return begun;
    if (auto ended = end_final_heads(config, epoch.leaf.plan); !ended) return ended;
    return write_file(config.data + "/" + std::string(opened_epoch_file), epoch.entry, 0644);
}

// What this node knows to be final, the plan must have known too.
Result<void> check_newest_head(const StoppedLedger& ledger, const ledger::RecoveryPlan& plan) {
    const auto kept = ledger.final_head();
    const auto head = kept ? ledger::parse_head(*kept) : ledger::Result<ledger::Head>(ledger::Error{});
    if (!head || head->checkpoint.origin != plan.previous_origin) return {};
    if (head->checkpoint.size <= ledger::parse_head(plan.final_head)->checkpoint.size) return {};
    return refused("wrong_final_head", "The node keeps a final head of " + std::to_string(head->checkpoint.size) +
                                           " leaves, later than the plan's: make a plan with this node's survey");
}

Result<Opened> open_at_survivor(const Config& config, const Opening& opening, const OpenedEpoch& epoch,
                                Opened opened) {
    const ledger::RecoveryPlan& plan = epoch.leaf.plan;
    auto ledger = StoppedLedger::open(config);
    if (!ledger) return ledger.error();
    const auto holds = held_opening((*ledger)->log(), epoch);
    if (!holds) return holds.error();
    if (*holds == Holds::other_seal) {
        if (auto taken = take_back(**ledger, epoch); !taken) return taken.error();
        opened.resealed = true;
    }
    if (*holds != Holds::this_seal) {
        if (auto newest = check_newest_head(**ledger, plan); !newest) return newest.error();
        if (*holds == Holds::neither && (*ledger)->start().log.last.hash != plan.log.hash) {
            auto caught = catch_up(**ledger, epoch, opening.entries);
            if (!caught) return caught.error();
            opened.taken = caught->taken;
            opened.dropped = caught->dropped;
            ledger->reset();
            ledger = StoppedLedger::open(config);  // as any start would find it
            if (!ledger) return ledger.error();
        }
        if (auto appended = append_opening(**ledger, epoch); !appended) return appended.error();
    }
    if (auto told = tell_folder(config, (*ledger)->self(), epoch); !told) return told.error();
    return opened;
}

// A node that is none of the survivors: it has nothing yet, or a copy of the ledger under a name of its own.
Result<Opened> open_at_newcomer(const Config& config, const ledger::Genesis& genesis,
                                const OpenedEpoch& epoch, Opened opened) {
    opened.joins = true;
    const auto self = own_membership(config, genesis);
    if (!self) return self.error();
    if (auto made = make_folder(config.data, 0700); !made) return made.error();
    std::error_code failure;
    if (fs::exists(config.data + "/log", failure)) {
        // Only to see that the node does not run.
        const auto log =
            storage::LogStore::open(config.data, {genesis.origin, config.node, config.genesis_hash});
        if (!log) return from_storage(log.error());
        // A voter of the ledger is a survivor or given up, never somebody new.
        const auto& configurations = (*log)->start().configurations;
        if (!configurations.empty() &&
            std::ranges::find(configurations.back().configuration.voters, self->id) !=
                configurations.back().configuration.voters.end())
            return refused("wrong_nodes", "The log of " + config.node +
                                              " says that it votes, and the recovery does not name it: it is of "
                                              "another plan, or of another ledger");
        const auto holds = held_opening(**log, epoch);
        if (!holds) return holds.error();
        if (*holds == Holds::other_seal) return takes_part(config.node);
    }
    if (auto told = tell_folder(config, *self, epoch); !told) return told.error();
    return opened;
}

}  // namespace

Result<Opened> open_epoch(const Config& config, const Opening& opening) {
    const auto genesis = read_genesis(config);
    if (!genesis) return genesis.error();
    auto bytes = read_file(opening.file, ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    const auto epoch = parse_opened_epoch(opening.file, *std::move(bytes), genesis->genesis);
    if (!epoch) return epoch.error();
    const ledger::RecoveryPlan& plan = epoch->leaf.plan;
    if (std::ranges::binary_search(plan.lost, config.node))
        return refused(
            "given_up",
            "The recovery gives " + config.node +
                " up: it never serves this ledger again. Keep its folder, and let a node with a new name "
                "and new keys join by a vote over \"nodes\"");
    Opened opened{plan.origin, plan.size};
    const auto before = read_opened_epoch(config.data, genesis->genesis);
    if (before && *before && (*before)->entry == epoch->entry) {
        opened.already = true;
        opened.joins = !epoch->names(config.node);
        return opened;
    }
    opened.resealed = before && *before && (*before)->leaf.plan == plan;
    if (before && *before && !opened.resealed && (*before)->leaf.plan.epoch >= plan.epoch)
        return refused("wrong_epoch",
                       "The data folder of " + config.node + " was opened for " +
                           (*before)->leaf.plan.origin +
                           " by another recovery: two recoveries cannot both be. Ask the agencies which one "
                           "they signed");
    if (epoch->names(config.node)) return open_at_survivor(config, opening, *epoch, std::move(opened));
    return open_at_newcomer(config, genesis->genesis, *epoch, std::move(opened));
}

}  // namespace socai::node::recover
