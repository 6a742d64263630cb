// Hexadecimal test values as bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace socai::ledger {

inline std::string from_hex(std::string_view digits) {
    assert(digits.size() % 2 == 0);
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

template <std::size_t size>
std::array<std::uint8_t, size> to_array(std::string_view bytes) {
    assert(bytes.size() == size);
    std::array<std::uint8_t, size> array;
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

}  // namespace socai::ledger
