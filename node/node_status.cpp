// What a node says of itself: node.status, cluster.members, health.
#include <algorithm>
#include <boost/json/array.hpp>

#include "consensus/quorum.hpp"
#include "ledger/note.hpp"
#include "node/node.hpp"
#include "node/node_listeners.hpp"
#include "node/version.hpp"

namespace socai::node {
namespace {

// Farther behind than this, a node is not ready for reads that want to be fresh.
constexpr std::uint64_t ready_lag_leaves = 10'000;

std::string what_is_lost(const consensus::Status& status) {
    if (status.promised.index.value == 0)
        return std::to_string(status.damaged) + " entries lost their content on this disk";
    return "the log lost its end: it reaches entry " + std::to_string(status.last.index.value) +
           ", and entries up to " + std::to_string(status.promised.index.value) + " were acknowledged";
}

}  // namespace

std::string_view Node::member_role() const {
    const auto configuration = members_->current().configuration;
    if (consensus::is_voter(configuration, self_.id)) return "voter";
    return members_->is_member(self_.id) ? "learner" : "none";
}

boost::json::object Node::status() const {
    const auto status = consensus_->status();
    const auto position = state_->position();
    const auto health_now = health();
    boost::json::object object;
    object["node"] = config_.node;
    object["agency"] = self_.agency;
    object["origin"] = origin_;
    object["version"] = version;
    object["role"] = role_name(status.role);
    object["term"] = status.term.value;
    object["leader"] = status.leader.value == 0 ? boost::json::value(nullptr)
                                                : boost::json::value(members_->name(status.leader));
    object["durable_size"] = state_->leaves_up_to(status.durable);
    object["committed_size"] = state_->leaves_up_to(status.commit);
    object["applied_size"] = position.size;
    object["final_size"] = finality_->final_size();
    object["finality"] = finality_json();
    object["lag"] =
        state_->leaves_up_to(status.commit) - std::min(position.size, state_->leaves_up_to(status.commit));
    object["root"] = ledger::base64({reinterpret_cast<const char*>(state_->frontier().root().data()), 32});
    object["last_time"] = position.last_time_ms;
    const auto contact = as_of().leader_contact_ms;
    object["leader_contact_ms"] = contact < 0 ? boost::json::value(nullptr) : boost::json::value(contact);
    object["healthy"] = health_now.healthy;
    object["ready"] = health_now.ready;
    if (!health_now.why.empty()) object["why"] = health_now.why;
    object["member"] = member_role();
    object["configuration"] = configuration_json(members_->current(), status);
    object["transfer_to"] = status.transfer_to.value == 0
                                ? boost::json::value(nullptr)
                                : boost::json::value(members_->name(status.transfer_to));
    const auto clock = clocks_->read(ClockWatch::Clock::now());
    object["clock"] = boost::json::object{
        {"offset_ms", clock.offset_ms ? boost::json::value(*clock.offset_ms) : boost::json::value(nullptr)},
        {"peers", clock.peers}};
    object["free_bytes"] = fitness_->free_bytes();
    boost::json::array unfit;
    for (const auto& reason : fitness_->reasons()) unfit.emplace_back(reason);
    object["unfit"] = std::move(unfit);
    object["tls"] = tls_->json(wall_.now_ms(), [this](consensus::NodeId id) { return members_->name(id); });
    object["outbox"] = outbox_json();
    object["disclosures"] = disclosures_json();
    object["withdrawals"] = withdrawals_->json();
    object["alarms"] = alarms_json();
    boost::json::array witnesses;
    for (const auto& witness : witnesses_->status()) {
        witnesses.emplace_back(boost::json::object{
            {"name", witness.name}, {"cosigned_size", witness.cosigned_size}, {"fault", witness.fault}});
    }
    object["witnesses"] = std::move(witnesses);
    const auto repairs = recovery_->figures();
    object["recovery"] =
        boost::json::object{{"recovering", status.promised.index.value != 0 || status.damaged > 0},
                            {"promised_index", status.promised.index.value},
                            {"damaged", status.damaged},
                            {"found", repairs.found},
                            {"repaired", repairs.repaired}};
    object["scrub"] = scrub_json(scrub_->figures());
    object["backup"] = backup_->json();
    boost::json::array peers;
    const auto links = transport_->metrics();
    for (const Member& node : members_->reachable(status)) {
        const consensus::NodeId id = node.id;
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

boost::json::object Node::finality_json() const {
    const auto latest = heads_->latest();
    boost::json::object object{{"signs", cosigner_ != nullptr},
                               {"signed_size", cosigner_ == nullptr ? 0 : cosigner_->last(origin_).size},
                               {"policy_leaf", policies_->latest()->leaf},
                               {"final_root", nullptr}};
    if (latest)
        object["final_root"] = ledger::base64(
            {reinterpret_cast<const char*>(latest->checkpoint.root.data()), latest->checkpoint.root.size()});
    if (cosigner_ == nullptr) object["why"] = silent_because_;
    return object;
}

boost::json::object Node::members() const {
    const auto status = consensus_->status();
    const auto links = transport_->metrics();
    const bool leads = has_proven_to_lead(status);
    const auto current = members_->current();
    const MemberNote note = *decode_note(current.note);
    boost::json::array nodes;
    const auto tell = [&](const Member& node, std::string_view role) {
        const auto vkey = [](std::string name, ledger::NoteKeyType type, const ledger::PublicKey& key) {
            return ledger::VerifierKey{std::move(name), type, key}.to_string();
        };
        const auto raw = [](const ledger::PublicKey& key) {
            return ledger::base64({reinterpret_cast<const char*>(key.data()), key.size()});
        };
        const auto link = links.find(node.id);
        boost::json::object object{
            {"node", node.name},
            {"agency", node.agency},
            {"raft_id", node.id.value},
            {"role", role},
            {"reachable", node.id == self_.id || (link != links.end() && link->second.connected)},
            {"may_switch_off", nullptr},
            {"log_key", vkey(origin_, ledger::NoteKeyType::ed25519, node.log_key)},
            {"cosigner_key",
             vkey(node.agency + "." + origin_, ledger::NoteKeyType::cosignature, node.cosigner_key)},
            {"node_key", raw(node.node_key)},
            {"tls_key", raw(node.tls_key)}};
        object["signed_size"] = node.id == self_.id && cosigner_ != nullptr
                                    ? cosigner_->last(origin_).size
                                    : heads_->signed_by(node.cosigner_key);
        if (leads) object["may_switch_off"] = consensus::may_switch_off(status, node.id);
        nodes.push_back(std::move(object));
    };
    const std::vector<consensus::NodeId> all = consensus::members(current.configuration);
    for (const consensus::NodeId id : all) {
        if (const Member* member = note.find(id))
            tell(*member, consensus::is_voter(current.configuration, id) ? "voter" : "learner");
    }
    // Those that were removed, while it still matters to somebody.
    for (const Member& member : members_->reachable(status)) {
        if (!std::ranges::binary_search(all, member.id)) tell(member, "removed");
    }
    if (!members_->is_member(self_.id)) tell(self_, "removed");
    return {{"origin", origin_},
            {"nodes", std::move(nodes)},
            {"configuration", configuration_json(current, status)},
            {"policy", policies_->latest()->value.policy.to_string()},
            {"policy_leaf", policies_->latest()->leaf}};
}

// The lease (thesis §6.4.1): a quorum heard this leader within the last election timeout, and lets nobody else be
// elected meanwhile.
bool Node::has_proven_to_lead(const consensus::Status& status) const {
    return status.role == consensus::Role::leader && status.transfer_to.value == 0 &&
           ConsensusLoop::now() - status.leader_contact < config_.consensus.election_timeout;
}

boost::json::object Node::configuration_json(const consensus::ConfigurationEntry& entry,
                                             const consensus::Status& status) const {
    const auto names = [this](const std::vector<consensus::NodeId>& ids) {
        boost::json::array array;
        for (const consensus::NodeId id : ids) array.emplace_back(members_->name(id));
        return array;
    };
    return {{"log_index", entry.id.index.value},
            {"committed", entry.id.index <= status.commit},
            {"joint", entry.configuration.joint()},
            {"voters", names(entry.configuration.voters)},
            {"outgoing", names(entry.configuration.outgoing)},
            {"learners", names(entry.configuration.learners)}};
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
    if (status.promised.index.value != 0 || status.damaged > 0) {
        health.why = "recovering: " + what_is_lost(status);
    } else if (status.leader.value == 0) {
        health.why =
            contradicted_ ? "what a leader sent contradicts this log: see the alarms" : "no leader is known";
    } else if (committed > applied + ready_lag_leaves) {
        health.why =
            "catching up: " + std::to_string(committed - applied) + " leaves behind what is committed";
    } else if (const auto unproven = withdrawals_->unproven(); !unproven.empty()) {
        health.why = "leaf " + std::to_string(unproven.front()) +
                     " came without its bytes, and no vote of the members that says so stands here yet";
    } else {
        health.ready = true;
    }
    return health;
}

}  // namespace socai::node
