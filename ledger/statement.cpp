#include "ledger/statement.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/jwk.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> header_members{"alg", "kid", "typ", "aud", "cty"};
constexpr std::string_view single_content_type = "application/cloudevents+json";
constexpr std::string_view bundle_content_type = "application/cloudevents-batch+json";

struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

// RFC 7515 §7.1: header "." payload "." signature.
Result<Parts> split_parts(std::string_view text) {
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
        return invalid("malformed_statement",
                       "a statement is a compact JWS: three parts of base64url joined by two dots");
    }
    return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

Result<std::string> decode(std::string_view part, std::string_view name) {
    std::optional<std::string> bytes = base64url_decode(part);
    if (!bytes) {
        return invalid("bad_base64url", "the " + std::string(name) +
                                            " is not strict base64url: no '=', no white space, only A-Z a-z "
                                            "0-9 - _, unused bits zero (RFC 4648 3.5)");
    }
    return *std::move(bytes);
}

struct Header {
    std::string kid;
    std::string audience;
    bool bundle = false;
};

// Exactly the five members, each a string. An allow-list: whatever else a JWS header may say (crit, b64, jwk,
// jku, x5u, ...) would change what the signature means (reference/transparency_log.md §2, hardening 3).
Result<void> check_members(const json::object& header) {
    for (const json::key_value_pair& member : header) {
        if (std::ranges::find(header_members, std::string_view(member.key())) == header_members.end()) {
            return invalid("header_member_unknown", "the header has the member " + quote(member.key()) +
                                                        "; it may have exactly alg, kid, typ, aud, cty");
        }
        if (!member.value().is_string()) {
            return invalid("malformed_header",
                           "the header's member " + quote(member.key()) + " must be a string");
        }
    }
    for (const std::string_view name : header_members) {
        if (!header.contains(name)) {
            return invalid("header_member_missing",
                           "the header lacks the member \"" + std::string(name) + "\"");
        }
    }
    return {};
}

Result<Header> parse_header(std::string_view bytes) {
    const Result<json::value> value = parse_ijson(bytes);
    if (!value) return invalid(value.error().reason, "header: " + value.error().detail);
    const json::object* header = value->if_object();
    if (header == nullptr) return invalid("malformed_header", "the header must be a JSON object");
    if (Result<void> checked = check_members(*header); !checked) return checked.error();

    const auto text = [header](std::string_view name) {
        return std::string_view(header->at(name).get_string());
    };
    if (text("alg") != "EdDSA" && text("alg") != "Ed25519") {
        return invalid("unsupported_algorithm",
                       "alg is " + quote(text("alg")) + "; it must be \"EdDSA\" (or \"Ed25519\")");
    }
    if (text("typ") != "socai+jws") {
        return invalid("wrong_type", "typ is " + quote(text("typ")) + "; it must be \"socai+jws\"");
    }
    if (text("cty") != single_content_type && text("cty") != bundle_content_type) {
        return invalid("wrong_content_type",
                       "cty is " + quote(text("cty")) + "; it must be \"" + std::string(single_content_type) +
                           "\" or, for a bundle, \"" + std::string(bundle_content_type) + "\"");
    }
    return Header{std::string(text("kid")), std::string(text("aud")), text("cty") == bundle_content_type};
}

Error in_record(std::size_t position, Error error) {
    error.detail = "record " + std::to_string(position) + " of the bundle: " + error.detail;
    return error;
}

// One kind, one source, no id twice.
Result<void> check_bundle(const std::vector<Record>& records) {
    for (const Record& record : records) {
        if (record.type != records.front().type || record.source != records.front().source) {
            return invalid("mixed_bundle", "a bundle holds records of one type and one source; " +
                                               quote(record.id) + " differs from " +
                                               quote(records.front().id) + "; make one bundle for each");
        }
    }
    std::map<std::string_view, const Record*> by_id;
    for (const Record& record : records) {
        const auto [known, added] = by_id.emplace(record.id, &record);
        if (added) continue;
        if (known->second->digest == record.digest) {
            return invalid("repeated_record",
                           "the bundle holds the record " + quote(record.id) + " twice; keep one");
        }
        return Error{Fault::conflict, "other_content",
                     "the bundle holds two different records under the id " + quote(record.id) +
                         "; give one of them another id"};
    }
    return {};
}

// `payload` is a JSON array of records. Nesting is counted from each record, so that a record which is
// allowed alone is allowed in a bundle.
Result<std::vector<Record>> parse_bundle(std::string_view payload) {
    Result<json::value> value = parse_ijson(payload, max_json_depth + 1);
    if (!value) return value.error();
    json::array* events = value->if_array();
    if (events == nullptr) {
        return invalid("payload_not_array", "cty says that this is a bundle: the payload must be an array");
    }
    if (events->size() < 2 || events->size() > max_bundle_records) {
        return invalid("bundle_size", "a bundle holds 2 to 4,096 records, this one " +
                                          std::to_string(events->size()) +
                                          "; sign one record alone with cty application/cloudevents+json");
    }
    const std::vector<std::string_view> bytes = array_elements(payload);
    std::vector<Record> records;
    records.reserve(events->size());
    for (std::size_t i = 0; i < events->size(); ++i) {
        json::object* event = (*events)[i].if_object();
        if (event == nullptr) {
            return in_record(i, invalid("record_not_object", "a record must be a JSON object"));
        }
        Result<Record> record = parse_record(std::move(*event), bytes[i]);
        if (!record) return in_record(i, record.error());
        records.push_back(*std::move(record));
    }
    if (Result<void> checked = check_bundle(records); !checked) return checked.error();
    return records;
}

}  // namespace

Result<Statement> parse_statement(std::string_view text) {
    if (text.size() > max_statement_bytes) {
        return Error{Fault::too_large, "entry_too_large",
                     "the statement has " + std::to_string(text.size()) + " bytes; at most " +
                         std::to_string(max_statement_bytes) +
                         " fit into an entry: split the bundle, or continue the content in further records"};
    }
    const Result<Parts> parts = split_parts(text);
    if (!parts) return parts.error();
    const Result<std::string> header_bytes = decode(parts->header, "header");
    if (!header_bytes) return header_bytes.error();
    const Result<std::string> payload = decode(parts->payload, "payload");
    if (!payload) return payload.error();
    const Result<std::string> signature = decode(parts->signature, "signature");
    if (!signature) return signature.error();

    Result<Header> header = parse_header(*header_bytes);
    if (!header) return header.error();
    Statement statement;
    if (signature->size() != statement.signature.size()) {
        return invalid("malformed_signature", "the signature has " + std::to_string(signature->size()) +
                                                  " bytes; an Ed25519 signature has 64");
    }
    if (header->bundle) {
        Result<std::vector<Record>> records = parse_bundle(*payload);
        if (!records) return records.error();
        statement.records = *std::move(records);
    } else {
        Result<Record> record = parse_record(*payload);
        if (!record) return record.error();
        statement.records.push_back(*std::move(record));
    }
    statement.text = text;
    statement.signing_bytes = parts->header.size() + 1 + parts->payload.size();
    statement.kid = std::move(header->kid);
    statement.audience = std::move(header->audience);
    statement.bundle = header->bundle;
    std::ranges::copy(*signature, statement.signature.begin());
    return statement;
}

bool verify_signature(const Statement& statement, const PublicKey& key) {
    return verify_ed25519(key, statement.signing_input(), statement.signature);
}

}  // namespace socai::ledger
