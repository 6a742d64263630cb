// The promises that a submitter was given, one file each (ledger/promise_file.hpp): `<folder>/<SHA-256 of the statement,
// hex>.promise`, and beside it `.refusal`, the signed note, where the node refused what it had promised. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/promise_file.hpp"
#include "node/client/rpc_client.hpp"

namespace socai::node::client {

inline constexpr std::string_view promise_suffix = ".promise";
inline constexpr std::string_view refusal_suffix = ".refusal";

// What introduces a node's key: the genesis where it names the node, else the newest policy leaf; with the policies that
// lead to the head of its proof. As nodes serve it; who reads the file checks it.
struct Introduction {
    ledger::ProvenEntry leaf;
    std::vector<ledger::ProvenEntry> policies;
};

// Asks nodes for introductions, each once.
class Introductions {
  public:
    explicit Introductions(RpcClient& client) : client_(client) {}
    // Errors: the node's; not_introduced (no leaf names the node, or no head is final yet).
    Result<Introduction> of(const std::string& node);

  private:
    Result<ledger::Receipt> receipt_of(std::uint64_t index);
    Result<std::uint64_t> newest_policy();

    RpcClient& client_;
    std::map<std::uint64_t, ledger::Receipt> receipts_;  // by leaf
};

class PromiseFolder {
  public:
    // Makes the folder. Error: file_unwritable.
    static Result<PromiseFolder> open(const std::string& path);

    // Writes the promise of `statement`, durably; its introduction may still be missing. Errors: bad_answer (the note is
    // no promise of this statement), file_unwritable.
    Result<void> add(std::string_view statement, std::string_view note);
    // Puts introductions into the files that were added without. Error: the first; the others are tried all the same.
    Result<void> introduce(Introductions& introductions);

  private:
    explicit PromiseFolder(std::string path) : path_(std::move(path)) {}

    std::string path_;
    std::map<std::string, ledger::PromiseFile> pending_;  // by path: without an introduction
};

// The node that a promise names; nothing when the note is no promise.
std::optional<std::string> promising_node(const ledger::Note& note);

// Errors: file_unreadable, file_too_large, those of parse_promise_file (exit 2).
Result<ledger::PromiseFile> read_promise_file(const std::string& path);

}  // namespace socai::node::client
