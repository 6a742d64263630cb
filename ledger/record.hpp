// A record: one CloudEvents 1.0 event as design/formats.md restricts it. Pure values; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/hash.hpp"

namespace socai::ledger {

// A pointer from one record to an earlier one (`data.refs[]`).
struct Reference {
    std::string rel;  // one of: under about for carries supported_by decides based_on caused_by because_of
                      // supersedes closes
    std::string source;
    std::string id;
};

// In data._sd of one record.
inline constexpr std::size_t max_commitments = 32;

struct Record {
    std::string id;            // unique within source, 1-64 of A-Za-z0-9._:-
    std::string source;        // agency code
    std::string type;          // vn.socai.<kind>.v<n>
    std::string subject;       // the business number: 1-256 bytes without control characters
    std::string time;          // RFC 3339, as signed
    std::int64_t time_ms = 0;  // the same instant, milliseconds since the Unix epoch
    std::vector<Reference> refs;
    std::vector<Hash> commitments;  // of data._sd: members that are told beside the log (disclosure.hpp)
    boost::json::object json;  // the whole event, for reading; never re-serialised into anything signed
    Hash digest{};  // SHA-256 of the record's exact bytes in the payload: its identity with (source, id)

    // "catalog_item" of "vn.socai.catalog_item.v1"; empty when type has another form. Views into `type`.
    std::string_view kind() const;
    // The number after the last ".v" of type; 0 when type has another form.
    std::uint32_t version() const;
    // The `data` member. Precondition: the record came out of parse_record.
    const boost::json::object& data() const;
};

// Parses one record from its exact bytes (white space around it is not part of them). Checks I-JSON (RFC
// 7493) and every attribute rule of the table in formats.md that does not need the ledger's state. Errors:
// Fault::invalid_statement with the place of the fault; reasons are parse_ijson's and record_not_object,
// attribute_missing, attribute_unknown, wrong_specversion, bad_id, bad_source, bad_type, bad_subject,
// bad_time, wrong_datacontenttype, bad_data, bad_refs, unknown_relation, bad_legal_basis, bad_commitments,
// reserved_member.
Result<Record> parse_record(std::string_view bytes);

// As parse_record, for a JSON value that was parsed already by parse_ijson (`bytes` are its exact bytes).
Result<Record> parse_record(boost::json::object json, std::string_view bytes);

}  // namespace socai::ledger
