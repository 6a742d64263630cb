// One node: the stores, the threads and the answers to the API, put together. What each part does stands in
// its own header; this one says how they are wired (architecture.md, "A record's way through").
//
//   api ─▶ Submissions ─▶ Verifier ─▶ LedgerLoop ─▶ ConsensusLoop ─▶ LogWriter ─▶ ConsensusLoop ─▶ LedgerLoop
//   ─▶ api
//       └▶ Outbox (wait: "accepted") ─▶ Submissions
//                      └▶ Transport ─▶ the leader's Submissions          └▶ Transport ─▶ followers
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "api/backend.hpp"
#include "inspection/kinds.hpp"
#include "ledger/add_checkpoint.hpp"
#include "ledger/genesis.hpp"
#include "ledger/jwk.hpp"
#include "ledger/receipt.hpp"
#include "network/transport.hpp"
#include "node/backup.hpp"
#include "node/bootstrap.hpp"
#include "node/clock_watch.hpp"
#include "node/config.hpp"
#include "node/consensus_loop.hpp"
#include "node/cosigner.hpp"
#include "node/disclosures/keeper.hpp"
#include "node/disclosures/offers.hpp"
#include "node/evidence_keeper.hpp"
#include "node/final_heads.hpp"
#include "node/finality.hpp"
#include "node/fitness.hpp"
#include "node/head_watch.hpp"
#include "node/ledger_loop.hpp"
#include "node/members.hpp"
#include "node/membership_changes.hpp"
#include "node/opened_epoch.hpp"
#include "node/outbox/outbox.hpp"
#include "node/outside_witnesses.hpp"
#include "node/policy_book.hpp"
#include "node/read_barriers.hpp"
#include "node/recovery.hpp"
#include "node/scrub.hpp"
#include "node/submissions.hpp"
#include "node/testimony.hpp"
#include "node/tls/keeper.hpp"
#include "node/verifier.hpp"
#include "node/withdrawals.hpp"
#include "storage/log_store.hpp"
#include "storage/log_writer.hpp"
#include "storage/state_store.hpp"

namespace socai::node {

class Node : public api::Backend {
  public:
    // Opens the stores and brings the state up to the log. Errors name what is wrong with the configuration,
    // the folder or the log. `fatal` is called, once, on any thread, when the node can no longer do its work
    // and must stop.
    static Result<std::unique_ptr<Node>> open(const Config& config, std::function<void(Error)> fatal);
    ~Node() override;

    // Starts the threads and the peers' port.
    Result<void> start();
    // Ends everything in order: nothing acknowledged is lost, what waits is answered. Safe to call twice.
    void stop();
    std::uint16_t peer_port() const;
    const std::string& origin() const { return origin_; }  // of the epoch that it serves
    // For api::ServerOptions; must not outlive the node.
    std::function<tls::Context()> api_tls() const { return tls_->api(); }
    // A leader gives leadership to another node; `done`, on any thread, once another leads, or after two election
    // timeouts at most. For a stop: the others need not wait for an election.
    void hand_over(std::function<void()> done);

    // api::Backend
    void submit(api::SubmitRequest request, std::function<void(api::SubmitResults)> done) override;
    api::Result<api::PromiseFate> promise(const ledger::Hash& statement) const override;
    api::Result<api::PromiseFate> promise(std::string_view source, std::string_view id) const override;
    void await(api::ReadBarrier barrier, std::function<void(api::Result<api::AsOf>)> done) override;
    api::AsOf as_of() const override;
    api::Result<api::LeafView> leaf(std::uint64_t index) const override;
    api::Result<ledger::Address> find(std::string_view source, std::string_view id) const override;
    api::Result<api::ConfidentialView> confidential(std::string_view source,
                                                    std::string_view id) const override;
    api::Result<api::QueryResult> query(const api::QueryRequest& request) const override;
    std::string cursor_past(const api::QueryRequest& request, const ledger::Address& last) const override;
    api::Result<std::vector<api::RecordView>> dossier(std::string_view dossier_no) const override;
    api::Result<std::vector<std::string>> entries(std::uint64_t from, std::size_t max) const override;
    api::WithdrawalPtr withdrawal_of(std::uint64_t index) const override;
    api::Derived derived() const override;
    const ledger::Genesis& genesis() const override { return genesis_; }
    api::Result<std::vector<std::string>> consequences(const ledger::Proposal& proposal) const override;
    std::int64_t now_ms() const override { return wall_.now_ms(); }
    std::shared_ptr<const ledger::Registry> registry() const override;
    inspection::Viewer anonymous() const override;
    std::optional<std::int64_t> time_of(std::uint64_t index) const override;
    std::optional<std::uint64_t> facts_mark(std::uint64_t size) const override;
    std::optional<std::string> tile(const ledger::TileName& name) const override;
    api::Result<std::string> checkpoint() const override;
    api::Result<api::InclusionProof> prove_inclusion(std::uint64_t index,
                                                     std::optional<std::uint64_t> size) const override;
    api::Result<api::ConsistencyProof> prove_consistency(std::uint64_t from,
                                                         std::optional<std::uint64_t> to) const override;
    void add_checkpoint(std::string body, std::function<void(api::WitnessAnswer)> done) override;
    std::optional<std::string> cosigned_checkpoint(std::string_view origin_hash) const override;
    boost::json::object status() const override;
    boost::json::object members() const override;
    api::Health health() const override;
    std::string metrics() const override;
    std::shared_ptr<void> on_applied(std::function<void(std::uint64_t size)> listener) override;
    void change_members(api::MembershipRequest request,
                        std::function<void(api::Result<api::MembershipChanged>)> done) override;
    api::Result<void> shift_clock(std::int64_t offset_ms) override;
    api::Result<std::uint64_t> scrub(std::uint64_t bytes_per_second) override;
    api::Result<void> backup(std::string folder) override;
    void transfer(api::TransferRequest request,
                  std::function<void(api::Result<api::Transferred>)> done) override;

  private:
    struct Listeners;

    Node(Config config, GenesisFile genesis, std::optional<OpenedEpoch> epoch, ledger::Jwk log_key,
         Member self, std::function<void(Error)> fatal);
    Result<void> open_stores();
    Result<void> open_log();
    Result<void> can_recover() const;
    // node_epoch.cpp
    std::string epoch_hash() const;
    Result<void> serves_its_epoch() const;
    std::optional<std::string> foreign_epoch(const ledger::Admitted& leaf) const;
    GoverningPolicyPtr first_policy() const;
    bool is_given_up(const network::AnchorKey& tls_key) const;
    storage::Identity identity() const;
    void wire();
    // node_evidence.cpp
    void wire_evidence();
    void watch_heads();
    std::optional<ledger::Head> own_head() const;
    std::optional<ledger::ProvenEntry> introduction() const;
    boost::json::array alarms_json() const;
    void fail(std::string reason, std::string detail);
    // node_heads.cpp
    Result<void> open_cosigner(bool is_new);
    void wire_finality();
    std::optional<std::vector<std::uint64_t>> policy_leaves(std::uint64_t from, std::uint64_t to) const;
    ledger::Head own_head(std::uint64_t size) const;
    // The head that is served, with what every receipt under it shares.
    struct ServedHead {
        bool is_final = false;
        std::size_t kept_lines = 0;  // of the final head that it was made of: more may come
        ledger::Head head;
        std::string text;
        ledger::ProvenEntry genesis;
        std::vector<ledger::ProvenEntry> policies;
    };
    ledger::Head head_to_serve(std::uint64_t size, bool is_final) const;
    std::shared_ptr<const ServedHead> served_head() const;
    void keep_evidence(const ledger::Head& theirs, const std::string& what) const;
    std::optional<ledger::ProvenEntry> proven(std::uint64_t index, std::string entry,
                                              const ledger::Head& head) const;
    std::optional<boost::json::object> receipt(std::uint64_t index) const;
    std::optional<boost::json::object> receipt_under(const ServedHead& served, std::uint64_t index) const;
    api::WitnessAnswer cosign_for(const ledger::AddCheckpoint& request);
    std::string_view status_of(std::uint64_t index) const;
    boost::json::object finality_json() const;
    // node_outbox.cpp
    Result<void> open_outbox();
    Outbox::Judgement judge(const StatementPtr& statement, bool signature_checked) const;
    boost::json::object outbox_json() const;
    bool may_sign(std::uint64_t size) const;
    // node_disclosures.cpp
    Result<void> open_disclosures();
    bool take_disclosures_parcel(consensus::NodeId from, const network::Parcel& parcel);
    void open_withdrawals();
    std::optional<api::Error> lacks_disclosures(const ledger::Statement& statement) const;
    std::vector<Member> other_members() const;
    boost::json::object disclosures_json() const;
    // node_status.cpp
    bool has_proven_to_lead(const consensus::Status& status) const;
    std::string_view member_role() const;
    boost::json::object configuration_json(const consensus::ConfigurationEntry& entry,
                                           const consensus::Status& status) const;
    // node_members.cpp
    void configuration_changed(consensus::ConfigurationEntry entry);
    void refresh_peers(bool reread);
    std::vector<network::PeerAddress> addresses(const std::vector<Member>& members,
                                                const std::vector<PeerConfig>& configured) const;
    void keep_house();
    void watch_space();
    void watch_clocks();
    void follow_votes();
    // The TLS key of a node as the membership has it now, or as the configuration tells of one to be contacted first.
    std::optional<network::AnchorKey> pin_of(consensus::NodeId node) const;
    std::optional<network::TransportTls> peer_tls();
    void wait_handed_over(std::shared_ptr<boost::asio::steady_timer> timer,
                          std::chrono::steady_clock::time_point deadline, std::function<void()> done);
    api::Error unreadable(const storage::Error& error, consensus::Index first, consensus::Index last) const;
    api::Result<std::string> entry_text(std::uint64_t index) const;
    // The records at the front of `addresses`: at least one, and no more once statements of `max_bytes` in all
    // have been read for them.
    api::Result<std::vector<api::RecordView>> records_at(const std::vector<ledger::Address>& addresses,
                                                         std::size_t max_bytes) const;

    const Config config_;
    const ledger::Genesis genesis_;
    const std::string genesis_entry_;         // leaf 0's bytes
    const std::optional<OpenedEpoch> epoch_;  // nothing: the first
    const std::string origin_;                // of the epoch
    const ledger::Jwk log_key_;
    std::optional<ledger::Jwk> node_key_;  // set before wire()
    ledger::Policy policy_;                // the genesis', pinned
    std::unique_ptr<tls::Keeper> tls_;     // set before wire()
    const Member self_;
    const inspection::KindRules rules_;
    const ledger::Context context_;
    WallClock wall_;
    std::function<void(Error)> fatal_;
    std::atomic<bool> failed_{false};
    std::atomic<bool> contradicted_{false};  // a leader would have replaced what is committed here

    std::unique_ptr<storage::LogStore> log_;
    std::unique_ptr<storage::StateStore> state_;
    std::unique_ptr<Verifier> verifier_;
    boost::asio::io_context peer_io_{1};  // the peers' port and this node's timers
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> peer_work_;
    std::vector<consensus::DamagedEntry> damaged_at_start_;  // set before start()
    std::unique_ptr<Members> members_;
    std::unique_ptr<Cosigner> cosigner_;  // null: this node must not cosign
    std::string silent_because_;          // why
    std::unique_ptr<PolicyBook> policies_;
    std::unique_ptr<FinalHeads> heads_;
    std::unique_ptr<Recovery> recovery_;
    std::unique_ptr<Scrub> scrub_;
    std::unique_ptr<Backup> backup_;
    std::unique_ptr<MembershipChanges> changes_;
    std::unique_ptr<FitnessKeeper> fitness_;
    std::unique_ptr<ClockWatch> clocks_;
    std::unique_ptr<EvidenceKeeper> evidence_;
    std::unique_ptr<Testimony> testimony_;
    std::unique_ptr<HeadWatch> head_watch_;
    std::unique_ptr<OutsideWitnesses> witnesses_;
    std::unique_ptr<ReadBarriers> barriers_;
    std::unique_ptr<Submissions> submissions_;
    std::unique_ptr<DisclosureKeeper> disclosures_;
    std::unique_ptr<DisclosureOffers> offers_;
    std::unique_ptr<Withdrawals> withdrawals_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<LedgerLoop> ledger_;
    std::unique_ptr<Finality> finality_;
    std::unique_ptr<storage::LogWriter> writer_;
    std::unique_ptr<ConsensusLoop> consensus_;
    std::unique_ptr<network::Transport> transport_;
    std::shared_ptr<Listeners> listeners_;
    std::thread peer_thread_;
    boost::asio::steady_timer housekeeping_{peer_io_};
    std::uint64_t rounds_ = 0;       // peer thread only: of keep_house()
    std::vector<PeerConfig> peers_;  // peer thread only: as last read from the configuration
    std::vector<Member> reached_;    // peer thread only: as last told to the transport
    std::atomic<bool> started_{false}, stopped_{false};

    mutable std::mutex served_mutex_;  // guards the next
    mutable std::shared_ptr<const ServedHead> served_;
};

}  // namespace socai::node
