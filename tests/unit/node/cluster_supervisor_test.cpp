// The processes of a cluster, with a shell script in the program's place: what is tested here is how they
// are started, found again and ended, not what they do.
#include "node/cluster/supervisor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <csignal>
#include <thread>

#include "node/cluster/lock.hpp"
#include "node/cluster/up.hpp"
#include "temporary_folder.hpp"
#include "tests/project_folder.hpp"

namespace socai::node::cluster {
namespace {

using namespace std::chrono_literals;
using test::get;
using test::put;
using test::TemporaryFolder;
using testing::HasSubstr;

constexpr auto deadline = 30s;

class SupervisorTest : public testing::Test {
  protected:
    void SetUp() override {
        Wishes wishes;
        wishes.registry = project_file("data/genesis_registry.json");
        Settings settings = plan(wishes).value();
        Folder folder(temporary_ / "d");
        for (const NodeSettings& node : settings.nodes)
            std::filesystem::create_directories(folder.node(node.node));
        ASSERT_TRUE(save_settings(folder, settings));
        supervisor_.emplace(folder, std::move(settings), program("exec sleep 600"));
    }
    void TearDown() override {
        const auto nodes = supervisor_->nodes();
        ASSERT_TRUE(nodes);
        EXPECT_TRUE(supervisor_->kill(*nodes));
    }
    // A program that does `script` whatever its arguments are.
    std::string program(const std::string& script) {
        const std::string path = temporary_ / "program";
        put(path, "#!/bin/sh\n" + script + "\n");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
    const NodeSettings& node(std::size_t i) { return supervisor_->settings().nodes[i]; }
    NodeProcess look(const std::string& name) { return supervisor_->nodes({name}).value().front(); }
    ClusterFile cluster_file() {
        return parse_cluster_file(get(supervisor_->folder().cluster_json()), "cluster.json").value();
    }

    TemporaryFolder temporary_;
    std::optional<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, NodesAreFoundAgainByAnotherCommand) {
    ASSERT_TRUE(supervisor_->start_node(node(0)));
    const Supervisor other = Supervisor::open(supervisor_->folder().dir(), "unused").value();
    const std::vector<NodeProcess> nodes = other.nodes().value();
    ASSERT_EQ(nodes.size(), 4U);
    EXPECT_EQ(nodes[0].state, ProcessState::running);
    EXPECT_EQ(nodes[1].state, ProcessState::gone);
    EXPECT_FALSE(nodes[1].process);
    const Result<std::vector<NodeProcess>> unknown = other.nodes({"customs-1", "custom-1"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().reason, "unknown_node");
    EXPECT_THAT(unknown.error().detail, HasSubstr("customs-1, most-1, mard-1, moit-1"));
}

TEST_F(SupervisorTest, TheFileForOtherToolsTellsWhoRuns) {
    ASSERT_TRUE(supervisor_->start_node(node(1)));
    ASSERT_TRUE(supervisor_->write_cluster_file(std::map<std::string, std::string>{{"k", "/p"}}));
    ClusterFile file = cluster_file();
    ASSERT_EQ(file.nodes.size(), 4U);
    EXPECT_EQ(file.nodes[0].pid, std::nullopt);
    EXPECT_EQ(file.nodes[1].pid, look("most-1").process->pid);
    EXPECT_EQ(file.nodes[1].api, "wss://127.0.0.1:" + std::to_string(node(1).api_port) + "/rpc");
    EXPECT_EQ(file.nodes[1].peer, "127.0.0.1:" + std::to_string(node(1).peer_port));
    ASSERT_TRUE(supervisor_->kill(supervisor_->nodes({"most-1"}).value()));
    ASSERT_TRUE(supervisor_->write_cluster_file());
    file = cluster_file();
    EXPECT_EQ(file.nodes[1].pid, std::nullopt);
    EXPECT_EQ(file.keys.at("k"), "/p") << "keys stay";
}

TEST_F(SupervisorTest, WhoOnlyLooksBringsTheFileUpToDateUnlessSomebodyWorksHere) {
    ASSERT_TRUE(supervisor_->start_node(node(1)));
    ASSERT_TRUE(supervisor_->write_cluster_file(std::map<std::string, std::string>{{"k", "/p"}}));
    const ProcessId died = *look("most-1").process;
    ASSERT_TRUE(send_signal(died, SIGKILL));
    ASSERT_TRUE(wait_gone(died, deadline));
    {
        const auto working = FolderLock::take(supervisor_->folder().lock(), 0ms, [] {});
        ASSERT_TRUE(working);
        supervisor_->refresh_cluster_file();
        EXPECT_EQ(cluster_file().nodes[1].pid, died.pid);
    }
    supervisor_->refresh_cluster_file();
    EXPECT_EQ(cluster_file().nodes[1].pid, std::nullopt);
    EXPECT_EQ(cluster_file().keys.at("k"), "/p");
}

TEST_F(SupervisorTest, UpWithWishesThatCannotBeGrantedLeavesNothing) {
    Wishes wishes;
    wishes.registry = project_file("data/genesis_registry.json");
    wishes.agencies = {"nope"};
    const std::string dir = temporary_ / "other";
    const Result<UpReport> done =
        up(dir, wishes, "unused", {[](const std::string&) {}, [] { return false; }, deadline});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, "bad_agencies");
    EXPECT_FALSE(std::filesystem::exists(dir));
}

TEST_F(SupervisorTest, StopWakesAPausedNodeSoThatItCanEnd) {
    ASSERT_TRUE(supervisor_->start_node(node(0)));
    ASSERT_TRUE(send_signal(*look("customs-1").process, SIGSTOP));
    ASSERT_TRUE(supervisor_->stop(supervisor_->nodes().value(), deadline));
    EXPECT_EQ(look("customs-1").state, ProcessState::gone);
}

TEST_F(SupervisorTest, WhoDoesNotEndIsNamedAndCanBeKilled) {
    const std::string ready = temporary_ / "ready";
    const Supervisor deaf(supervisor_->folder(), supervisor_->settings(),
                          program("trap '' TERM; echo > " + ready + "; while :; do sleep 0.01; done"));
    ASSERT_TRUE(deaf.start_node(node(2)));
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!std::filesystem::exists(ready)) ASSERT_LT(std::chrono::steady_clock::now(), end);
    const Result<void> stopped = deaf.stop(deaf.nodes().value(), 50ms);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().reason, "not_stopped");
    EXPECT_THAT(stopped.error().detail,
                HasSubstr("mard-1 (pid " + std::to_string(look("mard-1").process->pid) + ")"));
    std::string told;
    EXPECT_TRUE(deaf.down(50ms, [&](const std::string& words) { told += words; }));
    EXPECT_THAT(told, HasSubstr("killing"));
    EXPECT_EQ(look("mard-1").state, ProcessState::gone);
}

TEST_F(SupervisorTest, APortInUseIsNamedBeforeTheStart) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor taken(io, {boost::asio::ip::address_v4::loopback(), node(0).peer_port});
    const Result<ProcessId> started = supervisor_->start_node(node(0));
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().reason, "port_in_use");
    EXPECT_THAT(started.error().detail,
                HasSubstr("[peer] of customs-1 needs 127.0.0.1:" + std::to_string(node(0).peer_port)));
    EXPECT_EQ(look("customs-1").state, ProcessState::gone);
}

TEST_F(SupervisorTest, UpThatCannotStartItsProxyTellsWhyAndLeavesNothing) {
    std::string told;
    const Result<UpReport> done =
        up(supervisor_->folder().dir(), {}, program("echo the proxy says no; exit 3"),
           {[&](const std::string& words) { told += words + "\n"; }, [] { return false; }, deadline});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, "proxy_failed") << done.error().detail;
    EXPECT_THAT(told, HasSubstr("the proxy says no"));
    EXPECT_FALSE(supervisor_->proxy().value());
    EXPECT_TRUE(std::filesystem::exists(supervisor_->folder().cluster_json()))
        << "the cluster was made all the same";
}

TEST_F(SupervisorTest, WaitingTellsTheLastWordsOfANodeThatEnded) {
    const Supervisor dying(supervisor_->folder(), supervisor_->settings(), program("echo no disk; exit 1"));
    const Result<ProcessId> process = dying.start_node(node(0));
    ASSERT_TRUE(process);
    ASSERT_TRUE(wait_gone(*process, deadline));
    std::string told;
    const Surroundings around{[&](const std::string& words) { told += words; }, [] { return false; },
                              deadline};
    const Result<void> ready = await_ready(dying, {{node(0), ProcessState::running, *process}}, around);
    ASSERT_FALSE(ready);
    EXPECT_EQ(ready.error().reason, "node_ended");
    EXPECT_THAT(told, HasSubstr("no disk"));
}

TEST_F(SupervisorTest, StartTellsThatANodeEndedRightAway) {
    // Its proxy is this test's: only the node is the program's.
    boost::asio::io_context io;
    network::Proxy proxy(io, supervisor_->settings().control_port, proxy_links(supervisor_->settings(), {}));
    ASSERT_EQ(proxy.start(), std::nullopt);
    std::thread serving([&] { io.run(); });
    const Result<ProcessId> stand_in = start_process({program("exec sleep 600")}, temporary_ / "log");
    ASSERT_TRUE(stand_in);
    std::filesystem::create_directories(supervisor_->folder().dir() + "/run");
    ASSERT_TRUE(remember_process(supervisor_->folder().run_file(proxy_name), *stand_in));
    ASSERT_TRUE(supervisor_->write_cluster_file(std::map<std::string, std::string>{}));
    const Supervisor dying(supervisor_->folder(), supervisor_->settings(), program("echo no disk; exit 1"));
    std::string told;
    const Surroundings around{[&](const std::string& words) { told += words; }, [] { return false; },
                              deadline};
    const Result<UpReport> started = start(dying, {"customs-1"}, true, around);
    EXPECT_FALSE(started);
    EXPECT_EQ(started.has_error() ? started.error().reason : "", "node_ended");
    EXPECT_THAT(told, HasSubstr("no disk"));
    EXPECT_EQ(cluster_file().nodes[0].pid, std::nullopt);

    EXPECT_TRUE(dying.disturb({{LinkOrder::What::cut, "customs-1", "most-1", 0},
                               {LinkOrder::What::slow, "most-1", "customs-1", 20}}));
    EXPECT_EQ(
        load_disturbances(dying.folder()).value(),
        (std::vector<Disturbance>{{"customs-1", "most-1", true, 0}, {"most-1", "customs-1", false, 20}}));
    const Result<void> refused = dying.disturb({{LinkOrder::What::cut, "customs-1", "customs-1", 0}});
    EXPECT_EQ(refused.has_error() ? refused.error().reason : "", "proxy_refused");
    EXPECT_TRUE(dying.heal_all());
    EXPECT_TRUE(load_disturbances(dying.folder()).value().empty());
    EXPECT_TRUE(dying.end_proxy());
    proxy.stop();
    io.stop();
    serving.join();
}

TEST_F(SupervisorTest, WaitingEndsAtItsDeadlineAndWhenInterrupted) {
    const Result<ProcessId> process = supervisor_->start_node(node(0));
    ASSERT_TRUE(process);
    const std::vector<NodeProcess> nodes = supervisor_->nodes({"customs-1"}).value();
    Surroundings around{[](const std::string&) {}, [] { return false; }, 0ms};
    EXPECT_EQ(await_ready(*supervisor_, nodes, around).error().reason, "not_ready");
    around = {[](const std::string&) {}, [] { return true; }, deadline};
    EXPECT_EQ(await_ready(*supervisor_, nodes, around).error().reason, "interrupted");
}

TEST_F(SupervisorTest, DisturbancesAreRefusedWithoutAProxyAndNotRemembered) {
    const Result<void> cut = supervisor_->disturb({{LinkOrder::What::cut, "customs-1", "most-1", 0}});
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().reason, "proxy_unreachable");
    EXPECT_TRUE(load_disturbances(supervisor_->folder()).value().empty());
}

TEST(DisturbanceTest, OrdersAddUp) {
    using What = LinkOrder::What;
    std::vector<Disturbance> links;
    remember(links, {What::heal, "a", "b", 0});
    EXPECT_TRUE(links.empty());
    remember(links, {What::slow, "a", "b", 20});
    remember(links, {What::cut, "a", "b", 0});
    remember(links, {What::cut, "b", "a", 0});
    EXPECT_EQ(links, (std::vector<Disturbance>{{"a", "b", true, 20}, {"b", "a", true, 0}}));
    remember(links, {What::slow, "a", "b", 0});
    EXPECT_EQ(links[0], (Disturbance{"a", "b", true, 0}));
    remember(links, {What::heal, "a", "b", 0});
    EXPECT_EQ(links, (std::vector<Disturbance>{{"b", "a", true, 0}}));
}

TEST(DisturbanceTest, AreKeptForTheNextProxy) {
    TemporaryFolder temporary;
    const Folder folder(temporary.path());
    std::filesystem::create_directories(temporary / "run");
    EXPECT_TRUE(load_disturbances(folder).value().empty());
    const std::vector<Disturbance> links = {{"a-1", "b-1", true, 0}, {"b-1", "a-1", false, 250}};
    ASSERT_TRUE(save_disturbances(folder, links));
    EXPECT_EQ(load_disturbances(folder).value(), links);
    Settings settings;
    settings.nodes = {{"a-1", "a", 1, 2}, {"b-1", "b", 3, 4}};
    settings.links = {{"a-1", "b-1", 10}, {"b-1", "a-1", 11}};
    const std::vector<network::ProxyLink> told = proxy_links(settings, links);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_TRUE(told[0].cut);
    EXPECT_EQ(told[0].listen_port, 10);
    EXPECT_EQ(told[0].target_port, 4);
    EXPECT_EQ(told[1].delay_ms, 250U);
    put(folder.links(), "{}");
    EXPECT_EQ(load_disturbances(folder).error().reason, "links_damaged");
}

}  // namespace
}  // namespace socai::node::cluster
