// The life of a node's certificates: renewed in time, reloaded, shown, warned of. The clock is the test's.
#include "node/tls/keeper.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <filesystem>

#include "../network/certificates.hpp"
#include "temporary_folder.hpp"

namespace socai::node::tls {
namespace {

using network::test::Certified;
using network::test::LeafWish;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t now_ms = 1'790'000'000'000;
const consensus::NodeId other{2};

OwnCertificate::Facts facts(std::uint32_t days = 90) {
    return {"most-1", "ledger.test/tls", {"127.0.0.1"}, days, 0};
}

std::string serial_of(const Context& context) {
    const ASN1_INTEGER* number = X509_get0_serialNumber(SSL_CTX_get0_certificate(context->native_handle()));
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(number)),
            static_cast<std::size_t>(ASN1_STRING_length(number))};
}

TEST(OwnCertificate, IsRenewedWithAThirdLeft) {
    OwnCertificate own(ledger::KeyPair::generate(), facts(), now_ms);
    const Context first = own.api();
    EXPECT_EQ(own.not_after_s(), now_ms / 1'000 + 90 * 86'400);
    EXPECT_FALSE(own.look(now_ms + 59 * day_ms));
    EXPECT_EQ(own.api(), first);
    EXPECT_TRUE(own.look(now_ms + 60 * day_ms));
    EXPECT_NE(serial_of(own.api()), serial_of(first));
    EXPECT_EQ(serial_of(own.api()), serial_of(own.peer()));
    EXPECT_EQ(own.not_after_s(), now_ms / 1'000 + 150 * 86'400);
    EXPECT_FALSE(own.look(now_ms + 61 * day_ms));
}

TEST(OwnCertificate, IsMadeAnewWhenTheClockWasSetBack) {
    OwnCertificate own(ledger::KeyPair::generate(), facts(), now_ms);
    EXPECT_FALSE(own.look(now_ms - day_ms / 48)) << "clocks are allowed to be a little behind";
    EXPECT_TRUE(own.look(now_ms - 10 * day_ms));
    EXPECT_EQ(own.not_after_s(), now_ms / 1'000 + 80 * 86'400);
}

TEST(OwnCertificate, AShortLifeIsRenewedTooAndNotAllTheTime) {
    OwnCertificate own(ledger::KeyPair::generate(), facts(1), now_ms);
    EXPECT_TRUE(own.look(now_ms + day_ms * 2 / 3));
    OwnCertificate::Facts old = facts(1);
    old.age_days = 5;
    OwnCertificate drill(ledger::KeyPair::generate(), old, now_ms);
    EXPECT_TRUE(drill.is_overdue(now_ms));
    EXPECT_FALSE(drill.look(now_ms + 30'000)) << "a leaf that is due as soon as it is made";
    EXPECT_TRUE(drill.look(now_ms + 90'000));
}

class KeeperTest : public ::testing::Test {
  protected:
    KeeperTest() {
        config_.node = "most-1";
        config_.tls.api_certificate = folder_ / "api.pem";
        config_.tls.api_key = folder_ / "api.key";
    }
    // The operator's pair: a leaf that ends so long after the real now.
    void put(long days, const Certified* other_key = nullptr) {
        const Certified leaf = network::test::make_leaf(anchor_, {.ends_s = days * 86'400});
        write(config_.tls.api_certificate, network::test::to_pem(leaf) + network::test::to_pem(anchor_),
              0644);
        write_key(other_key != nullptr ? *other_key : leaf);
    }
    void write_key(const Certified& of, mode_t mode = 0600) {
        write(config_.tls.api_key, network::test::key_to_pem(of), mode);
    }
    // In another file's place: another inode, so another stamp whatever the clock's steps.
    void write(const std::string& path, const std::string& text, mode_t mode) {
        test::put(path + ".new", text);
        ::chmod((path + ".new").c_str(), mode);
        std::filesystem::rename(path + ".new", path);
    }
    Result<std::unique_ptr<Keeper>> open() const {
        return Keeper::open(config_, "ledger.test/tls", ledger::KeyPair::generate(), real_now_ms());
    }
    static std::int64_t real_now_ms() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
    static std::string word(const boost::json::object& status, const char* port, const char* name) {
        const auto& shown = status.at(port).as_object();
        const auto* value = shown.if_contains(name);
        return value == nullptr ? "" : boost::json::serialize(*value);
    }

    test::TemporaryFolder folder_;
    Certified anchor_ = network::test::make_anchor("ministry");
    Config config_;
};

TEST_F(KeeperTest, TheOperatorsPairIsShownAtTheApiAlone) {
    put(60);
    const auto keeper = open();
    ASSERT_TRUE(keeper) << keeper.error().detail;
    EXPECT_NE(serial_of((*keeper)->api()()), serial_of((*keeper)->peer()(network::Side::listener)));
}

TEST_F(KeeperTest, ANewPairIsTakenOnceItStandsStillAndABadOneIsNot) {
    put(60);
    const auto keeper = open();
    ASSERT_TRUE(keeper) << keeper.error().detail;
    const auto shown = [&] { return serial_of((*keeper)->api()()); };
    const std::string first = shown();
    (*keeper)->look(real_now_ms());
    EXPECT_EQ(shown(), first);

    const Certified stranger = network::test::make_leaf(anchor_);
    put(70, &stranger);  // a key of another certificate
    for (int i = 0; i < 3; ++i) (*keeper)->look(real_now_ms());
    EXPECT_EQ(shown(), first);

    put(70);
    (*keeper)->look(real_now_ms());
    EXPECT_EQ(shown(), first) << "perhaps only one of the two files is new yet";
    (*keeper)->look(real_now_ms());
    EXPECT_NE(shown(), first);
}

TEST_F(KeeperTest, AKeyThatOthersMayReadIsRefused) {
    put(60);
    ::chmod(config_.tls.api_key.c_str(), 0644);
    const auto keeper = open();
    ASSERT_FALSE(keeper);
    EXPECT_EQ(keeper.error().reason, "key_exposed");
}

TEST_F(KeeperTest, WhatIsNoCertificateIsRefusedAndNotQuoted) {
    put(60);
    write(config_.tls.api_key, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", 0600);
    const auto keeper = open();
    ASSERT_FALSE(keeper);
    EXPECT_EQ(keeper.error().reason, "bad_tls_certificate");
    EXPECT_EQ(keeper.error().detail.find("c2VjcmV0"), std::string::npos);
    std::filesystem::remove(config_.tls.api_key);
    EXPECT_EQ(open().error().reason, "file_unreadable");
}

TEST_F(KeeperTest, OperatorsAreWarnedFromThirtyDays) {
    constexpr std::int64_t minute_ms = 60'000;  // more than the test takes: days that are left count whole
    const auto nobody = [](consensus::NodeId) { return std::string(); };
    put(31);
    auto keeper = open();
    ASSERT_TRUE(keeper);
    EXPECT_EQ(word((*keeper)->json(real_now_ms(), nobody), "api", "warning"), "");
    EXPECT_NE(word((*keeper)->json(real_now_ms() + 2 * day_ms, nobody), "api", "warning"), "");
    EXPECT_EQ(word((*keeper)->json(real_now_ms() + 2 * day_ms + minute_ms, nobody), "api", "days_left"),
              "28");
    const auto after = (*keeper)->json(real_now_ms() + 40 * day_ms + minute_ms, nobody);
    EXPECT_NE(word(after, "api", "warning").find("has expired"), std::string::npos);
    EXPECT_EQ(word(after, "api", "days_left"), "-10");
    EXPECT_EQ(word(after, "peer", "warning"), "") << "that one is made by the node, 50 days of it are left";
}

TEST_F(KeeperTest, WithoutTlsNothingIsShown) {
    config_.tls = {};
    config_.tls.api = config_.tls.peer = false;
    const auto keeper = open();
    ASSERT_TRUE(keeper);
    EXPECT_FALSE((*keeper)->api());
    EXPECT_FALSE((*keeper)->peer());
    EXPECT_EQ(word((*keeper)->json(real_now_ms(), {}), "api", "on"), "false");
}

network::PeerCertificate shown(std::int64_t from_days, std::int64_t to_days) {
    return {{}, now_ms / 1'000 + from_days * 86'400, now_ms / 1'000 + to_days * 86'400};
}

TEST(PeerWatch, TellsOfATroubleOnce) {
    using State = PeerWatch::State;
    PeerWatch watch;
    EXPECT_EQ(watch.seen(other, "most-2", shown(-10, 80), now_ms), "");
    EXPECT_EQ(watch.all().front().state, State::good);
    EXPECT_NE(watch.seen(other, "most-2", shown(-91, -1), now_ms).find("has expired"), std::string::npos);
    EXPECT_EQ(watch.seen(other, "most-2", shown(-91, -1), now_ms), "");
    EXPECT_EQ(watch.all().front().state, State::expired);
    EXPECT_NE(watch.seen(other, "most-2", shown(-80, 10), now_ms).find("renewed"), std::string::npos);
    EXPECT_NE(watch.seen(other, "most-2", shown(1, 91), now_ms).find("in the future"), std::string::npos);
    EXPECT_EQ(watch.seen(other, "most-2", shown(-1, 89), now_ms), "");
    EXPECT_EQ(watch.all().front().state, State::good);
    EXPECT_NE(watch.seen(other, "most-2", shown(-91, -1), now_ms), "") << "again, after it was well";
}

}  // namespace
}  // namespace socai::node::tls
