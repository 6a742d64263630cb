// Of the `log` database: what remains of a withdrawn leaf takes the place of its bytes, which then leave the files too.
#include "consensus/chain.hpp"
#include "storage/codec.hpp"
#include "storage/log_database.hpp"

namespace socai::storage {

using consensus::Index;

Result<void> LogDatabase::put_remains(const consensus::Entry& entry, rocksdb::WriteBatch& batch) const {
    const Index index = entry.id.index;
    const auto wrong = [&] {
        return Error{"wrong_remains", path_ + ": what is to remain of Raft index " + std::to_string(index.value) +
                                          " is not of the entry that stands there."};
    };
    if (index <= base().index) return wrong();
    const auto id = find_id(index);
    if (!id) return id.error();
    const auto before = find_id(index - 1);
    if (!before) return before.error();
    if (*id != entry.id || !*before || digest_of(entry.kind, entry.payload) != entry.digest ||
        !consensus::follows(**before, entry))
        return wrong();
    // A table that is written again beside a damaged one takes that with it: nothing new may lie over it.
    if (auto whole = check_undamaged(); !whole) return whole;
    batch.Put(family(LogFamily::entries), number_key(index.value), encode_entry(entry));
    batch.Put(family(LogFamily::meta), withdrawal_key(index), {});
    return {};
}

Result<void> LogDatabase::check_undamaged() const {
    const auto damaged = known_damaged();
    if (!damaged) return damaged.error();
    if (damaged->empty() && !has_repairs({}, number_key(~std::uint64_t{0}))) return {};
    return Error{"damaged_table", path_ + ": a table of the log is damaged, so that withdrawn bytes cannot be taken out of the "
                                          "files beside it. Have this node fetch its log anew, under a new name."};
}

Result<std::vector<Index>> LogDatabase::withdrawn_unwritten() const {
    std::vector<Index> indices;
    const std::string prefix = withdrawal_key({}).substr(0, 1);
    const std::unique_ptr<rocksdb::Iterator> found = iterate(LogFamily::meta);
    for (found->Seek(prefix); found->Valid() && found->key().starts_with(prefix); found->Next())
        indices.push_back({ByteReader(found->key().ToStringView().substr(1)).u64()});
    if (!found->status().ok()) return error(found->status(), "looking for withdrawn leaves");
    return indices;
}

// What was overwritten lies in RocksDB's log until all is in tables, and in the tables until they are merged.
Result<void> LogDatabase::rewrite_withdrawn() const {
    const auto indices = withdrawn_unwritten();
    if (!indices) return indices.error();
    if (indices->empty()) return {};
    if (auto whole = check_undamaged(); !whole) return whole;
    if (auto renewed = renew_write_ahead_log(); !renewed) return renewed;
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    rocksdb::WriteBatch done;
    for (const Index index : *indices) {
        const std::string key = number_key(index.value);
        const rocksdb::Slice place(key);
        const rocksdb::Status status = (*database_)->CompactRange(all, family(LogFamily::entries), &place, &place);
        if (!status.ok()) return write_error(status, "taking withdrawn bytes out of the files");
        done.Delete(family(LogFamily::meta), withdrawal_key(index));
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = (*database_)->Write(options, &done);
    if (!status.ok()) return write_error(status, "writing");
    return {};
}

}  // namespace socai::storage
