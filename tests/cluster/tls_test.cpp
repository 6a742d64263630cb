// TLS as operators and clients meet it: whom to believe, who is refused and why, and a member whose certificate has run out.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "node/key_file.hpp"
#include "node/tls/certificate.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/node_config.hpp"
#include "support/wire_tap.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;
using node::client::Trust;

void expect_words(const std::string& text, const Names& words) {
    for (const std::string& word : words)
        EXPECT_NE(text.find(word), std::string::npos) << "`" << word << "` is missing in:\n" << text;
}

class Tls : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe(); }
    SubmitOutcome submit(const std::string& id, const std::string& through) const {
        return NodeClient(cluster_.endpoint(through))
            .submit(statement_of(cluster_, "customs", risk_signal("customs", id)));
    }
    std::string url(const std::string& scheme) const {
        return scheme + "://" + cluster_.endpoint("customs-1").authority();
    }
    ProgramResult ask(const std::string& to, const Names& more = {}) const {
        Names command{program(), "get", "--to", to};
        command.insert(command.end(), more.begin(), more.end());
        command.emplace_back("0");
        return run_program(command, 60s);
    }
    std::string ca() const { return cluster_.dir() + "/ca.pem"; }
    std::string state_of(const std::string& peer, const std::string& at) const {
        const json::object status = cluster_.status(at);
        const auto* tls = status.if_contains("tls");
        if (tls == nullptr) return {};
        for (const json::value& shown : tls->at("peers").as_array())
            if (text(shown.as_object(), "node") == peer) return text(shown.as_object(), "state");
        return {};
    }

    LocalCluster cluster_{{"customs", "most", "mard"}};
    TemporaryFolder folder_;
};

TEST_F(Tls, ClientsBelieveTheAnchorsOrAPinAndNobodyElse) {
    ASSERT_TRUE(submit("first", "most-1"));
    EXPECT_TRUE(cluster_.endpoint("customs-1").url().starts_with("wss://"));
    for (const Names& trust :
         {Names{"--ca", ca()},
          Names{"--pin", [&] {
                    const auto key = node::read_key_file(cluster_.dir() + "/nodes/customs-1/tls.jwk");
                    const auto& pin = key.value().key.public_key();
                    return ledger::base64url({reinterpret_cast<const char*>(pin.data()), pin.size()});
                }()}}) {
        const auto answer = ask(url("wss"), trust);
        EXPECT_EQ(answer.exit_status, 0) << answer.output;
    }
    // Another ledger's node of the same name.
    const auto stranger = ledger::KeyPair::generate();
    write_text(folder_ / "other.pem",
               node::tls::to_pem(*node::tls::make_anchor(stranger, "customs-1", cluster_.origin())));
    for (const Names& trust :
         {Names{}, Names{"--ca", folder_ / "other.pem"}, Names{"--pin", std::string(43, 'A')}}) {
        const auto refused = ask(url("wss"), trust);
        EXPECT_EQ(refused.exit_status, 3);
        expect_words(refused.output, {"tls_untrusted", "--ca FILE", "--pin KEY"});
    }
    const auto open = ask(url("ws"));
    EXPECT_EQ(open.exit_status, 3);
    expect_words(open.output, {"tls_required", "wss://"});
    // A client that goes on to the next node gives up once it has seen that all are alike.
    write_text(folder_ / "record.json", risk_signal("customs", "never"));
    const auto given_up =
        run_program({program(), "submit", "--to", url("ws"), "--key",
                     cluster_.dir() + "/keys/customs/record-1.jwk", folder_ / "record.json"},
                    60s);
    EXPECT_EQ(given_up.exit_status, 3) << given_up.output;
    expect_words(given_up.output, {"tls_required"});
}

TEST_F(Tls, OtherPeoplesClientsAgree) {
    const auto curl =
        run_program({"/usr/bin/env", "curl", "-sS", "--cacert", ca(), url("https") + "/healthz"}, 60s);
    EXPECT_EQ(curl.exit_status, 0) << curl.output;
    EXPECT_NE(run_program({"/usr/bin/env", "curl", "-sS", url("https") + "/healthz"}, 60s).exit_status, 0)
        << "nobody vouches for it";
    EXPECT_NE(run_program({"/usr/bin/env", "curl", "-sS", "--tls-max", "1.2", "--cacert", ca(),
                           url("https") + "/healthz"},
                          60s)
                  .exit_status,
              0);
    write_text(folder_ / "strict.py",
               "import ssl, sys, urllib.request\n"
               "context = ssl.create_default_context(cafile=sys.argv[1])\n"
               "context.verify_flags |= ssl.VERIFY_X509_STRICT\n"
               "print(urllib.request.urlopen(sys.argv[2], context=context).read().decode())\n");
    const std::string localhost = "https://localhost:" + cluster_.endpoint("customs-1").port + "/healthz";
    for (const std::string& address : {url("https") + "/healthz", localhost}) {
        const auto python =
            run_program({"/usr/bin/env", "python3", folder_ / "strict.py", ca(), address}, 60s);
        EXPECT_EQ(python.exit_status, 0) << python.output;
    }
}

TEST_F(Tls, StatusAndMetricsTellHowLongCertificatesLast) {
    const json::object tls = cluster_.status("most-1").at("tls").as_object();
    for (const char* port : {"api", "peer"}) {
        const json::object& shown = tls.at(port).as_object();
        EXPECT_TRUE(shown.at("on").as_bool());
        // Whole days of the 90 that a certificate is made for: all of them while the second it was made in lasts.
        const int days = shown.at("days_left").to_number<int>();
        EXPECT_TRUE(days == 89 || days == 90) << days;
        EXPECT_FALSE(shown.contains("warning"));
    }
    EXPECT_EQ(state_of("mard-1", "most-1"), "good");
    const std::string metrics = http_get(cluster_.endpoint("most-1"), "/metrics").body;
    expect_words(metrics, {"socai_tls_certificate_expiry_seconds{port=\"api\"} 77",
                           "socai_tls_certificate_expiry_seconds{port=\"peer\"} 77",
                           "socai_tls_peer_certificate_wrong{peer=\"mard-1\"} 0"});
}

// The ledger goes on with a member whose certificate has run out, also where a majority needs it; it is told of.
TEST_F(Tls, AMembersExpiredCertificateStopsNothing) {
    const std::string old = "most-1";
    cluster_.must("stop", {old});
    set_in_config(cluster_.config(old), "debug", "certificate_age_days", 200);
    cluster_.must("start", {old, "--no-wait"});  // clients do refuse it, and so would the wait
    ASSERT_TRUE(wait_until([&] { return state_of(old, "customs-1") == "expired"; })) << cluster_.describe();
    cluster_.must("kill", {"mard-1"});
    for (int i = 0; i < 5; ++i) {
        std::string why;
        EXPECT_TRUE(wait_until([&] {
            const auto answer = submit("with-expired-" + std::to_string(i), "customs-1");
            if (!answer) why = answer.error().detail;
            return answer.has_value();
        })) << why;
    }
    expect_words(read_text(cluster_.log("customs-1")), {"The TLS certificate of most-1 has expired"});
    const auto refused =
        run_program({program(), "get", "--to", cluster_.endpoint(old).url(), "--ca", ca(), "0"}, 60s);
    EXPECT_EQ(refused.exit_status, 3);
    expect_words(refused.output, {"tls_untrusted", "certificate has expired"});

    cluster_.must("stop", {old});
    set_in_config(cluster_.config(old), "debug", "certificate_age_days", 0);
    cluster_.must("start");
    EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    EXPECT_TRUE(wait_until([&] { return state_of(old, "customs-1") == "good"; }));
}

TEST_F(Tls, ANodeDoesNotStartWithAKeyThatIsNotItsOwn) {
    const std::string path = cluster_.dir() + "/nodes/mard-1/tls.jwk";
    cluster_.must("stop", {"mard-1"});
    std::filesystem::rename(path, path + ".kept");
    ASSERT_TRUE(node::write_key_file(path, {"mard/mard-1-tls", ledger::KeyPair::generate()}));
    const auto refused = run_program({program(), "node", "run", "--config", cluster_.config("mard-1")}, 60s);
    EXPECT_EQ(refused.exit_status, 2) << refused.output;
    expect_words(refused.output, {"key_mismatch", "TLS key"});
    std::filesystem::rename(path + ".kept", path);
    cluster_.must("start", {"mard-1"});
}

TEST_F(Tls, KeysAreInNoLog) {
    ASSERT_TRUE(submit("anything", "customs-1"));
    for (const std::string& node : cluster_.nodes()) {
        for (const char* purpose : {"log", "cosigner", "node", "tls"}) {
            const std::string jwk = read_text(cluster_.dir() + "/nodes/" + node + "/" + purpose + ".jwk");
            const std::string secret(json::parse(jwk).at("d").as_string());
            EXPECT_EQ(read_text(cluster_.log(node)).find(secret), std::string::npos)
                << node << " " << purpose;
        }
        EXPECT_EQ(read_text(cluster_.log(node)).find("PRIVATE KEY"), std::string::npos);
    }
    EXPECT_EQ(read_text(ca()).find("PRIVATE"), std::string::npos);
}

// What passes on the wire between a client and a node, and from that node to the others, while a record is submitted.
struct Capture {
    std::string statement, sent, answered;

    bool has(std::string_view text) const { return (sent + answered).find(text) != std::string::npos; }
};
Capture capture(LocalCluster& cluster) {
    // The node reaches the others through taps.
    std::vector<std::unique_ptr<WireTap>> taps;
    cluster.must("stop", {"customs-1"});
    std::string config = read_text(cluster.config("customs-1"));
    const std::string table = "[[peers]]";
    const std::string key = "\nport = ";
    for (std::size_t at = config.find(table); at != std::string::npos; at = config.find(table, at + table.size())) {
        const std::size_t begin = config.find(key, at) + key.size();
        const std::size_t end = config.find_first_not_of("0123456789", begin);
        taps.push_back(std::make_unique<WireTap>(static_cast<std::uint16_t>(std::stoul(config.substr(begin, end - begin)))));
        config.replace(begin, end - begin, std::to_string(taps.back()->port()));
    }
    write_text(cluster.config("customs-1"), config);
    cluster.must("start", {"customs-1"});
    EXPECT_TRUE(cluster.await_ready()) << cluster.describe();

    Endpoint node = cluster.endpoint("customs-1");
    taps.push_back(std::make_unique<WireTap>(static_cast<std::uint16_t>(std::stoul(node.port))));
    node.port = std::to_string(taps.back()->port());
    Capture all{statement_of(cluster, "customs", risk_signal("customs", "captured")), {}, {}};
    EXPECT_TRUE(NodeClient(node).submit(all.statement));
    EXPECT_TRUE(cluster.await_agreement()) << cluster.describe();
    for (const auto& tap : taps) {
        EXPECT_FALSE(tap->sent().empty());
        all.sent += tap->sent();
        all.answered += tap->answered();
    }
    return all;
}

TEST_F(Tls, WhoCapturesPacketsReadsNothing) {
    const Capture captured = capture(cluster_);
    const std::string piece = captured.statement.substr(captured.statement.size() / 2, 60);
    for (const std::string_view text : {std::string_view(piece), std::string_view("customs"), std::string_view("jsonrpc"),
                                        std::string_view("HTTP/1.1"), std::string_view(cluster_.origin())})
        EXPECT_FALSE(captured.has(text)) << text;
    // RFC 8446 §4.2.1: the server's choice of version stands in the extension supported_versions, 43, two bytes: 0x0304 is 1.3.
    EXPECT_TRUE(captured.answered.find(std::string("\x00\x2b\x00\x02\x03\x04", 6)) != std::string::npos);
    EXPECT_EQ(captured.sent.front(), '\x16');  // a record of the handshake
}

// The control: the same capture of a cluster that does without.
TEST(NoTls, WhoCapturesPacketsReadsAll) {
    LocalCluster cluster({"customs", "most", "mard"}, {"--no-tls"});
    const Capture captured = capture(cluster);
    EXPECT_TRUE(captured.has(captured.statement.substr(captured.statement.size() / 2, 60)));
    EXPECT_TRUE(captured.has("HTTP/1.1"));
    EXPECT_TRUE(captured.has(cluster.origin()));
}

// A node that joins is believed by the same file, and knows the others' keys.
TEST_F(Tls, ANodeThatJoinsIsInTheFile) {
    cluster_.must("add-node", {"most-2", "--agency", "most"});
    cluster_.reread();
    EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    const auto answer =
        run_program({program(), "get", "--to", cluster_.endpoint("most-2").url(), "--ca", ca(), "0"}, 60s);
    EXPECT_EQ(answer.exit_status, 0) << answer.output;
    EXPECT_EQ(state_of("most-2", "customs-1"), "good");
}

TEST(NoTls, AClusterWithoutIsMadeWhenAskedFor) {
    const TemporaryFolder folder;
    const std::string dir = folder / "cluster";
    const auto up =
        run_program({program(), "cluster", "up", "--dir", dir, "--agencies", "customs", "--no-tls"}, 120s);
    EXPECT_EQ(up.exit_status, 0) << up.output;
    const json::object file = json::parse(read_text(dir + "/cluster.json")).as_object();
    EXPECT_FALSE(file.contains("ca"));
    const std::string api(file.at("nodes").at(0).at("api").as_string());
    EXPECT_TRUE(api.starts_with("ws://")) << api;
    EXPECT_EQ(run_program({program(), "get", "--dir", dir, "0"}, 60s).exit_status, 0);
    const auto refused = run_program({program(), "get", "--to", "wss" + api.substr(2), "0"}, 60s);
    EXPECT_EQ(refused.exit_status, 3);
    expect_words(refused.output, {"tls_refused", "speaks no TLS"});
    EXPECT_EQ(run_program({program(), "cluster", "down", "--dir", dir, "--purge"}, 120s).exit_status, 0);
}

}  // namespace
}  // namespace socai::cluster_tests
