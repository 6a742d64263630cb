// Nodes over TLS: who is let in, who is not, and what either side says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/stream.hpp>

#include "certificates.hpp"
#include "support.hpp"

namespace socai::network {
namespace {

using namespace test;
using namespace std::chrono_literals;
using SslContext = std::shared_ptr<boost::asio::ssl::context>;

SslContext context_of(const Certified& leaf, const Certified* anchor) {
    SslContext context = make_peer_tls();
    show(*context, leaf, anchor);
    return context;
}

// A node as TLS sees it.
struct TlsNode {
    explicit TlsNode(const std::string& name, const LeafWish& wish = {})
        : anchor(make_anchor(name)), context(context_of(make_leaf(anchor, wish), &anchor)) {}
    Certified anchor;
    SslContext context;
};

using Pins = std::map<consensus::NodeId, AnchorKey>;

// What its connections told a node of the others' certificates.
class Seen {
  public:
    void add(consensus::NodeId node, const PeerCertificate& certificate) {
        const std::lock_guard lock(mutex_);
        seen_[node] = certificate;
    }
    std::optional<PeerCertificate> of(consensus::NodeId node) const {
        const std::lock_guard lock(mutex_);
        const auto found = seen_.find(node);
        return found == seen_.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    mutable std::mutex mutex_;
    std::map<consensus::NodeId, PeerCertificate> seen_;
};

// Nodes 1 and 2, each with a certificate and with pins that a test may change before start().
struct TlsPair {
    TlsPair() {
        pins[0] = pins[1] = {{first, pin_of(one.anchor)}, {second, pin_of(two.anchor)}};
        ports[0] = unused_port();
        ports[1] = unused_port();
    }
    ~TlsPair() {
        for (auto& transport : transports)
            if (transport) transport->stop();
    }
    TransportTls tls_of(int side, const TlsNode& identity) {
        return {[context = identity.context](Side) { return context; },
                [this, side](consensus::NodeId node) -> std::optional<AnchorKey> {
                    const auto found = pins[side].find(node);
                    return found == pins[side].end() ? std::nullopt : std::optional(found->second);
                },
                [this, side](consensus::NodeId node, const PeerCertificate& shown) {
                    seen[side].add(node, shown);
                }};
    }
    void start() {
        for (int side = 0; side < 2; ++side) {
            auto options = options_for(side == 0 ? first : second, logs[side]);
            options.listen_port = ports[side];
            options.peers = {address_of(side == 0 ? second : first, ports[1 - side])};
            if (with_tls[side]) options.tls = tls_of(side, side == 0 ? one : two);
            if (change) change(options, side);
            transports[side] = std::make_unique<Transport>(threads.io(), options, told[side].handlers());
            EXPECT_FALSE(transports[side]->start());
        }
    }
    bool connected(int side) const {
        return transports[side]->metrics().at(side == 0 ? second : first).connected;
    }
    bool both_connect() {
        return eventually([&] { return connected(0) && connected(1); });
    }
    bool logged(int side, const std::string& text) {
        return eventually([&] { return logs[side].has(text); });
    }

    TlsNode one{"one"}, two{"two"};
    Pins pins[2];
    bool with_tls[2] = {true, true};
    std::function<void(TransportOptions&, int side)> change;
    std::uint16_t ports[2];
    Seen seen[2];
    LogCapture logs[2];
    Recorder told[2];
    IoThreads threads{2};
    std::unique_ptr<Transport> transports[2];
};

TEST(PeerTls, PinnedNodesTalk) {
    TlsPair pair;
    pair.start();
    ASSERT_TRUE(pair.both_connect()) << pair.logs[0].all() << pair.logs[1].all();
    for (std::uint64_t i = 0; i < 1'000; ++i) pair.transports[0]->send(second, numbered(i));
    ASSERT_TRUE(eventually([&] { return pair.told[1].received(1'000); }));
    EXPECT_EQ(pair.told[1].numbers(first).back(), 999U);
    EXPECT_EQ(pair.seen[1].of(first)->anchor, pin_of(pair.one.anchor));
    EXPECT_TRUE(eventually([&] { return pair.seen[0].of(second).has_value(); }));
}

TEST(PeerTls, AParcelOfManyMebibytesArrivesWhole) {
    TlsPair pair;
    pair.start();
    ASSERT_TRUE(pair.both_connect());
    const std::string body(12 * 1024 * 1024, 'x');
    ASSERT_TRUE(pair.transports[0]->send_parcel(second, {7, body}));
    ASSERT_TRUE(eventually([&] { return pair.told[1].parcels().size() == 1; }));
    EXPECT_EQ(pair.told[1].parcels().front().body, body);
}

TEST(PeerTls, AnExpiredCertificateIsLetInAndTold) {
    TlsPair pair;
    pair.two = TlsNode("two", {.begins_s = -86'400, .ends_s = -60});
    for (Pins& pins : pair.pins) pins[second] = pin_of(pair.two.anchor);
    pair.start();
    ASSERT_TRUE(pair.both_connect()) << pair.logs[0].all() << pair.logs[1].all();
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    ASSERT_TRUE(eventually([&] { return pair.seen[0].of(second).has_value(); }));
    EXPECT_LT(pair.seen[0].of(second)->not_after_s, now);
    EXPECT_GT(pair.seen[0].of(second)->not_after_s, now - 3'600);
}

TEST(PeerTls, AnotherKeyThanThePinnedIsRefusedByWhoDials) {
    TlsPair pair;
    pair.pins[0][second] = pin_of(make_anchor("somebody"));
    pair.start();
    EXPECT_TRUE(pair.logged(0, "wrong_tls_key")) << pair.logs[0].all();
    EXPECT_FALSE(pair.connected(0));
}

TEST(PeerTls, AnotherKeyThanThePinnedIsRefusedByWhoListens) {
    TlsPair pair;
    pair.pins[1][first] = pin_of(make_anchor("somebody"));
    pair.start();
    EXPECT_TRUE(pair.logged(1, "its TLS key is no member's [wrong_tls_key]")) << pair.logs[1].all();
    EXPECT_TRUE(pair.logged(0, "names another TLS key for this node")) << pair.logs[0].all();
    EXPECT_FALSE(pair.connected(0));
}

TEST(PeerTls, OfANodeThatNobodyTellsAKeyOfNobodyIsBelieved) {
    TlsPair pair;
    pair.pins[0].erase(second);
    pair.start();
    EXPECT_TRUE(pair.logged(0, "unknown_tls_key")) << pair.logs[0].all();
    EXPECT_FALSE(pair.connected(0));
}

// A pin that comes later, with the membership, is in force at the next handshake.
TEST(PeerTls, PinsAreReadAtEveryHandshake) {
    TlsPair pair;
    std::atomic<bool> known = false;
    pair.change = [&](TransportOptions& options, int side) {
        if (side == 0)
            options.tls->pin = [&, two = pin_of(pair.two.anchor)](consensus::NodeId) {
                return known ? std::optional(two) : std::nullopt;
            };
    };
    pair.start();
    ASSERT_TRUE(pair.logged(0, "unknown_tls_key"));
    known = true;
    EXPECT_TRUE(pair.both_connect()) << pair.logs[0].all() << pair.logs[1].all();
}

// Node 3's certificate is known, but it says that it is node 2.
TEST(PeerTls, AMemberIsNotTakenForAnother) {
    TlsPair pair;
    const TlsNode third_one("three");
    pair.pins[0][third] = pin_of(third_one.anchor);
    pair.change = [&](TransportOptions& options, int side) {
        if (side == 0) options.peers.push_back(address_of(third, unused_port()));
        if (side == 1) options.tls = pair.tls_of(1, third_one);
    };
    pair.start();
    EXPECT_TRUE(pair.logged(0, "rests on another node's TLS key [wrong_tls_key]")) << pair.logs[0].all();
    EXPECT_FALSE(pair.connected(1));
}

TEST(PeerTls, OneSideWithoutTlsIsTold) {
    for (const int plain : {0, 1}) {
        TlsPair pair;
        pair.with_tls[plain] = false;
        pair.start();
        EXPECT_TRUE(pair.logged(plain, "[tls] peer is \"off\" here")) << pair.logs[plain].all();
        EXPECT_TRUE(pair.logged(1 - plain, "[tls] peer is \"on\" here")) << pair.logs[1 - plain].all();
        EXPECT_FALSE(pair.connected(0) || pair.connected(1));
    }
}

// What chains a peer may not show although it holds the pinned key's certificate.
struct BadChain {
    const char* what;
    std::function<SslContext(const Certified& anchor)> make;
};

TEST(PeerTls, BadChainsAreRefused) {
    const std::vector<BadChain> bad{
        {"signed by another key under the anchor's name",
         [](const Certified& anchor) {
             const Certified other = make_anchor("two");
             return context_of(make_leaf(other), &anchor);
         }},
        {"not for this use",
         [](const Certified& anchor) {
             return context_of(make_leaf(anchor, {.uses = "codeSigning"}), &anchor);
         }},
        {"without its anchor",
         [](const Certified& anchor) { return context_of(make_leaf(anchor), nullptr); }},
        {"the anchor itself", [](const Certified& anchor) { return context_of(anchor, nullptr); }},
        {"self-signed", [](const Certified&) { return context_of(make_anchor("two"), nullptr); }}};
    for (const BadChain& chain : bad) {
        TlsPair pair;
        pair.two.context = chain.make(pair.two.anchor);
        pair.start();
        EXPECT_TRUE(pair.logged(0, "cannot be reached")) << chain.what << pair.logs[0].all();
        EXPECT_TRUE(pair.logged(0, "closed the connection from")) << chain.what << pair.logs[0].all();
        EXPECT_FALSE(pair.connected(0) || pair.connected(1)) << chain.what;
    }
}

// One listening node, and a client that a test plays with OpenSSL of its own.
struct Dialled {
    explicit Dialled(const std::function<void(TransportOptions&)>& change = {}) {
        auto options = options_for(first, log);
        options.peers = {address_of(second, unused_port())};
        options.tls =
            TransportTls{[context = one.context](Side) { return context; },
                         [pin = pin_of(two.anchor)](consensus::NodeId) { return std::optional(pin); },
                         {}};
        if (change) change(options);
        transport = std::make_unique<Transport>(threads.io(), options, told.handlers());
        EXPECT_FALSE(transport->start());
    }
    ~Dialled() { transport->stop(); }
    // Dials as `prepare` says; true: the handshake and a first byte went through.
    bool dial(const std::function<void(SSL*)>& prepare) {
        boost::asio::io_context io;
        boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);
        show(context, leaf, &two.anchor);
        boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream(io, context);
        prepare(stream.native_handle());
        stream.next_layer().connect({boost::asio::ip::address_v4::loopback(), transport->port()});
        boost::system::error_code error;
        stream.handshake(boost::asio::ssl::stream_base::client, error);
        char byte = 0;
        if (!error)
            stream.write_some(boost::asio::buffer(encode(Hello{test_origin, test_genesis, second, first})),
                              error);
        if (!error) stream.read_some(boost::asio::buffer(&byte, 1), error);
        return !error;
    }
    static void speak(SSL* connection) {
        SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>("\x0asocai-peer"), 11);
    }

    TlsNode one{"one"}, two{"two"};
    Certified leaf = make_leaf(two.anchor);
    LogCapture log;
    Recorder told;
    IoThreads threads{2};
    std::unique_ptr<Transport> transport;
};

TEST(PeerTls, NothingBelowTls13IsSpoken) {
    Dialled node;
    ASSERT_TRUE(node.dial(&Dialled::speak)) << node.log.all();
    EXPECT_FALSE(node.dial([](SSL* connection) {
        Dialled::speak(connection);
        SSL_set_max_proto_version(connection, TLS1_2_VERSION);
    }));
    EXPECT_TRUE(eventually([&] { return node.log.has("does not speak TLS 1.3"); })) << node.log.all();
}

TEST(PeerTls, AnotherProtocolIsRefused) {
    Dialled node;
    EXPECT_FALSE(node.dial([](SSL*) {}));
    EXPECT_FALSE(node.dial([](SSL* connection) {
        SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>("\x08http/1.1"), 9);
    }));
    EXPECT_TRUE(eventually([&] { return node.log.count("not as a node does") == 2; })) << node.log.all();
}

TEST(PeerTls, WhoShowsNoCertificateIsRefused) {
    Dialled node;
    EXPECT_FALSE(node.dial([](SSL* connection) {
        Dialled::speak(connection);
        SSL_certs_clear(connection);
    }));
    EXPECT_TRUE(eventually([&] { return node.log.has("it shows no certificate"); })) << node.log.all();
}

// Neither silence nor bytes that trickle in hold a place for longer than a greeting may take.
TEST(PeerTls, AHandshakeThatDoesNotEndIsCutOff) {
    Dialled node([](TransportOptions& options) { options.hello_timeout = 1s; });
    RawPeer silent(node.transport->port());
    RawPeer slow(node.transport->port());
    slow.send("\x16\x03\x01");
    EXPECT_TRUE(silent.closed_by_other());
    EXPECT_TRUE(slow.closed_by_other());
    EXPECT_TRUE(node.dial(&Dialled::speak)) << node.log.all();
}

}  // namespace
}  // namespace socai::network
