#include "node/audit/http_fetch.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <optional>
#include <utility>

namespace socai::node::audit {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds slice{200};  // of waiting, before it is looked whether anybody still does
constexpr std::uint32_t max_header_bytes = 16 * 1024;
// Of what is read ahead: chunk headers and extensions of any length must not pile up.
constexpr std::size_t max_buffer_bytes = 128 * 1024;
constexpr unsigned http_1_1 = 11;

Error bad_url(const std::string& url) {
    return {Exit::usage, "bad_url",
            url + " is no URL of a log: give http://HOST:PORT, with a path where it has one"};
}

}  // namespace

std::string HttpTarget::authority() const {
    const bool bracketed = host.find(':') != std::string::npos;
    return (bracketed ? "[" + host + "]" : host) + ":" + port;
}

std::string HttpTarget::url() const {
    return (tls ? "https://" : "http://") + authority() + prefix;
}

Result<HttpTarget> parse_http_target(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || (parsed->scheme() != "http" && parsed->scheme() != "https")) return bad_url(url);
    if (parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment()) return bad_url(url);
    HttpTarget target;
    target.tls = parsed->scheme() == "https";
    target.host = parsed->host_address();
    target.port = parsed->has_port() ? std::string(parsed->port()) : target.tls ? "443" : "80";
    target.prefix = std::string(parsed->encoded_path());
    while (target.prefix.ends_with('/')) target.prefix.pop_back();
    if (target.host.empty() || target.port.empty()) return bad_url(url);
    return target;
}

// A connection and the event loop that only its owner runs, and never past a deadline.
class HttpFetch::Connection {
  public:
    Connection(const HttpTarget& target, const std::atomic<bool>& given_up,
               const std::shared_ptr<const client::Trust>& trust)
        : target_(target), given_up_(given_up), check_(trust, target.host) {
        if (!target.tls) {
            plain_.emplace(io_);
            return;
        }
        secure_.emplace(io_, *trust->context());
        // Logs stand on all kinds of web servers, and what they give is checked by itself.
        check_.prepare(*secure_->native_handle(), TLS1_2_VERSION);
    }

    Result<void> open(Clock::time_point deadline) {
        deadline_ = deadline;
        tcp::resolver resolver(io_);
        tcp::resolver::results_type found;
        resolver_ = &resolver;
        auto error = step([&](auto done) {
            resolver.async_resolve(
                target_.host, target_.port,
                [&found, done](beast::error_code code, tcp::resolver::results_type results) {
                    found = std::move(results);
                    done(code);
                });
        });
        resolver_ = nullptr;
        if (error) return cannot_connect(error);
        error = step([&](auto done) {
            socket().async_connect(found,
                                   [done](beast::error_code code, const tcp::endpoint&) { done(code); });
        });
        if (error) return cannot_connect(error);
        beast::error_code ignored;
        socket().socket().set_option(tcp::no_delay(true), ignored);
        if (secure_) {
            error = step([&](auto done) {
                secure_->async_handshake(ssl::stream_base::client,
                                         [done](beast::error_code code) { done(code); });
            });
            if (error == beast::error::timeout) return cannot_connect(error);
            if (error) return check_.explain(error, *secure_->native_handle(), target_.url());
        }
        return {};
    }

    // Nothing: the connection broke before an answer began; the caller may try another one.
    Result<std::optional<HttpReply>> get(const std::string& path, std::size_t max_bytes,
                                         Clock::time_point deadline) {
        deadline_ = deadline;
        return secure_ ? exchange(*secure_, path, max_bytes) : exchange(*plain_, path, max_bytes);
    }

    bool open_for_more() const { return keeps_alive_; }

  private:
    beast::tcp_stream& socket() { return secure_ ? secure_->next_layer() : *plain_; }

    // Starts something and runs it to its end or to the deadline.
    template <class Start>
    beast::error_code step(Start&& start) {
        std::optional<beast::error_code> result;
        start([&result](beast::error_code code) { result = code; });
        io_.restart();
        // In slices, so that who gives up need not wait for the deadline.
        while (!result && !given_up_ && Clock::now() < deadline_)
            io_.run_until(std::min(deadline_, Clock::now() + slice));
        if (result) return *result;
        if (resolver_ != nullptr) resolver_->cancel();
        socket().close();
        io_.restart();
        io_.run();  // what was under way ends as aborted
        return beast::error::timeout;
    }

    template <class Stream>
    Result<std::optional<HttpReply>> exchange(Stream& stream, const std::string& path,
                                              std::size_t max_bytes) {
        http::request<http::empty_body> request(http::verb::get, target_.prefix + path, http_1_1);
        request.set(http::field::host, target_.authority());
        request.set(http::field::user_agent, "socai-audit");
        request.set(http::field::accept_encoding, "identity");
        auto error = step([&](auto done) {
            http::async_write(stream, request, [done](beast::error_code code, std::size_t) { done(code); });
        });
        if (error == beast::error::timeout) return no_answer(path, "took too long to be asked");
        if (error) return std::optional<HttpReply>();

        http::response_parser<http::string_body> parser;
        parser.header_limit(max_header_bytes);
        parser.body_limit(max_bytes);
        keeps_alive_ = false;
        error = step([&](auto done) {
            http::async_read_header(stream, buffer_, parser,
                                    [done](beast::error_code code, std::size_t) { done(code); });
        });
        if (error == beast::error::timeout) return no_answer(path, "did not answer in time");
        if (error && !parser.got_some() && error.category() != http_category())
            return std::optional<HttpReply>();
        if (error == http::error::end_of_stream) return std::optional<HttpReply>();
        if (error) return unusable(path, error);

        const auto& head = parser.get();
        // The body of any other answer is nothing to us, and may be without end: the connection goes instead.
        if (head.result_int() != 200) return std::optional(HttpReply{head.result_int(), {}});
        const auto encoding = head.find(http::field::content_encoding);
        if (encoding != head.end() && !beast::iequals(encoding->value(), "identity")) {
            return Error{
                Exit::no, "bad_answer",
                target_.url() + path + " came in an encoding that was not asked for; it is not opened"};
        }
        error = step([&](auto done) {
            http::async_read(stream, buffer_, parser,
                             [done](beast::error_code code, std::size_t) { done(code); });
        });
        if (error == beast::error::timeout) return no_answer(path, "did not send all of its answer in time");
        if (error) return unusable(path, error);
        keeps_alive_ = parser.keep_alive();
        return std::optional(HttpReply{200, std::move(parser.get().body())});
    }

    static const boost::system::error_category& http_category() {
        return http::make_error_code(http::error::end_of_stream).category();
    }

    Error cannot_connect(beast::error_code code) const {
        return {Exit::unreachable, "cannot_connect",
                "cannot connect to " + target_.url() + ": " + code.message()};
    }
    Error no_answer(const std::string& path, const std::string& what) const {
        return {Exit::unreachable, "no_answer", target_.url() + path + " " + what};
    }
    Error unusable(const std::string& path, beast::error_code code) const {
        if (code == http::error::body_limit || code == http::error::header_limit ||
            code == http::error::buffer_overflow) {
            return {Exit::no, "too_much_data",
                    target_.url() + path + " answered with more than it can have (" + code.message() + ")"};
        }
        if (code.category() == http_category() && code != http::error::partial_message) {
            return {Exit::no, "bad_answer",
                    target_.url() + path + " did not answer in HTTP/1.1: " + code.message()};
        }
        return no_answer(path, "broke off its answer: " + code.message());
    }

    const HttpTarget& target_;
    const std::atomic<bool>& given_up_;
    asio::io_context io_{1};
    client::ServerCheck check_;
    std::optional<beast::tcp_stream> plain_;
    std::optional<beast::ssl_stream<beast::tcp_stream>> secure_;
    beast::flat_buffer buffer_{max_buffer_bytes};
    tcp::resolver* resolver_ = nullptr;  // while it works
    Clock::time_point deadline_;
    bool keeps_alive_ = false;
};

HttpFetch::HttpFetch(HttpTarget target, std::chrono::milliseconds deadline, unsigned attempts,
                     const std::atomic<bool>& given_up, std::shared_ptr<const client::Trust> trust)
    : target_(std::move(target)),
      deadline_(deadline),
      attempts_(attempts),
      given_up_(given_up),
      trust_(target_.tls && !trust ? client::Trust::system() : std::move(trust)) {}

HttpFetch::~HttpFetch() = default;

Result<HttpReply> HttpFetch::get(const std::string& path, std::size_t max_bytes) {
    const Clock::time_point deadline = Clock::now() + deadline_;
    Error last{Exit::unreachable, "no_answer",
               target_.url() + path + " closes every connection without an answer"};
    for (unsigned attempt = 0; attempt < attempts_ + 1;
         ++attempt) {  // one may be an idle connection that went away
        if (!connection_) {
            connection_ = std::make_unique<Connection>(target_, given_up_, trust_);
            if (auto opened = connection_->open(deadline); !opened) {
                connection_.reset();
                return opened.error();
            }
        }
        auto reply = connection_->get(path, max_bytes, deadline);
        if (!reply || !*reply || !connection_->open_for_more()) connection_.reset();
        if (!reply) return reply.error();
        if (*reply) return **std::move(reply);
        if (given_up_ || Clock::now() >= deadline) break;
    }
    return last;
}

}  // namespace socai::node::audit
