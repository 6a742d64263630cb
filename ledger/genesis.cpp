#include "ledger/genesis.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "ledger/entry.hpp"
#include "ledger/genesis_checks.hpp"
#include "ledger/genesis_json.hpp"
#include "ledger/governance/passage.hpp"
#include "ledger/genesis_part.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy.hpp"
#include "ledger/statement.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_genesis";

Error malformed(std::string detail) {
    return invalid(std::string(reason), "genesis: " + std::move(detail));
}

Result<void> check_policy(const Genesis& genesis) {
    const Result<Policy> policy = parse_policy(genesis.policy);
    if (!policy) return malformed("policy: " + policy.error().detail);
    return check_policy_logs(*policy, genesis.nodes, genesis.origin, std::string(reason));
}

// A rule that nobody knows could never be kept.
Result<void> check_passage(const Genesis& genesis) {
    for (const auto& [of, rule] : genesis.parameters.passage) {
        if (matter(of) == nullptr)
            return malformed("parameters.passage: there is no matter " + quote(of));
        if (!passage(rule))
            return malformed("parameters.passage: " + quote(rule) + " is none of any, majority, two_thirds, all");
    }
    return {};
}

// Who signed, and whether that key may.
Result<void> check_signer(const Genesis& genesis, const Statement& statement) {
    const Record& record = statement.records.front();
    if (statement.audience != genesis.origin) {
        return invalid("wrong_audience", "aud is " + quote(statement.audience) + ", the genesis founds " +
                                             quote(genesis.origin));
    }
    const RegisteredKey* key = genesis.registry.key(statement.kid);
    if (key == nullptr || !key->valid_at(0)) {
        return invalid("unknown_kid", "the genesis is signed by " + quote(statement.kid) +
                                          ", which it does not register as valid from leaf 0");
    }
    if (!verify_signature(statement, key->key)) {
        return invalid("bad_signature", "the signature of the genesis does not verify");
    }
    if (record.source != key->agency || key->purpose != KeyPurpose::record ||
        !genesis.registry.agency(key->agency)->has_role(member_role)) {
        return Error{Fault::forbidden, "source_not_allowed",
                     "the genesis must come from a member and be signed by that member's own record key"};
    }
    return {};
}

// All that is wrong in one sentence: whoever reads it asks every agency concerned, not one after the other.
Result<void> check_consents(const Genesis& genesis) {
    const std::vector<Error> faults = consent_faults(genesis);
    if (faults.empty()) return {};
    Error first = faults.front();
    for (std::size_t i = 1; i < faults.size(); ++i) first.detail += "; " + faults[i].detail;
    return first;
}

}  // namespace

std::string genesis_record(const Genesis& genesis, std::string_view source, std::string_view time) {
    json::object record;
    record["specversion"] = "1.0";
    record["id"] = "genesis";
    record["source"] = source;
    record["type"] = genesis_type;
    record["subject"] = genesis.origin;
    record["time"] = time;
    record["datacontenttype"] = "application/json";
    record["data"] = genesis_data(genesis);
    return json::serialize(record);
}

Result<Genesis> parse_genesis(std::string_view entry) {
    if (entry.size() > max_entry_bytes) {
        return Error{Fault::too_large, "entry_too_large",
                     "the genesis has " + std::to_string(entry.size()) +
                         " bytes and a leaf at most 65,535: register fewer agencies, keys or nodes in it"};
    }
    const Result<EntryText> parts = split_entry(entry);
    if (!parts) return parts.error();
    const Result<Statement> statement = parse_statement(parts->statement);
    if (!statement) return statement.error();
    const Record& record = statement->records.front();
    if (statement->bundle || record.type != genesis_type) {
        return malformed("leaf 0 must be one record of type " + std::string(genesis_type));
    }
    Result<Genesis> genesis = parse_genesis_data(record.json.at("data"));
    if (!genesis) return genesis.error();
    if (!is_origin(genesis->origin) || record.subject != genesis->origin) {
        return malformed(
            "origin must be 1 to 128 printable ASCII characters without space and '+', and "
            "the record's subject the same");
    }
    if (Result<void> checked = check_founders(genesis->registry, genesis->nodes, std::string(reason));
        !checked)
        return malformed(checked.error().detail);
    if (Result<void> checked = check_policy(*genesis); !checked) return checked.error();
    if (Result<void> checked = check_passage(*genesis); !checked) return checked.error();
    if (Result<void> checked = check_consents(*genesis); !checked) return checked.error();
    if (Result<void> checked = check_signer(*genesis, *statement); !checked) return checked.error();
    if (record.time_ms - parts->time_ms > genesis->parameters.max_future_ms) {
        return invalid("future_time", "the genesis was signed for " + record.time + " but accepted at " +
                                          format_rfc3339(parts->time_ms));
    }
    return genesis;
}

}  // namespace socai::ledger
