// A subscriber sees every leaf once, in order, from the first one on: under load, through a follower, across
// the death of the leader and of the very node it listens to.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <mutex>
#include <thread>

#include "node/client/connection.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;
using node::client::Connection;

// Follows a ledger on a thread of its own and writes down exactly what it is sent. When its connection ends
// it asks the next node for what comes after the last leaf it saw.
class Follower {
  public:
    explicit Follower(std::vector<Endpoint> endpoints)
        : endpoints_(std::move(endpoints)), pause_(io_), thread_([this] { run(); }) {}
    ~Follower() { stop(); }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    std::uint64_t seen() const { return seen_; }
    unsigned connections() const { return connections_; }

    void stop() {
        if (!thread_.joinable()) return;
        boost::asio::post(io_, [this] {
            stopped_ = true;
            pause_.cancel();
            if (connection_) std::exchange(connection_, nullptr)->close();
        });
        thread_.join();
    }

    // After stop(): the statements by index, and what was out of order.
    const std::vector<std::string>& statements() const { return statements_; }
    const std::vector<std::string>& faults() const { return faults_; }

  private:
    void run() {
        connect();
        io_.run();
    }

    void connect() {
        ++connections_;
        connection_ = Connection::create(io_, endpoints_[endpoint_], {.connect = 500ms, .answer = 5'000ms});
        connection_->on_closed = [this](const RpcError&) { again(); };
        connection_->on_notification = [this](std::string_view, const json::object& params) { take(params); };
        connection_->connect([this](const RpcResult<void>& connected) {
            if (!connected) return again();
            connection_->call("ledger.subscribe",
                              json::serialize(json::object{{"from_index", statements_.size()}}),
                              [this](const RpcResult<json::value>& answer) {
                                  if (!answer) again();
                              });
        });
    }

    void again() {
        if (stopped_ || !connection_) return;
        std::exchange(connection_, nullptr)->close();
        endpoint_ = (endpoint_ + 1) % endpoints_.size();
        pause_.expires_after(20ms);
        pause_.async_wait([this](boost::system::error_code error) {
            if (!error && !stopped_) connect();
        });
    }

    void take(const json::object& params) {
        const std::uint64_t index = number(params, "index");
        if (index != statements_.size())
            faults_.push_back("leaf " + std::to_string(index) + " came where " +
                              std::to_string(statements_.size()) + " was next");
        statements_.push_back(text(params, "statement"));
        seen_ = statements_.size();
    }

    std::vector<Endpoint> endpoints_;
    boost::asio::io_context io_{1};
    boost::asio::steady_timer pause_;
    // The rest belongs to the thread until stop(), but for the two counters.
    std::shared_ptr<Connection> connection_;
    std::size_t endpoint_ = 0;
    bool stopped_ = false;
    std::vector<std::string> statements_;
    std::vector<std::string> faults_;
    std::atomic<std::uint64_t> seen_{0};
    std::atomic<unsigned> connections_{0};
    std::thread thread_;  // last: it uses the others
};

class Subscribe : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe(); }

    // Ends the load, waits until `follower` has everything, and compares it with the ledger.
    void expect_complete(Follower& follower, Writers& writers) {
        const Journal journal = writers.finish();
        const std::uint64_t size = expect_ledgers_keep(cluster_, journal);
        EXPECT_TRUE(wait_until([&] { return follower.seen() >= size; }))
            << "it has seen " << follower.seen() << " of " << size << " leaves";
        follower.stop();
        EXPECT_TRUE(follower.faults().empty()) << follower.faults().front();
        const auto content = content_of(read_ledger(cluster_, cluster_.nodes().front()));
        ASSERT_EQ(follower.statements().size(), content.statements.size());
        EXPECT_TRUE(follower.statements() == content.statements);
    }
    bool seen_by(const Follower& follower, std::uint64_t more) {
        const std::uint64_t before = follower.seen();
        return wait_until([&] { return follower.seen() >= before + more; });
    }

    LocalCluster cluster_;
};

TEST_F(Subscribe, AFollowerShowsEveryLeafAcrossTheDeathOfTheLeader) {
    const std::string leader = cluster_.await_leader();
    Follower follower(cluster_.endpoints_from(cluster_.others({leader}).front()));
    Writers writers(cluster_, 4, "follower", 4);
    ASSERT_TRUE(seen_by(follower, 200)) << cluster_.describe();
    cluster_.must("kill", {leader});
    EXPECT_TRUE(seen_by(follower, 200)) << cluster_.describe();
    cluster_.must("start", {leader});
    EXPECT_TRUE(seen_by(follower, 100)) << cluster_.describe();
    expect_complete(follower, writers);
    EXPECT_EQ(follower.connections(), 1U);  // its own node never went away
}

TEST_F(Subscribe, GoingOnAtAnotherNodeMissesNothing) {
    const std::string leader = cluster_.await_leader();
    Follower follower(cluster_.endpoints_from(leader));
    Writers writers(cluster_, 4, "leader", 5);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(seen_by(follower, 100)) << cluster_.describe();
        const std::string current = cluster_.await_leader();
        cluster_.must("kill", {current});
        EXPECT_TRUE(seen_by(follower, 100)) << cluster_.describe();
        cluster_.must("start", {current});
    }
    expect_complete(follower, writers);
    EXPECT_GT(follower.connections(), 1U);
}

// Nothing comes from a node that is paused, and nothing is missing once it wakes.
TEST_F(Subscribe, APausedNodeCatchesUpWithItsSubscriber) {
    const std::string leader = cluster_.await_leader();
    const std::string node = cluster_.others({leader}).front();
    Follower follower({cluster_.endpoint(node)});
    Writers writers(cluster_, 4, "paused", 6);
    ASSERT_TRUE(seen_by(follower, 100)) << cluster_.describe();
    cluster_.must("pause", {node});
    const std::uint64_t before = writers.answered();
    EXPECT_TRUE(wait_until([&] { return writers.answered() >= before + 50; })) << cluster_.describe();
    cluster_.must("resume", {node});
    expect_complete(follower, writers);
}

}  // namespace
}  // namespace socai::cluster_tests
