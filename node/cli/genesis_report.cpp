#include "node/cli/genesis_report.hpp"

#include <boost/json/array.hpp>
#include <cstdint>

#include "ledger/genesis_json.hpp"
#include "ledger/head.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy.hpp"
#include "node/cli/output.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using client::TextTable;
using ledger::KeyPurpose;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

void print_agencies(const ledger::Registry& registry) {
    print_line("\nAgencies");
    TextTable table({"AGENCY", "BELOW", "ROLES", "SPEAKS FOR", "NAME"});
    for (const json::value& item : ledger::agencies_json(registry)) {
        const ledger::Agency& agency = *registry.agency(std::string_view(item.at("code").get_string()));
        const auto sources = registry.delegations().find(agency.code);
        table.add({agency.code, agency.parent.value_or("-"), joined(agency.roles),
                   sources == registry.delegations().end() ? "-" : joined(sources->second),
                   agency.name_vi + " / " + agency.name_en});
    }
    print_table(table);
}

void print_keys(const ledger::Registry& registry) {
    print_line("\nKeys");
    TextTable table({"PURPOSE", "KEY", "PUBLIC KEY", "VALID FROM", "RIGHTS"});
    for (const KeyPurpose purpose :
         {KeyPurpose::root, KeyPurpose::registrar, KeyPurpose::auditor, KeyPurpose::record}) {
        for (const auto& [kid, key] : registry.keys()) {
            if (key.purpose != purpose) continue;
            std::string valid = "leaf " + std::to_string(key.valid_from);
            if (key.valid_to) valid += " to " + std::to_string(*key.valid_to);
            table.add({std::string(ledger::word_of(purpose)), kid, ledger::key_text(key.key), valid,
                       key.rights.empty() ? "-" : joined(key.rights)});
        }
    }
    print_table(table);
}

void print_nodes(const std::vector<ledger::GenesisNode>& nodes, const ledger::Consent::Addresses& addresses) {
    print_line("\nNodes");
    TextTable table({"NODE", "AGENCY", "RAFT ID", "ADDRESS", "LOG KEY"});
    for (const ledger::GenesisNode& node : nodes) {
        const auto address = addresses.find(node.name);
        table.add({node.name, node.agency, std::to_string(node.raft_id),
                   address == addresses.end() ? "-" : address->second, ledger::key_text(node.log_key)});
    }
    print_table(table);
}

ledger::Consent::Addresses all_addresses(const ledger::Genesis& genesis) {
    ledger::Consent::Addresses all;
    for (const ledger::Consent& consent : genesis.consents)
        all.insert(consent.addresses.begin(), consent.addresses.end());
    return all;
}

std::string policy_words(const ledger::Policy& policy) {
    if (policy.quorum == "none") return "no cosignature is needed: one node alone is believed";
    for (const ledger::PolicyGroup& group : policy.groups) {
        if (group.name != policy.quorum) continue;
        return "a head is final when " + std::to_string(group.threshold) +
               " of these have signed it: " + joined(group.members);
    }
    return "a head is final when " + policy.quorum + " has signed it";
}

void print_terms(const ledger::Genesis& genesis) {
    print_line("\nWhat no part says, and every member must agree to");
    TextTable table({"TERM", "VALUE"});
    const auto milliseconds = [](std::int64_t value) { return std::to_string(value) + " ms"; };
    table.add({"signed time may be ahead by", milliseconds(genesis.parameters.max_future_ms)});
    table.add({"and behind, before it is marked late, by", milliseconds(genesis.parameters.max_backdate_ms)});
    for (const auto& [matter, rule] : genesis.parameters.passage) table.add({"to pass " + matter, rule});
    if (genesis.parameters.passage.empty()) table.add({"passage", "as the program's rules say by default"});
    const auto policy = ledger::parse_policy(genesis.policy);
    if (policy) {
        table.add({"policy", policy_words(*policy)});
        table.add({"policy's fingerprint", ledger::policy_fingerprint(*policy)});
    }
    print_table(table);
}

json::object registry_report(const ledger::Registry& registry) {
    return {{"agencies", ledger::agencies_json(registry)},
            {"keys", ledger::keys_json(registry)},
            {"delegations", ledger::delegations_json(registry)}};
}

}  // namespace

std::string spoken_hash(const std::string& hash) {
    std::string text;
    for (std::size_t i = 0; i < hash.size(); i += 4) text += (i == 0 ? "" : " ") + hash.substr(i, 4);
    return text;
}

std::string plain_hash(const std::string& text) {
    std::string plain;
    for (const char c : text) {
        if (c == ' ' || c == '\n') continue;
        plain += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return plain;
}

void print_genesis(const ReadGenesis& read) {
    const ledger::Genesis& genesis = read.genesis;
    print_line("ledger  " + client::printable(genesis.origin));
    print_line("\nMembers, and what each agreed to");
    TextTable members({"MEMBER", "NODES", "AGREED BY", "AT", "NAME"});
    for (const ledger::Consent& consent : genesis.consents) {
        const ledger::Agency& agency = *genesis.registry.agency(consent.agency);
        members.add({consent.agency, std::to_string(ledger::part_of(genesis, consent).nodes.size()),
                     consent.kid, consent.time, agency.name_vi + " / " + agency.name_en});
    }
    print_table(members);
    print_agencies(genesis.registry);
    print_keys(genesis.registry);
    print_nodes(genesis.nodes, all_addresses(genesis));
    print_terms(genesis);
    const std::string spoken = spoken_hash(read.hash);
    print_line("\nGenesis hash, as every configuration pins it: " + read.hash);
    print_line("To be read to the other members over the telephone:");
    print_line("  " + spoken.substr(0, 39));
    print_line("  " + spoken.substr(40));
}

json::object genesis_report(const ReadGenesis& read) {
    const ledger::Genesis& genesis = read.genesis;
    json::object report{{"origin", genesis.origin}, {"hash", read.hash}};
    report["members"] = json::array();
    for (const ledger::Consent& consent : genesis.consents)
        report["members"].as_array().push_back(
            json::object{{"agency", consent.agency},
                         {"kid", consent.kid},
                         {"time", consent.time},
                         {"addresses", ledger::addresses_json(consent.addresses)}});
    for (const auto& member : registry_report(genesis.registry)) report[member.key()] = member.value();
    report["nodes"] = ledger::nodes_json(genesis.nodes);
    json::object passage;
    for (const auto& [matter, rule] : genesis.parameters.passage) passage[matter] = rule;
    report["parameters"] = {{"max_future_ms", genesis.parameters.max_future_ms},
                            {"max_backdate_ms", genesis.parameters.max_backdate_ms},
                            {"passage", std::move(passage)}};
    report["policy"] = genesis.policy;
    return report;
}

void print_part(const ledger::GenesisPart& part) {
    print_line("part of  " + client::printable(part.consent.agency));
    print_line("ledger   " + client::printable(part.origin));
    print_line("signed   by " + client::printable(part.consent.kid) + " at " +
               client::printable(part.consent.time));
    print_agencies(part.registry);
    print_keys(part.registry);
    print_nodes(part.nodes, part.consent.addresses);
}

json::object part_report(const ledger::GenesisPart& part) {
    json::object report{{"origin", part.origin},
                        {"agency", part.consent.agency},
                        {"kid", part.consent.kid},
                        {"time", part.consent.time},
                        {"addresses", ledger::addresses_json(part.consent.addresses)}};
    for (const auto& member : registry_report(part.registry)) report[member.key()] = member.value();
    report["nodes"] = ledger::nodes_json(part.nodes);
    return report;
}

}  // namespace socai::node::cli
