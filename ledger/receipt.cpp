#include "ledger/receipt.hpp"

#include <boost/json/serialize.hpp>
#include <optional>
#include <utility>

#include "ledger/epochs.hpp"
#include "ledger/genesis.hpp"
#include "ledger/governance/registry_acts.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/jwk.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_receipt";

Error malformed(std::string detail) {
    return invalid(std::string(reason), std::move(detail));
}

json::object proven_json(const ProvenEntry& proven) {
    return {{"entry", proven.entry}, {"proof", proven.proof.to_string()}};
}

// The members `entry` and `proof` of an object that `members` reads.
Result<ProvenEntry> read_proven(JsonMembers& members, const std::string& place) {
    std::string entry = members.text("entry");
    const std::string proof_text = members.text("proof");
    if (members.fault()) return *members.fault();
    if (entry.size() > max_entry_bytes) {
        return malformed(place + ".entry is longer than a leaf, 65,535 bytes");
    }
    Result<TlogProof> proof = parse_tlog_proof(proof_text);
    if (!proof) return invalid(proof.error().reason, place + ".proof: " + proof.error().detail);
    return ProvenEntry{std::move(entry), *std::move(proof)};
}

Error broken_chain(std::size_t link, const std::string& detail) {
    return invalid("broken_chain", "policy " + std::to_string(link + 1) + " of the receipt: " + detail);
}

// The policy in a link; its proof is not looked at.
Result<Policy> policy_in(const ProvenEntry& link, std::size_t position) {
    const Result<EntryText> parts = split_entry(link.entry);
    if (!parts) return parts.error();
    const Result<Statement> statement = parse_statement(parts->statement);
    if (!statement) return statement.error();
    const std::string& origin = link.proof.head.checkpoint.origin;
    if (statement->bundle || !is_same_or_earlier_epoch(statement->audience, origin)) {
        return broken_chain(position, "it is no single statement of this ledger");
    }
    Result<PolicyLeaf> leaf = parse_policy_leaf(statement->records.front(), statement->audience);
    if (!leaf) return leaf.error();
    return std::move(leaf->policy);
}

// No chain of policies leads over a recovery: the old policy's quorum could not sign the new one, and the root keys that
// authorised it stand in the ledger, not in a receipt. Nothing: the link is an ordinary policy.
std::optional<Error> opens_epoch(const ProvenEntry& link) {
    const Result<RecoveryLeaf> recovery = parse_recovery_entry(link.entry);
    if (!recovery) return std::nullopt;
    const Result<Policy> policy = parse_policy(recovery->plan.policy);
    if (!policy) return policy.error();
    return invalid(
        "epoch_ended",
        "the pinned policy is of an epoch that ended: the ledger lost its majority and was recovered at "
        "leaf " +
            std::to_string(link.proof.index) + " as " + quote(recovery->plan.origin) +
            ". Pin the policy of that epoch, with the fingerprint " + policy_fingerprint(*policy) +
            ", once a member has confirmed it, or `socai audit` with the old one has checked the approvals");
}

// Answers whether the registry shows that the key may speak for the source.
Result<bool> check_author(const Statement& statement, std::uint64_t index, std::string_view kid,
                          const PublicKey& public_key, const Registry& registry) {
    const RegisteredKey* key = registry.key(kid);
    if (statement.kid != kid || key == nullptr || key->key != public_key) {
        return invalid("wrong_key", "the statement is signed by " + quote(statement.kid) +
                                        "; the receipt's key is " + quote(kid) +
                                        " and its leaf does not register that key with these bytes");
    }
    if (!key->valid_at(index)) {
        return invalid("key_not_valid",
                       "key " + quote(kid) + " is not valid at leaf " + std::to_string(index));
    }
    if (!verify_signature(statement, key->key)) {
        return invalid("bad_signature",
                       "the author's signature does not verify: not the entry's author wrote it");
    }
    const std::string& source = statement.records.front().source;
    if (registry.may_speak_for(key->agency, source)) return true;
    // What a later leaf may have granted, this one cannot deny.
    if (registry.agency(source) == nullptr) return false;
    return Error{Fault::forbidden, "source_not_allowed",
                 "key " + quote(kid) + " may not speak for " + quote(source)};
}

}  // namespace

std::string Receipt::to_json() const {
    json::object key_json{{"kid", kid}, {"x", key_text(key)}};
    for (auto& [name, value] : proven_json(key_leaf)) key_json[name] = std::move(value);
    json::array links;
    for (const ProvenEntry& link : policies) links.push_back(proven_json(link));

    json::object object = proven_json(leaf);
    object["key"] = std::move(key_json);
    object["policies"] = std::move(links);
    return json::serialize(object) + "\n";
}

Result<Receipt> parse_receipt(std::string_view text) {
    if (text.size() > max_receipt_bytes) return malformed("the receipt is longer than 4 MiB");
    const Result<json::value> value = parse_ijson(text);
    if (!value) return malformed("the receipt is not well-formed JSON: " + value.error().detail);

    JsonMembers members(*value, std::string(reason), "receipt", {"entry", "proof", "key", "policies"});
    Receipt receipt;
    Result<ProvenEntry> leaf = read_proven(members, "receipt");
    if (!leaf) return leaf.error();
    receipt.leaf = *std::move(leaf);

    JsonMembers key(members.any("key"), std::string(reason), "receipt.key", {"kid", "x", "entry", "proof"});
    receipt.kid = key.text("kid");
    receipt.key = key.key("x");
    Result<ProvenEntry> key_leaf = read_proven(key, "receipt.key");
    if (!key_leaf) return key_leaf.error();
    receipt.key_leaf = *std::move(key_leaf);
    if (receipt.kid.size() > max_kid_bytes) return malformed("receipt.key.kid is longer than 256 bytes");

    for (const json::value& element : members.list("policies")) {
        const std::string place = "receipt.policies[" + std::to_string(receipt.policies.size()) + "]";
        if (receipt.policies.size() == max_policy_links) return malformed("more than 1,000 policies");
        JsonMembers link(element, std::string(reason), place, {"entry", "proof"});
        Result<ProvenEntry> proven = read_proven(link, place);
        if (!proven) return proven.error();
        receipt.policies.push_back(*std::move(proven));
    }
    if (members.fault()) return *members.fault();
    return receipt;
}

Result<PolicyInForce> policy_in_force(const Policy& pinned, const std::vector<ProvenEntry>& links) {
    std::vector<Policy> policies;
    std::size_t first = 0;
    for (std::size_t i = 0; i < links.size(); ++i) {
        Result<Policy> policy = policy_in(links[i], i);
        if (!policy) return policy.error();
        if (*policy == pinned) first = i + 1;
        policies.push_back(*std::move(policy));
    }
    PolicyInForce in_force{pinned, std::nullopt};
    for (std::size_t i = first; i < links.size(); ++i) {
        const ProvenEntry& link = links[i];
        if (i > 0 && link.proof.index <= links[i - 1].proof.index) {
            return broken_chain(i, "it does not stand behind the one before");
        }
        if (auto opens = opens_epoch(link)) return *std::move(opens);
        if (auto done = verify_tlog_proof(link.proof, leaf_hash(link.entry), in_force.policy); !done) {
            return done.error();
        }
        if (const Result<HeadSigners> signers = check_head(policies[i], link.proof.head); !signers) {
            return broken_chain(i, "its head does not satisfy the new policy: " + signers.error().detail);
        }
        in_force = {policies[i], link.proof.index};
    }
    return in_force;
}

Result<Policy> follow_policies(const Policy& pinned, const std::vector<ProvenEntry>& links) {
    Result<PolicyInForce> in_force = policy_in_force(pinned, links);
    if (!in_force) return in_force.error();
    return std::move(in_force->policy);
}

Result<void> verify_proven(const ProvenEntry& proven, const PolicyInForce& policy) {
    const std::uint64_t size = proven.proof.head.checkpoint.size;
    if (policy.leaf && size <= *policy.leaf) {
        return invalid("broken_chain", "the last policy stands at leaf " + std::to_string(*policy.leaf) +
                                           " and does not govern the head of size " + std::to_string(size));
    }
    return verify_tlog_proof(proven.proof, leaf_hash(proven.entry), policy.policy);
}

namespace {

// The keys of an act, or of a proposal over members or root keys.
Result<Registry> registry_of_act(const ProvenEntry& key_leaf) {
    const Result<EntryText> parts = split_entry(key_leaf.entry);
    if (!parts) return parts.error();
    const Result<Statement> statement = parse_statement(parts->statement);
    if (!statement) return statement.error();
    const Record& record = statement->records.front();
    json::array list;
    if (record.kind() == "proposal") {
        const json::value* change = record.data().if_contains("change");
        const json::value* keys =
            change != nullptr && change->is_object() ? change->get_object().if_contains("keys") : nullptr;
        if (keys != nullptr && keys->is_array()) list = keys->get_array();
    } else if (record.kind() == "agency_key") {
        json::object key = record.data();
        key.erase("refs");
        list.push_back(std::move(key));
    }
    if (!is_same_or_earlier_epoch(statement->audience, key_leaf.proof.head.checkpoint.origin) || list.empty())
        return invalid("wrong_key", "the leaf given for the author's key registers no key of this ledger");
    Registry registry;
    for (const json::value& element : list) {
        Result<RegisteredKey> key = read_new_key(element, "key", key_leaf.proof.index);
        if (!key) return key.error();
        Agency agency;
        agency.code = key->agency;
        if (registry.agency(agency.code) == nullptr)
            if (auto added = registry.add_agency(std::move(agency)); !added) return added.error();
        if (auto added = registry.add_key(*std::move(key)); !added) return added.error();
    }
    return registry;
}

}  // namespace

Result<Registry> registry_in(const ProvenEntry& key_leaf) {
    if (key_leaf.proof.index != 0) return registry_of_act(key_leaf);
    Result<Genesis> genesis = parse_genesis(key_leaf.entry);
    if (!genesis) return genesis.error();
    if (!is_same_or_earlier_epoch(genesis->origin, key_leaf.proof.head.checkpoint.origin)) {
        return invalid("wrong_key", "the leaf that registers the author's key is another ledger's genesis");
    }
    return std::move(genesis->registry);
}

Result<VerifiedReceipt> verify_leaf(const ProvenEntry& leaf, std::string_view kid, const PublicKey& key,
                                    const Registry& registry, const PolicyInForce& policy) {
    const Result<EntryText> parts = split_entry(leaf.entry);
    if (!parts) return parts.error();
    Result<Statement> statement = parse_statement(parts->statement);
    if (!statement) return statement.error();
    if (auto done = verify_proven(leaf, policy); !done) return done.error();
    const Checkpoint& checkpoint = leaf.proof.head.checkpoint;
    if (!is_same_or_earlier_epoch(statement->audience, checkpoint.origin)) {
        return invalid("wrong_audience", "the statement was signed for " + quote(statement->audience) +
                                             ", the head is of another ledger");
    }
    const Result<bool> shown = check_author(*statement, leaf.proof.index, kid, key, registry);
    if (!shown) return shown.error();
    Result<HeadSigners> signers = head_signers(policy.policy, leaf.proof.head);
    if (!signers) return signers.error();
    return VerifiedReceipt{leaf.proof.index, parts->time_ms,
                           std::string(kid), std::make_shared<const Statement>(*std::move(statement)),
                           checkpoint,       *std::move(signers),
                           policy.policy,    *shown};
}

Result<VerifiedReceipt> verify_receipt(const Receipt& receipt, const Policy& pinned) {
    const Result<PolicyInForce> policy = policy_in_force(pinned, receipt.policies);
    if (!policy) return policy.error();
    if (auto done = verify_proven(receipt.leaf, *policy); !done) return done.error();
    if (auto done = verify_proven(receipt.key_leaf, *policy); !done) return done.error();
    const Result<Registry> registry = registry_in(receipt.key_leaf);
    if (!registry) return registry.error();
    return verify_leaf(receipt.leaf, receipt.kid, receipt.key, *registry, *policy);
}

}  // namespace socai::ledger
