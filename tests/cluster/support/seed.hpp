// Numbers from the environment, for repeating a run or making it longer.
#pragma once

#include <cstdint>
#include <string>

namespace socai::cluster_tests {

std::uint64_t from_environment(const std::string& name, std::uint64_t otherwise);
// The seed that `name` asks for, else a fresh one; printed, so that a failing run can be repeated.
std::uint64_t seed_from(const std::string& name);

}  // namespace socai::cluster_tests
