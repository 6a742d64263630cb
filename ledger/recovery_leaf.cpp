#include "ledger/recovery_leaf.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/entry.hpp"
#include "ledger/epochs.hpp"
#include "ledger/genesis_json.hpp"
#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/statement.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr const char* reason = "malformed_recovery";
constexpr std::size_t max_legal_bases = 32;
constexpr std::size_t max_lost = 256;

Error malformed(std::string detail) {
    return invalid(reason, "recovery: " + std::move(detail));
}

json::object plan_json(const RecoveryPlan& plan) {
    json::array consistency;
    for (const Hash& hash : plan.consistency) consistency.emplace_back(to_hex(hash));
    json::array lost;
    for (const std::string& name : plan.lost) lost.emplace_back(name);
    json::array legal_basis;
    for (const std::string& basis : plan.legal_basis) legal_basis.emplace_back(basis);
    json::object data;
    data["epoch"] = plan.epoch;
    data["origin"] = plan.origin;
    data["previous_origin"] = plan.previous_origin;
    data["carried"] = json::object{{"size", plan.size}, {"root", to_hex(plan.root)}};
    data["final_head"] = plan.final_head;
    data["consistency"] = std::move(consistency);
    data["log"] = json::object{{"index", plan.log.index},
                               {"term", plan.log.term},
                               {"hash", to_hex(plan.log.hash)},
                               {"opens_term", plan.log.opens_term}};
    data["nodes"] = nodes_json(plan.nodes);
    data["lost"] = std::move(lost);
    data["policy"] = plan.policy;
    data["reason"] = plan.reason;
    data["legal_basis"] = std::move(legal_basis);
    return data;
}

Result<Hash> read_hash(JsonMembers& members, std::string_view name) {
    const auto hash = hash_from_hex(members.text(name));
    if (members.fault()) return *members.fault();
    if (!hash) return malformed(std::string(name) + " must be a hash of 64 lower-case hexadecimal digits");
    return *hash;
}

Result<void> read_carried(const json::value& value, RecoveryPlan& plan) {
    JsonMembers members(value, reason, "carried", {"size", "root"});
    plan.size = static_cast<std::uint64_t>(members.number("size", max_json_integer));
    const auto root = read_hash(members, "root");
    if (!root) return root.error();
    plan.root = *root;
    return {};
}

Result<void> read_log(const json::value& value, RecoveryLog& log) {
    JsonMembers members(value, reason, "log", {"index", "term", "hash", "opens_term"});
    log.index = static_cast<std::uint64_t>(members.number("index", max_json_integer));
    log.term = static_cast<std::uint64_t>(members.number("term", max_json_integer));
    log.opens_term = static_cast<std::uint64_t>(members.number("opens_term", max_json_integer));
    const auto hash = read_hash(members, "hash");
    if (!hash) return hash.error();
    log.hash = *hash;
    return {};
}

// The members of a plan, of an object that may have others.
Result<RecoveryPlan> read_plan(JsonMembers& members) {
    RecoveryPlan plan;
    plan.epoch = static_cast<std::uint64_t>(members.number("epoch", max_epochs));
    plan.origin = members.text("origin");
    plan.previous_origin = members.text("previous_origin");
    plan.final_head = members.text("final_head");
    plan.policy = members.text("policy");
    plan.reason = members.text("reason");
    plan.legal_basis = members.texts("legal_basis");
    plan.lost = members.texts("lost");
    const std::vector<std::string> consistency = members.texts("consistency");
    if (members.fault()) return *members.fault();
    for (const std::string& text : consistency) {
        const auto hash = hash_from_hex(text);
        if (!hash) return malformed("consistency holds hashes of 64 lower-case hexadecimal digits");
        plan.consistency.push_back(*hash);
    }
    if (auto done = read_carried(members.any("carried"), plan); !done) return done.error();
    if (auto done = read_log(members.any("log"), plan.log); !done) return done.error();
    if (auto done = read_nodes(members, reason, plan.nodes); !done) return done.error();
    if (members.fault()) return *members.fault();
    return plan;
}

Result<void> check_texts(const RecoveryPlan& plan) {
    const auto fits = [](const std::string& text) {
        return !text.empty() && text.size() <= max_recovery_text_bytes;
    };
    if (!fits(plan.reason))
        return malformed("reason must be a text of 1 to 4,096 bytes that says what happened");
    if (plan.legal_basis.empty() || plan.legal_basis.size() > max_legal_bases ||
        !std::ranges::all_of(plan.legal_basis, fits))
        return malformed("legal_basis must hold 1 to 32 texts, each of 1 to 4,096 bytes");
    return {};
}

}  // namespace

std::size_t recovery_agencies(const RecoveryPlan& plan) {
    std::set<std::string> agencies;
    for (const GenesisNode& node : plan.nodes) agencies.insert(node.agency);
    return agencies.size();
}

std::optional<std::uint32_t> recovery_cosigners(const RecoveryPlan& plan) {
    if (plan.nodes.empty()) return std::nullopt;
    for (std::uint32_t k = 1; k <= recovery_agencies(plan); ++k)
        if (plan.policy == consortium_policy(plan.origin, plan.nodes, k).to_string()) return k;
    return std::nullopt;
}

namespace {

Result<void> check_membership(const RecoveryPlan& plan) {
    if (auto listed = check_node_list(plan.nodes, reason); !listed) return listed;
    if (!std::ranges::is_sorted(plan.lost) || std::ranges::adjacent_find(plan.lost) != plan.lost.end() ||
        plan.lost.size() > max_lost)
        return malformed("lost must hold at most 256 names of nodes, sorted, each once");
    for (const std::string& name : plan.lost) {
        if (!is_agency_code(name)) return malformed("lost: " + quote(name) + " is no node's name");
        if (std::ranges::find(plan.nodes, name, &GenesisNode::name) != plan.nodes.end())
            return malformed("node " + quote(name) + " is both lost and to go on");
    }
    const Result<Policy> policy = parse_policy(plan.policy);
    if (!policy) return policy.error();
    if (policy->quorum == "none") return malformed("the policy must have a quorum other than none");
    if (auto logs = check_policy_logs(*policy, plan.nodes, plan.origin, reason); !logs) return logs;
    // No free text: whoever signs must be able to tell what it says from a number.
    if (recovery_cosigners(plan)) return {};
    return malformed(
        "the policy must be the usual one of the nodes that go on, with one of the numbers of agencies whose "
        "cosignatures make a head final");
}

// What a plan says of itself.
Result<RecoveryPlan> checked(Result<RecoveryPlan> read) {
    if (!read) return read;
    const RecoveryPlan& plan = *read;
    const std::string founding(founding_origin(plan.previous_origin));
    if (!is_origin(plan.origin) || plan.epoch < 2 ||
        epoch_number(founding, plan.previous_origin) + 1 != plan.epoch ||
        plan.origin != epoch_origin(founding, plan.epoch))
        return malformed("epoch " + std::to_string(plan.epoch) + " after " + quote(plan.previous_origin) +
                         " cannot be called " + quote(plan.origin) + "; it is called " +
                         quote(epoch_origin(founding, std::clamp<std::uint64_t>(plan.epoch, 1, max_epochs))));
    const Result<Head> head = parse_head(plan.final_head);
    if (!head) return malformed("final_head is no signed head: " + head.error().detail);
    if (!is_same_or_earlier_epoch(head->checkpoint.origin, plan.previous_origin) ||
        head->checkpoint.size == 0 || head->checkpoint.size > plan.size)
        return malformed("final_head must be of " + quote(plan.previous_origin) +
                         ", or of an epoch before it, and of 1 to " + std::to_string(plan.size) +
                         " leaves, the size that is carried on");
    if (plan.log.index == 0 || plan.log.term == 0 || plan.log.opens_term <= plan.log.term)
        return malformed("log: index and term are 1 or more, and opens_term is above term");
    if (auto done = check_texts(plan); !done) return done.error();
    if (auto done = check_membership(plan); !done) return done.error();
    return read;
}

std::string approval_record(const RecoveryPlan& plan, std::string_view agency, std::string_view time) {
    json::object data = plan_json(plan);
    data["refs"] = json::array();
    json::object record;
    record["specversion"] = "1.0";
    record["id"] = "recovery-" + std::to_string(plan.epoch);
    record["source"] = agency;
    record["type"] = recovery_approval_type;
    record["subject"] = plan.origin;
    record["time"] = time;
    record["datacontenttype"] = "application/json";
    record["data"] = std::move(data);
    return json::serialize(record);
}

Result<RecoveryApproval> read_approval(const json::value& value, const std::string& place) {
    JsonMembers members(value, reason, place, {"agency", "kid", "time", "signature"});
    RecoveryApproval approval{members.text("agency"), members.text("kid"), members.text("time"), {}};
    const auto bytes = base64url_decode(members.text("signature"));
    if (members.fault()) return *members.fault();
    if (!bytes || bytes->size() != approval.signature.size())
        return malformed(place + ".signature must be 64 bytes in base64url");
    std::ranges::copy(*bytes, approval.signature.begin());
    return approval;
}

}  // namespace

std::string plan_text(const RecoveryPlan& plan) {
    return json::serialize(plan_json(plan)) + "\n";
}

Result<RecoveryPlan> parse_plan(std::string_view text) {
    const Result<json::value> value = parse_ijson(text);
    if (!value) return malformed("the plan is not well-formed JSON: " + value.error().detail);
    JsonMembers members(*value, reason, "plan",
                        {"epoch", "origin", "previous_origin", "carried", "final_head", "consistency", "log",
                         "nodes", "lost", "policy", "reason", "legal_basis"});
    if (members.fault()) return *members.fault();
    return checked(read_plan(members));
}

std::string plan_fingerprint(const RecoveryPlan& plan) {
    const Hash hash = sha256(plan_text(plan));
    std::string text;
    for (std::size_t i = 0; i < 16; i += 2) {
        const std::string digits = std::to_string(hash[i] * 256 + hash[i + 1]);
        text += (i == 0 ? "" : " ") + std::string(5 - digits.size(), '0') + digits;
    }
    return text;
}

std::string sign_approval(const RecoveryPlan& plan, std::string_view agency, const Jwk& root,
                          std::string_view time) {
    return sign_statement(root, plan.origin, approval_record(plan, agency, time), false);
}

std::string approval_signing_input(const RecoveryPlan& plan, const RecoveryApproval& approval) {
    return statement_signing_input(approval.kid, plan.origin,
                                   approval_record(plan, approval.agency, approval.time), false);
}

Result<RecoveryApproval> parse_approval(std::string_view text, const RecoveryPlan& plan) {
    const Result<Statement> statement = parse_statement(text);
    if (!statement) return statement.error();
    const Record& record = statement->records.front();
    if (statement->bundle || record.type != recovery_approval_type)
        return invalid("malformed_approval",
                       "this is no approval of a recovery: that is one record of type " +
                           std::string(recovery_approval_type) + ", as `socai recover sign` makes it");
    RecoveryApproval approval{record.source, statement->kid, record.time, statement->signature};
    if (approval_signing_input(plan, approval) != statement->signing_input())
        return invalid("other_plan",
                       "what " + quote(record.source) +
                           " signed is another plan than this one, or spelt otherwise; have it sign this "
                           "very plan");
    return approval;
}

std::string recovery_entry(const RecoveryLeaf& leaf, const Jwk& signer, std::int64_t time_ms) {
    json::object data = plan_json(leaf.plan);
    json::array approvals;
    for (const RecoveryApproval& approval : leaf.approvals)
        approvals.push_back(
            json::object{{"agency", approval.agency},
                         {"kid", approval.kid},
                         {"time", approval.time},
                         {"signature", base64url({reinterpret_cast<const char*>(approval.signature.data()),
                                                  approval.signature.size()})}});
    data["approvals"] = std::move(approvals);
    data["refs"] = json::array();
    json::object record;
    record["specversion"] = "1.0";
    record["id"] = "recovery-" + std::to_string(leaf.plan.epoch);
    record["source"] = signer.kid.substr(0, signer.kid.find('/'));
    record["type"] = recovery_type;
    record["subject"] = leaf.plan.origin;
    record["time"] = format_rfc3339(time_ms);
    record["datacontenttype"] = "application/json";
    record["data"] = std::move(data);
    return make_entry(time_ms, sign_statement(signer, leaf.plan.origin, json::serialize(record), false));
}

Result<RecoveryLeaf> parse_recovery(const Record& record) {
    if (record.type != recovery_type)
        return malformed("the record's type must be " + std::string(recovery_type));
    JsonMembers members(record.json.at("data"), reason, "data",
                        {"epoch", "origin", "previous_origin", "carried", "final_head", "consistency", "log",
                         "nodes", "lost", "policy", "reason", "legal_basis", "approvals", "refs"});
    if (members.fault()) return *members.fault();
    Result<RecoveryPlan> plan = checked(read_plan(members));
    if (!plan) return plan.error();
    if (record.subject != plan->origin) return malformed("the record's subject must be the new origin");
    if (!members.list("refs").empty()) return malformed("data.refs must be empty");
    RecoveryLeaf leaf{*std::move(plan), {}};
    for (const json::value& value : members.list("approvals")) {
        auto approval = read_approval(value, "data.approvals[" + std::to_string(leaf.approvals.size()) + "]");
        if (!approval) return approval.error();
        if (!leaf.approvals.empty() && leaf.approvals.back().agency >= approval->agency)
            return malformed("data.approvals must be sorted by agency, each once");
        leaf.approvals.push_back(*std::move(approval));
    }
    if (members.fault()) return *members.fault();
    return leaf;
}

Result<RecoveryLeaf> parse_recovery_entry(std::string_view entry) {
    const Result<EntryText> parts = split_entry(entry);
    if (!parts) return parts.error();
    const Result<Statement> statement = parse_statement(parts->statement);
    if (!statement) return statement.error();
    if (statement->bundle) return malformed("it stands alone in its statement, not in a bundle");
    Result<RecoveryLeaf> leaf = parse_recovery(statement->records.front());
    if (leaf && statement->audience != leaf->plan.origin)
        return invalid("wrong_audience", "aud is " + quote(statement->audience) +
                                             "; it must be the new origin, " + quote(leaf->plan.origin));
    return leaf;
}

Result<HeadSigners> check_final_head(const RecoveryPlan& plan, const Policy& policy) {
    const Result<Head> head = parse_head(plan.final_head);
    if (!head) return head.error();
    return check_head(policy, *head);
}

}  // namespace socai::ledger
