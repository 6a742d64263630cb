// A witness outside the consortium beside a cluster, each a real process: it cosigns what the ledger grows to, and a forked
// log that it was shown becomes evidence at the node that looks at it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

#include "ledger/add_checkpoint.hpp"
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

// `socai witness init`, then `socai witness run` until the object dies.
class WitnessProcess {
  public:
    WitnessProcess(const std::string& dir, const std::string& name, const std::string& policy) : name_(name) {
        url_ = "http://127.0.0.1:" + std::to_string(free_port());
        const auto made = run_program(
            {program(), "witness", "init", "--dir", dir, "--name", name, "--listen", url_.substr(7)});
        EXPECT_EQ(made.exit_status, 0) << made.output;
        std::filesystem::copy_file(policy, dir + "/ledger.policy");
        const std::string config = dir + "/witness.toml";
        const std::string log = dir + "/log";
        process_ = ::fork();
        if (process_ == 0) {
            const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
            ::dup2(out, STDERR_FILENO);
            ::execl(program().c_str(), "socai", "witness", "run", "--config", config.c_str(), nullptr);
            ::_exit(127);
        }
        EXPECT_TRUE(wait_until([&] { return last_lines(log, 5).find("ready http://") != std::string::npos; }))
            << last_lines(log, 20);
        vkey_ = node::read_key_file(dir + "/witness.jwk").value().key.public_key();
    }
    ~WitnessProcess() {
        if (process_ <= 0) return;
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }
    WitnessProcess(const WitnessProcess&) = delete;
    WitnessProcess& operator=(const WitnessProcess&) = delete;

    const std::string& url() const { return url_; }
    std::string table() const {
        const ledger::VerifierKey key{name_, ledger::NoteKeyType::cosignature, vkey_};
        return "\n[[witnesses]]\nname = \"" + name_ + "\"\nurl = \"" + url_ + "\"\nvkey = \"" +
               key.to_string() + "\"\n";
    }
    node::HttpReply ask(const std::string& path, const std::string* body) const {
        auto reply = node::http_call(url_ + path, body, {.patience = patience});
        return reply ? *std::move(reply) : node::HttpReply{0, "", reply.error().detail};
    }
    node::HttpReply post(const std::string& body) const { return ask("/add-checkpoint", &body); }
    unsigned add(const std::string& body) const { return post(body).status; }

  private:
    std::string name_;
    std::string url_;
    ledger::PublicKey vkey_{};
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
    // Restarts the node with `tables` at the end of its configuration.
    void configure(const std::string& tables) {
        cluster_.must("stop", {node_});
        std::ofstream(cluster_.config(node_), std::ios::app)
            << tables << "\n[witnessing]\ninterval_ms = 200\n";
        cluster_.must("start", {node_});
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
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
