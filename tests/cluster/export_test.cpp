// A case from a running cluster, and receipts: exported and verified with the program, as an auditor would.
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "ledger/policy.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

class Export : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        submit("customs", "d-1", R"("dossier_no":"N-1","refs":[])");
        submit("customs", "other", R"("dossier_no":"N-2","refs":[])");
        submit("customs", "d-2",
               R"("dossier_no":"N-1","refs":[{"rel":"because_of","source":"customs","id":"d-1"}])");
        submit("most", "decision", R"("refs":[{"rel":"about","source":"customs","id":"d-2"}])");
    }

    // The last of the cluster's writes is waited for until it is final: the others are then, too.
    void submit(const std::string& source, const std::string& id, const std::string& data) {
        json::object record = json::parse(risk_signal(source, id)).as_object();
        const json::value further = json::parse("{" + data + "}");
        for (const auto& member : further.as_object())
            record["data"].as_object()[member.key()] = member.value();
        NodeClient client(cluster_.endpoint(cluster_.nodes().front()),
                          {.connect = 5'000ms, .answer = patience});
        const auto done = client.call("ledger.submit",
                                      {{"statement", statement_of(cluster_, source, json::serialize(record))},
                                       {"wait", "final"},
                                       {"timeout_ms", 30'000}});
        ASSERT_TRUE(done) << done.error().reason << ": " << done.error().detail;
    }

    ProgramResult socai(std::vector<std::string> words) const {
        words.insert(words.begin(), program());
        return run_program(words);
    }
    json::object answer(const std::vector<std::string>& words, int exit_status = 0) const {
        const ProgramResult result = socai(words);
        EXPECT_EQ(result.exit_status, exit_status) << result.output;
        // Of a "no" the reason follows on standard error.
        const json::value value = json::parse(result.output.substr(0, result.output.find('\n')));
        return value.as_object();
    }

    LocalCluster cluster_;
    TemporaryFolder folder_;
};

TEST_F(Export, ACaseIsVerifiedOfflineAndAnAlteredByteIsFound) {
    const std::string out = folder_ / "case";
    const json::object made =
        answer({"export", "--dir", cluster_.dir(), "--dossier", "N-1", "--out", out, "--json"});
    EXPECT_EQ(made.at("records").as_int64(), 3);
    EXPECT_TRUE(made.at("verified").as_bool());
    const std::string file = out + "/case.json";
    const std::string policy = folder_ / "policy";
    std::filesystem::copy_file(cluster_.policy(), policy);
    EXPECT_NE(read_text(out + "/case.html").find("Hồ sơ vụ việc"), std::string::npos);

    // Offline: nobody is there to be asked.
    cluster_.must("stop");
    const json::object verified = answer({"export", "verify", file, "--policy", policy, "--json"});
    EXPECT_TRUE(verified.at("verified").as_bool());
    const json::array& records = verified.at("records").as_array();
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[2].at("id"), "decision");
    EXPECT_EQ(records[2].at("kid").as_string().starts_with("most/"), true);
    for (const json::value& receipt : verified.at("receipts").as_array())
        EXPECT_GE(receipt.at("cosigners").as_array().size(), 3U);
    EXPECT_FALSE(verified.at("not_checked").as_array().empty());
    EXPECT_EQ(socai({"export", "verify", file, "--policy", policy}).exit_status, 0);

    const std::string text = read_text(file);
    const auto altered = [&](std::string_view from, std::string_view to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        write_text(file, changed);
    };
    altered("N-1\\\"", "N-9\\\"");  // inside a record's bytes
    EXPECT_EQ(answer({"export", "verify", file, "--policy", policy, "--json"}, 1).at("reason"),
              "other_record");
    // An entry: its last letter, of the author's signature, is another one.
    const std::size_t end = text.find("\",\"proof\"", text.find("\"receipts\""));
    std::string changed = text;
    changed[end - 3] = changed[end - 3] == 'x' ? 'y' : 'x';
    write_text(file, changed);
    EXPECT_EQ(answer({"export", "verify", file, "--policy", policy, "--json"}, 1).at("reason"),
              "wrong_proof");
    write_text(file, text.substr(0, text.size() / 2));
    EXPECT_EQ(answer({"export", "verify", file, "--policy", policy, "--json"}, 2).at("reason"),
              "malformed_case");
    EXPECT_EQ(socai({"export", "verify", file, "--policy", folder_ / "none"}).exit_status, 3);
}

TEST_F(Export, AReceiptIsVerifiedOfflineUnderThePinnedPolicyOnly) {
    const std::string file = folder_ / "receipt";
    const std::string policy = folder_ / "policy";
    std::filesystem::copy_file(cluster_.policy(), policy);
    const json::object got = answer({"receipt", "get", "--dir", cluster_.dir(), "most", "decision",
                                     "--policy", policy, "--out", file, "--json"});
    EXPECT_TRUE(got.at("verified").as_bool());
    cluster_.must("stop");
    const json::object verified = answer({"receipt", "verify", file, "--policy", policy, "--json"});
    EXPECT_EQ(verified.at("index"), got.at("index"));
    EXPECT_EQ(verified.at("records").as_array().at(0).at("id"), "decision");
    EXPECT_EQ(verified.at("cosigners").as_array().size(),
              3U);  // of four agencies: as many as the policy needs

    // A policy that asks for one agency more than signed, and one of another ledger.
    ledger::Policy all = ledger::parse_policy(read_text(policy)).value();
    all.groups.back().threshold = static_cast<std::uint32_t>(all.groups.back().members.size());
    write_text(policy, all.to_string());
    EXPECT_EQ(answer({"receipt", "verify", file, "--policy", policy, "--json"}, 1).at("reason"), "no_quorum");
    for (ledger::PolicyLog& log : all.logs) log.key.name = "other.example/log";
    write_text(policy, all.to_string());
    EXPECT_EQ(answer({"receipt", "verify", file, "--policy", policy, "--json"}, 1).at("reason"),
              "wrong_origin");
    write_text(file, read_text(file) + "x");
    EXPECT_EQ(socai({"receipt", "verify", file, "--policy", cluster_.policy()}).exit_status, 2);
}

}  // namespace
}  // namespace socai::cluster_tests
