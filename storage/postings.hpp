// The indexes behind ledger.query and the timeline: for every value of every query field the addresses of the
// records that have it, in ledger order, as keys without values.
//
//   posting = field:u8 value:16 address:u64      address = leaf << 12 | n      integers big-endian
//   value   = BLAKE2b-128 of the text; for `day` and `reference` a number:u64 and 8 zero bytes
//
// 128 bits of a cryptographic hash do not collide, so that membership needs no second look at the record
// (a pair of colliding values would take 2^64 work, and would only mix up the two). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fields.hpp"
#include "ledger/entry.hpp"

namespace socai::storage {

enum class Field : std::uint8_t {
    dossier = 1,
    declaration = 2,
    subject = 3,
    goods_key = 4,
    tax_code = 5,
    source = 6,
    type = 7,
    hs_prefix = 8,  // of 2, 4, 6 and 8 digits
    day = 9,        // of the signed time, days since the epoch, UTC
    reference = 10  // value: the packed address that is referred to
};

inline constexpr std::size_t posting_prefix_bytes = 1 + 16;
inline constexpr std::uint64_t milliseconds_a_day = 24LL * 60 * 60 * 1000;

// Addresses as numbers that sort in ledger order. n < 4,096 (ledger::max_bundle_records), index < 2^52.
std::uint64_t pack(const ledger::Address& address);
ledger::Address unpack(std::uint64_t packed);

// The first 17 bytes of the postings of one value.
std::string posting_prefix(Field field, std::string_view value);
std::string posting_prefix(Field field, std::uint64_t number);
std::string posting_key(std::string_view prefix, std::uint64_t packed);

// The prefixes of every posting of a record but its references, each once.
std::vector<std::string> posting_prefixes(const inspection::Fields& fields);

}  // namespace socai::storage
