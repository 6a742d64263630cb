#include "network/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include "support.hpp"

namespace socai::network {
namespace {

using namespace test;
using testing::HasSubstr;

namespace asio = boost::asio;
namespace json = boost::json;

// One connection to the control port.
class Control {
  public:
    explicit Control(std::uint16_t port) : socket_(io_) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
    }
    // The answer's line; empty when the other side closed.
    std::string ask(const std::string& line) {
        boost::system::error_code error;
        asio::write(socket_, asio::buffer(line + "\n"), error);
        return read_line();
    }
    std::string read_line() {
        boost::system::error_code error;
        const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(received_), '\n', error);
        if (error) return "";
        const std::string line = received_.substr(0, size - 1);
        received_.erase(0, size);
        return line;
    }
    json::object link(const std::string& from, const std::string& to) {
        const json::value answer = json::parse(ask(R"({"do":"list"})"));
        for (const json::value& element : answer.at("links").as_array())
            if (element.at("from").as_string() == from && element.at("to").as_string() == to)
                return element.as_object();
        return {};
    }

  private:
    asio::io_context io_;
    asio::ip::tcp::socket socket_;
    std::string received_;
};

// Nodes 1 and 2, each dialling the other through the proxy.
struct ProxiedPair {
    ProxiedPair() : threads(2) {
        const std::uint16_t left_port = unused_port();
        const std::uint16_t right_port = unused_port();
        proxy = std::make_unique<Proxy>(
            threads.io(), 0,
            std::vector<ProxyLink>{{"left", "right", 0, "127.0.0.1", right_port, false, 0},
                                   {"right", "left", 0, "localhost", left_port, false, 0}});
        EXPECT_EQ(proxy->start(), std::nullopt);
        control = std::make_unique<Control>(proxy->control_port());
        left = make(first, left_port, second, port_of("left", "right"), left_told);
        right = make(second, right_port, first, port_of("right", "left"), right_told);
        EXPECT_TRUE(eventually([&] { return both_connected(); })) << log.all();
    }
    ~ProxiedPair() {
        left->stop();
        right->stop();
        proxy->stop();
    }
    std::unique_ptr<Transport> make(consensus::NodeId self, std::uint16_t port, consensus::NodeId peer,
                                    std::uint16_t proxy_port, Recorder& told) {
        auto options = options_for(self, log);
        options.listen_port = port;
        options.peers = {address_of(peer, proxy_port)};
        auto transport = std::make_unique<Transport>(threads.io(), options, told.handlers());
        EXPECT_FALSE(transport->start());
        return transport;
    }
    std::uint16_t port_of(const std::string& from, const std::string& to) {
        return static_cast<std::uint16_t>(control->link(from, to).at("listen_port").to_number<int>());
    }
    bool both_connected() const {
        return left->metrics().at(second).connected && right->metrics().at(first).connected;
    }
    std::uint64_t swallowed(const std::string& from, const std::string& to) {
        return control->link(from, to).at("swallowed_bytes").to_number<std::uint64_t>();
    }

    LogCapture log;
    Recorder left_told, right_told;
    IoThreads threads;
    std::unique_ptr<Proxy> proxy;
    std::unique_ptr<Control> control;
    std::unique_ptr<Transport> left, right;
};

const std::uint64_t one_message = encode(numbered(1)).size();

TEST(Proxy, CarriesMessagesBothWays) {
    ProxiedPair pair;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        pair.left->send(second, numbered(i));
        pair.right->send(first, numbered(i));
    }
    EXPECT_TRUE(eventually([&] { return pair.left_told.received(1000) && pair.right_told.received(1000); }));
    EXPECT_GE(pair.control->link("left", "right").at("forwarded_bytes").to_number<std::uint64_t>(),
              1000 * one_message);
    EXPECT_EQ(pair.swallowed("left", "right"), 0U);
    EXPECT_EQ(pair.control->link("left", "right").at("connections").to_number<int>(), 1);
}

TEST(Proxy, ACutSwallowsOneDirectionUntilHealed) {
    ProxiedPair pair;
    EXPECT_EQ(pair.control->ask(R"({"do":"cut","from":"left","to":"right"})"), R"({"ok":true,"links":1})");
    pair.left->send(second, numbered(1));
    ASSERT_TRUE(eventually([&] { return pair.swallowed("left", "right") == one_message; }));
    pair.right->send(first, numbered(2));
    ASSERT_TRUE(eventually([&] { return pair.left_told.received(1); }));
    EXPECT_FALSE(pair.right_told.received(1));
    EXPECT_TRUE(pair.both_connected()) << "a cut is silent";
    EXPECT_EQ(pair.left_told.unreachable(second), 0U);
    EXPECT_TRUE(pair.control->link("left", "right").at("cut").as_bool());

    EXPECT_EQ(pair.control->ask(R"({"do":"heal","from":"left","to":"right"})"), R"({"ok":true,"links":1})");
    ASSERT_TRUE(eventually([&] { return pair.left_told.unreachable(second) == 1; })) << "the connection ends";
    ASSERT_TRUE(eventually([&] { return pair.both_connected(); }));
    pair.left->send(second, numbered(3));
    ASSERT_TRUE(eventually([&] { return pair.right_told.received(1); }));
    EXPECT_EQ(pair.right_told.numbers(first), std::vector<std::uint64_t>{3})
        << "what was swallowed stays lost";
    EXPECT_EQ(pair.right_told.unreachable(first), 0U) << "the other direction was left alone";
}

TEST(Proxy, ACutOfBothDirectionsSeparatesAndHealEndsAll) {
    ProxiedPair pair;
    pair.control->ask(R"({"do":"cut","from":"left","to":"right"})");
    pair.control->ask(R"({"do":"cut","from":"right","to":"left"})");
    pair.left->send(second, numbered(1));
    pair.right->send(first, numbered(2));
    ASSERT_TRUE(eventually([&] {
        return pair.swallowed("left", "right") == one_message &&
               pair.swallowed("right", "left") == one_message;
    }));
    EXPECT_FALSE(pair.left_told.received(1) || pair.right_told.received(1));
    EXPECT_EQ(pair.control->ask(R"({"do":"heal"})"), R"({"ok":true,"links":2})");
    ASSERT_TRUE(eventually(
        [&] { return pair.left_told.unreachable(second) == 1 && pair.right_told.unreachable(first) == 1; }));
    ASSERT_TRUE(eventually([&] { return pair.both_connected(); }));
    pair.left->send(second, numbered(3));
    pair.right->send(first, numbered(4));
    EXPECT_TRUE(eventually([&] { return pair.left_told.received(1) && pair.right_told.received(1); }));
}

TEST(Proxy, ACutLinkAcceptsConnectionsThatLeadNowhere) {
    IoThreads threads(1);
    asio::io_context io;
    asio::ip::tcp::acceptor target(io, {asio::ip::address_v4::loopback(), 0});
    target.non_blocking(true);
    Proxy proxy(threads.io(), 0, {{"a", "b", 0, "127.0.0.1", target.local_endpoint().port(), true, 0}});
    ASSERT_EQ(proxy.start(), std::nullopt);
    Control control(proxy.control_port());
    const auto port = static_cast<std::uint16_t>(control.link("a", "b").at("listen_port").to_number<int>());
    RawPeer dialler(port);
    dialler.send("into the void");
    ASSERT_TRUE(
        eventually([&] { return control.link("a", "b").at("swallowed_bytes").to_number<int>() == 13; }));
    boost::system::error_code error;
    asio::ip::tcp::socket nobody(io);
    target.accept(nobody, error);
    EXPECT_EQ(error, asio::error::would_block) << "the target saw no connection";
    control.ask(R"({"do":"heal"})");
    EXPECT_TRUE(dialler.closed_by_other());
    EXPECT_TRUE(eventually([&] { return control.link("a", "b").at("connections").to_number<int>() == 0; }));
}

TEST(Proxy, LinksComeAndGo) {
    ProxiedPair pair;
    const std::uint16_t port = unused_port();
    const std::string add = R"({"do":"add","from":"left","to":"third","listen_port":)" +
                            std::to_string(port) + R"(,"target_port":)" + std::to_string(pair.right->port()) +
                            "}";
    EXPECT_EQ(pair.control->ask(add), R"({"ok":true,"links":1})");
    EXPECT_EQ(pair.control->ask(add), R"({"ok":true,"links":0})") << "a repeat";
    {
        RawPeer dialler(port);
        EXPECT_TRUE(std::holds_alternative<Payload>(dialler.greet(first, second)))
            << "it leads to the right node";
    }
    EXPECT_EQ(pair.control->ask(R"({"do":"remove","from":"left","to":"third"})"), R"({"ok":true,"links":1})");
    EXPECT_THROW(RawPeer{port}, std::exception);
    EXPECT_EQ(pair.control->ask(add), R"({"ok":true,"links":1})") << "and back";
}

TEST(Proxy, ASlowLinkKeepsOrderAndDelays) {
    ProxiedPair pair;
    EXPECT_EQ(pair.control->ask(R"({"do":"slow","from":"left","to":"right","ms":50})"),
              R"({"ok":true,"links":1})");
    EXPECT_EQ(pair.control->link("left", "right").at("delay_ms").to_number<int>(), 50);
    const auto sent = std::chrono::steady_clock::now();
    pair.left->send(second, numbered(0));
    ASSERT_TRUE(eventually([&] { return pair.right_told.received(1); }));
    EXPECT_GE(std::chrono::steady_clock::now() - sent, std::chrono::milliseconds(50))
        << "never before its time";

    std::vector<std::uint64_t> numbers{0};
    for (std::uint64_t i = 1; i < 500; ++i) {
        pair.left->send(second, numbered(i));
        numbers.push_back(i);
        if (i == 250) pair.control->ask(R"({"do":"slow","from":"left","to":"right","ms":0})");
    }
    ASSERT_TRUE(eventually([&] { return pair.right_told.received(500); }));
    EXPECT_EQ(pair.right_told.numbers(first), numbers) << "what comes after the slowness does not overtake";
    EXPECT_TRUE(pair.both_connected());
}

TEST(Proxy, ASlowLinkHoldsBackASenderInsteadOfBufferingWithoutEnd) {
    IoThreads threads(1);
    asio::io_context io;
    asio::ip::tcp::acceptor target(io, {asio::ip::address_v4::loopback(), 0});
    Proxy proxy(threads.io(), 0, {{"a", "b", 0, "127.0.0.1", target.local_endpoint().port(), false, 60'000}});
    ASSERT_EQ(proxy.start(), std::nullopt);
    Control control(proxy.control_port());
    asio::ip::tcp::socket dialler(io);
    dialler.connect({asio::ip::address_v4::loopback(),
                     static_cast<std::uint16_t>(control.link("a", "b").at("listen_port").to_number<int>())});
    dialler.non_blocking(true);
    const std::string megabyte(1024 * 1024, 'x');
    std::size_t taken = 0;
    boost::system::error_code error;
    // The system's own buffers take some mebibytes beside the proxy's four; a proxy without a bound takes
    // all.
    constexpr std::size_t far_too_much = 512UL * 1024 * 1024;
    const auto answers = [&] { return !control.link("a", "b").empty(); };
    for (int refusals = 0; refusals < 1000 && taken < far_too_much;) {
        taken += dialler.write_some(asio::buffer(megabyte), error);
        // Each answer shows that the proxy's strand has had its turn since.
        if (error == asio::error::would_block && answers()) ++refusals;
    }
    EXPECT_LT(taken, far_too_much);
}

TEST(Proxy, CommandsThatMakeNoSenseAreAnsweredWithASentence) {
    ProxiedPair pair;
    const auto detail = [&](const std::string& line) {
        const json::value answer = json::parse(pair.control->ask(line));
        EXPECT_FALSE(answer.at("ok").as_bool());
        return std::string(answer.at("detail").as_string());
    };
    const std::string sentence = R"("do" must be "cut", "slow", "heal", "list", "add" or "remove")";
    EXPECT_EQ(detail(R"({})"), sentence);
    EXPECT_EQ(detail(R"({"do":"explode"})"), sentence);
    EXPECT_THAT(detail(R"({"do":"cut"})"), HasSubstr("\"from\" and \"to\" must both name a node"));
    EXPECT_THAT(detail(R"({"do":"cut","from":"left"})"), HasSubstr("must both name a node"));
    EXPECT_THAT(detail(R"({"do":"heal","from":"left"})"), HasSubstr("must both name a node"));
    EXPECT_THAT(detail(R"({"do":"cut","from":1,"to":2})"), HasSubstr("must both name a node"));
    EXPECT_THAT(detail(R"({"do":"cut","from":"left","to":"left"})"),
                HasSubstr("there is no link from left to left"));
    EXPECT_THAT(detail(R"({"do":"cut","from":"left","to":"right","ms":5})"),
                HasSubstr("\"ms\" does not belong"));
    for (const std::string ms : {"-1", "60001", "1.5", "\"5\"", "null", "1e999"})
        EXPECT_FALSE(detail(R"({"do":"slow","from":"left","to":"right","ms":)" + ms + "}").empty());
    EXPECT_EQ(detail(R"({"do":"slow","from":"left","to":"right"})"),
              "\"ms\" must be a whole number from 0 to 60000");
    EXPECT_FALSE(pair.control->link("left", "right").at("cut").as_bool()) << "nothing changed";
    EXPECT_EQ(pair.control->link("left", "right").at("delay_ms").to_number<int>(), 0);
}

TEST(Proxy, WhoSpeaksAnotherProtocolIsAnsweredAndHungUpOn) {
    ProxiedPair pair;
    const std::string deep(1000, '[');
    for (const std::string& line : {std::string("POST / HTTP/1.1"), std::string("[]"), deep,
                                    std::string("\xff\0\xfe", 3), std::string()}) {
        Control garbage(pair.proxy->control_port());
        EXPECT_THAT(garbage.ask(line + "\n" + R"({"do":"cut","from":"left","to":"right"})"),
                    HasSubstr("a command is one JSON object on a line"));
        EXPECT_EQ(garbage.read_line(), "");
    }
    Control endless(pair.proxy->control_port());
    EXPECT_THAT(endless.ask(std::string(100'000, 'x')), HasSubstr("the line is longer than 4096 bytes"));
    EXPECT_EQ(endless.read_line(), "");
    EXPECT_FALSE(pair.control->link("left", "right").at("cut").as_bool());
}

TEST(Proxy, ForgottenControlConnectionsDoNotKeepOthersOut) {
    ProxiedPair pair;
    std::vector<std::unique_ptr<Control>> forgotten;
    for (int i = 0; i < 40; ++i) forgotten.push_back(std::make_unique<Control>(pair.proxy->control_port()));
    Control control(pair.proxy->control_port());
    EXPECT_FALSE(control.link("left", "right").empty());
}

TEST(Proxy, StartNamesWhatIsWrong) {
    ProxiedPair pair;
    IoThreads threads(1);
    const std::uint16_t used = pair.proxy->control_port();
    Proxy control_taken(threads.io(), used, {});
    EXPECT_THAT(control_taken.start().value_or(""),
                HasSubstr("the proxy's control port 127.0.0.1:" + std::to_string(used) + " is in use"));
    Proxy link_taken(threads.io(), 0, {{"a", "b", used, "127.0.0.1", 1, false, 0}});
    EXPECT_THAT(link_taken.start().value_or(""), HasSubstr("the proxy's port for a to b, 127.0.0.1:"));
    Proxy twice(threads.io(), 0,
                {{"a", "b", 0, "127.0.0.1", 1, false, 0}, {"a", "b", 0, "127.0.0.1", 2, false, 0}});
    EXPECT_EQ(twice.start(), "the link from a to b is given twice");
}

TEST(Proxy, ATargetThatDoesNotListenEndsTheConnection) {
    IoThreads threads(1);
    Proxy proxy(threads.io(), 0, {{"a", "b", 0, "127.0.0.1", unused_port(), false, 0}});
    ASSERT_EQ(proxy.start(), std::nullopt);
    Control control(proxy.control_port());
    RawPeer dialler(static_cast<std::uint16_t>(control.link("a", "b").at("listen_port").to_number<int>()));
    EXPECT_TRUE(dialler.closed_by_other());
}

}  // namespace
}  // namespace socai::network
