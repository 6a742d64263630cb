// Confidential members between nodes (node/disclosures): durable at two before a statement moves on, sought by whoever may
// hold them, gone where they were erased.
#include <gtest/gtest.h>

#include <set>

#include <condition_variable>
#include <deque>
#include <future>
#include <thread>

#include "inspection/activation.hpp"
#include "inspection/confidential/commitments.hpp"
#include "ledger/jwk.hpp"
#include "ledger/merkle_tree.hpp"
#include "node/disclosures/keeper.hpp"
#include "node/disclosures/offers.hpp"
#include "temporary_folder.hpp"
#include "tests/unit/inspection/sample_kinds.hpp"

namespace socai::node {
namespace {

namespace json = boost::json;

constexpr const char* origin = "ledger.test/confidential";
constexpr auto patience = std::chrono::seconds(30);

// The ledger as every node has applied it: facts alone.
class Ledger {
  public:
    Ledger() {
        genesis.origin = origin;
        genesis.registry = inspection::test::sample_registry();
        for (const ledger::Jwk* each : {&key, &customs_key}) {
            ledger::RegisteredKey registered;
            registered.kid = each->kid;
            registered.agency = each->kid.substr(0, each->kid.find('/'));
            registered.key = each->key.public_key();
            genesis.registry.add_key(registered).value();
        }
        take("customs", "activation", "v2", R"({"schema_set":1,"rule_engine":2,"refs":[]})");
    }
    static std::string event(const std::string& source, const std::string& kind, const std::string& id,
                             const std::string& data) {
        return R"({"specversion":"1.0","id":")" + id + R"(","source":")" + source + R"(","type":"vn.socai.)" + kind +
               R"(.v1","subject":"08/K","time":"2022-02-10T08:00:00+07:00","datacontenttype":"application/json","data":)" +
               data + "}";
    }
    void take(const ledger::Record& record) {
        const std::lock_guard lock(mutex_);
        auto next = std::make_shared<ledger::FactMap>(*facts_);
        ledger::FactDraft draft(*facts_);
        const ledger::Coming coming{record, {++leaves_, 0}, 0, 0, genesis.registry, [] { return ledger::Hash{}; }};
        inspection::take_activation(coming, draft).value();
        inspection::take_commitments(coming, draft).value();
        next->apply(std::move(draft).take_changes());
        facts_ = std::move(next);
    }
    void take(const std::string& source, const std::string& kind, const std::string& id, const std::string& data) {
        take(ledger::parse_record(event(source, kind, id, data)).value());
    }
    void erase(const std::string& source, const std::string& id) {
        take("most", "erasure", "e-" + id,
             R"({"decision_no":"1","reason":"x","legal_basis":["Luật"],"refs":[{"rel":"about","source":")" + source +
                 R"(","id":")" + id + "\"}]}");
    }
    std::shared_ptr<const ledger::Facts> facts() const {
        const std::lock_guard lock(mutex_);
        return facts_;
    }

    const ledger::Jwk key{"most.dost-hcm/record-1", ledger::KeyPair::generate()};
    const ledger::Jwk customs_key{"customs.haiphong/record-1", ledger::KeyPair::generate()};
    ledger::Genesis genesis;

  private:
    mutable std::mutex mutex_;
    std::uint64_t leaves_ = 0;
    std::shared_ptr<const ledger::FactMap> facts_ = std::make_shared<ledger::FactMap>();
};

// A check with one confidential finding.
struct Check {
    Check(const Ledger& ledger, const std::string& id, const std::string& finding = "lead",
          const std::string& field = "finding")
        : told(ledger::make_disclosure(field, json::value(finding))),
          record(Ledger::event("most.dost-hcm", "post_check", id,
                               R"({"check_no":"08/K","type":"market_check","status":"planned","_sd":[")" +
                                   ledger::commitment_text(told.digest) + R"("],"refs":[]})")),
          statement(ledger::sign_statement(ledger.key, origin, record, false)) {}
    ledger::Record parsed() const { return ledger::parse_record(record).value(); }
    storage::ToldFor told_for() const {
        return {"most.dost-hcm", parsed().id, told.digest, told.text};
    }

    ledger::Disclosure told;
    std::string record;
    std::string statement;
};

class Cluster;

struct OneNode {
    OneNode(Cluster& cluster, std::uint64_t id, const std::string& agency);
    ~OneNode() {
        offers->stop();
        keeper->stop();
        verifier.stop();
    }
    bool holds(const Check& check) const {
        return keeper->find("most.dost-hcm", check.parsed().id, check.told.digest).value().has_value();
    }

    test::TemporaryFolder folder;
    Member member;
    Verifier verifier;
    std::unique_ptr<DisclosureKeeper> keeper;
    std::unique_ptr<DisclosureOffers> offers;
    std::atomic<bool> reachable{true};
    std::atomic<bool> caught_up{true};
    std::set<std::uint64_t> withdrawn;  // before anything runs
    std::atomic<std::int64_t> now_ms{1'700'000'000'000};
    std::string promised;  // the id of a record in the outbox
    std::atomic<int> passed_on{0};
};

class Cluster {
  public:
    // Their links carry parcels on a thread of their own, as peers' do.
    Cluster() : link_([this] { carry(); }) {}
    ~Cluster() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_all();
        link_.join();
        nodes.clear();
    }
    OneNode& add(const std::string& agency) {
        auto node = std::make_unique<OneNode>(*this, nodes.size() + 1, agency);
        const std::lock_guard lock(mutex_);
        nodes.push_back(std::move(node));
        return *nodes.back();
    }
    std::vector<Member> others(consensus::NodeId self) const {
        const std::lock_guard lock(mutex_);
        std::vector<Member> found;
        for (const auto& node : nodes)
            if (node->member.id != self) found.push_back(node->member);
        return found;
    }
    bool send(consensus::NodeId from, consensus::NodeId to, network::Parcel parcel) {
        const std::lock_guard lock(mutex_);
        parcels_.push_back({from, to, std::move(parcel)});
        changed_.notify_all();
        return true;
    }

    Ledger ledger;
    const inspection::KindRules rules;
    std::vector<std::unique_ptr<OneNode>> nodes;

  private:
    struct Sent {
        consensus::NodeId from, to;
        network::Parcel parcel;
    };
    void carry() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return ended_ || !parcels_.empty(); });
            if (ended_) return;
            const Sent sent = std::move(parcels_.front());
            parcels_.pop_front();
            OneNode& to = *nodes.at(sent.to.value - 1);
            const bool arrives = to.reachable && nodes.at(sent.from.value - 1)->reachable;
            lock.unlock();
            if (arrives) deliver(to, sent);
            lock.lock();
        }
    }
    static void deliver(OneNode& to, const Sent& sent) {
        if (auto offered = decode_offered(sent.parcel))
            to.keeper->offered(sent.from, *std::move(offered));
        else if (const auto held = decode_held(sent.parcel))
            to.offers->held(sent.from, *held);
        else if (auto question = decode_disclosures_question(sent.parcel))
            to.keeper->asked(sent.from, *std::move(question));
        else if (auto answer = decode_disclosures_answer(sent.parcel))
            to.keeper->answered(sent.from, *std::move(answer));
        else
            ADD_FAILURE() << "a parcel that nobody reads";
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Sent> parcels_;
    bool ended_ = false;
    std::thread link_;
};

OneNode::OneNode(Cluster& cluster, std::uint64_t id, const std::string& agency)
    : verifier(
          cluster.ledger.genesis,
          [&cluster] {
              return std::shared_ptr<const ledger::Registry>(std::shared_ptr<void>(),
                                                             &cluster.ledger.genesis.registry);
          },
          1) {
    member.id = consensus::NodeId{id};
    member.name = agency + "-1";
    member.agency = agency;
    const auto registry = [&cluster] {
        return std::shared_ptr<const ledger::Registry>(std::shared_ptr<void>(), &cluster.ledger.genesis.registry);
    };
    const auto others = [&cluster, self = member.id] { return cluster.others(self); };
    const auto send = [&cluster, self = member.id](consensus::NodeId to, network::Parcel parcel) {
        return cluster.send(self, to, std::move(parcel));
    };
    keeper = std::make_unique<DisclosureKeeper>(
        storage::DisclosureStore::open(folder.path(), {origin, member.name, "00"}).value(), agency, verifier,
        cluster.rules,
        DisclosureKeeper::Hooks{registry, [&cluster] { return cluster.ledger.facts(); },
                                [this] { return caught_up.load(); },
                                [this](std::string_view, std::string_view record) { return record == promised; },
                                [this](std::uint64_t leaf) { return withdrawn.contains(leaf); }, others, send,
                                [this] { return now_ms.load(); },
                                [](const std::string& reason, const std::string& detail) {
                                    ADD_FAILURE() << reason << ": " << detail;
                                }});
    offers = std::make_unique<DisclosureOffers>(
        verifier, cluster.rules,
        DisclosureOffers::Hooks{registry, others, send,
                                [this](auto told) { return keeper->keep(std::move(told)); },
                                [this](const auto& statement) { return keeper->may_hold(statement); },
                                [this](const auto& statement) { return keeper->stands(statement); },
                                [this](const api::SubmitRequest& request, const DisclosureOffers::Done& done) {
                                    EXPECT_TRUE(request.disclosures_held);
                                    ++passed_on;
                                    done(api::SubmitResults(request.statements.size(),
                                                            api::Submitted{.address = {7, 0}, .status = "committed"}));
                                }});
}

api::SubmitResults submit(OneNode& node, std::vector<std::string> statements, std::vector<std::string> told,
                          std::int64_t timeout_ms = 30'000) {
    auto results = std::make_shared<std::promise<api::SubmitResults>>();
    auto future = results->get_future();
    api::SubmitRequest request;
    request.statements = std::move(statements);
    request.disclosures = std::move(told);
    request.timeout_ms = timeout_ms;
    node.offers->submit(std::move(request),
                        [results](api::SubmitResults answered) { results->set_value(std::move(answered)); });
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (future.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
        node.offers->look();
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("no answer within 30 s");
    }
    return future.get();
}

// Lets the nodes tidy until it is so.
template <class Condition>
bool tidied(Cluster& cluster, const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        for (const auto& node : cluster.nodes) node->keeper->look();
        std::this_thread::yield();
    }
    return true;
}

TEST(Disclosures, AreDurableAtTwoNodesBeforeTheStatementMovesOn) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    OneNode& moit = cluster.add("moit");
    const Check check(cluster.ledger, "c-1");
    const auto results = submit(most, {check.statement}, {check.told.text});
    ASSERT_TRUE(results.at(0)) << results.at(0).error().detail;
    EXPECT_EQ(results.at(0)->address.index, 7u);
    EXPECT_TRUE(most.holds(check));
    EXPECT_TRUE(moit.holds(check));
    EXPECT_EQ(most.passed_on, 1);
}

TEST(Disclosures, WaitForASecondHolder) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    OneNode& moit = cluster.add("moit");
    moit.reachable = false;
    const Check check(cluster.ledger, "c-1");
    const auto late = submit(most, {check.statement}, {check.told.text}, 200);
    EXPECT_EQ(late.at(0).error().reason, "disclosures_not_safe");
    EXPECT_TRUE(late.at(0).error().retryable);
    EXPECT_EQ(most.passed_on, 0) << "nothing moved on";
    moit.reachable = true;
    EXPECT_TRUE(submit(most, {check.statement}, {check.told.text}).at(0));
}

// What customs keeps is for customs: another ministry's node is no second holder, and is given none.
TEST(Disclosures, AreOfferedToThoseAloneWhoMayHoldThem) {
    Cluster cluster;
    OneNode& customs = cluster.add("customs");
    OneNode& moit = cluster.add("moit");
    const json::value example = inspection::test::examples_of(
        *std::ranges::find(inspection::embedded_kinds(), "customs_declaration", &inspection::EmbeddedKind::name)).accepted;
    json::object event = example.as_object();
    event["source"] = "customs.haiphong";
    const ledger::Disclosure told = ledger::make_disclosure("exporter", "A company");
    event["data"].as_object().erase("exporter");
    event["data"].as_object()["_sd"] = json::array{ledger::commitment_text(told.digest)};
    const std::string statement =
        ledger::sign_statement(cluster.ledger.customs_key, origin, json::serialize(event), false);
    const auto refused = submit(customs, {statement}, {told.text});
    ASSERT_FALSE(refused.at(0));
    EXPECT_EQ(refused.at(0).error().reason, "no_second_holder") << refused.at(0).error().detail;
    OneNode& second = cluster.add("customs");
    const auto results = submit(customs, {statement}, {told.text});
    ASSERT_TRUE(results.at(0)) << results.at(0).error().detail;
    const ledger::Record declaration = ledger::parse_record(json::serialize(event)).value();
    const auto holds_it = [&](const OneNode& node) {
        return node.keeper->find(declaration.source, declaration.id, told.digest).value().has_value();
    };
    EXPECT_TRUE(holds_it(second));
    // Nor does it take what it is asked to submit.
    const auto elsewhere = submit(moit, {statement}, {told.text});
    ASSERT_FALSE(elsewhere.at(0));
    EXPECT_EQ(elsewhere.at(0).error().reason, "node_may_not_hold");
    EXPECT_FALSE(holds_it(moit));
    cluster.ledger.take(declaration);
    // It seeks what it may hold, and would be given nothing for the asking.
    cluster.send(moit.member.id, customs.member.id, encode_disclosures_question({{told.digest}}));
    const Check check(cluster.ledger, "c-1");
    ASSERT_TRUE(submit(customs, {check.statement}, {check.told.text}).at(0));
    cluster.ledger.take(check.parsed());
    EXPECT_TRUE(tidied(cluster, [&] { return moit.holds(check); }));
    EXPECT_FALSE(holds_it(moit));
    EXPECT_EQ(moit.keeper->figures().missing, 0u);
}

TEST(Disclosures, AreRefusedWhereTheyDoNotFit) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    cluster.add("moit");
    const Check check(cluster.ledger, "c-1"), other(cluster.ledger, "c-2");
    const auto reason = [&](const std::vector<std::string>& statements, const std::vector<std::string>& told) {
        const auto results = submit(most, statements, told);
        return results.at(0) ? "accepted" : results.at(0).error().reason;
    };
    EXPECT_EQ(reason({check.statement}, {"rubbish"}), "malformed_disclosure");
    EXPECT_EQ(reason({check.statement}, {other.told.text}), "disclosure_missing");
    EXPECT_EQ(reason({check.statement}, {check.told.text, other.told.text}), "stray_disclosure");
    const Check number(cluster.ledger, "c-3", "0804", "hs_prefix");
    EXPECT_EQ(reason({number.statement}, {number.told.text}), "schema_violation") << "not a member to be confidential";
    EXPECT_NE(submit(most, {number.statement}, {number.told.text}).at(0).error().detail.find("commitment.member"),
              std::string::npos);
    EXPECT_EQ(reason({check.statement, check.statement}, {check.told.text}), "accepted") << "the first of them";
    const Check empty(cluster.ledger, "c-4", "");
    EXPECT_EQ(reason({empty.statement}, {empty.told.text}), "schema_violation") << "too short, in clear as well";
    const ledger::Jwk stranger{"most.dost-hcm/record-1", ledger::KeyPair::generate()};
    EXPECT_EQ(reason({ledger::sign_statement(stranger, origin, check.record, false)}, {check.told.text}),
              "bad_signature");
    EXPECT_EQ(most.passed_on, 1);
    EXPECT_EQ(most.keeper->figures().held, 1u) << "nothing is kept of what nobody may submit";
    // One statement's fault is its own.
    const auto results = submit(most, {check.statement, number.statement}, {check.told.text, number.told.text});
    EXPECT_TRUE(results.at(0));
    EXPECT_FALSE(results.at(1));
}

TEST(Disclosures, HaveToComeWithTheStatement) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    const Check check(cluster.ledger, "c-1");
    const auto statement = ledger::parse_statement(check.statement).value();
    EXPECT_FALSE(most.keeper->stands(statement));
    cluster.ledger.take(check.parsed());
    EXPECT_TRUE(most.keeper->stands(statement)) << "a repeat is harmless";
    // Beside others, it needs none either.
    cluster.add("moit");
    const Check fresh(cluster.ledger, "c-2");
    const auto both = submit(most, {check.statement, fresh.statement}, {fresh.told.text});
    EXPECT_TRUE(both.at(0) && both.at(1));
}

// A node that was away, or is new, finds what it may hold; one that is given something else takes nothing.
TEST(Disclosures, AreSoughtByWhoeverLacksThem) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    cluster.add("moit");
    std::vector<std::unique_ptr<Check>> checks;
    for (int i = 0; i < 600; ++i) {
        checks.push_back(std::make_unique<Check>(cluster.ledger, "c-" + std::to_string(i)));
        ASSERT_FALSE(most.keeper->keep({checks.back()->told_for()}));
        cluster.ledger.take(checks.back()->parsed());
    }
    const Check withheld(cluster.ledger, "c-withheld");
    cluster.ledger.take(withheld.parsed());
    OneNode& late = cluster.add("mard");
    EXPECT_TRUE(tidied(cluster, [&] { return late.keeper->figures().held == 600; }));
    EXPECT_EQ(late.keeper->figures().missing, 1u) << "nobody has it";
    late.keeper->answered(most.member.id, {{ledger::make_disclosure("finding", "unasked").text, "rubbish"}});
    ASSERT_FALSE(most.keeper->keep({withheld.told_for()}));
    EXPECT_TRUE(tidied(cluster, [&] { return late.holds(withheld); }));
    EXPECT_EQ(late.keeper->figures().held, 601u);
    EXPECT_EQ(late.keeper->figures().missing, 0u);
}

TEST(Disclosures, AreGoneEverywhereOnceErased) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    OneNode& moit = cluster.add("moit");
    const Check gone(cluster.ledger, "c-1"), stays(cluster.ledger, "c-2");
    for (const Check* check : {&gone, &stays}) {
        ASSERT_TRUE(submit(most, {check->statement}, {check->told.text}).at(0));
        cluster.ledger.take(check->parsed());
    }
    cluster.ledger.erase("most.dost-hcm", "c-1");
    EXPECT_TRUE(tidied(cluster, [&] { return !most.holds(gone) && !moit.holds(gone); }));
    EXPECT_TRUE(most.holds(stays));
    EXPECT_EQ(most.keeper->figures().erased, 1u);
    // Nor does it come back: told again, or sought by a node that is new.
    EXPECT_TRUE(submit(most, {gone.statement}, {gone.told.text}).at(0)) << "a repeat, for the ledger to judge";
    EXPECT_FALSE(most.holds(gone));
    OneNode& late = cluster.add("mard");
    EXPECT_TRUE(tidied(cluster, [&] { return late.holds(stays); }));
    EXPECT_FALSE(late.holds(gone));
    EXPECT_EQ(late.keeper->figures().missing, 0u);
}

// Whoever copies a commitment that he saw pass into a record of his own gets nothing by it, by no way.
TEST(Disclosures, AreOfTheRecordThatTheyWereToldFor) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    OneNode& moit = cluster.add("moit");
    const Check mine(cluster.ledger, "c-1");
    ASSERT_TRUE(submit(most, {mine.statement}, {mine.told.text}).at(0));
    const Check theirs(cluster.ledger, "c-2");
    json::object copied = json::parse(theirs.record).as_object();
    copied["source"] = "customs.haiphong";
    copied["data"].as_object()["_sd"] = json::array{ledger::commitment_text(mine.told.digest)};
    cluster.ledger.take(ledger::parse_record(json::serialize(copied)).value());
    OneNode& late = cluster.add("mard");
    const Check marker(cluster.ledger, "c-3");
    ASSERT_TRUE(submit(moit, {marker.statement}, {marker.told.text}).at(0));
    cluster.ledger.take(marker.parsed());
    ASSERT_TRUE(tidied(cluster, [&] { return late.holds(marker); }));
    EXPECT_EQ(late.keeper->find("customs.haiphong", "c-2", mine.told.digest).value(), std::nullopt);
    EXPECT_EQ(most.keeper->find("customs.haiphong", "c-2", mine.told.digest).value(), std::nullopt);
    EXPECT_TRUE(most.holds(mine)) << "and it stays with whom it was told";
}

// What was told and never came is forgotten, but not what this node has promised to bring in, and by no node that is behind.
TEST(Disclosures, AreForgottenWhereTheStatementNeverCame) {
    Cluster cluster;
    OneNode& most = cluster.add("most");
    cluster.add("moit");
    const Check never(cluster.ledger, "c-1"), promised(cluster.ledger, "c-2"), stands(cluster.ledger, "c-3");
    for (const Check* check : {&never, &promised, &stands}) ASSERT_FALSE(most.keeper->keep({check->told_for()}));
    cluster.ledger.take(stands.parsed());
    most.promised = "c-2";
    most.caught_up = false;
    most.now_ms += 8LL * 24 * 60 * 60 * 1'000;
    const auto rounds = [&](int count) {
        for (int i = 0; i < count; ++i) {
            most.keeper->look();
            most.keeper->await_idle();
        }
    };
    rounds(100);
    EXPECT_TRUE(most.holds(never)) << "it may stand, for all that this node knows";
    most.caught_up = true;
    rounds(100);
    EXPECT_FALSE(most.holds(never));
    EXPECT_TRUE(most.holds(promised));
    EXPECT_TRUE(most.holds(stands));
}

TEST(DisclosureParcels, AreReadWholeOrNotAtAll) {
    const Ledger ledger;
    const Check check(ledger, "c-1");
    const auto offered = encode_offered({5, {{check.statement, {check.told.text}}}});
    const auto held = encode_held({5, {check.told.digest}});
    const auto question = encode_disclosures_question({{check.told.digest}});
    const auto answer = encode_disclosures_answer({{check.told.text}});
    EXPECT_EQ(decode_offered(offered)->items.at(0).disclosures.at(0), check.told.text);
    EXPECT_EQ(decode_held(held)->commitments.at(0), check.told.digest);
    EXPECT_EQ(decode_disclosures_question(question)->commitments.at(0), check.told.digest);
    EXPECT_EQ(decode_disclosures_answer(answer)->disclosures.at(0), check.told.text);
    const auto reads = [](const network::Parcel& parcel) {
        return decode_offered(parcel).has_value() || decode_held(parcel).has_value() ||
               decode_disclosures_question(parcel).has_value() || decode_disclosures_answer(parcel).has_value();
    };
    for (const network::Parcel& whole : {offered, held, question, answer}) {
        EXPECT_TRUE(is_disclosures_parcel(whole));
        for (std::size_t size = 0; size < whole.body.size(); ++size) {
            network::Parcel cut = whole;
            cut.body.resize(size);
            EXPECT_FALSE(reads(cut)) << size;
        }
        network::Parcel longer = whole;
        longer.body += 'x';
        EXPECT_FALSE(reads(longer));
    }
}

}  // namespace
}  // namespace socai::node
