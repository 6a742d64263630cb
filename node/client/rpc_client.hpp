// Calls to a node that block until they are answered or out of time, for verbs that ask a few questions.
// Tries the given nodes in turn. One thread at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "node/client/connection.hpp"
#include "node/client/sign_in.hpp"

namespace socai::node::client {

struct Request {
    std::string method;
    boost::json::object params;
};

class RpcClient {
  public:
    // `endpoints` is not empty. `sign_in`: who asks, on every connection; null: without account.
    explicit RpcClient(std::vector<Endpoint> endpoints, Timeouts timeouts = {},
                       std::shared_ptr<const SignIn> sign_in = {});
    ~RpcClient();
    RpcClient(const RpcClient&) = delete;
    RpcClient& operator=(const RpcClient&) = delete;

    // Asks the node in use; while there is no answer, or a retryable one, asks each of the others once. The
    // error is that of the last node asked. Only for calls that may be made twice.
    RpcResult<boost::json::value> call(std::string_view method, const boost::json::object& params);
    // The same for many calls, all sent before the first answer is awaited; results in the order of
    // `requests`.
    std::vector<RpcResult<boost::json::value>> call_all(std::span<const Request> requests);

    const Endpoint& endpoint() const { return endpoints_[current_]; }  // the node in use

  private:
    RpcResult<void> connect();
    RpcResult<void> sign_in();
    RpcResult<boost::json::value> ask_one(std::string_view method, const std::string& params);
    std::vector<RpcResult<boost::json::value>> ask(std::span<const Request> requests);
    void next_endpoint();
    void drop();

    boost::asio::io_context io_{1};
    std::vector<Endpoint> endpoints_;
    std::shared_ptr<const SignIn> sign_in_;
    Timeouts timeouts_;
    std::size_t current_ = 0;
    std::shared_ptr<Connection> connection_;  // null or open, or lost since
};

}  // namespace socai::node::client
