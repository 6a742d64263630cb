// The bytes of the `log` database: what stands under which key in which column family. Integers big-endian.
//
//   family   key                    value
//   default  "format"               u32 version (2)
//            "identity"             three lines (identity.hpp)
//            "base"                 id of the entry before the first one held: 48 bytes
//            "base_configuration"   the configuration in force at the base, where an entry made it: the id of
//                                   that entry, 48 bytes, and its payload
//            "mark"                 LogMark, rewritten in every batch: 72 bytes
//            "c" index:u64          id of a configuration entry: 48 bytes
//            "d" index:u64          empty: this entry is held by its id alone, its content is lost
//            "w" index:u64          empty: the bytes of this withdrawn leaf may lie in the files still
//            "renewed"              empty: written to begin RocksDB's log anew; nobody reads it
//   entries  index:u64              0x01 kind:u8 flags:u8 [mark:32] payload      flags bit 0: mark present
//   ids      index:u64              term:u64 chain hash:32
//   terms    term:u64               index:u64 of the term's first entry that is held
//   repairs  index:u64              as `entries`: content that was lost there and came back. Apart, so that
//                                   nothing ever makes RocksDB rewrite the damaged table
//
// The digest of an entry is not stored: it is computed from the payload when the entry is read, and the chain
// hash of the id, kept apart from the payload, says whether it is the one that was acknowledged. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "consensus/types.hpp"

namespace socai::storage {

inline constexpr std::uint32_t log_format_version = 2;
// Column families, in the order in which they are opened.
enum class LogFamily : std::uint8_t { meta, entries, ids, terms, repairs };

// The latest batch, described within that batch: which write it was, and what it left (side_file.hpp).
struct LogMark {
    std::uint64_t write = 0;          // number of the log write; 0: none yet
    consensus::Index truncated_from;  // lowest index that this write took away; 0: none
    consensus::EntryId last;          // the end of the log after it; the base when empty
    consensus::Index commit;          // known committed then, and so in this very log
    bool operator==(const LogMark&) const = default;
};
std::string encode_mark(const LogMark& mark);
std::optional<LogMark> decode_mark(std::string_view bytes);

std::string configuration_key(consensus::Index index);
std::string damage_key(consensus::Index index);
std::string withdrawal_key(consensus::Index index);

// The value of "base_configuration".
std::string encode_base_configuration(const consensus::ConfigurationEntry& entry);
std::optional<consensus::ConfigurationEntry> decode_base_configuration(std::string_view bytes);

std::string encode_id(const consensus::EntryId& id);  // 48 bytes
std::optional<consensus::EntryId> decode_id(std::string_view bytes);

// The value of an id; the index is its key.
std::string encode_id_value(const consensus::EntryId& id);
std::optional<consensus::EntryId> decode_id_value(consensus::Index index, std::string_view bytes);

std::string encode_entry(const consensus::Entry& entry);
// What is stored of an entry; `payload` lies within the bytes that it was read from.
struct StoredEntry {
    consensus::EntryKind kind;
    std::optional<consensus::Digest> mark;
    std::string_view payload;
};
// Nothing when the header is not one of this format.
std::optional<StoredEntry> view_entry(std::string_view bytes);
// The same, copied. Everything but `id` and `digest` is filled in.
std::optional<consensus::Entry> decode_entry(std::string_view bytes);

// The digest that the chain hash covers: RFC 6962 leaf hash for leaves (for withdrawn ones the hash that what remains of them
// names), SHA-256 of the payload for others.
consensus::Digest digest_of(consensus::EntryKind kind, std::string_view payload);

}  // namespace socai::storage
