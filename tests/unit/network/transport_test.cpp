#include "network/transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <numeric>

#include "generators.hpp"
#include "support.hpp"

namespace socai::network {
namespace {

using namespace test;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::vector<std::uint64_t> counted(std::uint64_t count) {
    std::vector<std::uint64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

bool connected(const Transport& transport, consensus::NodeId peer) {
    return transport.metrics().at(peer).connected;
}

// Two nodes that know each other.
struct Pair {
    explicit Pair(std::size_t io_threads = 2) : threads(io_threads) {
        auto a = options_for(first, log);
        auto b = options_for(second, log);
        a.listen_port = unused_port();
        b.listen_port = unused_port();
        a.peers = {address_of(second, b.listen_port)};
        b.peers = {address_of(first, a.listen_port)};
        left = std::make_unique<Transport>(threads.io(), a, left_told.handlers());
        right = std::make_unique<Transport>(threads.io(), b, right_told.handlers());
        EXPECT_FALSE(left->start());
        EXPECT_FALSE(right->start());
        EXPECT_TRUE(eventually([&] { return connected(*left, second) && connected(*right, first); }))
            << log.all();
    }
    ~Pair() {
        left->stop();
        right->stop();
    }

    LogCapture log;
    Recorder left_told, right_told;
    IoThreads threads;
    std::unique_ptr<Transport> left, right;
};

// One node whose only peer, node 2, is played by the test.
struct Single {
    explicit Single(const std::function<void(TransportOptions&)>& change = {}) : threads(2) {
        auto options = options_for(first, log);
        options.peers = {address_of(second, unused_port())};
        if (change) change(options);
        transport = std::make_unique<Transport>(threads.io(), options, told.handlers());
        EXPECT_FALSE(transport->start());
    }
    ~Single() { transport->stop(); }

    // Node 2 can still get in and be heard.
    void expect_usable() {
        RawPeer peer(transport->port());
        const auto answer = peer.greet(second, first);
        ASSERT_TRUE(same(std::get<Payload>(answer), Hello{test_origin, test_genesis, first, second}));
        const std::size_t before = told.messages().size();
        peer.send(encode(numbered(1)));
        EXPECT_TRUE(eventually([&] { return told.received(before + 1); }));
    }
    std::string refusal_of(const Hello& hello) {
        RawPeer peer(transport->port());
        peer.send(encode(hello));
        const auto answer = peer.receive();
        const auto* payload = std::get_if<Payload>(&answer);
        const auto* refusal = payload != nullptr ? std::get_if<Refusal>(payload) : nullptr;
        EXPECT_TRUE(peer.closed_by_other());
        return refusal != nullptr ? refusal->detail : "";
    }

    LogCapture log;
    Recorder told;
    IoThreads threads;
    std::unique_ptr<Transport> transport;
};

TEST(Transport, TenThousandMessagesEachWayArriveInOrder) {
    constexpr std::uint64_t count = 10'000;
    Pair pair(4);
    std::thread sender([&] {
        for (std::uint64_t i = 0; i < count; ++i) pair.left->send(second, numbered(i));
    });
    for (std::uint64_t i = 0; i < count; ++i) pair.right->send(first, numbered(i));
    sender.join();
    ASSERT_TRUE(
        eventually([&] { return pair.left_told.received(count) && pair.right_told.received(count); }));
    EXPECT_EQ(pair.right_told.numbers(first), counted(count));
    EXPECT_EQ(pair.left_told.numbers(second), counted(count));

    const PeerMetrics sent = pair.left->metrics().at(second);
    const PeerMetrics received = pair.right->metrics().at(first);
    EXPECT_EQ(sent.dropped_messages, 0U);
    EXPECT_EQ(sent.reconnects, 0U);
    EXPECT_EQ(received.received_messages, count);
    EXPECT_EQ(received.received_bytes, count * encode(numbered(0)).size());
}

TEST(Transport, AnAppendOfManyMebibytesArrivesWhole) {
    Pair pair;
    consensus::AppendRequest request{{7}, {{3}, {10}, {}}, {}, {9}};
    for (std::uint64_t i = 1; i <= 12; ++i)
        request.entries.push_back(
            make_entry(7, 10 + i, std::string(1024 * 1024, static_cast<char>('a' + i))));
    pair.left->send(second, request);
    ASSERT_TRUE(eventually([&] { return pair.right_told.received(1); })) << pair.log.all();
    EXPECT_TRUE(same(pair.right_told.messages().front(), consensus::Message(request)));
}

TEST(Transport, ParcelsArrive) {
    Pair pair;
    EXPECT_TRUE(pair.left->send_parcel(second, {7, "forwarded"}));
    ASSERT_TRUE(eventually([&] { return !pair.right_told.parcels().empty(); }));
    EXPECT_EQ(pair.right_told.parcels().front().kind, 7);
    EXPECT_EQ(pair.right_told.parcels().front().body, "forwarded");
}

TEST(Transport, AMessageBeyondTheLimitsIsDroppedAndTheRestArrives) {
    Pair pair;
    EXPECT_FALSE(pair.left->send_parcel(second, {1, std::string(max_parcel_bytes + 1, 'x')}));
    pair.left->send(
        second, consensus::AppendRequest{
                    {7}, {{3}, {10}, {}}, {make_entry(7, 11, std::string(max_payload_bytes + 1, 'x'))}, {}});
    pair.left->send(second, numbered(5));
    ASSERT_TRUE(eventually([&] { return pair.right_told.received(1); }));
    EXPECT_EQ(pair.right_told.numbers(first), std::vector<std::uint64_t>{5});
    EXPECT_EQ(pair.left->metrics().at(second).dropped_messages, 1U);
}

TEST(Transport, APortInUseIsNamed) {
    Single holder;
    auto options = options_for(second, holder.log);
    options.listen_port = holder.transport->port();
    Transport transport(holder.threads.io(), options, {});
    const auto failure = transport.start();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->detail, "the peer port 127.0.0.1:" + std::to_string(options.listen_port) +
                                   " is in use by another program: stop that program or choose another port");
}

TEST(Transport, AListenAddressThatIsNoneIsNamed) {
    const LogCapture log;
    IoThreads threads(1);
    auto options = options_for(first, log);
    options.listen_host = "nowhere";
    const auto failure = Transport(threads.io(), options, {}).start();
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->detail, HasSubstr("is not an IP address"));
}

TEST(Transport, ReconnectsAfterThePeerRestartsAndTellsOfTheLossOnce) {
    const LogCapture log;
    Recorder told, peer_told, restarted_told;
    IoThreads threads(2);
    auto peer_options = options_for(second, log);
    peer_options.listen_port = unused_port();
    peer_options.peers = {address_of(first, unused_port())};
    auto options = options_for(first, log);
    options.peers = {address_of(second, peer_options.listen_port)};

    Transport transport(threads.io(), options, told.handlers());
    ASSERT_FALSE(transport.start());
    {
        Transport peer(threads.io(), peer_options, peer_told.handlers());
        ASSERT_FALSE(peer.start());
        ASSERT_TRUE(eventually([&] { return connected(transport, second); }));
    }
    ASSERT_TRUE(eventually([&] { return told.unreachable(second) == 1; }));
    Transport peer(threads.io(), peer_options, restarted_told.handlers());
    ASSERT_TRUE(eventually([&] { return !peer.start(); })) << "the port is free again";
    ASSERT_TRUE(eventually([&] { return connected(transport, second); }));
    transport.send(second, numbered(3));
    EXPECT_TRUE(eventually([&] { return restarted_told.received(1); }));
    EXPECT_EQ(restarted_told.numbers(first), std::vector<std::uint64_t>{3});
    EXPECT_EQ(told.unreachable(second), 1U);
    EXPECT_EQ(transport.metrics().at(second).reconnects, 1U);
    EXPECT_EQ(log.count("connection lost"), 1U) << log.all();
}

TEST(Transport, StrangersAreToldWhyTheyAreRefused) {
    Single single;
    EXPECT_THAT(
        single.refusal_of({"socai.example/other", test_genesis, second, first}),
        HasSubstr("it belongs to the ledger 'socai.example/other', this node to 'socai.example/ledger'"));
    EXPECT_THAT(single.refusal_of({test_origin, "0bad", second, first}),
                HasSubstr("its genesis has the hash 0bad"));
    EXPECT_THAT(single.refusal_of({test_origin, test_genesis, first, first}), HasSubstr("runs twice"));
    EXPECT_THAT(single.refusal_of({test_origin, test_genesis, second, third}),
                HasSubstr("it looks for node 3, this is node 1"));
    EXPECT_THAT(single.refusal_of({test_origin, test_genesis, third, first}),
                HasSubstr("node 3 is no peer of this node"));
    EXPECT_TRUE(eventually([&] { return single.log.has("node 3 is no peer of this node"); }));
    EXPECT_TRUE(single.told.messages().empty());
    single.expect_usable();
}

TEST(Transport, TheDiallerLogsARefusalOnce) {
    const LogCapture log;
    Recorder told;
    Single other([](TransportOptions& options) { options.origin = "socai.example/other"; });
    IoThreads threads(1);
    auto options = options_for(second, log);
    options.peers = {address_of(first, other.transport->port())};
    Transport transport(threads.io(), options, told.handlers());
    ASSERT_FALSE(transport.start());
    // The listener logs every attempt (up to its limit), the dialler only the first.
    ASSERT_TRUE(eventually([&] { return other.log.count("it belongs to the ledger") >= 3; }))
        << other.log.all();
    EXPECT_EQ(log.count("it refuses this node: it belongs to the ledger 'socai.example/ledger'"), 1U)
        << log.all();
    EXPECT_EQ(told.unreachable(first), 0U);
    EXPECT_FALSE(connected(transport, first));
}

TEST(Transport, AnOversizedFrameClosesTheConnectionAndNothingElse) {
    Single single;
    RawPeer peer(single.transport->port());
    peer.greet(second, first);
    peer.send(std::string("\x7f\xff\xff\xff", 4) + "\x01\x16");
    EXPECT_TRUE(peer.closed_by_other());
    EXPECT_TRUE(eventually([&] {
        return single.log.has(
            "peer node-2: it announced a frame of 2147483647 bytes, over the limit of 16777216");
    })) << single.log.all();
    single.expect_usable();
}

TEST(Transport, AnUnreadableFrameIsAnsweredWithTheReason) {
    Single single;
    RawPeer peer(single.transport->port());
    peer.greet(second, first);
    peer.send(encode(numbered(1)) + std::string("\0\0\0\2\3\x63", 6));
    const auto answer = peer.receive();
    EXPECT_TRUE(same(std::get<Payload>(answer), Refusal{"the frame is of the unknown kind 99"}));
    EXPECT_TRUE(peer.closed_by_other());
    EXPECT_EQ(single.told.messages().size(), 1U);
    single.expect_usable();
}

TEST(Transport, AStrangerMaySendNoMoreThanAGreeting) {
    Single single;
    RawPeer peer(single.transport->port());
    peer.send(std::string("\0\0\x20\0", 4));
    EXPECT_TRUE(peer.closed_by_other());
    EXPECT_TRUE(eventually(
        [&] { return single.log.has("it announced a frame of 8192 bytes, over the limit of 4096"); }));

    RawPeer other(single.transport->port());
    other.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(other.closed_by_other());
    RawPeer impatient(single.transport->port());
    impatient.send(encode(numbered(1)));
    const auto answer = impatient.receive();
    EXPECT_TRUE(same(std::get<Payload>(answer), Refusal{"its first frame is no greeting"}));
    EXPECT_TRUE(single.told.messages().empty());
}

TEST(Transport, ASlowGreetingIsCutOff) {
    Single single([](TransportOptions& options) { options.hello_timeout = 30ms; });
    RawPeer peer(single.transport->port());
    peer.send(std::string(1, '\0'));
    EXPECT_TRUE(peer.closed_by_other());
    EXPECT_TRUE(eventually([&] { return single.log.has("no greeting came within 30 ms"); }));
}

TEST(Transport, SilentStrangersDoNotKeepAPeerOut) {
    Single single([](TransportOptions& options) { options.max_connections = 4; });
    std::vector<std::unique_ptr<RawPeer>> strangers;
    for (int i = 0; i < 12; ++i) strangers.push_back(std::make_unique<RawPeer>(single.transport->port()));
    single.expect_usable();
    EXPECT_TRUE(strangers.front()->closed_by_other());
}

TEST(Transport, TheNewestConnectionOfAPeerWins) {
    Single single;
    RawPeer older(single.transport->port());
    older.greet(second, first);
    RawPeer newer(single.transport->port());
    newer.greet(second, first);
    EXPECT_TRUE(older.closed_by_other());
    newer.send(encode(numbered(9)));
    ASSERT_TRUE(eventually([&] { return single.told.received(1); }));
    EXPECT_EQ(single.told.numbers(second), std::vector<std::uint64_t>{9});
}

TEST(Transport, WhileThereIsNoConnectionOnlyTheLatestMessagesWait) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    Single single([&](TransportOptions& options) {
        options.peers = {address_of(second, acceptor.local_endpoint().port())};
    });
    RawPeer peer(acceptor);  // connected, but has not greeted
    for (std::uint64_t i = 0; i < 100; ++i) single.transport->send(second, numbered(i));
    EXPECT_FALSE(single.transport->send_parcel(second, {1, "x"}));
    EXPECT_EQ(single.transport->metrics().at(second).queue_messages, 64U);
    EXPECT_EQ(single.transport->metrics().at(second).dropped_messages, 36U);
    const auto hello = peer.receive();
    EXPECT_TRUE(same(std::get<Payload>(hello), Hello{test_origin, test_genesis, first, second}));
    peer.send(encode(Hello{test_origin, test_genesis, second, first}));
    const auto message = peer.receive();
    EXPECT_TRUE(same(std::get<Payload>(message), numbered(36)));
}

// A peer that greets and then reads nothing, beside one that works.
TEST(Transport, APeerThatDoesNotReadIsLeftAloneWhileOthersAreServed) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    const LogCapture log;
    Recorder told, third_told;
    IoThreads threads(1);  // one thread: nothing may block it
    auto third_options = options_for(third, log);
    third_options.peers = {address_of(first, unused_port())};
    Transport works(threads.io(), third_options, third_told.handlers());
    ASSERT_FALSE(works.start());
    auto options = options_for(first, log);
    options.peers = {address_of(second, acceptor.local_endpoint().port()), address_of(third, works.port())};
    options.max_queue_bytes = 4 * 1024 * 1024;
    options.write_timeout = 400ms;
    Transport transport(threads.io(), options, told.handlers());
    ASSERT_FALSE(transport.start());
    RawPeer sleeper(acceptor);
    sleeper.receive();
    sleeper.send(encode(Hello{test_origin, test_genesis, second, first}));
    ASSERT_TRUE(eventually([&] { return connected(transport, second) && connected(transport, third); }));

    // More and more, until the sockets' buffers and the queue are full.
    const auto entry = make_entry(1, 1, std::string(1024 * 1024, 'x'));
    const auto send_much = [&] { transport.send(second, consensus::AppendRequest{{1}, {}, {entry}, {}}); };
    for (int i = 0; i < 40; ++i) send_much();
    EXPECT_LE(transport.metrics().at(second).queue_bytes, options.max_queue_bytes);
    EXPECT_GT(transport.metrics().at(second).dropped_messages, 0U);
    for (std::uint64_t i = 0; i < 1000; ++i) transport.send(third, numbered(i));
    ASSERT_TRUE(eventually([&] { return third_told.received(1000); }));
    EXPECT_EQ(third_told.numbers(first), counted(1000));

    ASSERT_TRUE(eventually([&] {
        send_much();
        return told.unreachable(second) == 1;
    }));
    EXPECT_TRUE(log.has("peer node-2: connection lost: it took no bytes for 400 ms")) << log.all();
    EXPECT_EQ(told.unreachable(third), 0U);
}

TEST(Transport, AListenerThatNeverAnswersTheGreetingIsGivenUp) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    Single single([&](TransportOptions& options) {
        options.peers = {address_of(second, acceptor.local_endpoint().port())};
        options.hello_timeout = 30ms;
    });
    RawPeer silent(acceptor);
    EXPECT_TRUE(silent.closed_by_other());
    RawPeer again(acceptor);
    EXPECT_TRUE(again.closed_by_other());
    EXPECT_EQ(single.log.count("no greeting came within 30 ms; trying again"), 1U) << single.log.all();
    EXPECT_EQ(single.told.unreachable(second), 0U);
}

TEST(Transport, TheWrongNodeAtAnAddressIsNotTalkedTo) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    Single single([&](TransportOptions& options) {
        options.peers = {address_of(second, acceptor.local_endpoint().port())};
    });
    RawPeer wrong(acceptor);
    wrong.receive();
    wrong.send(encode(Hello{test_origin, test_genesis, third, first}));
    EXPECT_TRUE(wrong.closed_by_other());
    EXPECT_TRUE(
        eventually([&] { return single.log.has("node 3 answers there: correct this peer's address"); }));
}

TEST(Transport, NoHandlerRunsAfterStop) {
    const LogCapture log;
    IoThreads threads(3);
    std::atomic<bool> stopped = false;
    std::atomic<std::uint64_t> calls = 0, late = 0;
    Transport::Handlers handlers;
    handlers.on_message = [&](consensus::NodeId, consensus::Message) {
        ++calls;
        if (stopped) ++late;
    };
    auto options = options_for(first, log);
    options.peers = {address_of(second, unused_port())};
    Transport transport(threads.io(), options, handlers);
    ASSERT_FALSE(transport.start());
    auto sender_options = options_for(second, log);
    sender_options.peers = {address_of(first, transport.port())};
    Transport sender(threads.io(), sender_options, {});
    ASSERT_FALSE(sender.start());
    ASSERT_TRUE(eventually([&] { return connected(sender, first); }));
    for (std::uint64_t i = 0; i < 50'000; ++i) sender.send(first, numbered(i));
    ASSERT_TRUE(eventually([&] { return calls > 0; }));
    transport.stop();
    stopped = true;
    const auto at_stop = calls.load();
    transport.stop();
    // The sender notices the end of the connection only after all that was under way.
    ASSERT_TRUE(eventually([&] { return !connected(sender, first); }));
    EXPECT_EQ(late, 0U);
    EXPECT_EQ(calls, at_stop);
}

TEST(Transport, AHandlerMayStopItsOwnTransport) {
    Single single;
    LogCapture log;
    IoThreads threads(1);
    std::promise<void> stopped;
    Transport* self = nullptr;
    Transport::Handlers handlers;
    handlers.on_message = [&](consensus::NodeId, consensus::Message) {
        self->stop();
        stopped.set_value();
    };
    auto options = options_for(first, log);
    options.peers = {address_of(second, unused_port())};
    Transport transport(threads.io(), options, handlers);
    self = &transport;
    ASSERT_FALSE(transport.start());
    RawPeer peer(transport.port());
    peer.greet(second, first);
    peer.send(encode(numbered(1)) +
              encode(numbered(2)));  // the second must not be told: a promise is kept once
    stopped.get_future().wait();
    EXPECT_TRUE(peer.closed_by_other());
}

TEST(Transport, NothingIsLeftOnTheContextAfterStop) {
    const LogCapture log;
    boost::asio::io_context io;
    auto options = options_for(first, log);
    options.peers = {address_of(second, unused_port())};
    Transport transport(io, options, {});
    ASSERT_FALSE(transport.start());
    io.run_one();
    transport.stop();
    io.run();  // returns
    SUCCEED();
}

TEST(Transport, TheContextMayEndWithWorkUndone) {
    const LogCapture log;
    boost::asio::io_context io;
    auto peer_options = options_for(second, log);
    peer_options.peers = {address_of(first, unused_port())};
    Transport peer(io, peer_options, {});
    ASSERT_FALSE(peer.start());
    auto options = options_for(first, log);
    options.peers = {address_of(second, peer.port())};
    Transport transport(io, options, {});
    ASSERT_FALSE(transport.start());
    while (!connected(transport, second)) io.run_one();
    transport.send(second, numbered(1));
    // The transports go first, with their connections open and what stop() posts never run.
}

TEST(Transport, SendingToWhomItDoesNotKnowIsHarmless) {
    Single single;
    single.transport->send(third, numbered(1));
    EXPECT_FALSE(single.transport->send_parcel(third, {1, "x"}));
    EXPECT_FALSE(single.transport->metrics().contains(third));
}

TEST(Transport, PeersComeAndGoWhileItRuns) {
    LogCapture log;
    Recorder left_told, right_told;
    IoThreads threads(2);
    auto a = options_for(first, log);
    auto b = options_for(second, log);
    a.listen_port = unused_port();
    b.listen_port = unused_port();
    b.peers = {address_of(first, a.listen_port)};
    Transport left(threads.io(), a, left_told.handlers());
    Transport right(threads.io(), b, right_told.handlers());
    ASSERT_FALSE(left.start());
    ASSERT_FALSE(right.start());
    EXPECT_TRUE(eventually([&] { return log.has("node 2 is no peer of this node"); }))
        << "a stranger is refused";
    left.send(second, numbered(1));  // to nobody
    EXPECT_TRUE(left.metrics().empty());

    left.set_peers({address_of(second, b.listen_port)});
    ASSERT_TRUE(eventually([&] { return connected(left, second) && connected(right, first); })) << log.all();
    left.send(second, numbered(7));
    EXPECT_TRUE(eventually([&] { return right_told.numbers(first) == std::vector<std::uint64_t>{7}; }));
    left.set_peers({address_of(second, b.listen_port)});  // nothing changes
    EXPECT_TRUE(connected(left, second));

    left.set_peers({});
    EXPECT_TRUE(eventually([&] { return !connected(right, first); })) << "its connection is closed";
    EXPECT_EQ(left_told.unreachable(second), 0U) << "nobody was lost: it was let go";
    left.set_peers({address_of(second, b.listen_port)});
    EXPECT_TRUE(eventually([&] { return connected(left, second) && connected(right, first); })) << "and back";
    left.stop();
    right.stop();
}

TEST(Transport, APeerThatMovesIsDialledAnew) {
    Single single;
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    single.transport->set_peers({address_of(second, acceptor.local_endpoint().port())});
    RawPeer peer(acceptor);
    const auto hello = peer.receive();
    EXPECT_TRUE(same(std::get<Payload>(hello), Hello{test_origin, test_genesis, first, second}));
}

}  // namespace
}  // namespace socai::network
