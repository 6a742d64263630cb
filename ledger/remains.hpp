// What remains of a leaf whose bytes the members withdrew by vote (design/formats.md, "Entry = one leaf"): the hash, so that
// chain, tree and proofs verify as before; who wrote what, when, under which name and after what; and what followed from it,
// so that whoever repeats the history comes to the same. What the records said is gone. It stands in the leaf's place, in logs
// and entry bundles:
//
//   withdrawn <leaf hash, base64> <compact JSON>
//
//   {"index", "time" (accepted, ms), "kid", "audience", "source", "type", "records": [{"id", "time", "digest", "refs"}],
//    "before": digest of the facts before the leaf, "changes": [[key, value or null]]}       hashes and facts in base64
//
// A proposal over the matter "withdrawal" carries it whole: what remains is what the members voted for, nobody's word besides.
// Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/admission.hpp"
#include "ledger/error.hpp"
#include "ledger/facts.hpp"
#include "ledger/hash.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

struct Remains {
    std::uint64_t index = 0;
    Hash leaf{};                // RFC 6962 leaf hash of the entry that was
    std::int64_t time_ms = 0;   // accepted
    Statement statement;        // without text and signature; its records without subject and data, but for references
    Hash before{};              // of the facts before the leaf (digest_after)
    std::vector<FactChange> changes;  // that followed from it
};

// What comes after is judged by governance, policies, recoveries and what waits for a vote: those can never be done without.
// Errors, Fault::refused: not_withdrawable. `record` is of leaf `index`.
Result<void> may_be_withdrawn(const Rules& rules, std::uint64_t index, const Record& record);

// As JSON spells it within a proposal, whose statement is base64url and no longer than an entry.
inline constexpr std::size_t max_voted_bytes = 46'000;

// What would remain of an entry. `before`: digest of the facts before it. Errors, Fault::refused: not_withdrawable, too_much_remains (more than
// max_voted_bytes).
Result<Remains> remains_of(const Rules& rules, const Admitted& admitted, const Hash& before);

std::string to_text(const Remains& remains);
// Exactly what to_text writes, and nothing else. Errors: malformed_remains.
Result<Remains> parse_remains(std::string_view text);

// Does this stand in the place of a leaf, as far as its first word tells? No entry begins so.
bool is_remains(std::string_view entry);
// The hash of the leaf: of the entry's bytes, or the one that what remains of them names. Believe the latter only as far as a
// tree or a chain that is believed holds it.
Hash hash_of_leaf(std::string_view entry);

// A leaf's text, whole or what remains of it.
struct LeafText {
    std::int64_t time_ms = 0;
    Statement statement;  // as Remains::statement where withdrawn
    bool withdrawn = false;
};
// Errors: those of split_entry and parse_statement, malformed_remains.
Result<LeafText> read_leaf(std::string_view entry);
// The accepted time alone; errors: malformed_entry, malformed_remains.
Result<std::int64_t> time_of_leaf(std::string_view entry);

// Takes what remains of a leaf as leaf view.size(). That the members voted for it only a later leaf can show: whoever takes it
// asks voted_withdrawal (governance/matters.hpp) once that stands, and relies on nothing before. Errors: malformed_remains (also
// where it is of another leaf, an earlier time, records that stand already or references to none), not_withdrawable.
Result<Admitted> admit_remains(const Context& context, const View& view, std::string_view text);

// Is it what remains of this entry: are its hash, time, signer, records and references the entry's? That the changes followed
// from it is not seen here. Errors: malformed_remains.
Result<void> check_remains(const Remains& remains, std::string_view entry);

}  // namespace socai::ledger
