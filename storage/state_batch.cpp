#include "storage/state_batch.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "inspection/fields.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy_leaf.hpp"
#include "storage/codec.hpp"
#include "storage/postings.hpp"

namespace socai::storage {

StateBatch::StateBatch(const StateDatabase& state, const AppliedPosition& position,
                       const std::optional<LeafRun>& last_run, const std::vector<std::string>& types,
                       TreeGrowth& tree)
    : state_(state), position_(position), run_(last_run), types_(types), tree_(tree) {}

Result<void> StateBatch::add(const consensus::EntryId& id, const ledger::Admitted* leaf) {
    assert(id.index == position_.raft_index + 1);
    position_.raft_index = id.index;
    position_.raft_hash = id.hash;
    if (leaf == nullptr) return {};
    assert(leaf->index == position_.size);
    assert(leaf->time_ms >= position_.last_time_ms);
    const std::vector<ledger::Record>& records = leaf->statement->records;
    assert(!records.empty() && records.size() <= ledger::max_bundle_records);

    add_to_leaf_map(id.index);
    tree_.append(leaf->leaf);
    auto type = number_of(records.front().type);
    if (!type) return type.error();
    std::string& block = leaf_blocks_[leaf->index / leaves_a_block];
    put_u16(block, *type);
    put_u16(block, static_cast<std::uint16_t>(records.size()));
    add_changes(leaf->changes);
    put_u64(block, digest_mark(position_.facts));
    if (leaf->withdrawn) put_remains(batch_, state_, leaf->index, ledger::sha256(leaf->entry));
    if (auto done = add_nodes(*leaf->statement); !done) return done;
    for (std::size_t n = 0; n < records.size(); ++n) {
        const ledger::Address address{leaf->index, static_cast<std::uint32_t>(n)};
        if (auto done = add_record(records[n], address); !done) return done;
    }
    position_.size += 1;
    position_.last_time_ms = leaf->time_ms;
    return {};
}

// A run ends where an entry that is no leaf stands between two leaves.
void StateBatch::add_to_leaf_map(consensus::Index index) {
    if (run_ && run_->raft_index + (position_.size - run_->leaf) == index) return;
    run_ = LeafRun{position_.size, index};
    new_runs_.push_back(*run_);
    put_run(batch_, state_, *run_);
}

Result<std::uint16_t> StateBatch::number_of(const std::string& type) {
    const auto known = std::find(types_.begin(), types_.end(), type);
    if (known != types_.end()) return static_cast<std::uint16_t>(known - types_.begin());
    const auto fresh = std::find(new_types_.begin(), new_types_.end(), type);
    const std::size_t number = types_.size() + static_cast<std::size_t>(fresh - new_types_.begin());
    if (number > std::numeric_limits<std::uint16_t>::max()) {
        return state_.damage("there are more record types than kinds can exist");
    }
    if (fresh == new_types_.end()) {
        new_types_.push_back(type);
        put_type(batch_, state_, static_cast<std::uint16_t>(number), type);
    }
    return static_cast<std::uint16_t>(number);
}

// The first policy leaf that names a node says who it is.
Result<void> StateBatch::add_nodes(const ledger::Statement& statement) {
    const auto leaf = ledger::policy_in(statement, statement.audience);
    if (!leaf) return {};
    for (const ledger::GenesisNode& node : leaf->nodes) {
        const auto known = state_.node(node.name);
        if (!known) return known.error();
        if (!*known && nodes_.insert(node.name).second)
            put_node(batch_, state_, node.name, ledger::node_digest(node));
    }
    return {};
}

void StateBatch::add_changes(const std::vector<ledger::FactChange>& changes) {
    position_.facts = ledger::digest_after(position_.facts, changes);
    rocksdb::ColumnFamilyHandle* facts = state_.family(StateFamily::facts);
    for (const ledger::FactChange& change : changes) {
        if (change.value)
            batch_.Put(facts, change.key, *change.value);
        else
            batch_.Delete(facts, change.key);
    }
}

Result<void> StateBatch::add_record(const ledger::Record& record, const ledger::Address& address) {
    const std::uint64_t packed = pack(address);
    rocksdb::ColumnFamilyHandle* postings = state_.family(StateFamily::postings);
    for (const std::string& prefix : posting_prefixes(inspection::fields_of(record))) {
        batch_.Put(postings, posting_key(prefix, packed), {});
    }
    for (const ledger::Reference& reference : record.refs) {
        auto target = find(record_key(reference.source, reference.id), reference);
        if (!target) return target.error();
        // Admission let no reference to nothing through, so the state has lost a record.
        if (!*target) return state_.damage("a record that others refer to is missing");
        batch_.Put(postings, posting_key(posting_prefix(Field::reference, pack(**target)), packed), {});
    }
    const std::string key = record_key(record.source, record.id);
    put_record(batch_, state_, key, {address, record.digest});
    records_.emplace(key, address);
    return {};
}

Result<std::optional<ledger::Address>> StateBatch::find(const std::string& key,
                                                        const ledger::Reference& reference) const {
    if (const auto known = records_.find(key); known != records_.end()) return std::optional(known->second);
    auto known = state_.record(reference.source, reference.id);
    if (!known) return known.error();
    if (!*known) return std::optional<ledger::Address>();
    return std::optional((*known)->address);
}

rocksdb::WriteBatch& StateBatch::finish() {
    for (const auto& [block, bytes] : leaf_blocks_) {
        batch_.Merge(state_.family(StateFamily::leaves), number_key(block), bytes);
    }
    for (const TreeGrowth::Piece& piece : tree_.take_pieces()) {
        batch_.Merge(state_.family(StateFamily::tree), row_key(piece.level, piece.row), piece.bytes);
    }
    put_position(batch_, state_, position_);
    return batch_;
}

}  // namespace socai::storage
