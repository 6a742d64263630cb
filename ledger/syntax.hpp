// The spelling rules of names that formats.md fixes, and the quoting of input in messages. Pure; safe from
// any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ledger/error.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_agency_code_bytes = 64;
inline constexpr std::size_t max_record_id_bytes = 64;
inline constexpr std::size_t max_key_name_bytes = 64;
// Bound for business numbers (`subject`, and the fields that queries read): the ledger's own.
inline constexpr std::size_t max_business_number_bytes = 256;

// Agency code: [a-z0-9-]+(\.[a-z0-9-]+)*, at most 64 bytes.
bool is_agency_code(std::string_view text);
// Record id: 1-64 of A-Za-z0-9._:-
bool is_record_id(std::string_view text);
// Key name, the part of a kid after the slash: 1-64 of A-Za-z0-9._-
bool is_kid_name(std::string_view text);
// A word such as a role or a right: [a-z][a-z0-9_]*, at most 64 bytes.
bool is_word(std::string_view text);
// 1-256 bytes of UTF-8 without control characters (C0, DEL, C1). `text` is valid UTF-8 already.
bool is_business_number(std::string_view text);
// A ledger's name (C2SP tlog-checkpoint: a schema-less URL): 1-128 printable ASCII characters without space
// and '+'.
bool is_origin(std::string_view text);

// `text` in quotes for a message: cut to 80 bytes, what is not printable ASCII or whole UTF-8 as '?'.
std::string quote(std::string_view text);

// An error of form, the commonest kind.
inline Error invalid(std::string reason, std::string detail) {
    return {Fault::invalid_statement, std::move(reason), std::move(detail)};
}

}  // namespace socai::ledger
