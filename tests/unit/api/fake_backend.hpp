// A ledger in memory behind api::Backend, for tests of the server. Safe from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/backend.hpp"

namespace socai::api::testing {

// One record's JSON, valid by formats.md, with `padding` bytes of text more.
std::string record_text(const std::string& id, const std::string& dossier_no = "D-1",
                        const std::string& source = "customs", std::size_t padding = 0);
// A statement over one record, or a bundle of several.
std::string statement_of(const std::vector<std::string>& records);

class FakeBackend : public Backend {
  public:
    // Appends a leaf at accepted time 1000 + index and tells the listeners.
    std::uint64_t append(const std::vector<std::string>& records);

    // What the next calls answer.
    std::function<SubmitResults(const SubmitRequest&)> on_submit;
    // Holds every submission back until release_submissions().
    void hold_submissions() { holding_ = true; }
    void release_submissions();
    std::size_t held() const;
    // Asked of `await`; by default satisfied at once.
    std::function<Result<AsOf>(const ReadBarrier&)> on_await;
    Health health_now{.healthy = true, .ready = true, .why = {}};
    std::map<ledger::Hash, PromiseFate> promises;  // what promise() finds; by record, any of them
    std::int64_t leader_contact_ms = 3;
    std::function<Result<MembershipChanged>()> on_change;
    MembershipRequest last_change;
    TransferRequest last_transfer;
    std::uint64_t last_scrub = 0;
    std::string last_backup;
    QueryRequest last_query() const;
    SubmitRequest last_submit() const;
    std::size_t awaits() const;
    std::size_t listeners() const;

    void submit(SubmitRequest request, std::function<void(SubmitResults)> done) override;
    Result<PromiseFate> promise(const ledger::Hash& statement) const override;
    Result<PromiseFate> promise(std::string_view source, std::string_view id) const override;
    void await(ReadBarrier barrier, std::function<void(Result<AsOf>)> done) override;
    AsOf as_of() const override;
    Result<LeafView> leaf(std::uint64_t index) const override;
    Result<ledger::Address> find(std::string_view source, std::string_view id) const override;
    // The record with its commitments, and of these what `told` and `erasure` say.
    std::map<ledger::Hash, std::string> told;
    std::optional<inspection::Erasure> erasure;
    Result<ConfidentialView> confidential(std::string_view source, std::string_view id) const override;
    Result<QueryResult> query(const QueryRequest& request) const override;
    std::string cursor_past(const QueryRequest&, const ledger::Address& last) const override {
        return std::to_string(last.index + 1);
    }
    Result<std::vector<RecordView>> dossier(std::string_view dossier_no) const override;
    Result<std::vector<std::string>> entries(std::uint64_t from, std::size_t max) const override;
    // What derived() shows, of any size; nothing keeps it in step with the leaves.
    ledger::FactMap facts;
    inspection::RuleBook rules;
    Derived derived() const override {
        return {{std::shared_ptr<const void>(), &facts}, &rules, as_of().size, 1'000};
    }
    ledger::Genesis founding;
    const ledger::Genesis& genesis() const override { return founding; }
    Result<std::vector<std::string>> consequences(const ledger::Proposal& proposal) const override {
        return std::vector<std::string>{proposal.title + " happens."};
    }
    std::atomic<std::int64_t> now = 1'632'711'911'000;  // 2021-09-27T10:05:11+07:00
    std::int64_t now_ms() const override { return now; }
    // Whose tokens are taken; replace it whole, with know() where a server runs.
    std::shared_ptr<const ledger::Registry> known = std::make_shared<const ledger::Registry>();
    void know(ledger::Registry registry) {
        const std::scoped_lock lock(mutex_);
        known = std::make_shared<const ledger::Registry>(std::move(registry));
    }
    std::shared_ptr<const ledger::Registry> registry() const override {
        const std::scoped_lock lock(mutex_);
        return known;
    }
    inspection::Viewer seen_by_strangers = inspection::Viewer::all();
    inspection::Viewer anonymous() const override { return seen_by_strangers; }
    std::optional<std::int64_t> time_of(std::uint64_t index) const override {
        const auto found = leaf(index);
        return found ? std::optional(found->time_ms) : std::nullopt;
    }
    std::optional<std::uint64_t> facts_mark(std::uint64_t size) const override {
        return size <= as_of().size ? std::optional(size * 3) : std::nullopt;
    }
    std::optional<std::string> tile(const ledger::TileName& name) const override;
    Result<std::string> checkpoint() const override;
    Result<InclusionProof> prove_inclusion(std::uint64_t index,
                                           std::optional<std::uint64_t> size) const override;
    Result<ConsistencyProof> prove_consistency(std::uint64_t from,
                                               std::optional<std::uint64_t> to) const override;
    WitnessAnswer witness;  // to add_checkpoint
    std::string last_checkpoint;
    std::map<std::string, std::string, std::less<>> cosigned;  // notes by hash of their origin
    void add_checkpoint(std::string body, std::function<void(WitnessAnswer)> done) override {
        last_checkpoint = std::move(body);
        done(witness);
    }
    std::optional<std::string> cosigned_checkpoint(std::string_view origin_hash) const override {
        const auto found = cosigned.find(origin_hash);
        return found == cosigned.end() ? std::nullopt : std::optional(found->second);
    }
    boost::json::object status() const override;
    boost::json::object members() const override;
    Health health() const override { return health_now; }
    std::string metrics() const override;
    void change_members(MembershipRequest request,
                        std::function<void(Result<MembershipChanged>)> done) override {
        last_change = std::move(request);
        done(on_change ? on_change() : Result<MembershipChanged>(MembershipChanged{5, 7, true}));
    }
    Result<void> shift_clock(std::int64_t) override { return {}; }
    Result<std::uint64_t> scrub(std::uint64_t bytes_per_second) override {
        last_scrub = bytes_per_second;
        return std::uint64_t{3};
    }
    Result<void> backup(std::string folder) override {
        last_backup = std::move(folder);
        return {};
    }
    void transfer(TransferRequest request, std::function<void(Result<Transferred>)> done) override {
        last_transfer = std::move(request);
        done(Transferred{last_transfer.to});
    }
    std::shared_ptr<void> on_applied(std::function<void(std::uint64_t)> listener) override;

  private:
    struct Leaf {
        std::string entry;
        std::vector<std::shared_ptr<const ledger::Record>> records;
    };
    using Listener = std::function<void(std::uint64_t)>;
    RecordView view(std::uint64_t index, std::uint32_t n) const;

    mutable std::mutex mutex_;
    std::vector<Leaf> leaves_;
    std::vector<std::weak_ptr<Listener>> listeners_;
    mutable QueryRequest last_query_;
    SubmitRequest last_submit_;
    std::size_t awaits_ = 0;
    bool holding_ = false;
    std::vector<std::function<void()>> held_;
};

}  // namespace socai::api::testing
