#include "node/head_parcels.hpp"

#include "network/archive.hpp"

namespace socai::node {
namespace {

// Beside those of forwarding.cpp: one number, one kind.
enum class ParcelKind : std::uint16_t {
    announcement = 16,
    signatures = 17,
    final_heads = 18,
    final_question = 19,
};

template <class Body>
std::optional<Body> decode(const network::Parcel& parcel, ParcelKind kind,
                           void (*read)(network::FrameReader&, Body&)) {
    if (parcel.kind != static_cast<std::uint16_t>(kind)) return std::nullopt;
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

network::Parcel parcel_of(ParcelKind kind) {
    return {static_cast<std::uint16_t>(kind), {}};
}

}  // namespace

network::Parcel encode_announcement(const HeadAnnouncement& announcement) {
    network::Parcel parcel = parcel_of(ParcelKind::announcement);
    network::FrameWriter(parcel.body)(announcement.term, announcement.size, announcement.final_size);
    return parcel;
}

network::Parcel encode_signatures(const HeadSignatures& signatures) {
    network::Parcel parcel = parcel_of(ParcelKind::signatures);
    network::FrameWriter writer(parcel.body);
    network::save_text(writer, signatures.note);
    return parcel;
}

network::Parcel encode_final_heads(const FinalHeadsParcel& heads) {
    network::Parcel parcel = parcel_of(ParcelKind::final_heads);
    network::FrameWriter writer(parcel.body);
    writer(static_cast<std::uint32_t>(heads.notes.size()));
    for (const std::string& note : heads.notes) network::save_text(writer, note);
    return parcel;
}

network::Parcel encode_final_question(const FinalQuestion& question) {
    network::Parcel parcel = parcel_of(ParcelKind::final_question);
    network::FrameWriter(parcel.body)(question.have);
    return parcel;
}

std::optional<HeadAnnouncement> decode_announcement(const network::Parcel& parcel) {
    return decode<HeadAnnouncement>(parcel, ParcelKind::announcement,
                                    [](network::FrameReader& reader, HeadAnnouncement& body) {
                                        reader(body.term, body.size, body.final_size);
                                    });
}

std::optional<HeadSignatures> decode_signatures(const network::Parcel& parcel) {
    return decode<HeadSignatures>(parcel, ParcelKind::signatures,
                                  [](network::FrameReader& reader, HeadSignatures& body) {
                                      body.note = network::load_text(reader, max_head_bytes, "a head");
                                  });
}

std::optional<FinalHeadsParcel> decode_final_heads(const network::Parcel& parcel) {
    return decode<FinalHeadsParcel>(
        parcel, ParcelKind::final_heads, [](network::FrameReader& reader, FinalHeadsParcel& body) {
            const std::size_t count = network::load_count(reader, max_heads_in_a_parcel, 4, "heads");
            for (std::size_t i = 0; i < count; ++i)
                body.notes.emplace_back(network::load_text(reader, max_head_bytes, "a head"));
        });
}

std::optional<FinalQuestion> decode_final_question(const network::Parcel& parcel) {
    return decode<FinalQuestion>(
        parcel, ParcelKind::final_question,
        [](network::FrameReader& reader, FinalQuestion& body) { reader(body.have); });
}

bool is_head_parcel(const network::Parcel& parcel) {
    return parcel.kind >= static_cast<std::uint16_t>(ParcelKind::announcement) &&
           parcel.kind <= static_cast<std::uint16_t>(ParcelKind::final_question);
}

}  // namespace socai::node
