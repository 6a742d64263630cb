// A node of a local cluster that begins with a backup (storage/restore.hpp) instead of nothing.
#pragma once

#include <string>

#include "node/cluster/membership.hpp"
#include "storage/backup.hpp"

namespace socai::node::cluster {

struct RestoreWish {
    std::string from;    // the backup's folder
    std::string node;    // a name that was never used
    std::string agency;  // empty: the one with the fewest nodes
};
// Verifies the backup, has the cluster take a new node as a learner, under a new id and with new keys, gives it the
// backup's entries, starts it, and waits until it has caught up. It stays a learner. Interrupted, the same call goes
// on. Errors: those of verified_backup and add_node; other_ledger, node_exists.
Result<AddedNode> restore_member(Supervisor& supervisor, const RestoreWish& wish, const Surroundings& around,
                                 const storage::BackupProgress& progress);

}  // namespace socai::node::cluster
