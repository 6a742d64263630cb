#include "storage/log_format.hpp"

#include "consensus/membership.hpp"
#include "ledger/hash.hpp"
#include "ledger/remains.hpp"
#include "storage/codec.hpp"

namespace socai::storage {
namespace {

constexpr std::uint8_t entry_version = 1;
constexpr std::uint8_t flag_mark = 1;

}  // namespace

std::string encode_mark(const LogMark& mark) {
    std::string bytes;
    put_u64(bytes, mark.write);
    put_u64(bytes, mark.truncated_from.value);
    put_entry_id(bytes, mark.last);
    put_u64(bytes, mark.commit.value);
    return bytes;
}

std::optional<LogMark> decode_mark(std::string_view bytes) {
    ByteReader reader(bytes);
    LogMark mark;
    mark.write = reader.u64();
    mark.truncated_from.value = reader.u64();
    mark.last = reader.entry_id();
    mark.commit.value = reader.u64();
    if (!reader.complete()) return std::nullopt;
    return mark;
}

std::string configuration_key(consensus::Index index) {
    return "c" + number_key(index.value);
}

std::string damage_key(consensus::Index index) {
    return "d" + number_key(index.value);
}

std::string withdrawal_key(consensus::Index index) {
    return "w" + number_key(index.value);
}

std::string encode_base_configuration(const consensus::ConfigurationEntry& entry) {
    return encode_id(entry.id) + consensus::encode_configuration(entry.configuration, entry.note);
}

std::optional<consensus::ConfigurationEntry> decode_base_configuration(std::string_view bytes) {
    ByteReader reader(bytes);
    const consensus::EntryId id = reader.entry_id();
    std::optional<consensus::ConfigurationEntry> entry = consensus::decode_configuration(reader.rest());
    if (entry) entry->id = id;
    return entry;
}

std::string encode_id(const consensus::EntryId& id) {
    std::string bytes;
    put_entry_id(bytes, id);
    return bytes;
}

std::optional<consensus::EntryId> decode_id(std::string_view bytes) {
    ByteReader reader(bytes);
    const consensus::EntryId id = reader.entry_id();
    if (!reader.complete()) return std::nullopt;
    return id;
}

std::string encode_id_value(const consensus::EntryId& id) {
    std::string bytes;
    put_u64(bytes, id.term.value);
    put_digest(bytes, id.hash);
    return bytes;
}

std::optional<consensus::EntryId> decode_id_value(consensus::Index index, std::string_view bytes) {
    ByteReader reader(bytes);
    consensus::EntryId id;
    id.term.value = reader.u64();
    id.index = index;
    id.hash = reader.digest();
    if (!reader.complete()) return std::nullopt;
    return id;
}

std::string encode_entry(const consensus::Entry& entry) {
    std::string bytes;
    bytes.reserve(3 + (entry.mark ? entry.mark->size() : 0) + entry.payload.size());
    put_u8(bytes, entry_version);
    put_u8(bytes, static_cast<std::uint8_t>(entry.kind));
    put_u8(bytes, entry.mark ? flag_mark : 0);
    if (entry.mark) put_digest(bytes, *entry.mark);
    bytes += entry.payload;
    return bytes;
}

std::optional<StoredEntry> view_entry(std::string_view bytes) {
    ByteReader reader(bytes);
    const std::uint8_t version = reader.u8();
    const std::uint8_t kind = reader.u8();
    const std::uint8_t flags = reader.u8();
    if (version != entry_version || kind > static_cast<std::uint8_t>(consensus::EntryKind::payload) ||
        flags > flag_mark) {
        return std::nullopt;
    }
    StoredEntry entry{static_cast<consensus::EntryKind>(kind), std::nullopt, {}};
    if (flags == flag_mark) entry.mark = reader.digest();
    if (!reader.ok()) return std::nullopt;
    entry.payload = reader.rest();
    return entry;
}

std::optional<consensus::Entry> decode_entry(std::string_view bytes) {
    const auto stored = view_entry(bytes);
    if (!stored) return std::nullopt;
    consensus::Entry entry;
    entry.kind = stored->kind;
    entry.mark = stored->mark;
    entry.payload = stored->payload;
    return entry;
}

consensus::Digest digest_of(consensus::EntryKind kind, std::string_view payload) {
    return kind == consensus::EntryKind::payload ? ledger::hash_of_leaf(payload) : ledger::sha256(payload);
}

}  // namespace socai::storage
