// What a node watches the others by: their signatures under votes and appends, their heads, the outside witnesses; and what
// it keeps when two of these cannot both be honest.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "consensus/quorum.hpp"
#include "node/node.hpp"
#include "node/node_listeners.hpp"

namespace socai::node {

void Node::wire_evidence() {
    evidence_ = std::make_unique<EvidenceKeeper>(
        config_.data + "/evidence",
        EvidenceKeeper::Hooks{[this] { return introduction(); }, [this] { return policy_; }});
    const auto keep = [this](const std::string& key, ledger::Evidence evidence, const std::string& what) {
        evidence_->keep(key, std::move(evidence), what);
    };
    const auto others = [this] {
        auto members = consensus::members(members_->current().configuration);
        std::erase(members, self_.id);
        return members;
    };
    const auto send = [this](consensus::NodeId to, network::Parcel parcel) {
        transport_->send_parcel(to, std::move(parcel));
    };
    testimony_ = std::make_unique<Testimony>(
        origin_, self_, node_key_->key,
        Testimony::Hooks{[this](consensus::NodeId id) { return members_->find(id); }, others, send, keep});
    // The policy in force, so that it also knows who joined later; what leads to it from the pinned one goes into the file.
    const auto keep_fork = [this](const std::string& key, ledger::Evidence evidence,
                                  const std::string& what) {
        evidence.policies = served_head()->policies;
        evidence_->keep(key, std::move(evidence), what);
    };
    head_watch_ = std::make_unique<HeadWatch>(
        *state_,
        HeadWatch::Hooks{[this] { return own_head(); }, [this](std::uint64_t size) { return own_head(size); },
                         [this] { return heads_->signed_heads(); }, [this] { return state_->size(); },
                         [this] { return policies_->latest()->value.policy; }, send, keep_fork});
    witnesses_ = std::make_unique<OutsideWitnesses>(
        origin_, config_.witnesses, *state_, std::chrono::milliseconds(config_.witness_interval_ms),
        OutsideWitnesses::Hooks{
            [this](const ledger::VerifierKey& witness) { return finality_->for_outside(witness); },
            [this] { return own_head(); },
            [this](const std::string& name, ledger::Head head) { head_watch_->seen(name, std::move(head)); },
            [this](const std::string&, ledger::Head head) { finality_->cosigned_outside(std::move(head)); }});
}

// Peer thread, about once a second.
void Node::watch_heads() {
    auto others = consensus::members(members_->current().configuration);
    std::erase(others, self_.id);
    head_watch_->ask(others);
    head_watch_->compare();
    evidence_->retry();
}

std::optional<ledger::Head> Node::own_head() const {
    const auto note = checkpoint();
    if (!note) return std::nullopt;
    auto head = ledger::parse_head(*note);
    if (!head) return std::nullopt;
    return *std::move(head);
}

std::optional<ledger::ProvenEntry> Node::introduction() const {
    auto head = own_head();
    auto genesis = entry_text(0);
    if (!head || !genesis) return std::nullopt;
    auto hashes = ledger::inclusion_proof(0, head->checkpoint.size, *state_);
    if (!hashes) return std::nullopt;
    return ledger::ProvenEntry{*std::move(genesis), {0, *std::move(hashes), *std::move(head)}};
}

boost::json::array Node::alarms_json() const {
    boost::json::array alarms = withdrawals_->alarms();
    for (const Alarm& alarm : evidence_->alarms()) {
        alarms.emplace_back(boost::json::object{
            {"kind", alarm.kind}, {"file", alarm.file}, {"what", alarm.what}, {"proven", alarm.proven}});
    }
    return alarms;
}

}  // namespace socai::node
