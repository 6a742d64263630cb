#include "node/client/promise_folder.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "ledger/genesis.hpp"
#include "node/files.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;

constexpr mode_t folder_mode = 0755;
constexpr mode_t file_mode = 0644;

Error not_introduced(std::string detail) {
    return {Exit::unreachable, "not_introduced", std::move(detail)};
}

bool names(const std::vector<ledger::GenesisNode>& nodes, const std::string& name) {
    for (const auto& node : nodes)
        if (node.name == name) return true;
    return false;
}

}  // namespace

std::optional<std::string> promising_node(const ledger::Note& note) {
    auto said = ledger::parse_node_statement(note.text);
    if (!said || !std::holds_alternative<ledger::Promise>(said->fact)) return std::nullopt;
    return std::move(said->node);
}

Result<ledger::PromiseFile> read_promise_file(const std::string& path) {
    const auto bytes = read_file(path, ledger::max_promise_file_bytes);
    if (!bytes) return bytes.error();
    auto file = ledger::parse_promise_file(*bytes);
    if (!file) return Error{Exit::usage, file.error().reason, path + ": " + file.error().detail};
    return *std::move(file);
}

// --- introductions

Result<ledger::Receipt> Introductions::receipt_of(std::uint64_t index) {
    if (const auto known = receipts_.find(index); known != receipts_.end()) return known->second;
    const auto answer = client_.call("ledger.prove_inclusion", {{"index", index}});
    if (answer.has_error()) return to_error(answer.error());
    const auto* members = answer->if_object();
    const auto* receipt = members == nullptr ? nullptr : members->if_contains("receipt");
    if (receipt == nullptr)
        return not_introduced("the node gave no receipt of leaf " + std::to_string(index) +
                              ": no head is final yet; ask again later with `socai promise status`");
    const std::string text =
        receipt->is_string() ? std::string(receipt->get_string()) : json::serialize(*receipt);
    auto parsed = ledger::parse_receipt(text);
    if (!parsed) return Error{Exit::unreachable, parsed.error().reason, parsed.error().detail};
    receipts_.emplace(index, *parsed);
    return *std::move(parsed);
}

Result<std::uint64_t> Introductions::newest_policy() {
    const auto answer =
        client_.call("ledger.query", {{"type", ledger::policy_type}, {"order", "desc"}, {"limit", 1}});
    if (answer.has_error()) return to_error(answer.error());
    const auto* members = answer->if_object();
    const auto* items = members == nullptr ? nullptr : members->if_contains("items");
    if (items == nullptr || !items->is_array() || items->get_array().empty())
        return not_introduced("no policy leaf names nodes that joined after the genesis");
    const auto* item = items->get_array().front().if_object();
    const auto* index = item == nullptr ? nullptr : item->if_contains("index");
    if (index == nullptr || !index->is_number())
        return Error{Exit::unreachable, "bad_answer", "the node's answer to ledger.query lacks an index"};
    boost::system::error_code error;
    const auto number = index->to_number<std::uint64_t>(error);
    if (error)
        return Error{Exit::unreachable, "bad_answer", "the node's answer to ledger.query has a wrong index"};
    return number;
}

Result<Introduction> Introductions::of(const std::string& node) {
    auto receipt = receipt_of(0);
    if (!receipt) return receipt.error();
    const auto genesis = ledger::parse_genesis(receipt->leaf.entry);
    if (!genesis || !names(genesis->nodes, node)) {
        const auto index = newest_policy();
        if (!index) return index.error();
        receipt = receipt_of(*index);
        if (!receipt) return receipt.error();
    }
    return Introduction{std::move(receipt->leaf), std::move(receipt->policies)};
}

// --- the folder

Result<PromiseFolder> PromiseFolder::open(const std::string& path) {
    if (const auto made = make_folder(path, folder_mode); !made) return made.error();
    return PromiseFolder(path);
}

Result<void> PromiseFolder::add(std::string_view statement, std::string_view note) {
    const ledger::Hash digest = ledger::sha256(statement);
    ledger::PromiseFile file;
    auto parsed = ledger::parse_note(note);
    if (!parsed)
        return Error{Exit::unreachable, "bad_answer",
                     "the node's promise is no note: " + parsed.error().detail};
    file.note = *std::move(parsed);
    const auto said = ledger::parse_node_statement(file.note.text);
    const auto* promise = said ? std::get_if<ledger::Promise>(&said->fact) : nullptr;
    if (promise == nullptr || promise->statement != digest)
        return Error{Exit::unreachable, "bad_answer",
                     "the node's note is no promise of the statement that was submitted"};
    const std::string path = path_ + "/" + ledger::to_hex(digest) + std::string(promise_suffix);
    if (auto written = write_file(path, file.to_json(), file_mode); !written) return written;
    pending_.emplace(path, std::move(file));
    return {};
}

Result<void> PromiseFolder::introduce(Introductions& introductions) {
    std::map<std::string, Result<Introduction>> by_node;
    std::optional<Error> fault;
    for (auto at = pending_.begin(); at != pending_.end();) {
        auto& [path, file] = *at;
        const std::string node = promising_node(file.note).value();
        auto known = by_node.find(node);
        if (known == by_node.end()) known = by_node.emplace(node, introductions.of(node)).first;
        Result<void> done;
        if (known->second) {
            file.introduction = known->second->leaf;
            file.policies = known->second->policies;
            done = write_file(path, file.to_json(), file_mode);
        } else {
            done = known->second.error();
        }
        if (!done && !fault) fault = done.error();
        at = done ? pending_.erase(at) : std::next(at);
    }
    if (fault) return *fault;
    return {};
}

}  // namespace socai::node::client
