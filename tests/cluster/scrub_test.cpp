// A byte changes on one node's disk, in a place that nobody reads: the scrub finds it and repairs it, while the
// cluster works on.
//
// The seed is printed; SOCAI_DAMAGE_SEED=N repeats the places that are damaged.
#include <boost/json/parse.hpp>
#include <fstream>

#include "support/clients.hpp"
#include "support/damaged_disks.hpp"
#include "support/ledger_dump.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

ProgramResult socai(const Names& words) {
    Names command{program()};
    command.insert(command.end(), words.begin(), words.end());
    return run_program(command, 2 * patience);
}

class ScrubCluster : public DamagedDisks {
  protected:
    ProgramResult scrub(const std::string& node, const Names& more = {}) const {
        Names words{"scrub", "--dir", cluster_.dir(), node, "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return socai(words);
    }
    // The last object that was printed.
    static json::object last_object(const std::string& text) {
        const std::size_t end = text.find_last_of('}');
        const std::size_t begin = end == std::string::npos ? end : text.rfind('\n', end);
        return json::parse(text.substr(begin == std::string::npos ? 0 : begin + 1)).as_object();
    }
    std::string state_folder(const std::string& node) const { return cluster_.data(node) + "/state"; }
    static void flip_one(const std::string& path, std::uint64_t at) {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekg(static_cast<std::streamoff>(at));
        const char byte = static_cast<char>(file.get());
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(byte ^ 1));
    }
};

TEST_F(ScrubCluster, OneByteOfTheEntriesIsFoundAndFetchedWhileTheNodeRuns) {
    const std::string node = cluster_.others({cluster_.await_leader()}).front();
    const ProgramResult before = scrub(node);
    ASSERT_EQ(before.exit_status, 0) << before.output;
    const std::string table = files_of(log_folder(node), FileKind::table).front();  // the largest: entries
    flip_one(table, 100);
    const ProgramResult found = scrub(node);
    EXPECT_EQ(found.exit_status, 0) << found.output;
    const json::object said = last_object(found.output);
    EXPECT_GT(number(said, "found"), 0U) << found.output;
    EXPECT_EQ(number(said, "found"), number(said, "repaired")) << found.output;
    EXPECT_FALSE(said.at("restarted").as_bool());
    ASSERT_NO_FATAL_FAILURE(write_some());
    EXPECT_TRUE(cluster_.await_whole(node)) << cluster_.describe();
    const json::object status = cluster_.status(node);
    EXPECT_GT(number(status.at("scrub").as_object(), "rounds"), 0U);
    end();
}

// What a running node cannot repair: a restart is part of the command.
TEST_F(ScrubCluster, DamagedTablesOfTheStateAndOfIdsAreRepairedByARestart) {
    const Names others = cluster_.others({cluster_.await_leader()});
    for (const std::string& folder : {state_folder(others[0]), log_folder(others[1])}) {
        const std::string node = folder == state_folder(others[0]) ? others[0] : others[1];
        const std::string table = files_of(folder, FileKind::table).back();  // the smallest
        flip_one(table, 20);
        const ProgramResult told = scrub(node, {"--no-restart"});
        EXPECT_EQ(told.exit_status, 1) << told.output;
        EXPECT_GT(number(last_object(told.output), "at_next_start"), 0U) << told.output;
        const ProgramResult mended = scrub(node);
        EXPECT_EQ(mended.exit_status, 0) << mended.output;
        EXPECT_TRUE(last_object(mended.output).at("restarted").as_bool());
        ASSERT_NO_FATAL_FAILURE(write_some());
    }
    end();
}

TEST_F(ScrubCluster, AStoppedNodesFolderIsScrubbedInPlace) {
    const std::string node = cluster_.others({cluster_.await_leader()}).front();
    cluster_.must("stop", {node});
    const Names words{"scrub", "--data", cluster_.data(node), "--json"};
    const ProgramResult sound = socai(words);
    EXPECT_EQ(sound.exit_status, 0) << sound.output;
    flip_one(files_of(log_folder(node), FileKind::table).front(), 100);
    const ProgramResult lost = socai(words);
    EXPECT_EQ(lost.exit_status, 1) << lost.output;
    EXPECT_GT(number(last_object(lost.output), "to_fetch"), 0U);
    expect_recovery(node);
    end();
}

}  // namespace
}  // namespace socai::cluster_tests
