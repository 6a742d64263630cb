// The handshake of a client in a coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "api/stream.hpp"
#include "node/client/trust.hpp"

namespace socai::node::client {

// What a handshake failed of, thrown through a coroutine to the function that started it: never beyond.
struct NotSecure {
    Error error;
};

// Over a connected stream with the trust's context. Nothing to do without TLS. `check` and `url` (for the sentence) outlive
// it. Throws NotSecure; boost::system::system_error when the stream's deadline passes.
boost::asio::awaitable<void> secure(api::Stream& stream, ServerCheck& check, const std::string& url);

}  // namespace socai::node::client
