// The byte stream under every connection. TLS is a change of this type and of the handshake that the listener
// makes before it hands the stream over.
#pragma once

#include <boost/beast/core/tcp_stream.hpp>

namespace socai::api {

using Stream = boost::beast::tcp_stream;

}  // namespace socai::api
