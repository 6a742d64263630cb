// Four clients write through all nodes of a real cluster while nodes are killed, paused and cut off, one
// disruption after the other. Afterwards every promise must have been kept on every node.
//
// The seed is printed; SOCAI_CHAOS_SEED repeats the choices (not the timing), SOCAI_CHAOS_DISRUPTIONS asks for
// more of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <random>

#include "support/local_cluster.hpp"
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
};

// One round: each of these once, in drawn order. Kills of the leader are what a ledger fears most.
constexpr std::array deck{Disruption::kill_leader,  Disruption::kill_leader,   Disruption::kill_follower,
                          Disruption::kill_two,     Disruption::pause_leader,  Disruption::pause_follower,
                          Disruption::cut_one_way,  Disruption::cut_both_ways, Disruption::isolate_leader,
                          Disruption::kill_follower};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

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
    const std::uint64_t seed = from_environment("SOCAI_CHAOS_SEED", std::random_device{}());
    std::cout << "SOCAI_CHAOS_SEED=" << seed << std::endl;
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
              << " repeats answered alike, " << journal.refused.size() << " refused, " << journal.retries
              << " retries, " << chaos.done() << " disruptions, " << size << " leaves on "
              << cluster.nodes().size() << " nodes" << std::endl;
}

}  // namespace
}  // namespace socai::cluster_tests
