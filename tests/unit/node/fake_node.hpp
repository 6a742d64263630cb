// A node of the tests: a WebSocket server on a port of its own that answers JSON-RPC as the test tells it, and
// can die at any moment. And a ledger that several such nodes can share.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "node/client/endpoint.hpp"

namespace socai::node::test {

class FakeNode {
  public:
    // One client's connection; used on the node's thread only, which is where the handler runs.
    class Session {
      public:
        virtual ~Session() = default;
        virtual void send(const boost::json::value& message) = 0;
        virtual void send_text(std::string text) = 0;
        virtual void drop() = 0;  // cuts the connection without a word
    };
    using Handler = std::function<void(Session& session, const boost::json::object& request)>;

    explicit FakeNode(Handler handler);
    ~FakeNode();
    FakeNode(const FakeNode&) = delete;
    FakeNode& operator=(const FakeNode&) = delete;

    client::Endpoint endpoint() const;
    // Cuts every connection and stops listening. Returns when nothing runs any more.
    void die();

  private:
    struct Link;
    void accept();

    Handler handler_;
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    std::set<std::shared_ptr<Link>> links_;  // on the node's thread
    std::thread thread_;
};

boost::json::object answer_to(const boost::json::object& request, boost::json::value result);
boost::json::object error_to(const boost::json::object& request, int code, const std::string& reason,
                             bool retryable);

// What stands in the ledger, whichever node it was submitted through. Safe from any thread.
class FakeLedger {
  public:
    // The result of one submitted statement, as ledger.submit answers it.
    boost::json::object submit(const std::string& statement);
    std::vector<std::string> statements() const;  // in ledger order
    std::uint64_t resubmissions() const;

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> statements_;
    std::map<std::string, std::uint64_t> index_;
    std::uint64_t resubmissions_ = 0;
};

// The statements of a ledger.submit.
std::vector<std::string> statements_in(const boost::json::object& request);
// The whole answer of a node that takes every statement of `request` into `ledger`.
boost::json::object submitted(FakeLedger& ledger, const boost::json::object& request);

}  // namespace socai::node::test
