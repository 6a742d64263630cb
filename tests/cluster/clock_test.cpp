// Clocks that are off, through the offset that a configuration can give a node's clock: a leader that is ahead of
// the others hands over, accepted times never fall, and a follower whose clock is off harms nobody (architecture.md
// 9: no clock decides safety).
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "support/clients.hpp"
#include "support/ledger_dump.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

constexpr std::uint64_t signs_of_life = 40;

class Clocks : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe(); }
    static bool serves(const Writers& writers) {
        const std::uint64_t before = writers.answered();
        return wait_until([&] { return writers.answered() >= before + signs_of_life; });
    }

    LocalCluster cluster_;
};

}  // namespace
}  // namespace socai::cluster_tests
