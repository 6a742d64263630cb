#include "node/audit/promises.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "ledger/remains.hpp"
#include "ledger/epochs.hpp"
#include "ledger/node_statement.hpp"
#include "ledger/promise_file.hpp"
#include "ledger/promise_rule.hpp"
#include "ledger/statement.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"
#include "node/audit/folder_of_files.hpp"
#include "node/audit/replay.hpp"
#include "node/files.hpp"

namespace socai::node::audit {
namespace {

// A refusal is kept as the note that the node signed.
ledger::Result<ledger::Note> refusal_note(std::string_view bytes) {
    return ledger::parse_note(bytes);
}

// A promise is kept with what introduces the node's key; here the ledger itself does.
ledger::Result<ledger::Note> promise_note(std::string_view bytes) {
    auto file = ledger::parse_promise_file(bytes);
    if (!file) return file.error();
    return std::move(file->note);
}

// A promise or refusal whose node the ledger itself names, with its signature good.
struct Heard {
    ledger::Note note;
    ledger::NodeStatement statement;
};
Result<Heard> read_statement(const std::string& file,
                             ledger::Result<ledger::Note> (*note_in)(std::string_view),
                             const std::string& origin, const PolicyHistory& history) {
    const auto bytes = read_file(file, ledger::max_promise_file_bytes);
    if (!bytes) return bytes.error();
    const auto refuse = [&file](const ledger::Error& error) {
        return Error{Exit::no, error.reason, file + ": " + error.detail};
    };
    auto note = note_in(*bytes);
    if (!note) return refuse(note.error());
    const auto claimed = ledger::parse_node_statement(note->text);
    if (!claimed) return refuse(claimed.error());
    if (!ledger::is_same_or_earlier_epoch(claimed->origin, origin))
        return Error{Exit::no, "wrong_origin", file + " is of the ledger " + ledger::quote(claimed->origin)};
    Error last{
        Exit::no, "unknown_node",
        file + " is signed by the node " + ledger::quote(claimed->node) + ", which the ledger does not name"};
    for (const ledger::PublicKey& key : history.node_keys(claimed->node)) {
        auto verified = ledger::verify_node_statement(*note, key);
        if (verified) return Heard{*std::move(note), *std::move(verified)};
        last = refuse(verified.error());
    }
    return last;
}

// Where the record of a promise stands, and when it was accepted; nothing when it does not stand with these bytes.
struct Standing {
    std::uint64_t index = 0;
    std::int64_t time_ms = 0;
};
Result<std::optional<Standing>> standing_of(const ledger::PromisedRecord& record, const RecordTable& table,
                                            ProvenLedger& ledger) {
    const std::optional<Standing> nowhere;
    const auto address = table.find(record.source, record.id);
    if (!address || address->index >= ledger.size()) return nowhere;
    const auto entry = ledger.entry(address->index);
    if (!entry) return entry.error();
    const auto leaf = ledger::read_leaf(*entry);
    if (!leaf || address->n >= leaf->statement.records.size()) return nowhere;
    if (leaf->statement.records[address->n].digest != record.digest) return nowhere;
    return std::optional(Standing{address->index, leaf->time_ms});
}

// Of a node and a statement: the times of its refusals.
using Refusals = std::map<std::pair<std::string, ledger::Hash>, std::set<std::int64_t>>;

// A cosigner may have put any number beside its signature.
std::string seconds_text(std::uint64_t time_s) {
    constexpr std::uint64_t last_s = ledger::max_time_ms / 1'000;
    return ledger::format_rfc3339(static_cast<std::int64_t>(std::min(time_s, last_s)) * 1'000);
}

// Holds promises one by one, and counts.
class PromiseHolder {
  public:
    PromiseHolder(const PolicyHistory& history, const RecordTable& table, ProvenLedger& ledger,
                  const OwnHeads& own, const Refusals& refused, std::int64_t last_leaf_ms)
        : history_(history),
          table_(table),
          ledger_(ledger),
          own_(own),
          refused_(refused),
          last_leaf_ms_(last_leaf_ms) {}

    void find(Finding finding) {
        if (count.findings.size() < max_findings) count.findings.push_back(std::move(finding));
    }
    // Errors: the source's, when it cannot be reached.
    Result<void> hold(const std::string& file, Heard heard);

    PromiseCount count;

  private:
    void note(std::string sentence) {
        if (count.notes.size() < max_findings) count.notes.push_back(std::move(sentence));
    }

    // Does no policy since the last recovery name it?
    bool given_up(const std::string& node) const {
        const auto& entries = history_.entries();
        return std::ranges::none_of(entries, [&](const PolicyHistory::Entry& entry) {
            return entry.origin == entries.back().origin &&
                   std::ranges::find(entry.policy.nodes, node, &ledger::GenesisNode::name) !=
                       entry.policy.nodes.end();
        });
    }

    const PolicyHistory& history_;
    const RecordTable& table_;
    ProvenLedger& ledger_;
    const OwnHeads& own_;
    const Refusals& refused_;
    std::int64_t last_leaf_ms_;
};

Result<void> PromiseHolder::hold(const std::string& file, Heard heard) {
    const auto& promise = std::get<ledger::Promise>(heard.statement.fact);
    const std::string& node = heard.statement.node;
    const std::string by = ledger::format_rfc3339(promise.include_by_ms);
    bool stands = true;
    std::uint64_t missing_up_to = 0;  // under heads of at most so many leaves a record is missing: that one
    const ledger::PromisedRecord* missing = nullptr;
    std::optional<Standing> late;
    for (const ledger::PromisedRecord& record : promise.records) {
        const auto standing = standing_of(record, table_, ledger_);
        if (!standing) {
            if (standing.error().exit == Exit::unreachable) return standing.error();
            find({standing.error().reason, file + ": " + standing.error().detail, std::nullopt, {}});
            return {};
        }
        stands &= standing->has_value();
        if (*standing && (*standing)->time_ms > promise.include_by_ms) late = **standing;
        const std::uint64_t up_to = *standing ? (*standing)->index : ledger_.size();
        if (missing != nullptr && up_to <= missing_up_to) continue;
        missing_up_to = up_to;
        missing = &record;
    }

    // The first refusal that can be meant: those before ended earlier promises of the same statement.
    std::optional<std::int64_t> refused_ms;
    if (const auto times = refused_.find({node, promise.statement}); times != refused_.end())
        if (const auto first = times->second.lower_bound(promise.received_ms); first != times->second.end())
            refused_ms = *first;
    std::optional<std::uint64_t> cosigned_s;  // the first of the heads that ask for an answer
    std::vector<const ledger::Head*> shown_by;
    if (const auto own = own_.find(node); own != own_.end()) {
        for (const OwnHead& head : own->second) {
            if (head.head->checkpoint.size > missing_up_to || !ledger::past_due(promise, head.time_s))
                continue;
            if (!cosigned_s) cosigned_s = head.time_s;
            if (!refused_ms || !ledger::refused_in_time(promise, *refused_ms, head.time_s))
                shown_by.push_back(head.head);
        }
    }

    if (!shown_by.empty()) {
        const std::string refusal = refused_ms
                                        ? "its refusal is dated later, " + ledger::format_rfc3339(*refused_ms)
                                        : std::string("no refusal (*.refusal) is at hand");
        find({"broken_promise",
              file + " promises the record " + ledger::quote(missing->id) + " of " +
                  ledger::quote(missing->source) + " by " + by + "; it does not stand under the head of " +
                  std::to_string(shown_by.front()->checkpoint.size) + " leaves that " + node +
                  " itself cosigned at " + seconds_text(*cosigned_s) + ", and " + refusal,
              std::nullopt,
              {}});
        if (count.not_kept.size() < max_findings)
            count.not_kept.push_back({file, std::move(heard.note), node, std::move(shown_by)});
    } else if (stands) {
        ++count.kept;
        if (late)
            note(file + " was kept late: leaf " + std::to_string(late->index) + " was accepted at " +
                 ledger::format_rfc3339(late->time_ms) + ", after " + by + "; no head is at hand that " +
                 node + " cosigned in between, so it is not broken");
    } else if (refused_ms && ledger::refused_in_time(promise, *refused_ms, cosigned_s)) {
        ++count.refused;
    } else if (const auto ended = history_.ended_at(heard.statement.origin); ended && given_up(node)) {
        find(
            {"lost_promise",
             file + ": " + node + " promised in " + ledger::quote(heard.statement.origin) + " the record " +
                 ledger::quote(missing->id) + " of " + ledger::quote(missing->source) + " by " + by +
                 "; the recovery at leaf " + std::to_string(*ended) +
                 " gave that node up, and the record does not stand. Its author may sign and submit it again",
             std::nullopt,
             {}});
    } else {
        ++count.waiting;
        if (refused_ms || last_leaf_ms_ > promise.include_by_ms)
            note(file + " is past its time, " + by + ", and " +
                 (refused_ms ? "was refused only at " + ledger::format_rfc3339(*refused_ms)
                             : std::string("a record is missing")) +
                 "; whether it is broken only a head tells that " + node +
                 " cosigned since, and none is at hand: ask the node for its own (--head), as "
                 "docs/auditing.md says");
    }
    return {};
}

}  // namespace

OwnHeads own_heads(const PolicyHistory& history, const ledger::Policy& pinned,
                   const std::vector<const ledger::Head*>& heads) {
    OwnHeads own;
    for (const ledger::Head* head : heads) {
        const std::uint64_t size = std::max<std::uint64_t>(head->checkpoint.size, 1);
        const auto governing = history.governing(head->checkpoint);
        const ledger::Policy& policy =
            history.find(pinned, size) && governing ? history.entries()[*governing].policy.policy : pinned;
        const auto signers = ledger::head_signers(policy, *head);
        if (!signers) continue;
        for (const auto& cosigner : signers->cosigners)
            if (const auto node = history.node_of(policy.witnesses[cosigner.witness].key.key))
                own[*node].push_back({head, cosigner.time_s});
    }
    for (auto& [node, signed_by_it] : own) std::ranges::stable_sort(signed_by_it, {}, &OwnHead::time_s);
    return own;
}

Result<PromiseCount> hold_promises(const std::string& folder, const std::string& origin,
                                   const PolicyHistory& history, const RecordTable& table,
                                   ProvenLedger& ledger, const OwnHeads& own, std::int64_t last_leaf_ms) {
    const auto refusal_files = files_in(folder, ".refusal");
    if (!refusal_files) return refusal_files.error();
    const auto promise_files = files_in(folder, ".promise");
    if (!promise_files) return promise_files.error();
    Refusals refused;
    PromiseHolder holder(history, table, ledger, own, refused, last_leaf_ms);

    for (const std::string& file : *refusal_files) {
        const auto heard = read_statement(file, refusal_note, origin, history);
        if (!heard && heard.error().exit == Exit::unreachable) return heard.error();
        const auto* refusal = heard ? std::get_if<ledger::Refusal>(&heard->statement.fact) : nullptr;
        if (refusal != nullptr)
            refused[{heard->statement.node, refusal->statement}].insert(refusal->time_ms);
        else if (!heard)
            holder.find({heard.error().reason, heard.error().detail, std::nullopt, {}});
        else
            holder.find({"not_a_refusal", file + " is a node's statement, but no refusal", std::nullopt, {}});
    }
    for (const std::string& file : *promise_files) {
        auto heard = read_statement(file, promise_note, origin, history);
        if (!heard && heard.error().exit == Exit::unreachable) return heard.error();
        if (!heard) {
            holder.find({heard.error().reason, heard.error().detail, std::nullopt, {}});
        } else if (!std::holds_alternative<ledger::Promise>(heard->statement.fact)) {
            holder.find({"not_a_promise", file + " is a node's statement, but no promise", std::nullopt, {}});
        } else if (auto held = holder.hold(file, *std::move(heard)); !held) {
            return held.error();
        }
    }
    return std::move(holder.count);
}

}  // namespace socai::node::audit
