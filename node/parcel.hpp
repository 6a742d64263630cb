// The kinds of parcel that nodes send one another beside consensus: one number, one kind, all listed here. And how any
// of them is read: whole, of its kind, within bounds, or not at all.
#pragma once

#include <cstdint>
#include <optional>

#include "network/archive.hpp"
#include "network/frame.hpp"

namespace socai::node {

enum class ParcelKind : std::uint16_t {
    // forwarding.hpp
    forward = 1,
    forward_answer = 2,
    clock_question = 3,
    clock_answer = 4,
    // head_parcels.hpp
    announcement = 16,
    signatures = 17,
    final_heads = 18,
    final_question = 19,
    // disclosures/parcels.hpp
    disclosures_offered = 32,
    disclosures_held = 33,
    disclosures_question = 34,
    disclosures_answer = 35,
    // testimony.hpp
    votes = 48,
    // head_watch.hpp
    heads_question = 49,
    heads_answer = 50,
    heads_signed = 51,  // with the answer: what one cosigner key signed last
};

inline network::Parcel parcel_of(ParcelKind kind) {
    return {static_cast<std::uint16_t>(kind), {}};
}
inline bool is_of(const network::Parcel& parcel, ParcelKind kind) {
    return parcel.kind == static_cast<std::uint16_t>(kind);
}

// The body of a parcel of `kind`, read by `read`. Nothing when the parcel is of another kind, or malformed: too short, too
// long, or out of the bounds that `read` sets by throwing cereal::Exception.
template <class Body>
std::optional<Body> decode_parcel(const network::Parcel& parcel, ParcelKind kind,
                                  void (*read)(network::FrameReader&, Body&)) {
    if (!is_of(parcel, kind)) return std::nullopt;
    try {
        network::FrameReader reader(parcel.body);
        Body body;
        read(reader, body);
        if (reader.remaining() > 0) return std::nullopt;
        return body;
    } catch (const cereal::Exception&) {
        return std::nullopt;
    }
}

}  // namespace socai::node
