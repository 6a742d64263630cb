// The clients of the cluster tests: one node's API over HTTP and WebSocket, with a deadline on every wait.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/stream.hpp"
#include "local_cluster.hpp"
#include "node/client/rpc_client.hpp"
#include "node/client/submitter.hpp"

namespace socai::cluster_tests {

using node::client::Acknowledgement;
using node::client::RpcError;
using node::client::RpcResult;
using node::client::SubmitOutcome;
using node::client::Timeouts;

// JSON-RPC codes of design/interfaces.md that the tests name.
namespace code {
inline constexpr int not_json = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int unknown_method = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int invalid_statement = -32001;
inline constexpr int forbidden = -32002;
inline constexpr int conflict = -32003;
inline constexpr int outcome_unknown = -32004;
inline constexpr int overloaded = -32005;
inline constexpr int unavailable = -32006;
inline constexpr int not_found = -32007;
inline constexpr int too_large = -32008;
inline constexpr int refused = -32009;
}  // namespace code

struct HttpReply {
    unsigned status = 0;  // 0: no answer
    std::string body;
};
HttpReply http_get(const Endpoint& node, const std::string& target, milliseconds deadline = patience);

// Calls to one node. Not thread-safe.
class NodeClient {
  public:
    explicit NodeClient(Endpoint node, Timeouts timeouts = {.connect = 5'000ms, .answer = patience});

    RpcResult<boost::json::value> call(std::string_view method, const boost::json::object& params = {});
    // ledger.submit of one statement, in its committed form.
    SubmitOutcome submit(std::string_view statement, milliseconds timeout = 30s);
    // ledger.get of one record by (source, id); `more` are further parameters, such as `read`.
    RpcResult<boost::json::object> find(std::string_view source, std::string_view id,
                                        boost::json::object more = {});

  private:
    node::client::RpcClient client_;
};

// A WebSocket whose messages a test writes as they are, well made or not.
class RawWebSocket {
  public:
    explicit RawWebSocket(const Endpoint& node);  // throws when it cannot connect

    // Neither minds that the node closes before it has read everything.
    void send_text(std::string_view bytes);
    void send_binary(std::string_view bytes);
    // The next message; nothing when the connection ended instead.
    std::optional<std::string> receive();
    // Reads until the node closes; the code it gave, 0 when it gave none.
    unsigned close_code();

  private:
    boost::asio::io_context io_{1};
    node::client::ServerCheck check_;  // over TLS
    boost::beast::websocket::stream<api::Stream> stream_;
    boost::beast::flat_buffer buffer_;
};

// A record that refers to nothing, of `source`, signed by nobody yet. `note` makes its bytes differ.
std::string risk_signal(std::string_view source, std::string_view id, std::string_view note = "",
                        std::int64_t time_ms = now_ms());
// A record of that kind about the number "08/<id>", dated now; signed by nobody yet.
std::string event(std::string_view source, std::string_view kind, std::string_view id, boost::json::object data);
// One record as a statement of `cluster`, signed by the source's own key.
std::string statement_of(const LocalCluster& cluster, const std::string& source, std::string_view record);

// Members of an answer. Throw when they are not there or of another type.
std::uint64_t number(const boost::json::object& object, std::string_view name);
std::string text(const boost::json::object& object, std::string_view name);

}  // namespace socai::cluster_tests
