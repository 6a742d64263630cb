#include "ledger/promise_file.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "ledger/epochs.hpp"
#include "ledger/genesis.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_promise_file";

json::object proven_json(const ProvenEntry& proven) {
    return {{"entry", proven.entry}, {"proof", proven.proof.to_string()}};
}

Result<ProvenEntry> read_proven(const json::value& value, const std::string& place) {
    JsonMembers members(value, std::string(reason), place, {"entry", "proof"});
    std::string entry = members.text("entry");
    const std::string text = members.text("proof");
    if (members.fault()) return *members.fault();
    if (entry.size() > max_entry_bytes)
        return invalid(std::string(reason), place + ".entry is longer than a leaf, 65,535 bytes");
    auto proof = parse_tlog_proof(text);
    if (!proof) return invalid(proof.error().reason, place + ".proof: " + proof.error().detail);
    return ProvenEntry{std::move(entry), *std::move(proof)};
}

Error wrong_introduction(std::string detail) {
    return invalid("wrong_introduction", std::move(detail));
}

Result<std::vector<GenesisNode>> nodes_in(const ProvenEntry& introduction, std::string_view origin) {
    if (introduction.proof.index == 0) {
        auto genesis = parse_genesis(introduction.entry);
        if (!genesis) return genesis.error();
        if (!is_same_or_earlier_epoch(genesis->origin, origin))
            return wrong_introduction("the introduction is another ledger's genesis");
        return std::move(genesis->nodes);
    }
    const auto parts = split_entry(introduction.entry);
    if (!parts) return parts.error();
    const auto statement = parse_statement(parts->statement);
    if (!statement) return statement.error();
    const std::string& type = statement->records.front().type;
    if (statement->bundle || !is_same_or_earlier_epoch(statement->audience, origin) ||
        (type != policy_type && type != recovery_type))
        return wrong_introduction("the introduction is neither the genesis nor a policy leaf of " +
                                  quote(origin));
    auto leaf = parse_policy_leaf(statement->records.front(), statement->audience);
    if (!leaf) return leaf.error();
    return std::move(leaf->nodes);
}

}  // namespace

std::string PromiseFile::to_json() const {
    json::array links;
    for (const ProvenEntry& link : policies) links.push_back(proven_json(link));
    json::object object;
    object["promise"] = note.to_string();
    object["introduction"] = introduction ? json::value(proven_json(*introduction)) : json::value(nullptr);
    object["policies"] = std::move(links);
    return json::serialize(object) + "\n";
}

Result<PromiseFile> parse_promise_file(std::string_view text) {
    if (text.size() > max_promise_file_bytes)
        return invalid(std::string(reason), "the file is longer than 8 MiB");
    const auto value = parse_ijson(text);
    if (!value)
        return invalid(std::string(reason), "the file is not well-formed JSON: " + value.error().detail);
    JsonMembers members(*value, std::string(reason), "promise file", {"promise", "introduction", "policies"});
    const std::string note_text = members.text("promise");
    PromiseFile file;
    for (const json::value& element : members.list("policies")) {
        if (file.policies.size() == max_policy_links)
            return invalid(std::string(reason), "more than 1,000 policies");
        auto link = read_proven(element, "policies[" + std::to_string(file.policies.size()) + "]");
        if (!link) return link.error();
        file.policies.push_back(*std::move(link));
    }
    if (members.fault()) return *members.fault();
    if (!members.is_null("introduction")) {
        auto introduction = read_proven(members.any("introduction"), "introduction");
        if (!introduction) return introduction.error();
        file.introduction = *std::move(introduction);
    }
    auto note = parse_note(note_text);
    if (!note) return note.error();
    file.note = *std::move(note);
    return file;
}

Result<GenesisNode> introduced_node(const ProvenEntry& introduction, const Policy& policy,
                                    std::string_view origin, std::string_view node) {
    if (introduction.proof.head.checkpoint.origin != origin)
        return wrong_introduction("the introducing leaf is of the ledger " +
                                  quote(introduction.proof.head.checkpoint.origin) + ", not of " +
                                  quote(origin));
    if (auto stands = verify_tlog_proof(introduction.proof, leaf_hash(introduction.entry), policy); !stands)
        return stands.error();
    const auto nodes = nodes_in(introduction, origin);
    if (!nodes) return nodes.error();
    const auto found = std::ranges::find(*nodes, node, &GenesisNode::name);
    if (found == nodes->end()) return wrong_introduction("the introducing leaf names no node " + quote(node));
    return *found;
}

Result<VerifiedPromise> verify_promise_file(const PromiseFile& file, const Policy& pinned) {
    auto said = parse_node_statement(file.note.text);
    if (!said) return said.error();
    auto* promise = std::get_if<Promise>(&said->fact);
    if (promise == nullptr)
        return invalid("not_a_promise",
                       "the note is well made, but it is not a promise: its first line must be "
                       "\"socai promise v1\"");
    if (!file.introduction)
        return invalid(
            "not_introduced",
            "the file does not say whose key " + quote(said->node) +
                " has: put a proof of the genesis, or of the policy leaf that names the node, into "
                "\"introduction\" (ask a node for ledger.prove_inclusion of that leaf)");
    const auto policy = follow_policies(pinned, file.policies);
    if (!policy) return policy.error();
    auto node = introduced_node(*file.introduction, *policy, said->origin, said->node);
    if (!node) return node.error();
    if (const auto signed_by = verify_node_statement(file.note, node->node_key); !signed_by)
        return signed_by.error();
    return VerifiedPromise{std::move(said->origin), *std::move(node), std::move(*promise)};
}

}  // namespace socai::ledger
