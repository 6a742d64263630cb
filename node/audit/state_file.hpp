// What an audit remembers for the next one (--state F): how far the ledger was found good, and the head that vouched
// for it. Three files, the auditor's own and trusted as such:
//
//   F          JSON, small, written last and at one stroke: what counts, and how much of the other two
//   F.records  24 bytes a record, in ledger order: high:u64 low:u64 place:u64, big-endian (record_table.hpp)
//   F.tree     32 bytes a full bundle of 256 leaves, in ledger order: its root
//
// F names the number of items and the SHA-256 of the other two. They only grow: what stands beyond was written by an
// audit that did not end, and is cut off.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/audit/bundle_tree.hpp"
#include "node/audit/record_table.hpp"
#include "node/error.hpp"

namespace socai::node::audit {

struct StateFacts {
    std::string origin;
    std::string genesis;            // leaf 0's entry
    std::uint64_t leaves = 0;       // found good
    std::int64_t last_time_ms = 0;  // accepted time of the last of them
    std::string head;  // the newest that an audit ended well with, a signed note; empty: none yet
    std::vector<std::pair<std::uint64_t, std::string>>
        policies;  // leaf and entry of each policy leaf, ascending
};

struct AuditState {
    StateFacts facts;
    BundleTree tree;  // facts.leaves / 256 bundles
    RecordTable table;
};

class StateFile {
  public:
    explicit StateFile(std::string path);
    ~StateFile();

    // Nothing when there is none yet. Errors: malformed_state (Exit::usage), file_unreadable.
    Result<std::optional<AuditState>> load();
    // Adds what `tree` and `table`, which must collect(), hold beyond what the files hold, then writes F. The files of
    // a state that was not loaded are begun anew. Precondition: tree.bundles() >= facts.leaves / 256, which is not
    // less than at the last save. Errors: file_unwritable.
    Result<void> save(const StateFacts& facts, const BundleTree& tree, RecordTable& table);

  private:
    class SideFile;

    const std::string path_;
    std::unique_ptr<SideFile> records_;
    std::unique_ptr<SideFile> bundles_;
};

}  // namespace socai::node::audit
