// What a node says of itself: node.status, cluster.members, health, Prometheus metrics.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <boost/json/array.hpp>

#include "ledger/note.hpp"
#include "node/node.hpp"
#include "node/node_listeners.hpp"
#include "node/version.hpp"

namespace socai::node {
namespace {

// Farther behind than this, a node is not ready for reads that want to be fresh.
constexpr std::uint64_t ready_lag_leaves = 10'000;

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<std::pair<std::string, std::string>>;

// Collects families of plain values: what is exported is read at scrape time from the parts that count it.
class Families {
  public:
    void gauge(const std::string& name, const std::string& help, double value, const Labels& labels = {}) {
        add(name, help, MetricType::Gauge, labels).gauge.value = value;
    }
    void counter(const std::string& name, const std::string& help, double value, const Labels& labels = {}) {
        add(name, help, MetricType::Counter, labels).counter.value = value;
    }
    ClientMetric& add(const std::string& name, const std::string& help, MetricType type,
                      const Labels& labels) {
        if (families_.empty() || families_.back().name != name) {
            families_.push_back({name, help, type, {}});
        }
        ClientMetric metric;
        for (const auto& [key, value] : labels) metric.label.push_back({key, value});
        return families_.back().metric.emplace_back(std::move(metric));
    }
    std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

  private:
    std::vector<MetricFamily> families_;
};

}  // namespace

std::string Node::node_name(consensus::NodeId id) const {
    for (const auto& node : genesis_.nodes) {
        if (node.raft_id == id.value) return node.name;
    }
    return "none";
}

boost::json::object Node::status() const {
    const auto status = consensus_->status();
    const auto position = state_->position();
    const auto health_now = health();
    boost::json::object object;
    object["node"] = config_.node;
    object["agency"] = self().agency;
    object["origin"] = genesis_.origin;
    object["version"] = version;
    object["role"] = role_name(status.role);
    object["term"] = status.term.value;
    object["leader"] =
        status.leader.value == 0 ? boost::json::value(nullptr) : boost::json::value(node_name(status.leader));
    object["durable_size"] = state_->leaves_up_to(status.durable);
    object["committed_size"] = state_->leaves_up_to(status.commit);
    object["applied_size"] = position.size;
    object["lag"] =
        state_->leaves_up_to(status.commit) - std::min(position.size, state_->leaves_up_to(status.commit));
    object["root"] = ledger::base64({reinterpret_cast<const char*>(state_->frontier().root().data()), 32});
    object["last_time"] = position.last_time_ms;
    const auto contact = as_of().leader_contact_ms;
    object["leader_contact_ms"] = contact < 0 ? boost::json::value(nullptr) : boost::json::value(contact);
    object["healthy"] = health_now.healthy;
    object["ready"] = health_now.ready;
    if (!health_now.why.empty()) object["why"] = health_now.why;
    boost::json::array peers;
    const auto links = transport_->metrics();
    for (const auto& node : genesis_.nodes) {
        const consensus::NodeId id{node.raft_id};
        if (id == status.self) continue;
        boost::json::object peer{{"node", node.name}, {"agency", node.agency}};
        const auto link = links.find(id);
        peer["connected"] = link != links.end() && link->second.connected;
        for (const auto& progress : status.peers) {
            if (progress.id == id) peer["durable_size"] = state_->leaves_up_to(progress.match);
        }
        peers.push_back(std::move(peer));
    }
    object["peers"] = std::move(peers);
    return object;
}

boost::json::object Node::members() const {
    boost::json::array nodes;
    for (const auto& node : genesis_.nodes) {
        const auto vkey = [](std::string name, ledger::NoteKeyType type, const ledger::PublicKey& key) {
            return ledger::VerifierKey{std::move(name), type, key}.to_string();
        };
        nodes.push_back(boost::json::object{
            {"node", node.name},
            {"agency", node.agency},
            {"role", "voter"},
            {"log_key", vkey(genesis_.origin, ledger::NoteKeyType::ed25519, node.log_key)},
            {"cosigner_key",
             vkey(node.agency + "." + genesis_.origin, ledger::NoteKeyType::cosignature, node.cosigner_key)},
            {"node_key",
             ledger::base64({reinterpret_cast<const char*>(node.node_key.data()), node.node_key.size()})}});
    }
    return {{"origin", genesis_.origin}, {"nodes", std::move(nodes)}, {"policy", genesis_.policy}};
}

api::Health Node::health() const {
    api::Health health;
    if (failed_ || stopped_) {
        health.healthy = false;
        health.why = failed_ ? "the node met a fault and is stopping; see its log" : "the node is stopping";
        return health;
    }
    const auto status = consensus_->status();
    const std::uint64_t committed = state_->leaves_up_to(status.commit);
    const std::uint64_t applied = state_->size();
    if (status.leader.value == 0) {
        health.why = "no leader is known";
    } else if (committed > applied + ready_lag_leaves) {
        health.why =
            "catching up: " + std::to_string(committed - applied) + " leaves behind what is committed";
    } else {
        health.ready = true;
    }
    return health;
}

std::string Node::metrics() const {
    const auto status = consensus_->status();
    const auto ledger = ledger_->metrics();
    const auto submissions = submissions_->metrics();
    const auto writer = writer_->metrics();
    Families out;
    out.gauge("socai_info", "The program and the node.", 1,
              {{"version", std::string(version)},
               {"node", config_.node},
               {"agency", self().agency},
               {"origin", genesis_.origin}});
    for (const auto role : {consensus::Role::follower, consensus::Role::pre_candidate,
                            consensus::Role::candidate, consensus::Role::leader}) {
        out.gauge("socai_raft_role", "1 for the role the node has.", status.role == role ? 1 : 0,
                  {{"role", std::string(role_name(role))}});
    }
    out.gauge("socai_raft_term", "Current Raft term.", static_cast<double>(status.term.value));
    out.gauge("socai_raft_has_leader", "1 when the node knows a leader of its term.",
              status.leader.value != 0 ? 1 : 0);
    const auto sizes = std::initializer_list<std::pair<const char*, std::uint64_t>>{
        {"durable", state_->leaves_up_to(status.durable)},
        {"committed", state_->leaves_up_to(status.commit)},
        {"applied", state_->size()}};
    for (const auto& [stage, size] : sizes) {
        out.gauge("socai_ledger_size_leaves", "Size of the ledger at this node, in leaves.",
                  static_cast<double>(size), {{"stage", stage}});
    }
    for (const auto& peer : status.peers) {
        for (const auto& node : genesis_.nodes) {
            if (node.raft_id != peer.id.value) continue;
            const double lag =
                static_cast<double>(status.last.index.value) - static_cast<double>(peer.match.value);
            out.gauge("socai_raft_peer_lag_entries", "Log entries that a peer is behind this leader.", lag,
                      {{"peer", node.name}});
        }
    }
    const auto queues = std::initializer_list<std::pair<const char*, std::uint64_t>>{
        {"consensus", consensus_->queue_depth()}, {"ledger", ledger.queue_depth},
        {"storage", writer.queue_depth},          {"verify", verifier_->queued()},
        {"submissions", submissions.calls},       {"reads", barriers_->waiting()}};
    for (const auto& [queue, depth] : queues) {
        out.gauge("socai_queue_depth", "Items waiting in a queue of the node.", static_cast<double>(depth),
                  {{"queue", queue}});
    }
    out.gauge("socai_tail_leaves", "Leaves admitted and not yet applied.",
              static_cast<double>(ledger.tail_leaves));
    out.gauge("socai_tail_bytes", "Bytes of leaves admitted and not yet applied.",
              static_cast<double>(ledger.tail_bytes));
    const auto verdicts = std::initializer_list<std::pair<const char*, std::uint64_t>>{
        {"admitted", ledger.admitted}, {"duplicate", ledger.duplicates}, {"refused", ledger.refused}};
    for (const auto& [verdict, count] : verdicts) {
        out.counter("socai_admissions_total", "Statements judged by this node as leader.",
                    static_cast<double>(count), {{"verdict", verdict}});
    }
    out.counter("socai_applied_entries_total", "Log entries applied since start.",
                static_cast<double>(ledger.applied));
    out.counter("socai_signatures_checked_total", "Signatures verified since start.",
                static_cast<double>(verifier_->signatures_checked()));
    out.counter("socai_submissions_forwarded_total", "Submissions sent on to the leader.",
                static_cast<double>(submissions.forwarded));
    out.counter("socai_submissions_retried_total", "Attempts after the first.",
                static_cast<double>(submissions.retried));
    out.counter("socai_submissions_timed_out_total", "Submissions that ran out of time.",
                static_cast<double>(submissions.timed_out));
    out.counter("socai_log_syncs_total", "Group commits synced to disk.",
                static_cast<double>(writer.commits));
    out.counter("socai_log_jobs_total", "Storage jobs made durable.", static_cast<double>(writer.jobs));
    out.gauge("socai_log_last_sync_seconds", "Time the last group commit took.", writer.last_commit_seconds);
    auto& histogram = out.add("socai_commit_duration_seconds",
                              "From admission by this leader to applied here.", MetricType::Histogram, {})
                          .histogram;
    histogram.sample_count = ledger.commit_count;
    histogram.sample_sum = ledger.commit_seconds_sum;
    for (std::size_t i = 0; i < LedgerLoop::commit_bounds().size(); ++i) {
        histogram.bucket.push_back({ledger.commit_buckets[i], LedgerLoop::commit_bounds()[i]});
    }
    const auto links = transport_->metrics();
    const auto for_links = [&](const std::string& name, const std::string& help, bool counter, auto value) {
        for (const auto& node : genesis_.nodes) {
            const auto link = links.find({node.raft_id});
            if (link == links.end()) continue;
            const Labels labels{{"peer", node.name}};
            const auto number = static_cast<double>(value(link->second));
            counter ? out.counter(name, help, number, labels) : out.gauge(name, help, number, labels);
        }
    };
    using Link = network::PeerMetrics;
    for_links("socai_peer_connected", "1 when the connection to the peer is up.", false,
              [](const Link& l) { return l.connected ? 1 : 0; });
    for_links("socai_peer_queue_bytes", "Bytes waiting to be sent to the peer.", false,
              [](const Link& l) { return l.queue_bytes; });
    for_links("socai_peer_sent_bytes_total", "Bytes sent to the peer.", true,
              [](const Link& l) { return l.sent_bytes; });
    for_links("socai_peer_received_bytes_total", "Bytes received from the peer.", true,
              [](const Link& l) { return l.received_bytes; });
    for_links("socai_peer_dropped_messages_total", "Messages dropped because the queue was full.", true,
              [](const Link& l) { return l.dropped_messages; });
    for_links("socai_peer_reconnects_total", "Times the connection to the peer was made again.", true,
              [](const Link& l) { return l.reconnects; });
    return out.text();
}

}  // namespace socai::node
