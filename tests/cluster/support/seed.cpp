#include "seed.hpp"

#include <cstdlib>
#include <iostream>
#include <random>

namespace socai::cluster_tests {

std::uint64_t from_environment(const std::string& name, std::uint64_t otherwise) {
    const char* text = std::getenv(name.c_str());
    return text == nullptr ? otherwise : std::stoull(text);
}

std::uint64_t seed_from(const std::string& name) {
    const std::uint64_t seed = from_environment(name, std::random_device{}());
    std::cout << name << "=" << seed << std::endl;
    return seed;
}

}  // namespace socai::cluster_tests
