#include "node/node.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <random>

#include "consensus/quorum.hpp"
#include "node/bootstrap.hpp"
#include "node/key_file.hpp"
#include "node/node_listeners.hpp"
#include "storage/room.hpp"

namespace socai::node {
namespace {

std::string_view describe(consensus::Accusation::Why why) {
    switch (why) {
        case consensus::Accusation::Why::broken_chain:
            return "its entries do not follow one another, or not our log";
        case consensus::Accusation::Why::contradicts_commit:
            return "it would replace an entry that is committed";
        case consensus::Accusation::Why::two_leaders_one_term:
            return "another node leads this very term";
        case consensus::Accusation::Why::bad_configuration:
            return "its configuration is malformed, or cannot follow the one before it";
        case consensus::Accusation::Why::two_contents:
            return "whoever led that term made two entries of one index";
        case consensus::Accusation::Why::bad_base:
            return "the base that it wants to begin from cannot be";
    }
    return "unknown";
}

// Does it contradict what this node holds? Of a fork by an old copy any of these is the first that shows: which one, the
// terms decide that the copy has forgotten.
bool contradicts_log(consensus::Accusation::Why why) {
    using Why = consensus::Accusation::Why;
    return why == Why::broken_chain || why == Why::contradicts_commit || why == Why::two_leaders_one_term ||
           why == Why::two_contents;
}

Error from_storage(const storage::Error& error) {
    return {Exit::no, error.reason, error.detail};
}

}  // namespace

Node::Node(Config config, GenesisFile genesis, std::optional<OpenedEpoch> epoch, ledger::Jwk log_key,
           Member self, std::function<void(Error)> fatal)
    : config_(std::move(config)),
      genesis_(std::move(genesis.genesis)),
      genesis_entry_(std::move(genesis.entry)),
      epoch_(std::move(epoch)),
      origin_(epoch_ ? epoch_->leaf.plan.origin : genesis_.origin),
      log_key_(std::move(log_key)),
      self_(std::move(self)),
      context_{genesis_, rules_},
      wall_(config_.clock_offset_ms),
      fatal_(std::move(fatal)),
      peer_work_(boost::asio::make_work_guard(peer_io_)),
      listeners_(std::make_shared<Listeners>()) {}

Node::~Node() {
    stop();
}

Result<std::unique_ptr<Node>> Node::open(const Config& config, std::function<void(Error)> fatal) {
    auto genesis = read_genesis(config);
    if (!genesis) return genesis.error();
    auto epoch = read_opened_epoch(config.data, genesis->genesis);
    if (!epoch) return epoch.error();
    auto log_key = read_key_file(config.log_key);
    if (!log_key) return log_key.error();
    auto self = own_membership(config, genesis->genesis);
    if (!self) return self.error();
    auto node_key = read_key_file(config.node_key);
    if (!node_key) return node_key.error();
    auto tls_key = read_key_file(config.tls_key);
    if (!tls_key) return tls_key.error();
    // With another key every connection would be refused, by everybody and for ever.
    if (tls_key->key.public_key() != self->tls_key)
        return Error{Exit::usage, "key_mismatch",
                     "The key " + config.tls_key + " is not the TLS key that the genesis registers for " +
                         config.node + "."};
    auto policy = ledger::parse_policy(*epoch ? (*epoch)->leaf.plan.policy : genesis->genesis.policy);
    if (!policy) return Error{Exit::usage, policy.error().reason, policy.error().detail};
    std::unique_ptr<Node> node(new Node(config, std::move(*genesis), std::move(*epoch), std::move(*log_key),
                                        std::move(*self), std::move(fatal)));
    node->node_key_ = std::move(*node_key);
    node->policy_ = *std::move(policy);
    auto tls = tls::Keeper::open(config, node->genesis_.origin, tls_key->key, node->wall_.now_ms());
    if (!tls) return tls.error();
    node->tls_ = *std::move(tls);
    if (auto opened = node->open_stores(); !opened) return opened.error();
    return node;
}

Result<void> Node::open_stores() {
    std::error_code error;
    std::filesystem::create_directories(config_.data, error);
    if (error) {
        return Error{Exit::unreachable, "io_error",
                     "The data folder " + config_.data + " cannot be made: " + error.message() + "."};
    }
    const bool is_new = !std::filesystem::exists(config_.data + "/log", error) &&
                        !std::filesystem::exists(config_.data + "/acknowledged", error);
    if (auto opened = open_cosigner(is_new); !opened) return opened.error();
    if (auto opened = open_log(); !opened) return opened.error();
    bool rebuilt = false;
    const auto id_in_log = [this](consensus::Index index) -> std::optional<consensus::EntryId> {
        const auto id = log_->id_at(index);
        return id ? std::optional(*id) : std::nullopt;
    };
    auto state = storage::StateStore::open(config_.data, identity(), id_in_log, &rebuilt);
    if (!state) return from_storage(state.error());
    state_ = std::move(*state);
    state_->founded(genesis_.registry);
    // Without an answer to give, the store ends the process; the log says why.
    state_->on_damage([](const storage::Error& damage) {
        spdlog::critical("{}: {} The node ends; its next start rebuilds the state from the log.",
                         damage.reason, damage.detail);
    });
    if (rebuilt) spdlog::warn("The state was missing or unusable and is being rebuilt from the log");
    if (state_->position().raft_index.value == 0) {
        const ledger::Admitted leaf = admitted_genesis(genesis_entry_);
        const storage::Apply apply{genesis_log_entry(genesis_entry_)->id, &leaf};
        if (auto applied = state_->apply({&apply, 1}); !applied) return from_storage(applied.error());
    }
    wire();
    if (auto opened = open_disclosures(); !opened) return opened;
    open_withdrawals();
    if (auto opened = open_outbox(); !opened) return opened;

    const consensus::LogSummary& summary = log_->start().log;
    const consensus::Index commit{std::max(log_->start().commit.value, state_->position().raft_index.value)};
    std::uint64_t reported = 0;
    auto replayed = ledger_->replay(std::min(commit, summary.last.index), summary.last.index,
                                    [&](std::uint64_t done, std::uint64_t of) {
                                        if (done == of || done - reported >= 100'000)
                                            spdlog::info("Replayed {} of {} log entries", done, of);
                                        reported = done;
                                    });
    if (!replayed) return from_storage(replayed.error());
    damaged_at_start_ = std::move(*replayed);
    recovery_->report(log_->start(), damaged_at_start_);
    if (auto served = serves_its_epoch(); !served) return served;
    return can_recover();
}

storage::Identity Node::identity() const {
    return {genesis_.origin, config_.node, config_.genesis_hash};
}

// Opens the log; a new one begins with the genesis.
Result<void> Node::open_log() {
    const auto open = [this]() -> Result<void> {
        auto log =
            storage::LogStore::open(config_.data, identity(), [](std::uint64_t done, std::uint64_t of) {
                spdlog::warn("The log is damaged: {} of about {} entries checked", done, of);
            });
        if (!log) return from_storage(log.error());
        log_ = std::move(*log);
        return {};
    };
    if (auto opened = open(); !opened) return opened;
    const storage::LogStart& start = log_->start();
    if (start.torn_tail_cut) {
        spdlog::warn(
            "A write that was never acknowledged was cut from the end of the log; nothing acknowledged is "
            "missing");
    }
    if (start.log.last.index.value > 0) return {};
    if (start.damage) spdlog::warn("{}", start.damage->sentence);
    const consensus::EntryPtr first = genesis_log_entry(genesis_entry_);
    consensus::StorageJob job;
    job.hard = start.hard;
    if (job.hard->term < first->id.term) job.hard = consensus::HardState{first->id.term, {}, {}};
    job.append.push_back(first);
    log_->note_commit(first->id.index);
    if (auto written = log_->write({&job, 1}); !written) return from_storage(written.error());
    if (auto flushed = log_->flush_side_file(); !flushed) return from_storage(flushed.error());
    // Opened again, so that a first start and every later one go the same way.
    log_.reset();
    return open();
}

// What is lost comes back from other members: a node that is alone has nobody to ask.
Result<void> Node::can_recover() const {
    const consensus::LogSummary& log = log_->start().log;
    const bool lost = consensus::is_behind(log.last, log.promised);
    if (!lost && log.damaged.empty() && damaged_at_start_.empty()) return {};
    const consensus::Configuration members = members_->current().configuration;
    const std::vector<consensus::NodeId> alone{self_.id};
    if (members.voters != alone || (!lost && consensus::members(members) != alone)) return {};
    return Error{
        Exit::no, "nowhere_to_recover_from",
        "The log in " + config_.data +
            " has lost entries that were acknowledged, and this node is the only one that votes, so there "
            "is none to bring them back. The ledger is damaged: keep the folder, find out why, and restore "
            "the disk from a copy that is certainly the newest."};
}

void Node::fail(std::string reason, std::string detail) {
    if (failed_.exchange(true)) return;
    spdlog::critical("{}: {}", reason, detail);
    fatal_({Exit::no, std::move(reason), std::move(detail)});
}

void Node::wire() {
    std::vector<consensus::ConfigurationEntry> known{genesis_configuration(genesis_)};
    for (const auto& entry : log_->start().configurations) known.push_back(entry);
    members_ = std::make_unique<Members>(self_.id, std::move(known), contacts_of(config_));
    members_->committed(std::max(log_->start().commit, state_->position().raft_index));
    verifier_ = std::make_unique<Verifier>(
        genesis_, [this] { return ledger::registry_of(genesis_, *state_); }, config_.verify_threads);
    recovery_ = std::make_unique<Recovery>(
        *log_, *verifier_,
        Recovery::Hooks{
            [this](consensus::Event event) { consensus_->post(std::move(event)); },
            [this](consensus::NodeId to, consensus::Message message) {
                transport_->send(to, std::move(message));
            },
            [this](std::vector<consensus::Index> indices) {
                scrub_->repaired(indices);
                ledger_->repaired(std::move(indices));
            },
            [this](std::string reason, std::string detail) { fail(std::move(reason), std::move(detail)); },
            [this](consensus::NodeId id) { return members_->name(id); }});
    scrub_ = std::make_unique<Scrub>(
        *log_, *state_,
        Scrub::Options{config_.scrub_bytes_per_second, std::chrono::seconds(config_.scrub_pause_s),
                       config_.data + "/scrub"},
        Scrub::Hooks{
            [this](std::vector<consensus::DamagedEntry> damaged) { recovery_->lost(std::move(damaged)); },
            [this](std::function<void()> renewed) { writer_->renew_side_file(std::move(renewed)); },
            [this] { return cosigner_ ? cosigner_->renew_if_altered() : Result<bool>(false); },
            [this] { return outbox_ ? &outbox_->store() : nullptr; }, [this] { return wall_.now_ms(); }});
    backup_ = std::make_unique<Backup>(
        *log_, *state_, identity(), config_.data,
        Backup::Hooks{[this] { return wall_.now_ms(); }, [this] { return outbox_->figures().waiting; }});
    wire_evidence();
    barriers_ = std::make_unique<ReadBarriers>(
        peer_io_, [this](consensus::Event event) { consensus_->post(std::move(event)); });

    submissions_ = std::make_unique<Submissions>(
        peer_io_, *verifier_, Submissions::Limits{},
        Submissions::Hooks{[this] { return consensus_->status(); },
                           [this](consensus::NodeId to, network::Parcel parcel) {
                               return transport_->send_parcel(to, std::move(parcel));
                           },
                           [this](std::vector<StatementPtr> statements, std::function<void(Attempt)> done) {
                               ledger_->submit(std::move(statements), std::move(done));
                           },
                           [this](std::uint64_t leaf) { return time_of(leaf); },
                           [this] { return finality_->final_size(); },
                           [this](std::uint64_t leaf) { return receipt(leaf); },
                           [this](const ledger::Statement& statement) { return lacks_disclosures(statement); }});

    ledger_ = std::make_unique<LedgerLoop>(
        context_, *log_, *state_, config_.consensus.max_uncommitted_bytes / 2,
        LedgerLoop::Hooks{
            [this](consensus::Event event) { consensus_->post(std::move(event)); },
            [this](std::function<void(bool)> done) { barriers_->confirm_leadership(std::move(done)); },
            [this](consensus::Index index, std::uint64_t size) {
                barriers_->applied(index, size);
                listeners_->tell(size);
                if (outbox_) outbox_->applied(size);
                finality_->applied();
                if (started_) consensus_->post(consensus::Applied{index});
            },
            [this](std::string reason, std::string detail) { fail(std::move(reason), std::move(detail)); },
            [this] { return wall_.now_ms(); },
            [this]() -> std::optional<Attempt::End> {
                // Who takes over may have room, or a clock by which records can be judged.
                if (consensus_->status().transfer_to.value != 0 || !fitness_->clock_is_right())
                    return Attempt::End::not_leader;
                if (!fitness_->has_space()) return Attempt::End::no_space;
                return std::nullopt;
            },
            [this](const consensus::ValidateJob& job, const std::string& why) {
                testimony_->judged_wrong(job, why);
            },
            [this](consensus::Index index) { return members_->at(index); },
            [this](const ledger::Admitted& leaf) { return foreign_epoch(leaf); }});

    writer_ = std::make_unique<storage::LogWriter>(
        *log_,
        [this](std::vector<consensus::StorageJob> jobs) {
            for (auto& job : jobs) {
                for (auto& send : job.after) transport_->send(send.to, std::move(send.message));
                consensus_->post(consensus::Stored{job.ticket});
            }
        },
        [this](const storage::Error& error) { fail(error.reason, error.detail); });

    consensus_ = std::make_unique<ConsensusLoop>(
        config_.consensus,
        ConsensusLoop::Hooks{
            [this](consensus::NodeId to, consensus::Message message) {
                if (const auto* fetch = std::get_if<consensus::FetchRequest>(&message))
                    recovery_->asked(to, *fetch);
                transport_->send(to, std::move(message));
            },
            [this](consensus::StorageJob job) { writer_->submit(std::move(job)); },
            [this](consensus::ValidateJob job) {
                auto entries = job.entries;
                verifier_->verify_entries(std::move(entries),
                                          [this, job = std::move(job)](Verifier::Prepared prepared) mutable {
                                              ledger_->judge(std::move(job), std::move(prepared));
                                          });
            },
            [this](consensus::ReadEntries read) {
                verifier_->run([this, read] {
                    auto entries = log_->read(read.first, read.last, read.max_bytes);
                    if (!entries && entries.error().reason == "corrupt_log") {
                        recovery_->suspect(read.first, read.last);
                        entries = std::vector<consensus::EntryPtr>();  // the core asks again
                    }
                    if (!entries) return fail(entries.error().reason, entries.error().detail);
                    consensus_->post(consensus::EntriesRead{read.peer, read.first, std::move(*entries)});
                });
            },
            [this](consensus::ReadAnswer answer) { barriers_->answered(answer); },
            [this](consensus::MembershipAnswer answer) { changes_->answered(answer); },
            [this](consensus::TransferEnded ended) { changes_->ended(ended); },
            [this](consensus::ServeFetch serve) { recovery_->serve(std::move(serve)); },
            [this](std::vector<consensus::EntryPtr> entries) {
                std::erase_if(entries, [this](const auto& entry) { return !withdrawals_->may_repair(*entry); });
                recovery_->repair(*writer_, std::move(entries));
            },
            [this](consensus::ConfigurationEntry entry) { configuration_changed(std::move(entry)); },
            [this](LogChange change) {
                if (change.committed) {
                    writer_->note_commit(*change.committed);
                    members_->committed(*change.committed);
                    changes_->committed(*change.committed);
                }
                ledger_->log_changed(std::move(change));
            },
            [this](const consensus::Accusation& accusation) {
                spdlog::error("node {} broke the protocol in term {}: {}; what it said is not taken",
                              members_->name(accusation.from), accusation.term.value,
                              describe(accusation.why));
                if (!contradicts_log(accusation.why)) return;
                contradicted_ = true;
                const std::string leader =
                    accusation.from.value == 0 ? "an earlier leader" : members_->name(accusation.from);
                evidence_->raise(
                    contradicting_leader,
                    "what " + leader +
                        " sent as leader contradicts this log: " + std::string(describe(accusation.why)) +
                        ". Perhaps the ledger was forked, as by a node that was put back as an old copy");
            },
            [this](const consensus::Status& status) {
                spdlog::info("term {}: {}, leader {}", status.term.value, role_name(status.role),
                             members_->name(status.leader));
                if (status.role == consensus::Role::leader) testimony_->leads(status.term);
                submissions_->leader_changed(status);
                changes_->role_changed(status);
                finality_->leads(status.role == consensus::Role::leader ? std::optional(status.term)
                                                                        : std::nullopt);
            }});

    wire_finality();

    network::TransportOptions options;
    options.listen_host = config_.peer_host;
    options.listen_port = config_.peer_port;
    options.origin = origin_;
    options.genesis_hash = epoch_hash();
    options.self = self_.id;
    options.peers = addresses(members_->reachable({}), config_.peers);
    options.signed_size = [this] { return cosigner_ == nullptr ? 0 : cosigner_->last(origin_).size; };
    options.signed_by = [this](consensus::NodeId peer) {
        const auto member = members_->find(peer);
        return member ? heads_->signed_by(member->cosigner_key) : 0;
    };
    options.tls = peer_tls();
    options.sign = [this](consensus::NodeId to, const consensus::Message& message) {
        return testimony_->sign(to, message);
    };
    options.verify = [this](consensus::NodeId from, const consensus::Message& message,
                            const network::WireSignature& signature) {
        return testimony_->check(from, message, signature);
    };
    fitness_ = std::make_unique<FitnessKeeper>(
        config_.min_free_bytes != 0 ? config_.min_free_bytes : storage::room_to_work(config_.data),
        [this](consensus::Fitness fitness) { consensus_->post(fitness); });
    clocks_ = std::make_unique<ClockWatch>(wall_, [this](consensus::NodeId to, network::Parcel parcel) {
        transport_->send_parcel(to, std::move(parcel));
    });
    peers_ = config_.peers;
    changes_ = std::make_unique<MembershipChanges>(
        *members_, genesis_.registry,
        MembershipChanges::Hooks{[this](consensus::Event event) { consensus_->post(std::move(event)); },
                                 [this] { return consensus_->status(); }});
    transport_ = std::make_unique<network::Transport>(
        peer_io_, std::move(options),
        network::Transport::Handlers{[this](consensus::NodeId from, consensus::Message message) {
                                         consensus_->post(consensus::Receive{from, std::move(message)});
                                     },
                                     [this](consensus::NodeId from, network::Parcel parcel) {
                                         if (clocks_->on_parcel(from, parcel, ClockWatch::Clock::now()) ||
                                             testimony_->on_parcel(from, parcel) ||
                                             head_watch_->on_parcel(from, members_->name(from), parcel))
                                             return;
                                         if (finality_->on_parcel(from, parcel)) return;
                                         if (take_disclosures_parcel(from, parcel)) return;
                                         submissions_->on_parcel(from, std::move(parcel));
                                     },
                                     [this](consensus::NodeId peer) {
                                         consensus_->post(consensus::Unreachable{peer});
                                         submissions_->peer_lost(peer);
                                     }});
}

Result<void> Node::start() {
    if (auto failed = transport_->start())
        return Error{Exit::unreachable, "port_in_use", std::move(failed->detail)};
    consensus::Start start;
    start.self = self_.id;
    start.seed = std::random_device()();
    start.hard = log_->start().hard;
    start.log = log_->start().log;
    for (const auto& damaged : damaged_at_start_) {
        const auto known = std::ranges::find(start.log.damaged, damaged.id, &consensus::DamagedEntry::id);
        if (known == start.log.damaged.end()) start.log.damaged.push_back(damaged);
    }
    std::ranges::sort(start.log.damaged, {}, [](const auto& damaged) { return damaged.id.index; });
    start.applied = state_->position().raft_index;
    start.commit = std::max(log_->start().commit, start.applied);
    start.configurations.push_back(genesis_configuration(genesis_));
    for (const auto& entry : log_->start().configurations) start.configurations.push_back(entry);
    started_ = true;
    // Whoever waits for what was applied before the start need not wait for more.
    barriers_->applied(start.applied, state_->size());
    ledger_->start();
    finality_->start();
    consensus_->start(std::move(start));
    outbox_->start();
    boost::asio::post(peer_io_, [this] { keep_house(); });
    peer_thread_ = std::thread([this] { peer_io_.run(); });
    scrub_->start();
    witnesses_->start();
    return {};
}

void Node::stop() {
    if (stopped_.exchange(true)) return;
    // From the outside in: no new work, then the core, then what it had asked of the disk, then the state.
    if (scrub_) scrub_->stop();
    if (backup_) backup_->stop();
    if (offers_) offers_->stop();
    if (outbox_) outbox_->stop();
    if (witnesses_) witnesses_->stop();
    if (submissions_) submissions_->stop();
    if (changes_) changes_->stop();
    if (barriers_) barriers_->stop();
    if (transport_) transport_->stop();
    if (consensus_) consensus_->stop();
    if (withdrawals_) withdrawals_->stop();
    if (disclosures_) disclosures_->stop();
    if (verifier_) verifier_->stop();
    if (ledger_) ledger_->stop();
    if (finality_) finality_->stop();
    writer_.reset();
    peer_work_.reset();
    peer_io_.stop();
    if (peer_thread_.joinable()) peer_thread_.join();
    if (log_ && !failed_) {
        if (const auto flushed = log_->flush_side_file(); !flushed)
            spdlog::error("{}", flushed.error().detail);
    }
    if (state_ && !failed_) {
        if (const auto flushed = state_->flush(); !flushed) spdlog::error("{}", flushed.error().detail);
    }
}

std::uint16_t Node::peer_port() const {
    return transport_->port();
}

void Node::submit(api::SubmitRequest request, std::function<void(api::SubmitResults)> done) {
    if (!request.disclosures.empty()) {
        offers_->submit(std::move(request), std::move(done));
    } else if (request.wait == api::Wait::accepted) {
        outbox_->accept(std::move(request), std::move(done));
    } else {
        submissions_->submit(std::move(request), std::move(done));
    }
}

void Node::await(api::ReadBarrier barrier, std::function<void(api::Result<api::AsOf>)> done) {
    barriers_->await(barrier, [this, barrier, done = std::move(done)](bool reached) {
        if (reached) {
            done(as_of());
            return;
        }
        const std::uint64_t size = state_->size();
        std::string detail = "This node has applied " + std::to_string(size) + " leaves";
        if (size < barrier.min_size)
            detail += ", fewer than the " + std::to_string(barrier.min_size) + " asked for";
        detail += barrier.linearizable ? ", and no leader with a majority confirmed the read in time." : ".";
        done(api::Error{api::Code::unavailable, size < barrier.min_size ? "not_caught_up" : "no_leader",
                        detail + " Ask again, ask another node, or give a longer timeout_ms.", true});
    });
}

std::shared_ptr<void> Node::on_applied(std::function<void(std::uint64_t size)> listener) {
    return listeners_->add(std::move(listener));
}

}  // namespace socai::node
