// socai restore
#include <memory>
#include <optional>

#include "ledger/base64.hpp"
#include "node/cli/cluster_verbs.hpp"
#include "node/cli/output.hpp"
#include "node/client/progress.hpp"
#include "node/cluster/restored_member.hpp"
#include "node/restored.hpp"

namespace socai::node::cli {
namespace {

struct RestoreArguments {
    RestoreOrder order;
    std::string dir;
    unsigned timeout_s = 60;
};

storage::BackupProgress progress() {
    auto line = std::make_shared<std::optional<client::Progress>>();
    auto total = std::make_shared<std::uint64_t>(0);
    return [line, total](std::uint64_t done, std::uint64_t of) {
        if (of == 0) return true;
        if (!*line || *total != of) line->emplace("restore", of, error_is_terminal());
        *total = of;
        (*line)->update(std::min(done, of));
        return true;
    };
}

std::string key_text(const ledger::PublicKey& key) {
    return ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

Exit restore_in_cluster(const RestoreArguments& arguments) {
    cluster::Interrupt interrupt;
    auto open = open_cluster(arguments.dir);
    if (!open) return report(open.error());
    const auto added = cluster::restore_member(
        open->supervisor, {arguments.order.from, arguments.order.node, arguments.order.agency},
        surroundings(interrupt, arguments.timeout_s), progress());
    if (!added) return report(added.error());
    print_line(added->node.node + " is a learner now and has caught up, under raft id " +
               std::to_string(added->node.raft_id) + ", at " + open->supervisor.endpoint(added->node).url() +
               "; `socai cluster add-node " + added->node.node + " --dir " + arguments.dir + "` has it vote");
    return Exit::done;
}

Exit restore_folder(const RestoreArguments& arguments) {
    const auto restored = restore_node(arguments.order, progress());
    if (!restored) return report(restored.error());
    const Member& member = restored->member;
    const std::string& folder = restored->folder;
    print_line("restored " + std::to_string(restored->manifest.size) + " leaves into " + folder + " for " +
               member.name + ", a new node. What is left to do:");
    print_line("1. Have the members add it (cluster.members shows it as a learner), with these public keys:");
    print_line("     log      " + key_text(member.log_key));
    print_line("     cosigner " + key_text(member.cosigner_key));
    print_line("     node     " + key_text(member.node_key));
    print_line("     tls      " + key_text(member.tls_key));
    print_line("   They give it a raft id, or refuse the name if it was ever used. " + folder +
               "/node.toml " +
               (arguments.order.raft_id != 0 ? "says " + std::to_string(member.id.value) + "."
                                             : "lacks it: write it there, under [node], as raft_id."));
    print_line("2. Correct hosts and ports in " + folder + "/node.toml, those of the peers too.");
    print_line("3. socai node check --config " + folder + "/node.toml");
    print_line("4. socai node run --config " + folder + "/node.toml");
    return Exit::done;
}

}  // namespace

void register_restore(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<RestoreArguments>();
    RestoreOrder& order = arguments->order;
    CLI::App* verb = app.add_subcommand("restore", "Make a new node of a backup");
    verb->add_option("--from", order.from, "The backup's folder")->type_name("DIR")->required();
    verb->add_option("--node", order.node, "Name of the new node, never used before")->required();
    verb->add_option("--agency", order.agency, "The member agency that runs it");
    auto* data =
        verb->add_option("--data", order.folder, "Folder to make for it: node.toml, keys, genesis, data/")
            ->type_name("NEWDIR");
    auto* dir = verb->add_option("--dir", arguments->dir, "Or a running local cluster, which takes it in")
                    ->type_name("D");
    data->excludes(dir);
    verb->add_option("--raft-id", order.raft_id, "With --data: the id that the members gave it")
        ->excludes(dir);
    verb->add_option("--api-port", order.api_port, "With --data: port for clients")->capture_default_str();
    verb->add_option("--peer-port", order.peer_port, "With --data: port for other nodes")
        ->capture_default_str();
    verb->add_option("--timeout", arguments->timeout_s,
                     "With --dir: seconds to wait for a step to make progress")
        ->check(CLI::Range(1U, 3600U))
        ->capture_default_str();
    verb->footer(
        "The backup is verified first. The node is always a new one, with its own name, raft id and keys, "
        "and begins as "
        "a\n"
        "learner: what the old node voted and promised is in no backup, so nobody may count on it. The "
        "backup's entries "
        "only\n"
        "spare it the fetching; it believes none of them until the leader confirms it. Examples:\n"
        "  socai restore --dir /tmp/socai --from /backup/2026-11-25 --node customs-2 --agency customs\n"
        "  socai restore --from /backup/2026-11-25 --data /srv/socai/customs-2 --node customs-2 --agency "
        "customs");
    verb->callback([arguments, &chosen] {
        const bool in_cluster = !arguments->dir.empty();
        if (!in_cluster && arguments->order.folder.empty())
            throw CLI::RequiredError("one of --data and --dir");
        if (!in_cluster && arguments->order.agency.empty()) throw CLI::RequiredError("--agency");
        chosen.run = [arguments, in_cluster] {
            return in_cluster ? restore_in_cluster(*arguments) : restore_folder(*arguments);
        };
    });
}

}  // namespace socai::node::cli
