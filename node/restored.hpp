// A new node made of a backup (storage/restore.hpp): its folder with keys of its own, the genesis, its log, and a
// configuration. The members must still take it in: it is a learner until they make it more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/config.hpp"
#include "node/error.hpp"
#include "node/member.hpp"
#include "storage/backup.hpp"

namespace socai::node {

// Everybody who was ever a member, as far as the backup knows, and the highest raft id given out.
struct KnownMembers {
    std::vector<Member> members;  // by name once; the newest description
    std::uint64_t last_id = 0;

    bool has(const std::string& name) const;
};
// Error bad_backup: its genesis or a configuration is malformed.
Result<KnownMembers> known_members(const storage::BackupContents& contents);

// verify_backup, and the errors put into the program's words: exit 1 for a backup that does not verify.
Result<storage::BackupContents> verified_backup(const std::string& folder,
                                                const storage::BackupProgress& progress);
Error storage_error(const storage::Error& error);

// storage::restore_log for the new node `member` (its name, agency and cosigner key): the log, and the cosigner's state,
// which says that the new key has signed nothing. Errors: restore_log's.
Result<void> restore_data(const std::string& from, const storage::BackupContents& contents,
                          const std::string& directory, const Member& member,
                          const storage::BackupProgress& progress);

struct RestoreOrder {
    std::string from;    // the backup's folder
    std::string folder;  // of the new node: node.toml, genesis, *.jwk, data/
    std::string node;    // its name, never used before
    std::string agency;
    // As the members gave it; 0: not known yet. A backup may be old, and cannot say which ids are free: node.toml lacks it
    // then, and the node does not start before it is filled in.
    std::uint64_t raft_id = 0;
    std::uint16_t api_port = 7401;
    std::uint16_t peer_port = 7402;
};
struct RestoredNode {
    std::string folder;  // absolute
    Config config;       // as written to folder/node.toml
    storage::BackupManifest manifest;
    Member member;  // its name, id and public keys
};
// Writes the folder under another name first, so that an interrupted restore leaves nothing to start. Errors:
// verified_backup's, folder_not_empty, node_exists, bad_raft_id, unknown_agency, bad_node_name, no_space, io_error.
Result<RestoredNode> restore_node(const RestoreOrder& order, const storage::BackupProgress& progress);

}  // namespace socai::node
