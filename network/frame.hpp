// Frames between nodes: 4-byte big-endian length, 1-byte version, 1-byte kind, body. The length counts what
// follows it. Every body is bounded. The layout of the bodies is in archive.hpp and messages.hpp.
//
// Pure functions over values, for any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "consensus/message.hpp"

namespace socai::network {

// Raised when a body changes or a kind is added. A program reads its own version only and says so of others:
// nodes are upgraded within one wire version, and a new version brings the code that reads the one before.
inline constexpr std::uint8_t wire_version = 3;
inline constexpr std::size_t frame_length_bytes = 4;
inline constexpr std::size_t max_frame_bytes = 16 * 1024 * 1024;  // after the length
inline constexpr std::size_t max_hello_frame_bytes = 4 * 1024;    // the most that a stranger may send
inline constexpr std::size_t max_entries = 65'536;                // in one AppendRequest
inline constexpr std::size_t max_fetched = 64;                    // ids or entries in one fetch
inline constexpr std::size_t max_payload_bytes = 1024 * 1024;     // of one entry
inline constexpr std::size_t max_parcel_bytes = max_frame_bytes - 64;
inline constexpr std::size_t max_name_bytes = 255;  // origin, genesis hash
inline constexpr std::size_t max_refusal_bytes = 1024;

// First frame on every connection, from the dialler; refused when anything differs from the listener's view.
// The listener answers with its own Hello, `from` and `to` the other way round, and sends nothing after it.
struct Hello {
    std::string origin;
    std::string genesis_hash;  // hex
    consensus::NodeId from;
    consensus::NodeId to;
    // Leaves of the largest head that `from` has cosigned: less than its peer knows of it is an old copy of its data.
    std::uint64_t signed_size = 0;
};
// The listener's other answer, before it closes: a sentence for the dialler's log.
struct Refusal {
    std::string detail;
};
// A message of the node layer (forwarded submissions, head exchange), opaque here.
struct Parcel {
    std::uint16_t kind = 0;
    std::string body;
};
using Payload = std::variant<Hello, Refusal, consensus::Message, Parcel>;

// The kind byte. Numbers are for ever: one that is dropped is not used again.
enum class FrameKind : std::uint8_t {
    hello = 1,
    refusal = 2,
    parcel = 3,
    pre_vote_request = 16,
    pre_vote_reply = 17,
    vote_request = 18,
    vote_reply = 19,
    append_request = 20,
    append_reply = 21,
    heartbeat = 22,
    heartbeat_reply = 23,
    read_index_request = 24,
    read_index_reply = 25,
    timeout_now = 26,
    install_base = 27,
    fetch_request = 28,
    fetch_reply = 29,
};

// What a node answers for with its node key: a vote that it grants, and the entries that it appends as leader
// (docs/decisions/0019). Their frames end in this; what is signed is the host's to say.
using WireSignature = std::array<std::uint8_t, 64>;
bool needs_signature(const consensus::Message& message);

// Whole frame, length included. Precondition (asserted): the payload is within the limits above. `signature` is left out
// where none is needed.
std::string encode(const Payload& payload, const WireSignature& signature = {});
// The same, appended to `out`, so that many frames share one buffer and each byte is copied once.
void append_frame(std::string& out, const consensus::Message& message, const WireSignature& signature = {});
void append_frame(std::string& out, const Parcel& parcel);
// Within these limits, and so fit to be encoded.
bool fits_frame(const consensus::Message& message);
bool fits_frame(const Parcel& parcel);
// Exact size of the frame for what carries payloads, an upper bound of the others.
std::size_t frame_size(const consensus::Message& message);
std::size_t frame_size(const Parcel& parcel);

// Body of one frame (after the length). Never throws, never reads beyond; bounded memory: counts and sizes
// are checked before allocation. The error is a sentence.
struct DecodeError {
    std::string detail;
};
// `signature`: where a signed message's goes.
std::variant<Payload, DecodeError> decode(std::string_view frame, WireSignature* signature = nullptr);

}  // namespace socai::network
