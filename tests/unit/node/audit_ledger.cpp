#include "audit_ledger.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "consensus/chain.hpp"
#include "inspection/kinds.hpp"
#include "ledger/admission.hpp"
#include "ledger/remains.hpp"
#include "ledger/entry.hpp"
#include "ledger/tiles.hpp"
#include "ledger/time.hpp"
#include "node/bootstrap.hpp"
#include "storage/log_store.hpp"
#include "storage/state_store.hpp"
#include "tests/unit/ledger/founders.hpp"

namespace socai::node::test {
namespace {

constexpr std::uint64_t cosigning_time_s = 1'700'000'100;
constexpr std::size_t leaves_a_batch = 4'096;

void write(const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// What follows from a leaf whose writer asks nobody whether it may.
std::vector<ledger::FactChange> derive(const ledger::Rules& rules, const ledger::Genesis& genesis,
                                       const ledger::Admitted& leaf, ledger::FactMap& facts) {
    ledger::FactDraft draft(facts);
    std::uint32_t n = 0;
    for (const ledger::Record& record : leaf.statement->records)
        rules
            .take({record,
                   {leaf.index, n++},
                   leaf.time_ms,
                   leaf.time_ms,
                   genesis.registry,
                   [] { return ledger::Hash{}; }},
                  draft)
            .value();
    auto changes = std::move(draft).take_changes();
    facts.apply(changes);
    return changes;
}

}  // namespace

AuditLedger::AuditLedger(std::size_t leaves) {
    genesis.origin = origin;
    for (const std::string agency : {"a", "b", "c", "d"}) {
        keys.push_back({agency + "/record-1", ledger::KeyPair::generate()});
        genesis.registry.add_agency({agency, std::nullopt, {"member"}, "Cơ quan", "Agency"}).value();
        ledger::RegisteredKey key;
        key.kid = keys.back().kid;
        key.agency = agency;
        key.key = keys.back().key.public_key();
        if (agency == "a") key.rights.emplace_back(ledger::policy_right);
        genesis.registry.add_key(key).value();
        AuditNode node{
            {}, ledger::KeyPair::generate(), ledger::KeyPair::generate(), ledger::KeyPair::generate()};
        node.facts = {agency + "-1",
                      agency,
                      nodes.size() + 1,
                      node.log.public_key(),
                      node.cosigner.public_key(),
                      node.node.public_key(),
                      ledger::KeyPair::generate().public_key()};
        genesis.nodes.push_back(node.facts);
        nodes.push_back(std::move(node));
    }
    genesis.policy = ledger::consortium_policy(origin, genesis.nodes).to_string();
    ledger::samples::let_members_consent(genesis);
    const std::string record = ledger::genesis_record(genesis, "a", ledger::format_rfc3339(first_ms));
    entries.push_back(ledger::make_entry(first_ms, ledger::sign_statement(keys[0], origin, record, false)));
    genesis = ledger::parse_genesis(entries[0]).value();
    while (entries.size() < leaves) add("record-" + std::to_string(entries.size()));
}

std::string AuditLedger::make_entry(const std::string& id, std::size_t at, const std::string& refs,
                                    const std::string& agency) const {
    const std::int64_t time_ms = first_ms + static_cast<std::int64_t>(at) * 1'000;
    const std::string record =
        R"({"specversion":"1.0","id":")" + id + R"(","source":")" + agency +
        R"(","type":"vn.socai.risk_signal.v1","subject":"test","time":")" + ledger::format_rfc3339(time_ms) +
        R"(","datacontenttype":"application/json","data":{"severity":"low","description":")" + padding +
        R"(","refs":)" + refs + "}}";
    return ledger::make_entry(time_ms, ledger::sign_statement(keys[static_cast<std::size_t>(agency[0] - 'a')],
                                                              origin, record, false));
}

std::size_t AuditLedger::add(const std::string& id, const std::string& refs, const std::string& agency) {
    entries.push_back(make_entry(id, entries.size(), refs, agency));
    return entries.size() - 1;
}

std::size_t AuditLedger::add_policy(const ledger::PolicyLeaf& policy, const std::string& id) {
    const std::int64_t time_ms = first_ms + static_cast<std::int64_t>(entries.size()) * 1'000;
    const std::string record =
        ledger::policy_record(policy, origin, "a", id, ledger::format_rfc3339(time_ms));
    entries.push_back(ledger::make_entry(time_ms, ledger::sign_statement(keys[0], origin, record, false)));
    return entries.size() - 1;
}

ledger::Hash AuditLedger::root(std::size_t size) const {
    ledger::Frontier tree;
    for (std::size_t i = 0; i < size; ++i) tree.append(ledger::hash_of_leaf(entries[i]));
    return tree.root();
}

ledger::Head AuditLedger::head(std::size_t size, const std::vector<std::size_t>& cosigners,
                               std::size_t log) const {
    ledger::Head head{{origin, size, root(size)}, {}};
    head.note.text = head.checkpoint.to_string();
    ledger::sign_note(head.note, origin, nodes[log].log);
    for (const std::size_t i : cosigners)
        ledger::cosign_note(head.note, nodes[i].facts.agency + "." + origin, nodes[i].cosigner,
                            cosigning_time_s);
    return head;
}

ledger::Policy AuditLedger::policy() const {
    return ledger::parse_policy(genesis.policy).value();
}

ledger::ProvenEntry AuditLedger::proven(std::size_t index, const ledger::Head& head) const {
    struct Nodes : ledger::NodeReader {
        explicit Nodes(const std::vector<std::string>& all) : entries(all) {}
        std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t at) const override {
            if (level == 0) return ledger::hash_of_leaf(entries[at]);
            return ledger::node_hash(*node(level - 1, 2 * at), *node(level - 1, 2 * at + 1));
        }
        const std::vector<std::string>& entries;
    };
    return {entries[index],
            {index, *ledger::inclusion_proof(index, head.checkpoint.size, Nodes(entries)), head}};
}

ledger::Receipt AuditLedger::receipt(std::size_t index, const ledger::Head& head) const {
    return {proven(index, head), keys[0].kid, keys[0].key.public_key(), proven(0, head), {}};
}

void AuditLedger::write_tiles(const std::string& folder, const ledger::Head& signed_head) const {
    const std::uint64_t size = signed_head.checkpoint.size;
    write(folder + "/checkpoint", signed_head.note.to_string());
    std::vector<ledger::Hash> level;
    for (std::size_t i = 0; i < size; ++i) level.push_back(ledger::hash_of_leaf(entries[i]));
    for (std::uint32_t number = 0; !level.empty(); ++number) {
        std::vector<ledger::Hash> above;
        for (std::uint64_t index = 0; ledger::tile_width_at(number, index, size) > 0; ++index) {
            const ledger::TileName name{false, number, index, ledger::tile_width_at(number, index, size)};
            std::string hashes;
            ledger::Frontier tree;
            for (std::uint32_t i = 0; i < name.width; ++i) {
                const ledger::Hash& hash = level[index * ledger::tile_width + i];
                hashes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
                tree.append(hash);
            }
            write(folder + "/" + ledger::tile_path(name), hashes);
            if (name.width == ledger::tile_width) above.push_back(tree.root());
            if (number != 0) continue;
            std::string bundle;
            for (std::uint32_t i = 0; i < name.width; ++i)
                ledger::append_bundle_entry(bundle, entries[index * ledger::tile_width + i]);
            write(folder + "/" + ledger::tile_path({true, 0, index, name.width}), bundle);
        }
        level = std::move(above);
    }
}

void AuditLedger::write_data(const std::string& folder, const ledger::Rules* rules) const {
    const inspection::KindRules own;
    ledger::FactMap facts;
    const storage::Identity identity{origin, "a-1", ledger::to_hex(ledger::sha256(entries[0]))};
    auto log = storage::LogStore::open(folder, identity).value();
    // A leader's no-op stands after the genesis, as in every real log.
    const consensus::EntryPtr first = genesis_log_entry(entries[0]);
    const consensus::EntryPtr noop = consensus::make_noop(first->id, {2});
    const ledger::Admitted leaf_0 = admitted_genesis(entries[0]);
    consensus::StorageJob begin;
    begin.append = {first, noop};
    log->write({&begin, 1}).value();
    auto state =
        storage::StateStore::open(
            folder, identity,
            [&](consensus::Index index) { return std::optional(log->id_at(index).value()); }, nullptr)
            .value();
    state->apply(std::vector<storage::Apply>{{first->id, &leaf_0}, {noop->id, nullptr}}).value();

    consensus::EntryId last = noop->id;
    for (std::size_t from = 1; from < entries.size(); from += leaves_a_batch) {
        consensus::StorageJob job;
        std::vector<ledger::Admitted> leaves;
        std::vector<storage::Apply> applies;
        for (std::size_t i = from; i < std::min(entries.size(), from + leaves_a_batch); ++i) {
            const auto split = ledger::split_entry(entries[i]).value();
            ledger::Admitted leaf;
            leaf.index = i;
            leaf.time_ms = split.time_ms;
            leaf.leaf = ledger::hash_of_leaf(entries[i]);
            leaf.entry = entries[i];
            leaf.statement =
                std::make_shared<const ledger::Statement>(ledger::parse_statement(split.statement).value());
            leaf.changes = derive(rules != nullptr ? *rules : own, genesis, leaf, facts);
            leaves.push_back(std::move(leaf));
            job.append.push_back(consensus::make_entry(last, {2}, consensus::EntryKind::payload,
                                                       leaves.back().leaf, std::nullopt, entries[i]));
            last = job.append.back()->id;
        }
        log->write({&job, 1}).value();
        for (std::size_t i = 0; i < leaves.size(); ++i) applies.push_back({job.append[i]->id, &leaves[i]});
        state->apply(applies).value();
    }
    log->note_commit(last.index);
    log->flush_side_file().value();
    state->flush().value();
}

}  // namespace socai::node::test
