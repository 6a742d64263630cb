// The API over TLS, and who comes to the wrong kind of port.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "../network/certificates.hpp"
#include "api/stream.hpp"
#include "server_test.hpp"

namespace socai::api::testing {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using network::test::Certified;

class TlsTest : public ServerTest {
  protected:
    using Channel = asio::ssl::stream<tcp::socket>;

    TlsTest() {
        options.tls = [this] {
            const std::lock_guard lock(mutex_);
            return shown_;
        };
        renew();
    }
    // From now on the server shows another leaf.
    void renew() {
        auto context = make_server_tls();
        network::test::show(*context, network::test::make_leaf(anchor_), &anchor_);
        const std::lock_guard lock(mutex_);
        shown_ = std::move(context);
    }
    // A client of OpenSSL's own; `prepare` sets it up.
    std::unique_ptr<Channel> dial(const std::function<void(SSL*)>& prepare = [](SSL*) {}) {
        auto channel = std::make_unique<Channel>(client_io_, client_);
        prepare(channel->native_handle());
        channel->next_layer().connect({asio::ip::address_v4::loopback(), port()});
        error_ = {};
        channel->handshake(asio::ssl::stream_base::client, error_);
        return channel;
    }
    template <class Stream>
    http::response<http::string_body> get(Stream& stream, const std::string& path) {
        http::request<http::empty_body> request(http::verb::get, path, 11);
        request.set(http::field::host, "localhost");
        http::write(stream, request);
        beast::flat_buffer buffer;
        http::response<http::string_body> answer;
        http::read(stream, buffer, answer);
        return answer;
    }
    static std::string serial_of(Channel& channel) {
        X509* certificate = SSL_get0_peer_certificate(channel.native_handle());
        const ASN1_INTEGER* number = X509_get0_serialNumber(certificate);
        return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(number)),
                static_cast<std::size_t>(ASN1_STRING_length(number))};
    }

    Certified anchor_ = network::test::make_anchor("node");
    asio::io_context client_io_;
    asio::ssl::context client_{asio::ssl::context::tls_client};
    beast::error_code error_;

  private:
    std::mutex mutex_;
    TlsContext shown_;
};

// A client certificate is its key: registered, it is an account for as long as the connection and the key last.
TEST_F(TlsTest, ACertificateOfARegisteredKeySignsIn) {
    backend.seen_by_strangers = inspection::Viewer{};
    backend.append({record_text("a")});
    const Certified known = network::test::make_anchor("known"), unknown = network::test::make_anchor("unknown");
    ledger::Registry registry;
    registry.add_agency({"customs", std::nullopt, {"member"}, "Hải quan", "Customs"}).value();
    ledger::RegisteredKey key;
    key.kid = "customs/record-1";
    key.agency = "customs";
    key.key = network::test::pin_of(known);
    registry.add_key(key).value();
    backend.know(registry);
    options.open_bundles = false;
    start();
    const auto status_with = [&](const Certified* shown) {
        const auto channel = dial([&](SSL* ssl) {
            if (shown == nullptr) return;
            SSL_use_certificate(ssl, shown->certificate.get());
            SSL_use_PrivateKey(ssl, shown->key.get());
        });
        EXPECT_FALSE(error_) << error_.message();
        return get(*channel, "/tile/entries/000.p/1").result_int();
    };
    EXPECT_EQ(status_with(nullptr), 401);
    EXPECT_EQ(status_with(&unknown), 401);
    EXPECT_EQ(status_with(&known), 200);
    registry.end_key("customs/record-1", 0).value();
    backend.know(registry);
    EXPECT_NE(status_with(&known), 200) << "a key that has ended";
}

TEST_F(TlsTest, HttpIsServed) {
    start();
    const auto channel = dial();
    ASSERT_FALSE(error_) << error_.message();
    EXPECT_STREQ(SSL_get_version(channel->native_handle()), "TLSv1.3");
    EXPECT_EQ(get(*channel, "/healthz").result_int(), 200U);
    EXPECT_EQ(get(*channel, "/healthz").result_int(), 200U) << "the connection stays open";
}

TEST_F(TlsTest, AClosedConnectionEndsWithAFarewell) {
    start();
    const auto channel = dial();
    http::request<http::empty_body> request(http::verb::get, "/healthz", 11);
    request.keep_alive(false);
    http::write(*channel, request);
    beast::flat_buffer buffer;
    http::response<http::string_body> answer;
    http::read(*channel, buffer, answer);
    char byte = 0;
    channel->read_some(asio::buffer(&byte, 1), error_);
    EXPECT_EQ(error_, asio::error::eof) << error_.message();  // and not stream_truncated
}

TEST_F(TlsTest, WebSocketIsServed) {
    start();
    beast::websocket::stream<Channel> socket(std::move(*dial()));
    ASSERT_FALSE(error_) << error_.message();
    socket.handshake("localhost", "/rpc");
    socket.text(true);
    socket.write(asio::buffer(std::string(R"({"jsonrpc":"2.0","id":1,"method":"node.status","params":{}})")));
    beast::flat_buffer buffer;
    socket.read(buffer);
    EXPECT_NE(beast::buffers_to_string(buffer.data()).find("\"result\""), std::string::npos);
    socket.close(beast::websocket::close_code::normal, error_);
}

TEST_F(TlsTest, ANewCertificateIsShownToNewConnectionsAndDropsNone) {
    start();
    const auto before = dial();
    ASSERT_FALSE(error_);
    renew();
    const auto after = dial();
    ASSERT_FALSE(error_);
    EXPECT_NE(serial_of(*before), serial_of(*after));
    EXPECT_EQ(get(*before, "/healthz").result_int(), 200U);
    EXPECT_EQ(get(*after, "/healthz").result_int(), 200U);
}

TEST_F(TlsTest, NothingBelowTls13IsSpoken) {
    start();
    dial([](SSL* connection) { SSL_set_max_proto_version(connection, TLS1_2_VERSION); });
    EXPECT_TRUE(error_);
}

TEST_F(TlsTest, HttpIsTheOnlyProtocol) {
    start();
    const auto channel = dial([](SSL* connection) {
        SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
    });
    ASSERT_FALSE(error_) << error_.message();
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(channel->native_handle(), &name, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(name), size), "http/1.1");
    dial([](SSL* connection) {
        SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>("\x0asocai-peer"), 11);
    });
    EXPECT_TRUE(error_);
}

TEST_F(TlsTest, WhoSpeaksInTheOpenIsToldToUseTls) {
    start();
    HttpClient plain(port());
    const auto answer = plain.get("/checkpoint");
    EXPECT_EQ(answer.result_int(), 426U);
    EXPECT_NE(answer.body().find("tls_required"), std::string::npos);
    EXPECT_NE(answer.body().find("https://"), std::string::npos);
    EXPECT_TRUE(plain.closed());
}

TEST_F(TlsTest, WhatIsNeitherIsClosed) {
    start();
    HttpClient strange(port());
    strange.send_raw(std::string(64, '\x01'));
    EXPECT_TRUE(strange.closed());
    EXPECT_EQ(get(*dial(), "/healthz").result_int(), 200U);
}

TEST_F(TlsTest, AHandshakeThatDoesNotEndIsCutOff) {
    options.limits.http_idle_ms = 100;
    start();
    HttpClient silent(port());
    EXPECT_TRUE(silent.closed());
    HttpClient slow(port());
    slow.send_raw("\x16\x03\x01");
    EXPECT_TRUE(slow.closed());
}

TEST_F(TlsTest, WhoeverIsInAHandshakeIsClosedWhenTheServerStops) {
    start();
    HttpClient silent(port());
    ASSERT_EQ(get(*dial(), "/healthz").result_int(), 200U);
    server->stop();
    EXPECT_TRUE(silent.closed());
}

}  // namespace
}  // namespace socai::api::testing
