// Base64 and base64url (RFC 4648 §4, §5), strict in both directions: one value has exactly one spelling, so
// that a signature cannot be respelled into a second leaf (reference/transparency_log.md §2, hardening 1).
// Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace socai::ledger {

// URL-safe alphabet, no padding: what JWS and JWK use.
std::string base64url(std::string_view bytes);
// Nothing when `text` has padding, white space, a character of the other alphabet, an impossible length, or
// spare bits that are not zero (RFC 4648 §3.5).
std::optional<std::string> base64url_decode(std::string_view text);

// Standard alphabet, padded: what signed notes and vkeys use.
std::string base64(std::string_view bytes);
// As base64url_decode, but the padding is required.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace socai::ledger
