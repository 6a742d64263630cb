#include "network/frame.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <exception>
#include <type_traits>
#include <utility>

#include "network/archive.hpp"
#include "network/messages.hpp"

namespace socai::network {
namespace {

constexpr std::size_t header_bytes = frame_length_bytes + 2;
// The largest body without what varies: an InstallBase (8 + 2 * 48 + 4 * 4).
constexpr std::size_t fixed_body_bytes = 120;

template <class T>
struct KindOf;
template <FrameKind kind>
using KindConstant = std::integral_constant<FrameKind, kind>;
template <>
struct KindOf<Hello> : KindConstant<FrameKind::hello> {};
template <>
struct KindOf<Refusal> : KindConstant<FrameKind::refusal> {};
template <>
struct KindOf<Parcel> : KindConstant<FrameKind::parcel> {};
template <>
struct KindOf<consensus::PreVoteRequest> : KindConstant<FrameKind::pre_vote_request> {};
template <>
struct KindOf<consensus::PreVoteReply> : KindConstant<FrameKind::pre_vote_reply> {};
template <>
struct KindOf<consensus::VoteRequest> : KindConstant<FrameKind::vote_request> {};
template <>
struct KindOf<consensus::VoteReply> : KindConstant<FrameKind::vote_reply> {};
template <>
struct KindOf<consensus::AppendRequest> : KindConstant<FrameKind::append_request> {};
template <>
struct KindOf<consensus::AppendReply> : KindConstant<FrameKind::append_reply> {};
template <>
struct KindOf<consensus::Heartbeat> : KindConstant<FrameKind::heartbeat> {};
template <>
struct KindOf<consensus::HeartbeatReply> : KindConstant<FrameKind::heartbeat_reply> {};
template <>
struct KindOf<consensus::ReadIndexRequest> : KindConstant<FrameKind::read_index_request> {};
template <>
struct KindOf<consensus::ReadIndexReply> : KindConstant<FrameKind::read_index_reply> {};
template <>
struct KindOf<consensus::TimeoutNow> : KindConstant<FrameKind::timeout_now> {};
template <>
struct KindOf<consensus::InstallBase> : KindConstant<FrameKind::install_base> {};
template <>
struct KindOf<consensus::FetchRequest> : KindConstant<FrameKind::fetch_request> {};
template <>
struct KindOf<consensus::FetchReply> : KindConstant<FrameKind::fetch_reply> {};

// `signature` null: the frame has none.
template <class T>
void append(std::string& out, const T& body, const WireSignature* signature = nullptr) {
    const std::size_t start = out.size();
    out.append(frame_length_bytes, '\0');
    FrameWriter writer(out);
    writer(wire_version, static_cast<std::uint8_t>(KindOf<T>::value), body);
    if (signature != nullptr)
        writer.put({reinterpret_cast<const char*>(signature->data()), signature->size()});
    const std::size_t length = out.size() - start - frame_length_bytes;
    assert(length <= max_frame_bytes);
    for (std::size_t i = 0; i < frame_length_bytes; ++i)
        out[start + i] =
            static_cast<char>(static_cast<std::uint8_t>(length >> (8 * (frame_length_bytes - 1 - i))));
}

const std::vector<consensus::EntryPtr>& entries_of(const consensus::Message& message) {
    static const std::vector<consensus::EntryPtr> none;
    if (const auto* append = std::get_if<consensus::AppendRequest>(&message)) return append->entries;
    if (const auto* reply = std::get_if<consensus::FetchReply>(&message)) return reply->entries;
    return none;
}

// Reserving exactly what the next frame needs would copy the buffer once a frame.
void make_room(std::string& out, std::size_t more) {
    if (out.capacity() - out.size() < more) out.reserve(std::max(out.size() + more, 2 * out.capacity()));
}

template <class T>
T read(FrameReader& reader) {
    T body;
    reader(body);
    if (reader.remaining() != 0)
        throw cereal::Exception(std::to_string(reader.remaining()) + " bytes follow the end of the message");
    return body;
}

template <class T>
Payload read_message(FrameReader& reader) {
    return consensus::Message(read<T>(reader));
}

// The same for messages that may be signed: when they are, their signature follows.
template <class T>
Payload read_signed(FrameReader& reader, WireSignature* signature) {
    T body;
    reader(body);
    consensus::Message message(std::move(body));
    if (needs_signature(message)) {
        const std::string_view bytes = reader.take(sizeof(WireSignature));
        if (signature != nullptr) std::memcpy(signature->data(), bytes.data(), bytes.size());
    }
    if (reader.remaining() != 0)
        throw cereal::Exception(std::to_string(reader.remaining()) + " bytes follow the end of the message");
    return message;
}

Payload read_payload(FrameReader& reader, WireSignature* signature) {
    const auto version = reader.take_integer<std::uint8_t>();
    if (version > wire_version)
        throw cereal::Exception("the peer speaks wire version " + std::to_string(version) +
                                ", this program " + std::to_string(wire_version) + ": upgrade this node");
    if (version < wire_version)
        throw cereal::Exception("the peer speaks wire version " + std::to_string(version) +
                                ", this program " + std::to_string(wire_version) + ": upgrade the peer");
    const auto kind = reader.take_integer<std::uint8_t>();
    switch (static_cast<FrameKind>(kind)) {
        case FrameKind::hello:
            return read<Hello>(reader);
        case FrameKind::refusal:
            return read<Refusal>(reader);
        case FrameKind::parcel:
            return read<Parcel>(reader);
        case FrameKind::pre_vote_request:
            return read_message<consensus::PreVoteRequest>(reader);
        case FrameKind::pre_vote_reply:
            return read_message<consensus::PreVoteReply>(reader);
        case FrameKind::vote_request:
            return read_message<consensus::VoteRequest>(reader);
        case FrameKind::vote_reply:
            return read_signed<consensus::VoteReply>(reader, signature);
        case FrameKind::append_request:
            return read_signed<consensus::AppendRequest>(reader, signature);
        case FrameKind::append_reply:
            return read_message<consensus::AppendReply>(reader);
        case FrameKind::heartbeat:
            return read_message<consensus::Heartbeat>(reader);
        case FrameKind::heartbeat_reply:
            return read_message<consensus::HeartbeatReply>(reader);
        case FrameKind::read_index_request:
            return read_message<consensus::ReadIndexRequest>(reader);
        case FrameKind::read_index_reply:
            return read_message<consensus::ReadIndexReply>(reader);
        case FrameKind::timeout_now:
            return read_message<consensus::TimeoutNow>(reader);
        case FrameKind::install_base:
            return read_message<consensus::InstallBase>(reader);
        case FrameKind::fetch_request:
            return read_message<consensus::FetchRequest>(reader);
        case FrameKind::fetch_reply:
            return read_message<consensus::FetchReply>(reader);
    }
    throw cereal::Exception("the frame is of the unknown kind " + std::to_string(kind));
}

}  // namespace

bool needs_signature(const consensus::Message& message) {
    if (const auto* vote = std::get_if<consensus::VoteReply>(&message)) return vote->granted;
    if (const auto* append = std::get_if<consensus::AppendRequest>(&message)) return !append->entries.empty();
    return false;
}

std::size_t frame_size(const consensus::Message& message) {
    std::size_t size =
        header_bytes + fixed_body_bytes + (needs_signature(message) ? sizeof(WireSignature) : 0);
    for (const consensus::EntryPtr& entry : entries_of(message))
        size += smallest_entry_bytes + (entry->mark ? entry->mark->size() : 0) + entry->payload.size();
    if (const auto* fetch = std::get_if<consensus::FetchRequest>(&message))
        size += fetch->ids.size() * entry_id_bytes;
    if (const auto* install = std::get_if<consensus::InstallBase>(&message)) {
        const auto& [voters, outgoing, learners] = install->configuration.configuration;
        size += (voters.size() + outgoing.size() + learners.size()) * sizeof(consensus::NodeId) +
                install->configuration.note.size();
    }
    return size;
}

std::size_t frame_size(const Parcel& parcel) {
    return header_bytes + sizeof parcel.kind + sizeof(std::uint32_t) + parcel.body.size();
}

bool fits_frame(const consensus::Message& message) {
    const auto& entries = entries_of(message);
    const bool append = std::holds_alternative<consensus::AppendRequest>(message);
    if (entries.size() > (append ? max_entries : max_fetched)) return false;
    for (const consensus::EntryPtr& entry : entries)
        if (entry->payload.size() > max_payload_bytes) return false;
    if (const auto* fetch = std::get_if<consensus::FetchRequest>(&message))
        return fetch->ids.size() <= max_fetched;
    if (const auto* install = std::get_if<consensus::InstallBase>(&message)) {
        const auto& [voters, outgoing, learners] = install->configuration.configuration;
        return std::max({voters.size(), outgoing.size(), learners.size()}) <= consensus::max_members &&
               install->configuration.note.size() <= consensus::max_note_bytes;
    }
    return frame_size(message) <= max_frame_bytes;
}

bool fits_frame(const Parcel& parcel) {
    return parcel.body.size() <= max_parcel_bytes;
}

void append_frame(std::string& out, const consensus::Message& message, const WireSignature& signature) {
    assert(fits_frame(message));
    make_room(out, frame_size(message));
    const WireSignature* written = needs_signature(message) ? &signature : nullptr;
    std::visit([&out, written](const auto& body) { append(out, body, written); }, message);
}

void append_frame(std::string& out, const Parcel& parcel) {
    assert(fits_frame(parcel));
    make_room(out, frame_size(parcel));
    append(out, parcel);
}

std::string encode(const Payload& payload, const WireSignature& signature) {
    struct Encoder {
        const WireSignature& signature;
        std::string out;
        void operator()(const Hello& hello) {
            assert(hello.origin.size() <= max_name_bytes && hello.genesis_hash.size() <= max_name_bytes);
            append(out, hello);
        }
        void operator()(const Refusal& refusal) {
            assert(refusal.detail.size() <= max_refusal_bytes);
            append(out, refusal);
        }
        void operator()(const consensus::Message& message) { append_frame(out, message, signature); }
        void operator()(const Parcel& parcel) { append_frame(out, parcel); }
    } encoder{signature, {}};
    std::visit(encoder, payload);
    return std::move(encoder.out);
}

std::variant<Payload, DecodeError> decode(std::string_view frame, WireSignature* signature) {
    if (frame.size() > max_frame_bytes)
        return DecodeError{"the frame has " + std::to_string(frame.size()) + " bytes, the limit is " +
                           std::to_string(max_frame_bytes)};
    try {
        FrameReader reader(frame);
        return read_payload(reader, signature);
    } catch (const std::exception& error) {
        return DecodeError{error.what()};
    }
}

}  // namespace socai::network
