// The bytes of the `state` database, and their reading as what they mean. Integers big-endian.
//
//   family    key                     value
//   default   "format"                u32 version (5)
//             "identity"              three lines (identity.hpp)
//             "position"              raft index:u64 leaves:u64 accepted time of the last leaf, ms:u64
//                                     chain hash of the entry at that index:32 digest of the facts:32
//             "r" leaf:u64            Raft index:u64 of that leaf: the first of a run without gaps
//             "t" number:u64          a record type, numbered in order of first use
//             "w" leaf:u64            SHA-256:32 of what remained of that leaf (ledger/remains.hpp), from which it was applied
//             "n" node name           node_digest:32 of the node that a policy leaf named so first (ledger/admission.hpp)
//   tree      level:u8 row:u64        nodes of 32 bytes, appended as they come (tree_growth.hpp)
//   leaves    leaf / 256:u64          for each leaf type:u16 records:u16 and the first 8 bytes of the digest of the facts
//                                     after it, appended (append_merge.hpp)
//   records   source 0x00 id          packed address:u64 SHA-256 of the record:32
//   postings  posting (postings.hpp)  empty
//   facts     key                     value: what the rules derived (ledger/facts.hpp, inspection/)
//
// No write-ahead log: all families are flushed together, so that whatever a crash leaves is the state at some
// applied position. Any thread reads; one writes.
#pragma once

#include <rocksdb/write_batch.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/types.hpp"
#include "ledger/admission.hpp"
#include "storage/applied_position.hpp"
#include "storage/database.hpp"
#include "storage/identity.hpp"

namespace socai::storage {

inline constexpr std::uint32_t state_format_version = 6;
enum class StateFamily : std::uint8_t { meta, tree, leaves, records, postings, facts };

// Leaf `leaf` stands at Raft index `raft_index`, and those after it follow without gaps to the next run.
struct LeafRun {
    std::uint64_t leaf = 0;
    consensus::Index raft_index;
};

// What all records of a leaf share (bundles are of one type).
struct LeafInfo {
    std::uint16_t type = 0;  // its number in the table of types
    std::uint16_t records = 0;
    std::uint64_t facts = 0;  // digest_mark of the facts after it
};
// The first 8 bytes, big-endian: enough to find where two derivations part.
std::uint64_t digest_mark(const ledger::Hash& digest);
inline constexpr std::uint64_t leaves_a_block = 256;
inline constexpr std::size_t leaf_info_bytes = 12;
// The entry of leaf `leaf` in the bytes of its block; nothing when they are too short.
std::optional<LeafInfo> leaf_info_in(std::string_view block, std::uint64_t leaf);

class StateDatabase {
  public:
    // Opens the database at `path` or makes one. Error corrupt_state: damaged, or of another version.
    static Result<std::unique_ptr<StateDatabase>> open(const std::string& path, const Identity& identity);

    // Read only, as a copy that must be whole. An empty identity: whoever's it is.
    static Result<std::unique_ptr<StateDatabase>> look(const std::string& path, const Identity& identity);

    // As of `snapshot`, if one is given.
    Result<AppliedPosition> position(const rocksdb::Snapshot* snapshot = nullptr) const;
    Result<std::vector<LeafRun>> runs() const;       // ascending
    Result<std::vector<std::string>> types() const;  // by number
    Result<std::vector<std::pair<std::uint64_t, ledger::Hash>>> remains() const;  // applied from such, by leaf
    Result<std::optional<std::string>> row(std::uint32_t level, std::uint64_t row) const;
    // The same, leaving nothing of it in memory.
    Result<std::optional<std::string>> row_once(std::uint32_t level, std::uint64_t row) const;
    Result<std::optional<std::string>> leaf_block(std::uint64_t block) const;
    Result<std::optional<ledger::KnownRecord>> record(std::string_view source, std::string_view id) const;

    rocksdb::ColumnFamilyHandle* family(StateFamily name) const {
        return database_->family(static_cast<std::size_t>(name));
    }
    Result<std::optional<ledger::Hash>> node(std::string_view name) const;
    Result<std::optional<std::string>> fact(std::string_view key, const rocksdb::Snapshot* snapshot) const;
    std::unique_ptr<rocksdb::Iterator> iterate(const rocksdb::ReadOptions& options, StateFamily name) const;

    Result<void> write(rocksdb::WriteBatch& batch);
    // For who reads the files themselves: scrub and backup.
    const Database& files() const { return *database_; }
    // All families together. `wait`: until they are durable.
    Result<void> flush(bool wait);
    Error error(const rocksdb::Status& status, const std::string& doing) const;
    Error damage(const std::string& what) const;

  private:
    StateDatabase(std::string path, std::unique_ptr<Database> database);
    Result<void> initialise(const Identity& identity);
    Result<void> check_owner(const Identity& identity) const;
    Result<std::optional<std::string>> get(StateFamily family, std::string_view key, bool fill_cache = true,
                                           const rocksdb::Snapshot* snapshot = nullptr) const;

    std::string path_;
    std::unique_ptr<Database> database_;
};

std::string record_key(std::string_view source, std::string_view id);
std::string row_key(std::uint32_t level, std::uint64_t row);

// Puts one item into a batch, in the format above.
void put_position(rocksdb::WriteBatch& batch, const StateDatabase& state, const AppliedPosition& position);
void put_run(rocksdb::WriteBatch& batch, const StateDatabase& state, const LeafRun& run);
void put_type(rocksdb::WriteBatch& batch, const StateDatabase& state, std::uint16_t number,
              std::string_view type);
void put_node(rocksdb::WriteBatch& batch, const StateDatabase& state, std::string_view name,
              const ledger::Hash& digest);
void put_remains(rocksdb::WriteBatch& batch, const StateDatabase& state, std::uint64_t leaf,
                 const ledger::Hash& digest);
void put_record(rocksdb::WriteBatch& batch, const StateDatabase& state, std::string_view key,
                const ledger::KnownRecord& record);

}  // namespace socai::storage
