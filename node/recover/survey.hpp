// What a survivor of the loss of the majority holds, as its node says so with its node key: the agencies pass surveys around
// to find out whose log is the most advanced. A C2SP signed note under the name `<node>.<origin>`, of the lines
//   socai survey v1
//   <origin of the epoch that ends>
//   <node>
//   <one line of JSON: exactly the members below, in this order>
//   {"agency", "time", "genesis", "size", "root", "log": {"index", "term", "hash"}, "term", "runs": [[term, first]],
//    "final_head": note or null}
// time is RFC 3339 of the node's clock, hashes are hex, `term` the highest that the node has heard of, `runs` the terms of
// its log and where each begins. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/types.hpp"
#include "ledger/hash.hpp"
#include "ledger/jwk.hpp"
#include "ledger/note.hpp"
#include "node/error.hpp"
#include "node/recover/stopped_ledger.hpp"

namespace socai::node::recover {

inline constexpr std::size_t max_survey_bytes = std::size_t{8} << 20;

struct Survey {
    std::string origin;
    std::string node;
    std::string agency;
    std::string time;
    std::string genesis;  // hex SHA-256 of leaf 0's entry
    std::uint64_t size = 0;
    ledger::Hash root{};
    consensus::EntryId last;
    consensus::Term term;
    std::vector<consensus::TermRun> runs;  // ascending; the first begins at 1
    std::optional<std::string> final_head;
    ledger::Note note;  // as it was signed; who signed is for those to check who know the node's key
};

// What the stopped node holds. `time_ms` is now.
Survey take_survey(const StoppedLedger& ledger, std::int64_t time_ms);
std::string sign_survey(Survey survey, const ledger::KeyPair& node_key);
// Errors (Exit::usage): malformed_survey, which names `file`.
Result<Survey> parse_survey(const std::string& file, std::string_view text);
bool signed_by(const Survey& survey, const ledger::PublicKey& node_key);

// The last index up to which the log of `survey` and one with these runs and this end are the same (Log Matching: an index
// with one term in two logs means one history).
consensus::Index common_end(const Survey& survey, const std::vector<consensus::TermRun>& runs,
                            consensus::Index last);

}  // namespace socai::node::recover
