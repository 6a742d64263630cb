// The part of an audit that needs nothing but one bundle of leaves: hashes, the tile beside it, statements,
// signatures, and the rules that look at one record alone. Runs on many threads at once; what depends on the leaves
// before is the judge's (replay.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/admission.hpp"
#include "ledger/hash.hpp"
#include "node/audit/finding.hpp"
#include "node/audit/source.hpp"

namespace socai::node::audit {

// As it came from the source.
struct Bundle {
    std::uint64_t index = 0;  // leaves from index * 256
    std::uint32_t width = 0;  // leaves asked for
    EntriesRead entries;
    bool with_tile = false;           // was the hash tile asked for?
    std::optional<std::string> tile;  // the hashes that the source claims; nothing: it keeps none
    std::optional<Error> tile_fault;
};

struct CheckedLeaf {
    ledger::Hash hash{};
    std::int64_t time_ms = 0;
    std::shared_ptr<const ledger::Statement> statement;  // null: not parsed (Depth), or a fault
    std::optional<ledger::Error> fault;                  // the first; without knowledge of other leaves
    std::string remains;  // of a withdrawn leaf: the text of what remains; its hash is what that says, proven by nothing yet
    std::string kid;             // of a statement whose signature was verified and that was not kept (Depth::signatures)
    std::string audience;        // of the same
    bool rules_checked = false;  // the record keeps the rules that look at it alone, with the roles that the genesis gave
};

struct CheckedBundle {
    std::uint64_t index = 0;
    std::vector<CheckedLeaf> leaves;  // what came, at most `width`
    std::vector<Finding> findings;    // of tiles and of the bundle's form, in order
    bool tile_compared = false;
    bool complete = false;  // all leaves that were asked for are there
    std::uint64_t bytes = 0;
    std::uint64_t signatures = 0;  // verified
    std::uint64_t withdrawn = 0;   // of the leaves
};

// What the ledger says that holds for every leaf. References outlive the checks.
struct LedgerFacts {
    const ledger::Genesis& genesis;
    const ledger::Rules& rules;
    Depth depth = Depth::everything;
    std::uint64_t first =
        1;  // leaves before it were judged earlier: only hashed. Leaf 0 is the genesis' own check
};

CheckedBundle check_bundle(const LedgerFacts& facts, Bundle bundle);

// The leaf hashes of a bundle of `width` entries; nothing when it is not of that form.
std::optional<std::vector<ledger::Hash>> leaf_hashes(std::string_view bundle, std::uint32_t width);

}  // namespace socai::node::audit
