// Frames between nodes: 4-byte big-endian length, 1-byte version, 1-byte kind, body. Every body is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "consensus/message.hpp"

namespace socai::network {

inline constexpr std::uint8_t wire_version = 1;
inline constexpr std::size_t max_frame_bytes = 16 * 1024 * 1024;

// First frame on every connection, from the dialler; refused when anything differs from the listener's view.
struct Hello {
    std::string origin;
    std::string genesis_hash;  // hex
    consensus::NodeId from;
    consensus::NodeId to;
};
// A message of the node layer (forwarded submissions, head exchange), opaque here.
struct Parcel {
    std::uint16_t kind = 0;
    std::string body;
};
using Payload = std::variant<Hello, consensus::Message, Parcel>;

// Whole frame, length included.
std::string encode(const Payload& payload);
// Body of one frame (after the length). Never throws, never reads beyond; bounded memory: counts and sizes
// are checked before allocation. The error is a sentence.
struct DecodeError {
    std::string detail;
};
std::variant<Payload, DecodeError> decode(std::string_view frame);

}  // namespace socai::network
