// Confidential members in a cluster of real processes: told beside the statement, held by those who may, sought by a node that
// lost them, erased for good while every proof holds.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <sstream>

#include "ledger/base64.hpp"
#include "ledger/time.hpp"
#include "node/client/rpc_client.hpp"
#include "node/client/sign_in.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;
using node::client::RpcClient;
using node::client::SignIn;

constexpr const char* source = "most.dost-hcm";

class Confidential : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        write_text(folder_ / "activation.json",
                   event("customs", "activation", "v2",
                         {{"activation", "08/v2"}, {"schema_set", 1}, {"rule_engine", 2}, {"refs", json::array()}}));
        const auto done = submit({folder_ / "activation.json"});
        ASSERT_EQ(done.exit_status, 0) << done.output;
    }
    ProgramResult submit(Names words, const std::string& to = {}) const {
        Names command{program(), "submit", "--state", "-", "--dir", cluster_.dir()};
        if (!to.empty()) command.insert(command.end(), {"--to", cluster_.endpoint(to).url()});
        command.insert(command.end(), words.begin(), words.end());
        return run_program(command);
    }
    // A check whose finding is kept confidential, concealed by the program; nothing of it is submitted yet.
    void make_check(const std::string& id) {
        write_text(folder_ / (id + ".json"), event(source, "post_check", id,
                                                   {{"check_no", "08/" + id},
                                                    {"type", "market_check"},
                                                    {"status", "planned"},
                                                    {"finding", finding_ + id},
                                                    {"refs", json::array()}}));
        const auto done = run_program({program(), "conceal", "--field", "finding", "--disclosures", told(id),
                                       folder_ / (id + ".json")});
        ASSERT_EQ(done.exit_status, 0) << done.output;
        std::istringstream lines(done.output);
        std::string records;
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with("{")) records += line + "\n";
        ASSERT_EQ(records.find(finding_), std::string::npos) << records;
        write_text(concealed(id), records);
    }
    std::string told(const std::string& id) const { return folder_ / (id + ".told"); }
    std::string concealed(const std::string& id) const { return folder_ / (id + ".concealed.json"); }

    json::value ask(const std::string& node, const std::string& as, const std::string& id) const {
        // The Single Window signs in for the traders that have delegated to it.
        const bool trader = as.starts_with("importer.");
        auto who = std::make_shared<SignIn>(SignIn{cluster_.key(trader ? "customs.nsw" : as), cluster_.origin(),
                                                   trader ? std::optional(as) : std::nullopt});
        RpcClient client({cluster_.endpoint(node)}, {.connect = 5'000ms, .answer = patience}, std::move(who));
        const auto answer = client.call("ledger.disclosures", {{"source", source}, {"id", id}});
        return answer ? *answer : json::value();
    }
    // "disclosed", "withheld", "erased"; empty: the node does not answer so far.
    std::string status(const std::string& node, const std::string& as, const std::string& id) const {
        const json::value answer = ask(node, as, id);
        if (!answer.is_object()) return {};
        const json::array& members = answer.at("members").as_array();
        return members.empty() ? "none" : std::string(members[0].at("status").as_string());
    }
    bool await_status(const std::string& node, const std::string& as, const std::string& id,
                      const std::string& wanted) const {
        return wait_until([&] { return status(node, as, id) == wanted; });
    }
    // Files of all nodes, or of a folder, that hold the text.
    Names files_with(const std::string& text, const std::string& folder) const {
        Names found;
        for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
            std::error_code gone;
            if (!file.is_regular_file(gone) || gone) continue;
            std::string bytes;
            try {
                bytes = read_text(file.path());
            } catch (const std::exception&) {
                continue;  // it went meanwhile
            }
            if (bytes.find(text) != std::string::npos) found.push_back(file.path());
        }
        return found;
    }
    ProgramResult audit(const Names& words = {}) const {
        Names command{program(), "audit", "--source", cluster_.data("moit-1"), "--policy", cluster_.policy(), "--json"};
        command.insert(command.end(), words.begin(), words.end());
        return run_program(command);
    }
    static json::object confidential(const ProgramResult& audit) {
        return json::parse(audit.output.substr(0, audit.output.find('\n'))).at("confidential").as_object();
    }

    const std::string finding_ = "The name of a person, checked as ";
    TemporaryFolder folder_;
    LocalCluster cluster_;
};

TEST_F(Confidential, AreHeldByThoseWhoMayAndErasedForGood) {
    make_check("c-1");
    make_check("c-2");
    const auto without = submit({concealed("c-1")}, "most-1");
    EXPECT_EQ(without.exit_status, 1) << without.output;
    EXPECT_NE(without.output.find("disclosure_missing"), std::string::npos) << without.output;
    for (const char* id : {"c-1", "c-2"}) {
        const auto done = submit({"--disclosures", told(id), concealed(id)}, "most-1");
        ASSERT_EQ(done.exit_status, 0) << done.output;
        const auto again = submit({"--disclosures", told(id), concealed(id)}, "most-1");
        EXPECT_EQ(again.exit_status, 0) << "a repeat is harmless: " << again.output;
    }
    // Acknowledged is safe: the node that took them is killed and its copy is gone, another has them.
    ASSERT_TRUE(cluster_.signal("most-1", SIGKILL));
    ASSERT_TRUE(cluster_.await_gone("most-1"));
    std::filesystem::remove_all(cluster_.data("most-1") + "/disclosures");
    cluster_.must("start", {"most-1"});
    for (const std::string& node : cluster_.nodes()) {
        EXPECT_TRUE(await_status(node, "most", "c-1", "disclosed")) << node;
        EXPECT_TRUE(await_status(node, "customs.haiphong", "c-2", "disclosed")) << node;
    }
    const json::value shown = ask("mard-1", "most", "c-1");
    EXPECT_EQ(shown.at("members").at(0).at("value"), json::value(finding_ + "c-1"));
    EXPECT_EQ(status("mard-1", "importer.9900000016", "c-1"), "") << "a check is not for traders";
    const auto printed = run_program({program(), "disclosures", "show", "--dir", cluster_.dir(), "--as",
                                      cluster_.key("most").kid, source, "c-1"});
    EXPECT_EQ(printed.exit_status, 0) << printed.output;
    EXPECT_NE(printed.output.find(finding_ + "c-1"), std::string::npos) << printed.output;

    // Nothing of it is in log, state or a backup; the store has the disclosure.
    std::string first = read_text(told("c-1"));
    first.resize(first.find('\n'));
    EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    const auto backup =
        run_program({program(), "backup", "--config", cluster_.config("moit-1"), "--out", folder_ / "backup"});
    EXPECT_EQ(backup.exit_status, 0) << backup.output;
    EXPECT_TRUE(files_with(first, folder_ / "backup").empty());
    for (const std::string& file : files_with(first, cluster_.dir() + "/nodes"))
        EXPECT_NE(file.find("/disclosures/"), std::string::npos) << file;

    write_text(folder_ / "erasure.json",
               event("most", "erasure", "e-1",
                     {{"decision_no", "1/QĐ"},
                      {"reason", "the person asked for it"},
                      {"legal_basis", json::array{"Luật 91/2025/QH15 Đ14"}},
                      {"refs", json::array{json::object{{"rel", "about"}, {"source", source}, {"id", "c-1"}}}}}));
    const auto erased = submit({folder_ / "erasure.json"}, "mard-1");
    ASSERT_EQ(erased.exit_status, 0) << erased.output;
    for (const std::string& node : cluster_.nodes()) {
        EXPECT_TRUE(await_status(node, "most", "c-1", "erased")) << node;
        EXPECT_EQ(status(node, "most", "c-2"), "disclosed") << node;
    }
    EXPECT_TRUE(wait_until([&] { return files_with(first, cluster_.dir() + "/nodes").empty(); }));
    EXPECT_EQ(ask("moit-1", "most", "c-1").at("erasure").at("legal_basis").at(0), "Luật 91/2025/QH15 Đ14");

    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    cluster_.must("stop");
    const auto blind = audit();
    ASSERT_EQ(blind.exit_status, 0) << blind.output;
    EXPECT_EQ(confidential(blind),
              (json::object{{"records", 2}, {"disclosed", 0}, {"withheld", 1}, {"erased", 1}}));
    const auto seeing = audit({"--disclosures", told("c-2")});
    ASSERT_EQ(seeing.exit_status, 0) << seeing.output;
    EXPECT_EQ(confidential(seeing),
              (json::object{{"records", 2}, {"disclosed", 1}, {"withheld", 0}, {"erased", 1}}));
    const auto kept = audit({"--disclosures", told("c-1")});
    EXPECT_EQ(kept.exit_status, 1) << kept.output;
    EXPECT_NE(kept.output.find("erased_and_kept"), std::string::npos) << kept.output;
    make_check("c-3");
    const auto foreign = audit({"--disclosures", told("c-3")});
    EXPECT_EQ(foreign.exit_status, 1) << foreign.output;
    EXPECT_NE(foreign.output.find("foreign_disclosure"), std::string::npos) << foreign.output;

    // Their own backup, apart: written and brought back; what was erased does not come back with it.
    const auto exported = run_program({program(), "disclosures", "export", "--config", cluster_.config("moit-1"),
                                       folder_ / "export.told"});
    ASSERT_EQ(exported.exit_status, 0) << exported.output;
    const std::string whose = std::string(source) + " ";
    EXPECT_EQ(read_text(folder_ / "export.told"), whose + "c-2 " + read_text(told("c-2")));
    const auto exported_audit = audit({"--disclosures", folder_ / "export.told"});
    EXPECT_EQ(exported_audit.exit_status, 0) << exported_audit.output;
    std::filesystem::remove_all(cluster_.data("moit-1") + "/disclosures");
    write_text(folder_ / "both.told", whose + "c-1 " + read_text(told("c-1")) + whose + "c-2 " + read_text(told("c-2")));
    const auto imported = run_program({program(), "disclosures", "import", "--config", cluster_.config("moit-1"),
                                       folder_ / "both.told"});
    ASSERT_EQ(imported.exit_status, 0) << imported.output;
    cluster_.must("start");
    EXPECT_TRUE(await_status("moit-1", "most", "c-2", "disclosed"));
    EXPECT_TRUE(wait_until([&] { return files_with(first, cluster_.data("moit-1")).empty(); }));
}

// Confidential members are no way around the ledger's promise either: accepted is durable, and enters when it can.
TEST_F(Confidential, AreAcceptedAsOthersAre) {
    make_check("c-1");
    const auto done = submit({"--wait", "accepted", "--disclosures", told("c-1"), concealed("c-1")}, "moit-1");
    ASSERT_EQ(done.exit_status, 0) << done.output;
    for (const std::string& node : cluster_.nodes())
        EXPECT_TRUE(await_status(node, "most", "c-1", "disclosed")) << node;
    const auto refused = submit({"--wait", "accepted", concealed("c-1")}, "moit-1");
    EXPECT_EQ(refused.exit_status, 0) << "it stands: " << refused.output;
}

}  // namespace
}  // namespace socai::cluster_tests
