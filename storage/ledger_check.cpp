#include "storage/ledger_check.hpp"

#include <algorithm>
#include <utility>

namespace socai::storage {
namespace {

constexpr std::uint64_t entries_a_stretch = 1'024;
constexpr std::size_t bytes_a_stretch = 256U << 10U;
// Of an entry, beside its payload: key, id and header.
constexpr std::size_t bytes_beside = 64;

}  // namespace

LedgerCheck::LedgerCheck(const LogDatabase& log, Place from, TreeCheck::ReadRow read_row)
    : log_(log),
      last_(from.last),
      tree_(std::move(from.tree), read_row),
      rows_(static_cast<bool>(read_row)) {}

Result<LedgerCheck::Stretch> LedgerCheck::advance(consensus::Index last, std::uint64_t size) {
    Stretch stretch;
    const consensus::Index next = last_.index + 1;
    stretch.ended = next > last;
    if (stretch.ended) return stretch;
    auto entries = log_.read(next, std::min(last, next + (entries_a_stretch - 1)), bytes_a_stretch);
    if (!entries && entries.error().reason != "corrupt_log") return entries.error();
    if (!entries || entries->empty()) {
        stretch.unreadable = next;
        return stretch;
    }
    for (const consensus::EntryPtr& entry : *entries) {
        const bool leaf = entry->kind == consensus::EntryKind::payload;
        stretch.ended = leaf && tree_.size() >= size;
        if (stretch.ended) break;
        const std::string index = std::to_string(entry->id.index.value);
        stretch.bytes += entry->payload.size() + bytes_beside;
        // LogDatabase has compared payload, digest and chain with the id and the id before it.
        if (entry->id.term < last_.term) contradict("the terms of the log fall at Raft index " + index);
        if (leaf) tree_.append(entry->digest);
        if (entry->mark && !skipped_ && *entry->mark != tree_.frontier().root())
            contradict("the log up to Raft index " + index + " has another root than the leader put there");
        last_ = entry->id;
        ++entries_;
    }
    if (rows_)
        if (auto compared = tree_.compare(); !compared) return compared.error();
    return stretch;
}

void LedgerCheck::skip(const consensus::EntryId& id, const std::optional<ledger::Hash>& leaf) {
    if (leaf) tree_.append(*leaf);
    last_ = id;
    skipped_ = true;
}

void LedgerCheck::contradict(std::string sentence) {
    if (!contradiction_) contradiction_ = std::move(sentence);
}

}  // namespace socai::storage
