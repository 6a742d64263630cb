#include "node/cluster/proxy_control.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <cassert>
#include <chrono>
#include <filesystem>

#include "node/files.hpp"

namespace socai::node::cluster {

BOOST_DESCRIBE_STRUCT(Disturbance, (), (from, to, cut, delay_ms))

namespace {

namespace json = boost::json;
using boost::asio::ip::tcp;

constexpr auto patience = std::chrono::seconds(2);
constexpr std::size_t max_answer_bytes = 1024 * 1024;

}  // namespace

json::object LinkOrder::to_json() const {
    static constexpr const char* words[] = {"cut", "slow", "heal"};
    json::object order = {{"do", words[static_cast<std::size_t>(what)]}, {"from", from}, {"to", to}};
    if (what == What::slow) order["ms"] = delay_ms;
    return order;
}

void remember(std::vector<Disturbance>& disturbances, const LinkOrder& order) {
    auto link = std::find_if(disturbances.begin(), disturbances.end(),
                             [&](const Disturbance& d) { return d.from == order.from && d.to == order.to; });
    if (link == disturbances.end()) link = disturbances.insert(link, {order.from, order.to, false, 0});
    switch (order.what) {
        case LinkOrder::What::cut:
            link->cut = true;
            break;
        case LinkOrder::What::slow:
            link->delay_ms = order.delay_ms;
            break;
        case LinkOrder::What::heal:
            *link = {order.from, order.to, false, 0};
            break;
    }
    if (!link->cut && link->delay_ms == 0) disturbances.erase(link);
}

Result<json::object> ask_proxy(std::uint16_t port, const json::object& order) {
    boost::asio::io_context io;
    tcp::socket socket(io);
    const std::string line = json::serialize(order) + "\n";
    std::string answer;
    boost::system::error_code outcome = boost::asio::error::timed_out;
    const auto end = [&](const boost::system::error_code& error) { outcome = error; };
    socket.async_connect(
        {boost::asio::ip::address_v4::loopback(), port}, [&](boost::system::error_code error) {
            if (error) return end(error);
            boost::asio::async_write(
                socket, boost::asio::buffer(line), [&](boost::system::error_code e, std::size_t) {
                    if (e) return end(e);
                    boost::asio::async_read_until(
                        socket, boost::asio::dynamic_buffer(answer, max_answer_bytes), '\n',
                        [&](boost::system::error_code e2, std::size_t) { end(e2); });
                });
        });
    io.run_for(patience);
    if (outcome) {
        boost::system::error_code ignored;
        socket.close(ignored);
        io.restart();
        io.run();  // lets the cancelled operations end while what they refer to lives
        return Error{Exit::unreachable, "proxy_unreachable",
                     "the cluster's proxy does not answer on 127.0.0.1:" + std::to_string(port) + " (" +
                         outcome.message() + "); `socai cluster start` starts it again"};
    }
    json::error_code error;
    const json::value value = json::parse(std::string_view(answer).substr(0, answer.find('\n')), error);
    const json::object* object = error ? nullptr : value.if_object();
    const json::value* ok = object == nullptr ? nullptr : object->if_contains("ok");
    if (ok != nullptr && ok->is_bool() && ok->get_bool()) return *object;
    const json::value* detail = object == nullptr ? nullptr : object->if_contains("detail");
    return Error{
        Exit::no, "proxy_refused",
        "the cluster's proxy refused: " +
            (detail != nullptr && detail->is_string() ? std::string(detail->get_string())
                                                      : std::string("its answer is not understood")) +
            "; it may be of another version: `socai cluster down` and `up` replace it"};
}

Result<std::vector<Disturbance>> load_disturbances(const Folder& folder) {
    std::error_code missing;
    if (!std::filesystem::exists(folder.links(), missing)) return std::vector<Disturbance>{};
    const Result<std::string> text = read_file(folder.links(), max_answer_bytes);
    if (!text) return text.error();
    json::error_code error;
    const json::value value = json::parse(*text, error);
    if (!error)
        if (auto list = json::try_value_to<std::vector<Disturbance>>(value)) return std::move(*list);
    return Error{Exit::usage, "links_damaged",
                 folder.links() + " does not list links; `socai cluster heal --dir " + folder.dir() +
                     "` writes it anew"};
}

Result<void> save_disturbances(const Folder& folder, const std::vector<Disturbance>& disturbances) {
    return write_file(folder.links(), json::serialize(json::value_from(disturbances)) + "\n", 0600);
}

std::vector<network::ProxyLink> proxy_links(const Settings& settings,
                                            const std::vector<Disturbance>& disturbances) {
    std::vector<network::ProxyLink> links;
    for (const LinkSettings& link : settings.links) {
        const NodeSettings* to = settings.node(link.to);
        assert(to != nullptr);
        const auto disturbed =
            std::find_if(disturbances.begin(), disturbances.end(),
                         [&](const Disturbance& d) { return d.from == link.from && d.to == link.to; });
        const bool is_disturbed = disturbed != disturbances.end();
        links.push_back({link.from, link.to, link.port, "127.0.0.1", to->peer_port,
                         is_disturbed && disturbed->cut, is_disturbed ? disturbed->delay_ms : 0});
    }
    return links;
}

}  // namespace socai::node::cluster
