// A node's whole ledger as a stranger sees it: checkpoint and entry bundles over HTTP, everything recomputed
// here from the bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/hash.hpp"
#include "local_cluster.hpp"

namespace socai::cluster_tests {

struct LedgerDump {
    std::uint64_t size = 0;            // of the checkpoint
    std::string root;                  // of the checkpoint, hex
    std::vector<std::string> entries;  // the leaves' bytes
    std::string fault;                 // why the rest is not to be believed; empty when all is well
};

// Reads the ledger of `node`: the checkpoint must carry the signature of that node's own log key, the bundles
// must hold exactly its leaves, and the root computed from them by RFC 6962's recursive definition must be
// the checkpoint's. A fault is told in `fault`.
LedgerDump read_ledger(const LocalCluster& cluster, const std::string& node);

// A record as it stands in a ledger.
struct StandingRecord {
    ledger::Address address;
    ledger::Hash digest{};  // of its exact bytes
};

// The leaves taken apart.
struct LedgerContent {
    std::vector<std::string> statements;                                      // by index
    std::map<std::pair<std::string, std::string>, StandingRecord> by_record;  // (source, id)
    std::vector<std::string> faults;  // leaves that do not parse, times that fall, records that stand twice
};
LedgerContent content_of(const LedgerDump& dump);

}  // namespace socai::cluster_tests
