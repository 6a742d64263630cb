// What the generator's streams of chance are for (dice.hpp): one number each, so that no two share a stream.
#pragma once

#include <cstdint>

namespace socai::node::generator::purpose {

inline constexpr std::uint64_t arrival = 1;  // of each dossier
inline constexpr std::uint64_t choice = 2;   // its goods and firm
inline constexpr std::uint64_t course = 3;   // what becomes of it
inline constexpr std::uint64_t certification = 4;
inline constexpr std::uint64_t keys = 5;

}  // namespace socai::node::generator::purpose
