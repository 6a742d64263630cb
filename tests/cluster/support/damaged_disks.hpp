// A cluster for the tests of bad disks: writers at work, and enough in every node's log that all kinds of file
// exist. One node is damaged at a time, and whole again before the next: a minority, whatever it was.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "disk_damage.hpp"
#include "local_cluster.hpp"
#include "seed.hpp"
#include "writers.hpp"

namespace socai::cluster_tests {

// Between two faults: enough that every node's log is written to.
inline constexpr std::uint64_t between_faults = 40;

class DamagedDisks : public ::testing::Test {
  protected:
    void SetUp() override;
    // Starts what does not run, and holds every ledger to every promise.
    void end();

    void write_some(std::uint64_t count = between_faults) const;
    std::string log_folder(const std::string& node) const { return cluster_.data(node) + "/log"; }
    // Stops and starts every node: a start moves what the write-ahead log holds into tables, and what was cached
    // is read from the disk again.
    void restart_all() const;
    // Damages the largest file of the kind; returns what was done.
    std::string damage_one(const std::string& folder, FileKind kind, Damage how);
    // Starts a node whose disk was damaged, and waits until nothing is missing on it any more.
    void expect_recovery(const std::string& node) const;
    // Waits until `condition` holds, and starts `node` again where it stopped by itself: a node may find that it
    // cannot go on, once, but must then come back.
    void expect_with_at_most_one_stop(const std::string& node, const std::function<bool()>& condition) const;

    const std::uint64_t seed_ = seed_from("SOCAI_DAMAGE_SEED");
    std::mt19937_64 random_{seed_};
    LocalCluster cluster_;
    Writers writers_{cluster_, 4, "damage", seed_, gentle};
};

// Does a node's log speak of what its disk lost?
bool tells_of_damage(const std::string& log);

}  // namespace socai::cluster_tests
