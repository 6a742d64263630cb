#include "node/restored.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "ledger/genesis.hpp"
#include "ledger/syntax.hpp"
#include "node/cosigner.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "storage/file.hpp"
#include "storage/restore.hpp"

namespace socai::node {
namespace {

namespace fs = std::filesystem;

Error usage(std::string reason, std::string detail) {
    return {Exit::usage, std::move(reason), std::move(detail)};
}

void learn(KnownMembers& known, const MemberNote& note) {
    known.last_id = std::max(known.last_id, note.last_id);
    for (const Member& member : note.members) {
        known.last_id = std::max(known.last_id, member.id.value);
        const auto same = std::ranges::find(known.members, member.name, &Member::name);
        if (same == known.members.end())
            known.members.push_back(member);
        else
            *same = member;
    }
}

Result<ledger::Genesis> genesis_of(const storage::BackupContents& contents) {
    auto genesis = ledger::parse_genesis(contents.genesis);
    if (!genesis)
        return Error{Exit::no, "bad_backup",
                     "The backup's first leaf is no valid genesis: " + genesis.error().detail +
                         ". Take another backup."};
    return *std::move(genesis);
}

// Names and ids are never used twice, so that nobody counts on what another node promised.
Result<void> check_order(const RestoreOrder& order, const KnownMembers& known,
                         const ledger::Genesis& genesis) {
    if (!is_node_name(order.node))
        return usage("bad_node_name",
                     "`" + order.node + "` is no node name; use 1 to 64 of a-z, 0-9, '-' and '.'.");
    if (known.has(order.node))
        return Error{Exit::no, "node_exists",
                     "The ledger has, or had, a node `" + order.node +
                         "`. A restored node is a new one: what the old one promised is not in a backup. "
                         "Choose a name that was never used."};
    // A member may have joined by vote, after the genesis; an office below another never is one.
    const ledger::Agency* agency = genesis.registry.agency(order.agency);
    if (!ledger::is_agency_code(order.agency) || (agency != nullptr && !agency->has_role("member") && agency->parent))
        return usage("unknown_agency", "`" + order.agency + "` is no member agency of this ledger.");
    if (order.raft_id != 0 && order.raft_id <= known.last_id)
        return Error{Exit::no, "bad_raft_id",
                     "Raft id " + std::to_string(order.raft_id) + " is, or was, another node's: ids up to " +
                         std::to_string(known.last_id) +
                         " are taken. Give the id that the members gave this node when they added it."};
    return {};
}

Result<ledger::PublicKey> make_key(const std::string& folder, const std::string& purpose,
                                   const std::string& node) {
    const ledger::Jwk jwk{node + "/" + purpose, ledger::KeyPair::generate()};
    if (const auto written = write_key_file(folder + "/" + purpose + ".jwk", jwk); !written)
        return written.error();
    return jwk.key.public_key();
}

Config make_config(const RestoreOrder& order, const Member& member, const KnownMembers& known,
                   const storage::BackupContents& contents) {
    Config config;
    config.node = order.node;
    config.raft_id = member.id.value;
    config.agency = order.agency;
    config.data = "data";
    config.genesis = "genesis";
    config.genesis_hash = contents.manifest.identity.genesis_hash;
    config.log_key = "log.jwk";
    config.cosigner_key = "cosigner.jwk";
    config.node_key = "node.jwk";
    config.tls_key = "tls.jwk";
    config.api_port = order.api_port;
    config.peer_port = order.peer_port;
    // The members of the newest configuration; where the ledger does not say where one listens, it is to be filled in.
    const MemberNote newest = contents.configurations.empty()
                                  ? MemberNote{known.last_id, known.members}
                                  : *decode_note(contents.configurations.back().note);
    const auto genesis = ledger::parse_genesis(contents.genesis);
    for (const Member& peer : newest.members) {
        const bool founder =
            std::ranges::any_of(genesis->nodes, [&](const auto& node) { return node.name == peer.name; });
        PeerConfig table{peer.name,
                         peer.host.empty() ? "127.0.0.1" : peer.host,
                         peer.port == 0 ? order.peer_port : peer.port,
                         founder ? 0 : peer.id.value,
                         {}};
        if (!founder)
            table.tls_key =
                ledger::base64url({reinterpret_cast<const char*>(peer.tls_key.data()), peer.tls_key.size()});
        config.peers.push_back(std::move(table));
    }
    return config;
}

}  // namespace

bool KnownMembers::has(const std::string& name) const {
    return std::ranges::find(members, name, &Member::name) != members.end();
}

Error storage_error(const storage::Error& error) {
    return {error.reason == "io_error" ? Exit::unreachable : Exit::no, error.reason, error.detail};
}

Result<KnownMembers> known_members(const storage::BackupContents& contents) {
    auto genesis = genesis_of(contents);
    if (!genesis) return genesis.error();
    KnownMembers known;
    learn(known, genesis_note(*genesis));
    for (const consensus::ConfigurationEntry& entry : contents.configurations) {
        const auto note = decode_note(entry.note);
        if (!note)
            return Error{Exit::no, "bad_backup",
                         "The configuration at Raft index " + std::to_string(entry.id.index.value) +
                             " of the backup does not say who the members are. Take another backup."};
        learn(known, *note);
    }
    // Of the backed up node itself there may be nothing in the log yet.
    const std::string& self = contents.manifest.identity.node;
    if (!known.has(self)) known.members.push_back(Member{.name = self});
    return known;
}

Result<storage::BackupContents> verified_backup(const std::string& folder,
                                                const storage::BackupProgress& progress) {
    auto contents = storage::verify_backup(folder, progress);
    if (!contents) return storage_error(contents.error());
    return *std::move(contents);
}

Result<void> restore_data(const std::string& from, const storage::BackupContents& contents,
                          const std::string& directory, const Member& member,
                          const storage::BackupProgress& progress) {
    const storage::Identity& old = contents.manifest.identity;
    const std::string cosigned = Cosigner::first_state(member.agency + "." + old.origin, member.cosigner_key);
    const auto restored =
        storage::restore_log(from, contents, directory, {old.origin, member.name, old.genesis_hash},
                             {{"cosigned", cosigned}}, progress);
    if (!restored) return storage_error(restored.error());
    return {};
}

Result<RestoredNode> restore_node(const RestoreOrder& wish, const storage::BackupProgress& progress) {
    std::error_code failure;
    RestoreOrder order = wish;
    fs::path folder = fs::absolute(order.folder, failure).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();  // "new/" is "new"
    order.folder = folder.string();
    if (fs::exists(order.folder, failure) && !fs::is_empty(order.folder, failure))
        return Error{Exit::no, "folder_not_empty",
                     order.folder +
                         " holds something already; a restored node gets a folder of its own. "
                         "Name another one."};
    auto contents = verified_backup(order.from, progress);
    if (!contents) return contents.error();
    const auto known = known_members(*contents);
    if (!known) return known.error();
    const auto genesis = genesis_of(*contents);
    if (!genesis) return genesis.error();
    if (const auto fine = check_order(order, *known, *genesis); !fine) return fine.error();

    const std::string draft = order.folder + ".restoring";
    fs::remove_all(draft, failure);
    if (const auto made = make_folder(draft, 0700); !made) return made.error();
    RestoredNode restored;
    restored.folder = order.folder;
    restored.manifest = contents->manifest;
    Member& member = restored.member;
    member.name = order.node;
    member.agency = order.agency;
    member.id.value = order.raft_id;
    for (const auto& [purpose, key] :
         {std::pair{"log", &member.log_key}, std::pair{"cosigner", &member.cosigner_key},
          std::pair{"node", &member.node_key}, std::pair{"tls", &member.tls_key}}) {
        const auto made = make_key(draft, purpose, order.node);
        if (!made) return made.error();
        *key = *made;
    }
    if (const auto written = write_file(draft + "/genesis", contents->genesis, 0644); !written)
        return written.error();
    restored.config = make_config(order, member, *known, *contents);
    if (const auto written = write_file(draft + "/node.toml", config_text(restored.config), 0644); !written)
        return written.error();
    if (const auto copied = restore_data(order.from, *contents, draft + "/data", member, progress); !copied)
        return copied.error();
    fs::remove(order.folder, failure);  // an empty folder, if it is there
    fs::rename(draft, order.folder, failure);
    if (failure)
        return Error{Exit::unreachable, "file_unwritable",
                     "cannot rename " + draft + " to " + order.folder + ": " + failure.message()};
    if (const auto synced = storage::sync_folder(folder.parent_path().string()); !synced)
        return storage_error(synced.error());
    return restored;
}

}  // namespace socai::node
