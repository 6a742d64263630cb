// What a node puts its name to besides heads: promises to include what it took, refusals of it, votes and the headers
// of appends. Each is a signed note (C2SP) whose text begins with a line of its own, so that none can be passed off as
// another or as a checkpoint; the key name is `<node>.<origin>`, the key the node's node key, type 0x01
// (design/formats.md, "Keys"; reference/transparency_log.md §5 points 6 and 7). Pure; safe from any thread.
//
// The texts, a fact a line, each line ending in a newline:
//   socai promise v1 / origin / node / received <ms> / include-by <ms> / statement <hex SHA-256 of the statement> /
//     record <source> <id> <hex SHA-256 of the record's bytes>, one line a record in the statement's order
//   socai refusal v1 / origin / node / statement <hex> / time <ms> / reason <word> / leaf <size of the ledger that the
//     refusal rests on>
//   socai vote v1 / origin / node / term <n> / candidate <raft id>
//   socai append v1 / origin / node / term <n> / previous <index> <term> <hex chain hash> / last <index> <term> <hex>
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/note.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

struct PromisedRecord {
    std::string source;
    std::string id;
    Hash digest{};  // of the record's exact bytes
    bool operator==(const PromisedRecord&) const = default;
};

// "I hold this durably, and it will be in the ledger, or refused with a reason, by then."
struct Promise {
    std::int64_t received_ms = 0;    // Unix epoch, the node's clock
    std::int64_t include_by_ms = 0;  // by the same clock: promise_rule.hpp
    Hash statement{};                // SHA-256 of the statement's exact bytes
    std::vector<PromisedRecord> records;
    bool operator==(const Promise&) const = default;
};

// "What I promised to include is not admissible": the way out of a promise.
struct Refusal {
    Hash statement{};
    std::int64_t time_ms = 0;
    std::string reason;      // the stable word of docs/errors.md
    std::uint64_t size = 0;  // leaves that stood when it was refused
    bool operator==(const Refusal&) const = default;
};

struct Vote {
    std::uint64_t term = 0;
    std::uint64_t candidate = 0;  // Raft id
    bool operator==(const Vote&) const = default;
};

// An entry's place in the Raft log; the chain hash commits to everything before it.
struct LogPlace {
    std::uint64_t index = 0;
    std::uint64_t term = 0;
    Hash hash{};
    bool operator==(const LogPlace&) const = default;
};
struct AppendHeader {
    std::uint64_t term = 0;
    LogPlace previous;
    LogPlace last;  // of the entries sent; `previous` when there are none
    bool operator==(const AppendHeader&) const = default;
};

using NodeFact = std::variant<Promise, Refusal, Vote, AppendHeader>;

struct NodeStatement {
    std::string origin;
    std::string node;  // its name, "customs-1"
    NodeFact fact;
    std::string to_string() const;  // the note's text
    bool operator==(const NodeStatement&) const = default;
};

// The note's key of node `node`.
VerifierKey node_vkey(std::string_view node, std::string_view origin, const PublicKey& key);
Note sign_node_statement(const NodeStatement& statement, const KeyPair& key);

// Reads the text. Strict: one spelling. Errors, Fault::invalid_statement: malformed_node_statement.
Result<NodeStatement> parse_node_statement(std::string_view note_text);
// Reads a note and checks that `key` of the node it names signed it. Errors: parse_note's, parse_node_statement's,
// verify_note's.
Result<NodeStatement> verify_node_statement(const Note& note, const PublicKey& key);

}  // namespace socai::ledger
