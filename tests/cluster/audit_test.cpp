// `socai audit` over a live node by HTTP, over the folders of stopped nodes, and over copies that were altered.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <filesystem>

#include "ledger/node_statement.hpp"
#include "ledger/promise_file.hpp"
#include "node/key_file.hpp"
#include "storage/codec.hpp"
#include "storage/ledger_copy.hpp"
#include "storage/state_database.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

std::string http_url(const Endpoint& endpoint) {
    return (endpoint.trust ? "https://" : "http://") + endpoint.authority();
}

struct Audited {
    int exit_status = -1;
    json::object report;
    std::string output;
    std::uint64_t covered() const { return number(report.at("coverage").as_object(), "size"); }
};

class AuditCluster : public ::testing::Test {
  protected:
    // The report goes to a file: output mixes it with what is said on standard error.
    Audited audit(const std::string& source, const Names& more = {}) const {
        const std::string report = folder_ / "report.json";
        std::filesystem::remove(report);
        Names command{program(),         "audit",    "--source", source, "--policy",
                      cluster_.policy(), "--report", report,     "--ca", cluster_.dir() + "/ca.pem"};
        command.insert(command.end(), more.begin(), more.end());
        const ProgramResult result = run_program(command);
        Audited audited{result.exit_status, {}, result.output};
        if (std::filesystem::exists(report)) audited.report = json::parse(read_text(report)).as_object();
        return audited;
    }
    void write_some(const std::string& run) const {
        Writers writers(cluster_, 2, run, 1);
        EXPECT_TRUE(wait_until([&] { return writers.answered() >= 300; })) << cluster_.describe();
        writers.finish();
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        // Heads are signed a moment after what they vouch for.
        for (const std::string& node : cluster_.nodes()) {
            const std::uint64_t size = cluster_.view(node).applied_size;
            ASSERT_TRUE(wait_until([&] { return served_size(node) >= size; })) << node;
        }
    }
    // The size of the head that the node serves; 0 while it has none.
    std::uint64_t served_size(const std::string& node) const {
        const HttpReply head = http_get(cluster_.endpoint(node), "/checkpoint");
        if (head.status != 200) return 0;
        const std::size_t line = head.body.find('\n') + 1;
        return std::stoull(head.body.substr(line, head.body.find('\n', line) - line));
    }

    LocalCluster cluster_;
    TemporaryFolder folder_;
};

TEST_F(AuditCluster, EveryNodePassesLiveAndAtRest) {
    write_some("first");
    const Names nodes = cluster_.nodes();
    for (const std::string& node : nodes) {
        const Audited live = audit(http_url(cluster_.endpoint(node)));
        EXPECT_EQ(live.exit_status, 0) << live.output;
        EXPECT_EQ(live.covered(), served_size(node));
    }

    // A state from one node, gone on with from another, and then from a stopped one's folder.
    const std::string state = folder_ / "state";
    const Audited first = audit(http_url(cluster_.endpoint(nodes[0])), {"--state", state});
    EXPECT_EQ(first.exit_status, 0) << first.output;
    write_some("second");
    const Audited second = audit(http_url(cluster_.endpoint(nodes[1])), {"--state", state});
    EXPECT_EQ(second.exit_status, 0) << second.output;
    EXPECT_EQ(number(second.report.at("coverage").as_object(), "from"), first.covered());
    EXPECT_GT(second.covered(), first.covered());

    const std::string running = cluster_.data(nodes[2]);
    EXPECT_EQ(audit(running).exit_status, 3) << "a running node's folder is not read";
    write_some("third");
    write_text(folder_ / "head", http_get(cluster_.endpoint(nodes[2]), "/checkpoint").body);
    cluster_.must("stop");
    const Audited third = audit(running, {"--state", state, "--head", folder_ / "head"});
    EXPECT_EQ(third.exit_status, 0) << third.output;
    EXPECT_EQ(number(third.report.at("coverage").as_object(), "from"), second.covered());
    const Audited whole = audit(running, {"--state", state, "--head", folder_ / "head", "--from-start"});
    EXPECT_EQ(whole.exit_status, 0) << whole.output;
    EXPECT_EQ(number(whole.report.at("coverage").as_object(), "entries"), whole.covered());
}

// As somebody with the disk of a stopped node would: another mark of what was derived, from leaf `leaf` on.
void change_marks(const std::string& data, std::uint64_t leaf) {
    const storage::Identity identity = storage::LedgerCopy::open(data).value()->identity();
    const auto state = storage::StateDatabase::open(data + "/state", identity).value();
    const std::uint64_t size = state->position().value().size;
    ASSERT_LT(leaf, size);
    rocksdb::WriteBatch batch;
    for (std::uint64_t block = leaf / storage::leaves_a_block; block * storage::leaves_a_block < size;
         ++block) {
        std::string bytes = state->leaf_block(block).value().value();
        for (std::size_t n = 0; (n + 1) * storage::leaf_info_bytes <= bytes.size(); ++n) {
            if (block * storage::leaves_a_block + n < leaf) continue;
            char& last = bytes[(n + 1) * storage::leaf_info_bytes - 1];
            last = static_cast<char>(last ^ 1);
        }
        batch.Put(state->family(storage::StateFamily::leaves), storage::number_key(block), bytes);
    }
    ASSERT_TRUE(state->write(batch));
    ASSERT_TRUE(state->flush(true));
}

TEST_F(AuditCluster, WhatANodeHasDerivedIsComparedLiveAndAtRest) {
    write_some("derived");
    const Names nodes = cluster_.nodes();
    const Audited live = audit(http_url(cluster_.endpoint(nodes[0])));
    EXPECT_EQ(live.exit_status, 0) << live.output;
    const json::object derived = live.report.at("derived").as_object();
    EXPECT_EQ(number(derived, "compared"), live.covered());
    EXPECT_EQ(
        http_get(cluster_.endpoint(nodes[0]), "/derived/" + std::to_string(live.covered() + 1'000)).status,
        404);
    // Every node has derived the same.
    const std::string path = "/derived/" + std::to_string(live.covered());
    const HttpReply mark = http_get(cluster_.endpoint(nodes[0]), path);
    EXPECT_EQ(mark.status, 200);
    EXPECT_EQ(mark.body, std::string(derived.at("digest").as_string()).substr(0, 16) + "\n");
    for (const std::string& node : nodes) EXPECT_EQ(http_get(cluster_.endpoint(node), path).body, mark.body);

    write_text(folder_ / "head", http_get(cluster_.endpoint(nodes[1]), "/checkpoint").body);
    cluster_.must("stop");
    const std::string data = cluster_.data(nodes[1]);
    const Audited rest = audit(data, {"--head", folder_ / "head"});
    EXPECT_EQ(rest.exit_status, 0) << rest.output;
    EXPECT_EQ(number(rest.report.at("derived").as_object(), "compared"), rest.covered());
    constexpr std::uint64_t leaf = 123;
    change_marks(data, leaf);
    const Audited found = audit(data, {"--head", folder_ / "head"});
    EXPECT_EQ(found.exit_status, 1) << found.output;
    ASSERT_EQ(found.report.at("findings").as_array().size(), 1U) << found.output;
    const json::object& finding = found.report.at("findings").as_array().front().as_object();
    EXPECT_EQ(finding.at("reason").as_string(), "derived_differs");
    EXPECT_EQ(number(finding, "index"), leaf);
    EXPECT_EQ(number(found.report, "first_wrong_index"), leaf);
}

// A copy of one node, with a byte of its log or of its tables changed: found, or read around.
TEST_F(AuditCluster, ADamagedCopyNeverPassesAsAnotherLedger) {
    write_some("damaged");
    const std::string node = cluster_.nodes().front();
    write_text(folder_ / "head", http_get(cluster_.endpoint(node), "/checkpoint").body);
    cluster_.must("stop");
    const std::string copy = folder_ / "copy";
    std::filesystem::copy(cluster_.data(node), copy, std::filesystem::copy_options::recursive);
    ASSERT_EQ(audit(copy, {"--head", folder_ / "head"}).exit_status, 0);

    int altered = 0;
    for (const auto& file : std::filesystem::directory_iterator(copy + "/log")) {
        const std::string name = file.path().extension();
        if ((name != ".sst" && name != ".log") || file.file_size() < 10'000) continue;
        std::string bytes = read_text(file.path());
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x20);
        write_text(file.path(), bytes);
        ++altered;
    }
    ASSERT_GT(altered, 0);
    const Audited found = audit(copy, {"--head", folder_ / "head"});
    EXPECT_EQ(found.exit_status, 1) << found.output;
    EXPECT_TRUE(found.report.contains("first_wrong_index"));
}

// A promise that the operator's node key signed, of a record that the node never brought in, and whose time has passed.
TEST_F(AuditCluster, ABrokenPromiseBecomesEvidenceThatAnyCopyOfTheLedgerShows) {
    write_some("promised");
    const std::string node = cluster_.nodes().front();
    const std::string text = statement_of(cluster_, "customs", risk_signal("customs", "never"));
    const auto statement = ledger::parse_statement(text).value();
    const ledger::Record& record = statement.records.front();
    const std::int64_t minute_ago_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                           std::chrono::system_clock::now().time_since_epoch())
                                           .count() -
                                       60'000;
    const auto key = node::read_key_file(cluster_.dir() + "/nodes/" + node + "/node.jwk").value().key;
    const ledger::Note promise =
        ledger::sign_node_statement({cluster_.origin(), node,
                                     ledger::Promise{minute_ago_ms - 1'000,
                                                     minute_ago_ms,
                                                     ledger::sha256(text),
                                                     {{record.source, record.id, record.digest}}}},
                                    key);
    std::filesystem::create_directories(folder_ / "promises");
    write_text(folder_ / "promises/p.promise", ledger::PromiseFile{promise, std::nullopt, {}}.to_json());
    const std::string url = http_url(cluster_.endpoint(node));
    // The head that the node serves may have come to its quorum without the node itself: what it signed is asked for apart
    // (docs/auditing.md, promises).
    const HttpReply own = http_get(cluster_.endpoint(node),
                                   "/" + ledger::to_hex(ledger::sha256(cluster_.origin())) + "/checkpoint");
    ASSERT_EQ(own.status, 200) << own.body;
    write_text(folder_ / "own", own.body);
    const Audited found = audit(url, {"--promises", folder_ / "promises", "--evidence", folder_ / "evidence",
                                      "--head", folder_ / "own"});
    EXPECT_EQ(found.exit_status, 1) << found.output;
    ASSERT_EQ(found.report.at("evidence").as_array().size(), 1U) << found.output;
    const std::string file(found.report.at("evidence").as_array().front().as_string());
    EXPECT_NE(found.output.find(file), std::string::npos) << found.output;
    const auto verify = [&](const std::string& log, const Names& more = {}) {
        Names command{program(), "evidence", "verify", file, "--policy", cluster_.policy(), "--log", log};
        command.insert(command.end(), more.begin(), more.end());
        return run_program(command);
    };
    const auto live = verify(url, {"--json", "--ca", cluster_.dir() + "/ca.pem"});
    EXPECT_EQ(live.exit_status, 0) << live.output;
    EXPECT_NE(live.output.find("\"holds\":true"), std::string::npos) << live.output;
    EXPECT_EQ(run_program({program(), "evidence", "verify", file, "--policy", cluster_.policy()}).exit_status,
              3)
        << "not without the log";
    EXPECT_EQ(verify(cluster_.data(node)).exit_status, 3) << "a running node's folder is not read";
    const auto saved =
        run_program({program(), "backup", "--config", cluster_.config(node), "--out", folder_ / "backup"});
    ASSERT_EQ(saved.exit_status, 0) << saved.output;
    const auto from_backup = verify(folder_ / "backup");
    EXPECT_EQ(from_backup.exit_status, 0) << from_backup.output;
    // A ledger that goes on shows it all the same, and the statement that comes in now is too late.
    NodeClient client(cluster_.endpoint(node));
    ASSERT_TRUE(client.submit(text));
    cluster_.must("stop");
    const auto at_rest = verify(cluster_.data(node));
    EXPECT_EQ(at_rest.exit_status, 0) << at_rest.output;
    // The node's own refusal, in time, is the end of it.
    const ledger::Note refusal = ledger::sign_node_statement(
        {cluster_.origin(), node,
         ledger::Refusal{ledger::sha256(text), minute_ago_ms, "dangling_reference", 1}},
        key);
    write_text(folder_ / "p.refusal", refusal.to_string());
    EXPECT_EQ(verify(cluster_.data(node), {"--refusal", folder_ / "p.refusal"}).exit_status, 1);
}

}  // namespace
}  // namespace socai::cluster_tests
