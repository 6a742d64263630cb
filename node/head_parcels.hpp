// Parcels between nodes about heads: what the leader wants signed, the signatures, final heads and the question for
// them. Bounded like everything from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "network/frame.hpp"

namespace socai::node {

// From the leader: cosign the head of `size` leaves. 0: nothing to sign, only how far finality has come.
struct HeadAnnouncement {
    std::uint64_t term = 0;
    std::uint64_t size = 0;
    std::uint64_t final_size = 0;  // of the latest final head that the leader has
};
// The answer: a signed note with the node's log line and its co-signature. The note's text says which head.
struct HeadSignatures {
    std::string note;
};
// Final heads, smallest first: those that begin a policy, then the latest.
struct FinalHeadsParcel {
    std::vector<std::string> notes;
};
// Asks for the final heads beyond `have`.
struct FinalQuestion {
    std::uint64_t have = 0;
};

inline constexpr std::size_t max_heads_in_a_parcel = 32;
inline constexpr std::size_t max_head_bytes = 64 * 1024;

network::Parcel encode_announcement(const HeadAnnouncement& announcement);
network::Parcel encode_signatures(const HeadSignatures& signatures);
// At most max_heads_in_a_parcel, each at most max_head_bytes.
network::Parcel encode_final_heads(const FinalHeadsParcel& heads);
network::Parcel encode_final_question(const FinalQuestion& question);

// Nothing when the parcel is of another kind or malformed.
std::optional<HeadAnnouncement> decode_announcement(const network::Parcel& parcel);
std::optional<HeadSignatures> decode_signatures(const network::Parcel& parcel);
std::optional<FinalHeadsParcel> decode_final_heads(const network::Parcel& parcel);
std::optional<FinalQuestion> decode_final_question(const network::Parcel& parcel);
// Is it one of these four, well made or not?
bool is_head_parcel(const network::Parcel& parcel);

}  // namespace socai::node
