#include "node/audit/receipts.hpp"

#include <algorithm>
#include <utility>

#include "ledger/entry.hpp"
#include "ledger/remains.hpp"
#include "ledger/statement.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"
#include "node/audit/folder_of_files.hpp"
#include "node/files.hpp"

namespace socai::node::audit {

namespace {

Result<ledger::Receipt> parse(const std::string& file) {
    auto text = read_file(file, ledger::max_receipt_bytes);
    if (!text) return text.error();
    auto receipt = ledger::parse_receipt(*text);
    if (!receipt) return Error{Exit::no, receipt.error().reason, file + ": " + receipt.error().detail};
    return *std::move(receipt);
}

// Why it does not verify under `policy`.
std::optional<Error> fault_under(const ledger::Policy& policy, const ledger::Receipt& receipt,
                                 const std::string& file) {
    const auto verified = ledger::verify_receipt(receipt, policy);
    if (verified) return std::nullopt;
    return Error{Exit::no, verified.error().reason, file + ": " + verified.error().detail};
}

// Of a receipt that verifies and is of an epoch that ended with leaf `carried`: the record that it proves was lost; nothing:
// it stands.
Result<std::optional<Finding>> lost_record(const HeldReceipt& receipt, std::uint64_t carried,
                                           ProvenLedger& ledger) {
    if (receipt.index < carried && receipt.index < ledger.size()) {
        const auto entry = ledger.entry(receipt.index);
        if (!entry && entry.error().exit == Exit::unreachable) return entry.error();
        if (!entry || ledger::hash_of_leaf(*entry) == receipt.leaf) return std::optional<Finding>();
    }
    const auto again = parse(receipt.file);
    if (!again) return again.error();
    const auto split = ledger::split_entry(again->leaf.entry);
    const auto statement =
        split ? ledger::parse_statement(split->statement) : ledger::Result<ledger::Statement>(split.error());
    if (!statement) return std::optional<Finding>();  // it verified
    const ledger::Record& first = statement->records.front();
    const std::string what = statement->records.size() == 1
                                 ? "the record " + ledger::quote(first.id)
                                 : std::to_string(statement->records.size()) +
                                       " records, the first of them " + ledger::quote(first.id) + ",";
    return std::optional(Finding{
        "lost_record",
        receipt.file + " proves that " + what + " of " + ledger::quote(first.source) + " stood at leaf " +
            std::to_string(receipt.index) + " of " + ledger::quote(receipt.head.origin) + ", accepted at " +
            ledger::format_rfc3339(split->time_ms) + " and final under the head of " +
            std::to_string(receipt.head.size) +
            " leaves; it was lost with the majority, for the recovery carried on " + std::to_string(carried) +
            " leaves without it. Its author may sign and submit it again",
        std::nullopt,
        {}});
}

}  // namespace

Result<HeldReceipt> read_receipt(const std::string& file, const ledger::Policy& pinned) {
    auto receipt = parse(file);
    if (!receipt) return receipt.error();
    const ledger::TlogProof& proof = receipt->leaf.proof;
    HeldReceipt held{file,
                     proof.index,
                     ledger::leaf_hash(receipt->leaf.entry),
                     proof.head.checkpoint,
                     {proof.head, receipt->key_leaf.proof.head},
                     fault_under(pinned, *receipt, file)};
    for (const ledger::ProvenEntry& link : receipt->policies) held.heads.push_back(link.proof.head);
    return held;
}

Result<Receipts> read_receipts(const std::string& folder, const ledger::Policy& pinned) {
    auto files = files_in(folder, "");
    if (!files) return files.error();
    Receipts receipts;
    receipts.passed_over =
        std::erase_if(*files, [](const std::string& file) { return !file.ends_with(receipt_suffix); });
    for (const std::string& file : *files) {
        auto held = read_receipt(file, pinned);
        if (held)
            receipts.held.push_back(*std::move(held));
        else if (held.error().exit == Exit::unreachable)
            return held.error();
        else if (receipts.findings.size() < max_findings)
            receipts.findings.push_back({held.error().reason, held.error().detail, std::nullopt, {}});
    }
    return receipts;
}

Result<std::optional<Finding>> hold_receipt(const HeldReceipt& receipt, const PolicyHistory& history,
                                            const ledger::Policy& pinned, ProvenLedger& ledger) {
    std::optional<Error> fault = receipt.fault;
    const auto then = history.governing(receipt.head);
    if (const auto now = history.find(pinned, ledger.size());
        fault && now && then && *then != *now &&
        (*then < *now || history.entries()[*then].origin != history.entries()[*now].origin)) {
        const auto again = parse(receipt.file);
        if (!again) return again.error();
        fault = fault_under(history.entries()[*then].policy.policy, *again, receipt.file);
    }
    if (!fault)
        if (const auto ended = history.ended_at(receipt.head.origin))
            if (auto lost = lost_record(receipt, *ended, ledger); !lost || *lost) return lost;
    if (fault) return std::optional(Finding{fault->reason, fault->detail, std::nullopt, {}});
    if (receipt.index >= ledger.size()) {
        return std::optional(Finding{"beyond_head",
                                     receipt.file + " proves a leaf " + std::to_string(receipt.index) +
                                         ", but the source's head has only " + std::to_string(ledger.size()) +
                                         " leaves: the source is behind, or its ledger was cut short",
                                     std::nullopt,
                                     {}});
    }
    auto entry = ledger.entry(receipt.index);
    if (!entry) {
        if (entry.error().exit == Exit::unreachable) return entry.error();
        return std::optional(Finding{entry.error().reason, entry.error().detail, receipt.index, {}});
    }
    if (ledger::hash_of_leaf(*entry) == receipt.leaf) return std::optional<Finding>();
    return std::optional(Finding{"receipt_contradicts",
                                 "leaf " + std::to_string(receipt.index) + " is not the one that " +
                                     receipt.file +
                                     " proves: the entry was exchanged after the receipt was given",
                                 receipt.index,
                                 {}});
}

}  // namespace socai::node::audit
