// What an audit remembers for the next one (--state F): how far the ledger was found good, and the head that vouched
// for it. Three files, the auditor's own and trusted as such:
//
//   F          JSON (state_text.hpp), small, written last and at one stroke: what counts, and how much of the other two
//   F.records  24 bytes a record, in ledger order: high:u64 low:u64 place:u64, big-endian (record_table.hpp);
//              kinds by their number in inspection::kinds(), so that another list of kinds is another format
//   F.tree     32 bytes a full bundle of 256 leaves, in ledger order: its root
//
// F names the number of items and the SHA-256 of the other two. They only grow: what stands beyond was written by an
// audit that did not end, and is cut off by the next that writes. A state that is begun anew has them under other names
// (F.records.2, F.tree.2, and back again), so that F always names whole ones; then the old ones are removed.
//
// What is beyond the head that an audit ended with was only read from some source, which may have lied: it saves the
// reading when it was true, and is not held against anybody when it was not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/audit/bundle_tree.hpp"
#include "node/audit/record_table.hpp"
#include "node/audit/state_text.hpp"
#include "node/error.hpp"

namespace socai::node::audit {

struct AuditState {
    StateFacts facts;
    BundleTree tree;  // facts.leaves / 256 bundles
    RecordTable table;
};

class StateFile {
  public:
    explicit StateFile(std::string path);
    ~StateFile();

    enum class Part : std::uint8_t { all, vouched };
    // Reads, and changes nothing. Nothing when there is none yet, or no such part. When leaves beyond the vouched ones
    // are left out, the next save() begins anew, with a table that collects what was loaded. Errors: malformed_state
    // (Exit::usage), file_unreadable.
    Result<std::optional<AuditState>> load(Part part = Part::all);
    // The next save() writes all that `tree` and `table` hold, as if nothing had been loaded.
    void begin_anew();
    // Adds what `tree` and `table`, which must collect(), hold of the first facts.leaves leaves beyond what the files
    // hold, then writes F. Precondition: load() was called if F exists; tree.bundles() >= facts.leaves / 256, which is
    // not less than at the last save. Errors: file_unwritable.
    Result<void> save(const StateFacts& facts, const BundleTree& tree, RecordTable& table);

  private:
    class SideFile;

    std::string side_path(const char* name, std::uint64_t side) const;

    const std::string path_;
    std::optional<std::uint64_t> side_;  // of the side files that F names; nothing: there is no F
    std::unique_ptr<SideFile> records_;  // null: to be begun anew
    std::unique_ptr<SideFile> bundles_;
};

}  // namespace socai::node::audit
