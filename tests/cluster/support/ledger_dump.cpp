#include "ledger_dump.hpp"

#include <algorithm>
#include <span>

#include "clients.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/note.hpp"
#include "ledger/policy.hpp"
#include "ledger/statement.hpp"
#include "ledger/tiles.hpp"
#include "node/key_file.hpp"

namespace socai::cluster_tests {
namespace {

// MTH(D[n]) as RFC 6962 §2.1 defines it, and not as the nodes compute it.
ledger::Hash tree_hash(std::span<const ledger::Hash> leaves) {
    if (leaves.empty()) return ledger::sha256("");
    if (leaves.size() == 1) return leaves.front();
    std::size_t left = 1;
    while (left * 2 < leaves.size()) left *= 2;
    return ledger::node_hash(tree_hash(leaves.first(left)), tree_hash(leaves.subspan(left)));
}

// The checkpoint in `bytes` if the node's log key, which the policy lists, has signed it.
std::string check_head(const LocalCluster& cluster, const std::string& node, const std::string& bytes,
                       ledger::Checkpoint& out) {
    const auto policy = ledger::parse_policy(read_text(cluster.policy()));
    if (!policy) return policy.error().detail;
    const auto own = node::read_key_file(cluster.dir() + "/nodes/" + node + "/log.jwk");
    if (!own) return own.error().detail;
    const auto listed = std::ranges::find_if(
        policy->logs, [&](const ledger::PolicyLog& log) { return log.key.key == own->key.public_key(); });
    if (listed == policy->logs.end()) return "the policy does not list the node's log key";
    const auto note = ledger::parse_note(bytes);
    if (!note) return note.error().detail;
    const auto verified = ledger::verify_note(*note, {&listed->key, 1});
    if (!verified) return "the checkpoint is not signed by the node's log key: " + verified.error().detail;
    const auto checkpoint = ledger::parse_checkpoint(note->text);
    if (!checkpoint) return checkpoint.error().detail;
    if (checkpoint->origin != cluster.origin()) return "the checkpoint is of " + checkpoint->origin;
    out = *checkpoint;
    return {};
}

std::string read_entries(const Endpoint& node, std::uint64_t size, std::vector<std::string>& out) {
    for (std::uint64_t index = 0; index * ledger::tile_width < size; ++index) {
        const std::string path =
            "/" + ledger::tile_path({true, 0, index, ledger::tile_width_at(0, index, size)});
        const HttpReply reply = http_get(node, path);
        if (reply.status != 200) return path + " answers " + std::to_string(reply.status);
        const auto entries = ledger::split_bundle(reply.body);
        if (!entries) return path + " is not an entry bundle";
        out.insert(out.end(), entries->begin(), entries->end());
    }
    if (out.size() != size) return "the bundles hold " + std::to_string(out.size()) + " entries";
    return {};
}

}  // namespace

LedgerDump read_ledger(const LocalCluster& cluster, const std::string& node) {
    LedgerDump dump;
    // The checkpoint is of what is final, which follows what is applied by a moment.
    const std::uint64_t applied = cluster.view(node).applied_size;
    if (!wait_until([&] {
            const NodeView now = cluster.view(node);
            return !now.reached || now.final_size >= applied;
        })) {
        dump.fault = "what the node has applied does not become final";
        return dump;
    }
    const HttpReply head = http_get(cluster.endpoint(node), "/checkpoint");
    if (head.status != 200) {
        dump.fault = "/checkpoint answers " + std::to_string(head.status);
        return dump;
    }
    ledger::Checkpoint checkpoint;
    dump.fault = check_head(cluster, node, head.body, checkpoint);
    if (!dump.fault.empty()) return dump;
    dump.size = checkpoint.size;
    dump.root = ledger::to_hex(checkpoint.root);
    dump.fault = read_entries(cluster.endpoint(node), dump.size, dump.entries);
    if (!dump.fault.empty()) return dump;
    std::vector<ledger::Hash> leaves;
    leaves.reserve(dump.entries.size());
    for (const std::string& entry : dump.entries) leaves.push_back(ledger::leaf_hash(entry));
    if (tree_hash(leaves) != checkpoint.root) dump.fault = "the bundles' root is not the checkpoint's";
    return dump;
}

LedgerContent content_of(const LedgerDump& dump) {
    LedgerContent content;
    std::int64_t last_ms = 0;
    for (std::uint64_t index = 0; index < dump.entries.size(); ++index) {
        const std::string place = "leaf " + std::to_string(index) + ": ";
        content.statements.emplace_back();
        const auto split = ledger::split_entry(dump.entries[index]);
        if (!split) {
            content.faults.push_back(place + split.error().detail);
            continue;
        }
        if (split->time_ms < last_ms) content.faults.push_back(place + "its accepted time falls");
        last_ms = split->time_ms;
        content.statements.back() = std::string(split->statement);
        const auto statement = ledger::parse_statement(split->statement);
        if (!statement) {
            content.faults.push_back(place + statement.error().detail);
            continue;
        }
        for (std::uint32_t n = 0; n < statement->records.size(); ++n) {
            const ledger::Record& record = statement->records[n];
            const StandingRecord standing{{index, n}, record.digest};
            if (!content.by_record.emplace(std::pair(record.source, record.id), standing).second)
                content.faults.push_back(place + record.source + " " + record.id + " stands twice");
        }
    }
    return content;
}

}  // namespace socai::cluster_tests
