// Audits over HTTP: an honest server passes, and no lie of a server makes an audit pass, hang or swell.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>

#include "audit_ledger.hpp"
#include "ledger/entry.hpp"
#include "node/audit/audit.hpp"
#include "node/audit/http_fetch.hpp"
#include "temporary_folder.hpp"
#include "tile_server.hpp"

namespace socai::node::audit {
namespace {

using test::AuditLedger;
using test::TileServer;
using Running = std::atomic<bool>;
using namespace std::chrono_literals;

constexpr std::size_t leaves = 600;
constexpr std::uint64_t most_taken = std::uint64_t{48} << 20;

class AuditHttpTest : public ::testing::Test {
  protected:
    AuditHttpTest() {
        test::put(folder_ / "policy", ledger_.policy().to_string());
        ledger_.write_tiles(tiles(), ledger_.head());
    }
    std::string tiles() const { return folder_ / "tiles"; }
    Result<AuditReport> run(const TileServer& server, std::chrono::milliseconds patience = 20s) const {
        AuditOptions options;
        options.source = server.url();
        options.policy = folder_ / "policy";
        options.jobs = 2;
        options.limits.request = patience;
        return run_audit(
            options, [](std::uint64_t, std::uint64_t) {}, [] { return false; });
    }
    // No verdict but "passed" is right for a lie; which one depends on what comes first.
    void expect_no_pass(const TileServer& server, std::chrono::milliseconds patience = 20s) const {
        const auto report = run(server, patience);
        EXPECT_FALSE(report && report->passed());
    }
    static bool has(const AuditReport& report, const std::string& reason) {
        for (const Finding& finding : report.findings)
            if (finding.reason == reason) return true;
        return report.stopped && report.stopped->reason == reason;
    }

    test::TemporaryFolder folder_;
    AuditLedger ledger_{leaves};
};

TEST_F(AuditHttpTest, AnHonestServerPasses) {
    const TileServer server(tiles());
    const auto report = run(server);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_TRUE(report->passed());
    EXPECT_EQ(report->coverage.entries, leaves);
    EXPECT_EQ(report->coverage.tiles, 4U);
    EXPECT_EQ(report->source_kind, "tiles over HTTP");
}

TEST_F(AuditHttpTest, PartialTilesThatHaveGrownAreReadFromTheFullOnes) {
    const std::string checkpoint = test::get(tiles() + "/checkpoint");
    while (ledger_.entries.size() < 900) ledger_.add("more-" + std::to_string(ledger_.entries.size()));
    ledger_.write_tiles(folder_ / "grown", ledger_.head());
    test::put(folder_ / "grown/checkpoint", checkpoint);
    const TileServer server(folder_ / "grown");
    const auto report = run(server);
    ASSERT_TRUE(report) << report.error().detail;
    // The full tile of level 1 does not exist yet at 900 leaves: that one is missing, and nothing else is wrong.
    EXPECT_EQ(report->coverage.entries, leaves);
    for (const Finding& finding : report->findings)
        EXPECT_EQ(finding.tile, "tile/1/000.p/2") << finding.detail;
}

// Each connection is closed after its answer, or before one: trying again is enough.
TEST_F(AuditHttpTest, ConnectionsThatCloseAreMadeAnew) {
    std::atomic<int> asked = 0;
    const TileServer server(tiles(), [&](const std::string& target, TileServer::Socket& socket,
                                         const Running&) {
        if (asked++ % 3 == 0) return true;  // closes without an answer
        TileServer::send(socket, TileServer::answer(test::get(tiles() + target), "Connection: close\r\n"));
        return true;
    });
    const auto report = run(server);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_TRUE(report->passed());
}

TEST_F(AuditHttpTest, OtherBytesOnEachRequestAreFound) {
    std::atomic<int> asked = 0;
    const TileServer server(tiles(),
                            [&](const std::string& target, TileServer::Socket& socket, const Running&) {
                                std::string body = test::get(tiles() + target);
                                if (target.starts_with("/tile/") && asked++ % 2 == 0 && !body.empty())
                                    body[body.size() / 3] = static_cast<char>(body[body.size() / 3] ^ 4);
                                TileServer::send(socket, TileServer::answer(body));
                                return true;
                            });
    for (int round = 0; round < 3; ++round) expect_no_pass(server);
}

// Each a tile of this very ledger, but another one than was asked for, every other time.
TEST_F(AuditHttpTest, OtherTilesOnEachRequestAreFound) {
    for (const std::string kind : {"/tile/0/", "/tile/entries/"}) {
        std::atomic<int> asked = 0;
        const TileServer server(tiles(),
                                [&](const std::string& target, TileServer::Socket& socket, const Running&) {
                                    if (!target.starts_with(kind) || asked++ % 2 != 0) return false;
                                    const std::string other = kind + (target == kind + "000" ? "001" : "000");
                                    TileServer::send(socket, TileServer::answer(test::get(tiles() + other)));
                                    return true;
                                });
        for (int round = 0; round < 3; ++round) expect_no_pass(server);
    }
}

TEST_F(AuditHttpTest, WrongLengthsAreFound) {
    for (const std::string kind : {"/tile/0/", "/tile/1/", "/tile/entries/", "/checkpoint"}) {
        for (const int change : {-1, 1, 40}) {
            const TileServer server(
                tiles(), [&](const std::string& target, TileServer::Socket& socket, const Running&) {
                    if (!target.starts_with(kind)) return false;
                    std::string body = test::get(tiles() + target);
                    body.resize(body.size() + static_cast<std::size_t>(change), 'x');
                    TileServer::send(socket, TileServer::answer(body));
                    return true;
                });
            expect_no_pass(server);
        }
        // Less than was announced, and more.
        for (const char* announced :
             {"Content-Length: 99999999999\r\n\r\n", "Content-Length: 3\r\n\r\n", "\r\n"}) {
            const TileServer server(
                tiles(), [&](const std::string& target, TileServer::Socket& socket, const Running&) {
                    if (!target.starts_with(kind)) return false;
                    TileServer::send(socket, std::string("HTTP/1.1 200 OK\r\n") + announced + "abcdefgh");
                    return true;
                });
            expect_no_pass(server);
        }
    }
}

// Bodies and headers without end, as fast as they are taken: the bound ends them, not the deadline.
TEST_F(AuditHttpTest, EndlessAnswersAreCutOff) {
    const std::string block(64 * 1024, 'x');
    const std::vector<std::pair<std::string, std::string>> floods = {
        {"HTTP/1.1 200 OK\r\n\r\n", block},  // until the connection closes
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "10000\r\n" + block + "\r\n"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1;" + block},  // of a chunk's extension
        {"HTTP/1.1 200 OK\r\n", "X: " + std::string(1'000, 'x') + "\r\n"},        // of header lines
        {"HTTP/1.1 200 ", block},                                                 // of the status line
        {"HTTP/1.1 200 OK\r\nX: ", block},                                        // of one header
        {"", "HTTP/1.1 100 Continue\r\n\r\n"},                                    // of interim answers
        {"HTTP/1.1 302 Found\r\nLocation: /tile/entries/000\r\n\r\n", block},     // behind a redirect
        {"HTTP/1.1 404 Not Found\r\n\r\n", block},                                // behind a refusal
    };
    for (const auto& [begin, more] : floods) {
        std::atomic<std::uint64_t> taken = 0;
        const TileServer server(
            tiles(), [&](const std::string& target, TileServer::Socket& socket, const Running& running) {
                if (!target.starts_with("/tile/entries/")) return false;
                TileServer::send(socket, begin);
                boost::system::error_code gone;
                while (running && !gone) taken += boost::asio::write(socket, boost::asio::buffer(more), gone);
                return true;
            });
        const auto start = std::chrono::steady_clock::now();
        expect_no_pass(server, 60s);
        EXPECT_LT(std::chrono::steady_clock::now() - start, 50s) << begin;
        // Of each answer no more than a bundle can have, and what is on its way in the system's buffers.
        EXPECT_LT(taken, server.requests() * most_taken) << begin;
    }
}

// One byte at a time, for ever: of a body, of a header, of chunks; and silence, after the request or in the middle of an
// answer.
TEST_F(AuditHttpTest, DripAndSilenceEndAtTheDeadline) {
    const std::map<std::string, std::pair<std::string, std::string>> ways = {
        {"drip", {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x"}},
        {"header", {"HTTP/1.1 200 OK\r\nX: ", "x"}},
        {"status", {"HTTP/1.1 200 ", "x"}},
        {"chunks", {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"}},
        {"half", {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", ""}},
        {"silence", {"", ""}},
    };
    for (const auto& [kind, says] : ways) {
        const TileServer server(
            tiles(), [&](const std::string& target, TileServer::Socket& socket, const Running& running) {
                if (!target.starts_with("/tile/entries/001")) return false;
                TileServer::send(socket, says.first);
                boost::system::error_code gone;
                std::mutex mutex;
                std::condition_variable never;
                std::unique_lock lock(mutex);
                while (running && !gone) {
                    if (!says.second.empty())
                        boost::asio::write(socket, boost::asio::buffer(says.second), gone);
                    never.wait_for(lock, 20ms);
                }
                return true;
            });
        const auto report = run(server, 700ms);
        ASSERT_TRUE(report);
        EXPECT_FALSE(report->passed());
        EXPECT_TRUE(has(*report, "no_answer")) << kind;
    }
}

TEST_F(AuditHttpTest, RedirectsAndEncodingsAreNotTaken) {
    const std::vector<std::string> answers = {
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nab",
        TileServer::answer("\x1f\x8b", "Content-Encoding: gzip\r\n"),
        TileServer::answer("ab", "Transfer-Encoding: gzip\r\n"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n\x1f\x8b\r\n0\r\n\r\n",
        TileServer::answer("ab", "Content-Length: 1\r\n"),
        TileServer::answer("ab", "Transfer-Encoding: chunked\r\n"),
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nab",
        "HTTP/1.1 99999 OK\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 301 Moved\r\nLocation: " + std::string(8'000, 'a') + "\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "",
    };
    for (const std::string& bytes : answers) {
        const TileServer server(tiles(),
                                [&](const std::string& target, TileServer::Socket& socket, const Running&) {
                                    if (!target.starts_with("/tile/entries/001")) return false;
                                    TileServer::send(socket, bytes);
                                    return true;
                                });
        expect_no_pass(server);
    }
}

// A server that keeps its readers waiting does not keep who stops the audit.
TEST_F(AuditHttpTest, AStopDoesNotWaitForTheServer) {
    std::atomic<bool> waiting = false;
    const TileServer server(tiles(),
                            [&](const std::string& target, TileServer::Socket&, const Running& running) {
                                if (!target.starts_with("/tile/entries/001")) return false;
                                waiting = true;
                                std::mutex mutex;
                                std::condition_variable never;
                                std::unique_lock lock(mutex);
                                while (running) never.wait_for(lock, 20ms);
                                return true;
                            });
    AuditOptions options;
    options.source = server.url();
    options.policy = folder_ / "policy";
    options.limits.request = 600s;
    const auto start = std::chrono::steady_clock::now();
    const auto report = run_audit(
        options, [](std::uint64_t, std::uint64_t) {}, [&] { return waiting.load(); });
    ASSERT_TRUE(report);
    EXPECT_TRUE(has(*report, "interrupted"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 300s);
}

// A head of more leaves than the server has: it ends where they do.
TEST_F(AuditHttpTest, AHugeHeadEndsWithTheLeaves) {
    ledger::Head head = ledger_.head();
    head.checkpoint.size = std::uint64_t{1} << 50;
    head.note.text = head.checkpoint.to_string();
    head.note.signatures.clear();
    ledger::sign_note(head.note, AuditLedger::origin, ledger_.nodes[0].log);
    test::put(tiles() + "/checkpoint", head.note.to_string());
    const TileServer server(tiles());
    const auto report = run(server);
    ASSERT_TRUE(report);
    EXPECT_TRUE(has(*report, "missing_leaves"));
    EXPECT_LT(server.requests(), 200U);
}

// One that nobody vouches for is not worth reading a leaf for, however many the server makes up as it goes.
TEST_F(AuditHttpTest, LeavesOfAHeadThatNobodySignedAreNotRead) {
    ledger::Head head = ledger_.head();
    head.checkpoint.size = std::uint64_t{1} << 45;
    head.note.text = head.checkpoint.to_string();
    head.note.signatures.clear();
    AuditLedger stranger(1);
    const auto expect_unread = [&](Depth depth) {
        test::put(tiles() + "/checkpoint", head.note.to_string());
        const TileServer server(tiles());
        AuditOptions options;
        options.source = server.url();
        options.policy = folder_ / "policy";
        options.depth = depth;
        const auto report = run_audit(
            options, [](std::uint64_t, std::uint64_t) {}, [] { return false; });
        ASSERT_TRUE(report);
        EXPECT_TRUE(has(*report, "no_known_signature") || has(*report, "no_quorum"));
        EXPECT_EQ(server.requests(), 1U);
    };
    ledger::sign_note(head.note, AuditLedger::origin, stranger.nodes[0].log);
    for (const Depth depth : {Depth::hashes, Depth::signatures, Depth::everything}) expect_unread(depth);
    // One node's word is not enough where no later policy could be found.
    ledger::sign_note(head.note, AuditLedger::origin, ledger_.nodes[0].log);
    for (const Depth depth : {Depth::hashes, Depth::signatures}) expect_unread(depth);
}

// The leaf that founds everything is read before the others: it is no other one when its turn comes.
TEST_F(AuditHttpTest, AnotherLeaf0OnTheSecondRequestIsFound) {
    const auto audit_of = [&](const std::string& first, const std::string& then, const std::string& state) {
        std::atomic<int> asked = 0;
        const TileServer server(
            tiles(), [&](const std::string& target, TileServer::Socket& socket, const Running&) {
                if (target == "/checkpoint") return false;
                const bool begun = target.starts_with("/tile/entries/000") && asked++ == 0;
                TileServer::send(socket, TileServer::answer(test::get((begun ? first : then) + target)));
                return true;
            });
        AuditOptions options;
        options.source = server.url();
        options.policy = folder_ / "policy";
        options.state = state;
        return run_audit(
            options, [](std::uint64_t, std::uint64_t) {}, [] { return false; });
    };
    // The same ledger with a genesis that was accepted a millisecond later, which its author's signature does not tell.
    AuditLedger other = ledger_;
    const auto genesis = ledger::split_entry(ledger_.entries[0]).value();
    other.entries[0] = ledger::make_entry(genesis.time_ms + 1, genesis.statement);
    other.write_tiles(folder_ / "other", other.head());
    const std::string state = folder_ / "state";
    const auto poisoned = audit_of(folder_ / "other", tiles(), state);
    ASSERT_TRUE(poisoned);
    EXPECT_FALSE(poisoned->passed());
    EXPECT_TRUE(has(*poisoned, "changed_source"));
    EXPECT_FALSE(std::filesystem::exists(state));

    // And a tree on another leaf 0, under a head that the quorum signed.
    test::put(tiles() + "/checkpoint", other.head().note.to_string());
    const auto forged = audit_of(tiles(), folder_ / "other", "");
    ASSERT_TRUE(forged);
    EXPECT_TRUE(has(*forged, "changed_source"));
}

TEST(HttpTarget, IsReadStrictly) {
    const auto target = parse_http_target("http://[::1]:8080/logs/a/");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->host, "::1");
    EXPECT_EQ(target->port, "8080");
    EXPECT_EQ(target->prefix, "/logs/a");
    EXPECT_EQ(target->authority(), "[::1]:8080");
    EXPECT_EQ(parse_http_target("https://example.vn")->port, "443");
    for (const char* wrong :
         {"", "http://", "ftp://a", "http://user@a/", "http://a/?q", "http://a/#f", "a:1", "http://a:x/"})
        EXPECT_FALSE(parse_http_target(wrong)) << wrong;
}

}  // namespace
}  // namespace socai::node::audit
