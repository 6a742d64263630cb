// The membership of a running node: whom the transport reaches, changes and transfers that are asked for.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "consensus/quorum.hpp"
#include "node/bootstrap.hpp"
#include "node/node.hpp"
#include "node/node_listeners.hpp"
#include "node/voted_membership.hpp"
#include "storage/file.hpp"

namespace socai::node {
namespace {

constexpr auto house_interval = std::chrono::milliseconds(250);
constexpr std::uint64_t rounds_a_clock_question = 4;

std::string names(const Members& members, const std::vector<consensus::NodeId>& ids) {
    std::string text;
    for (const consensus::NodeId id : ids) text += (text.empty() ? "" : ", ") + members.name(id);
    return text.empty() ? "none" : text;
}

api::Error not_allowed() {
    return {api::Code::forbidden, "local_changes_off",
            "This node takes no changes over its API: [admin] local_changes is false in its configuration. "
            "It is for "
            "clusters on one machine; elsewhere the members decide by governance.",
            false};
}

}  // namespace

// Consensus thread.
void Node::configuration_changed(consensus::ConfigurationEntry entry) {
    members_->changed(entry);
    const auto& [voters, outgoing, learners] = entry.configuration;
    spdlog::info("membership of entry {}: voters {}{}; learners {}", entry.id.index.value,
                 names(*members_, voters),
                 outgoing.empty() ? std::string() : "; until it is left also " + names(*members_, outgoing),
                 names(*members_, learners));
    boost::asio::post(peer_io_, [this] { refresh_peers(true); });
}

// Where the configuration file says, else where the ledger does.
std::vector<network::PeerAddress> Node::addresses(const std::vector<Member>& members,
                                                  const std::vector<PeerConfig>& configured) const {
    std::vector<network::PeerAddress> addresses;
    for (const Member& member : members) {
        const auto found = std::ranges::find(configured, member.name, &PeerConfig::node);
        if (found != configured.end())
            addresses.push_back({member.id, member.name, found->host, found->port});
        else if (!member.host.empty() && member.port != 0)
            addresses.push_back({member.id, member.name, member.host, member.port});
        else
            spdlog::warn("Nobody says where {} listens: add a [[peers]] table for it and restart this node",
                         member.name);
    }
    return addresses;
}

// Peer thread. `reread`: the operator may have written the new members' addresses into the configuration.
void Node::refresh_peers(bool reread) {
    if (stopped_) return;
    if (reread && !config_.path.empty()) {
        ConfigReading reading = read_config(config_.path);
        if (reading.faults.empty())
            peers_ = std::move(reading.config.peers);
        else
            spdlog::warn("{}; the peers' addresses stay as they are", reading.faults.front().detail);
    }
    auto now = members_->reachable(consensus_->status());
    if (!reread && now == reached_) return;
    reached_ = std::move(now);
    transport_->set_peers(addresses(reached_, peers_));
}

// Peer thread, a few times a second: what changes without an event of its own.
void Node::keep_house() {
    if (stopped_) return;
    refresh_peers(false);
    changes_->expire();
    watch_space();
    if (rounds_++ % rounds_a_clock_question == 0) {
        watch_clocks();
        watch_heads();
        follow_votes();
        offers_->look();
        disclosures_->look();
        withdrawals_->look();
        tls_->look(wall_.now_ms());
    }
    housekeeping_.expires_after(house_interval);
    housekeeping_.async_wait([this](boost::system::error_code error) {
        if (!error) keep_house();
    });
}

void Node::watch_space() {
    if (const auto free = storage::free_bytes(config_.data)) fitness_->space(*free);
}

// Peer thread. A leader brings the membership to what the members voted.
void Node::follow_votes() {
    const consensus::Status status = consensus_->status();
    if (status.role != consensus::Role::leader) return;
    const auto snapshot = state_->snapshot_facts();
    const auto step = next_step(genesis_, snapshot->facts(), members_->current(), status,
                                policies_->required(finality_->final_size(), state_->size()));
    if (!step) return;
    if (step->hand_over) {
        spdlog::info("this node is voted out: another leads first");
        consensus_->post(consensus::Transfer{});
        return;
    }
    spdlog::info("the membership follows the members' votes");
    consensus_->post(*step->change);
}

void Node::watch_clocks() {
    const auto now = ClockWatch::Clock::now();
    const ClockWatch::Reading reading = clocks_->read(now);
    fitness_->clock(reading.off, reading.offset_ms.value_or(0));
    auto others = consensus::members(members_->current().configuration);
    std::erase(others, self_.id);
    clocks_->ask(others, now);
}

std::optional<network::AnchorKey> Node::pin_of(consensus::NodeId node) const {
    if (const auto member = members_->find(node); member && member->tls_key != ledger::PublicKey{})
        return member->tls_key;
    for (const Member& contact : contacts_of(config_))
        if (contact.id == node && contact.tls_key != ledger::PublicKey{}) return contact.tls_key;
    return std::nullopt;
}

std::optional<network::TransportTls> Node::peer_tls() {
    auto context = tls_->peer();
    if (!context) return std::nullopt;
    return network::TransportTls{std::move(context), [this](consensus::NodeId node) { return pin_of(node); },
                                 [this](consensus::NodeId node, const network::PeerCertificate& shown) {
                                     tls_->seen(node, members_->name(node), shown, wall_.now_ms());
                                 },
                                 [this](const network::AnchorKey& shown) { return is_given_up(shown); }};
}

api::Result<void> Node::shift_clock(std::int64_t offset_ms) {
    if (!config_.local_changes) return not_allowed();
    spdlog::warn("This node's clock is shifted by {} ms from the machine's", offset_ms);
    wall_.shift(offset_ms);
    return {};
}

api::Result<std::uint64_t> Node::scrub(std::uint64_t bytes_per_second) {
    if (!config_.local_changes) return not_allowed();
    return scrub_->run_now(bytes_per_second);
}

api::Result<void> Node::backup(std::string folder) {
    if (!config_.local_changes) return not_allowed();
    return backup_->begin(std::move(folder));
}

void Node::change_members(api::MembershipRequest request,
                          std::function<void(api::Result<api::MembershipChanged>)> done) {
    if (!config_.local_changes) return done(not_allowed());
    if (votes_decide_over_nodes(genesis_, state_->snapshot_facts()->facts()))
        return done(api::Error{api::Code::forbidden, "vote_needed",
                               "In this ledger the members vote over its nodes. Propose the change over the matter "
                               "\"nodes\": socai governance propose --help.",
                               false});
    changes_->change(request, std::move(done));
}

void Node::transfer(api::TransferRequest request, std::function<void(api::Result<api::Transferred>)> done) {
    if (!config_.local_changes) return done(not_allowed());
    changes_->transfer(request, std::move(done));
}

// A leader that stops hands over first, so that the others need not wait for an election timeout.
void Node::hand_over(std::function<void()> done) {
    if (consensus_->status().role != consensus::Role::leader) return done();
    spdlog::info("handing leadership over before the stop");
    consensus_->post(consensus::Transfer{});
    auto timer = std::make_shared<boost::asio::steady_timer>(peer_io_);
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::microseconds(2 * config_.consensus.election_timeout);
    wait_handed_over(std::move(timer), deadline, std::move(done));
}

void Node::wait_handed_over(std::shared_ptr<boost::asio::steady_timer> timer,
                            std::chrono::steady_clock::time_point deadline, std::function<void()> done) {
    const auto status = consensus_->status();
    const bool over = status.role != consensus::Role::leader;
    if (over && status.leader.value != 0) spdlog::info("{} leads now", members_->name(status.leader));
    if ((over && status.leader.value != 0) || std::chrono::steady_clock::now() >= deadline) return done();
    timer->expires_after(std::chrono::milliseconds(5));
    timer->async_wait(
        [this, timer, deadline, done = std::move(done)](boost::system::error_code error) mutable {
            if (error) return done();
            wait_handed_over(timer, deadline, std::move(done));
        });
}

}  // namespace socai::node
