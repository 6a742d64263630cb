#include "node/key_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sample_input.hpp"
#include "temporary_folder.hpp"

namespace socai::node {
namespace {

using test::TemporaryFolder;

TEST(KeyFile, KeepsAKeyAndItsModeAndNeverOverwrites) {
    const TemporaryFolder folder;
    const std::string path = folder / "k.jwk";
    const auto key = test::key_of("moit");
    ASSERT_TRUE(write_key_file(path, key).has_value());
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    const std::string before = test::get(path);

    const auto again = write_key_file(path, test::key_of("mard"));
    ASSERT_TRUE(again.has_error());
    EXPECT_EQ(again.error().reason, "file_exists");
    EXPECT_EQ(again.error().exit, Exit::usage);
    EXPECT_EQ(test::get(path), before);

    const auto read = read_key_file(path);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->kid, "moit/1");
    EXPECT_EQ(read->key.public_key(), key.key.public_key());
}

TEST(KeyFile, NamesTheFileThatIsNoKeyAndNeverItsContent) {
    const TemporaryFolder folder;
    EXPECT_EQ(read_key_file(folder / "none").error().exit, Exit::unreachable);
    const std::string path = folder / "k.jwk";
    test::put(path, R"({"kty":"OKP","d":"secret-secret"})");
    const auto read = read_key_file(path);
    ASSERT_TRUE(read.has_error());
    EXPECT_EQ(read.error().reason, "malformed_jwk");
    EXPECT_NE(read.error().detail.find(path), std::string::npos);
    EXPECT_EQ(read.error().detail.find("secret"), std::string::npos);
    EXPECT_EQ(write_key_file(folder / "no/such/k.jwk", test::key_of("a")).error().exit, Exit::unreachable);
}

TEST(KeyFile, TellsWhenOthersMayReadIt) {
    const TemporaryFolder folder;
    const std::string path = folder / "k.jwk";
    ASSERT_TRUE(write_key_file(path, test::key_of("moit")).has_value());
    EXPECT_FALSE(key_file_is_exposed(path));
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
    EXPECT_TRUE(key_file_is_exposed(path));
    EXPECT_FALSE(key_file_is_exposed(folder / "none"));
}

}  // namespace
}  // namespace socai::node
