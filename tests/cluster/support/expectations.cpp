// What a cluster's ledgers must be after any disturbance.
#include <gtest/gtest.h>

#include <algorithm>

#include "ledger_dump.hpp"
#include "writers.hpp"

namespace socai::cluster_tests {
namespace {

constexpr std::size_t shown_faults = 10;

void expect_none(const std::vector<std::string>& faults, const std::string& where) {
    std::string text;
    for (std::size_t i = 0; i < std::min(faults.size(), shown_faults); ++i) text += "\n  " + faults[i];
    EXPECT_TRUE(faults.empty()) << where << ": " << faults.size() << " faults, such as" << text;
}

}  // namespace

std::uint64_t expect_ledgers_keep(const LocalCluster& cluster, const Journal& journal) {
    EXPECT_TRUE(cluster.await_agreement()) << cluster.describe();
    expect_none(journal.complaints, "the writers");
    const std::string& first = cluster.nodes().front();
    const LedgerDump reference = read_ledger(cluster, first);
    EXPECT_EQ(reference.fault, "") << first;
    const LedgerContent content = content_of(reference);
    expect_none(content.faults, "the ledger of " + first);
    expect_none(broken_promises(journal, content), "the ledger of " + first);
    for (const std::string& name : cluster.others({first})) {
        const LedgerDump dump = read_ledger(cluster, name);
        EXPECT_EQ(dump.fault, "") << name;
        EXPECT_EQ(dump.size, reference.size) << name;
        EXPECT_EQ(dump.root, reference.root) << name;
        // Not EXPECT_EQ: nobody reads thousands of leaves.
        EXPECT_TRUE(dump.entries == reference.entries) << name << " holds other bytes than " << first;
    }
    return reference.size;
}

}  // namespace socai::cluster_tests
