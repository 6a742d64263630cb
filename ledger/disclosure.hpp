// A disclosure: one member of a record's data that the leaf only commits to, told beside the log (RFC 9901 §4.2). Its text is
// base64url of the JSON array ["salt", "name", value]; the commitment, in data._sd, is base64url of SHA-256 over that text.
// Without the salt nobody finds the value by trying. Pure but for make_disclosure's salt; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "ledger/error.hpp"
#include "ledger/hash.hpp"
#include "ledger/record.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_disclosure_bytes = 32'768;
// RFC 9901 §9.3: 128 bits at least, here as base64url.
inline constexpr std::size_t min_salt_characters = 22;
inline constexpr std::size_t max_salt_characters = 128;

struct Disclosure {
    std::string text;  // exact bytes: what the commitment hashes
    std::string name;  // of the member of data
    boost::json::value value;
    Hash digest{};  // of the text: the commitment
};

// Errors, Fault::invalid_statement: malformed_disclosure, with what is wrong.
Result<Disclosure> parse_disclosure(std::string_view text);
// With a salt of 128 random bits.
Disclosure make_disclosure(std::string_view name, const boost::json::value& value);

// base64url, as it stands in data._sd.
std::string commitment_text(const Hash& digest);
// Nothing when `text` is no commitment.
std::optional<Hash> parse_commitment(std::string_view text);

// The whole event with what the disclosures tell in the place of data._sd: for schema and rules, and for people. Disclosures
// that the record does not commit to are passed over. Error, Fault::invalid_statement: malformed_disclosure, where a member
// stands in clear already or is told twice.
Result<Record> opened(const Record& record, std::span<const Disclosure> disclosures);

}  // namespace socai::ledger
