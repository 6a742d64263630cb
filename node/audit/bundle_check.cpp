#include "node/audit/bundle_check.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/entry.hpp"
#include "ledger/epochs.hpp"
#include "ledger/governance/acts.hpp"
#include "ledger/jwk.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/remains.hpp"
#include "ledger/syntax.hpp"
#include "ledger/tiles.hpp"

namespace socai::node::audit {
namespace {

constexpr std::size_t signature_characters = 86;  // 64 bytes in base64url
constexpr std::size_t max_known_headers = 4'096;  // a header is fixed by its key

// The key and the audience that a statement's header names, by the header's bytes, so that a header is parsed once a key and not once
// a statement. One a thread and genesis.
struct KnownHeader {
    const ledger::RegisteredKey* key = nullptr;
    std::string audience;
};
class KnownHeaders {
  public:
    const KnownHeader* find(const ledger::Genesis& genesis, std::string_view header) const {
        if (&genesis != genesis_) return nullptr;
        const auto known = headers_.find(header);
        return known == headers_.end() ? nullptr : &known->second;
    }
    void remember(const ledger::Genesis& genesis, std::string_view text, KnownHeader header) {
        if (&genesis != genesis_) headers_.clear();
        genesis_ = &genesis;
        if (headers_.size() < max_known_headers) headers_.emplace(text, std::move(header));
    }

  private:
    const ledger::Genesis* genesis_ = nullptr;
    std::map<std::string, KnownHeader, std::less<>> headers_;
};

// The signature alone: a header that was seen before, when it verifies under that one's key. Nothing decides nothing.
const KnownHeader* known_signer(const ledger::Genesis& genesis, const KnownHeaders& headers,
                                std::string_view statement, std::uint64_t index) {
    const std::size_t first = statement.find('.');
    const std::size_t last = statement.rfind('.');
    if (first == std::string_view::npos || first == last ||
        statement.size() - last - 1 != signature_characters)
        return nullptr;
    const KnownHeader* known = headers.find(genesis, statement.substr(0, first));
    if (known == nullptr || !known->key->valid_at(index)) return nullptr;
    const auto bytes = ledger::base64url_decode(statement.substr(last + 1));
    ledger::Signature signature;
    if (!bytes || bytes->size() != signature.size()) return nullptr;
    std::memcpy(signature.data(), bytes->data(), signature.size());
    return ledger::verify_ed25519(known->key->key, statement.substr(0, last), signature) ? known : nullptr;
}

void check_statement(const LedgerFacts& facts, std::uint64_t index, std::string_view text,
                     CheckedLeaf& leaf) {
    thread_local KnownHeaders headers;
    if (facts.depth == Depth::signatures) {
        if (const auto* known = known_signer(facts.genesis, headers, text, index)) {
            leaf.kid = known->key->kid;
            leaf.audience = known->audience;
            return;
        }
    }
    auto parsed = ledger::parse_statement(text);
    if (!parsed) {
        leaf.fault = parsed.error();
        return;
    }
    auto statement = std::make_shared<ledger::Statement>(*std::move(parsed));
    // A key or an agency that the genesis does not know may be registered by a later leaf: the judge decides, in order.
    const ledger::Registry& founded = facts.genesis.registry;
    const ledger::RegisteredKey* key = founded.key(statement->kid);
    if (key != nullptr || ledger::epoch_number(facts.genesis.origin, statement->audience) == 0) {
        if (auto signed_well = ledger::check_signature(facts.genesis, founded, *statement); !signed_well) {
            leaf.fault = signed_well.error();
            return;
        }
        statement->signature_checked = true;
    }
    const ledger::Record& first = statement->records.front();
    if (facts.depth == Depth::signatures && key != nullptr && !ledger::is_governance_kind(first.kind()) &&
        first.type != ledger::recovery_type) {
        // Acts of governance are signed by other keys than records: what is kept of them is not passed over here.
        headers.remember(facts.genesis, text.substr(0, text.find('.')), {key, statement->audience});
        leaf.kid = key->kid;
        leaf.audience = statement->audience;
        if (!key->valid_at(index))
            leaf.fault = ledger::invalid("key_not_valid", "key " + key->kid + " is not valid at this leaf");
        return;
    }
    leaf.rules_checked = std::ranges::all_of(statement->records, [&](const ledger::Record& record) {
        return bool(facts.rules.check(record, founded));
    });
    leaf.statement = std::move(statement);
}

void check_leaf(const LedgerFacts& facts, std::uint64_t index, std::string_view entry, CheckedLeaf& leaf) {
    leaf.hash = ledger::hash_of_leaf(entry);
    if (facts.depth == Depth::hashes || index == 0) return;
    if (ledger::is_remains(entry)) {
        leaf.remains = entry;
        const auto time_ms = ledger::time_of_leaf(entry);
        if (time_ms)
            leaf.time_ms = *time_ms;
        else
            leaf.fault = time_ms.error();
        return;
    }
    if (index < facts.first) return;
    const auto split = ledger::split_entry(entry);
    if (!split) {
        leaf.fault = split.error();
        return;
    }
    leaf.time_ms = split->time_ms;
    check_statement(facts, index, split->statement, leaf);
}

// Holds the tile that the source keeps against what the entries give.
void compare_tile(const Bundle& bundle, CheckedBundle& checked) {
    const std::string path = ledger::tile_path({false, 0, bundle.index, bundle.width});
    if (bundle.tile_fault) {
        checked.findings.push_back(
            {bundle.tile_fault->reason, bundle.tile_fault->detail, std::nullopt, path});
        return;
    }
    if (!bundle.tile) return;
    checked.tile_compared = true;
    for (std::size_t i = 0; i < checked.leaves.size(); ++i) {
        const auto& hash = checked.leaves[i].hash;
        if (std::memcmp(bundle.tile->data() + i * hash.size(), hash.data(), hash.size()) == 0) continue;
        const std::uint64_t index = bundle.index * ledger::tile_width + i;
        checked.findings.push_back({"wrong_tile",
                                    "the hash of leaf " + std::to_string(index) + " in " + path +
                                        " is not the hash of the entry that stands there: one of the two was "
                                        "altered",
                                    index, path});
        return;
    }
}

}  // namespace

CheckedBundle check_bundle(const LedgerFacts& facts, Bundle bundle) {
    CheckedBundle checked;
    checked.index = bundle.index;
    checked.bytes = bundle.entries.bundle.size();
    const std::uint64_t first = bundle.index * ledger::tile_width;
    const std::string path = ledger::tile_path({true, 0, bundle.index, bundle.width});
    const auto entries = ledger::split_bundle(bundle.entries.bundle);
    // A bundle that has grown since is served whole; any other number of entries is no answer to the question.
    const bool counts = entries && (entries->size() <= bundle.width || entries->size() == ledger::tile_width);
    if (!counts) {
        checked.findings.push_back(
            {"malformed_bundle",
             path + " is not the entry bundle of that name: its lengths do not add up to its "
                    "size, or it holds another number of entries",
             first, path});
        return checked;
    }
    checked.leaves.resize(std::min<std::size_t>(entries->size(), bundle.width));
    for (std::size_t i = 0; i < checked.leaves.size(); ++i) {
        check_leaf(facts, first + i, (*entries)[i], checked.leaves[i]);
        const bool read = facts.depth != Depth::hashes && first + i >= facts.first && first + i != 0;
        if (ledger::is_remains((*entries)[i])) ++checked.withdrawn;
        if (read && !checked.leaves[i].fault && checked.leaves[i].remains.empty()) ++checked.signatures;
    }
    if (bundle.with_tile) compare_tile(bundle, checked);
    checked.complete = checked.leaves.size() == bundle.width;
    if (!checked.complete) {
        const Error fault =
            bundle.entries.fault.value_or(Error{Exit::no, "missing_leaves",
                                                path + " holds " + std::to_string(checked.leaves.size()) +
                                                    " entries instead of " + std::to_string(bundle.width)});
        checked.findings.push_back({fault.reason, fault.detail, first + checked.leaves.size(), path});
    }
    return checked;
}

std::optional<std::vector<ledger::Hash>> leaf_hashes(std::string_view bundle, std::uint32_t width) {
    const auto entries = ledger::split_bundle(bundle);
    if (!entries || entries->size() < width) return std::nullopt;
    std::vector<ledger::Hash> hashes;
    hashes.reserve(width);
    for (std::uint32_t i = 0; i < width; ++i) hashes.push_back(ledger::hash_of_leaf((*entries)[i]));
    return hashes;
}

}  // namespace socai::node::audit
