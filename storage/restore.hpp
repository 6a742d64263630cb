// A new node's data folder out of a backup (backup.hpp): its log begins with the backup's entries, so that only the
// rest must come from the other nodes. Nothing that the old node promised comes along: neither its term and vote, nor
// what it acknowledged. The new node takes no entry for committed but the genesis, until a leader says so: an entry
// that the ledger does not have goes again.
#pragma once

#include <string>
#include <vector>

#include "storage/backup.hpp"

namespace socai::storage {

// A small file that the new node begins with, beside its log: `name` in its data folder.
struct FirstFile {
    std::string name;
    std::string bytes;
};

// Makes `directory` for the node that `identity` names, of a backup that verify_backup has found sound. Written
// beside it first (`directory`.restoring), so that an interrupted restore leaves nothing that could be started.
// Errors: folder_not_empty (`directory` is there and holds something), bad_backup, no_space, io_error.
Result<void> restore_log(const std::string& folder, const BackupContents& contents,
                         const std::string& directory, const Identity& identity,
                         const std::vector<FirstFile>& first_files, const BackupProgress& progress);

}  // namespace socai::storage
