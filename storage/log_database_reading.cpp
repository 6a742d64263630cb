// The half of LogDatabase that reads entries.
#include <algorithm>
#include <cassert>

#include "consensus/chain.hpp"
#include "storage/codec.hpp"
#include "storage/log_database.hpp"

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

// The longest stretch of ids that RocksDB's own log can hold unflushed, and so the longest in which a lost
// piece of that log could leave a gap: a memtable of entries at their smallest.
constexpr std::uint64_t checked_ids = 1U << 18U;
// Entries whose bytes are verified at start: a few group commits.
constexpr std::uint64_t checked_entries = 64;

std::string text(Index index) {
    return std::to_string(index.value);
}

}  // namespace

Result<std::vector<consensus::EntryPtr>> LogDatabase::read(Index first, Index last,
                                                           std::size_t max_bytes) const {
    if (first > last || first <= base().index) return std::vector<consensus::EntryPtr>();
    if (first < last) {
        auto entries = read_range(first, last, max_bytes);
        if (entries || entries.error().reason != "corrupt_log") return entries;
    }
    auto entries = read_singly(first, last, max_bytes);
    // The writer may have truncated and appended between two of the reads. RocksDB's snapshots would rule
    // that out, but releasing one makes it rewrite every table; a second look costs less.
    if (!entries && entries.error().reason == "corrupt_log") return read_singly(first, last, max_bytes);
    return entries;
}

// Looks where a range does not: among the repairs, and past a damaged table that the entries do not need.
Result<std::vector<consensus::EntryPtr>> LogDatabase::read_singly(Index first, Index last,
                                                                  std::size_t max_bytes) const {
    std::vector<consensus::EntryPtr> entries;
    std::size_t bytes = 0;
    for (Index index = first; index <= last; index = index + 1) {
        auto entry = read_one(index);
        if (!entry && entries.empty()) return entry.error();
        if (!entry || !*entry) break;
        bytes += (*entry)->payload.size();
        if (!entries.empty() && bytes > max_bytes) break;
        entries.push_back(*std::move(entry));
    }
    return entries;
}

// Null when the log does not hold the index.
Result<consensus::EntryPtr> LogDatabase::read_one(Index index) const {
    auto before = find_id(index - 1);
    if (!before) return before.error();
    auto id = find_id(index);
    if (!id) return id.error();
    if (!*id) return consensus::EntryPtr();
    if (!*before) return damage("the id of Raft index " + text(index - 1) + " is missing");
    auto held = look(**before, index);
    if (!held) return held.error();
    if (!held->entry) {
        return damage("the content of Raft index " + text(index) +
                      " is lost or not the one that its id names");
    }
    return std::move(held->entry);
}

Result<Held> LogDatabase::look(const EntryId& before, Index index) const {
    Held held;
    auto id = find_id(index);
    if (!id && id.error().reason != "corrupt_log") return id.error();
    if (!id || !*id) return held;
    held.id = **id;
    for (const LogFamily name : {LogFamily::entries, LogFamily::repairs}) {
        auto body = get(name, number_key(index.value));
        if (!body && body.error().reason != "corrupt_log") return body.error();
        if (!body || !*body) continue;
        auto entry = checked_entry(before, *held.id, **body);
        if (entry) {
            held.entry = *std::move(entry);
            held.altered = false;
            break;
        }
        held.altered = true;
    }
    return held;
}

// What stands before the damage, if there is anything; else the error.
Result<std::vector<consensus::EntryPtr>> LogDatabase::read_range(Index first, Index last,
                                                                 std::size_t max_bytes) const {
    std::vector<consensus::EntryPtr> entries;
    const std::string begin = number_key(first.value);
    const std::string end = number_key(std::max(last.value, last.value + 1));
    const rocksdb::Slice bound(end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &bound;
    options.fill_cache = false;  // ranges are read once, for catch-up and replay
    std::vector<rocksdb::Iterator*> made;
    const rocksdb::Status status =
        (*database_)->NewIterators(options, {family(LogFamily::ids), family(LogFamily::entries)}, &made);
    if (!status.ok()) return error(status, "reading Raft index " + text(first));
    const std::unique_ptr<rocksdb::Iterator> ids(made[0]);
    const std::unique_ptr<rocksdb::Iterator> bodies(made[1]);

    EntryId before = base();
    if (first - 1 > before.index) {
        const std::string key = number_key(first.value - 1);
        ids->Seek(key);
        if (!ids->status().ok())
            return error(ids->status(), "reading the id of Raft index " + text(first - 1));
        if (!ids->Valid()) return entries;
        const std::optional<EntryId> id = decode_id_value(first - 1, ids->value().ToStringView());
        if (ids->key() != key || !id)
            return damage("the id of Raft index " + text(first - 1) + " is missing");
        before = *id;
        ids->Next();
    } else {
        ids->Seek(begin);
    }
    std::size_t bytes = 0;
    bodies->Seek(begin);
    for (Index index = first; index <= last; index = index + 1, ids->Next(), bodies->Next()) {
        const bool ended = !ids->Valid() && ids->status().ok() && !bodies->Valid() && bodies->status().ok();
        if (ended) break;
        auto entry = entry_at(index, before, *ids, *bodies);
        if (!entry && !entries.empty()) break;
        if (!entry) return entry.error();
        if (!entries.empty() && bytes + (*entry)->payload.size() > max_bytes) break;
        bytes += (*entry)->payload.size();
        before = (*entry)->id;
        entries.push_back(*std::move(entry));
    }
    return entries;
}

// The entry that both iterators stand at.
Result<consensus::EntryPtr> LogDatabase::entry_at(Index index, const EntryId& before,
                                                  const rocksdb::Iterator& ids,
                                                  const rocksdb::Iterator& bodies) const {
    if (!ids.status().ok()) return error(ids.status(), "reading the id of Raft index " + text(index));
    if (!bodies.status().ok()) return error(bodies.status(), "reading Raft index " + text(index));
    const std::string key = number_key(index.value);
    if (!ids.Valid() || ids.key() != key)
        return damage("the id of Raft index " + text(index) + " is missing");
    if (!bodies.Valid() || bodies.key() != key) return damage("Raft index " + text(index) + " is missing");
    const std::optional<EntryId> id = decode_id_value(index, ids.value().ToStringView());
    if (!id) return damage("the id of Raft index " + text(index) + " is malformed");
    return checked_entry(before, *id, bodies.value().ToStringView());
}

// The entry whose stored bytes are `body`, checked to be the one that `id` names and to follow `before`.
Result<consensus::EntryPtr> LogDatabase::checked_entry(const EntryId& before, const EntryId& id,
                                                       std::string_view body) const {
    std::optional<consensus::Entry> entry = decode_entry(body);
    if (!entry) return damage("Raft index " + text(id.index) + " is malformed");
    entry->id = id;
    entry->digest = digest_of(entry->kind, entry->payload);
    if (!consensus::follows(before, *entry)) {
        return damage("Raft index " + text(id.index) + " is not the entry that its id names");
    }
    return consensus::EntryPtr(std::make_shared<const consensus::Entry>(*std::move(entry)));
}

Result<void> LogDatabase::check_tail(const EntryId& last, const std::vector<Index>& damaged) const {
    const EntryId base = this->base();
    auto last_id = last_key(LogFamily::ids);
    if (!last_id) return last_id.error();
    auto last_body = last_key(LogFamily::entries);
    if (!last_body) return last_body.error();
    if (*last_id != last.index || *last_body > last.index) {
        return damage("ids end at Raft index " + text(*last_id) + " and entries at " + text(*last_body) +
                      ", but the last write ended at " + text(last.index));
    }
    auto found = find_id(last.index);
    if (!found) return found.error();
    if (*found != last) return damage("the last id is not the one that the last write left");
    if (last == base) return {};
    if (auto fine = check_no_gap(last.index); !fine) return fine;

    const std::uint64_t held = last.index.value - base.index.value;
    for (Index at = last.index - (std::min(held, checked_entries) - 1); at <= last.index;) {
        auto entries = read(at, last.index, ~std::size_t{0});
        const bool lost = !entries && entries.error().reason == "corrupt_log";
        if (lost && std::binary_search(damaged.begin(), damaged.end(), at)) {
            at = at + 1;
            continue;
        }
        if (!entries) return entries.error();
        if (entries->empty()) return damage("the last entries are missing");
        at = entries->back()->id.index + 1;
    }
    return {};
}

// The base's index when the family is empty.
Result<Index> LogDatabase::last_key(LogFamily name) const {
    const std::unique_ptr<rocksdb::Iterator> found = iterate(name);
    found->SeekToLast();
    if (!found->status().ok()) return error(found->status(), "looking for the last entry");
    return found->Valid() ? Index{ByteReader(found->key().ToStringView()).u64()} : base().index;
}

Result<std::vector<EntryId>> LogDatabase::recent_ids(Index commit, Index last) const {
    const std::uint64_t count =
        std::min<std::uint64_t>(last.value - std::min(commit, last).value, consensus::max_recent_ids);
    std::vector<EntryId> recent;
    const std::unique_ptr<rocksdb::Iterator> ids = iterate(LogFamily::ids);
    Index index = last - count + 1;
    for (ids->Seek(number_key(index.value)); ids->Valid() && index <= last; ids->Next(), index = index + 1) {
        const std::optional<EntryId> id = decode_id_value(index, ids->value().ToStringView());
        if (!id || ids->key() != number_key(index.value)) {
            return damage("the id of Raft index " + text(index) + " is missing or malformed");
        }
        recent.push_back(*id);
    }
    if (!ids->status().ok()) return error(ids->status(), "reading the last ids");
    if (recent.size() != count) return damage("the last ids are missing");
    return recent;
}

Result<void> LogDatabase::check_no_gap(Index last) const {
    const std::uint64_t held = last.value - base().index.value;
    std::uint64_t expected = last.value - (std::min(held, checked_ids) - 1);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> ids((*database_)->NewIterator(options, family(LogFamily::ids)));
    for (ids->Seek(number_key(expected)); ids->Valid(); ids->Next(), ++expected) {
        if (ByteReader(ids->key().ToStringView()).u64() != expected) {
            return damage("the id of Raft index " + std::to_string(expected) + " is missing");
        }
    }
    if (!ids->status().ok()) return error(ids->status(), "reading the last ids");
    if (expected != last.value + 1) return damage("the last ids are missing");
    return {};
}

}  // namespace socai::storage
