// The bytes of a leaf go by vote, from every node of a cluster of real processes: what remains takes their place, and proofs,
// restarts, rebuilt states, new nodes, backups and audits go on as before.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <algorithm>
#include <filesystem>
#include <future>
#include <map>

#include "node/withdrawals.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

class Withdrawal : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        submit("engine", "customs", event("customs", "activation", "engine",
                                          {{"activation", "08/engine"}, {"schema_set", 1}, {"rule_engine", 2}, {"refs", json::array()}}));
        submit("before", writer, signal("before", "stays", {}));
        submit("wrong", writer, signal("wrong", "A name that should not stand here", {{"before", "closes"}}));
        submit("after", writer, signal("after", "stays too", {{"wrong", "closes"}}));
    }
    static std::string signal(const std::string& id, const std::string& text,
                               const std::vector<std::pair<std::string, std::string>>& refs) {
        json::array list;
        for (const auto& [to, rel] : refs)
            list.push_back(json::object{{"rel", rel}, {"source", writer}, {"id", to}});
        return event(writer, "post_check", id,
                     {{"check_no", "08/" + id}, {"type", "market_check"}, {"status", "planned"}, {"finding", text}, {"refs", list}});
    }
    void submit(const std::string& id, const std::string& source, const std::string& record) {
        const std::string statement = statement_of(cluster_, source, record);
        statements_[id] = statement;
        const auto done = NodeClient(cluster_.endpoint("most-1")).submit(statement);
        ASSERT_TRUE(done) << id << ": " << done.error().detail;
    }
    // From inside of what was signed: it is in no other leaf, and no proposal.
    std::string secret() const {
        const std::string& statement = statements_.at("wrong");
        const std::size_t payload = statement.find('.') + 1;
        return statement.substr(payload + (statement.rfind('.') - payload) / 2, 60);
    }
    json::object find(const std::string& node, const std::string& id, json::object more = {}) const {
        const auto found = NodeClient(cluster_.endpoint(node)).find(writer, id, std::move(more));
        return found ? *found : json::object{{"reason", found.error().reason}};
    }
    std::uint64_t leaf_of(const std::string& id) const {
        return find("customs-1", id, {{"read", "linearizable"}}).at("index").to_number<std::uint64_t>();
    }
    ProgramResult socai(Names words) const {
        words.insert(words.begin(), program());
        return run_program(words, 120s);
    }
    ProgramResult audit(const std::string& source, const Names& words = {}) const {
        Names command{"audit", "--source", source, "--policy", cluster_.policy(), "--json"};
        command.insert(command.end(), words.begin(), words.end());
        return socai(std::move(command));
    }
    static json::object report_of(const ProgramResult& audit) {
        return json::parse(audit.output.substr(0, audit.output.find('\n'))).as_object();
    }
    // The vote, by what an audit of the ledger says would remain.
    void vote(std::uint64_t leaf) {
        const std::string change = folder_ / "remains.json";
        Names url{"--ca", cluster_.dir() + "/ca.pem", "--key", cluster_.dir() + "/keys/customs/record-1.jwk", "--aud",
                  cluster_.origin(), "--remains", std::to_string(leaf), "--remains-file", change};
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        const std::string api = cluster_.endpoint("mard-1").url();
        const std::string source = "https" + api.substr(api.find("://"), api.rfind("/rpc") - api.find("://"));
        const auto told = audit(source, url);
        ASSERT_EQ(told.exit_status, 0) << told.output;
        const std::string registrar = cluster_.dir() + "/keys/customs/registrar.jwk";
        const auto proposed = socai({"governance", "propose", "withdrawal", "--id", "p-1", "--title", "p-1", "--change", "@" + change,
                                     "--legal-basis", "Luật 91/2025/QH15", "--key", registrar, "--dir", cluster_.dir()});
        ASSERT_EQ(proposed.exit_status, 0) << proposed.output;
        const auto shown = socai({"governance", "show", "customs/p-1", "--dir", cluster_.dir()});
        const std::string digest(report_of(told).at("remains").at("sha256").as_string());
        EXPECT_NE(shown.output.find(digest), std::string::npos) << shown.output;
        for (const char* member : {"customs", "most", "mard"}) {
            const auto voted = socai({"governance", "vote", "customs/p-1", "yes", "--key",
                                      cluster_.dir() + "/keys/" + member + "/registrar.jwk", "--dir", cluster_.dir()});
            ASSERT_EQ(voted.exit_status, 0) << voted.output;
        }
    }
    // Twenty minutes later, at all nodes.
    void set_clocks(std::int64_t offset_ms, const Names& nodes) const {
        for (const std::string& node : nodes)
            ASSERT_TRUE(wait_until([&] {
                return NodeClient(cluster_.endpoint(node)).call("node.shift_clock", {{"offset_ms", offset_ms}}).has_value();
            })) << node;
    }
    json::object withdrawals(const std::string& node) const {
        const json::object status = cluster_.status(node);
        return status.contains("withdrawals") ? status.at("withdrawals").as_object() : json::object();
    }
    bool await_carried_out(const std::string& node) const {
        return wait_until([&] {
            const json::object told = withdrawals(node);
            return !told.empty() && told.at("carried_out") == json::value(1);
        });
    }
    Names files_with_secret() const {
        Names found;
        for (const std::string& node : cluster_.nodes())
            for (const auto& file : std::filesystem::recursive_directory_iterator(cluster_.data(node))) {
                std::error_code gone;
                if (!file.is_regular_file(gone) || gone) continue;
                try {
                    if (read_text(file.path()).find(secret()) != std::string::npos) found.push_back(file.path());
                } catch (const std::exception&) {
                    continue;  // it went meanwhile
                }
            }
        return found;
    }
    void expect_withdrawn(const std::string& node, std::uint64_t leaf) const {
        const json::object found = find(node, "wrong");
        ASSERT_TRUE(found.contains("withdrawn")) << node << ": " << json::serialize(found);
        EXPECT_FALSE(found.contains("statement"));
        EXPECT_EQ(found.at("withdrawn").at("legal_basis").at(0), json::value("Luật 91/2025/QH15"));
        EXPECT_TRUE(found.at("withdrawn").as_object().contains("at"));
        const json::object& record = found.at("records").at(0).at("record").as_object();
        EXPECT_EQ(record.at("id"), json::value("wrong"));
        EXPECT_EQ(record.at("data").at("refs").at(0).at("id"), json::value("before"));
        EXPECT_FALSE(record.at("data").as_object().contains("finding"));
        NodeClient client(cluster_.endpoint(node));
        const auto proof = client.call("ledger.prove_inclusion", {{"index", leaf}});
        ASSERT_TRUE(proof);
        EXPECT_FALSE(proof->as_object().contains("receipt"));
        EXPECT_TRUE(proof->as_object().contains("withdrawn"));
        const auto by_subject = client.call("ledger.query", {{"subject", "08/wrong"}});
        ASSERT_TRUE(by_subject);
        EXPECT_TRUE(by_subject->at("items").as_array().empty()) << json::serialize(*by_subject);
        const auto by_source = client.call("ledger.query", {{"source", writer}});
        ASSERT_TRUE(by_source);
        ASSERT_EQ(by_source->at("items").as_array().size(), 3U) << json::serialize(*by_source);
        EXPECT_TRUE(by_source->at("items").at(1).as_object().contains("withdrawn"));
        // The same again is no new record.
        const auto again = client.submit(statements_.at("wrong"));
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_TRUE(again->duplicate);
        EXPECT_EQ(again->index, leaf);
    }

    static constexpr const char* writer = "most.dost-hcm";
    TemporaryFolder folder_;
    LocalCluster cluster_;
    std::map<std::string, std::string> statements_;
};

TEST_F(Withdrawal, TakesTheBytesFromEveryNodeAndLeavesEveryProof) {
    const std::uint64_t leaf = leaf_of("wrong");
    const std::string receipts = folder_ / "receipts";
    std::filesystem::create_directories(receipts);
    for (const char* id : {"wrong", "after"}) {
        const auto kept = socai({"receipt", "get", writer, id, "--dir", cluster_.dir(), "--out", receipts + "/" + id + ".receipt"});
        ASSERT_EQ(kept.exit_status, 0) << kept.output;
    }
    vote(leaf);
    EXPECT_TRUE(find("moit-1", "wrong").contains("statement")) << "the leaf is not old enough";
    ASSERT_FALSE(files_with_secret().empty()) << "else the test looks for the wrong thing";

    // One node is away meanwhile, and comes back to a ledger without the bytes, which it has.
    ASSERT_TRUE(cluster_.signal("moit-1", SIGKILL));
    ASSERT_TRUE(cluster_.await_gone("moit-1"));
    const std::int64_t later = node::withdrawn_after_ms + 60'000;
    const Names others = cluster_.others({"moit-1"});
    set_clocks(later, others);
    for (const std::string& node : others) ASSERT_TRUE(await_carried_out(node)) << node << " " << cluster_.describe();
    cluster_.must("start", {"moit-1"});
    set_clocks(later, {"moit-1"});
    ASSERT_TRUE(await_carried_out("moit-1")) << cluster_.describe();
    for (const std::string& node : cluster_.nodes()) expect_withdrawn(node, leaf);
    EXPECT_TRUE(wait_until([&] { return files_with_secret().empty(); })) << testing::PrintToString(files_with_secret());

    // A state that is made anew, and a node that is new, know the leaf from what remains.
    cluster_.must("kill", {"customs-1"});
    ASSERT_TRUE(cluster_.await_gone("customs-1"));
    std::filesystem::remove_all(cluster_.data("customs-1") + "/state");
    cluster_.must("start", {"customs-1"});
    set_clocks(later, {"customs-1"});
    // Nodes that have just started have no bytes in memory either: what they send is what remains. The new node takes it only
    // when its own clock says that the leaf is old.
    cluster_.must("stop");
    cluster_.must("start");
    set_clocks(later, cluster_.nodes());
    auto added = std::async(std::launch::async, [&] { return cluster_.verb("add-node", {"--agency", "most"}); });
    ASSERT_TRUE(wait_until([&] {
        cluster_.reread();
        return std::ranges::find(cluster_.nodes(), "most-2") != cluster_.nodes().end();
    }));
    set_clocks(later, {"most-2"});
    const ProgramResult done = added.get();
    ASSERT_EQ(done.exit_status, 0) << done.output;
    cluster_.reread();
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    for (const std::string node : {"customs-1", "most-2"}) {
        EXPECT_EQ(withdrawals(node).at("unproven"), json::value(0)) << node;
        expect_withdrawn(node, leaf);
    }
    submit("later", writer, signal("later", "goes on", {{"after", "closes"}}));
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();

    const std::string copy = folder_ / "backup";
    write_text(folder_ / "head", http_get(cluster_.endpoint("mard-1"), "/checkpoint").body);
    const auto saved = socai({"backup", "--config", cluster_.config("mard-1"), "--out", copy});
    EXPECT_EQ(saved.exit_status, 0) << saved.output;
    cluster_.must("stop");
    Names sources{copy};
    for (const std::string& node : cluster_.nodes()) sources.push_back(cluster_.data(node));
    for (const std::string& source : sources) {
        const auto whole = audit(source, {"--receipts", receipts, "--head", folder_ / "head"});
        ASSERT_EQ(whole.exit_status, 0) << source << ": " << whole.output;
        const json::object report = report_of(whole);
        EXPECT_EQ(report.at("withdrawals").at("withdrawn"), json::value(1)) << source;
        EXPECT_EQ(report.at("coverage").at("receipts"), json::value(2));
        EXPECT_EQ(report.at("derived").at("compared"), report.at("coverage").at("size")) << source;
    }
    for (const char* depth : {"--signatures-only", "--hashes-only"}) {
        const auto quick = audit(cluster_.data("most-2"), {depth});
        EXPECT_EQ(quick.exit_status, 0) << depth << ": " << quick.output;
    }
    EXPECT_TRUE(files_with_secret().empty());
}

}  // namespace
}  // namespace socai::cluster_tests
