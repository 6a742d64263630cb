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
Result<ledger::NodeStatement> read_statement(const std::string& file,
                                             ledger::Result<ledger::Note> (*note_in)(std::string_view),
                                             const std::string& origin, const PolicyHistory& history) {
    const auto bytes = read_file(file, ledger::max_promise_file_bytes);
    if (!bytes) return bytes.error();
    const auto refuse = [&file](const ledger::Error& error) {
        return Error{Exit::no, error.reason, file + ": " + error.detail};
    };
    const auto note = note_in(*bytes);
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
        if (verified) return *std::move(verified);
        last = refuse(verified.error());
    }
    return last;
}

// When the record of a promise was accepted; nothing when it does not stand with these bytes.
Result<std::optional<std::int64_t>> time_of(const ledger::PromisedRecord& record, const RecordTable& table,
                                            ProvenLedger& ledger) {
    const auto address = table.find(record.source, record.id);
    if (!address || address->index >= ledger.size()) return std::optional<std::int64_t>();
    const auto entry = ledger.entry(address->index);
    if (!entry) return entry.error();
    const auto split = ledger::split_entry(*entry);
    if (!split) return std::optional<std::int64_t>();
    const auto statement = ledger::parse_statement(split->statement);
    if (!statement || address->n >= statement->records.size()) return std::optional<std::int64_t>();
    if (statement->records[address->n].digest != record.digest) return std::optional<std::int64_t>();
    return std::optional(split->time_ms);
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
        const auto statement = read_statement(file, refusal_note, origin, history);
        if (!statement && statement.error().exit == Exit::unreachable) return statement.error();
        const auto* refusal = statement ? std::get_if<ledger::Refusal>(&statement->fact) : nullptr;
        if (refusal != nullptr) {
            std::int64_t& last = refused[{statement->node, refusal->statement}];
            last = std::max(last, refusal->time_ms);
        } else if (!statement)
            report({statement.error().reason, statement.error().detail, std::nullopt, {}});
        else
            report({"not_a_refusal", file + " is a node's statement, but no refusal", std::nullopt, {}});
    }
    for (const std::string& file : *promise_files) {
        const auto statement = read_statement(file, promise_note, origin, history);
        if (!statement && statement.error().exit == Exit::unreachable) return statement.error();
        const auto* promise = statement ? std::get_if<ledger::Promise>(&statement->fact) : nullptr;
        if (promise == nullptr) {
            report(statement ? Finding{"not_a_promise",
                                       file + " is a node's statement, but no promise",
                                       std::nullopt,
                                       {}}
                             : Finding{statement.error().reason, statement.error().detail, std::nullopt, {}});
            continue;
        }
        const auto refusal = refused.find({statement->node, promise->statement});
        if (refusal != refused.end() && refusal->second >= promise->received_ms) {
            ++count.refused;
            continue;
        }
        const auto cosigned = ledger_time.cosigned_ms.find(statement->node);
        const std::int64_t now_ms = cosigned == ledger_time.cosigned_ms.end()
                                        ? ledger_time.last_leaf_ms
                                        : std::max(ledger_time.last_leaf_ms, cosigned->second);
        bool kept = true;
        bool waits = false;
        for (const ledger::PromisedRecord& record : promise->records) {
            const auto time = time_of(record, table, ledger);
            if (!time && time.error().exit == Exit::unreachable) return time.error();
            if (!time) {
                report({time.error().reason, file + ": " + time.error().detail, std::nullopt, {}});
                kept = false;
                break;
            }
            const std::string by = ledger::format_rfc3339(promise->include_by_ms);
            if (*time && **time <= promise->include_by_ms) continue;
            kept = false;
            if (!*time && now_ms <= promise->include_by_ms) {
                waits = true;
                continue;
            }
            waits = false;
            report(broken(file, record,
                          *time ? "it stands, but was accepted after " + by
                                : "it does not stand, the ledger has gone beyond " + by +
                                      ", and no refusal (*.refusal) is at hand"));
            break;
        }
        if (kept) ++count.kept;
        if (waits) ++count.waiting;
    }
    return count;
}

}  // namespace socai::node::audit
