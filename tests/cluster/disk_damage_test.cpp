// One node's disk goes bad while the node is down, in every kind of file that it has: the node comes back, says what
// it lost, gets it from the others, and serves nothing wrong meanwhile (docs/consensus.md, "What was acknowledged is
// never forgotten").
//
// The seed is printed; SOCAI_DAMAGE_SEED=N repeats the places that are damaged.
#include <filesystem>

#include "support/damaged_disks.hpp"

namespace socai::cluster_tests {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t sector_bytes = 512;

class DiskDamage : public DamagedDisks {
  protected:
    // Nothing of the log can be used without one of these.
    static bool loses_something(FileKind kind, Damage how) {
        return how == Damage::remove && kind != FileKind::options && kind != FileKind::identity;
    }
    std::string state_folder(const std::string& node) const { return cluster_.data(node) + "/state"; }
    std::string side_file(const std::string& node) const { return cluster_.data(node) + "/acknowledged"; }
};

TEST_F(DiskDamage, EveryKindOfFileOfTheLogInEveryWay) {
    std::size_t turn = 0;
    for (const FileKind kind : all_file_kinds) {
        for (const Damage how : all_damages) {
            const std::string& node = cluster_.nodes()[turn % cluster_.nodes().size()];
            cluster_.must(turn++ % 3 == 0 ? "stop" : "kill", {node});
            const std::uint64_t logged = cluster_.logged_bytes(node);
            const std::string done = damage_one(log_folder(node), kind, how);
            SCOPED_TRACE(name_of(kind) + ", " + name_of(how) + ": " + done);
            expect_recovery(node);
            const std::string said = cluster_.logged_since(node, logged);
            EXPECT_TRUE(!loses_something(kind, how) || tells_of_damage(said)) << said;
            ASSERT_NO_FATAL_FAILURE(write_some());
            if (HasFailure()) return end();
        }
    }
    end();
}

// All of it is derived: whatever happens to it, it is made again.
TEST_F(DiskDamage, TheStateIsRebuiltWhateverHappensToIt) {
    std::size_t turn = 0;
    for (const FileKind kind : {FileKind::table, FileKind::manifest, FileKind::current}) {
        const std::string& node = cluster_.nodes()[turn++ % cluster_.nodes().size()];
        cluster_.must("stop", {node});
        const Damage how = all_damages[random_() % all_damages.size()];
        SCOPED_TRACE(name_of(kind) + ": " + damage_one(state_folder(node), kind, how));
        expect_recovery(node);
        if (HasFailure()) return end();
    }
    const std::string& node = cluster_.nodes().front();
    cluster_.must("kill", {node});
    fs::remove_all(state_folder(node));
    expect_recovery(node);
    end();
}

// It holds everything twice, in different sectors. Without it the node has forgotten what it voted, and must not
// come back as if it had not.
TEST_F(DiskDamage, ARottenSectorOfTheSideFileIsNothingAndItsLossIsRefused) {
    for (int round = 0; round < 4; ++round) {
        const std::string& node = cluster_.nodes()[static_cast<std::size_t>(round)];
        cluster_.must(round % 2 == 0 ? "stop" : "kill", {node});
        std::string bytes = read_text(side_file(node));
        const std::uint64_t sector = random_() % (bytes.size() / sector_bytes);
        SCOPED_TRACE(node + ", sector " + std::to_string(sector));
        for (std::uint64_t i = 0; i < sector_bytes; ++i) {
            char& byte = bytes[sector * sector_bytes + i];
            byte = static_cast<char>(byte ^ 0x55);
        }
        write_text(side_file(node), bytes);
        expect_recovery(node);
        ASSERT_NO_FATAL_FAILURE(write_some());
    }
    const std::string& node = cluster_.nodes().back();
    cluster_.must("kill", {node});
    const std::string kept = side_file(node) + ".kept";
    fs::rename(side_file(node), kept);
    const std::uint64_t logged = cluster_.logged_bytes(node);
    EXPECT_NE(cluster_.verb("start", {node}).exit_status, 0);
    EXPECT_FALSE(cluster_.is_running(node));
    const std::string said = cluster_.logged_since(node, logged);
    EXPECT_NE(said.find("[corrupt_side_file]"), std::string::npos) << said;
    EXPECT_FALSE(fs::exists(side_file(node))) << "it made itself a new one";
    ASSERT_NO_FATAL_FAILURE(write_some());
    // It did not run meanwhile, so this is not an old copy.
    fs::rename(kept, side_file(node));
    expect_recovery(node);
    end();
}

}  // namespace
}  // namespace socai::cluster_tests
