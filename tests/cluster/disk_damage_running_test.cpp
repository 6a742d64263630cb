// A disk that goes bad under a running node, and damage that meets an election: the whole copies are a majority, so
// nothing is lost, nobody is told anything wrong, and who lacks something does not lead.
//
// The seed is printed; SOCAI_DAMAGE_SEED=N repeats the places that are damaged.
#include <csignal>
#include <filesystem>
#include <iostream>
#include <map>

#include "support/clients.hpp"
#include "support/damaged_disks.hpp"
#include "support/ledger_dump.hpp"

namespace socai::cluster_tests {
namespace {

namespace fs = std::filesystem;

class RunningDiskDamage : public DamagedDisks {
  protected:
    NodeClient client(const std::string& node) const { return NodeClient(cluster_.endpoint(node)); }
    // Contents only: the largest table holds entries, their ids stand elsewhere.
    std::string damage_contents(const std::string& node) {
        return flip_every_page(files_of(log_folder(node), FileKind::table).front(), random_);
    }
    // All that a log knows of itself too.
    std::string damage_tables(const std::string& node) {
        std::string done;
        for (const std::string& table : files_of(log_folder(node), FileKind::table))
            done += flip_every_page(table, random_) + "\n";
        return done;
    }
    bool reads_whole(const std::string& node) const { return read_ledger(cluster_, node).fault.empty(); }
    void remove_log(const std::string& node) const {
        for (const FileKind kind : all_file_kinds)
            for (const std::string& path : files_of(log_folder(node), kind)) fs::remove(path);
    }
};

TEST_F(RunningDiskDamage, ANodeThatRunsOnABadDiskAnswersRightOrNotAtAll) {
    const std::string node = cluster_.others({cluster_.await_leader()}).front();
    std::map<std::uint64_t, std::string> known;  // statements by index, as another node holds them
    const LedgerDump dump = read_ledger(cluster_, cluster_.await_leader());
    ASSERT_EQ(dump.fault, "");
    const LedgerContent content = content_of(dump);
    for (std::uint64_t index = 0; index < content.statements.size(); ++index)
        known[index] = content.statements[index];
    ASSERT_NO_FATAL_FAILURE(write_some());
    cluster_.must("stop", {node});
    cluster_.must("start", {node});
    const std::uint64_t logged = cluster_.logged_bytes(node);
    SCOPED_TRACE(damage_contents(node));
    std::size_t refused = 0;
    for (const auto& [index, statement] : known) {
        const auto answer = client(node).call("ledger.get", {{"index", index}});
        if (!answer) {
            ++refused;
            continue;
        }
        ASSERT_EQ(text(answer->as_object(), "statement"), statement) << "wrong bytes served, leaf " << index;
    }
    std::cout << "running damage: " << refused << " of " << known.size() << " reads refused" << std::endl;
    expect_with_at_most_one_stop(node, [&] { return reads_whole(node); });
    EXPECT_TRUE(cluster_.await_whole(node)) << cluster_.describe();
    EXPECT_TRUE(tells_of_damage(cluster_.logged_since(node, logged)));
    end();
}

// Its ids are lost too: it must stop, and its next start saves what is sound.
TEST_F(RunningDiskDamage, ANodeThatCannotGoOnStopsOnceAndComesBack) {
    const std::string node = cluster_.others({cluster_.await_leader()}).back();
    const std::uint64_t logged = cluster_.logged_bytes(node);
    SCOPED_TRACE(damage_tables(node));
    expect_with_at_most_one_stop(node, [&] { return reads_whole(node); });
    EXPECT_TRUE(cluster_.await_whole(node)) << cluster_.describe();
    EXPECT_TRUE(tells_of_damage(cluster_.logged_since(node, logged)));
    end();
}

// The leader must read from its disk what another node lacks, and its disk is bad.
TEST_F(RunningDiskDamage, ALeaderWithABadDiskFeedsNobodyWrongBytes) {
    restart_all();  // nothing is left in memory
    const std::string leader = cluster_.await_leader();
    const std::string empty = cluster_.others({leader}).front();
    cluster_.must("kill", {empty});
    remove_log(empty);
    SCOPED_TRACE(damage_tables(leader));
    cluster_.must("start", {empty, "--no-wait"});
    expect_with_at_most_one_stop(leader, [&] { return reads_whole(leader) && reads_whole(empty); });
    EXPECT_TRUE(cluster_.await_whole(empty)) << cluster_.describe();
    EXPECT_TRUE(cluster_.await_whole(leader)) << cluster_.describe();
    end();
}

// The damaged node's vote is needed, and it would be the next candidate: it votes, and does not lead.
TEST_F(RunningDiskDamage, WhoLostWhatItAcknowledgedVotesAndDoesNotLead) {
    for (int round = 0; round < 3; ++round) {
        const std::string leader = cluster_.await_leader();
        const std::string damaged = cluster_.others({leader})[static_cast<std::size_t>(round)];
        cluster_.must("kill", {damaged});
        SCOPED_TRACE(damage_one(log_folder(damaged), FileKind::wal, Damage::remove) + "\n" +
                     damage_one(log_folder(damaged), FileKind::table, Damage::flip));
        cluster_.must("start", {damaged, "--no-wait"});
        ASSERT_TRUE(cluster_.signal(leader, SIGKILL));
        ASSERT_TRUE(wait_until([&] {
            const NodeView view = cluster_.view(damaged);
            EXPECT_FALSE(view.reached && view.lacks_something && view.role == "leader")
                << cluster_.describe();
            return view.reached && !view.lacks_something && view.ready;
        })) << cluster_.describe();
        ASSERT_NO_FATAL_FAILURE(write_some());
        expect_recovery(leader);
        if (HasFailure()) break;
    }
    end();
}

TEST_F(RunningDiskDamage, ALeaderThatDiesAndLosesItsDiskAtOnceIsReplacedAndRepaired) {
    for (const Damage how : {Damage::flip, Damage::remove}) {
        const std::string leader = cluster_.await_leader();
        ASSERT_TRUE(cluster_.signal(leader, SIGKILL));
        ASSERT_TRUE(cluster_.await_gone(leader));
        std::string done;
        for (const FileKind kind : all_file_kinds) done += damage_one(log_folder(leader), kind, how) + "\n";
        SCOPED_TRACE(done);
        expect_recovery(leader);
        ASSERT_NO_FATAL_FAILURE(write_some());
        if (HasFailure()) break;
    }
    end();
}

}  // namespace
}  // namespace socai::cluster_tests
