#include "node/audit/replay.hpp"

#include <algorithm>
#include <cassert>
#include <exception>
#include <set>

#include "inspection/kinds.hpp"
#include "ledger/governance/acts.hpp"
#include "ledger/governance/registry_facts.hpp"
#include "ledger/governance/withdrawal.hpp"
#include "ledger/node_list.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"
#include "ledger/tiles.hpp"

namespace socai::node::audit {
namespace {

// What looks at one record alone was checked beside the signature (bundle_check.hpp), by the roles that the genesis gave.
class RulesOfWhatStands : public ledger::Rules {
  public:
    RulesOfWhatStands(const ledger::Rules& rules, bool checked) : rules_(rules), checked_(checked) {}
    ledger::Result<void> check(const ledger::Record& record,
                               const ledger::Registry& registry) const override {
        return checked_ ? rules_.check_writer(record, registry) : rules_.check(record, registry);
    }
    std::string_view matter_of(std::string_view kind) const override { return rules_.matter_of(kind); }
    ledger::Result<void> check_reference(const ledger::Record& record, std::size_t position,
                                         std::string_view kind) const override {
        return rules_.check_reference(record, position, kind);
    }
    ledger::Error unknown_reference(const ledger::Record& record, std::size_t position) const override {
        return rules_.unknown_reference(record, position);
    }
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const override {
        return rules_.take(coming, facts);
    }
    bool withdraw_bytes(const ledger::Facts& facts) const override { return rules_.withdraw_bytes(facts); }

  private:
    const ledger::Rules& rules_;
    const bool checked_;
};

// By signatures alone no activation is followed: whether a vote could name what remains, the whole audit tells.
class RulesOfVotes : public RulesOfWhatStands {
  public:
    using RulesOfWhatStands::RulesOfWhatStands;
    bool withdraw_bytes(const ledger::Facts&) const override { return true; }
};

// Kinds as the table knows them: 0 is any that inspection does not know.
std::uint8_t number_of(std::string_view kind) {
    const auto kinds = inspection::kinds();
    assert(kinds.size() < RecordTable::max_kind);
    const auto found = std::ranges::lower_bound(kinds, kind);
    if (found == kinds.end() || *found != kind) return 0;
    return static_cast<std::uint8_t>(found - kinds.begin() + 1);
}
std::string kind_of(std::uint8_t number) {
    const auto kinds = inspection::kinds();
    return number == 0 || number > kinds.size() ? std::string() : std::string(kinds[number - 1U]);
}

}  // namespace

Replay::Replay(const LedgerFacts& facts, BundleTree tree, RecordTable& table, PolicyHistory& policies,
               Derivation& derivation, std::uint64_t admitted, std::int64_t last_time_ms)
    : facts_(facts),
      tree_(std::move(tree)),
      table_(table),
      policies_(policies),
      derivation_(derivation),
      registry_(ledger::registry_in_facts(facts.genesis.registry, derivation.facts())),
      admitted_(admitted),
      time_ms_(last_time_ms),
      tree_time_ms_(last_time_ms) {
    assert(admitted_ >= 1 && derivation_.leaves() == admitted_);
}

bool Replay::take(CheckedBundle bundle) {
    assert(bundle.index == tree_.bundles());
    const std::uint64_t first = bundle.index * ledger::tile_width;
    coverage_.bytes += bundle.bytes;
    coverage_.entries += bundle.leaves.size();
    coverage_.signatures += bundle.signatures;
    coverage_.withdrawn += bundle.withdrawn;
    coverage_.tiles += bundle.tile_compared ? 1 : 0;
    lacks_tiles_ = lacks_tiles_ || (!bundle.tile_compared && bundle.findings.empty());

    rest_.clear();
    rest_.reserve(bundle.leaves.size());
    for (std::size_t i = 0; i < bundle.leaves.size(); ++i) {
        rest_.push_back(bundle.leaves[i].hash);
        const CheckedLeaf& leaf = bundle.leaves[i];
        // Also of one that an earlier audit judged when it was whole.
        if (!leaf.remains.empty()) withdrawn_.emplace_back(first + i, ledger::sha256(leaf.remains));
        if (first + i >= admitted_) judge(first + i, bundle.leaves[i]);
    }
    for (Finding& finding : bundle.findings) report(std::move(finding));
    if (!bundle.complete) {
        complete_ = false;
        return false;
    }
    if (rest_.size() == ledger::tile_width) {
        tree_.add(bundle_root(rest_));
        tree_time_ms_ = time_ms_;
        rest_.clear();
    }
    return findings_.size() < max_findings;
}

void Replay::judge(std::uint64_t index, CheckedLeaf& leaf) {
    assert(index == admitted_);
    std::vector<ledger::FactChange> changes;
    try {
        changes = changes_of(index, leaf);
    } catch (const std::exception& fault) {
        report({"bad_fact", "leaf " + std::to_string(index) + " cannot be judged, for what followed from the leaves before cannot be read: " +
                                fault.what() + "; where leaves came without their bytes, what remains of them was made up",
                index, {}});
    }
    derivation_.add(changes);
    time_ms_ = std::max(time_ms_, leaf.time_ms);
    ++admitted_;
}

std::vector<ledger::FactChange> Replay::changes_of(std::uint64_t index, CheckedLeaf& leaf) {
    if (leaf.fault) {
        report({leaf.fault->reason, "leaf " + std::to_string(index) + ": " + leaf.fault->detail, index, {}});
        return {};
    }
    if (!leaf.remains.empty()) return take_remains(index, leaf);
    if (facts_.depth == Depth::signatures) return follow(index, leaf);
    if (!leaf.statement || stands_already(index, *leaf.statement)) return {};
    auto changes = admit(index, leaf);
    add_records(index, *leaf.statement);  // of a bad leaf too: what refers to it is not a fault of its own
    return changes;
}

// What followed from a leaf whose bytes are gone, as far as the members voted so: whether they did, later leaves tell.
std::vector<ledger::FactChange> Replay::take_remains(std::uint64_t index, const CheckedLeaf& leaf) {
    // By signatures alone, nothing is derived from records, and it is not known which stand.
    if (facts_.depth == Depth::signatures) return {};
    const RulesOfWhatStands rules(facts_.rules, false);
    auto admitted = ledger::admit_remains({facts_.genesis, rules}, *this, leaf.remains);
    if (!admitted) {
        report({admitted.error().reason, "leaf " + std::to_string(index) + ": " + admitted.error().detail, index, {}});
        return {};
    }
    add_records(index, *admitted->statement);
    return std::move(admitted->changes);
}

std::vector<std::pair<std::uint64_t, ledger::Hash>> Replay::unproven() const {
    auto leaves = withdrawn_;
    std::erase_if(leaves, [this](const auto& each) {
        return ledger::voted_withdrawal(facts(), each.first, each.second).has_value();
    });
    return leaves;
}

bool Replay::judged(std::uint64_t leaf, const ledger::Hash& remains) const {
    return std::ranges::find(withdrawn_, std::pair(leaf, remains)) != withdrawn_.end();
}

// Signatures alone: is the key valid here, whatever later leaves than the genesis made of it? What acts of governance do to
// keys is followed; whether they were allowed is Depth::everything's.
std::vector<ledger::FactChange> Replay::follow(std::uint64_t index, const CheckedLeaf& leaf) {
    const auto standing = ledger::registry_of(facts_.genesis, *this);
    const std::string& kid = leaf.statement ? leaf.statement->kid : leaf.kid;
    const std::string& audience = leaf.statement ? leaf.statement->audience : leaf.audience;
    const std::string& origin = policies_.entries().back().origin;  // of the epoch that the leaf is in
    const bool opens = leaf.statement && !leaf.statement->bundle &&
                       leaf.statement->records.front().type == ledger::recovery_type;
    const ledger::RegisteredKey* key = standing->key(kid);
    std::optional<ledger::Error> fault;
    if (key == nullptr)
        fault = ledger::invalid("unknown_kid", "no key " + ledger::quote(kid) + " is registered by then");
    else if (!key->valid_at(index))
        fault = ledger::invalid("key_not_valid", "key " + ledger::quote(kid) + " is not valid at this leaf");
    else if (leaf.statement && !leaf.statement->signature_checked &&
             !ledger::verify_signature(*leaf.statement, key->key))
        fault = ledger::invalid("bad_signature", "the signature does not verify under " + ledger::quote(kid));
    else if (!opens && audience != origin)
        fault = ledger::invalid("wrong_audience", "aud is " + ledger::quote(audience) +
                                                      "; here the ledger is " + ledger::quote(origin));
    if (fault) {
        report({fault->reason, "leaf " + std::to_string(index) + ": " + fault->detail, index, {}});
        return {};
    }
    if (!leaf.statement || leaf.statement->bundle) return {};
    const ledger::Record& record = leaf.statement->records.front();
    if (opens) return follow_opening(index, *leaf.statement, *standing);
    if (!ledger::is_governance_kind(record.kind())) return {};
    const RulesOfVotes rules(facts_.rules, false);
    const ledger::Context context{facts_.genesis, rules};
    const ledger::Coming coming{record,       {index, 0}, leaf.time_ms,
                                leaf.time_ms, *standing,  [] { return ledger::Hash{}; }};
    ledger::FactDraft draft(facts());
    if (!ledger::take_act({context, coming, *key}, draft)) return {};
    std::vector<ledger::FactChange> changes = std::move(draft).take_changes();
    if (auto after = ledger::registry_after(*standing, changes)) registry_ = std::move(after);
    return changes;
}

// An epoch does not open by signatures alone: who may is looked at in this depth too.
std::vector<ledger::FactChange> Replay::follow_opening(std::uint64_t index,
                                                       const ledger::Statement& statement,
                                                       const ledger::Registry& registry) {
    auto recovery = ledger::parse_recovery(statement.records.front());
    if (recovery && statement.audience != recovery->plan.origin)
        recovery = ledger::invalid("wrong_audience", "aud is " + ledger::quote(statement.audience) +
                                                         "; it must be the origin that the recovery opens");
    const auto holds =
        recovery ? ledger::check_recovery({facts_.genesis, registry, facts(), index, root()}, *recovery)
                 : ledger::Result<void>(recovery.error());
    if (!holds) {
        report(
            {holds.error().reason, "leaf " + std::to_string(index) + ": " + holds.error().detail, index, {}});
        return {};
    }
    ledger::FactDraft draft(facts());
    ledger::take_recovery(facts_.genesis, *recovery, draft);
    read_opening(index, statement);
    return std::move(draft).take_changes();
}

// From here on another epoch's origin and policy. The final head that it commits to was signed under the policy of its time.
void Replay::read_opening(std::uint64_t index, const ledger::Statement& statement) {
    const auto recovery = ledger::parse_recovery(statement.records.front());
    if (!recovery) return;
    const ledger::RecoveryPlan& plan = recovery->plan;
    const auto policy = ledger::parse_policy(plan.policy);
    const auto head = ledger::parse_head(plan.final_head);
    assert(policy && head && "checked with the recovery");
    const auto governing = policies_.governing(head->checkpoint);
    const auto trusted = governing
                             ? ledger::check_final_head(plan, policies_.entries()[*governing].policy.policy)
                             : ledger::Result<ledger::HeadSigners>(ledger::invalid(
                                   "wrong_final_head", "no policy of this ledger governs it"));
    if (!trusted)
        report(
            {trusted.error().reason,
             "leaf " + std::to_string(index) + ": the final head in the recovery: " + trusted.error().detail,
             index,
             {}});
    policies_.open_epoch(index, plan.origin, {plan.nodes, *policy}, opening_of(*recovery));
}

// What follows from the leaf, as every node has worked it out; nothing when it is not admissible.
std::vector<ledger::FactChange> Replay::admit(std::uint64_t index, const CheckedLeaf& leaf) {
    if (auto why = facts_.rules.outgrown(facts())) {
        report({"upgrade_required", "leaf " + std::to_string(index) + ": " + *std::move(why), index, {}});
        return {};
    }
    const RulesOfWhatStands rules(facts_.rules, leaf.rules_checked);
    const ledger::Context context{facts_.genesis, rules};
    auto verdict =
        ledger::admit(context, *this, leaf.statement, leaf.time_ms, leaf.statement->signature_checked);
    if (const auto* error = std::get_if<ledger::Error>(&verdict)) {
        report({error->reason, "leaf " + std::to_string(index) + ": " + error->detail, index, {}});
        return {};
    }
    read_policies(index, *leaf.statement);
    read_opening(index, *leaf.statement);
    auto* admitted = std::get_if<ledger::Admitted>(&verdict);
    if (admitted == nullptr) return {};
    if (admitted->registry) registry_ = admitted->registry;
    if (wanted_ == index) remains_ = ledger::remains_of(rules, *admitted, derivation_.digest());
    return std::move(admitted->changes);
}

// The leaf that is judged is the last of rest_ already: judge() is called once its hash is there.
ledger::Hash Replay::root() const {
    std::vector<ledger::Hash> before = rest_;
    before.pop_back();
    return tree_.root(tree_.bundles(), before);
}

ledger::Hash Replay::root_with(const ledger::Hash&) const {
    return tree_.root(tree_.bundles(), rest_);
}

// A record stands once: a second time, whatever its bytes, is a leaf that no honest ledger has.
bool Replay::stands_already(std::uint64_t index, const ledger::Statement& statement) {
    for (const ledger::Record& record : statement.records) {
        const auto earlier = table_.find(record.source, record.id);
        if (!earlier) continue;
        report({"repeated_leaf",
                "leaf " + std::to_string(index) + " holds the record " + ledger::quote(record.id) + " of " +
                    ledger::quote(record.source) + ", which stands at " + to_string(*earlier) + " already",
                index,
                {}});
        return true;
    }
    return false;
}

void Replay::add_records(std::uint64_t index, const ledger::Statement& statement) {
    for (std::size_t n = 0; n < statement.records.size(); ++n) {
        const ledger::Record& record = statement.records[n];
        table_.add(record.source, record.id, {index, static_cast<std::uint32_t>(n)},
                   number_of(record.kind()));
    }
    coverage_.records += statement.records.size();
}

// From here on another policy governs, unless the leaf is none.
void Replay::read_policies(std::uint64_t index, const ledger::Statement& statement) {
    for (const ledger::Record& record : statement.records) {
        if (record.type != ledger::policy_type) continue;
        auto policy = ledger::parse_policy_leaf(record, statement.audience);
        if (policy)
            policies_.add(index, *std::move(policy));
        else
            report({policy.error().reason,
                    "leaf " + std::to_string(index) + ": " + policy.error().detail,
                    index,
                    {}});
    }
}

void Replay::report(Finding finding) {
    if (findings_.size() < max_findings) findings_.push_back(std::move(finding));
}

std::optional<ledger::KnownRecord> Replay::find(std::string_view source, std::string_view id) const {
    const auto address = table_.find(source, id);
    if (!address) return std::nullopt;
    // Only asked whether it stands: that it stands once was looked at before (stands_already).
    return ledger::KnownRecord{*address, {}, kind_of(table_.kind(source, id))};
}

std::optional<ledger::Hash> Replay::find_node(std::string_view name) const {
    for (const PolicyHistory::Entry& entry : policies_.entries()) {
        const auto found = std::ranges::find(entry.policy.nodes, name, &ledger::GenesisNode::name);
        if (found != entry.policy.nodes.end()) return ledger::node_digest(*found);
    }
    return std::nullopt;
}

}  // namespace socai::node::audit
