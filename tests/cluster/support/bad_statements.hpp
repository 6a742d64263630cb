// The bad statements of this ledger's contract, one of each kind (design/formats.md, design/interfaces.md).
#pragma once

#include <string>
#include <vector>

#include "local_cluster.hpp"

namespace socai::cluster_tests {

struct BadStatement {
    std::string name;
    int code = 0;
    std::string reason;
    std::string text;  // UTF-8, whatever its payload holds
};

// Good statements that must stand in the ledger before those of bad_statements() are what they claim.
std::vector<std::string> standing_statements(const LocalCluster& cluster);

std::vector<BadStatement> bad_statements(const LocalCluster& cluster);

}  // namespace socai::cluster_tests
