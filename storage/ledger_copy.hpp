// A ledger that lies still: the data folder of a node that does not run, or a backup of one, read and never
// changed. For who does not trust the folder, such as an auditor: nothing of it is believed to be right, only
// read in bounds; damage is told with the leaf at which it stands.
//
// Takes no lock, writes no file, not even RocksDB's own log. Thread-safe; reads of leaves take turns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ledger/facts.hpp"
#include "storage/error.hpp"
#include "storage/identity.hpp"

namespace socai::storage {

// Leaves that were read one after another.
struct LeavesRead {
    std::string bundle;          // a C2SP entry bundle: for each leaf u16 length, bytes
    std::uint32_t count = 0;     // leaves in it
    std::optional<Error> fault;  // why it ends before what was asked for; nothing: the log ends here
};

class LedgerCopy {
  public:
    // `directory` holds log/, and state/ where there is one. Errors: locked (a node works in it), wrong_version,
    // corrupt_log, io_error. A state that is missing or unreadable is no error: see state_fault().
    static Result<std::unique_ptr<LedgerCopy>> open(const std::string& directory);
    ~LedgerCopy();
    LedgerCopy(const LedgerCopy&) = delete;
    LedgerCopy& operator=(const LedgerCopy&) = delete;

    const Identity& identity() const;
    // Leaves [first, first + count), count <= 256. Cheapest one after another: then it reads on where it was.
    LeavesRead leaves(std::uint64_t first, std::uint32_t count) const;

    // Leaves that the stored tiles cover; 0 without a state. It may lag behind the log: it is rebuilt from it.
    std::uint64_t state_size() const;
    // Why there are no tiles; empty when there are.
    const std::string& state_fault() const;
    // The stored bytes of hash tile (level, index), level in tiles of eight tree levels; nothing when it is not
    // there. Error corrupt_state: it cannot be read.
    Result<std::optional<std::string>> tile(std::uint32_t level, std::uint64_t index) const;
    // The state's digest_mark of the facts after the first `size` leaves; nothing when it has not come that far, or for 0.
    // Error corrupt_state: it cannot be read.
    Result<std::optional<std::uint64_t>> facts_mark(std::uint64_t size) const;
    // Visits the facts that the state holds, those after state_size() leaves, in the order of their keys, until `visit` answers
    // false. The views live until it returns. Error corrupt_state: not all can be read.
    Result<void> facts(const ledger::Facts::Visit& visit) const;

  private:
    struct Impl;
    explicit LedgerCopy(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
