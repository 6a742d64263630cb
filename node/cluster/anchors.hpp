// The anchors of all nodes of a local cluster in one file, D/ca.pem: what a client believes them by (`ca` of cluster.json,
// curl --cacert). Nodes make the same anchors from the same keys, so the file can be written before they run.
#pragma once

#include <memory>
#include <optional>

#include "node/client/trust.hpp"
#include "node/cluster/folder.hpp"
#include "node/cluster/settings.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

// Of the nodes that have a key and were not removed. Nothing is written for a cluster without TLS. Errors: those of the key
// files, file_unwritable.
Result<void> write_anchors(const Folder& folder, const Settings& settings);
// Whom this program's own calls to the cluster's nodes believe; null for a cluster without TLS.
std::shared_ptr<const client::Trust> trust_of(const Folder& folder, const Settings& settings);

}  // namespace socai::node::cluster
