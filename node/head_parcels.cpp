#include "node/head_parcels.hpp"

#include "node/parcel.hpp"

namespace socai::node {

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
    return decode_parcel<HeadAnnouncement>(parcel, ParcelKind::announcement,
                                           [](network::FrameReader& reader, HeadAnnouncement& body) {
                                               reader(body.term, body.size, body.final_size);
                                           });
}

std::optional<HeadSignatures> decode_signatures(const network::Parcel& parcel) {
    return decode_parcel<HeadSignatures>(parcel, ParcelKind::signatures,
                                         [](network::FrameReader& reader, HeadSignatures& body) {
                                             body.note = network::load_text(reader, max_head_bytes, "a head");
                                         });
}

std::optional<FinalHeadsParcel> decode_final_heads(const network::Parcel& parcel) {
    return decode_parcel<FinalHeadsParcel>(
        parcel, ParcelKind::final_heads, [](network::FrameReader& reader, FinalHeadsParcel& body) {
            const std::size_t count = network::load_count(reader, max_heads_in_a_parcel, 4, "heads");
            for (std::size_t i = 0; i < count; ++i)
                body.notes.emplace_back(network::load_text(reader, max_head_bytes, "a head"));
        });
}

std::optional<FinalQuestion> decode_final_question(const network::Parcel& parcel) {
    return decode_parcel<FinalQuestion>(
        parcel, ParcelKind::final_question,
        [](network::FrameReader& reader, FinalQuestion& body) { reader(body.have); });
}

bool is_head_parcel(const network::Parcel& parcel) {
    return is_of(parcel, ParcelKind::announcement) || is_of(parcel, ParcelKind::signatures) ||
           is_of(parcel, ParcelKind::final_heads) || is_of(parcel, ParcelKind::final_question);
}

}  // namespace socai::node
