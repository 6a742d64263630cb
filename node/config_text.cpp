// The commented configuration that `socai node init` and `socai cluster up` write.
#include <toml++/toml.h>
#include <sstream>

#include "node/config.hpp"

namespace socai::node {

namespace {

// As a TOML basic string, in double quotes, whatever it holds.
std::string quoted(const std::string& text) {
    const toml::value<std::string> value(text);
    std::ostringstream out;
    out << toml::toml_formatter(value, toml::format_flags::none);
    return out.str();
}

// One "key = value" line, its comment lines before it.
class Lines {
  public:
    void section(const std::string& name, const std::string& comment) {
        text_ += "\n# " + comment + "\n" + name + "\n";
    }
    void comment(const std::string& words) { text_ += "# " + words + "\n"; }
    void text(const std::string& key, const std::string& value, const std::string& words) {
        line(key, quoted(value), words);
    }
    void texts(const std::string& key, const std::vector<std::string>& values, const std::string& words) {
        std::string list;
        for (const std::string& value : values) list += (list.empty() ? "" : ", ") + quoted(value);
        line(key, "[" + list + "]", words);
    }
    void number(const std::string& key, std::int64_t value, const std::string& words) {
        line(key, std::to_string(value), words);
    }
    void size(const std::string& key, std::size_t value, const std::string& words) {
        line(key, std::to_string(value), words);
    }
    void boolean(const std::string& key, bool value, const std::string& words) {
        line(key, value ? "true" : "false", words);
    }
    std::string take() && { return std::move(text_); }

  private:
    void line(const std::string& key, const std::string& value, const std::string& words) {
        if (!words.empty()) comment(words);
        text_ += key + " = " + value + "\n";
    }
    std::string text_;
};

// The same names, defaults and meanings as in docs/operations.md, "Limits": a test holds that.
void add_limits(Lines& out, const api::Limits& limits) {
    out.section("[limits]", "Bounds on what clients may ask of this node; docs/operations.md, Limits.");
    out.size("max_connections", limits.max_connections, "In all, and from one address.");
    out.size("max_connections_per_address", limits.max_connections_per_address, "");
    out.size("max_message_bytes", limits.max_message_bytes,
             "A longer frame closes its connection with 1009.");
    out.size("max_batch", limits.max_batch, "Requests in a JSON-RPC batch, statements in one submission.");
    out.size("max_pending_per_connection", limits.max_pending_per_connection,
             "Requests under way; more wait in the socket.");
    out.size("max_send_queue_bytes", limits.max_send_queue_bytes,
             "Answers that a slow reader has not fetched.");
    out.size("max_subscriptions", limits.max_subscriptions, "Of a connection, and of an account or address.");
    out.size("max_subscriptions_per_account", limits.max_subscriptions_per_account, "");
    out.number("max_timeout_ms", limits.max_timeout_ms, "Longest `timeout_ms` that a request may ask for.");
    out.number("http_idle_ms", limits.http_idle_ms, "A request must have arrived whole within this time.");
    out.number("websocket_idle_ms", limits.websocket_idle_ms, "A silent client is dropped after this time.");
    out.comment(
        "An account may ask for so much a second, wherever it asks from, and an address without account;");
    out.comment("a burst is what may come at once after a pause.");
    out.size("calls_per_second", limits.calls_per_second, "Calls of JSON-RPC and requests of HTTP.");
    out.size("calls_burst", limits.calls_burst, "");
    out.size("bytes_per_second", limits.bytes_per_second, "What comes in.");
    out.size("bytes_burst", limits.bytes_burst, "");
    out.size("statements_per_second", limits.statements_per_second,
             "Of one asker, and signed with one key whoever brings them.");
    out.size("statements_burst", limits.statements_burst, "");
    out.size("cost_per_second", limits.cost_per_second,
             "Of reads: rows looked at, and KiB of leaves and answers.");
    out.size("cost_burst", limits.cost_burst, "");
    out.size("max_rows_per_read", limits.max_rows_per_read, "A list ends early, with a cursor, at so many.");
    out.size("read_threads", limits.read_threads, "For reads that may take long; what waits for them:");
    out.size("max_waiting_reads", limits.max_waiting_reads, "");
    out.size("max_waiting_reads_per_asker", limits.max_waiting_reads_per_asker, "");
    out.size("max_askers", limits.max_askers, "Accounts, and as many addresses, whose use is remembered.");
    out.size("max_tokens", limits.max_tokens, "Access tokens remembered until they are over.");
}

}  // namespace

std::string config_text(const Config& config) {
    Lines out;
    out.comment("Configuration of one socai node. Relative paths are relative to this file.");
    out.comment("`socai node check --config FILE` tells every fault; a misspelt key is one.");

    out.section("[node]", "Who this node is and where it keeps its data.");
    out.text("name", config.node, "Its name.");
    if (config.raft_id != 0) {
        out.number("raft_id", static_cast<std::int64_t>(config.raft_id),
                   "Given to it when it joined, after the genesis. Never another node's, before or after.");
    } else if (!config.agency.empty()) {
        out.comment(
            "raft_id = ... is missing here: the id that the members give this node when they add it.");
    }
    if (!config.agency.empty()) out.text("agency", config.agency, "The member agency that runs it.");
    out.text("data", config.data,
             "Folder of its databases. Belongs to this node alone, never copied to another.");
    out.text("log_level", config.log_level, "trace, debug, info, warn, error or off; to standard error.");
    out.size("min_free_bytes", config.min_free_bytes,
             "With less free where the data is, nothing more is appended; 0: what the databases need.");
    out.size("verify_threads", config.verify_threads,
             "Threads that verify statements' signatures, 1 to 256.");
    out.size("io_threads", config.io_threads, "Threads that serve clients and peers, 1 to 64.");

    out.section("[ledger]", "Which ledger it belongs to.");
    out.text("genesis", config.genesis, "File with the bytes of leaf 0.");
    out.text(
        "genesis_hash", config.genesis_hash,
        "SHA-256 of that file, as `sha256sum` prints it: what the members agreed on and all trust rests on.");

    out.section("[keys]", "Private keys of this node alone: JWK files, mode 0600 (`socai key new`).");
    out.text("log", config.log_key, "Signs the checkpoints that this node serves.");
    out.text("cosigner", config.cosigner_key, "Co-signs heads for its agency.");
    out.text("node", config.node_key, "Signs what it says to other nodes.");
    out.text("tls", config.tls_key, "Signs the certificates by which its connections are known.");

    out.section("[api]", "Clients: WebSocket on /rpc, HTTP reads on the same port.");
    out.text("host", config.api_host, "Address to listen on; 127.0.0.1 serves this machine only.");
    out.number("port", config.api_port, "0 to 65535; 0: the system chooses, the log tells.");
    out.boolean("open_bundles", config.open_bundles,
                "true: anybody may read the records; false: members and auditors only.");
    out.boolean("open_metrics", config.open_metrics,
                "true: anybody may read /metrics and all of node.status; false: this machine, and agencies that sign in.");
    out.text(
        "anonymous", config.anonymous,
        "What a caller without account sees in answers of inspection.*: \"public\", what the law publishes; "
        "\"agency\", everything, for a port that only agencies reach.");

    out.section("[peer]", "Where the other nodes reach this one.");
    out.text("host", config.peer_host, "");
    out.number("port", config.peer_port, "");

    const TlsConfig& tls = config.tls;
    out.section("[tls]", "TLS 1.3 on both ports; this node makes and renews its certificate by itself.");
    out.text("api", tls.api ? "on" : "off", "off: only where [api] host is this machine's own address.");
    out.text("peer", tls.peer ? "on" : "off", "The same for the other nodes' port; the same on every node.");
    out.size("certificate_days", tls.certificate_days, "1 to 397; renewed when a third is left.");
    out.texts("names", tls.names,
              "Host names and addresses under which this node is reached, for its certificate.");
    if (!tls.api_certificate.empty()) {
        out.text("api_certificate", tls.api_certificate,
                 "The API's certificate by the operator's authority, PEM; read again when it changes.");
        out.text("api_key", tls.api_key, "Its private key, PEM, mode 0600.");
    }

    for (const PeerConfig& peer : config.peers) {
        out.section("[[peers]]", "How this node reaches " + peer.node + ".");
        out.text("node", peer.node, "");
        out.text("host", peer.host, "");
        out.number("port", peer.port, "");
        if (peer.raft_id != 0)
            out.number("raft_id", static_cast<std::int64_t>(peer.raft_id), "It is not in the genesis.");
        if (!peer.tls_key.empty()) out.text("tls_key", peer.tls_key, "");
    }

    for (const WitnessConfig& witness : config.witnesses) {
        out.section("[[witnesses]]",
                    "A witness outside the consortium: cosigns heads, and its own are compared.");
        out.text("name", witness.name, "");
        out.text("url", witness.url, "");
        out.text("vkey", witness.vkey, "");
        if (!witness.ca.empty())
            out.text("ca", witness.ca, "Of the authority that issued its certificate, PEM.");
    }
    if (!config.witnesses.empty()) {
        out.section("[witnessing]", "How often this node goes to the witnesses.");
        out.number("interval_ms", config.witness_interval_ms, "Between rounds; 100 to 3600000.");
    }

    const consensus::Options& raft = config.consensus;
    out.section("[consensus]", "Raft. The same on every node.");
    out.number("election_timeout_ms", raft.election_timeout / 1'000,
               "Silence of the leader after which a node stands for election, drawn from 1 to 2 times this.");
    out.number("heartbeat_interval_ms", raft.heartbeat_interval / 1'000,
               "How often a leader speaks when it has nothing to say; at most half of the above.");
    out.size("max_append_bytes", raft.max_append_bytes,
             "Most payload bytes and entries in one append message.");
    out.size("max_append_entries", raft.max_append_entries, "");
    out.size("window_appends", raft.window_appends,
             "Most unanswered append messages, and bytes in them, a follower.");
    out.size("window_bytes", raft.window_bytes, "");
    out.size("max_uncommitted_bytes", raft.max_uncommitted_bytes,
             "A leader with more than this uncommitted answers `overloaded`.");
    out.size("cache_bytes", raft.cache_bytes, "Recent entries kept in memory for followers.");
    out.number("catch_up_bytes_per_second", static_cast<std::int64_t>(raft.catch_up_bytes_per_second),
               "What a busy leader reads from its disk for nodes far behind; 0: no limit.");

    add_limits(out, config.limits);

    out.section("[scrub]",
                "Everything on the disk is read again and again, to find damage before it is needed.");
    out.number("bytes_per_second", static_cast<std::int64_t>(config.scrub_bytes_per_second),
               "How fast; 0: only when `socai scrub` asks.");
    out.number("pause_s", static_cast<std::int64_t>(config.scrub_pause_s),
               "From the end of one round to the next, in seconds.");

    const OutboxOptions& outbox = config.outbox;
    out.section(
        "[outbox]",
        "Statements that this node takes on its own word (`wait: \"accepted\"`), also while cut off.");
    out.number("include_within_ms", outbox.include_within_ms,
               "It promises that they stand in the ledger, or are refused, so long after it took them.");
    out.size("max_entries", outbox.max_entries,
             "Takes no more while so many statements or bytes of them wait; 0 entries: takes none.");
    out.size("max_bytes", outbox.max_bytes, "");
    out.number("max_age_ms", outbox.max_age_ms, "And while the oldest has waited for longer than this.");
    out.number("keep_fates_ms", outbox.keep_fates_ms,
               "What became of a promise can be asked for so long, and of so many.");
    out.size("keep_fates", outbox.keep_fates, "");

    out.section("[admin]", "For a cluster on one machine.");
    out.boolean("local_changes", config.local_changes,
                "true: whoever reaches [api] may change the membership and move leadership.");
    if (config.clock_offset_ms != 0 || config.certificate_age_days != 0) {
        out.section("[debug]", "For tests and drills.");
        out.number("clock_offset_ms", config.clock_offset_ms, "Added to this machine's clock.");
        out.size("certificate_age_days", config.certificate_age_days,
                 "This node's certificate is made as if so long ago.");
    }
    return std::move(out).take();
}

}  // namespace socai::node
