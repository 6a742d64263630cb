#include "node/audit/promises.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "ledger/entry.hpp"
#include "ledger/node_statement.hpp"
#include "ledger/promise_file.hpp"
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
    if (claimed->origin != origin)
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
    const auto split = ledger::split_entry(*entry);
    if (!split) return nowhere;
    const auto statement = ledger::parse_statement(split->statement);
    if (!statement || address->n >= statement->records.size()) return nowhere;
    if (statement->records[address->n].digest != record.digest) return nowhere;
    return std::optional(Standing{address->index, split->time_ms});
}

Finding broken(const std::string& file, const ledger::PromisedRecord& record, const std::string& what) {
    return {"broken_promise",
            file + " promises the record " + ledger::quote(record.id) + " of " +
                ledger::quote(record.source) + ": " + what,
            std::nullopt,
            {}};
}

}  // namespace

Result<PromiseCount> hold_promises(const std::string& folder, const std::string& origin,
                                   const PolicyHistory& history, const RecordTable& table,
                                   ProvenLedger& ledger, const LedgerTime& ledger_time) {
    const auto refusal_files = files_in(folder, ".refusal");
    if (!refusal_files) return refusal_files.error();
    const auto promise_files = files_in(folder, ".promise");
    if (!promise_files) return promise_files.error();
    PromiseCount count;
    const auto report = [&count](Finding finding) {
        if (count.findings.size() < max_findings) count.findings.push_back(std::move(finding));
    };

    // Of a node and a statement, when it was refused last. What was refused may be promised anew: only a later refusal ends that.
    std::map<std::pair<std::string, ledger::Hash>, std::int64_t> refused;
    for (const std::string& file : *refusal_files) {
        const auto heard = read_statement(file, refusal_note, origin, history);
        if (!heard && heard.error().exit == Exit::unreachable) return heard.error();
        const auto* refusal = heard ? std::get_if<ledger::Refusal>(&heard->statement.fact) : nullptr;
        if (refusal != nullptr) {
            std::int64_t& last = refused[{heard->statement.node, refusal->statement}];
            last = std::max(last, refusal->time_ms);
        } else if (!heard)
            report({heard.error().reason, heard.error().detail, std::nullopt, {}});
        else
            report({"not_a_refusal", file + " is a node's statement, but no refusal", std::nullopt, {}});
    }
    for (const std::string& file : *promise_files) {
        const auto heard = read_statement(file, promise_note, origin, history);
        if (!heard && heard.error().exit == Exit::unreachable) return heard.error();
        const auto* promise = heard ? std::get_if<ledger::Promise>(&heard->statement.fact) : nullptr;
        if (promise == nullptr) {
            report(heard ? Finding{"not_a_promise",
                                   file + " is a node's statement, but no promise",
                                   std::nullopt,
                                   {}}
                         : Finding{heard.error().reason, heard.error().detail, std::nullopt, {}});
            continue;
        }
        const std::string& node = heard->statement.node;
        const auto refusal = refused.find({node, promise->statement});
        if (refusal != refused.end() && refusal->second >= promise->received_ms) {
            ++count.refused;
            continue;
        }
        const auto cosigned = ledger_time.cosigned_ms.find(node);
        const std::int64_t now_ms = cosigned == ledger_time.cosigned_ms.end()
                                        ? ledger_time.last_leaf_ms
                                        : std::max(ledger_time.last_leaf_ms, cosigned->second);
        const std::string by = ledger::format_rfc3339(promise->include_by_ms);
        std::optional<Finding> wrong;  // the first
        std::uint64_t missing_up_to = 0;
        bool waits = false;
        for (const ledger::PromisedRecord& record : promise->records) {
            const auto standing = standing_of(record, table, ledger);
            if (!standing && standing.error().exit == Exit::unreachable) return standing.error();
            if (!standing) {
                wrong =
                    Finding{standing.error().reason, file + ": " + standing.error().detail, std::nullopt, {}};
                missing_up_to = 0;
                break;
            }
            if (*standing && (*standing)->time_ms <= promise->include_by_ms) continue;
            if (!*standing && now_ms <= promise->include_by_ms) {
                waits = true;
                continue;
            }
            missing_up_to = std::max(missing_up_to, *standing ? (*standing)->index : ledger.size());
            if (wrong) continue;
            wrong = broken(file, record,
                           *standing ? "it stands, but was accepted after " + by
                                     : "it does not stand, the ledger has gone beyond " + by +
                                           ", and no refusal (*.refusal) is at hand");
        }
        if (wrong) {
            report(*std::move(wrong));
            if (missing_up_to > 0 && count.not_kept.size() < max_findings)
                count.not_kept.push_back({file, heard->note, node, missing_up_to});
        } else if (waits) {
            ++count.waiting;
        } else {
            ++count.kept;
        }
    }
    return count;
}

}  // namespace socai::node::audit
