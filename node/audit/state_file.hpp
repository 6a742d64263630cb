// What an audit remembers for the next one (--state F): how far the ledger was found good, and the head that vouched
// for it. Four files, the auditor's own and trusted as such:
//
//   F          JSON (state_text.hpp), small, written last and at one stroke: what counts, and how much of the other three
//   F.records  24 bytes a record, in ledger order: high:u64 low:u64 place:u64, big-endian (record_table.hpp);
//              kinds by their number in inspection::kinds(), so that another list of kinds is another format
//   F.tree     32 bytes a full bundle of 256 leaves, in ledger order: its root
//   F.facts    what the rules derived from each leaf (change_text.hpp), in ledger order; the facts, their digest and its
//              marks are worked out from it anew
//
// F names the number of items (of F.facts: of bytes) and the SHA-256 of the other three. They only grow: what stands beyond was written by an
// audit that did not end, and is cut off by the next that writes. A state that is begun anew has them under other names
// (F.records.2, F.tree.2, F.facts.2, and back again), so that F always names whole ones; then the old ones are removed.
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
#include "node/audit/derivation.hpp"
#include "node/audit/record_table.hpp"
#include "node/audit/state_text.hpp"
#include "node/error.hpp"

namespace socai::node::audit {

struct AuditState {
    StateFacts facts;
    BundleTree tree;  // facts.leaves / 256 bundles
    RecordTable table;
    Derivation derivation;  // of facts.leaves leaves
};

class StateFile {
  public:
    explicit StateFile(std::string path);
    ~StateFile();

    enum class Part : std::uint8_t { all, vouched };
    // Reads, and changes nothing. Nothing when there is none yet, or no such part. When leaves beyond the vouched ones
    // are left out, the next save() begins anew, with a table and a derivation that collect what was loaded. Errors:
    // malformed_state (Exit::usage), file_unreadable.
    Result<std::optional<AuditState>> load(Part part = Part::all);
    // The next save() writes all that it is given, as if nothing had been loaded.
    void begin_anew();
    // Writes down what `derivation` has collected of the first `leaves` leaves, for a save() of no fewer: so that it need not be
    // kept until then. Precondition: as save. Errors: file_unwritable.
    Result<void> keep(Derivation& derivation, std::uint64_t leaves);
    // Adds what `tree`, and `table` and `derivation`, which must collect(), hold of the first facts.leaves leaves beyond what
    // the files hold, then writes F. Precondition: load() was called if F exists; tree.bundles() >= facts.leaves / 256,
    // which is not less than at the last save. Errors: file_unwritable.
    Result<void> save(const StateFacts& facts, const BundleTree& tree, RecordTable& table,
                      Derivation& derivation);

  private:
    class SideFile;

    std::string side_path(const char* name, std::uint64_t side) const;
    void begin_files();

    const std::string path_;
    std::optional<std::uint64_t> side_;  // of the side files that F names; nothing: there is no F
    std::unique_ptr<SideFile> records_;  // null: to be begun anew
    std::unique_ptr<SideFile> bundles_;
    std::unique_ptr<SideFile> changes_;
    bool anew_ = false;  // the three are not yet those that F names
};

}  // namespace socai::node::audit
