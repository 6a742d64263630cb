#include "ledger/genesis_part.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <set>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/genesis_checks.hpp"
#include "ledger/genesis_json.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/statement.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr const char* reason = "malformed_part";

Error malformed(std::string_view agency, std::string detail) {
    return invalid(reason, "part of " + quote(agency) + ": " + std::move(detail));
}

Error of_part(std::string_view agency, Error error) {
    error.detail = "part of " + quote(agency) + ": " + error.detail;
    return error;
}

// The record's JSON bytes.
std::string part_record(const GenesisPart& part) {
    json::object data;
    data["agencies"] = agencies_json(part.registry);
    data["keys"] = keys_json(part.registry);
    data["delegations"] = delegations_json(part.registry);
    data["nodes"] = nodes_json(part.nodes);
    data["addresses"] = addresses_json(part.consent.addresses);
    data["refs"] = json::array();

    json::object record;
    record["specversion"] = "1.0";
    record["id"] = "genesis-part";
    record["source"] = part.consent.agency;
    record["type"] = genesis_part_type;
    record["subject"] = part.origin;
    record["time"] = part.consent.time;
    record["datacontenttype"] = "application/json";
    record["data"] = std::move(data);
    return json::serialize(record);
}

std::string signing_input(const GenesisPart& part) {
    return statement_signing_input(part.consent.kid, part.origin, part_record(part), false);
}

std::string with_signature(std::string input, const Signature& signature) {
    return std::move(input) + "." +
           base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

// All of it is the member's own, and there is no other member.
Result<void> check_owner(const GenesisPart& part) {
    const std::string& agency = part.consent.agency;
    if (part.registry.members() != std::vector<std::string>{agency}) {
        return malformed(agency, "it must hold exactly one agency with the role \"member\", " +
                                     quote(agency) + " itself; every member makes a part of its own");
    }
    if (const auto checked = check_founding_registry(part.registry, reason); !checked)
        return of_part(agency, checked.error());
    if (part.nodes.empty()) return {};
    if (const auto checked = check_founders(part.registry, part.nodes, reason); !checked)
        return of_part(agency, checked.error());
    return {};
}

Result<void> check_part_addresses(const GenesisPart& part) {
    for (const auto& [node, address] : part.consent.addresses) {
        if (std::ranges::find(part.nodes, node, &GenesisNode::name) == part.nodes.end())
            return malformed(part.consent.agency,
                             "addresses name " + quote(node) + ", which is no node of it");
        if (!is_peer_address(address))
            return malformed(part.consent.agency, "the address of " + quote(node) + " is " + quote(address) +
                                                      "; it must be host:port, such as 10.20.1.11:7402");
    }
    return {};
}

Result<void> read_part(const Record& record, GenesisPart& part) {
    JsonMembers members(record.json.at("data"), reason, "data",
                        {"agencies", "keys", "delegations", "nodes", "addresses", "refs"});
    if (members.fault()) return *members.fault();
    if (auto done = read_registry(members, reason, part.registry); !done) return done;
    if (auto done = read_nodes(members, reason, part.nodes); !done) return done;
    auto addresses = read_addresses(members.any("addresses"), reason, "data.addresses");
    if (!addresses) return addresses.error();
    part.consent.addresses = *std::move(addresses);
    return {};
}

// Who signed, and whether it is the member's root key.
Result<void> check_signature(const GenesisPart& part, const Statement& statement) {
    const std::string& agency = part.consent.agency;
    const RegisteredKey* key = part.registry.key(statement.kid);
    if (key == nullptr || key->agency != agency || key->purpose != KeyPurpose::root || !key->valid_at(0))
        return of_part(agency, invalid("unknown_kid", "it is signed by " + quote(statement.kid) +
                                                          ", which it does not register as a root key of " +
                                                          quote(agency) + " that is valid from leaf 0"));
    if (!verify_signature(statement, key->key))
        return of_part(
            agency, invalid("bad_signature", "its signature is not that of the root key " + quote(key->kid) +
                                                 "; the part was altered, or signed by another key: "
                                                 "have the agency make and send it again"));
    return {};
}

Result<void> check_consent(const Genesis& genesis, const Consent& consent) {
    const std::string who = quote(consent.agency);
    const GenesisPart part = part_of(genesis, consent);
    const RegisteredKey* key = genesis.registry.key(consent.kid);
    if (key == nullptr || key->agency != consent.agency || key->purpose != KeyPurpose::root ||
        !key->valid_at(0))
        return invalid("broken_consent", "genesis: the consent of " + who + " is signed by " +
                                             quote(consent.kid) +
                                             ", which is no root key of it that is valid from leaf 0");
    if (!verify_ed25519(key->key, signing_input(part), consent.signature))
        return invalid(
            "broken_consent",
            "genesis: what it says of " + who + " is not what the root key " + quote(consent.kid) +
                " signed: an agency, key, delegation, node or address of it, or the ledger's name, was "
                "changed, added or dropped; put the genesis together again from the part that " +
                who + " sent");
    if (!parse_rfc3339(consent.time))
        return invalid("malformed_genesis", "genesis: the time of the consent of " + who + " is " +
                                                quote(consent.time) +
                                                ", which is no time as RFC 3339 has it");
    if (const auto checked = check_part_addresses(part); !checked)
        return invalid("malformed_genesis", "genesis: " + checked.error().detail);
    return {};
}

}  // namespace

bool is_peer_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (text.size() > max_peer_address_bytes || colon == std::string_view::npos || colon == 0) return false;
    const std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
    if (!bracketed && host.find_first_of(":[]") != std::string_view::npos) return false;
    if (!std::ranges::all_of(host, [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; }))
        return false;
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    return error == std::errc() && end == port.data() + port.size() && port.front() != '0' &&
           number <= 65'535;
}

std::string sign_part(const GenesisPart& part, const KeyPair& root) {
    std::string input = signing_input(part);
    const Signature signature = root.sign(input);
    return with_signature(std::move(input), signature);
}

std::string part_text(const GenesisPart& part) {
    return with_signature(signing_input(part), part.consent.signature);
}

Result<GenesisPart> parse_part(std::string_view text) {
    const Result<Statement> statement = parse_statement(text);
    if (!statement) return statement.error();
    const Record& record = statement->records.front();
    if (statement->bundle || record.type != genesis_part_type)
        return invalid(reason, "this is no part of a genesis: a part is one record of type " +
                                   std::string(genesis_part_type) + ", as `socai genesis join` makes it");
    GenesisPart part;
    part.origin = statement->audience;
    part.consent = {record.source, statement->kid, record.time, {}, statement->signature};
    const std::string& agency = part.consent.agency;
    if (!is_origin(part.origin) || record.subject != part.origin)
        return of_part(agency, invalid("wrong_audience", "aud is " + quote(part.origin) +
                                                             " and the subject " + quote(record.subject) +
                                                             "; both must be the name of one ledger"));
    if (const auto read = read_part(record, part); !read) return of_part(agency, read.error());
    if (const auto checked = check_owner(part); !checked) return checked.error();
    if (const auto checked = check_part_addresses(part); !checked) return checked.error();
    if (const auto checked = check_signature(part, *statement); !checked) return checked.error();
    if (part_text(part) != text)
        return malformed(agency,
                         "it is not spelt as it would be rebuilt from a genesis; `socai genesis join` "
                         "spells it so");
    return part;
}

GenesisPart part_of(const Genesis& genesis, const Consent& consent) {
    GenesisPart part;
    part.origin = genesis.origin;
    part.consent = consent;
    copy_branch(genesis.registry, consent.agency, part.registry);
    for (const auto& [kid, key] : genesis.registry.keys()) {
        if (part.registry.agency(key.agency) != nullptr) part.registry.add_key(key).value();
    }
    // check_founders: the delegate stands below the same member.
    for (const auto& [delegate, sources] : genesis.registry.delegations()) {
        if (part.registry.agency(delegate) == nullptr) continue;
        for (const std::string& source : sources) part.registry.add_delegation(delegate, source).value();
    }
    for (const GenesisNode& node : genesis.nodes) {
        if (node.agency != consent.agency) continue;
        part.nodes.push_back(node);
        part.nodes.back().raft_id = part.nodes.size();
    }
    return part;
}

std::vector<Error> consent_faults(const Genesis& genesis) {
    std::vector<Error> faults;
    const auto is_member = [members = genesis.registry.members()](const std::string& agency) {
        return std::ranges::find(members, agency) != members.end();
    };
    std::set<std::string_view> agreed;
    for (const Consent& consent : genesis.consents) {
        if (!is_member(consent.agency)) {
            faults.push_back(invalid(
                "malformed_genesis",
                "genesis: it holds a consent of " + quote(consent.agency) + ", which is no member in it"));
        } else if (!agreed.insert(consent.agency).second) {
            faults.push_back(
                invalid("malformed_genesis", "genesis: it holds two consents of " + quote(consent.agency)));
        } else if (const auto checked = check_consent(genesis, consent); !checked) {
            faults.push_back(checked.error());
        }
    }
    for (const std::string& member : genesis.registry.members()) {
        if (!agreed.contains(member))
            faults.push_back(invalid(
                "missing_consent", "genesis: member " + quote(member) +
                                       " has not agreed: there is no consent of it; put the genesis together "
                                       "from a part of every member"));
    }
    return faults;
}

}  // namespace socai::ledger
