// The configuration of one node: a TOML file that `socai node init` writes with comments
// (design/interfaces.md). Values; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/server.hpp"
#include "consensus/core.hpp"
#include "node/error.hpp"
#include "node/outbox/options.hpp"

namespace socai::node {

struct PeerConfig {
    std::string node;  // its name, "most-1"
    std::string host;
    std::uint16_t port = 0;
    std::uint64_t raft_id = 0;  // of a node that is not in the genesis; 0: the genesis tells
    std::string tls_key;        // with raft_id: its public TLS key in base64url
};

// A witness outside the consortium (`socai witness run`, or any other C2SP tlog-witness).
struct WitnessConfig {
    std::string name;
    std::string url;   // "https://host:port" or http, its submission and monitoring prefix
    std::string vkey;  // its cosigner key, C2SP
    std::string ca;    // of an https URL: PEM file of its authority; empty: the system's
};

// [tls]: how connections are secured (node/tls/).
struct TlsConfig {
    bool api = true;   // false: only where the API listens on this machine's own address
    bool peer = true;  // the same for the other nodes' port
    std::uint32_t certificate_days =
        90;  // of the certificate that this node makes for itself; renewed with a third left
    std::vector<std::string> names;  // host names and addresses beside the node's own, for its certificate
    // PEM files that an operator's authority has made for the API; read again when they change. Both or none.
    std::string api_certificate;
    std::string api_key;
    bool operator==(const TlsConfig&) const = default;
};

struct Config {
    std::string path;  // of the file itself, for messages
    std::string node;  // its name
    std::uint64_t raft_id =
        0;  // of a node that joined after the genesis, with its agency; 0: the genesis tells
    std::string agency;
    std::string data;          // directory of this node's databases; relative paths are relative to the file
    std::string genesis;       // file holding leaf 0's bytes
    std::string genesis_hash;  // pinned: hex SHA-256 of that file's bytes
    std::string log_key;       // JWK files, mode 0600
    std::string cosigner_key;
    std::string node_key;
    std::string tls_key;
    std::string api_host = "127.0.0.1";
    std::uint16_t api_port = 0;
    bool open_bundles = false;
    bool open_metrics = false;
    // What a caller without account may see in answers of inspection.*: "public", or "agency", which is everything.
    std::string anonymous = "public";
    std::string peer_host = "127.0.0.1";
    std::uint16_t peer_port = 0;
    // How this node reaches others. Whom it must reach the ledger tells; a node without a table here is reached at
    // the address that its own joining put into the ledger.
    std::vector<PeerConfig> peers;
    // Whom this node gives its heads to be cosigned, and whose heads it compares with its own.
    std::vector<WitnessConfig> witnesses;
    std::int64_t witness_interval_ms = 10'000;  // [witnessing]: between rounds
    consensus::Options consensus;               // [consensus] election_timeout_ms, heartbeat_interval_ms, …
    api::Limits limits;                         // [limits]
    TlsConfig tls;                              // [tls]
    OutboxOptions outbox;                       // [outbox]
    std::uint32_t verify_threads = 2;
    std::uint32_t io_threads = 1;
    std::string log_level = "info";
    // Appending stops when less is free where the data is; half as much again must be free before it goes on. 0: what
    // the databases need to work (storage/room.hpp).
    std::uint64_t min_free_bytes = 0;
    // [scrub]: how fast the disk is read in the background, 0: not at all; and how long after the end of one round the
    // next one begins.
    std::uint64_t scrub_bytes_per_second = 4 * 1024 * 1024;
    std::uint64_t scrub_pause_s = 3'600;
    // [admin]: whoever reaches the API port may change the membership. For clusters on one machine only.
    bool local_changes = false;
    // [debug]: added to the wall clock, for tests and drills.
    std::int64_t clock_offset_ms = 0;
    // [debug]: this node's certificate is made as if so many days ago, for drills with one that has expired.
    std::uint32_t certificate_age_days = 0;
};

// Strict: unknown keys, wrong types and out-of-range values are errors that name the line ("node.toml:12:
// …"). Relative paths come back relative to the file's folder. Gives the first fault. Errors: file_unreadable
// (Exit::unreachable); config_syntax, config_missing_key, config_unknown_key, config_wrong_type,
// config_out_of_range, config_bad_value (Exit::usage).
Result<Config> load_config(const std::string& path);
// The same, with every fault in order of lines; `config` may be used only when there is none.
struct ConfigReading {
    Config config;
    std::vector<Error> faults;
};
ConfigReading read_config(const std::string& path);
// Checks everything that the configuration names: files exist and parse, the pinned hash matches, the node
// and its keys are those of the genesis, peers are complete, ports are free, the data folder is of this node.
// Each fault with its cure; empty when all is well. Opens the data folder when there is one, as a start
// would. Reasons: file_unreadable, key reasons of node/key_file.hpp, genesis_mismatch, invalid_genesis,
// unknown_node, key_mismatch, key_shared, key_exposed, wrong_peers, port_in_use, wrong_identity and the other reasons of
// storage.
std::vector<Error> check_config(const Config& config);
// A commented configuration text for `config`; read_config() of it gives `config` again, paths resolved.
std::string config_text(const Config& config);

}  // namespace socai::node
