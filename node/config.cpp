#include "node/config.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <filesystem>
#include <set>

#include "ledger/base64.hpp"
#include "ledger/hash.hpp"
#include "ledger/ijson.hpp"
#include "ledger/verifier_key.hpp"
#include "node/files.hpp"
#include "node/http_call.hpp"
#include "node/member.hpp"
#include "node/toml_section.hpp"

namespace socai::node {

namespace {

constexpr std::size_t max_config_bytes = 1024 * 1024;
constexpr std::uint16_t max_port = 65'535;
constexpr std::uint64_t max_raft_id = ledger::max_json_integer;
constexpr std::size_t mebibyte = 1024 * 1024;

std::string beside(const std::string& config_path, const std::string& path) {
    if (path.empty()) return path;
    const std::filesystem::path folder = std::filesystem::absolute(config_path).parent_path();
    return (folder / path).lexically_normal().string();
}

constexpr const char* node_name_rule = "must be 1 to 64 of a-z, 0-9, '-' and '.', for example \"customs-1\"";

bool is_key_text(const std::string& text) {
    const auto bytes = ledger::base64url_decode(text);
    return bytes && bytes->size() == 32;
}

bool is_loopback(const std::string& host) {
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(host, no_address);
    return !no_address && address.is_loopback();
}

bool is_host_name(const std::string& text) {
    boost::system::error_code no_address;
    boost::asio::ip::make_address(text, no_address);
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    };
    return !no_address || (!text.empty() && text.size() <= 253 && std::ranges::all_of(text, fits));
}

void read_node(TomlSection section, Config& config) {
    section.text("name", config.node, Presence::required);
    if (!config.node.empty() && !is_node_name(config.node)) section.reject("name", node_name_rule);
    section.number<std::uint64_t>("raft_id", config.raft_id, 1, max_raft_id);
    section.text("agency", config.agency, Presence::optional);
    if ((config.raft_id == 0) != config.agency.empty())
        section.reject(
            config.agency.empty() ? "raft_id" : "agency",
            "raft_id and agency go together: a node of the genesis has neither here, one that joins "
            "later has both");
    section.text("data", config.data, Presence::required);
    section.number<std::uint64_t>("min_free_bytes", config.min_free_bytes, 0, 1'048'576 * mebibyte);
    section.text("log_level", config.log_level, Presence::optional);
    static constexpr std::string_view levels[] = {"trace", "debug", "info", "warn", "error", "off"};
    if (std::find(std::begin(levels), std::end(levels), config.log_level) == std::end(levels))
        section.reject("log_level", "must be one of trace, debug, info, warn, error, off");
    section.number("verify_threads", config.verify_threads, 1U, 256U);
    section.number("io_threads", config.io_threads, 1U, 64U);
    section.refuse_unknown_keys();
}

void read_ledger(TomlSection section, Config& config) {
    section.text("genesis", config.genesis, Presence::required);
    section.text("genesis_hash", config.genesis_hash, Presence::required);
    if (!config.genesis_hash.empty() && !ledger::hash_from_hex(config.genesis_hash))
        section.reject(
            "genesis_hash",
            "must be 64 lower-case hexadecimal digits: what `sha256sum` prints for the genesis file "
            "that the members agreed on");
    section.refuse_unknown_keys();
}

void read_keys(TomlSection section, Config& config) {
    section.text("log", config.log_key, Presence::required);
    section.text("cosigner", config.cosigner_key, Presence::required);
    section.text("node", config.node_key, Presence::required);
    section.text("tls", config.tls_key, Presence::required);
    section.refuse_unknown_keys();
}

void read_api(TomlSection section, Config& config) {
    section.text("host", config.api_host, Presence::optional);
    section.number<std::uint16_t>("port", config.api_port, 0, max_port, Presence::required);
    section.boolean("open_bundles", config.open_bundles);
    section.boolean("open_metrics", config.open_metrics);
    section.text("anonymous", config.anonymous, Presence::optional);
    if (config.anonymous != "public" && config.anonymous != "agency")
        section.reject("anonymous", "must be \"public\" or \"agency\"");
    section.refuse_unknown_keys();
}

void read_peer_listener(TomlSection section, Config& config) {
    section.text("host", config.peer_host, Presence::optional);
    section.number<std::uint16_t>("port", config.peer_port, 0, max_port, Presence::required);
    section.refuse_unknown_keys();
}

void read_switch(TomlSection& section, std::string_view key, bool& on, const std::string& host) {
    std::string word = on ? "on" : "off";
    section.text(key, word, Presence::optional);
    if (word != "on" && word != "off") section.reject(key, "must be \"on\" or \"off\"");
    on = word != "off";
    // Without TLS anybody on the way reads and changes what passes.
    if (!on && !is_loopback(host))
        section.reject(key, "may be \"off\" only where [" + std::string(key) +
                                "] host is this machine's own address (127.0.0.1), not " + host);
}

void read_tls(TomlSection section, Config& config) {
    TlsConfig& tls = config.tls;
    read_switch(section, "api", tls.api, config.api_host);
    read_switch(section, "peer", tls.peer, config.peer_host);
    // A year and what a change of the year costs: longer ones other programs refuse.
    section.number<std::uint32_t>("certificate_days", tls.certificate_days, 1, 397);
    section.texts("names", tls.names);
    for (const std::string& name : tls.names)
        if (!is_host_name(name))
            section.reject("names", "has an entry that is neither a host name nor an IP address");
    section.text("api_certificate", tls.api_certificate, Presence::optional);
    section.text("api_key", tls.api_key, Presence::optional);
    if (tls.api_certificate.empty() != tls.api_key.empty())
        section.reject(tls.api_key.empty() ? "api_certificate" : "api_key",
                       "api_certificate and api_key go together: the files with the certificate and its key");
    section.refuse_unknown_keys();
}

void read_peers(const toml::array* tables, Config& config, TomlFaults& faults) {
    if (tables == nullptr) return;
    std::set<std::string> seen;
    for (const toml::node& element : *tables) {
        TomlSection section(element.as_table(), "[[peers]]", faults);
        PeerConfig peer;
        section.text("node", peer.node, Presence::required);
        if (!peer.node.empty() && !is_node_name(peer.node)) section.reject("node", node_name_rule);
        if (!peer.node.empty() && peer.node == config.node)
            section.reject("node", "is this node itself; peers are the other nodes: remove this table");
        if (!peer.node.empty() && !seen.insert(peer.node).second)
            section.reject("node", "names \"" + peer.node + "\" a second time; remove one of the two tables");
        section.text("host", peer.host, Presence::required);
        section.number<std::uint16_t>("port", peer.port, 1, max_port, Presence::required);
        section.number<std::uint64_t>("raft_id", peer.raft_id, 1, max_raft_id);
        section.text("tls_key", peer.tls_key, Presence::optional);
        if (!peer.tls_key.empty() && !is_key_text(peer.tls_key))
            section.reject("tls_key", "must be the 43 characters of a public key in base64url");
        if (!peer.tls_key.empty() && peer.raft_id == 0)
            section.reject("tls_key", "goes with raft_id: of the nodes of the genesis the ledger tells it");
        if (peer.raft_id != 0 && peer.raft_id == config.raft_id)
            section.reject("raft_id", "is this node's own; every node has an id of its own");
        section.refuse_unknown_keys();
        config.peers.push_back(std::move(peer));
    }
}

void read_witnesses(const toml::array* tables, Config& config, TomlFaults& faults) {
    if (tables == nullptr) return;
    std::set<std::string> seen;
    for (const toml::node& element : *tables) {
        TomlSection section(element.as_table(), "[[witnesses]]", faults);
        WitnessConfig witness;
        section.text("name", witness.name, Presence::required);
        if (!witness.name.empty() && !seen.insert(witness.name).second)
            section.reject("name",
                           "names \"" + witness.name + "\" a second time; remove one of the two tables");
        section.text("url", witness.url, Presence::required);
        if (!witness.url.empty() && !is_http_url(witness.url))
            section.reject("url", "must be of the form https://host:port or http://host:port");
        section.text("ca", witness.ca, Presence::optional);
        section.text("vkey", witness.vkey, Presence::required);
        const auto key = ledger::parse_vkey(witness.vkey);
        if (!witness.vkey.empty() && (!key || key->type != ledger::NoteKeyType::cosignature))
            section.reject("vkey",
                           "must be a C2SP cosigner key (type 0x04), as `socai witness init` prints it");
        section.refuse_unknown_keys();
        config.witnesses.push_back(std::move(witness));
    }
}

void read_witnessing(TomlSection section, Config& config) {
    section.number<std::int64_t>("interval_ms", config.witness_interval_ms, 100, 3'600'000);
    section.refuse_unknown_keys();
}

void read_consensus(TomlSection section, consensus::Options& options) {
    constexpr consensus::Micros millisecond = 1'000;
    std::int64_t election_ms = options.election_timeout / millisecond;
    std::int64_t heartbeat_ms = options.heartbeat_interval / millisecond;
    section.number<std::int64_t>("election_timeout_ms", election_ms, 10, 60'000);
    section.number<std::int64_t>("heartbeat_interval_ms", heartbeat_ms, 1, 30'000);
    // A single lost heartbeat must not start an election (Raft paper §5.6: broadcast time << election
    // timeout).
    if (heartbeat_ms * 2 > election_ms)
        section.reject("heartbeat_interval_ms", "is " + std::to_string(heartbeat_ms) +
                                                    "; it must be at most half of election_timeout_ms (" +
                                                    std::to_string(election_ms) + ")");
    options.election_timeout = election_ms * millisecond;
    options.heartbeat_interval = heartbeat_ms * millisecond;
    section.number<std::size_t>("max_append_bytes", options.max_append_bytes, 64 * 1024, 16 * mebibyte);
    section.number<std::size_t>("max_append_entries", options.max_append_entries, 1, 65'536);
    section.number<std::size_t>("window_appends", options.window_appends, 1, 1'024);
    section.number<std::size_t>("window_bytes", options.window_bytes, 64 * 1024, 1'024 * mebibyte);
    section.number<std::size_t>("max_uncommitted_bytes", options.max_uncommitted_bytes, mebibyte,
                                4'096 * mebibyte);
    section.number<std::size_t>("cache_bytes", options.cache_bytes, mebibyte, 16'384 * mebibyte);
    section.number<std::uint64_t>("catch_up_bytes_per_second", options.catch_up_bytes_per_second, 0,
                                  16'384 * mebibyte);
    section.refuse_unknown_keys();
}

void read_limits(TomlSection section, api::Limits& limits) {
    section.number<std::size_t>("max_connections", limits.max_connections, 1, 65'536);
    section.number<std::size_t>("max_connections_per_address", limits.max_connections_per_address, 1, 65'536);
    section.number<std::size_t>("max_message_bytes", limits.max_message_bytes, 64 * 1024, 8 * mebibyte);
    section.number<std::size_t>("max_batch", limits.max_batch, 1, 10'000);
    section.number<std::size_t>("max_pending_per_connection", limits.max_pending_per_connection, 1, 65'536);
    section.number<std::size_t>("max_send_queue_bytes", limits.max_send_queue_bytes, mebibyte,
                                1'024 * mebibyte);
    section.number<std::size_t>("max_subscriptions", limits.max_subscriptions, 0, 1'024);
    section.number<std::size_t>("max_subscriptions_per_account", limits.max_subscriptions_per_account, 0,
                                65'536);
    section.number<std::int64_t>("max_timeout_ms", limits.max_timeout_ms, 100, 600'000);
    section.number<std::int64_t>("http_idle_ms", limits.http_idle_ms, 100, 600'000);
    section.number<std::int64_t>("websocket_idle_ms", limits.websocket_idle_ms, 1'000, 3'600'000);
    constexpr std::uint64_t most = 1'000'000'000'000;
    section.number<std::uint64_t>("calls_per_second", limits.calls_per_second, 1, most);
    section.number<std::uint64_t>("calls_burst", limits.calls_burst, 1, most);
    section.number<std::uint64_t>("bytes_per_second", limits.bytes_per_second, 1, most);
    section.number<std::uint64_t>("bytes_burst", limits.bytes_burst, 1, most);
    section.number<std::uint64_t>("statements_per_second", limits.statements_per_second, 1, most);
    section.number<std::uint64_t>("statements_burst", limits.statements_burst, 1, most);
    section.number<std::uint64_t>("cost_per_second", limits.cost_per_second, 1, most);
    section.number<std::uint64_t>("cost_burst", limits.cost_burst, 1, most);
    section.number<std::uint64_t>("max_rows_per_read", limits.max_rows_per_read, 100, 1'000'000);
    section.number<std::uint32_t>("read_threads", limits.read_threads, 1U, 64U);
    section.number<std::size_t>("max_waiting_reads", limits.max_waiting_reads, 2, 1'000'000);
    section.number<std::size_t>("max_waiting_reads_per_asker", limits.max_waiting_reads_per_asker, 1,
                                1'000'000);
    section.number<std::size_t>("max_askers", limits.max_askers, 16, 10'000'000);
    section.number<std::size_t>("max_tokens", limits.max_tokens, 16, 10'000'000);
    section.refuse_unknown_keys();
}

void read_scrub(TomlSection section, Config& config) {
    section.number<std::uint64_t>("bytes_per_second", config.scrub_bytes_per_second, 0, 16'384 * mebibyte);
    section.number<std::uint64_t>("pause_s", config.scrub_pause_s, 0, 30 * 86'400);
    section.refuse_unknown_keys();
}

void read_outbox(TomlSection section, OutboxOptions& outbox) {
    constexpr std::int64_t day_ms = 86'400'000;
    section.number<std::int64_t>("include_within_ms", outbox.include_within_ms, 1'000, 366 * day_ms);
    section.number<std::size_t>("max_entries", outbox.max_entries, 0, 10'000'000);
    section.number<std::size_t>("max_bytes", outbox.max_bytes, mebibyte, 1'048'576 * mebibyte);
    section.number<std::int64_t>("max_age_ms", outbox.max_age_ms, 1'000, 366 * day_ms);
    section.number<std::int64_t>("keep_fates_ms", outbox.keep_fates_ms, 0, 3'660 * day_ms);
    section.number<std::size_t>("keep_fates", outbox.keep_fates, 0, 10'000'000);
    section.refuse_unknown_keys();
}

void read_admin(TomlSection section, Config& config) {
    section.boolean("local_changes", config.local_changes);
    section.refuse_unknown_keys();
}

void read_debug(TomlSection section, Config& config) {
    constexpr std::int64_t day_ms = 86'400'000;
    section.number<std::int64_t>("clock_offset_ms", config.clock_offset_ms, -day_ms, day_ms);
    section.number<std::uint32_t>("certificate_age_days", config.certificate_age_days, 0, 3'650);
    section.refuse_unknown_keys();
}

void read_top(const toml::table& file, Config& config, TomlFaults& faults) {
    TomlSection top(&file, "the top level", faults);
    read_node({top.table("node", Presence::optional), "[node]", faults}, config);
    read_ledger({top.table("ledger", Presence::optional), "[ledger]", faults}, config);
    read_keys({top.table("keys", Presence::optional), "[keys]", faults}, config);
    read_api({top.table("api", Presence::optional), "[api]", faults}, config);
    read_peer_listener({top.table("peer", Presence::optional), "[peer]", faults}, config);
    read_tls({top.table("tls", Presence::optional), "[tls]", faults}, config);
    read_peers(top.tables("peers"), config, faults);
    read_witnesses(top.tables("witnesses"), config, faults);
    read_witnessing({top.table("witnessing", Presence::optional), "[witnessing]", faults}, config);
    read_consensus({top.table("consensus", Presence::optional), "[consensus]", faults}, config.consensus);
    read_limits({top.table("limits", Presence::optional), "[limits]", faults}, config.limits);
    read_scrub({top.table("scrub", Presence::optional), "[scrub]", faults}, config);
    read_outbox({top.table("outbox", Presence::optional), "[outbox]", faults}, config.outbox);
    read_admin({top.table("admin", Presence::optional), "[admin]", faults}, config);
    read_debug({top.table("debug", Presence::optional), "[debug]", faults}, config);
    top.refuse_unknown_keys();
}

}  // namespace

ConfigReading read_config(const std::string& path) {
    ConfigReading reading;
    Config& config = reading.config;
    config.path = path;
    const Result<std::string> text = read_file(path, max_config_bytes);
    if (!text) {
        reading.faults.push_back(text.error());
        return reading;
    }
    TomlFaults faults(path);
    try {
        const toml::table file = toml::parse(*text, path);
        read_top(file, config, faults);
    } catch (const toml::parse_error& error) {
        faults.add(error.source().begin.line, "config_syntax",
                   "this is not TOML: " + std::string(error.description()));
    }
    for (std::string* file :
         {&config.data, &config.genesis, &config.log_key, &config.cosigner_key, &config.node_key,
          &config.tls_key, &config.tls.api_certificate, &config.tls.api_key})
        *file = beside(path, *file);
    for (WitnessConfig& witness : config.witnesses) witness.ca = beside(path, witness.ca);
    reading.faults = std::move(faults).take();
    return reading;
}

Result<Config> load_config(const std::string& path) {
    ConfigReading reading = read_config(path);
    if (reading.faults.empty()) return std::move(reading.config);
    Error first = std::move(reading.faults.front());
    if (reading.faults.size() > 1)
        first.detail += " (the first of " + std::to_string(reading.faults.size()) +
                        " faults; `socai node check --config " + path + "` lists them all)";
    return first;
}

}  // namespace socai::node
