// What a node does about confidential members and withdrawn leaves, wired.
#include "consensus/quorum.hpp"
#include "node/node.hpp"

namespace socai::node {

Result<void> Node::open_disclosures() {
    auto store = storage::DisclosureStore::open(config_.data, identity());
    if (!store) return Error{Exit::no, store.error().reason, store.error().detail};
    const auto send = [this](consensus::NodeId to, network::Parcel parcel) {
        return transport_->send_parcel(to, std::move(parcel));
    };
    disclosures_ = std::make_unique<DisclosureKeeper>(
        *std::move(store), self_.agency, *verifier_, rules_,
        DisclosureKeeper::Hooks{
            [this] { return registry(); }, [this] { return derived().facts; },
            [this] {
                const auto status = consensus_->status();
                return health().ready && state_->position().raft_index >= status.commit;
            },
            [this](std::string_view source, std::string_view id) {
                const auto fate = outbox_->fate(source, id);
                return fate && fate->status == "accepted";
            },
            [this](std::uint64_t leaf) { return withdrawals_ && withdrawals_->is_gone(leaf); },
            [this] { return other_members(); }, send, [this] { return wall_.now_ms(); },
            [this](std::string reason, std::string detail) { fail(std::move(reason), std::move(detail)); }});
    offers_ = std::make_unique<DisclosureOffers>(
        *verifier_, rules_,
        DisclosureOffers::Hooks{
            [this] { return registry(); }, [this] { return other_members(); }, send,
            [this](std::vector<storage::ToldFor> told) { return disclosures_->keep(std::move(told)); },
            [this](const ledger::Statement& statement) { return disclosures_->may_hold(statement); },
            [this](const ledger::Statement& statement) { return disclosures_->stands(statement); },
            [this](api::SubmitRequest request, std::function<void(api::SubmitResults)> done) {
                submit(std::move(request), std::move(done));
            }});
    return {};
}

void Node::open_withdrawals() {
    withdrawals_ = std::make_unique<Withdrawals>(
        *log_, *state_,
        Withdrawals::Hooks{
            [this] { return derived().facts; }, [this] { return finality_->final_size(); },
            [this](std::vector<consensus::EntryPtr> remains, std::function<void(storage::Result<void>)> done) {
                writer_->withdraw(std::move(remains), std::move(done));
            },
            [this](const ledger::Statement& statement) { disclosures_->forget(statement); },
            [this] {
                if (outbox_) outbox_->rewrite_settled();
            },
            [this] { return wall_.now_ms(); },
            [this](std::string reason, std::string detail) { fail(std::move(reason), std::move(detail)); }});
}

// Only what stands may come without its disclosures.
std::optional<api::Error> Node::lacks_disclosures(const ledger::Statement& statement) const {
    if (disclosures_->stands(statement)) return std::nullopt;
    return api::Error{api::Code::invalid_statement, "disclosure_missing",
                      "The statement keeps members confidential (_sd), and what they are was not given: submit it "
                      "with its \"disclosures\".",
                      false};
}

std::vector<Member> Node::other_members() const {
    std::vector<Member> others;
    for (const consensus::NodeId id : consensus::members(members_->current().configuration))
        if (const auto member = members_->find(id); member && id != self_.id) others.push_back(*member);
    return others;
}

bool Node::take_disclosures_parcel(consensus::NodeId from, const network::Parcel& parcel) {
    if (!is_disclosures_parcel(parcel)) return false;
    if (auto offered = decode_offered(parcel))
        disclosures_->offered(from, *std::move(offered));
    else if (const auto held = decode_held(parcel))
        offers_->held(from, *held);
    else if (auto question = decode_disclosures_question(parcel))
        disclosures_->asked(from, *std::move(question));
    else if (auto answer = decode_disclosures_answer(parcel))
        disclosures_->answered(from, *std::move(answer));
    return true;
}

api::Result<api::ConfidentialView> Node::confidential(std::string_view source, std::string_view id) const {
    const auto address = find(source, id);
    if (!address) return address.error();
    const auto records = records_at({*address}, 1);
    if (!records) return records.error();
    api::ConfidentialView view{records->front(), {}, {}};
    const auto facts = state_->snapshot_facts();
    view.erasure = inspection::erasure_of(facts->facts(), source, id);
    for (const ledger::Hash& commitment : view.record.record->commitments) {
        auto& member = view.members.emplace_back();
        member.commitment = commitment;
        if (view.erasure) continue;
        auto disclosure = disclosures_->find(source, id, commitment);
        if (!disclosure) return disclosure.error();
        member.disclosure = *std::move(disclosure);
    }
    return view;
}

boost::json::object Node::disclosures_json() const {
    const DisclosureKeeper::Figures figures = disclosures_->figures();
    return {{"held", figures.held},
            {"bytes", figures.bytes},
            {"missing", figures.missing},
            {"erased", figures.erased},
            {"offered", offers_->waiting()}};
}

}  // namespace socai::node
