#include "false_node.hpp"

#include <algorithm>
#include <stdexcept>

#include "consensus/chain.hpp"
#include "ledger/hash.hpp"
#include "ledger/node_statement.hpp"
#include "node/bootstrap.hpp"
#include "node/key_file.hpp"

namespace socai::cluster_tests {
namespace {

using consensus::NodeId;

// More than anybody can know of it, so that it is not taken for an old copy.
constexpr std::uint64_t signed_much = std::uint64_t{1} << 50;

node::Member member_named(const std::vector<node::Member>& members, const std::string& name) {
    const auto found = std::ranges::find(members, name, &node::Member::name);
    if (found == members.end()) throw std::runtime_error(name + " is not in the genesis");
    return *found;
}

ledger::LogPlace place_of(const consensus::EntryId& id) {
    return {id.index.value, id.term.value, id.hash};
}

}  // namespace

FalseNode::FalseNode(const LocalCluster& cluster, const std::string& node)
    : origin_(cluster.origin()), key_([&] {
          const auto config = node::load_config(cluster.config(node));
          const auto key = config ? node::read_key_file(config->node_key) : config.error();
          if (!key) throw std::runtime_error(key.error().detail);
          return key->key;
      }()) {
    const auto config = node::load_config(cluster.config(node)).value();
    const auto genesis = node::read_genesis(config);
    if (!genesis) throw std::runtime_error(genesis.error().detail);
    const auto members = node::genesis_note(genesis->genesis).members;
    self_ = member_named(members, node);
    for (const node::PeerConfig& peer : config.peers)
        peers_.push_back({member_named(members, peer.node).id, peer.node, peer.host, peer.port});
    network::TransportOptions options;
    options.listen_host = config.peer_host;
    options.listen_port = config.peer_port;
    options.origin = origin_;
    options.genesis_hash = config.genesis_hash;
    options.self = self_.id;
    options.peers = peers_;
    options.signed_size = [] { return signed_much; };
    const auto tls_key = node::read_key_file(config.tls_key);
    if (!tls_key) throw std::runtime_error(tls_key.error().detail);
    certificate_ = std::make_unique<node::tls::OwnCertificate>(
        tls_key->key, node::tls::OwnCertificate::Facts{node, origin_, {}}, now_ms());
    options.tls = network::TransportTls{
        [this](network::Side) { return certificate_->peer(); },
        [members](NodeId id) -> std::optional<network::AnchorKey> {
            const auto found = std::ranges::find(members, id, &node::Member::id);
            return found == members.end() ? std::nullopt : std::optional(found->tls_key);
        },
        {}};
    options.sign = [this](NodeId to, const consensus::Message& message) { return sign(to, message); };
    transport_ = std::make_unique<network::Transport>(
        io_, std::move(options),
        network::Transport::Handlers{
            [this](NodeId from, consensus::Message message) { hear(from, message); }, {}, {}});
    if (const auto failed = transport_->start()) throw std::runtime_error(failed->detail);
    thread_ = std::thread([this] { io_.run(); });
}

FalseNode::~FalseNode() {
    transport_->stop();
    work_.reset();
    io_.stop();
    thread_.join();
}

void FalseNode::vote_for_all() {
    const std::lock_guard lock(mutex_);
    votes_for_all_ = true;
}

void FalseNode::hear(NodeId from, const consensus::Message& message) {
    const std::lock_guard lock(mutex_);
    std::visit([this](const auto& heard) { term_ = std::max(term_, heard.term); }, message);
    if (const auto* append = std::get_if<consensus::AppendRequest>(&message)) {
        const auto& end = append->entries.empty() ? append->previous : append->entries.back()->id;
        if (consensus::is_behind(last_, end)) last_ = end;
    }
    if (!votes_for_all_) {
        // So that the leader goes on telling it what is new.
        if (const auto* beat = std::get_if<consensus::Heartbeat>(&message))
            transport_->send(from, consensus::HeartbeatReply{.term = beat->term, .read = beat->read});
        return;
    }
    if (const auto* asked = std::get_if<consensus::PreVoteRequest>(&message))
        transport_->send(from, consensus::PreVoteReply{asked->term, true});
    if (const auto* asked = std::get_if<consensus::VoteRequest>(&message))
        for (const network::PeerAddress& peer : peers_)
            transport_->send(peer.id, consensus::VoteReply{asked->term, true});
}

bool FalseNode::append_to_all(const std::string& first, const std::string& second) {
    consensus::AppendRequest append;
    {
        const std::lock_guard lock(mutex_);
        if (last_ == consensus::EntryId{}) return false;
        append.term = {++term_.value};
        append.previous = last_;
    }
    for (const std::string& payload : {first, second}) {
        append.entries = {consensus::make_entry(append.previous, append.term, consensus::EntryKind::payload,
                                                ledger::leaf_hash(payload), std::nullopt, payload)};
        for (const network::PeerAddress& peer : peers_) transport_->send(peer.id, append);
    }
    return true;
}

network::WireSignature FalseNode::sign(NodeId to, const consensus::Message& message) const {
    ledger::NodeFact fact;
    if (const auto* vote = std::get_if<consensus::VoteReply>(&message)) {
        fact = ledger::Vote{vote->term.value, to.value};
    } else {
        const auto& append = std::get<consensus::AppendRequest>(message);
        fact = ledger::AppendHeader{append.term.value, place_of(append.previous),
                                    place_of(append.entries.back()->id)};
    }
    return key_.sign(ledger::NodeStatement{origin_, self_.name, fact}.to_string());
}

}  // namespace socai::cluster_tests
