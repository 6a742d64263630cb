#include "node/client/secure_stream.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace socai::node::client {

namespace asio = boost::asio;
namespace beast = boost::beast;

asio::awaitable<void> secure(api::Stream& stream, ServerCheck& check, const std::string& url) {
    if (!stream.is_secure()) co_return;
    check.prepare(*stream.native());
    beast::error_code error;
    const auto start = [&stream, &error](auto handler) {
        // Asio's handler only moves, std::function copies.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        stream.async_connect_tls([&error, shared](beast::error_code failure) {
            error = failure;
            std::move (*shared)();
        });
    };
    co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(start, asio::use_awaitable);
    if (error == beast::error::timeout) throw boost::system::system_error(error);
    if (error) throw NotSecure{check.explain(error, *stream.native(), url)};
}

}  // namespace socai::node::client
