// Four clients write and read through all nodes of a real cluster while nodes are killed, paused and cut off, their
// disks damaged and their leadership handed on, one disruption after the other. Afterwards every promise must have
// been kept on every node.
//
// The seed is printed; SOCAI_CHAOS_SEED repeats the choices (not the timing), SOCAI_CHAOS_DISRUPTIONS asks for
// more of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <random>

#include "support/disk_damage.hpp"
#include "support/local_cluster.hpp"
#include "support/seed.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

constexpr unsigned client_count = 4;
constexpr std::uint64_t least_disruptions = 30;
// How many answers show that the cluster serves, and how long it may take to show it while disturbed: a
// disturbance ends after that whether or not the rest could go on.
constexpr std::uint64_t signs_of_life = 20;
constexpr milliseconds disturbed_for{800};

enum class Disruption {
    kill_leader,
    kill_follower,
    kill_two,
    pause_leader,
    pause_follower,
    cut_one_way,
    cut_both_ways,
    isolate_leader,
    damage_leader,
    damage_follower,
    transfer,
    come_and_go,
};

// One round: each of these once, in drawn order. Kills of the leader are what a ledger fears most.
constexpr std::array deck{Disruption::kill_leader,   Disruption::kill_leader,   Disruption::kill_follower,
                          Disruption::kill_two,      Disruption::pause_leader,  Disruption::pause_follower,
                          Disruption::cut_one_way,   Disruption::cut_both_ways, Disruption::isolate_leader,
                          Disruption::kill_follower, Disruption::damage_leader, Disruption::damage_follower,
                          Disruption::transfer,      Disruption::come_and_go};

class Chaos {
  public:
    Chaos(LocalCluster& cluster, Writers& writers, std::uint64_t seed)
        : cluster_(cluster), writers_(writers), random_(seed) {}

    void run(std::uint64_t disruptions) {
        auto cards = deck;
        for (std::uint64_t i = 0; i < disruptions && !::testing::Test::HasFailure(); ++i) {
            if (i % cards.size() == 0) std::shuffle(cards.begin(), cards.end(), random_);
            disrupt(cards[i % cards.size()]);
            ++done_;
            const std::uint64_t before = writers_.answered();
            EXPECT_TRUE(wait_until([&] { return writers_.answered() >= before + signs_of_life; }))
                << "the cluster does not serve again after " << last_ << "\n"
                << cluster_.describe();
        }
    }

    std::uint64_t done() const { return done_; }

  private:
    void disrupt(Disruption what) {
        const std::string leader = cluster_.await_leader();
        Names followers = cluster_.others({leader});
        std::shuffle(followers.begin(), followers.end(), random_);
        switch (what) {
            case Disruption::kill_leader:
                return kill({leader});
            case Disruption::kill_follower:
                return kill({followers[0]});
            case Disruption::kill_two:
                return kill({random_() % 2 == 0 ? leader : followers[1], followers[0]});
            case Disruption::pause_leader:
                return pause(leader);
            case Disruption::pause_follower:
                return pause(followers[0]);
            case Disruption::cut_one_way:
                return random_() % 2 == 0 ? cut({{leader, followers[0], "--one-way"}})
                                          : cut({{followers[0], leader, "--one-way"}});
            case Disruption::cut_both_ways:
                return cut({{leader, followers[0]}});
            case Disruption::isolate_leader:
                return cut({{leader, followers[0]}, {leader, followers[1]}, {leader, followers[2]}});
            case Disruption::damage_leader:
                return damage(leader);
            case Disruption::damage_follower:
                return damage(followers[0]);
            case Disruption::transfer:
                return transfer(followers[0]);
            case Disruption::come_and_go:
                return come_and_go(leader);
        }
    }

    void kill(const Names& names) {
        begin("kill", names);
        cluster_.must("kill", names);
        endure();
        Names words = names;
        words.emplace_back("--no-wait");
        cluster_.must("start", words);
    }

    // One file of its log, whichever. It is whole again before anything else happens: two disks that are bad at
    // once may hold the only copies.
    void damage(const std::string& name) {
        begin("damage", {name});
        cluster_.must("kill", {name});
        const FileKind kind = all_file_kinds[random_() % all_file_kinds.size()];
        const auto files = files_of(cluster_.data(name) + "/log", kind);
        if (!files.empty())
            last_ += ", " + do_damage(files.front(), all_damages[random_() % all_damages.size()], random_);
        endure();
        cluster_.must("start", {name, "--no-wait"});
        EXPECT_TRUE(cluster_.await_whole(name)) << last_ << "\n" << cluster_.describe();
    }

    // Whether it comes to pass depends on how far the target is; either way nothing is lost.
    void transfer(const std::string& name) {
        begin("transfer", {name});
        cluster_.verb("transfer", {name});
    }

    // A fifth node joins, votes, and is removed again.
    void come_and_go(const std::string& neighbour) {
        begin("come and go", {});
        const std::string agency = neighbour.substr(0, neighbour.rfind('-'));
        const ProgramResult added = cluster_.verb("add-node", {"--agency", agency});
        EXPECT_EQ(added.exit_status, 0) << added.output;
        endure();
        // "… customs-2 votes now, at …"
        const auto end = added.output.find(" votes");
        if (added.exit_status != 0 || end == std::string::npos) return;
        const auto begin = added.output.find_last_of(" \n", end - 1) + 1;
        cluster_.must("remove-node", {added.output.substr(begin, end - begin)});
    }

    void pause(const std::string& name) {
        begin("pause", {name});
        cluster_.must("pause", {name});
        endure();
        cluster_.must("resume", {name});
    }

    void cut(const std::vector<Names>& links) {
        for (const Names& link : links) {
            begin("cut", link);
            cluster_.must("cut", link);
        }
        endure();
        cluster_.must("heal");
    }

    void begin(const std::string& verb, const Names& names) {
        last_ = verb;
        for (const std::string& name : names) last_ += " " + name;
    }

    // Until the rest of the cluster has shown that it goes on, or for a while: it need not be able to.
    void endure() {
        const std::uint64_t before = writers_.answered();
        wait_until([&] { return writers_.answered() >= before + signs_of_life; }, disturbed_for);
    }

    LocalCluster& cluster_;
    Writers& writers_;
    std::mt19937_64 random_;
    std::string last_;
    std::uint64_t done_ = 0;
};

TEST(Chaos, NothingAcknowledgedIsLostChangedOrDoubled) {
    const std::uint64_t seed = seed_from("SOCAI_CHAOS_SEED");
    LocalCluster cluster;
    Writers writers(cluster, client_count, "chaos", seed);
    Chaos chaos(cluster, writers, seed);
    chaos.run(std::max(least_disruptions, from_environment("SOCAI_CHAOS_DISRUPTIONS", least_disruptions)));

    cluster.must("heal");
    cluster.must("resume");
    cluster.must("start");
    EXPECT_TRUE(cluster.await_ready()) << cluster.describe();
    const Journal journal = writers.finish();
    const std::uint64_t size = expect_ledgers_keep(cluster, journal);
    EXPECT_FALSE(journal.promised.empty());
    std::cout << "chaos: " << journal.promised.size() << " statements acknowledged, " << journal.repeats
              << " repeats answered alike, " << journal.reads << " linearizable reads, "
              << journal.refused.size() << " refused, " << journal.retries << " retries, " << chaos.done()
              << " disruptions, " << size << " leaves on " << cluster.nodes().size() << " nodes" << std::endl;
}

}  // namespace
}  // namespace socai::cluster_tests
