#include "node/audit/audit.hpp"

#include <algorithm>
#include <thread>

#include "ledger/entry.hpp"
#include "ledger/epochs.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"
#include "ledger/tiles.hpp"
#include "node/audit/audit_run.hpp"
#include "node/client/disclosure_file.hpp"
#include "node/files.hpp"

namespace socai::node::audit {
namespace {

using Clock = std::chrono::steady_clock;

// How much may be lost to an interruption.
constexpr std::chrono::seconds save_interval{30};
// Of changes that wait to be written.
constexpr std::size_t max_waiting_bytes = std::size_t{8} << 20;

Result<ledger::Policy> read_policy(const std::string& file) {
    const auto text = read_file(file, ledger::max_policy_bytes);
    if (!text) return text.error();
    auto policy = ledger::parse_policy(*text);
    if (policy) return *std::move(policy);
    return Error{Exit::usage, policy.error().reason, file + ": " + policy.error().detail};
}

}  // namespace

// What one head says is held against the ledger once, however many receipts carry it.
void Audit::know(const std::string& label, const ledger::Head& head) {
    if (seen_.insert(head.note.to_string()).second) known_.push_back({label, head, std::nullopt});
}

void Audit::find(Finding finding) {
    if (report_.findings.size() < max_findings) report_.findings.push_back(std::move(finding));
}

void Audit::fail(const Error& error) {
    if (error.exit == Exit::unreachable) {
        if (!report_.stopped) report_.stopped = error;
    } else {
        find({error.reason, error.detail, std::nullopt, {}});
    }
}

// What the auditor gave: all of it must be readable before the work begins.
Result<void> Audit::open() {
    report_.source = options_.source;
    report_.policy_file = options_.policy;
    report_.depth = options_.depth;
    auto policy = read_policy(options_.policy);
    if (!policy) return policy.error();
    pinned_ = *std::move(policy);
    report_.fingerprint = ledger::policy_fingerprint(pinned_);
    for (const std::string& file : options_.heads) {
        const auto text = read_file(file, ledger::max_note_bytes);
        if (!text) return text.error();
        auto head = ledger::parse_head(*text);
        if (!head) return Error{Exit::usage, head.error().reason, file + ": " + head.error().detail};
        know(file, *head);
    }
    given_heads_ = known_.size();
    if (!options_.disclosures.empty()) {
        auto disclosures = client::read_disclosure_file(options_.disclosures);
        if (!disclosures) return disclosures.error();
        for (client::FiledDisclosure& each : *disclosures) disclosures_.push_back(std::move(each.disclosure));
    }
    if (!options_.receipts.empty()) {
        auto receipts = read_receipts(options_.receipts, pinned_);
        if (!receipts) return receipts.error();
        receipts_ = *std::move(receipts);
        for (const HeldReceipt& receipt : receipts_.held)
            for (const ledger::Head& head : receipt.heads) know("a head of " + receipt.file, head);
        for (HeldReceipt& receipt : receipts_.held) receipt.heads.clear();
    }
    if (!options_.state.empty() && options_.depth != Depth::everything) {
        return Error{Exit::usage, "wrong_use",
                     "a state is kept of whole audits only: leave --state out, or --hashes-only and "
                     "--signatures-only"};
    }
    if (!options_.state.empty()) {
        state_file_ = std::make_unique<StateFile>(options_.state);
        const bool all = part_ == StateFile::Part::all && !options_.from_start;
        auto state = state_file_->load(all ? StateFile::Part::all : StateFile::Part::vouched);
        if (!state) return state.error();
        state_ = *std::move(state);
        // An audit from the start writes a state of its own, at its end.
        if (options_.from_start) state_file_->begin_anew();
        if (state_ && !options_.from_start && state_->facts.engine != engine()) {
            return Error{Exit::usage, "other_engine",
                         options_.state + " was derived by engine " + ledger::quote(state_->facts.engine) +
                             ", this program has engine " + ledger::quote(engine()) +
                             ": other things follow from the same records; audit --from-start"};
        }
    }
    auto source = open_source(options_.source, options_.limits);
    if (!source) {
        if (source.error().exit != Exit::no) return source.error();
        fail(source.error());
        return {};
    }
    source_ = *std::move(source);
    report_.source_kind = source_->kind();
    for (const std::string& text : source_->other_heads()) {
        auto head = ledger::parse_head(text);
        if (head)
            know("a head that the source keeps", *head);
        else
            find({head.error().reason,
                  "a head that the source keeps: " + head.error().detail,
                  std::nullopt,
                  {}});
    }
    return choose_head();
}

// Leaf 0 founds everything else: without it nothing can be judged. False: so it is.
Result<bool> Audit::read_genesis() {
    auto read = source_->entries(0, ledger::tile_width_at(0, 0, head_.checkpoint.size));
    if (!read) return read.error();
    const auto entries = ledger::split_bundle(read->bundle);
    if (!entries || entries->empty()) {
        const Error fault = read->fault.value_or(
            Error{Exit::no, "malformed_bundle", "the first entry bundle is not one: leaf 0 cannot be read"});
        find({fault.reason, fault.detail, 0, {}});
        return false;
    }
    genesis_entry_ = entries->front();
    const std::string hash = ledger::to_hex(ledger::sha256(genesis_entry_));
    report_.genesis = hash;
    if (options_.genesis_hash && *options_.genesis_hash != hash) {
        find({"genesis_mismatch",
              "leaf 0 has the SHA-256 " + hash + ", not the pinned " + *options_.genesis_hash +
                  ": this is another ledger",
              0,
              {}});
        return false;
    }
    auto genesis = ledger::parse_genesis(genesis_entry_);
    if (!genesis) {
        find({genesis.error().reason, "leaf 0: " + genesis.error().detail, 0, {}});
        return false;
    }
    genesis_ = *std::move(genesis);
    if (ledger::epoch_number(genesis_.origin, head_.checkpoint.origin) == 0) {
        find({"wrong_origin",
              "leaf 0 founds " + ledger::quote(genesis_.origin) + ", the head is of " +
                  ledger::quote(head_.checkpoint.origin),
              0,
              {}});
        return false;
    }
    return true;
}

// Takes up the last audit's knowledge. False: source and state contradict each other.
bool Audit::resume(const AuditState& state) {
    if (state.facts.genesis != genesis_entry_) {
        find({"history_changed",
              "leaf 0 is not the one of the last audit (" + options_.state +
                  "): this is another ledger, or its first "
                  "leaf was exchanged",
              0,
              {}});
        return false;
    }
    if (head_.checkpoint.size < state.facts.leaves) {
        find({"rolled_back",
              "the source's head has " + std::to_string(head_.checkpoint.size) +
                  " leaves, the last audit saw " + std::to_string(state.facts.leaves) +
                  ": the source is behind, or its ledger was cut short",
              std::nullopt,
              {}});
        return false;
    }
    return true;
}

void Audit::replay_leaves() {
    const std::uint64_t size = head_.checkpoint.size;
    auto policy = ledger::genesis_policy(genesis_);
    if (!policy) return find({policy.error().reason, "leaf 0: " + policy.error().detail, 0, {}});
    policies_.emplace(genesis_.origin, *std::move(policy));

    BundleTree tree;
    std::uint64_t admitted = 1;
    std::int64_t time_ms = ledger::split_entry(genesis_entry_)->time_ms;
    if (state_ && !options_.from_start) {
        admitted = state_->facts.leaves;
        time_ms = state_->facts.last_time_ms;
        tree = std::move(state_->tree);
        table_.emplace(std::move(state_->table));
        derivation_ = std::move(state_->derivation);
        for (const auto& [leaf, entry] : state_->facts.policies) {
            const auto split = ledger::split_entry(entry);
            const auto statement = split ? ledger::parse_statement(split->statement)
                                         : ledger::Result<ledger::Statement>(split.error());
            auto later = statement
                             ? ledger::parse_policy_leaf(statement->records.front(), statement->audience)
                             : ledger::Result<ledger::PolicyLeaf>(statement.error());
            if (!later)
                return find({later.error().reason, options_.state + ": " + later.error().detail, leaf, {}});
            if (const auto recovery = ledger::parse_recovery(statement->records.front()))
                policies_->open_epoch(leaf, recovery->plan.origin, *std::move(later), opening_of(*recovery));
            else
                policies_->add(leaf, *std::move(later));
            policy_entries_.emplace_back(leaf, entry);
        }
    } else {
        table_.emplace(RecordTable::new_key());
        const auto statement = ledger::parse_statement(ledger::split_entry(genesis_entry_)->statement);
        if (state_) state_->derivation = {};
        derivation_.pass(admitted);  // nothing follows from leaf 0
        table_->collect();
        for (const ledger::Record& record : statement->records) table_->add(record.source, record.id, {0, 0});
    }
    if (keeps_state()) {
        table_->collect();
        derivation_.collect();
    }

    report_.coverage.from = admitted == 1 ? 0 : admitted;
    facts_.emplace(LedgerFacts{genesis_, *rules_, options_.depth, admitted});
    const std::uint64_t first = tree.bundles();
    replay_.emplace(*facts_, std::move(tree), *table_, *policies_, derivation_, admitted, time_ms);
    if (options_.remains_of) replay_->want_remains_of(*options_.remains_of);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const PipelineLimits limits{options_.jobs == 0 ? cores : options_.jobs, true};
    saved_ = Clock::now();
    const auto done = run_pipeline(*source_, *facts_, first, size, limits, stop_,
                                   [this](CheckedBundle bundle) { return judge(std::move(bundle)); });
    if (!done) fail(done.error());
    for (const Finding& finding : replay_->findings()) find(finding);
    const bool whole = replay_->tree().bundles() * ledger::tile_width + replay_->rest().size() == size;
    if (!whole && report_.findings.empty()) stop_at("leaf " + std::to_string(replay_->size()));
}

void Audit::stop_at(const std::string& where) {
    if (report_.stopped) return;
    report_.stopped = Error{
        Exit::unreachable, "interrupted",
        "the audit was stopped at " + where + (keeps_state() ? "; the same command goes on from there" : "")};
}

bool Audit::judge(CheckedBundle bundle) {
    // All was founded on a leaf 0 that was read before; the tree grows from the one that stands in this bundle.
    if (bundle.index == 0 && !bundle.leaves.empty() &&
        bundle.leaves.front().hash != ledger::leaf_hash(genesis_entry_)) {
        find({"changed_source",
              "leaf 0 was read twice, and was not the same: the source lies, or is being changed",
              0,
              {}});
        return false;
    }
    const std::size_t policies = policies_->entries().size();
    std::vector<std::pair<std::uint64_t, std::string>> texts;
    if (keeps_state()) {
        // The texts of policy leaves are kept, so that a later audit need not read them again.
        for (std::size_t i = 0; i < bundle.leaves.size(); ++i) {
            const auto& statement = bundle.leaves[i].statement;
            if (statement && (statement->records.front().type == ledger::policy_type ||
                              statement->records.front().type == ledger::recovery_type))
                texts.emplace_back(bundle.index * ledger::tile_width + i,
                                   ledger::make_entry(bundle.leaves[i].time_ms, statement->text));
        }
    }
    const bool more = replay_->take(std::move(bundle));
    for (std::size_t i = policies; i < policies_->entries().size(); ++i) {
        const std::uint64_t leaf = policies_->entries()[i].leaf;
        const auto text = std::ranges::find(texts, leaf, &std::pair<std::uint64_t, std::string>::first);
        if (text != texts.end()) policy_entries_.push_back(*text);
    }
    progress_(replay_->size(), head_.checkpoint.size);
    const bool due = Clock::now() - saved_ > save_interval && !options_.from_start && replay_->unproven().empty();
    if (keeps_state() && due && replay_->findings().empty()) save(false);
    if (keeps_state() && derivation_.new_bytes() > max_waiting_bytes && replay_->findings().empty() && replay_->unproven().empty()) {
        const auto kept = state_file_->keep(derivation_, replay_->tree().bundles() * ledger::tile_width);
        if (!kept) {
            fail(kept.error());
            return false;
        }
    }
    return more;
}

// Writes what is known to be good so far. `ended`: the head vouches for it. What no head vouches for is written in whole
// bundles: of one that is not full the next audit judges no leaf again.
void Audit::save(bool ended) {
    StateFacts facts{
        engine(), genesis_.origin, genesis_entry_, replay_->size(), replay_->last_time_ms(), {}, 0, 0, {}};
    if (ended) {
        facts.head = report_.note;
        facts.vouched = facts.leaves;
        facts.vouched_time_ms = facts.last_time_ms;
    } else {
        facts.leaves = replay_->tree().bundles() * ledger::tile_width;
        facts.last_time_ms = replay_->tree_time_ms();
        if (facts.leaves <= (state_ ? state_->facts.leaves : 0)) return;
        if (state_) {
            facts.head = state_->facts.head;
            facts.vouched = state_->facts.vouched;
            facts.vouched_time_ms = state_->facts.vouched_time_ms;
        }
    }
    for (const auto& policy : policy_entries_)
        if (policy.first < facts.leaves) facts.policies.push_back(policy);
    if (auto saved = state_file_->save(facts, replay_->tree(), *table_, derivation_); !saved)
        fail(saved.error());
    saved_ = Clock::now();
}

// What is counted of the leaves, and of leaf 0, which is no bundle's business.
void Audit::count() {
    Coverage coverage = replay_->coverage();
    coverage.from = report_.coverage.from;
    coverage.size = replay_->size();
    if (coverage.from == 0) {
        ++coverage.signatures;
        if (options_.depth == Depth::everything) ++coverage.records;
    }
    report_.coverage = std::move(coverage);
    report_.policies = policies_->entries().size();
}

Result<AuditReport> Audit::run() {
    const Clock::time_point start = Clock::now();
    if (auto opened = open(); !opened) return opened.error();
    if (report_.findings.empty()) {
        auto founded = read_genesis();
        if (!founded) return founded.error();
        if (*founded && (!state_ || resume(*state_))) replay_leaves();
    }
    if (replay_) {
        count();
        if (replay_->complete() && !report_.stopped) hold_against();
    }
    take_remains();
    say_what_was_not_checked();
    narrow_down();
    // What no vote proves yet is not taken for good, however the audit ends.
    const bool sound = replay_ && report_.findings.empty() && replay_->unproven().empty();
    if (keeps_state() && sound && (!options_.from_start || !report_.stopped)) save(!report_.stopped);
    report_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return report_;
}

// Leaves that an audit which did not end was shown, and no head has vouched for.
bool Audit::rests_on_the_unvouched() const {
    return state_ && !options_.from_start && state_->facts.leaves > state_->facts.vouched;
}

Result<AuditReport> run_audit(const AuditOptions& options,
                              const std::function<void(std::uint64_t done, std::uint64_t of)>& progress,
                              const std::function<bool()>& stop) {
    Audit audit(options, StateFile::Part::all, progress, stop);
    auto report = audit.run();
    if (!report || report->findings.empty() || !audit.rests_on_the_unvouched()) return report;
    // The source of then may have lied, and not that of now: without its leaves it is seen.
    Audit again(options, StateFile::Part::vouched, progress, stop);
    auto second = again.run();
    if (second)
        second->notes.push_back(
            "leaves that an unfinished audit had read, and no head vouched for, were set aside: with "
            "them there was " +
            report->findings.front().reason);
    return second;
}

}  // namespace socai::node::audit
