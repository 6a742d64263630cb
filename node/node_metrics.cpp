// What a node counts and measures of itself, as Prometheus text.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

#include "node/node.hpp"
#include "node/node_listeners.hpp"
#include "node/version.hpp"

namespace socai::node {
namespace {

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

std::string Node::metrics() const {
    const auto status = consensus_->status();
    const auto ledger = ledger_->metrics();
    const auto submissions = submissions_->metrics();
    const auto writer = writer_->metrics();
    Families out;
    out.gauge("socai_info", "The program and the node.", 1,
              {{"version", std::string(version)},
               {"node", config_.node},
               {"agency", self_.agency},
               {"origin", origin_}});
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
        {"applied", state_->size()},
        {"final", finality_->final_size()}};
    for (const auto& [stage, size] : sizes) {
        out.gauge("socai_ledger_size_leaves", "Size of the ledger at this node, in leaves.",
                  static_cast<double>(size), {{"stage", stage}});
    }
    for (const auto& peer : status.peers) {
        const double lag =
            static_cast<double>(status.last.index.value) - static_cast<double>(peer.match.value);
        out.gauge("socai_raft_peer_lag_entries", "Log entries that a peer is behind this leader.", lag,
                  {{"peer", members_->name(peer.id)}});
    }
    const double now_s = static_cast<double>(wall_.now_ms()) / 1'000;
    for (const tls::Keeper::Port& port : tls_->ports(wall_.now_ms())) {
        if (!port.on) continue;
        out.gauge("socai_tls_certificate_expiry_seconds",
                  "Seconds until the certificate shown at a port ends.",
                  static_cast<double>(port.not_after_s) - now_s, {{"port", port.port}});
    }
    for (const tls::PeerWatch::Shown& peer : tls_->peers()) {
        out.gauge("socai_tls_peer_certificate_wrong",
                  "1: a node's certificate was out of its time, or not renewed, when it was last shown.",
                  peer.state == tls::PeerWatch::State::good ? 0 : 1, {{"peer", members_->name(peer.peer)}});
    }
    const consensus::Configuration& configuration = status.configuration;
    out.gauge("socai_raft_members", "Members of the configuration in force.",
              static_cast<double>(configuration.voters.size()), {{"role", "voter"}});
    out.gauge("socai_raft_members", "Members of the configuration in force.",
              static_cast<double>(configuration.learners.size()), {{"role", "learner"}});
    out.gauge("socai_raft_transfer_active", "1 while this leader hands leadership over.",
              status.transfer_to.value != 0 ? 1 : 0);
    const auto repairs = recovery_->figures();
    const bool recovering = status.promised.index.value != 0 || status.damaged > 0;
    out.gauge("socai_recovery_active", "1 while something that this disk lost is not back.",
              recovering ? 1 : 0);
    out.gauge("socai_recovery_damaged_entries", "Entries of the log that are held by id alone.",
              static_cast<double>(status.damaged));
    out.counter("socai_recovery_found_total", "Entries found to have lost their content.",
                static_cast<double>(repairs.found));
    out.counter("socai_recovery_repaired_total", "Entries made whole again.",
                static_cast<double>(repairs.repaired));
    out.counter("socai_recovery_served_total", "Entries given to other nodes for their repair.",
                static_cast<double>(repairs.served));
    const auto scrub = scrub_->figures();
    out.counter("socai_scrub_rounds_total", "Full rounds of the scrub, over all starts.",
                static_cast<double>(scrub.rounds));
    out.gauge("socai_scrub_position_bytes", "Bytes that this round of the scrub has read.",
              static_cast<double>(scrub.position));
    out.gauge("socai_scrub_last_round_seconds", "How long the last round took.",
              static_cast<double>(scrub.last_round_ms) / 1'000);
    out.counter("socai_scrub_found_total", "Faults that the scrub found.", static_cast<double>(scrub.found));
    out.counter("socai_scrub_repaired_total", "Of them, repaired.", static_cast<double>(scrub.repaired));
    out.gauge("socai_scrub_at_next_start", "Faults that the next start repairs.",
              static_cast<double>(scrub.at_next_start));
    out.gauge("socai_scrub_contradiction", "1 when the log leads to another root than this node holds.",
              scrub.contradiction.empty() ? 0 : 1);
    out.gauge("socai_alarms", "Breaches of others that this node holds evidence of.",
              static_cast<double>(evidence_->alarms().size()));
    out.counter("socai_heads_compared_total",
                "Heads of other nodes and of witnesses held against this node's tree.",
                static_cast<double>(head_watch_->figures().compared));
    const auto unfit = fitness_->reasons();
    for (const std::string reason : {"clock_off", "no_space"})
        out.gauge("socai_unfit", "1 when this node should not lead, or not append.",
                  std::ranges::find(unfit, reason) != unfit.end() ? 1 : 0, {{"reason", reason}});
    out.gauge("socai_free_bytes", "Free where the data is.", static_cast<double>(fitness_->free_bytes()));
    if (const auto clock = clocks_->read(ClockWatch::Clock::now()); clock.offset_ms)
        out.gauge("socai_clock_offset_seconds", "From this node's clock to the median of the others'.",
                  static_cast<double>(*clock.offset_ms) / 1'000);
    const auto queues = std::initializer_list<std::pair<const char*, std::uint64_t>>{
        {"consensus", consensus_->queue_depth()},
        {"ledger", ledger.queue_depth},
        {"storage", writer.queue_depth},
        {"verify", verifier_->queued()},
        {"submissions", submissions.calls},
        {"reads", barriers_->waiting()},
        {"finality", finality_->metrics().queue_depth}};
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
    const auto disclosures = disclosures_->figures();
    out.gauge("socai_disclosures_held", "Confidential members that this node holds.",
              static_cast<double>(disclosures.held));
    out.gauge("socai_disclosures_missing", "Those that it may hold and that no other node has given it yet.",
              static_cast<double>(disclosures.missing));
    out.counter("socai_disclosures_erased_total", "Confidential members erased since start.",
                static_cast<double>(disclosures.erased));
    const auto outbox = outbox_->figures();
    out.gauge("socai_outbox_waiting", "Statements promised and not yet in the ledger.",
              static_cast<double>(outbox.waiting));
    out.gauge("socai_outbox_bytes", "Bytes of those statements.", static_cast<double>(outbox.bytes));
    out.gauge("socai_outbox_oldest_seconds", "How long the oldest of them has waited.",
              outbox.oldest_ms ? static_cast<double>(wall_.now_ms() - *outbox.oldest_ms) / 1'000 : 0);
    out.gauge("socai_outbox_overdue", "Of them, those that had to be in the ledger by now.",
              static_cast<double>(outbox.overdue));
    out.counter("socai_outbox_promised_total", "Promises given since start.",
                static_cast<double>(outbox.promised));
    out.counter("socai_outbox_settled_total", "Promises settled since start.",
                static_cast<double>(outbox.included), {{"fate", "included"}});
    out.counter("socai_outbox_settled_total", "Promises settled since start.",
                static_cast<double>(outbox.refused), {{"fate", "refused"}});
    out.counter("socai_outbox_calls_total", "Batches that were brought to a leader.",
                static_cast<double>(outbox.calls));
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
    const auto finality = finality_->metrics();
    out.gauge("socai_cosigner_signs", "0 when this node must not cosign: its state was lost.",
              cosigner_ != nullptr ? 1 : 0);
    out.counter("socai_heads_announced_total", "Sizes that this node has announced as leader.",
                static_cast<double>(finality.announced));
    out.counter("socai_heads_cosigned_total", "Heads that this node has cosigned for leaders.",
                static_cast<double>(finality.cosigned));
    out.counter("socai_heads_refused_total", "Heads offered as final that were not.",
                static_cast<double>(finality.refused));
    out.counter("socai_head_bad_signatures_total", "Answers to announcements that did not verify.",
                static_cast<double>(finality.bad_lines));
    auto& final_histogram =
        out.add("socai_finality_duration_seconds",
                "From the announcement of a size by this leader to its quorum.", MetricType::Histogram, {})
            .histogram;
    final_histogram.sample_count = finality.completed;
    final_histogram.sample_sum = finality.seconds_sum;
    for (std::size_t i = 0; i < Finality::bounds().size(); ++i)
        final_histogram.bucket.push_back({finality.buckets[i], Finality::bounds()[i]});
    const auto links = transport_->metrics();
    const auto for_links = [&](const std::string& name, const std::string& help, bool counter, auto value) {
        for (const auto& [id, link] : links) {
            const Labels labels{{"peer", members_->name(id)}};
            const auto number = static_cast<double>(value(link));
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
