// One message of a client and what it is answered with: a call, or a batch whose answers go back together.
#pragma once

#include <boost/json/storage_ptr.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/dispatch.hpp"
#include "api/json_rpc.hpp"
#include "api/method.hpp"

namespace socai::api {

// The connection, as its exchanges see it. On its strand, but for `post`.
class ExchangeHost {
  public:
    virtual ~ExchangeHost() = default;
    virtual void post(std::function<void()> work) = 0;  // any thread
    virtual void send(std::string message) = 0;
    virtual void call_finished() = 0;
    virtual Result<Caller::Subscribed> open_subscription(std::optional<std::uint64_t> from_index,
                                                         inspection::Filter filter,
                                                         std::optional<inspection::Viewer> audience) = 0;
    virtual Session& session() = 0;
    virtual Budgets& budgets() = 0;
    virtual Result<void> close_subscription(std::uint64_t id) = 0;
    // The client has been told of the subscription: its notifications may follow.
    virtual void activate_subscription(std::uint64_t id) = 0;
};

// Kept alive by its unfinished calls. When the host dies, answers that still come are dropped.
class Exchange final : public Caller, public std::enable_shared_from_this<Exchange> {
  public:
    // Answers of one message together stay within `max_bytes`; calls beyond are refused with
    // answer_too_large.
    Exchange(std::weak_ptr<ExchangeHost> host, boost::json::storage_ptr storage, std::size_t max_bytes)
        : host_(std::move(host)), storage_(std::move(storage)), max_bytes_(max_bytes) {}

    // Once, on the host's strand. `refused`: nothing of it is carried out, and this is the answer to every call.
    void start(RpcMessage&& message, Dispatcher& dispatcher, const std::optional<Error>& refused = {});

    void post(std::function<void()> work) override;
    Result<Subscribed> subscribe(std::optional<std::uint64_t> from_index, inspection::Filter filter,
                                 std::optional<inspection::Viewer> audience) override;
    Session& session() override;
    Budgets& budgets() override;
    Result<void> unsubscribe(std::uint64_t id) override;

  private:
    void call(std::size_t slot, RpcRequest&& request, Dispatcher& dispatcher);
    // No `id`: a notification, its answer is dropped.
    void settle(std::size_t slot, const std::optional<boost::json::value>& id, Answer&& answer);
    void finish();

    std::weak_ptr<ExchangeHost> host_;
    boost::json::storage_ptr storage_;  // of the request's and the answers' values
    std::size_t max_bytes_;
    bool batch_ = false;
    std::vector<std::string> answers_;  // serialised, in the order of the calls; empty: none to give
    std::size_t open_ = 0;
    std::size_t bytes_ = 0;
    std::vector<std::uint64_t> subscriptions_;  // opened here, activated once the answer is on its way
};

}  // namespace socai::api
