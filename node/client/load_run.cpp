#include "node/client/load_run.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <cmath>
#include <csignal>
#include <memory>

#include "node/client/submitter.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds reconnect_pause{200};
constexpr std::chrono::seconds unreachable_after{10};
// How often the pace, the limit and the reachability of nodes are looked at.
constexpr std::chrono::milliseconds tick_interval{1};

class LoadRun {
  public:
    LoadRun(const LoadOptions& options, const std::vector<std::string>& statements,
            const std::function<void(std::uint64_t)>& progress)
        : options_(options), statements_(statements), progress_(progress), clients_(options.clients) {
        assert(!options.endpoints.empty() && options.clients > 0 && options.window > 0 && options.batch > 0);
        if (options.rate > 0)
            interval_ = std::chrono::duration<double>(static_cast<double>(options.bundle) / options.rate);
        report_.latencies.reserve(statements.size());
    }

    LoadReport run() {
        if (statements_.empty()) return std::move(report_);
        signals_.add(SIGINT);
        signals_.add(SIGTERM);
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (!error) end({0, "interrupted", "interrupted before everything was sent", false});
        });
        last_reachable_ = Clock::now();
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            clients_[i].endpoint = i % options_.endpoints.size();
            connect(clients_[i]);
        }
        tick();
        io_.run();
        if (started_) report_.seconds = std::chrono::duration<double>(last_answer_ - start_).count();
        return std::move(report_);
    }

  private:
    struct Client {
        std::size_t endpoint = 0;
        std::shared_ptr<Connection> connection;  // null while pausing
        std::size_t under_way = 0;               // calls
        Clock::time_point reconnect_at{};
        bool tried = false;  // the first attempt to connect has ended
    };

    void connect(Client& client) {
        client.connection = Connection::create(io_, options_.endpoints[client.endpoint], options_.timeouts);
        client.connection->on_closed = [this, &client](const RpcError& why) { lost(client, why); };
        client.connection->connect([this, &client](const RpcResult<void>& connected) {
            client.tried = true;
            if (connected.has_error()) return lost(client, connected.error());
            last_reachable_ = Clock::now();
        });
    }

    void lost(Client& client, const RpcError& why) {
        last_fault_ = why;
        client.connection.reset();
        client.endpoint = (client.endpoint + 1) % options_.endpoints.size();
        client.reconnect_at = Clock::now() + reconnect_pause;
    }

    // The clock starts once every connection was tried, so that connecting is not measured.
    void tick() {
        const auto now = Clock::now();
        bool reachable = false;
        for (Client& client : clients_) {
            if (client.connection == nullptr && now >= client.reconnect_at && !ending_) connect(client);
            reachable = reachable || (client.connection != nullptr && client.connection->is_open());
        }
        if (reachable) last_reachable_ = now;
        if (now - last_reachable_ >= unreachable_after) end(last_fault_);
        if (!started_ && reachable && std::all_of(clients_.begin(), clients_.end(), [](const Client& client) {
                return client.tried;
            })) {
            started_ = true;
            start_ = last_answer_ = now;
        }
        if (started_ && options_.limit.count() > 0 && now - start_ >= options_.limit) ending_ = true;
        if (started_) send_all();
        if (finished()) return finish();
        timer_.expires_after(tick_interval);
        timer_.async_wait([this](boost::system::error_code error) {
            if (!error) tick();
        });
    }

    bool finished() const { return (ending_ || next_ == statements_.size()) && calls_under_way_ == 0; }

    void finish() {
        signals_.cancel();
        timer_.cancel();
        for (Client& client : clients_)
            if (client.connection != nullptr) std::exchange(client.connection, nullptr)->close();
    }

    void end(RpcError why) {
        ending_ = true;
        if (next_ < statements_.size()) report_.stopped = std::move(why);
    }

    // Statements before this one may be sent by now.
    std::size_t due() const {
        if (ending_) return next_;
        if (interval_.count() <= 0) return statements_.size();
        const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
        return std::min(statements_.size(), static_cast<std::size_t>(elapsed / interval_.count()) + 1);
    }

    Clock::time_point due_time(std::size_t position) const {
        return start_ +
               std::chrono::duration_cast<Clock::duration>(interval_ * static_cast<double>(position));
    }

    bool has_room(const Client& client) const {
        return client.connection != nullptr && client.connection->is_open() &&
               client.under_way < options_.window;
    }

    // Deals what is due over the connections, one call each in turn.
    void send_all() {
        std::size_t full = 0;
        for (const std::size_t limit = due(); next_ < limit && full < clients_.size();) {
            Client& client = clients_[turn_];
            turn_ = (turn_ + 1) % clients_.size();
            if (!has_room(client)) {
                ++full;
                continue;
            }
            full = 0;
            send(client, std::min(options_.batch, limit - next_));
        }
    }

    void send(Client& client, std::size_t count) {
        const std::size_t first = std::exchange(next_, next_ + count);
        // Compact JWS needs no escaping in JSON.
        std::string params = count == 1 ? R"({"statement":")" : R"({"statements":[")";
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) params += R"(",")";
            params += statements_[first + i];
        }
        params += count == 1 ? "\"" : "\"]";
        params +=
            R"(,"wait":")" + options_.wait + R"(","timeout_ms":)" + std::to_string(options_.timeout_ms) + "}";
        ++client.under_way;
        ++calls_under_way_;
        client.connection->call(
            "ledger.submit", params,
            [this, &client, first, count, sent = Clock::now()](const RpcResult<json::value>& answer) {
                --client.under_way;
                --calls_under_way_;
                answered(first, count, sent, answer);
                if (interval_.count() <= 0 && !ending_ && has_room(client) && next_ < statements_.size())
                    send(client, std::min(options_.batch, statements_.size() - next_));
            });
    }

    void answered(std::size_t first, std::size_t count, Clock::time_point sent,
                  const RpcResult<json::value>& answer) {
        last_answer_ = Clock::now();
        const json::array* results = nullptr;
        if (answer.has_value() && answer->is_object())
            if (const auto* list = answer->get_object().if_contains("results")) results = list->if_array();
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t position = first + i;
            if (answer.has_error())
                count_error(position, answer.error().reason);
            else if (results == nullptr || results->size() != count)
                count_error(position, "bad_answer");
            else
                count_result(position, sent, parse_submit_result((*results)[i]));
        }
        progress_(done_);
    }

    void count_result(std::size_t position, Clock::time_point sent, const SubmitOutcome& outcome) {
        if (outcome.has_error()) return count_error(position, outcome.error().reason);
        const std::uint64_t records = records_in(position);
        done_ += records;
        report_.accepted += records;
        ++report_.statements;
        if (outcome->duplicate) report_.duplicates += records;
        report_.latencies.add(last_answer_ - (interval_.count() > 0 ? due_time(position) : sent));
    }

    void count_error(std::size_t position, const std::string& reason) {
        done_ += records_in(position);
        report_.errors[reason] += records_in(position);
    }

    std::uint64_t records_in(std::size_t position) const {
        return std::min<std::uint64_t>(options_.bundle, options_.records - position * options_.bundle);
    }

    const LoadOptions& options_;
    const std::vector<std::string>& statements_;
    const std::function<void(std::uint64_t)>& progress_;
    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_{io_};
    boost::asio::steady_timer timer_{io_};
    std::vector<Client> clients_;
    std::chrono::duration<double> interval_{0};  // between statements falling due; 0 in a closed loop
    bool started_ = false;
    bool ending_ = false;  // nothing more is sent
    Clock::time_point start_, last_answer_, last_reachable_;
    RpcError last_fault_;
    std::size_t turn_ = 0;  // whose turn it is to send
    std::size_t next_ = 0;  // statement
    std::size_t calls_under_way_ = 0;
    std::uint64_t done_ = 0;  // records answered, well or not
    LoadReport report_;
};

// To 1/`parts`, for reading.
double rounded(double value, double parts) {
    return std::round(value * parts) / parts;
}

}  // namespace

json::object LoadReport::json() {
    json::object by_reason;
    for (const auto& [reason, count] : errors) by_reason[reason] = count;
    const auto per_second = [this](std::uint64_t count) {
        return seconds > 0 ? rounded(static_cast<double>(count) / seconds, 10) : 0.0;
    };
    json::object object{{"records", accepted},
                        {"records_per_s", per_second(accepted)},
                        {"statements", statements},
                        {"statements_per_s", per_second(statements)},
                        {"seconds", rounded(seconds, 1'000)},
                        {"latency_ms", latencies.summary()},
                        {"errors", std::move(by_reason)},
                        {"duplicates", duplicates}};
    if (stopped) object["stopped"] = {{"reason", stopped->reason}, {"detail", stopped->detail}};
    return object;
}

LoadReport run_load(const LoadOptions& options, const std::vector<std::string>& statements,
                    const std::function<void(std::uint64_t)>& progress) {
    return LoadRun(options, statements, progress).run();
}

}  // namespace socai::node::client
