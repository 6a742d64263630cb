// How each struct that travels between nodes is laid out on the wire: its fields in order, through the
// archives of archive.hpp. A change here is a new wire_version (frame.hpp).
//
// What is promised in a struct's comment and costs next to nothing to check is checked here, at the edge, so
// that consensus/ may rely on it: entries are consecutive, their terms never fall and never pass the
// message's.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "consensus/membership.hpp"
#include "network/archive.hpp"
#include "network/frame.hpp"

namespace socai::network {

inline constexpr std::size_t entry_id_bytes = 8 + 8 + 32;
// Id, kind, digest, mark flag, payload length.
inline constexpr std::size_t smallest_entry_bytes = entry_id_bytes + 1 + 32 + 1 + 4;

inline void save(FrameWriter& writer, const consensus::Entry& entry) {
    writer(entry.id, static_cast<std::uint8_t>(entry.kind), entry.digest, entry.mark);
    save_text(writer, entry.payload);
}
inline void load(FrameReader& reader, consensus::Entry& entry) {
    std::uint8_t kind = 0;
    reader(entry.id, kind, entry.digest, entry.mark);
    if (kind > static_cast<std::uint8_t>(consensus::EntryKind::payload))
        throw cereal::Exception("an entry has the unknown kind " + std::to_string(kind));
    entry.kind = static_cast<consensus::EntryKind>(kind);
    entry.payload = load_text(reader, max_payload_bytes, "an entry's payload");
}

inline void save(FrameWriter& writer, const consensus::PreVoteRequest& m) {
    writer(m.term, m.last);
}
inline void load(FrameReader& reader, consensus::PreVoteRequest& m) {
    reader(m.term, m.last);
}

inline void save(FrameWriter& writer, const consensus::PreVoteReply& m) {
    writer(m.term, m.granted);
}
inline void load(FrameReader& reader, consensus::PreVoteReply& m) {
    reader(m.term, m.granted);
}

inline void save(FrameWriter& writer, const consensus::VoteRequest& m) {
    writer(m.term, m.last, m.transfer);
}
inline void load(FrameReader& reader, consensus::VoteRequest& m) {
    reader(m.term, m.last, m.transfer);
}

inline void save(FrameWriter& writer, const consensus::VoteReply& m) {
    writer(m.term, m.granted);
}
inline void load(FrameReader& reader, consensus::VoteReply& m) {
    reader(m.term, m.granted);
}

inline void save(FrameWriter& writer, const consensus::AppendRequest& m) {
    writer(m.term, m.previous, m.commit, static_cast<std::uint32_t>(m.entries.size()));
    for (const consensus::EntryPtr& entry : m.entries) writer(*entry);
}
inline void load(FrameReader& reader, consensus::AppendRequest& m) {
    reader(m.term, m.previous, m.commit);
    const std::size_t count = load_count(reader, max_entries, smallest_entry_bytes, "entries");
    if (m.previous.index.value > std::numeric_limits<std::uint64_t>::max() - count)
        throw cereal::Exception("the entries' indices pass the largest number");
    if (m.previous.term > m.term)
        throw cereal::Exception("the previous entry is of a later term than the request");
    m.entries.clear();
    m.entries.reserve(count);
    consensus::Term term = m.previous.term;
    for (std::size_t i = 0; i < count; ++i) {
        auto entry = std::make_shared<consensus::Entry>();
        reader(*entry);
        if (entry->id.index != m.previous.index + (i + 1))
            throw cereal::Exception("entry " + std::to_string(i) + " of the request has the index " +
                                    std::to_string(entry->id.index.value) + ", which does not follow");
        if (entry->id.term < term || entry->id.term > m.term)
            throw cereal::Exception("entry " + std::to_string(i) + " of the request has the term " +
                                    std::to_string(entry->id.term.value) + ", which is out of order");
        term = entry->id.term;
        m.entries.push_back(std::move(entry));
    }
}

inline void save(FrameWriter& writer, const consensus::AppendReply& m) {
    writer(m.term, m.accepted, m.index, m.hint, m.hint_term, m.lost);
}
inline void load(FrameReader& reader, consensus::AppendReply& m) {
    reader(m.term, m.accepted, m.index, m.hint, m.hint_term, m.lost);
}

inline void save(FrameWriter& writer, const consensus::Heartbeat& m) {
    writer(m.term, m.commit, m.read);
}
inline void load(FrameReader& reader, consensus::Heartbeat& m) {
    reader(m.term, m.commit, m.read);
}

inline void save(FrameWriter& writer, const consensus::HeartbeatReply& m) {
    writer(m.term, m.read, m.commit);
}
inline void load(FrameReader& reader, consensus::HeartbeatReply& m) {
    reader(m.term, m.read, m.commit);
}

inline void save(FrameWriter& writer, const consensus::ReadIndexRequest& m) {
    writer(m.term, m.context);
}
inline void load(FrameReader& reader, consensus::ReadIndexRequest& m) {
    reader(m.term, m.context);
}

inline void save(FrameWriter& writer, const consensus::ReadIndexReply& m) {
    writer(m.term, m.context, m.index);
}
inline void load(FrameReader& reader, consensus::ReadIndexReply& m) {
    reader(m.term, m.context, m.index);
}

inline void save(FrameWriter& writer, const consensus::TimeoutNow& m) {
    writer(m.term);
}
inline void load(FrameReader& reader, consensus::TimeoutNow& m) {
    reader(m.term);
}

inline void save(FrameWriter& writer, const std::vector<consensus::NodeId>& nodes) {
    writer(static_cast<std::uint32_t>(nodes.size()));
    for (const consensus::NodeId& node : nodes) writer(node);
}
inline void load(FrameReader& reader, std::vector<consensus::NodeId>& nodes) {
    const std::size_t count =
        load_count(reader, consensus::max_members, sizeof(consensus::NodeId), "members of a configuration");
    nodes.resize(count);
    for (consensus::NodeId& node : nodes) reader(node);
}

inline void save(FrameWriter& writer, const consensus::ConfigurationEntry& entry) {
    writer(entry.id, entry.configuration.voters, entry.configuration.outgoing, entry.configuration.learners);
    save_text(writer, entry.note);
}
inline void load(FrameReader& reader, consensus::ConfigurationEntry& entry) {
    reader(entry.id, entry.configuration.voters, entry.configuration.outgoing, entry.configuration.learners);
    entry.note = load_text(reader, consensus::max_note_bytes, "a configuration's note");
}

inline void save(FrameWriter& writer, const consensus::InstallBase& m) {
    writer(m.term, m.base, m.configuration);
}
inline void load(FrameReader& reader, consensus::InstallBase& m) {
    reader(m.term, m.base, m.configuration);
}

inline void save(FrameWriter& writer, const consensus::FetchRequest& m) {
    writer(m.term, static_cast<std::uint32_t>(m.ids.size()));
    for (const consensus::EntryId& id : m.ids) writer(id);
}
inline void load(FrameReader& reader, consensus::FetchRequest& m) {
    reader(m.term);
    m.ids.resize(load_count(reader, max_fetched, entry_id_bytes, "ids"));
    for (consensus::EntryId& id : m.ids) reader(id);
}

inline void save(FrameWriter& writer, const consensus::FetchReply& m) {
    writer(m.term, static_cast<std::uint32_t>(m.entries.size()));
    for (const consensus::EntryPtr& entry : m.entries) writer(*entry);
}
inline void load(FrameReader& reader, consensus::FetchReply& m) {
    reader(m.term);
    const std::size_t count = load_count(reader, max_fetched, smallest_entry_bytes, "entries");
    m.entries.clear();
    for (std::size_t i = 0; i < count; ++i) {
        auto entry = std::make_shared<consensus::Entry>();
        reader(*entry);
        m.entries.push_back(std::move(entry));
    }
}

inline void save(FrameWriter& writer, const Hello& m) {
    save_text(writer, m.origin);
    save_text(writer, m.genesis_hash);
    writer(m.from, m.to, m.signed_size);
}
inline void load(FrameReader& reader, Hello& m) {
    m.origin = load_text(reader, max_name_bytes, "the origin");
    m.genesis_hash = load_text(reader, max_name_bytes, "the genesis hash");
    reader(m.from, m.to, m.signed_size);
}

inline void save(FrameWriter& writer, const Refusal& m) {
    save_text(writer, m.detail);
}
inline void load(FrameReader& reader, Refusal& m) {
    m.detail = load_text(reader, max_refusal_bytes, "the refusal");
}

inline void save(FrameWriter& writer, const Parcel& m) {
    writer(m.kind);
    save_text(writer, m.body);
}
inline void load(FrameReader& reader, Parcel& m) {
    reader(m.kind);
    m.body = load_text(reader, max_parcel_bytes, "the parcel");
}

}  // namespace socai::network
