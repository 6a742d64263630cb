// The rule sets and both worked shipments through a cluster of real nodes: every read of inspection answers the same at every
// node, the ledger refuses what the law refuses, and a node that was killed comes back to the same derived state, byte for byte.
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "tests/project_folder.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

const std::string goods_key = "sha256:8792fc7d2ae22195bc92350cc0bbc115b1e8ee894ee30bb871716fba17745e68";

std::vector<std::string> lines_of(const std::string& file) {
    const std::string text = read_text(project_file("data/") + file);
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end > begin) lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

// Those that were in force when the shipments came, one for each regime.
std::vector<std::string> rule_sets() {
    std::vector<std::string> lines = lines_of("rule_sets.jsonl");
    std::erase_if(lines, [](const std::string& line) {
        const json::value name = json::parse(line).at("subject");
        return name != "qd38-2021@1" && name != "nd15-2018@1";
    });
    return lines;
}

// An answer without what a node learns a moment later than another: how fresh it is, and which leaves are final by now.
std::string settled(json::value answer) {
    answer.as_object().erase("as_of");
    std::string text = json::serialize(answer);
    const std::string final = R"("status":"final")";
    for (std::size_t at = 0; (at = text.find(final, at)) != std::string::npos;)
        text.replace(at, final.size(), R"("status":"committed")");
    return text;
}

class Inspection : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe(); }
    NodeClient client(const std::string& node) const { return NodeClient(cluster_.endpoint(node)); }
    const std::string& first() const { return cluster_.nodes().front(); }

    // Signed and submitted with the program, in order.
    void submit(const std::vector<std::string>& records) {
        const std::string file = folder_ / "records.jsonl";
        std::string text;
        for (const std::string& record : records) text += record + "\n";
        write_text(file, text);
        const ProgramResult result = run_program({program(), "submit", "--dir", cluster_.dir(), file});
        ASSERT_EQ(result.exit_status, 0) << result.output;
    }
    // Waits until every node has applied what any of them has.
    std::uint64_t settle() {
        EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        return cluster_.view(first()).applied_size;
    }
    ProgramResult socai(std::vector<std::string> words) const {
        words.insert(words.begin(), program());
        words.insert(words.end(), {"--dir", cluster_.dir()});
        return run_program(words);
    }

    LocalCluster cluster_;
    TemporaryFolder folder_;
};

// Every read, with a time of its own so that no node's clock comes in.
std::vector<std::pair<std::string, json::object>> reads() {
    const json::value at = "2022-06-01T00:00:00+07:00";
    return {
        {"inspection.clearance", {{"declaration_no", "104000123450"}, {"at", at}}},
        {"inspection.clearance", {{"declaration_no", "104000777120"}, {"at", at}}},
        {"inspection.method", {{"goods_key", goods_key}, {"regime", "quality"}, {"at", at}}},
        {"inspection.method",
         {{"goods_key", goods_key}, {"regime", "quality"}, {"tax_code", "9900000048"}, {"at", at}}},
        {"inspection.dossier", {{"dossier_no", "NSW-BKHCN-2021-0004711"}, {"at", at}}},
        {"inspection.dossier", {{"dossier_no", "NSW-BNN-2021-0101993"}, {"at", at}}},
        {"inspection.goods", {{"at", at}}},
        {"inspection.results", {}},
        {"inspection.results", {{"outcome", "fail"}, {"hs_prefix", "08"}}},
        {"inspection.catalog", {{"at", at}}},
        {"inspection.procedures", {{"at", at}}},
        {"inspection.alerts", {{"at", at}}},
        {"inspection.enterprise", {{"tax_code", "9900000016"}, {"at", at}}},
        {"inspection.exceptions", {{"at", at}}},
        {"inspection.statistics",
         {{"from", "2021-01-01"}, {"to", "2022-12-31"}, {"group_by", {"agency", "quarter"}}}},
        {"inspection.statistics", {{"from", "2021-01-01"}, {"to", "2022-12-31"}, {"as_of", 20}}},
    };
}

TEST_F(Inspection, BothShipmentsReadTheSameAtEveryNodeAndAfterAKill) {
    submit(rule_sets());
    submit(lines_of("shipment_mangosteen.jsonl"));

    // The doll's declaration is there, its inspection is not over: customs may not clear it yet.
    std::vector<std::string> before, after;
    std::string clearance;
    for (const std::string& line : lines_of("shipment_toys.jsonl")) {
        const json::object record = json::parse(line).as_object();
        if (record.at("id") == "t-10") clearance = line;
        (record.at("time").as_string() < "2021-10-01" ? before : after).push_back(line);
    }
    submit(before);
    json::object early = json::parse(clearance).as_object();
    early["id"] = "t-10-early";
    early["time"] = "2021-10-01T09:00:00+07:00";
    json::object& data = early["data"].as_object();
    data["cleared_at"] = "2021-10-01T09:00:00+07:00";
    json::array about{data.at("refs").as_array().front()};
    data["refs"] = about;
    const auto refused =
        client(first()).submit(statement_of(cluster_, "customs.haiphong", json::serialize(early)));
    ASSERT_FALSE(refused) << "a clearance without a basis stands in the ledger";
    EXPECT_EQ(refused.error().code, code::refused);
    EXPECT_EQ(refused.error().reason, "clearance_without_basis");
    EXPECT_NE(refused.error().detail.find("Đ24.1"), std::string::npos) << refused.error().detail;
    const ProgramResult no = socai({"clearance", "104000123450", "--at", "2021-10-01"});
    EXPECT_EQ(no.exit_status, 1) << no.output;

    submit(after);
    const std::uint64_t size = settle();

    std::vector<std::string> answers;
    for (const auto& [method, parameters] : reads()) {
        SCOPED_TRACE(method + " " + json::serialize(parameters));
        std::set<std::string> seen;
        for (const std::string& node : cluster_.nodes()) {
            auto answer = client(node).call(method, parameters);
            ASSERT_TRUE(answer) << node << ": " << answer.error().reason << ": " << answer.error().detail;
            const std::string text = settled(*answer);
            seen.insert(text);
            if (node == first()) answers.push_back(text);
        }
        EXPECT_EQ(seen.size(), 1U) << *seen.begin() << "\n" << *seen.rbegin();
    }
    EXPECT_EQ(socai({"clearance", "104000123450", "--at", "2021-10-08"}).exit_status, 0);

    // Killed, rebuilt from its log, and asked again.
    const std::string killed = cluster_.others({cluster_.await_leader()}).front();
    ASSERT_TRUE(cluster_.signal(killed, SIGKILL));
    ASSERT_TRUE(cluster_.await_gone(killed));
    std::filesystem::remove_all(cluster_.data(killed) + "/state");
    cluster_.must("start", {killed});
    ASSERT_TRUE(cluster_.await_whole(killed)) << cluster_.describe();
    std::size_t position = 0;
    for (const auto& [method, parameters] : reads()) {
        auto answer = client(killed).call(method, parameters);
        ASSERT_TRUE(answer) << answer.error().reason << ": " << answer.error().detail;
        EXPECT_EQ(settled(*answer), answers[position++]) << method;
    }
    for (std::uint64_t each = 1; each <= size; ++each) {
        std::set<std::string> marks;
        for (const std::string& node : cluster_.nodes()) {
            const HttpReply reply = http_get(cluster_.endpoint(node), "/derived/" + std::to_string(each));
            ASSERT_EQ(reply.status, 200U) << reply.body;
            marks.insert(reply.body);
        }
        ASSERT_EQ(marks.size(), 1U) << "what follows from the first " << each << " leaves differs";
    }
}

// What everybody may see is one thing, what an agency sees another.
TEST_F(Inspection, TheVerbsAnswerPeopleAndPrograms) {
    submit(rule_sets());
    submit(lines_of("shipment_mangosteen.jsonl"));
    submit(lines_of("shipment_toys.jsonl"));
    settle();
    const std::vector<std::vector<std::string>> verbs{
        {"clearance", "104000123450", "--at", "2021-10-08"},
        {"method", "--goods-key", goods_key, "--regime", "quality"},
        {"dossier", "NSW-BKHCN-2021-0004711"},
        {"goods", "--hs-prefix", "9503"},
        {"results", "--outcome", "fail"},
        {"catalog", "--hs-prefix", "9503"},
        {"procedures"},
        {"alerts", "--hs-prefix", "9503"},
        {"enterprise", "9900000016"},
        {"exceptions"},
        {"statistics", "--from", "2021-01-01", "--to", "2022-12-31"},
    };
    for (std::vector<std::string> words : verbs) {
        SCOPED_TRACE(words.front());
        const ProgramResult people = socai(words);
        EXPECT_EQ(people.exit_status, 0) << people.output;
        EXPECT_FALSE(people.output.empty());
        EXPECT_EQ(people.output.find('{'), std::string::npos) << people.output;
        words.emplace_back("--json");
        const ProgramResult programs = socai(words);
        EXPECT_EQ(programs.exit_status, 0) << programs.output;
        EXPECT_TRUE(json::parse(programs.output).is_object());
    }
    const ProgramResult open = socai({"results", "--json", "--audience", "public"});
    EXPECT_EQ(open.output.find("NSW-"), std::string::npos) << open.output;
    EXPECT_NE(socai({"results", "--json"}).output.find("NSW-"), std::string::npos);
}

}  // namespace
}  // namespace socai::cluster_tests
