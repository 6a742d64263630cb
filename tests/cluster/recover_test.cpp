// More than half of the nodes are lost for good, with what only they held: the survivors go on by the agencies' root keys, as
// docs/recovery.md says, and what was lost shows by its receipt.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "consensus/chain.hpp"
#include "ledger/hash.hpp"
#include "storage/log_store.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const Names survivors{"customs-1", "moit-1"};
const Names lost{"customs-2", "mard-1", "most-1"};
const std::string source = "most.qlcl";

ProgramResult socai(Names words) {
    words.insert(words.begin(), program());
    return run_program(words, 2 * patience);
}

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A cluster of so many nodes of four agencies, and the verbs of `socai recover` on it.
class Recovery : public ::testing::Test {
  protected:
    explicit Recovery(const std::string& nodes)
        : cluster_({"customs", "most", "mard", "moit"}, {"--nodes", nodes, "--votes"}) {}

    // Ten records, final and known to be so at each of `nodes`.
    void write_records(const Names& nodes) {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        for (int i = 0; i < 10; ++i)
            ASSERT_EQ(write("customs-1", "r-" + std::to_string(i), old_), "committed");
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        // Final heads are written down now and then, not with each.
        for (const std::string& node : nodes)
            ASSERT_TRUE(wait_until([&] {
                const std::string kept = bytes_of(cluster_.data(node) + "/final");
                return !kept.empty() && kept.find(R"("head":null)") == std::string::npos;
            }));
    }

    std::string file(const std::string& name) const { return folder_.path() + "/" + name; }
    std::string key(const std::string& agency, const std::string& name) const {
        return cluster_.dir() + "/keys/" + agency + "/" + name + ".jwk";
    }
    std::string ca() const { return cluster_.dir() + "/ca.pem"; }
    std::string url(const std::string& node) const {
        const Endpoint endpoint = cluster_.endpoint(node);
        return "wss://127.0.0.1:" + endpoint.port;
    }
    // Signs a record for `origin` and submits it to the node: "committed", or the reason of the error.
    std::string write(const std::string& node, const std::string& id, const std::string& origin) const {
        const SubmitOutcome outcome =
            NodeClient(cluster_.endpoint(node))
                .submit(ledger::sign_statement(cluster_.key(source), origin, risk_signal(source, id), false));
        return outcome ? "committed" : outcome.error().reason;
    }

    ProgramResult recover(Names words) const {
        words.insert(words.begin(), "recover");
        return socai(std::move(words));
    }
    void survey(const Names& nodes) {
        for (const std::string& node : nodes) {
            fs::remove(file(node + ".survey"));
            const auto done =
                recover({"survey", "--config", cluster_.config(node), "--out", file(node + ".survey")});
            ASSERT_EQ(done.exit_status, 0) << done.output;
        }
    }
    // From the surveys of `nodes`.
    ProgramResult plan_at(const std::string& node, const Names& nodes) {
        Names words{"plan", "--config", cluster_.config(node), "--reason", "Three data centres burnt down",
                    "--legal-basis", "Decision 12/QD-2026", "--out", file("plan.json"), "--json"};
        for (const std::string& surveyed : nodes) {
            words.emplace_back("--survey");
            words.push_back(file(surveyed + ".survey"));
        }
        return recover(words);
    }
    void sign(const Names& agencies) {
        for (const std::string& agency : agencies) {
            if (fs::exists(file(agency + ".approval"))) continue;
            const auto done = recover({"sign", "--plan", file("plan.json"), "--key", key(agency, "root"),
                                       "--agency", agency, "--out", file(agency + ".approval")});
            ASSERT_EQ(done.exit_status, 0) << done.output;
        }
    }
    void seal(const Names& agencies, const std::string& name) {
        Names words{
            "seal",     "--plan",       file("plan.json"),     "--key", key("customs", "registrar"), "--out",
            file(name), "--policy-out", file(name + ".policy")};
        for (const std::string& agency : agencies) {
            words.emplace_back("--approval");
            words.push_back(file(agency + ".approval"));
        }
        const auto done = recover(words);
        ASSERT_EQ(done.exit_status, 0) << done.output;
    }
    ProgramResult open(const std::string& node, const std::string& recovery, const Names& more = {}) {
        Names words{"open", "--config", cluster_.config(node), "--recovery", file(recovery), "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return recover(words);
    }
    // The log entries that `node` lacks, from `from`.
    void make_entries(const std::string& from, const std::string& node) {
        fs::remove(file(node + ".entries"));
        const auto made = recover({"entries", "--config", cluster_.config(from), "--survey",
                                   file(node + ".survey"), "--out", file(node + ".entries")});
        ASSERT_EQ(made.exit_status, 0) << made.output;
    }
    // The one whose log is the most advanced makes the plan, three members sign it, and each of `nodes` is opened with the
    // file `name`.
    void recover_all(const Names& nodes, const std::string& name) {
        for (const char* file_of_plan : {"plan.json", "customs.approval", "mard.approval", "most.approval"})
            fs::remove(file(file_of_plan));
        ASSERT_NO_FATAL_FAILURE(survey(nodes));
        std::string at;
        for (const std::string& node : nodes) {
            const auto done = plan_at(node, nodes);
            if (done.exit_status != 0) continue;
            at = node;
            plan_ = json::parse(done.output).as_object();
            break;
        }
        ASSERT_FALSE(at.empty()) << plan_at(nodes.front(), nodes).output;
        ASSERT_NO_FATAL_FAILURE(sign({"customs", "mard", "most"}));
        ASSERT_NO_FATAL_FAILURE(seal({"customs", "mard", "most"}, name));
        for (const std::string& node : nodes) {
            Names with;
            if (node != at) {
                ASSERT_NO_FATAL_FAILURE(make_entries(at, node));
                with = {"--entries", file(node + ".entries")};
            }
            const auto opened = open(node, name, with);
            ASSERT_EQ(opened.exit_status, 0) << node << ": " << opened.output;
        }
    }

    // Each epoch that the audit of `audited` tells of: the leaf that opened it, its name, and the size of the final head that it
    // rests on.
    static std::vector<std::string> epochs_of(const ProgramResult& audited) {
        std::vector<std::string> epochs;
        const auto said = json::parse(audited.output.substr(audited.output.find('{'))).as_object();
        for (const json::value& epoch : said.at("epochs").as_array())
            epochs.push_back(json::serialize(epoch.at("leaf")) + " " + json::serialize(epoch.at("origin")) + " " +
                             json::serialize(epoch.at("final_size")));
        return epochs;
    }

    ProgramResult audit(const std::string& policy, const Names& more = {}) const {
        Names words{"audit", "--source", cluster_.data("customs-1"), "--policy", policy, "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return socai(words);
    }

    TemporaryFolder folder_;
    LocalCluster cluster_;
    const std::string old_ = cluster_.origin();
    const std::string new_ = cluster_.origin() + "/epoch-2";
    json::object plan_;
};

class Recover : public Recovery {
  protected:
    Recover() : Recovery("5") {}

    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(write_records(survivors));
        lose_the_majority();
    }

    // moit-1 falls behind, with an entry that nobody else has; customs-1 has the rest, but for what the nodes to be lost make
    // final while it is frozen.
    void lose_the_majority() {
        cluster_.must("stop", {"moit-1"});
        append_to_log_of("moit-1");
        // Another term, in which the others go on where that entry stands.
        const std::string leader = cluster_.await_leader();
        cluster_.must("stop", {leader});
        cluster_.must("start", {leader});
        for (int i = 10; i < 13; ++i)
            ASSERT_TRUE(wait_until(
                [&] { return write("customs-1", "r-" + std::to_string(i), old_) == "committed"; }));
        cluster_.must("pause", {"customs-1"});
        ASSERT_TRUE(wait_until([&] { return write("most-1", "r-lost", old_) == "committed"; }))
            << cluster_.describe();
        fs::create_directory(file("receipts"));
        ASSERT_TRUE(wait_until([&] {
            return socai({"receipt", "get", "--to", url("most-1"), "--policy", cluster_.policy(), "--ca",
                          ca(), "--key", key("most", "registrar"), source, "r-lost", "--out",
                          file("receipts/r-lost.receipt")})
                       .exit_status == 0;
        }));
        // Frozen as it is: what waits in its sockets goes with it.
        cluster_.must("kill", lost);
        cluster_.must("kill", {"customs-1"});
        for (const std::string node : {"customs-2", "mard-1"}) fs::remove_all(cluster_.data(node));
    }

    // As a leader of its term would have done that was cut off from then on.
    void append_to_log_of(const std::string& node) {
        const std::string genesis = ledger::to_hex(ledger::sha256(bytes_of(cluster_.dir() + "/genesis")));
        auto log = storage::LogStore::open(cluster_.data(node), {old_, node, genesis});
        ASSERT_TRUE(log) << log.error().detail;
        consensus::StorageJob job;
        job.append = {consensus::make_noop((*log)->start().log.last, (*log)->start().log.last.term)};
        ASSERT_TRUE((*log)->write({&job, 1}));
        ASSERT_TRUE((*log)->flush_side_file());
    }

    consensus::EntryId last_of_log(const std::string& node) const {
        const std::string genesis = ledger::to_hex(ledger::sha256(bytes_of(cluster_.dir() + "/genesis")));
        const auto log = storage::LogStore::open(cluster_.data(node), {old_, node, genesis});
        return log ? (*log)->start().log.last : consensus::EntryId{};
    }

    // Surveys of both survivors, and the plan at the more advanced one.
    void plan() {
        ASSERT_NO_FATAL_FAILURE(survey(survivors));
        const auto elsewhere = plan_at("moit-1", survivors);
        EXPECT_EQ(elsewhere.exit_status, 1);
        EXPECT_NE(elsewhere.output.find("more_advanced"), std::string::npos) << elsewhere.output;
        const auto done = plan_at("customs-1", survivors);
        ASSERT_EQ(done.exit_status, 0) << done.output << bytes_of(file("customs-1.survey"));
        plan_ = json::parse(done.output).as_object();
    }
    // All of it, with the root keys of three of the four members.
    void recover_both() {
        ASSERT_NO_FATAL_FAILURE(plan());
        ASSERT_NO_FATAL_FAILURE(sign({"customs", "mard", "most"}));
        ASSERT_NO_FATAL_FAILURE(seal({"customs", "mard", "most"}, "recovery"));
        ASSERT_NO_FATAL_FAILURE(make_entries("customs-1", "moit-1"));
        const auto advanced = open("customs-1", "recovery");
        ASSERT_EQ(advanced.exit_status, 0) << advanced.output;
        const auto behind = open("moit-1", "recovery");
        EXPECT_EQ(behind.exit_status, 1);
        EXPECT_NE(behind.output.find("log_behind"), std::string::npos) << behind.output;
        const auto caught_up = open("moit-1", "recovery", {"--entries", file("moit-1.entries")});
        ASSERT_EQ(caught_up.exit_status, 0) << caught_up.output;
        const json::object said = json::parse(caught_up.output).as_object();
        EXPECT_GE(said.at("taken").to_number<std::uint64_t>(), 3U) << "r-10 to r-12 at least";
        EXPECT_EQ(said.at("dropped").to_number<std::uint64_t>(), 1U) << "what nobody else had";

        // Interrupted before the folder was told, a node starts in neither epoch; the same command finishes it.
        fs::remove(cluster_.data("moit-1") + "/recovery");
        const auto unfinished = socai({"node", "run", "--config", cluster_.config("moit-1")});
        EXPECT_EQ(unfinished.exit_status, 1);
        EXPECT_NE(unfinished.output.find("recovery_unfinished"), std::string::npos) << unfinished.output;
        const auto again = open("moit-1", "recovery");
        ASSERT_EQ(again.exit_status, 0) << again.output;
        cluster_.must("start", survivors);
    }
};

TEST_F(Recover, NeedsTheRootKeysOfAQuorum) {
    ASSERT_NO_FATAL_FAILURE(plan());
    EXPECT_EQ(plan_.at("outlook").at("approvals_needed").as_int64(), 3);
    EXPECT_EQ(json::serialize(plan_.at("lost")), R"(["customs-2","mard-1","most-1"])");
    ASSERT_NO_FATAL_FAILURE(sign({"customs", "moit"}));
    ASSERT_NO_FATAL_FAILURE(seal({"customs", "moit"}, "too-few"));
    const auto refused =
        recover({"open", "--config", cluster_.config("customs-1"), "--recovery", file("too-few")});
    EXPECT_EQ(refused.exit_status, 1) << refused.output;
    EXPECT_NE(refused.output.find("no_root_quorum"), std::string::npos) << refused.output;
    // Nothing was changed by trying; nor at the node that is behind, which would have had to write to its log first.
    EXPECT_FALSE(fs::exists(cluster_.data("customs-1") + "/recovery"));
    ASSERT_NO_FATAL_FAILURE(make_entries("customs-1", "moit-1"));
    const consensus::EntryId before = last_of_log("moit-1");
    const auto behind = recover({"open", "--config", cluster_.config("moit-1"), "--recovery", file("too-few"),
                                 "--entries", file("moit-1.entries")});
    EXPECT_EQ(behind.exit_status, 1) << behind.output;
    EXPECT_NE(behind.output.find("no_root_quorum"), std::string::npos) << behind.output;
    EXPECT_EQ(last_of_log("moit-1"), before);

    // Keys of one agency are one voice, and an office's key is none.
    const auto stranger = recover({"sign", "--plan", file("plan.json"), "--key", key("mard", "registrar"),
                                   "--agency", "mard", "--out", file("mard.approval")});
    ASSERT_EQ(stranger.exit_status, 0) << stranger.output;
    ASSERT_NO_FATAL_FAILURE(seal({"customs", "mard", "moit"}, "registrar"));
    const auto wrong =
        recover({"open", "--config", cluster_.config("customs-1"), "--recovery", file("registrar")});
    EXPECT_EQ(wrong.exit_status, 1) << wrong.output;
    EXPECT_NE(wrong.output.find("bad_approval"), std::string::npos) << wrong.output;
    // A node that was given up is not opened.
    ASSERT_NO_FATAL_FAILURE(sign({"most"}));
    ASSERT_NO_FATAL_FAILURE(seal({"customs", "moit", "most"}, "recovery"));
    const auto given_up =
        recover({"open", "--config", cluster_.config("most-1"), "--recovery", file("recovery")});
    EXPECT_NE(given_up.output.find("given_up"), std::string::npos) << given_up.output;
}

TEST_F(Recover, TheSurvivorsGoOnAndWhatWasLostShows) {
    ASSERT_NO_FATAL_FAILURE(recover_both());
    ASSERT_TRUE(cluster_.await_ready(survivors)) << cluster_.describe();
    EXPECT_EQ(text(cluster_.status("customs-1"), "origin"), new_);
    const auto again =
        recover({"open", "--config", cluster_.config("customs-1"), "--recovery", file("recovery")});
    EXPECT_EQ(again.exit_status, 0) << again.output;

    // Old records are read, new ones are written for the new epoch alone.
    NodeClient client(cluster_.endpoint("moit-1"));
    EXPECT_TRUE(client.find(source, "r-3", {{"read", "linearizable"}}));
    EXPECT_EQ(client.find(source, "r-lost").error().reason, "no_such_record");
    EXPECT_EQ(write("customs-1", "r-new", old_), "wrong_audience");
    EXPECT_EQ(write("customs-1", "r-new", new_), "committed");
    EXPECT_EQ(write("moit-1", "r-lost", new_), "committed") << "its author signs it again";
    const auto recovery = bytes_of(file("recovery"));
    const auto submitted = client.submit(recovery.substr(recovery.find(' ') + 1));
    ASSERT_FALSE(submitted);
    EXPECT_EQ(submitted.error().reason, "recovery_not_submitted");
    ASSERT_TRUE(wait_until([&] {
        const NodeView view = cluster_.view("customs-1");
        return view.final_size == view.applied_size && view.final_size > 0;
    })) << cluster_.describe();

    // Receipts of old and new leaves hold under the new policy; the old one is told that its epoch ended.
    const auto get = [&](const std::string& id, const std::string& policy) {
        return socai({"receipt", "get", "--to", url("customs-1"), "--policy", policy, "--ca", ca(), "--key",
                      key("most", "registrar"), source, id, "--out", file(id + ".receipt")});
    };
    for (const std::string id : {"r-3", "r-new"}) {
        const auto got = get(id, file("recovery.policy"));
        EXPECT_EQ(got.exit_status, 0) << got.output;
        const auto verified =
            socai({"receipt", "verify", file(id + ".receipt"), "--policy", file("recovery.policy")});
        EXPECT_EQ(verified.exit_status, 0) << verified.output;
        const auto old = socai({"receipt", "verify", file(id + ".receipt"), "--policy", cluster_.policy()});
        EXPECT_EQ(old.exit_status, 1);
        EXPECT_NE(old.output.find("epoch_ended"), std::string::npos) << old.output;
    }

    // One that was given up comes back, after the others forgot it as a peer: they do not talk to it, and it says what to do.
    cluster_.must("stop", survivors);
    cluster_.must("start", survivors);
    ASSERT_TRUE(cluster_.await_ready(survivors)) << cluster_.describe();
    const std::uint64_t term = cluster_.view("customs-1").term;
    cluster_.must("start", {"most-1", "--no-wait"});
    EXPECT_TRUE(wait_until([&] {
        return cluster_.logged_since("most-1", 0).find("goes on as '" + new_ + "'") != std::string::npos;
    })) << cluster_.logged_since("most-1", 0);
    EXPECT_EQ(write("customs-1", "r-later", new_), "committed");
    EXPECT_EQ(cluster_.view("customs-1").term, term);
    EXPECT_FALSE(cluster_.view("most-1").ready);
    cluster_.must("kill", {"most-1"});
    ASSERT_TRUE(wait_until([&] {
        const NodeView view = cluster_.view("customs-1");
        return view.final_size == view.applied_size;
    }));

    // The state is derived again from the whole history.
    cluster_.must("stop", survivors);
    fs::remove_all(cluster_.data("customs-1") + "/state");
    cluster_.must("start", survivors);
    ASSERT_TRUE(cluster_.await_ready(survivors)) << cluster_.describe();
    EXPECT_TRUE(NodeClient(cluster_.endpoint("customs-1")).find(source, "r-new", {{"read", "linearizable"}}));
    cluster_.must("stop", survivors);

    // An auditor goes on with the policy that he pinned before, and with the new one.
    for (const std::string& policy : {cluster_.policy(), file("recovery.policy")}) {
        for (const Names& depth : {Names{}, Names{"--signatures-only"}}) {
            const auto audited = audit(policy, depth);
            ASSERT_EQ(audited.exit_status, 0) << audited.output;
            const auto said = json::parse(audited.output.substr(audited.output.find('{'))).as_object();
            const json::array epochs = said.at("epochs").as_array();
            ASSERT_EQ(epochs.size(), 1U);
            EXPECT_EQ(epochs[0].at("origin").as_string(), std::string_view(new_));
            EXPECT_EQ(epochs[0].at("leaf").to_number<std::uint64_t>(),
                      plan_.at("carried").at("size").to_number<std::uint64_t>());
            EXPECT_EQ(json::serialize(epochs[0].at("approvals")), R"(["customs","mard","most"])");
        }
        const auto exposed = audit(policy, {"--receipts", file("receipts")});
        EXPECT_EQ(exposed.exit_status, 1) << exposed.output;
        EXPECT_NE(exposed.output.find("lost_record"), std::string::npos) << exposed.output;
        EXPECT_NE(exposed.output.find("r-lost"), std::string::npos) << exposed.output;
    }
}

// Two operators seal one plan, each with the approvals at hand.
TEST_F(Recover, OfTwoSealsOneIsGoneBy) {
    ASSERT_NO_FATAL_FAILURE(plan());
    ASSERT_NO_FATAL_FAILURE(sign({"customs", "mard", "most", "moit"}));
    ASSERT_NO_FATAL_FAILURE(seal({"customs", "mard", "most"}, "recovery"));
    ASSERT_NO_FATAL_FAILURE(seal({"customs", "moit", "most"}, "other"));
    ASSERT_NO_FATAL_FAILURE(make_entries("customs-1", "moit-1"));
    ASSERT_EQ(open("customs-1", "recovery").exit_status, 0);
    const auto otherwise = open("moit-1", "other", {"--entries", file("moit-1.entries")});
    ASSERT_EQ(otherwise.exit_status, 0) << otherwise.output;

    // They do not speak to each other, and nothing comes of either.
    cluster_.must("start", {"customs-1", "moit-1", "--no-wait"});
    EXPECT_TRUE(wait_until([&] {
        return cluster_.logged_since("moit-1", 0).find("the recovery that it was opened with has the hash") !=
               std::string::npos;
    })) << cluster_.logged_since("moit-1", 0);
    EXPECT_FALSE(cluster_.view("customs-1").ready);
    EXPECT_FALSE(cluster_.view("moit-1").ready);
    ASSERT_TRUE(wait_until([&] { return cluster_.view("moit-1").reached; }));
    const auto head = NodeClient(cluster_.endpoint("moit-1")).call("ledger.checkpoint", {});
    ASSERT_FALSE(head) << "no head of a name that no leaf bears out";
    EXPECT_EQ(head.error().reason, "epoch_not_begun");
    cluster_.must("stop", survivors);

    // No plan is made over both.
    ASSERT_NO_FATAL_FAILURE(survey(survivors));
    for (const std::string& node : survivors) {
        const auto planned = plan_at(node, survivors);
        EXPECT_EQ(planned.exit_status, 1);
        EXPECT_NE(planned.output.find("other_seal"), std::string::npos) << planned.output;
    }

    // Opened again with the same file, they are one ledger.
    const auto mended = open("moit-1", "recovery");
    ASSERT_EQ(mended.exit_status, 0) << mended.output;
    EXPECT_TRUE(json::parse(mended.output).at("resealed").as_bool());
    const auto again = open("moit-1", "recovery");
    EXPECT_TRUE(json::parse(again.output).at("already").as_bool()) << again.output;
    cluster_.must("start", survivors);
    ASSERT_TRUE(cluster_.await_ready(survivors)) << cluster_.describe();
    EXPECT_EQ(write("moit-1", "r-new", new_), "committed");
    ASSERT_TRUE(wait_until([&] {
        const NodeView view = cluster_.view("customs-1");
        return view.final_size == view.applied_size && view.final_size > 0;
    })) << cluster_.describe();

    // From then on the other file opens neither.
    cluster_.must("stop", survivors);
    for (const std::string& node : survivors) {
        const auto late = open(node, "other");
        EXPECT_EQ(late.exit_status, 1);
        EXPECT_NE(late.output.find("other_seal"), std::string::npos) << late.output;
    }
    const auto audited = audit(cluster_.policy());
    EXPECT_EQ(audited.exit_status, 0) << audited.output;
}

// Six nodes, of which two of customs' and one of another agency are left. The latter never comes up again: what the other two
// commit, as a majority of three, no two agencies cosign. Then the majority is lost again.
class RecoverTwice : public Recovery {
  protected:
    RecoverTwice() : Recovery("6") {}

    const Names left_{"customs-1", "customs-2", "moit-1"};
    const Names last_{"customs-1"};
    const std::string third_ = cluster_.origin() + "/epoch-3";
};

TEST_F(RecoverTwice, BeforeAHeadOfTheEpochBetweenWasFinal) {
    ASSERT_NO_FATAL_FAILURE(write_records(left_));
    cluster_.must("stop", left_);
    cluster_.must("kill", cluster_.others(left_));
    for (const std::string& node : cluster_.others(left_)) fs::remove_all(cluster_.data(node));
    ASSERT_NO_FATAL_FAILURE(recover_all(left_, "recovery"));
    const std::uint64_t final_size = plan_.at("final_size").to_number<std::uint64_t>();
    const std::uint64_t second = plan_.at("carried").at("size").to_number<std::uint64_t>();

    cluster_.must("start", {"customs-1", "customs-2"});
    ASSERT_TRUE(cluster_.await_ready({"customs-1", "customs-2"})) << cluster_.describe();
    EXPECT_EQ(write("customs-1", "r-between", new_), "committed");
    EXPECT_EQ(cluster_.view("customs-1").final_size, 0U) << cluster_.describe();
    cluster_.must("stop", last_);
    cluster_.must("kill", {"customs-2"});
    for (const std::string node : {"customs-2", "moit-1"}) fs::remove_all(cluster_.data(node));

    ASSERT_NO_FATAL_FAILURE(recover_all(last_, "again"));
    EXPECT_EQ(plan_.at("final_size").to_number<std::uint64_t>(), final_size) << "there is no later one";
    EXPECT_EQ(plan_.at("previous_origin").as_string(), std::string_view(new_));
    EXPECT_EQ(json::serialize(plan_.at("lost")), R"(["customs-2","moit-1"])");
    const std::uint64_t third = plan_.at("carried").at("size").to_number<std::uint64_t>();
    cluster_.must("start", last_);
    ASSERT_TRUE(cluster_.await_ready(last_)) << cluster_.describe();
    EXPECT_EQ(text(cluster_.status("customs-1"), "origin"), third_);
    NodeClient client(cluster_.endpoint("customs-1"));
    for (const std::string id : {"r-3", "r-between"})
        EXPECT_TRUE(client.find(source, id, {{"read", "linearizable"}})) << id;
    EXPECT_EQ(write("customs-1", "r-new", third_), "committed");
    ASSERT_TRUE(wait_until([&] {
        const NodeView view = cluster_.view("customs-1");
        return view.final_size == view.applied_size && view.final_size > third;
    })) << cluster_.describe();
    cluster_.must("stop", last_);

    // Who trusts the policy of the first epoch comes to the third by the head that both recoveries rest on.
    const auto opening = [&](std::uint64_t leaf, const std::string& origin) {
        return std::to_string(leaf) + " \"" + origin + "\" " + std::to_string(final_size);
    };
    const std::vector<std::string> both{opening(second, new_), opening(third, third_)};
    for (const std::string& policy : {cluster_.policy(), file("again.policy")}) {
        for (const Names& depth : {Names{}, Names{"--signatures-only"}}) {
            const auto audited = audit(policy, depth);
            ASSERT_EQ(audited.exit_status, 0) << audited.output;
            EXPECT_EQ(epochs_of(audited), both);
            EXPECT_NE(audited.output.find("knew no head of"), std::string::npos) << audited.output;
        }
    }
    // To who pinned the policy in between nothing shows that this is the ledger which was meant.
    const auto between = audit(file("recovery.policy"));
    EXPECT_EQ(between.exit_status, 1) << between.output;
    EXPECT_NE(between.output.find("broken_chain"), std::string::npos) << between.output;
}

TEST_F(Recover, AMajorityNeedsNone) {
    for (const std::string node : {"customs-1", "moit-1", "most-1"}) {
        const auto done = recover(
            {"survey", "--config", cluster_.config(node), "--out", file(node + ".survey")});
        ASSERT_EQ(done.exit_status, 0) << done.output;
    }
    const auto planned =
        recover({"plan", "--config", cluster_.config("most-1"), "--survey", file("customs-1.survey"),
                 "--survey", file("moit-1.survey"), "--survey", file("most-1.survey"), "--reason", "x",
                 "--legal-basis", "y", "--out", file("plan.json")});
    EXPECT_EQ(planned.exit_status, 1);
    EXPECT_NE(planned.output.find("majority_lives"), std::string::npos) << planned.output;
    // A node that runs is not recovered.
    cluster_.must("start", {"moit-1", "--no-wait"});
    ASSERT_TRUE(wait_until([&] { return cluster_.view("moit-1").reached; })) << "it holds its folder by the time it answers";
    const auto running =
        recover({"survey", "--config", cluster_.config("moit-1"), "--out", file("running.survey")});
    EXPECT_EQ(running.exit_status, 1);
    EXPECT_NE(running.output.find("locked"), std::string::npos) << running.output;
}

}  // namespace
}  // namespace socai::cluster_tests
