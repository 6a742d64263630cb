#include "node/cluster/restored_member.hpp"

#include <filesystem>

#include "ledger/hash.hpp"
#include "ledger/statement.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/restored.hpp"

namespace socai::node::cluster {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_mark_bytes = 256;

// Which backup the node was begun with: a file beside its configuration.
std::string mark_path(const Folder& folder, const std::string& node) {
    return folder.node(node) + "/restored-from";
}
std::string mark_of(const storage::BackupContents& contents) {
    return ledger::to_hex(ledger::sha256(storage::encode_manifest(contents.manifest))) + "\n";
}

Result<void> check_ledger(const Supervisor& supervisor, const storage::BackupContents& contents,
                          const std::string& from) {
    const auto genesis = read_file(supervisor.folder().genesis(), ledger::max_entry_bytes);
    if (!genesis) return genesis.error();
    const storage::Identity& identity = contents.manifest.identity;
    if (identity.genesis_hash == ledger::to_hex(ledger::sha256(*genesis))) return {};
    return Error{Exit::no, "other_ledger",
                 from + " is a backup of " + identity.origin + " with the genesis " + identity.genesis_hash +
                     ", another ledger than that of " + supervisor.folder().dir() +
                     ". Give a backup of this cluster."};
}

// A name that stands for another node, or for one that was not begun with this backup, is in use.
Result<void> check_name(const Supervisor& supervisor, const storage::BackupContents& contents,
                        const std::string& name) {
    const auto known = known_members(contents);
    if (!known) return known.error();
    const bool here = supervisor.settings().node(name) != nullptr;
    const auto mark = read_file(mark_path(supervisor.folder(), name), max_mark_bytes);
    const bool goes_on = here && mark && *mark == mark_of(contents);
    if (goes_on || (!here && !known->has(name))) return {};
    return Error{
        Exit::no, "node_exists",
        "This cluster has, or had, a node `" + name +
            "`. A restored node is a new one: what the old one promised is not in a backup. Choose a "
            "name that was never used."};
}

}  // namespace

Result<AddedNode> restore_member(Supervisor& supervisor, const RestoreWish& wish, const Surroundings& around,
                                 const storage::BackupProgress& progress) {
    around.tell("verifying " + wish.from);
    const auto contents = verified_backup(wish.from, progress);
    if (!contents) return contents.error();
    if (const auto same = check_ledger(supervisor, *contents, wish.from); !same) return same.error();
    if (const auto free = check_name(supervisor, *contents, wish.node); !free) return free.error();
    const auto prepare = [&](const NodeSettings& node) -> Result<void> {
        const Folder& folder = supervisor.folder();
        if (const auto marked = write_file(mark_path(folder, node.node), mark_of(*contents), 0644); !marked)
            return marked;
        if (fs::exists(folder.data(node.node) + "/log")) return {};
        around.tell("giving " + node.node + " the " + std::to_string(contents->manifest.size) +
                    " leaves of the backup");
        const auto key = read_key_file(folder.node_key(node.node, "cosigner"));
        if (!key) return key.error();
        Member member;
        member.name = node.node;
        member.agency = node.agency;
        member.cosigner_key = key->key.public_key();
        return restore_data(wish.from, *contents, folder.data(node.node), member, progress);
    };
    return add_node(supervisor, wish.agency, wish.node, around, {.prepare = prepare, .promote = false});
}

}  // namespace socai::node::cluster
