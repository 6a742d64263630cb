// Whether a piece of evidence holds. Each check asks for nothing that an honest program could have signed.
#include <algorithm>
#include <bit>
#include <cassert>

#include "ledger/epochs.hpp"
#include "ledger/evidence.hpp"
#include "ledger/genesis.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/promise_rule.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

Error not_proven(std::string detail) {
    return {Fault::refused, "not_proven", std::move(detail)};
}

// --- who signed heads

// The policies under which keys are known: the pinned one, and the one that the links lead to.
Result<std::vector<Policy>> known_policies(const Evidence& evidence, const Policy& pinned) {
    std::vector<Policy> policies{pinned};
    if (evidence.policies.empty()) return policies;
    auto last = follow_policies(pinned, evidence.policies);
    if (!last) return last.error();
    policies.push_back(*std::move(last));
    return policies;
}

std::vector<VerifierKey> signers_of(const Policy& policy, const HeadSigners& signers) {
    std::vector<VerifierKey> keys;
    for (const std::size_t log : signers.logs) keys.push_back(policy.logs[log].key);
    for (const auto& cosigner : signers.cosigners) keys.push_back(policy.witnesses[cosigner.witness].key);
    return keys;
}

// What the consistency path of RFC 9162 §2.1.4.2 makes of both roots, its seed written out.
struct BothRoots {
    Hash first;
    Hash second;
};
std::optional<BothRoots> climb(std::uint64_t from, std::uint64_t to, std::span<const Hash> path) {
    assert(from > 0 && from < to);
    if (path.empty()) return std::nullopt;
    std::uint64_t first = from - 1;
    std::uint64_t last = to - 1;
    for (; (first & 1) != 0; first >>= 1) last >>= 1;
    BothRoots roots{path.front(), path.front()};
    for (const Hash& sibling : path.subspan(1)) {
        if (last == 0) return std::nullopt;
        if ((first & 1) != 0 || first == last) {
            roots.first = node_hash(sibling, roots.first);
            roots.second = node_hash(sibling, roots.second);
            for (; (first & 1) == 0 && first != 0; first >>= 1) last >>= 1;
        } else {
            roots.second = node_hash(roots.second, sibling);
        }
        first >>= 1;
        last >>= 1;
    }
    return last == 0 ? std::optional(roots) : std::nullopt;
}

Result<void> contradict(const Fork& fork) {
    const Checkpoint& first = fork.first.checkpoint;
    const Checkpoint& second = fork.second.checkpoint;
    if (first.origin != second.origin)
        return not_proven("The heads are of two ledgers, " + quote(first.origin) + " and " +
                          quote(second.origin) + ".");
    if (first.size > second.size)
        return not_proven("The first head must be the smaller one; write them the other way round.");
    if (first.size == second.size) {
        if (!fork.path.empty()) return not_proven("The heads are of one size: the path must be empty.");
        if (first.root == second.root) return not_proven("The heads have one size and one root: they agree.");
        return {};
    }
    if (first.size == 0) return not_proven("Every tree extends the empty one.");
    const auto roots = climb(first.size, second.size, fork.path);
    if (!roots || roots->second != second.root)
        return not_proven(
            "The path does not lead to the root of the larger head, so it says nothing of its tree.");
    if (roots->first == first.root)
        return not_proven("The path leads to both roots: the larger tree extends the smaller one.");
    return {};
}

std::string names_of(const std::vector<Accused>& against) {
    std::string names;
    for (const Accused& accused : against)
        names += (names.empty() ? "" : ", ") + accused.name + " (" + accused.key.to_string() + ")";
    return names;
}

Result<Finding> check(const Fork& fork, const Evidence& evidence, const Policy& pinned) {
    if (const auto held = contradict(fork); !held) return held.error();
    const auto policies = known_policies(evidence, pinned);
    if (!policies) return policies.error();
    Finding finding;
    bool split = false;
    for (const Policy& policy : *policies) {
        const auto first = head_signers(policy, fork.first);
        if (!first) return first.error();
        const auto second = head_signers(policy, fork.second);
        if (!second) return second.error();
        const std::vector<VerifierKey> also = signers_of(policy, *second);
        for (const VerifierKey& key : signers_of(policy, *first)) {
            const Accused accused{key.name, key};
            if (std::ranges::find(also, key) != also.end() &&
                std::ranges::find(finding.against, accused) == finding.against.end())
                finding.against.push_back(accused);
        }
        split |= policy.quorum != "none" && first->quorum && second->quorum;
    }
    if (finding.against.empty() && !split)
        return not_proven(
            "The heads contradict each other, but no key that the policy names signed both, and they do not "
            "both meet "
            "the quorum: one of them may be a forgery, and the file does not show whose.");
    finding.sentence = "Two heads of " + quote(fork.first.checkpoint.origin) + ", of sizes " +
                       std::to_string(fork.first.checkpoint.size) + " and " +
                       std::to_string(fork.second.checkpoint.size) + ", cannot both be true";
    if (split) finding.sentence += ", and both met the policy's quorum: the ledger is split";
    finding.sentence += finding.against.empty() ? "; no key signed both."
                                                : "; both were signed by " + names_of(finding.against) + ".";
    return finding;
}

// --- what nodes signed

// The accused node as the introducing leaf names it.
struct Introduced {
    GenesisNode node;
    std::optional<Genesis> genesis;  // when that leaf is the genesis
};

Result<Introduced> introduce(const Evidence& evidence, const Policy& pinned, const std::string& origin,
                             const std::string& name) {
    const auto policies = known_policies(evidence, pinned);
    if (!policies) return policies.error();
    assert(evidence.introduction);
    const ProvenEntry& proven = *evidence.introduction;
    // Under whichever of the policies its head was made.
    auto stands = verify_tlog_proof(proven.proof, leaf_hash(proven.entry), policies->front());
    if (!stands && policies->size() > 1)
        stands = verify_tlog_proof(proven.proof, leaf_hash(proven.entry), policies->back());
    if (!stands) return stands.error();
    const auto wrong = [](std::string detail) { return invalid("wrong_introduction", std::move(detail)); };
    if (proven.proof.head.checkpoint.origin != origin)
        return wrong("The introducing leaf is of the ledger " + quote(proven.proof.head.checkpoint.origin) +
                     ", what was signed of " + quote(origin) + ".");
    Introduced introduced;
    std::vector<GenesisNode> nodes;
    if (proven.proof.index == 0) {
        auto genesis = parse_genesis(proven.entry);
        if (!genesis) return genesis.error();
        nodes = genesis->nodes;
        introduced.genesis = *std::move(genesis);
    } else {
        const auto split = split_entry(proven.entry);
        if (!split) return split.error();
        const auto statement = parse_statement(split->statement);
        if (!statement) return statement.error();
        const std::string& type = statement->records.front().type;
        if (statement->records.size() != 1 || !is_same_or_earlier_epoch(statement->audience, origin) ||
            (type != policy_type && type != recovery_type))
            return wrong("The introducing leaf is neither the genesis nor a policy leaf.");
        auto leaf = parse_policy_leaf(statement->records.front(), statement->audience);
        if (!leaf) return leaf.error();
        nodes = std::move(leaf->nodes);
    }
    const auto found = std::ranges::find(nodes, name, &GenesisNode::name);
    if (found == nodes.end())
        return wrong("The introducing leaf does not name the node " + quote(name) + ".");
    introduced.node = *found;
    return introduced;
}

// Reads a note, and checks it with the key of the node that it names.
struct Said {
    NodeStatement statement;
    Introduced by;
};
Result<Said> hear(const Note& note, const Evidence& evidence, const Policy& pinned) {
    auto statement = parse_node_statement(note.text);
    if (!statement) return statement.error();
    auto by = introduce(evidence, pinned, statement->origin, statement->node);
    if (!by) return by.error();
    auto verified = verify_node_statement(note, by->node.node_key);
    if (!verified) return verified.error();
    return Said{*std::move(verified), *std::move(by)};
}

struct Pair {
    Said first;
    Said second;
};
// Two things that one node said of one ledger.
Result<Pair> hear_both(const Note& first, const Note& second, const Evidence& evidence,
                       const Policy& pinned) {
    auto one = hear(first, evidence, pinned);
    if (!one) return one.error();
    auto other = hear(second, evidence, pinned);
    if (!other) return other.error();
    if (one->statement.node != other->statement.node || one->statement.origin != other->statement.origin)
        return not_proven("The two are of two nodes or of two ledgers: each may have kept the rules.");
    return Pair{*std::move(one), *std::move(other)};
}

Accused accused_of(const Said& said) {
    VerifierKey key = node_vkey(said.statement.node, said.statement.origin, said.by.node.node_key);
    return {key.name, std::move(key)};
}

Result<Finding> check(const DoubleVote& votes, const Evidence& evidence, const Policy& pinned) {
    const auto both = hear_both(votes.first, votes.second, evidence, pinned);
    if (!both) return both.error();
    const auto* first = std::get_if<Vote>(&both->first.statement.fact);
    const auto* second = std::get_if<Vote>(&both->second.statement.fact);
    if (first == nullptr || second == nullptr) return not_proven("One of the two notes is no vote.");
    if (first->term != second->term)
        return not_proven("The votes are of two terms: a node may vote in each.");
    if (first->candidate == second->candidate)
        return not_proven("Both votes are for one candidate: it is one vote.");
    return Finding{{accused_of(both->first)},
                   "The node " + quote(both->first.statement.node) + " voted twice in term " +
                       std::to_string(first->term) + ": for " + std::to_string(first->candidate) +
                       " and for " + std::to_string(second->candidate) + "."};
}

// The places that a header commits to: its `previous`, and those of the entries that are given.
Result<std::vector<LogPlace>> places_of(const AppendHeader& header, std::span<const LogEntry> entries) {
    if (header.previous.index > UINT64_MAX - entries.size())
        return not_proven("The entries' indices pass the largest number.");
    std::vector<LogPlace> places{header.previous};
    if (!entries.empty()) {
        const auto after = places_after(header.previous, entries);
        if (after.back() != header.last)
            return not_proven(
                "The entries do not lead from the header's `previous` to its `last`: the signature is not of "
                "them.");
        places.insert(places.end(), after.begin(), after.end());
    } else if (header.last != header.previous) {
        places.push_back(header.last);
    }
    return places;
}

Result<Finding> check(const ContradictingAppends& appends, const Evidence& evidence, const Policy& pinned) {
    const auto both = hear_both(appends.first.header, appends.second.header, evidence, pinned);
    if (!both) return both.error();
    const auto* first = std::get_if<AppendHeader>(&both->first.statement.fact);
    const auto* second = std::get_if<AppendHeader>(&both->second.statement.fact);
    if (first == nullptr || second == nullptr)
        return not_proven("One of the two notes is no header of an append.");
    if (first->term != second->term)
        return not_proven(
            "The headers are of two terms: between them the node may have lost entries to another leader.");
    const auto ones = places_of(*first, appends.first.entries);
    if (!ones) return ones.error();
    const auto others = places_of(*second, appends.second.entries);
    if (!others) return others.error();
    for (const LogPlace& one : *ones) {
        const auto other = std::ranges::find(*others, one.index, &LogPlace::index);
        if (other == others->end() || *other == one) continue;
        return Finding{{accused_of(both->first)},
                       "The node " + quote(both->first.statement.node) + ", leader of term " +
                           std::to_string(first->term) + ", sent two contents for the log's entry " +
                           std::to_string(one.index) + "."};
    }
    return not_proven("The headers agree wherever they speak of one index.");
}

// What is wrong with an entry whose bytes the chain commits to; nothing: an honest leader may have sent it.
std::optional<std::string> fault_of(const LogEntry& entry, const std::string& origin,
                                    const std::optional<Genesis>& genesis) {
    if (entry.kind == LogEntryKind::noop) {
        const bool nothing = entry.digest == sha256({}) && !entry.mark;
        return nothing ? std::nullopt : std::optional<std::string>("it is a no-op that says something");
    }
    if (entry.kind != LogEntryKind::leaf || !is_own_payload(entry)) return std::nullopt;
    const auto split = split_entry(*entry.payload);
    if (!split) return "it is no entry: " + split.error().detail;
    const auto statement = parse_statement(split->statement);
    if (!statement) return "it holds no statement: " + statement.error().detail;
    // A leaf of an earlier epoch is sent to whoever catches up.
    if (!is_same_or_earlier_epoch(statement->audience, origin))
        return "its statement is of the ledger " + quote(statement->audience);
    if (!genesis) return std::nullopt;
    // A kid that the genesis does not know may have been registered later; one that it knows is that key for ever.
    const RegisteredKey* key = genesis->registry.key(statement->kid);
    if (key != nullptr && !verify_signature(*statement, key->key))
        return "the key " + quote(statement->kid) + " did not sign its statement";
    return std::nullopt;
}

Result<Finding> check(const ForgedAppend& forged, const Evidence& evidence, const Policy& pinned) {
    const auto said = hear(forged.append.header, evidence, pinned);
    if (!said) return said.error();
    const auto* header = std::get_if<AppendHeader>(&said->statement.fact);
    if (header == nullptr) return not_proven("The note is no header of an append.");
    const auto places = places_of(*header, forged.append.entries);
    if (!places) return places.error();
    std::uint64_t term = header->previous.term;
    if (term > header->term)
        return not_proven("The header itself names a later term; no node takes such a message.");
    for (std::size_t i = 0; i < forged.append.entries.size(); ++i) {
        const LogEntry& entry = forged.append.entries[i];
        std::optional<std::string> fault;
        if (entry.term < term || entry.term > header->term)
            fault = "its term " + std::to_string(entry.term) + " is out of order";
        else
            fault = fault_of(entry, said->statement.origin, said->by.genesis);
        term = entry.term;
        if (!fault) continue;
        return Finding{{accused_of(*said)},
                       "The node " + quote(said->statement.node) + ", leader of term " +
                           std::to_string(header->term) +
                           ", sent an entry that no honest leader sends, number " +
                           std::to_string((*places)[i + 1].index) + " of the log: " + *fault + "."};
    }
    return not_proven("Nothing is wrong with any of the entries whose bytes are there.");
}

Result<Finding> check(const BrokenPromise& broken, const Evidence& evidence, const Policy& pinned) {
    const auto said = hear(broken.promise, evidence, pinned);
    if (!said) return said.error();
    const auto* promise = std::get_if<Promise>(&said->statement.fact);
    if (promise == nullptr) return not_proven("The note is no promise.");
    if (broken.head.checkpoint.origin != said->statement.origin)
        return not_proven("The head is of another ledger than the promise.");
    const auto policies = known_policies(evidence, pinned);
    if (!policies) return policies.error();
    const Policy& policy = policies->back();
    const auto signers = check_head(policy, broken.head);
    if (!signers) return signers.error();
    const auto own = std::ranges::find_if(signers->cosigners, [&](const HeadSigners::Cosigner& cosigner) {
        return policy.witnesses[cosigner.witness].key.key == said->by.node.cosigner_key;
    });
    if (own == signers->cosigners.end())
        return not_proven(
            "The promising node did not co-sign the head: it may have been cut off until then.");
    if (!past_due(*promise, own->time_s))
        return not_proven(
            "The promising node co-signed the head before the time that it promised had passed.");
    return Finding{{accused_of(*said)},
                   "The node " + quote(said->statement.node) + " promised to include the statement " +
                       to_hex(promise->statement) + " or to refuse it, and co-signed the head of size " +
                       std::to_string(broken.head.checkpoint.size) + " after that time."};
}

}  // namespace

Result<Finding> verify_evidence(const Evidence& evidence, const Policy& pinned) {
    return std::visit([&](const auto& what) { return check(what, evidence, pinned); }, evidence.what);
}

AbsenceCheck::AbsenceCheck(const BrokenPromise& broken) : head_(broken.head.checkpoint) {
    const auto said = parse_node_statement(broken.promise.text);
    assert(said && std::holds_alternative<Promise>(said->fact));
    const Promise& promise = std::get<Promise>(said->fact);
    statement_ = promise.statement;
    for (const PromisedRecord& record : promise.records)
        missing_.insert({{record.source, record.id}, record.digest});
}

void AbsenceCheck::add(std::string_view entry) {
    frontier_.append(leaf_hash(entry));
    if (stands_ || missing_.empty()) return;
    const auto split = split_entry(entry);
    if (!split) return;
    if (sha256(split->statement) == statement_) {
        stands_ = true;
        return;
    }
    // The record may stand alone, or in another bundle (formats.md, "Identity").
    const auto statement = parse_statement(split->statement);
    if (!statement) return;
    for (const Record& record : statement->records)
        missing_.erase({{record.source, record.id}, record.digest});
}

Result<void> AbsenceCheck::finish() const {
    if (frontier_.size() != head_.size || frontier_.root() != head_.root)
        return invalid("wrong_root", "The leaves that were read are not those of the head: " +
                                         std::to_string(frontier_.size()) + " were read, of " +
                                         std::to_string(head_.size) + ", and their root is another.");
    if (stands_ || missing_.empty())
        return not_proven(
            "Every promised record stands in the ledger under that head: the promise was kept.");
    return {};
}

Result<void> verify_refusal(const Evidence& evidence, const Note& refusal, const Policy& pinned) {
    const auto* broken = std::get_if<BrokenPromise>(&evidence.what);
    if (broken == nullptr) return not_proven("A refusal answers a broken promise only.");
    const auto both = hear_both(broken->promise, refusal, evidence, pinned);
    if (!both) return both.error();
    const auto* promise = std::get_if<Promise>(&both->first.statement.fact);
    const auto* refused = std::get_if<Refusal>(&both->second.statement.fact);
    if (promise == nullptr || refused == nullptr)
        return not_proven("One of the two notes is not what it should be.");
    if (refused->statement != promise->statement) return not_proven("The refusal is of another statement.");
    // A refusal ends the promises before it. One that was refused may be promised anew.
    if (refused->time_ms < promise->received_ms)
        return not_proven("The refusal is older than the promise: it was given to an earlier one.");
    const auto policies = known_policies(evidence, pinned);
    if (!policies) return policies.error();
    const Policy& policy = policies->back();
    const auto signers = head_signers(policy, broken->head);
    if (!signers) return signers.error();
    for (const auto& cosigner : signers->cosigners) {
        if (policy.witnesses[cosigner.witness].key.key != both->first.by.node.cosigner_key) continue;
        if (!refused_in_time(*promise, refused->time_ms, cosigner.time_s))
            return not_proven(
                "The refusal is dated after the head that the node co-signed without the record.");
    }
    return {};
}

std::vector<Hash> fork_path(std::uint64_t first_size, const Hash& seed, const std::vector<Hash>& proof) {
    std::vector<Hash> path = proof;
    if (std::has_single_bit(first_size)) path.insert(path.begin(), seed);
    return path;
}

}  // namespace socai::ledger
