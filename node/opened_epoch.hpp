// Which epoch of the ledger a data folder serves (ledger/epochs.hpp). The file `recovery` in it holds the leaf that opened the
// latest one, as `socai recover open` put it there once the log held it; without the file the folder is of the first epoch. A
// node never changes its epoch while it runs. Values; safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "ledger/genesis.hpp"
#include "ledger/recovery_leaf.hpp"
#include "node/error.hpp"

namespace socai::node {

inline constexpr std::string_view opened_epoch_file = "recovery";

struct OpenedEpoch {
    std::string entry;  // the leaf's bytes
    ledger::RecoveryLeaf leaf;

    // In the greeting between nodes it stands where the genesis' hash does in the first epoch: nodes of two epochs, or of two
    // recoveries, do not talk to each other.
    std::string hash() const;                 // hex SHA-256 of the entry
    bool names(std::string_view node) const;  // does it go on?
};

// Nothing: the folder is of the first epoch. Errors: file_unreadable, damaged_recovery.
Result<std::optional<OpenedEpoch>> read_opened_epoch(const std::string& data, const ledger::Genesis& genesis);
// The same of the bytes of some file, whose name stands in the error. Errors: malformed_recovery and its kin; wrong_audience
// (of another ledger than `genesis`').
Result<OpenedEpoch> parse_opened_epoch(const std::string& file, std::string entry,
                                       const ledger::Genesis& genesis);

}  // namespace socai::node
