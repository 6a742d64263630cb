#include "node/disclosures/parcels.hpp"

#include "ledger/disclosure.hpp"
#include "ledger/statement.hpp"
#include "node/parcel.hpp"

namespace socai::node {
namespace {

// A count of 4 bytes and, of each text, its length.
constexpr std::size_t least_text_bytes = 4;

void write_texts(network::FrameWriter& writer, const std::vector<std::string>& texts) {
    writer(static_cast<std::uint32_t>(texts.size()));
    for (const std::string& text : texts) network::save_text(writer, text);
}
std::vector<std::string> read_disclosures(network::FrameReader& reader, std::size_t most) {
    std::vector<std::string> texts;
    const std::size_t count = network::load_count(reader, most, least_text_bytes, "disclosures");
    texts.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        texts.emplace_back(network::load_text(reader, ledger::max_disclosure_bytes, "a disclosure"));
    return texts;
}

void write_hashes(network::FrameWriter& writer, const std::vector<ledger::Hash>& hashes) {
    writer(static_cast<std::uint32_t>(hashes.size()));
    for (const ledger::Hash& hash : hashes) writer(hash);
}
std::vector<ledger::Hash> read_hashes(network::FrameReader& reader, std::size_t most) {
    std::vector<ledger::Hash> hashes(
        network::load_count(reader, most, std::tuple_size_v<ledger::Hash>, "commitments"));
    for (ledger::Hash& hash : hashes) reader(hash);
    return hashes;
}

}  // namespace

network::Parcel encode_offered(const DisclosuresOffered& offered) {
    network::Parcel parcel = parcel_of(ParcelKind::disclosures_offered);
    network::FrameWriter writer(parcel.body);
    writer(offered.call, static_cast<std::uint32_t>(offered.items.size()));
    for (const auto& item : offered.items) {
        network::save_text(writer, item.statement);
        write_texts(writer, item.disclosures);
    }
    return parcel;
}

network::Parcel encode_held(const DisclosuresHeld& held) {
    network::Parcel parcel = parcel_of(ParcelKind::disclosures_held);
    network::FrameWriter writer(parcel.body);
    writer(held.call);
    write_hashes(writer, held.commitments);
    return parcel;
}

network::Parcel encode_disclosures_question(const DisclosuresQuestion& question) {
    network::Parcel parcel = parcel_of(ParcelKind::disclosures_question);
    network::FrameWriter writer(parcel.body);
    write_hashes(writer, question.commitments);
    return parcel;
}

network::Parcel encode_disclosures_answer(const DisclosuresAnswer& answer) {
    network::Parcel parcel = parcel_of(ParcelKind::disclosures_answer);
    network::FrameWriter writer(parcel.body);
    write_texts(writer, answer.disclosures);
    return parcel;
}

std::optional<DisclosuresOffered> decode_offered(const network::Parcel& parcel) {
    return decode_parcel<DisclosuresOffered>(
        parcel, ParcelKind::disclosures_offered, [](network::FrameReader& reader, DisclosuresOffered& body) {
            reader(body.call);
            const std::size_t count =
                network::load_count(reader, max_offered_items, 2 * least_text_bytes, "statements");
            std::size_t left = max_offered_disclosures;
            for (std::size_t i = 0; i < count; ++i) {
                auto& item = body.items.emplace_back();
                item.statement = network::load_text(reader, ledger::max_entry_bytes, "a statement");
                item.disclosures = read_disclosures(reader, left);
                left -= item.disclosures.size();
            }
        });
}

std::optional<DisclosuresHeld> decode_held(const network::Parcel& parcel) {
    return decode_parcel<DisclosuresHeld>(parcel, ParcelKind::disclosures_held,
                                          [](network::FrameReader& reader, DisclosuresHeld& body) {
                                              reader(body.call);
                                              body.commitments = read_hashes(reader, max_offered_disclosures);
                                          });
}

std::optional<DisclosuresQuestion> decode_disclosures_question(const network::Parcel& parcel) {
    return decode_parcel<DisclosuresQuestion>(parcel, ParcelKind::disclosures_question,
                                              [](network::FrameReader& reader, DisclosuresQuestion& body) {
                                                  body.commitments = read_hashes(reader, max_questioned);
                                              });
}

std::optional<DisclosuresAnswer> decode_disclosures_answer(const network::Parcel& parcel) {
    return decode_parcel<DisclosuresAnswer>(parcel, ParcelKind::disclosures_answer,
                                            [](network::FrameReader& reader, DisclosuresAnswer& body) {
                                                body.disclosures = read_disclosures(reader, max_questioned);
                                            });
}

bool is_disclosures_parcel(const network::Parcel& parcel) {
    return parcel.kind >= static_cast<std::uint16_t>(ParcelKind::disclosures_offered) &&
           parcel.kind <= static_cast<std::uint16_t>(ParcelKind::disclosures_answer);
}

}  // namespace socai::node
