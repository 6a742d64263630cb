#include "damaged_disks.hpp"

#include <iostream>

namespace socai::cluster_tests {

void DamagedDisks::SetUp() {
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    ASSERT_NO_FATAL_FAILURE(write_some(300));
    restart_all();
    ASSERT_NO_FATAL_FAILURE(write_some());
}

void DamagedDisks::end() {
    cluster_.must("start");
    const Journal journal = writers_.finish();
    const std::uint64_t size = expect_ledgers_keep(cluster_, journal);
    std::cout << "disk damage: " << journal.promised.size() << " statements acknowledged, " << journal.reads
              << " linearizable reads, " << size << " leaves" << std::endl;
}

void DamagedDisks::write_some(std::uint64_t count) const {
    const std::uint64_t before = writers_.answered();
    ASSERT_TRUE(wait_until([&] { return writers_.answered() >= before + count; })) << cluster_.describe();
}

void DamagedDisks::restart_all() const {
    for (const std::string& node : cluster_.nodes()) {
        cluster_.must("stop", {node});
        cluster_.must("start", {node});
    }
}

std::string DamagedDisks::damage_one(const std::string& folder, FileKind kind, Damage how) {
    const auto files = files_of(folder, kind);
    if (files.empty()) return "nothing of this kind is in " + folder;
    return do_damage(files.front(), how, random_);
}

void DamagedDisks::expect_recovery(const std::string& node) const {
    cluster_.must("start", {node, "--no-wait"});
    EXPECT_TRUE(cluster_.await_whole(node)) << cluster_.describe() << last_lines(cluster_.log(node), 20);
}

void DamagedDisks::expect_with_at_most_one_stop(const std::string& node,
                                                const std::function<bool()>& condition) const {
    const auto stops = cluster_.await_reviving(node, condition);
    EXPECT_TRUE(stops && *stops <= 1) << stops.value_or(-1) << " stops\n"
                                      << cluster_.describe() << last_lines(cluster_.log(node), 20);
}

bool tells_of_damage(const std::string& log) {
    return log.find("other nodes") != std::string::npos || log.find("was checked") != std::string::npos;
}

}  // namespace socai::cluster_tests
