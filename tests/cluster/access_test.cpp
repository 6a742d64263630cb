// A node that shows strangers only the public part, with real processes: who sees what, over the program and over the API; and
// one client that asks for too much, in every way, while another is served.
#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "ledger/access_token.hpp"
#include "node/client/rpc_client.hpp"
#include "node/client/sign_in.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "tests/project_folder.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;
using node::client::RpcClient;
using node::client::SignIn;

// One line of the configuration, replaced.
void set(std::string& config, const std::string& key, const std::string& value) {
    const std::size_t begin = config.find("\n" + key + " = ") + 1;
    ASSERT_NE(begin, 0U) << key;
    config.replace(begin, config.find('\n', begin) - begin, key + " = " + value);
}

class Access : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        for (const char* file : {"rule_sets.jsonl", "shipment_mangosteen.jsonl", "shipment_toys.jsonl"}) {
            const auto done = run_program({program(), "submit", "--dir", cluster_.dir(), "--state", "-",
                                           project_file("data/") + std::string(file)});
            ASSERT_EQ(done.exit_status, 0) << done.output;
        }
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        std::string config = read_text(cluster_.config(node_));
        set(config, "anonymous", "\"public\"");
        set(config, "open_bundles", "false");
        limit(config);
        cluster_.must("stop", {node_});
        write_text(cluster_.config(node_), config);
        cluster_.must("start", {node_});
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    }
    // No log of any node holds a token, or the signature of one.
    void TearDown() override {
        for (const std::string& node : cluster_.nodes()) {
            const std::string log = read_text(cluster_.log(node));
            for (const std::string& token : tokens_) {
                EXPECT_EQ(log.find(token.substr(token.rfind('.') + 1)), std::string::npos) << node;
                EXPECT_EQ(log.find(token.substr(0, token.find('.') + 20)), std::string::npos) << node;
            }
        }
        const std::string metrics = http_get(endpoint(), "/metrics").body;
        for (const std::string& token : tokens_)
            EXPECT_EQ(metrics.find(token.substr(token.rfind('.') + 1)), std::string::npos);
    }
    virtual void limit(std::string&) {}

    Endpoint endpoint() const { return cluster_.endpoint(node_); }
    std::shared_ptr<const SignIn> as(const std::string& agency,
                                     std::optional<std::string> on_behalf = {}) const {
        return std::make_shared<SignIn>(
            SignIn{cluster_.key(agency), cluster_.origin(), std::move(on_behalf)});
    }
    RpcClient client(std::shared_ptr<const SignIn> who = {}) const {
        return RpcClient({endpoint()}, {.connect = 5'000ms, .answer = patience}, std::move(who));
    }
    std::string token(const std::string& agency) {
        tokens_.push_back(make_token(*as(agency), cluster_.origin()));
        return tokens_.back();
    }
    // All records of a kind that the client sees.
    static std::vector<json::object> records(RpcClient& client, const std::string& kind) {
        std::vector<json::object> found;
        json::object params{{"type", "vn.socai." + kind + ".v1"}, {"limit", 3}};
        for (;;) {
            const auto page = client.call("ledger.query", params);
            if (!page) throw std::runtime_error(page.error().reason + ": " + page.error().detail);
            for (const json::value& item : page->at("items").as_array()) found.push_back(item.as_object());
            if (!page->as_object().contains("next_cursor")) return found;
            params["cursor"] = page->at("next_cursor");
        }
    }

    const std::string node_ = "most-1";
    LocalCluster cluster_{{"customs", "most", "mard"}};
    std::vector<std::string> tokens_;
};

TEST_F(Access, EverybodySeesHisPart) {
    auto outsider = client();
    EXPECT_FALSE(records(outsider, "catalog_item").empty());
    EXPECT_TRUE(records(outsider, "inspection_registration").empty());
    EXPECT_TRUE(records(outsider, "violation").empty());
    for (const json::object& item : records(outsider, "inspection_result")) {
        EXPECT_TRUE(item.at("partial").as_bool());
        EXPECT_FALSE(item.at("record").as_object().contains("subject"));
        EXPECT_FALSE(item.at("record").at("data").as_object().contains("dossier_no"));
    }
    const auto hidden = outsider.call("ledger.get", {{"source", "importer.9900000016"}, {"id", "t-03"}});
    const auto missing = outsider.call("ledger.get", {{"source", "importer.9900000016"}, {"id", "none"}});
    ASSERT_TRUE(hidden.has_error() && missing.has_error());
    EXPECT_EQ(hidden.error().reason, missing.error().reason);

    auto agency = client(as("most.qlcl"));
    const auto registrations = records(agency, "inspection_registration");
    EXPECT_GE(registrations.size(), 3U);
    EXPECT_FALSE(records(agency, "violation").empty());
    EXPECT_TRUE(records(agency, "acdd").empty());  // for customs
    auto customs = client(as("customs.haiphong"));
    EXPECT_FALSE(records(customs, "acdd").empty());
    const auto whole = agency.call("ledger.get", {{"source", "importer.9900000016"}, {"id", "t-03"}});
    ASSERT_TRUE(whole) << whole.error().detail;
    EXPECT_TRUE(whole->as_object().contains("statement"));

    auto trader = client(as("customs.nsw", "importer.9900000016"));
    const auto own = records(trader, "inspection_registration");
    EXPECT_FALSE(own.empty());
    EXPECT_LT(own.size(), registrations.size());
    for (const json::object& item : own)
        EXPECT_EQ(item.at("record").at("data").at("importer").at("tax_code"), "9900000016");
    EXPECT_TRUE(records(trader, "violation").empty());
    EXPECT_TRUE(trader.call("inspection.dossier", {{"dossier_no", "NSW-BKHCN-2021-0004711"}}));
    const auto others = trader.call("inspection.dossier", {{"dossier_no", "NSW-BNN-2021-0101993"}});
    ASSERT_TRUE(others.has_error());
    EXPECT_EQ(others.error().reason, "no_such_dossier");
}

TEST_F(Access, TheProgramSignsIn) {
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.begin(), program());
        return run_program(words);
    };
    const std::string url = endpoint().url();
    const std::vector<std::string> ask{"dossier", "--to",         url,
                                       "--dir",   cluster_.dir(), "NSW-BKHCN-2021-0004711"};
    const auto with = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    EXPECT_EQ(with(ask, {}).exit_status, 1);
    const auto trader = with(ask, {"--as", "customs.nsw/record-1", "--for", "importer.9900000016"});
    EXPECT_EQ(trader.exit_status, 0) << trader.output;
    const auto other = with(ask, {"--as", "customs.nsw/record-1", "--for", "importer.9900000023"});
    EXPECT_EQ(other.exit_status, 1) << other.output;
    const auto stranger = with(ask, {"--as", "most.qlcl/record-1", "--for", "importer.9900000016"});
    EXPECT_NE(stranger.output.find("not_delegated"), std::string::npos) << stranger.output;
    const auto watched = run({"watch", "--to", url, "--dir", cluster_.dir(), "--as", "mard/record-1",
                              "--from", "0", "--count", "10", "--json"});
    EXPECT_EQ(watched.exit_status, 0) << watched.output;
    EXPECT_NE(watched.output.find("\"statement\""), std::string::npos);

    // Entry bundles are for members and auditors.
    const std::string http = "http" + url.substr(2, url.rfind("/rpc") - 2);
    const auto file = [&](const std::string& kid) {
        const json::value cluster = json::parse(read_text(cluster_.dir() + "/cluster.json"));
        return std::string(cluster.at("keys").at(kid).as_string());
    };
    const std::vector<std::string> audit{
        "audit", "--source", http, "--ca", cluster_.dir() + "/ca.pem", "--policy", cluster_.policy()};
    EXPECT_EQ(with(audit, {}).exit_status, 3);
    const auto office = with(audit, {"--key", file("most.qlcl/record-1"), "--aud", cluster_.origin()});
    EXPECT_EQ(office.exit_status, 3) << office.output;
    const auto member = with(audit, {"--key", file("mard/record-1"), "--aud", cluster_.origin()});
    EXPECT_EQ(member.exit_status, 0) << member.output;
}

TEST_F(Access, TokensThatAreNotGoodAreRefusedAndNotLogged) {
    const std::string good = token("most.qlcl");
    NodeClient owner(endpoint());
    ASSERT_TRUE(owner.call("session.sign_in", {{"token", good}}));
    NodeClient thief(endpoint());
    const auto replayed = thief.call("session.sign_in", {{"token", good}});
    ASSERT_TRUE(replayed.has_error());
    EXPECT_EQ(replayed.error().reason, "token_replayed");
    std::string forged = token("most.qlcl");
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    tokens_.push_back(forged);
    const auto refused = thief.call("session.sign_in", {{"token", forged}});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().reason, "bad_token_signature");
    EXPECT_EQ(refused.error().detail.find(forged.substr(0, 20)), std::string::npos);
}

// CPU time of the node's process, user and system, in clock ticks (proc(5)).
std::uint64_t ticks_of(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string word;
    std::uint64_t user = 0, system = 0;
    for (int i = 0; i < 11; ++i) fields >> word;
    fields >> user >> system;
    return user + system;
}

// A figure for docs/performance.md; how fast the machine is decides nothing.
TEST_F(Access, TellsWhatASignInCosts) {
    constexpr int count = 2'000;
    const json::value file = json::parse(read_text(cluster_.dir() + "/cluster.json"));
    std::int64_t pid = 0;
    for (const json::value& node : file.at("nodes").as_array())
        if (node.at("node") == json::string_view(node_)) pid = node.at("pid").as_int64();
    const auto who = as("most.qlcl");
    std::vector<json::object> calls;
    for (int i = 0; i < count; ++i) calls.push_back({{"token", make_token(*who, cluster_.origin())}});
    NodeClient asking(endpoint());
    ASSERT_TRUE(asking.call("node.status"));
    const std::uint64_t before = ticks_of(pid);
    for (const json::object& call : calls) ASSERT_TRUE(asking.call("session.sign_in", call));
    const double ms =
        static_cast<double>(ticks_of(pid) - before) * 1'000.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
    std::printf(
        "[ figure ] a sign-in costs the node %.3f ms of CPU (%d of them, everything else it does included)\n",
        ms / count, count);
}

// Somebody asks for too much, in every way; another client is served all the while.
class Greed : public Access {
  protected:
    void limit(std::string& config) override {
        set(config, "calls_per_second", "200");
        set(config, "calls_burst", "400");
        set(config, "cost_per_second", "500");
        set(config, "cost_burst", "2000");
        set(config, "http_idle_ms", "3000");
        set(config, "max_waiting_reads_per_asker", "16");
        set(config, "max_connections_per_address", "200");
    }
    // Calls of an account, one after the other, as its work needs them. All must be answered.
    void expect_served(int calls) {
        auto served = client(as("most"));
        for (int i = 0; i < calls; ++i) {
            const auto clearance = served.call("ledger.get", {{"index", i % 20}});
            ASSERT_TRUE(clearance) << i << ": " << clearance.error().reason << ": "
                                   << clearance.error().detail;
            if (i % 10 != 0) continue;
            const auto found = served.call("inspection.clearance", {{"declaration_no", "104000123450"}});
            ASSERT_TRUE(found) << i << ": " << found.error().reason << ": " << found.error().detail;
        }
    }
};

TEST_F(Greed, AFloodWithoutAccountIsRefusedAndOthersAreServed) {
    std::atomic<bool> ended = false;
    std::atomic<int> refused = 0, answered = 0;
    std::vector<std::thread> flood;
    for (int i = 0; i < 4; ++i)
        flood.emplace_back([&] {
            while (!ended) {
                RawWebSocket socket(endpoint());
                std::string batch = "[";
                for (int n = 0; n < 100; ++n)
                    batch += std::string(n == 0 ? "" : ",") + R"({"jsonrpc":"2.0","id":)" +
                             std::to_string(n) + R"(,"method":"ledger.query","params":{"limit":1000}})";
                batch += "]";
                for (int n = 0; n < 20 && !ended; ++n) {
                    socket.send_text(batch);
                    const auto answer = socket.receive();
                    if (!answer) break;
                    ++answered;
                    if (answer->find("-32005") != std::string::npos) ++refused;
                    if (answer->find("rate_limited") != std::string::npos) {
                        EXPECT_NE(answer->find("retry_after_ms"), std::string::npos);
                    }
                }
            }
        });
    expect_served(100);
    EXPECT_TRUE(wait_until([&] { return refused > 0; }));
    ended = true;
    for (std::thread& thread : flood) thread.join();
    std::printf("[ figure ] flood: %d batches answered, %d of them with refusals\n", answered.load(),
                refused.load());
    EXPECT_NE(http_get(cluster_.endpoint(node_), "/healthz").status, 429U);
}

TEST_F(Greed, SlowRequestsHoldNobodyUp) {
    namespace asio = boost::asio;
    asio::io_context io;
    std::vector<asio::ip::tcp::socket> slow;
    const asio::ip::tcp::endpoint address(asio::ip::make_address(endpoint().host),
                                          static_cast<std::uint16_t>(std::stoi(endpoint().port)));
    for (int i = 0; i < 150; ++i) {
        slow.emplace_back(io);
        boost::system::error_code error;
        slow.back().connect(address, error);
        if (!error)
            asio::write(slow.back(), asio::buffer(std::string("GET /checkpoint HTTP/1.1\r\nHo")), error);
    }
    expect_served(50);
    // Those that never end their request are put out when its time is over.
    EXPECT_TRUE(wait_until([&] {
        std::size_t gone = 0;
        for (auto& socket : slow) {
            boost::system::error_code error;
            char byte = 0;
            socket.non_blocking(true, error);
            socket.read_some(asio::buffer(&byte, 1), error);
            gone += error && error != asio::error::would_block ? 1 : 0;
        }
        return gone == slow.size();
    }));
    expect_served(10);
}

TEST_F(Greed, AGreedyAccountLeavesOthersTheirTurn) {
    std::atomic<bool> ended = false;
    std::atomic<int> refused = 0;
    std::thread greedy([&] {
        auto asking = client(as("most.qlcl"));
        const std::vector<node::client::Request> many(64, {"ledger.query", {{"limit", 1'000}}});
        while (!ended)
            for (const auto& answer : asking.call_all(many)) {
                if (answer) continue;
                EXPECT_TRUE(answer.error().reason == "rate_limited" || answer.error().reason == "reads_full")
                    << answer.error().reason;
                ++refused;
            }
    });
    expect_served(100);
    EXPECT_TRUE(wait_until([&] { return refused > 0; }));
    ended = true;
    greedy.join();
    std::printf("[ figure ] greedy account: %d reads refused\n", refused.load());
}

}  // namespace
}  // namespace socai::cluster_tests
