#include "ledger/admission.hpp"

#include <algorithm>
#include <cassert>
#include <unordered_set>
#include <utility>

#include "ledger/epochs.hpp"
#include "ledger/governance/acts.hpp"
#include "ledger/governance/limits.hpp"
#include "ledger/governance/matters.hpp"
#include "ledger/governance/registry_facts.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view historical_import = "historical_import";
constexpr std::size_t max_listed_records = 20;

Error wrong_audience(const Statement& statement, std::string_view origin) {
    return invalid("wrong_audience", "aud is " + quote(statement.audience) + "; this ledger is " +
                                         quote(origin) + ": sign for it");
}

// A statement is of the epoch that its leaf is of; the first leaf of an epoch, of the epoch that it opens.
Result<void> check_epoch(const Genesis& genesis, const View& view, const Statement& statement) {
    const Epoch current = current_epoch(genesis, view.facts());
    const bool opens = statement.records.front().type == recovery_type;
    const std::string origin =
        opens ? epoch_origin(genesis.origin, std::min(current.number + 1, max_epochs)) : current.origin;
    if (statement.audience == origin) return {};
    return wrong_audience(statement, origin);
}

// The registered key of a statement of this ledger, in whatever epoch.
Result<const RegisteredKey*> find_key(const Genesis& genesis, const Registry& registry,
                                      const Statement& statement) {
    if (epoch_number(genesis.origin, statement.audience) == 0)
        return wrong_audience(statement, genesis.origin);
    const RegisteredKey* key = registry.key(statement.kid);
    if (key == nullptr) {
        return invalid("unknown_kid", "no key " + quote(statement.kid) + " is registered in this ledger");
    }
    return key;
}

Result<void> check_signature_of(const RegisteredKey& key, const Statement& statement) {
    if (verify_signature(statement, key.key)) return {};
    return invalid("bad_signature", "the signature does not verify under the registered key " +
                                        quote(statement.kid) +
                                        ": the statement was altered, or signed with another key");
}

Result<void> check_validity(const RegisteredKey& key, std::uint64_t index) {
    if (key.valid_at(index)) return {};
    return invalid("key_not_valid",
                   "key " + quote(key.kid) + " is valid from leaf " + std::to_string(key.valid_from) +
                       (key.valid_to ? " to before leaf " + std::to_string(*key.valid_to) : std::string()) +
                       ", this would be leaf " + std::to_string(index) + ": sign with a valid key");
}

// The members may suspend an agency from writing records. It still votes, and looks after its keys.
Result<void> check_not_held(const Registry& registry, const Record& record) {
    if (is_governance_kind(record.kind()) || record.type == recovery_type || !registry.is_held(record.source))
        return {};
    return Error{Fault::forbidden, "agency_held",
                 "the members have suspended " + quote(record.source) +
                     ", or an agency above it, from writing: only a vote over the matter \"hold\" ends that"};
}

// All records of a statement have one source, and one type.
Result<void> check_source(const Registry& registry, const RegisteredKey& key, const Record& record) {
    if (registry.may_speak_for(key.agency, record.source)) return {};
    return Error{Fault::forbidden, "source_not_allowed",
                 "key " + quote(key.kid) + " may not speak for " + quote(record.source) +
                     ": sign with that source's own key, or have a delegation registered"};
}

Result<void> check_kinds(const Rules& rules, const Registry& registry, const Statement& statement) {
    for (const Record& record : statement.records) {
        if (Result<void> checked = rules.check(record, registry); !checked) return checked;
    }
    return {};
}

// A node that was named once keeps its keys, its id and its agency for ever: what it signed, and what it may be accused of,
// hangs on its name. New keys mean a new name.
Result<void> check_standing_nodes(const Genesis& genesis, const View& view,
                                  const std::vector<GenesisNode>& nodes) {
    for (const GenesisNode& node : nodes) {
        const auto founder = std::ranges::find(genesis.nodes, node.name, &GenesisNode::name);
        const std::optional<Hash> known =
            founder != genesis.nodes.end() ? std::optional(node_digest(*founder)) : view.find_node(node.name);
        if (known && *known != node_digest(node)) {
            return Error{
                Fault::forbidden, "node_changed",
                "node " + quote(node.name) +
                    " stands in the ledger with other keys, another id or another agency: a node with "
                    "new keys gets a new name"};
        }
    }
    return {};
}

// A policy governs who is believed from here on: it is written by who was given that right, or by any member once a vote has
// passed its text.
Result<void> check_policy(const Genesis& genesis, const Registry& registry, const View& view,
                          const RegisteredKey& key, const Statement& statement) {
    const Record& record = statement.records.front();
    if (record.type != policy_type) return {};
    const Agency* source = registry.agency(record.source);
    if (source == nullptr || !source->has_role("member")) {
        return Error{Fault::forbidden, "source_not_allowed",
                     "a policy comes from a member agency; " + quote(record.source) + " is none"};
    }
    if (statement.bundle) {
        return invalid("malformed_policy_leaf", "a policy stands alone in its statement, not in a bundle");
    }
    if (!key.has_right(policy_right) && !policy_is_voted(view.facts(), policy_text(record))) {
        return Error{Fault::forbidden, "right_missing",
                     "key " + quote(key.kid) +
                         " does not hold the right \"policy\", and no vote over \"quorum_policy\" has passed "
                         "this text: propose it to the members"};
    }
    const Result<PolicyLeaf> leaf = parse_policy_leaf(record, statement.audience);  // of the epoch in force
    if (!leaf) return leaf.error();
    if (auto members = check_nodes_against(registry, leaf->nodes, "malformed_policy_leaf"); !members)
        return members;
    return check_standing_nodes(genesis, view, leaf->nodes);
}

// The first leaf of a new epoch, over what stands before it.
Result<void> check_opening(const Genesis& genesis, const Registry& registry, const View& view,
                           const Statement& statement) {
    const Record& record = statement.records.front();
    if (record.type != recovery_type) return {};
    if (statement.bundle)
        return invalid("malformed_recovery", "a recovery stands alone in its statement, not in a bundle");
    const Agency* source = registry.agency(record.source);
    if (source == nullptr || !source->has_role(member_role))
        return Error{Fault::forbidden, "source_not_allowed",
                     "a recovery comes from a member agency; " + quote(record.source) + " is none"};
    const Result<RecoveryLeaf> leaf = parse_recovery(record);
    if (!leaf) return leaf.error();
    if (auto nodes = check_standing_nodes(genesis, view, leaf->plan.nodes); !nodes) return nodes;
    return check_recovery({genesis, registry, view.facts(), view.size(), view.root()}, *leaf);
}

// An act changes what the next record of the same statement would be judged by.
Result<void> check_act(const Statement& statement) {
    const Record& record = statement.records.front();
    if (!is_governance_kind(record.kind())) return {};
    if (statement.bundle)
        return invalid("malformed_act",
                       "an act of governance stands alone in its statement, not in a bundle");
    if (record.version() != 1)
        return invalid("unknown_version", "this program knows version 1 of " + quote(record.kind()));
    return {};
}

Result<void> check_times(const TimeLimits& parameters, const View& view, const Statement& statement,
                         std::int64_t time_ms) {
    if (time_ms < view.last_time_ms()) {
        return invalid("time_went_back", "the accepted time " + std::to_string(time_ms) +
                                             " is before that of the last leaf, " +
                                             std::to_string(view.last_time_ms()));
    }
    if (time_ms > max_time_ms) {
        return invalid("time_out_of_range", "the accepted time is after the year 9999");
    }
    for (const Record& record : statement.records) {
        if (record.time_ms - time_ms > parameters.max_future_ms) {
            return invalid("future_time", "record " + quote(record.id) + " is dated " + record.time +
                                              ", the ledger's clock says " + format_rfc3339(time_ms) +
                                              ": correct the time, or submit it later");
        }
    }
    return {};
}

bool is_late(const TimeLimits& parameters, const RegisteredKey& key, const Statement& statement,
             std::int64_t time_ms) {
    if (key.has_right(historical_import)) return false;
    return std::ranges::any_of(statement.records, [&](const Record& record) {
        return time_ms - record.time_ms > parameters.max_backdate_ms;
    });
}

Error known_records(const std::vector<std::pair<const Record*, Address>>& known, std::size_t total) {
    std::string list;
    for (std::size_t i = 0; i < known.size() && i < max_listed_records; ++i) {
        list += (i == 0 ? "" : ", ") + known[i].first->id + " at " + to_string(known[i].second);
    }
    if (known.size() > max_listed_records) {
        list += " and " + std::to_string(known.size() - max_listed_records) + " more";
    }
    return {Fault::conflict, "known_records",
            std::to_string(known.size()) + " of the bundle's " + std::to_string(total) +
                " records stand in the ledger already (" + list +
                "): sign the new ones in a bundle without them"};
}

// Nothing: all records are new. A Duplicate: all are known. Otherwise a conflict.
Result<std::optional<Duplicate>> find_duplicates(const View& view, const Statement& statement) {
    std::vector<std::pair<const Record*, Address>> known;
    for (const Record& record : statement.records) {
        const std::optional<KnownRecord> found = view.find(record.source, record.id);
        if (!found) continue;
        if (found->digest != record.digest) {
            return Error{Fault::conflict, "other_content",
                         "record " + quote(record.id) + " of " + quote(record.source) +
                             " stands in the ledger at " + to_string(found->address) +
                             " with other bytes: a correction is a new record with its own id that "
                             "supersedes it"};
        }
        known.emplace_back(&record, found->address);
    }
    if (known.empty()) return std::optional<Duplicate>();
    if (known.size() < statement.records.size()) return known_records(known, statement.records.size());
    Duplicate duplicate;
    for (const auto& [record, address] : known) duplicate.addresses.push_back(address);
    return std::optional<Duplicate>(std::move(duplicate));
}

// References point backwards only: an earlier leaf, or an earlier record of the same bundle.
Result<void> check_references(const Rules& rules, const View& view, const Statement& statement) {
    std::unordered_set<std::string_view> earlier;  // ids in this bundle; a bundle has one source
    for (const Record& record : statement.records) {
        for (std::size_t i = 0; i < record.refs.size(); ++i) {
            const Reference& reference = record.refs[i];
            std::optional<KnownRecord> target;
            if (reference.source == record.source && earlier.contains(reference.id))
                target.emplace().kind = record.kind();  // a bundle has one type
            else
                target = view.find(reference.source, reference.id);
            if (target) {
                if (auto allowed = rules.check_reference(record, i, target->kind); !allowed) return allowed;
                continue;
            }
            return rules.unknown_reference(record, i);
        }
        if (statement.bundle) earlier.insert(record.id);
    }
    return {};
}

// What follows from one record. What the members must put in force waits until they do; what could not be taken is refused
// at once all the same.
Result<void> take_record(const Context& context, const RegisteredKey& key, const Coming& coming,
                         FactDraft& draft) {
    const std::string_view kind = coming.record.kind();
    if (is_governance_kind(kind)) return take_act({context, coming, key}, draft);
    if (coming.record.type == recovery_type) {
        take_recovery(context.genesis, *parse_recovery(coming.record),
                      draft);  // check_opening read it before
        return {};
    }
    if (coming.record.type == policy_type && !key.has_right(policy_right))
        use_policy(draft, policy_text(coming.record));
    const std::string_view matter = context.rules.matter_of(kind);
    if (matter.empty() || passage_of(context.genesis, draft, matter) == Passage::any)
        return context.rules.take(coming, draft);
    FactDraft trial(draft);
    if (auto possible = context.rules.take(coming, trial); !possible) return possible;
    let_wait(coming.record, coming.address, coming.accepted_ms, coming.delivered_ms, draft);
    return {};
}

// Every record over what stands before it, those of its own bundle included.
Result<void> take_records(const Context& context, const Registry& registry, const View& view,
                          const RegisteredKey& key, const TimeLimits& limits, const Statement& statement,
                          Admitted& admitted) {
    FactDraft draft(view.facts());
    std::uint32_t n = 0;
    for (const Record& record : statement.records) {
        const bool imported =
            key.has_right(historical_import) && admitted.time_ms - record.time_ms > limits.max_backdate_ms;
        const std::int64_t delivered_ms = imported ? record.time_ms : admitted.time_ms;
        const Coming coming{record,           {admitted.index, n++},
                            admitted.time_ms, delivered_ms,
                            registry,         [&] { return view.root_with(admitted.leaf); }};
        if (auto taken = take_record(context, key, coming, draft); !taken) return taken;
    }
    admitted.changes = std::move(draft).take_changes();
    admitted.registry = registry_after(registry, admitted.changes);
    return {};
}

}  // namespace

std::shared_ptr<const Registry> registry_of(const Genesis& genesis, const View& view) {
    if (auto changed = view.registry()) return changed;
    return {std::shared_ptr<const Registry>(), &genesis.registry};  // the genesis outlives it
}

Result<void> check_signature(const Genesis& genesis, const Registry& registry, const Statement& statement) {
    const Result<const RegisteredKey*> key = find_key(genesis, registry, statement);
    if (!key) return key.error();
    return check_signature_of(**key, statement);
}

Error Rules::unknown_reference(const Record& record, std::size_t position) const {
    const Reference& reference = record.refs[position];
    return invalid("unknown_reference", "record " + quote(record.id) + " refers (" + reference.rel + ") to " +
                                            quote(reference.id) + " of " + quote(reference.source) +
                                            ", which does not stand before it: submit that first");
}

Result<void> Rules::take(const Coming&, FactDraft&) const {
    return {};
}

Result<void> Rules::check_writer(const Record&, const Registry&) const {
    return {};
}

std::string_view Rules::matter_of(std::string_view) const {
    return {};
}

std::optional<std::string> Rules::outgrown(const Facts&) const {
    return std::nullopt;
}

std::optional<std::string> outgrown_by(const Rules& rules, const Facts& before, const Admitted& leaf) {
    const std::string_view kind = leaf.statement->records.front().kind();
    if (!is_governance_kind(kind) && rules.matter_of(kind).empty()) return std::nullopt;
    FactDraft after(before);
    after.lay(leaf.changes, leaf.index);
    return rules.outgrown(after);
}

bool Rules::withdraw_bytes(const Facts&) const {
    return true;
}

Verdict admit(const Context& context, const View& view, std::shared_ptr<const Statement> statement,
              std::int64_t time_ms, bool signature_checked) {
    assert(statement != nullptr && !statement->records.empty());
    const Genesis& genesis = context.genesis;
    const std::uint64_t index = view.size();
    if (index == 0) {
        return invalid("genesis_expected", "the ledger is empty: only a genesis can be its first leaf");
    }
    const std::size_t entry_bytes = std::to_string(time_ms).size() + 1 + statement->text.size();
    if (entry_bytes > max_entry_bytes) {
        return Error{Fault::too_large, "entry_too_large",
                     "the entry would have " + std::to_string(entry_bytes) +
                         " bytes; at most 65,535 are allowed: split the bundle, or continue the content in "
                         "further records"};
    }
    const std::shared_ptr<const Registry> standing = registry_of(genesis, view);
    const Registry& registry = *standing;
    const TimeLimits limits = time_limits(genesis, view.facts());
    const Record& first = statement->records.front();
    if (auto meant = check_epoch(genesis, view, *statement); !meant) return meant.error();
    const Result<const RegisteredKey*> found = find_key(genesis, registry, *statement);
    if (!found) return found.error();
    const RegisteredKey& key = **found;
    if (auto valid = check_validity(key, index); !valid) return valid.error();
    if (!signature_checked) {
        if (auto verified = check_signature_of(key, *statement); !verified) return verified.error();
    }
    if (auto meant = check_purpose(key, first.kind()); !meant) return meant.error();
    if (auto allowed = check_source(registry, key, first); !allowed) return allowed.error();
    if (auto free = check_not_held(registry, first); !free) return free.error();
    if (auto known = check_kinds(context.rules, registry, *statement); !known) return known.error();
    if (auto alone = check_act(*statement); !alone) return alone.error();
    if (auto allowed = check_policy(genesis, registry, view, key, *statement); !allowed)
        return allowed.error();
    if (auto opens = check_opening(genesis, registry, view, *statement); !opens) return opens.error();
    if (auto timely = check_times(limits, view, *statement, time_ms); !timely) {
        return timely.error();
    }
    Result<std::optional<Duplicate>> duplicate = find_duplicates(view, *statement);
    if (!duplicate) return duplicate.error();
    if (*duplicate) return **std::move(duplicate);
    if (auto complete = check_references(context.rules, view, *statement); !complete) return complete.error();

    Admitted admitted;
    admitted.index = index;
    admitted.time_ms = time_ms;
    admitted.late = is_late(limits, key, *statement, time_ms);
    admitted.entry = make_entry(time_ms, statement->text);
    assert(admitted.entry.size() == entry_bytes);
    admitted.leaf = leaf_hash(admitted.entry);
    if (auto taken = take_records(context, registry, view, key, limits, *statement, admitted); !taken)
        return taken.error();
    admitted.statement = std::move(statement);
    return admitted;
}

}  // namespace socai::ledger
