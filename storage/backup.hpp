// A copy of a node's ledger, taken while it runs, that proves itself: never a node. In its folder:
//
//   manifest.json   what it is a copy of, and every file with its SHA-256; written last
//   log/, state/    the two databases, as checkpoints of RocksDB
//   unfinished      while it is being made
//
// The side file, and what else a node has signed or promised, is not part of it: with a backup for its data folder no
// node starts (corrupt_side_file). A restored node has a new name, a new id and new keys (restore.hpp).
//
// The state's checkpoint is taken first, so the log holds everything that the state was made from; `size` and `root`
// are the state's. Safe from any thread, on folders of one's own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "consensus/types.hpp"
#include "ledger/hash.hpp"
#include "storage/error.hpp"
#include "storage/identity.hpp"

namespace socai::storage {

class LogDatabase;
class StateDatabase;

inline constexpr std::string_view backup_format = "socai-backup-1";
inline constexpr std::size_t max_manifest_bytes = 16U << 20U;

struct BackupFile {
    std::string name;  // "log/000012.sst"
    std::uint64_t bytes = 0;
    std::string sha256;  // hex
};
struct BackupManifest {
    Identity identity;       // whose ledger, and of which node this is a copy
    std::uint64_t size = 0;  // leaves
    ledger::Hash root{};
    consensus::EntryId last;  // the entry of the Raft log that `size` ends with
    std::int64_t made_ms = 0;
    // Statements that the node had promised to bring in and that are not in the copy: only its outbox holds them.
    std::uint64_t promises_waiting = 0;
    std::uint32_t log_format = 0;
    std::uint32_t state_format = 0;
    std::vector<BackupFile> files;  // by name

    std::uint64_t bytes() const;
};
std::string encode_manifest(const BackupManifest& manifest);
// Error bad_backup: not what encode_manifest writes.
Result<BackupManifest> decode_manifest(std::string_view text, const std::string& path);
// `folder`/manifest.json. Errors: bad_backup, io_error; backup_unfinished where there is none yet.
Result<BackupManifest> read_manifest(const std::string& folder);

// Bytes done of about so many. False: stop (io_error "interrupted").
using BackupProgress = std::function<bool(std::uint64_t done, std::uint64_t of)>;

// Is `folder` a place for a new backup of the node in `data`: not there, empty, or a backup that was not finished? Errors:
// backup_exists, folder_not_empty, inside_data.
Result<void> check_backup_folder(const std::string& folder, const std::string& data);
// What a backup is made of.
struct BackupSource {
    const LogDatabase& log;
    const StateDatabase& state;
    Identity identity;
    std::string data;  // the node's folder; `checkpoint` in it is made, and deleted again
    std::uint64_t promises_waiting = 0;
    std::int64_t made_ms = 0;
};
// Whatever `folder` holds of an unfinished backup goes first. The copy is read as verify_backup reads it before the
// manifest is written, so that it attests nothing that is damaged; when it fails, the copies go again. Errors: the above,
// no_space, io_error, corrupt_state (nothing is applied yet), damaged_ledger (the node's own disk).
Result<BackupManifest> make_backup(const BackupSource& source, const std::string& folder,
                                   const BackupProgress& progress);

// What a backup holds that a restore must know.
struct BackupContents {
    BackupManifest manifest;
    std::string genesis;                                        // leaf 0
    std::vector<consensus::ConfigurationEntry> configurations;  // all of the log, ascending
    std::uint64_t entries = 0;
};
// Every file is read and hashed, no other is there; every entry is read, its chain and leaf hash checked, the root
// recomputed and compared with the manifest's, and every row of the tree. Signatures are not looked at: `socai audit`
// does that. Errors: bad_backup (says what), backup_unfinished, wrong_version, io_error.
Result<BackupContents> verify_backup(const std::string& folder, const BackupProgress& progress);

}  // namespace socai::storage
