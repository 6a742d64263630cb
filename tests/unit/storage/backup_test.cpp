// A backup proves itself, is never a node, and makes a new one.
#include "storage/backup.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "small_node.hpp"
#include "storage/restore.hpp"

namespace socai::storage {
namespace {

using test::SmallNode;
using test::TempFolder;

class BackupTest : public testing::Test {
  protected:
    BackupTest() : node(folder / "data") {
        node.open();
        node.grow(600);
    }
    std::string out() const { return folder / "out"; }
    Result<BackupManifest> back_up(const BackupProgress& progress = {}) {
        return back_up_to(out(), progress);
    }
    Result<BackupManifest> back_up_to(const std::string& place, const BackupProgress& progress = {}) {
        return make_backup({node.log().database(), node.state().database(), node.identity(), node.folder(), 3,
                            1'700'000'000'000},
                           place, progress);
    }
    void expect_bad(const std::string& why) {
        const auto contents = verify_backup(out(), {});
        ASSERT_FALSE(contents) << why;
        EXPECT_EQ(contents.error().reason, "bad_backup") << why << ": " << contents.error().detail;
    }
    Identity other() const {
        Identity identity = node.identity();
        identity.node = "customs-2";
        return identity;
    }

    TempFolder folder;
    SmallNode node;
};

TEST_F(BackupTest, VerifiesAndSaysWhatItIs) {
    const auto made = back_up();
    ASSERT_TRUE(made) << made.error().detail;
    const auto contents = verify_backup(out(), {});
    ASSERT_TRUE(contents) << contents.error().detail;
    EXPECT_EQ(contents->manifest.size, 600U);
    EXPECT_EQ(contents->manifest.root, node.state().frontier().root());
    EXPECT_EQ(contents->manifest.last, node.entries().back()->id);
    EXPECT_EQ(contents->manifest.identity, node.identity());
    EXPECT_EQ(contents->genesis, node.entries().front()->payload);
    EXPECT_EQ(contents->entries, 600U);
    EXPECT_EQ(contents->manifest.promises_waiting, 3U);
    EXPECT_FALSE(std::filesystem::exists(node.folder() + "/checkpoint"));
    EXPECT_FALSE(std::filesystem::exists(out() + "/unfinished"));
    EXPECT_EQ(encode_manifest(contents->manifest), test::read_file(out() + "/manifest.json"));
}

TEST_F(BackupTest, IsTakenWhileTheNodeWrites) {
    std::atomic<bool> ended{false};
    std::thread backup([&] {
        const auto made = back_up();
        EXPECT_TRUE(made) << made.error().detail;
        ended = true;
    });
    for (int i = 0; i < 2'000 && !ended; ++i) node.grow(3);
    backup.join();
    const auto contents = verify_backup(out(), {});
    ASSERT_TRUE(contents) << contents.error().detail;
    EXPECT_GE(contents->manifest.size, 600U);
    EXPECT_LE(contents->manifest.size, node.tree().size());
}

TEST_F(BackupTest, IsNotANode) {
    ASSERT_TRUE(back_up());
    const auto before = test::listing(out());
    EXPECT_EQ(test::reason_of(LogStore::open(out(), node.identity())), "this_is_a_backup");
    EXPECT_TRUE(verify_backup(out(), {})) << "only looked at";
    // Nor without its manifest, and nothing is written to find that out.
    const std::string manifest = test::read_file(out() + "/manifest.json");
    std::filesystem::remove(out() + "/manifest.json");
    EXPECT_EQ(test::reason_of(LogStore::open(out(), node.identity())), "corrupt_side_file");
    test::write_file(out() + "/manifest.json", manifest);
    EXPECT_TRUE(verify_backup(out(), {}));
    EXPECT_EQ(test::listing(out()), before) << "not even RocksDB's own diary";
}

TEST_F(BackupTest, OneThatWasNotFinishedIsKnownAndReplaced) {
    const auto stopped = back_up([](std::uint64_t, std::uint64_t) { return false; });
    ASSERT_FALSE(stopped);
    EXPECT_TRUE(std::filesystem::exists(out() + "/unfinished"));
    EXPECT_FALSE(std::filesystem::exists(out() + "/log")) << "it does not keep the disk full";
    EXPECT_FALSE(std::filesystem::exists(out() + "/state"));
    EXPECT_FALSE(std::filesystem::exists(node.folder() + "/checkpoint"));
    EXPECT_EQ(test::reason_of(verify_backup(out(), {})), "backup_unfinished");
    ASSERT_TRUE(back_up());
    EXPECT_TRUE(verify_backup(out(), {}));
    EXPECT_EQ(test::reason_of(back_up()), "backup_exists");
    EXPECT_TRUE(verify_backup(out(), {}));  // untouched
}

TEST_F(BackupTest, OneThatWasKilledBeforeItsMarkHadItsNameIsReplaced) {
    std::filesystem::create_directory(out());
    test::write_file(out() + "/unfinished.new", "this ba");
    EXPECT_TRUE(back_up());
    EXPECT_TRUE(verify_backup(out(), {}));
}

TEST_F(BackupTest, IsNotWrittenIntoTheNodesOwnFolder) {
    for (const std::string inside : {"", "/log/backup", "/checkpoint", "/elsewhere/../backup"})
        EXPECT_EQ(test::reason_of(back_up_to(node.folder() + inside)), "inside_data") << inside;
    std::filesystem::create_directory_symlink(node.folder(), folder / "link");
    EXPECT_EQ(test::reason_of(back_up_to((folder / "link") + "/backup")), "inside_data");
    EXPECT_TRUE(back_up_to(node.folder() + "-backup"));
}

// What it attests it has read.
TEST_F(BackupTest, NothingIsMadeOfADamagedNode) {
    node.reopen();
    for (const std::string database : {"/log", "/state"}) {
        for (const std::string& table : test::files_like(node.folder() + database, "", ".sst")) {
            const auto bytes = std::filesystem::file_size(table);
            for (const std::size_t at : {bytes / 3, bytes - 60, bytes - 1}) {
                test::flip(table, at);
                EXPECT_EQ(test::reason_of(back_up()), "damaged_ledger") << table << " " << at;
                EXPECT_FALSE(std::filesystem::exists(out() + "/log"));
                test::flip(table, at);
            }
        }
    }
    EXPECT_TRUE(back_up());
}

TEST_F(BackupTest, IsNotWrittenOverSomethingElse) {
    std::filesystem::create_directory(out());
    test::write_file(out() + "/letter", "dear");
    EXPECT_EQ(test::reason_of(back_up()), "folder_not_empty");
    EXPECT_EQ(test::read_file(out() + "/letter"), "dear");
}

TEST_F(BackupTest, AnyAlteredFileIsRefused) {
    ASSERT_TRUE(back_up());
    for (const auto& [path, bytes] : test::listing(out())) {
        if (std::filesystem::is_directory(path) || path.ends_with("manifest.json") || bytes == 0) continue;
        for (const std::size_t at : {std::size_t{0}, bytes / 2, bytes - 1}) {
            test::flip(path, at);
            expect_bad(path);
            test::flip(path, at);
        }
        const std::string content = test::read_file(path);
        test::write_file(path, content.substr(0, content.size() / 2));
        expect_bad(path + " cut");
        std::filesystem::remove(path);
        expect_bad(path + " missing");
        std::filesystem::create_symlink("/etc/hostname", path);
        expect_bad(path + " a link");
        std::filesystem::remove(path);
        test::write_file(path, content);
    }
    test::write_file(out() + "/log/000999.sst", "more");
    expect_bad("one file too many");
    std::filesystem::remove(out() + "/log/000999.sst");
    EXPECT_TRUE(verify_backup(out(), {}));
}

// Who alters a file and its sum in the manifest is found by the ledger itself.
TEST_F(BackupTest, AManifestThatWasWrittenToFitIsRefused) {
    ASSERT_TRUE(back_up());
    const auto manifest = read_manifest(out());
    ASSERT_TRUE(manifest);
    const auto try_out = [&](const std::string& why, auto change) {
        BackupManifest altered = *manifest;
        change(altered);
        test::write_file(out() + "/manifest.json", encode_manifest(altered));
        expect_bad(why);
    };
    try_out("another root", [](BackupManifest& m) { m.root[3] ^= 1; });
    try_out("another size", [](BackupManifest& m) { m.size -= 1; });
    try_out("another end", [](BackupManifest& m) { m.last.index = m.last.index - 1; });
    try_out("another chain", [](BackupManifest& m) { m.last.hash[0] ^= 1; });
    try_out("another genesis", [](BackupManifest& m) { m.identity.genesis_hash = std::string(64, 'b'); });
    try_out("another node", [](BackupManifest& m) { m.identity.node = "most-1"; });
    for (const BackupFile& file : manifest->files) {
        if (!file.name.ends_with(".sst")) continue;
        for (const std::uint64_t at : {file.bytes / 3, file.bytes - 60, file.bytes - 1}) {
            test::flip(out() + "/" + file.name, at);
            const std::string sum = ledger::to_hex(ledger::sha256(test::read_file(out() + "/" + file.name)));
            BackupManifest altered = *manifest;
            for (BackupFile& listed : altered.files)
                if (listed.name == file.name) listed.sha256 = sum;
            test::write_file(out() + "/manifest.json", encode_manifest(altered));
            expect_bad(file.name + " at " + std::to_string(at));
            test::flip(out() + "/" + file.name, at);
        }
    }
}

TEST_F(BackupTest, AManifestThatIsNone) {
    ASSERT_TRUE(back_up());
    const std::string good = test::read_file(out() + "/manifest.json");
    for (std::size_t length = 0; length + 2 < good.size(); length += 17) {
        const auto manifest = decode_manifest(good.substr(0, length), "x");
        ASSERT_FALSE(manifest);
        EXPECT_EQ(manifest.error().reason, "bad_backup");
    }
    for (const std::string name :
         {"../data/acknowledged", "log/../x", "/etc/passwd", "log/", "other/x", "log/a b"}) {
        auto manifest = decode_manifest(good, "x");
        ASSERT_TRUE(manifest);
        manifest->files.front().name = name;
        EXPECT_EQ(test::reason_of(decode_manifest(encode_manifest(*manifest), "x")), "bad_backup") << name;
    }
    auto twice = decode_manifest(good, "x");
    twice->files.push_back(twice->files.front());
    EXPECT_EQ(test::reason_of(decode_manifest(encode_manifest(*twice), "x")), "bad_backup");
    EXPECT_EQ(test::reason_of(decode_manifest(R"({"format":"socai-backup-9"})", "x")), "wrong_version");
    EXPECT_EQ(test::reason_of(decode_manifest("[]", "x")), "bad_backup");
    // Numbers that are not kept as they stand, and a member that says two things.
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string altered = good;
        altered.replace(altered.find(from), from.size(), to);
        return test::reason_of(decode_manifest(altered, "x"));
    };
    EXPECT_EQ(with("\"made_ms\":", "\"made_ms\":18446744073709551615,\"x\":"), "bad_backup");
    EXPECT_EQ(with("\"log_format\":", "\"log_format\":4294967298,\"x\":"), "bad_backup");
    EXPECT_EQ(with("\"size\":", "\"size\":-1,\"x\":"), "bad_backup");
    EXPECT_EQ(with("\"size\":", "\"size\":1e3,\"x\":"), "bad_backup");
    EXPECT_EQ(with("\"size\":", "\"size\":7,\"size\":"), "bad_backup");
    test::write_file(out() + "/manifest.json", std::string(max_manifest_bytes + 1, ' '));
    expect_bad("a huge manifest");
    // One that would be waited for.
    std::filesystem::remove(out() + "/manifest.json");
    ASSERT_EQ(::mkfifo((out() + "/manifest.json").c_str(), 0600), 0);
    expect_bad("a pipe");
}

TEST_F(BackupTest, ARestoredNodeHasTheEntriesAndNoneOfThePromises) {
    node.grow(1);
    ASSERT_TRUE(back_up());
    const auto contents = verify_backup(out(), {});
    ASSERT_TRUE(contents) << contents.error().detail;
    const std::string made = folder / "restored";
    ASSERT_TRUE(restore_log(out(), *contents, made, other(), {{"note", "what it begins with"}}, {}));
    EXPECT_FALSE(std::filesystem::exists(made + ".restoring"));
    EXPECT_EQ(test::read_file(made + "/note"), "what it begins with");
    const auto log = LogStore::open(made, other());
    ASSERT_TRUE(log) << log.error().detail;
    const LogStart& start = (*log)->start();
    EXPECT_FALSE(start.damage);
    EXPECT_EQ(start.log.last, node.entries().back()->id);
    EXPECT_EQ(start.commit, consensus::Index{1});
    EXPECT_EQ(start.hard, (consensus::HardState{{1}, {}, {}}));
    EXPECT_EQ(start.log.promised, consensus::EntryId{});
    const auto entries = test::read_log(**log);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), node.entries().size());
    for (std::size_t i = 0; i < entries->size(); ++i)
        EXPECT_TRUE(test::same_entry(*(*entries)[i], *node.entries()[i]));
    // Not the old node, under its name.
    EXPECT_EQ(test::reason_of(LogStore::open(folder / "restored", node.identity())), "locked");
}

TEST_F(BackupTest, ARestoreNeedsAFolderOfItsOwnAndCanBeRepeated) {
    ASSERT_TRUE(back_up());
    const auto contents = verify_backup(out(), {});
    ASSERT_TRUE(contents);
    const std::string made = folder / "restored";
    const auto stop = [](std::uint64_t, std::uint64_t) { return false; };
    EXPECT_FALSE(restore_log(out(), *contents, made, other(), {}, stop));
    EXPECT_FALSE(std::filesystem::exists(made));
    ASSERT_TRUE(restore_log(out(), *contents, made, other(), {}, {}));
    EXPECT_EQ(test::reason_of(restore_log(out(), *contents, made, other(), {}, {})), "folder_not_empty");
    EXPECT_TRUE(LogStore::open(made, other()));
}

}  // namespace
}  // namespace socai::storage
