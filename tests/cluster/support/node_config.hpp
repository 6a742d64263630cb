// Changing one value of a node's configuration file while the node is down.
#pragma once

#include <cstdint>
#include <string>

namespace socai::cluster_tests {

// Sets `key` of `[section]` to `value`, whether or not the file had it.
void set_in_config(const std::string& path, const std::string& section, const std::string& key,
                   std::int64_t value);

}  // namespace socai::cluster_tests
