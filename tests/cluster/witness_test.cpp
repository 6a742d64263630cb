// A witness outside the consortium beside a cluster, each a real process: it cosigns what the ledger grows to, its line
// counts and is kept where the policy names it, and a forked log that it was shown becomes evidence at the node that looks at it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "ledger/add_checkpoint.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/receipt.hpp"
#include "ledger/time.hpp"
#include "node/http_call.hpp"
#include "node/key_file.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "tests/unit/ledger/naive_tree.hpp"

namespace socai::cluster_tests {
namespace {

std::uint16_t free_port() {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
}

// `socai witness init`; and from start() on `socai witness run`, until the object dies.
class WitnessProcess {
  public:
    WitnessProcess(const std::string& dir, const std::string& name) : dir_(dir), name_(name) {
        url_ = "http://127.0.0.1:" + std::to_string(free_port());
        const auto made = run_program(
            {program(), "witness", "init", "--dir", dir, "--name", name, "--listen", url_.substr(7)});
        EXPECT_EQ(made.exit_status, 0) << made.output;
        key_ = {name_, ledger::NoteKeyType::cosignature,
                node::read_key_file(dir + "/witness.jwk").value().key.public_key()};
    }
    WitnessProcess(const std::string& dir, const std::string& name, const std::string& policy)
        : WitnessProcess(dir, name) {
        start(policy);
    }
    void start(const std::string& policy) {
        std::filesystem::copy_file(policy, dir_ + "/ledger.policy");
        const std::string config = dir_ + "/witness.toml";
        const std::string log = dir_ + "/log";
        process_ = ::fork();
        if (process_ == 0) {
            const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
            ::dup2(out, STDERR_FILENO);
            ::execl(program().c_str(), "socai", "witness", "run", "--config", config.c_str(), nullptr);
            ::_exit(127);
        }
        EXPECT_TRUE(wait_until([&] { return last_lines(log, 5).find("ready http://") != std::string::npos; }))
            << last_lines(log, 20);
    }
    ~WitnessProcess() {
        if (process_ <= 0) return;
        resume();
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }
    WitnessProcess(const WitnessProcess&) = delete;
    WitnessProcess& operator=(const WitnessProcess&) = delete;

    void pause() const { ::kill(process_, SIGSTOP); }
    void resume() const { ::kill(process_, SIGCONT); }
    const std::string& url() const { return url_; }
    const ledger::VerifierKey& key() const { return key_; }
    std::string table() const {
        return "\n[[witnesses]]\nname = \"" + name_ + "\"\nurl = \"" + url_ + "\"\nvkey = \"" +
               key_.to_string() + "\"\n";
    }
    node::HttpReply ask(const std::string& path, const std::string* body) const {
        auto reply = node::http_call(url_ + path, body, {.patience = patience});
        return reply ? *std::move(reply) : node::HttpReply{0, "", reply.error().detail};
    }
    node::HttpReply post(const std::string& body) const { return ask("/add-checkpoint", &body); }
    unsigned add(const std::string& body) const { return post(body).status; }

  private:
    std::string dir_;
    std::string name_;
    std::string url_;
    ledger::VerifierKey key_;
    pid_t process_ = -1;
};

// A head of a tree that this ledger never was, signed by the node's own keys: what a dishonest operator can make.
ledger::Head forged_head(const LocalCluster& cluster, const std::string& node, std::uint64_t size) {
    ledger::Frontier tree;
    for (std::uint64_t i = 0; i < size; ++i)
        tree.append(ledger::leaf_hash("another leaf " + std::to_string(i)));
    const ledger::Checkpoint checkpoint{cluster.origin(), size, tree.root()};
    ledger::Head head{checkpoint, {checkpoint.to_string(), {}}};
    const std::string keys = cluster.dir() + "/nodes/" + node;
    ledger::sign_note(head.note, cluster.origin(), node::read_key_file(keys + "/log.jwk").value().key);
    return head;
}

class OutsideWitness : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe(); }
    void submit(const std::string& id) {
        NodeClient client(cluster_.endpoint(node_));
        const auto written = client.submit(statement_of(cluster_, "most", risk_signal("most", id)));
        ASSERT_TRUE(written) << written.error().detail;
    }
    // Restarts the nodes with `tables` at the end of their configurations.
    void configure(const std::string& tables, const Names& nodes) {
        cluster_.must("stop", nodes);
        for (const std::string& node : nodes)
            std::ofstream(cluster_.config(node), std::ios::app)
                << tables << "\n[witnessing]\ninterval_ms = 200\n";
        cluster_.must("start", nodes);
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    }
    void configure(const std::string& tables) { configure(tables, {node_}); }
    // The founders' policy and `court`: needed for the quorum, or named beside it.
    ledger::PolicyLeaf with_court(const ledger::VerifierKey& court, bool is_needed) const {
        const auto genesis = ledger::parse_genesis(read_text(cluster_.dir() + "/genesis")).value();
        ledger::PolicyLeaf leaf{genesis.nodes, {}};
        std::vector<ledger::PolicyWitness> outside{{"court", court, ""}};
        leaf.policy = ledger::consortium_policy(cluster_.origin(), leaf.nodes, std::nullopt,
                                                is_needed ? outside : std::vector<ledger::PolicyWitness>{});
        if (!is_needed) leaf.policy.witnesses.push_back(outside.front());
        return leaf;
    }
    // What became of it: its result.
    boost::json::object submit_until_final(const std::string& statement, int timeout_ms = 30'000) const {
        const auto answer =
            NodeClient(cluster_.endpoint(node_))
                .call("ledger.submit",
                      {{"statement", statement}, {"wait", "final"}, {"timeout_ms", timeout_ms}});
        if (!answer) throw std::runtime_error(answer.error().reason + ": " + answer.error().detail);
        return answer->as_object().at("results").as_array().at(0).as_object();
    }
    std::string policy_statement(const ledger::PolicyLeaf& leaf, const std::string& id) const {
        const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count();
        return statement_of(
            cluster_, "customs",
            ledger::policy_record(leaf, cluster_.origin(), "customs", id, ledger::format_rfc3339(now_ms)));
    }
    // Does the head of `size` leaves or more that `node` serves bear the key's line?
    bool serves_line(const std::string& node, const ledger::VerifierKey& key, std::uint64_t size) const {
        const auto head = ledger::parse_head(http_get(cluster_.endpoint(node), "/checkpoint").body);
        const std::array keys{key};
        return head && head->checkpoint.size >= size && head->note.signatures.size() <= 16 &&
               ledger::verify_note(head->note, keys);
    }
    // Of a stock witness, which asks for the log's signature alone. Its path.
    std::string trusting_policy() const {
        std::string trusting = read_text(cluster_.policy());
        const std::size_t quorum = trusting.find("quorum ");
        trusting.replace(quorum, trusting.find('\n', quorum) - quorum, "quorum none");
        write_text(folder_ / "trusting.policy", trusting);
        return folder_ / "trusting.policy";
    }
    boost::json::array alarms() const {
        const auto status = cluster_.status(node_);
        const auto* alarms = status.if_contains("alarms");
        return alarms == nullptr ? boost::json::array() : alarms->as_array();
    }

    LocalCluster cluster_;
    const std::string node_ = cluster_.nodes().front();
    TemporaryFolder folder_;
};

TEST_F(OutsideWitness, CosignsWhatTheLedgerGrowsTo) {
    const WitnessProcess witness(folder_ / "court", "court.example.vn", cluster_.policy());
    configure(witness.table());
    for (int i = 0; i < 5; ++i) submit("w-" + std::to_string(i));
    const std::uint64_t wanted = cluster_.view(node_).applied_size;
    EXPECT_TRUE(wait_until([&] {
        const auto status = cluster_.status(node_);
        const auto* witnesses = status.if_contains("witnesses");
        return witnesses != nullptr &&
               number(witnesses->as_array().at(0).as_object(), "cosigned_size") >= wanted;
    })) << boost::json::serialize(cluster_.status(node_));
    const auto served = node::http_call(
        witness.url() + "/" + ledger::to_hex(ledger::sha256(cluster_.origin())) + "/checkpoint", nullptr);
    ASSERT_TRUE(served);
    const auto head = ledger::parse_head(served->body);
    ASSERT_TRUE(head) << served->body;
    EXPECT_GE(head->checkpoint.size, wanted);
    // One node's key alone is not enough for a tree of its own, and nobody is alarmed without reason.
    const auto fork = forged_head(cluster_, node_, head->checkpoint.size + 1);
    EXPECT_EQ(witness.add(ledger::AddCheckpoint{head->checkpoint.size, {}, fork}.to_string()), 403U);
    EXPECT_TRUE(alarms().empty());
}

// The policy needs the court's line, and the court asks for the agencies' first.
TEST_F(OutsideWitness, CountsTowardsTheQuorumOfAPolicyThatNeedsIt) {
    WitnessProcess court(folder_ / "court", "court.example.vn");
    const auto founders = ledger::parse_policy(read_text(cluster_.policy())).value();
    const ledger::PolicyLeaf needed = with_court(court.key(), true);
    write_text(folder_ / "needed.policy", needed.policy.to_string());
    court.start(folder_ / "needed.policy");
    configure(court.table(), cluster_.nodes());

    const auto began = submit_until_final(policy_statement(needed, "policy-court"));
    EXPECT_EQ(text(began, "status"), "final");
    const auto result =
        submit_until_final(statement_of(cluster_, "most", risk_signal("most", "under-the-court")));
    ASSERT_EQ(text(result, "status"), "final");
    const auto receipt = ledger::parse_receipt(boost::json::serialize(result.at("receipt"))).value();
    const std::array keys{court.key()};
    EXPECT_TRUE(ledger::verify_note(receipt.leaf.proof.head.note, keys));
    EXPECT_TRUE(ledger::verify_receipt(receipt, needed.policy));
    EXPECT_TRUE(ledger::verify_receipt(receipt, founders)) << "by the chain of policies";
    const std::uint64_t size = number(result, "index") + 1;
    for (const std::string& node : cluster_.nodes())
        EXPECT_TRUE(wait_until([&] { return serves_line(node, court.key(), size); })) << node;

    court.pause();
    const auto without =
        submit_until_final(statement_of(cluster_, "most", risk_signal("most", "without-the-court")), 1'000);
    EXPECT_EQ(text(without, "status"), "committed");
    court.resume();
    const std::uint64_t later = number(without, "index") + 1;
    for (const std::string& node : cluster_.nodes())
        EXPECT_TRUE(wait_until([&] { return serves_line(node, court.key(), later); })) << node;
    // Another leader asks it as well.
    const std::string leader = cluster_.await_leader();
    const Names alive = cluster_.others({leader});
    cluster_.must("kill", {leader});
    ASSERT_TRUE(cluster_.await_ready(alive)) << cluster_.describe();
    const auto answer =
        NodeClient(cluster_.endpoint(alive.front()))
            .call("ledger.submit",
                  {{"statement", statement_of(cluster_, "most", risk_signal("most", "another-leader"))},
                   {"wait", "final"},
                   {"timeout_ms", 30'000}});
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(text(answer->as_object().at("results").at(0).as_object(), "status"), "final");
}

// Named in the policy, and not needed: who pins more than the consortium does finds its line all the same.
TEST_F(OutsideWitness, ItsLineIsKeptWhereThePolicyNamesIt) {
    const WitnessProcess court(folder_ / "court", "court.example.vn", cluster_.policy());
    configure(court.table());
    const ledger::PolicyLeaf named = with_court(court.key(), false);
    const auto began = submit_until_final(policy_statement(named, "policy-court"));
    ASSERT_EQ(text(began, "status"), "final");
    // One node gets it, all serve it.
    const std::uint64_t size = number(began, "index") + 1;
    for (const std::string& node : cluster_.nodes())
        EXPECT_TRUE(wait_until([&] { return serves_line(node, court.key(), size); })) << node;
    const auto proof = NodeClient(cluster_.endpoint(node_)).call("ledger.prove_inclusion", {{"index", 0}});
    ASSERT_TRUE(proof) << proof.error().detail;
    const auto receipt = ledger::parse_receipt(boost::json::serialize(proof->at("receipt"))).value();
    const ledger::PolicyLeaf stricter = with_court(court.key(), true);
    EXPECT_TRUE(ledger::check_head(stricter.policy, receipt.leaf.proof.head));
}

TEST_F(OutsideWitness, AnswersByTheTable) {
    const WitnessProcess witness(folder_ / "stock", "stock.example.vn", trusting_policy());
    std::vector<ledger::Hash> tree;
    for (int i = 0; i < 7; ++i) tree.push_back(ledger::leaf_hash("another leaf " + std::to_string(i)));
    const auto request = [&](std::uint64_t old, std::uint64_t size) {
        const ledger::naive::Leaves leaves(tree);
        return ledger::AddCheckpoint{old, ledger::naive::proof(old, leaves.first(size)),
                                     forged_head(cluster_, node_, size)};
    };
    const auto first = witness.post(request(0, 3).to_string());
    EXPECT_EQ(first.status, 200U) << first.body;
    EXPECT_TRUE(first.body.starts_with("\u2014 stock.example.vn ")) << first.body;
    const auto conflict = witness.post(request(0, 5).to_string());
    EXPECT_EQ(conflict.status, 409U) << conflict.body;
    EXPECT_EQ(conflict.content_type, "text/x.tlog.size");
    EXPECT_EQ(conflict.body, "3\n");
    auto unproven = request(3, 7);
    unproven.proof.front()[0] ^= 1;
    EXPECT_EQ(witness.add(unproven.to_string()), 422U);
    unproven.proof.clear();
    EXPECT_EQ(witness.add(unproven.to_string()), 422U);
    EXPECT_EQ(witness.add("nonsense"), 400U);
    EXPECT_EQ(witness.add(ledger::AddCheckpoint{9, {}, request(3, 7).head}.to_string()), 400U);
    auto stranger = request(3, 7);
    stranger.head.note.signatures.clear();
    ledger::sign_note(stranger.head.note, cluster_.origin(), ledger::KeyPair::from_seed({}));
    EXPECT_EQ(witness.add(stranger.to_string()), 403U);
    auto foreign = request(0, 3).head;
    foreign.checkpoint.origin = "ledger.elsewhere.vn/test";
    foreign.note = {foreign.checkpoint.to_string(), {}};
    ledger::sign_note(foreign.note, foreign.checkpoint.origin, ledger::KeyPair::from_seed({}));
    EXPECT_EQ(witness.add(ledger::AddCheckpoint{0, {}, foreign}.to_string()), 404U);
    // The connection may be gone before its answer was read.
    const unsigned too_long = witness.add(std::string(ledger::max_add_checkpoint_bytes + 1, 'x'));
    EXPECT_TRUE(too_long == 413U || too_long == 0U) << too_long;
    EXPECT_EQ(witness.ask("/add-checkpoint", nullptr).status, 405U);
    EXPECT_EQ(witness.ask("/elsewhere", nullptr).status, 404U);
    // None of that has moved it.
    EXPECT_EQ(witness.add(request(3, 7).to_string()), 200U);
}

TEST_F(OutsideWitness, AForkedLogThatAWitnessWasShownBecomesEvidence) {
    for (int i = 0; i < 5; ++i) submit("f-" + std::to_string(i));
    const WitnessProcess deceived(folder_ / "deceived", "deceived.example.vn", trusting_policy());
    ASSERT_EQ(deceived.add(ledger::AddCheckpoint{0, {}, forged_head(cluster_, node_, 3)}.to_string()), 200U);
    configure(deceived.table());
    ASSERT_TRUE(wait_until([&] { return !alarms().empty(); }))
        << boost::json::serialize(cluster_.status(node_));
    const auto alarm = alarms().at(0).as_object();
    EXPECT_EQ(text(alarm, "kind"), "fork");
    const auto verified = run_program(
        {program(), "evidence", "verify", text(alarm, "file"), "--policy", cluster_.policy(), "--json"});
    EXPECT_EQ(verified.exit_status, 0) << verified.output;
    EXPECT_NE(verified.output.find("\"holds\":true"), std::string::npos) << verified.output;
    // One byte of it changed, it holds no longer.
    std::string evidence = read_text(text(alarm, "file"));
    const auto path = evidence.find("\"path\":[\"") + 9;
    evidence[path] = evidence[path] == '0' ? '1' : '0';
    write_text(folder_ / "changed.json", evidence);
    EXPECT_EQ(run_program(
                  {program(), "evidence", "verify", folder_ / "changed.json", "--policy", cluster_.policy()})
                  .exit_status,
              1);
    EXPECT_NE(http_get(cluster_.endpoint(node_), "/metrics").body.find("socai_alarms 1"), std::string::npos);
}

}  // namespace
}  // namespace socai::cluster_tests
