// socai status
#include <algorithm>
#include <future>
#include <memory>

#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"
#include "node/cli/target.hpp"
#include "node/client/rpc_client.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct StatusArguments {
    Target target;
    bool check = false;
};

// A node that does not answer that soon is shown as such.
constexpr std::chrono::milliseconds patience{3'000};

struct NodeStatus {
    std::string url;
    client::RpcResult<json::value> answer;

    bool answered() const { return answer.has_value() && answer->is_object(); }
    std::string text(std::string_view name) const {
        return answered() ? text_of(answer->get_object(), name) : std::string();
    }
};

// All at once: a node that hangs costs its own time only.
std::vector<NodeStatus> ask_all(const std::vector<client::Endpoint>& endpoints) {
    const client::Timeouts timeouts{.connect = patience, .answer = patience};
    std::vector<std::future<NodeStatus>> asked;
    for (const client::Endpoint& endpoint : endpoints)
        asked.push_back(std::async(std::launch::async, [endpoint, timeouts] {
            client::RpcClient client({endpoint}, timeouts);
            return NodeStatus{endpoint.url(), client.call("node.status", {})};
        }));
    std::vector<NodeStatus> nodes;
    for (auto& node : asked) nodes.push_back(node.get());
    return nodes;
}

// What waits in the node's outbox: "3", and for how long when that is worth knowing; overdue promises are told.
std::string outbox_of(const NodeStatus& node) {
    const auto* outbox = node.answer->get_object().if_contains("outbox");
    if (outbox == nullptr || !outbox->is_object()) return "";
    const json::object& figures = outbox->get_object();
    std::string words = text_of(figures, "waiting");
    if (const auto* oldest = figures.if_contains("oldest_ms"); oldest != nullptr && oldest->is_int64())
        words += " (" + std::to_string(oldest->get_int64() / 1'000) + " s)";
    if (const std::string overdue = text_of(figures, "overdue"); !overdue.empty() && overdue != "0")
        words += ", " + overdue + " overdue";
    return words;
}

void print_people(const std::vector<NodeStatus>& nodes) {
    client::TextTable table({"NODE", "AGENCY", "ROLE", "TERM", "LEADER", "DURABLE", "COMMITTED", "APPLIED",
                             "OUTBOX", "READY", "VERSION", "API"});
    for (const NodeStatus& node : nodes) {
        if (!node.answered()) {
            const std::string why = node.answer.has_error() ? node.answer.error().reason : "bad_answer";
            table.add({"-", "-", why, "", "", "", "", "", "", "no", "", node.url});
            continue;
        }
        const std::string why = node.text("why");
        table.add({node.text("node"), node.text("agency"), node.text("role"), node.text("term"),
                   node.text("leader"), node.text("durable_size"), node.text("committed_size"),
                   node.text("applied_size"), outbox_of(node), node.text("ready") == "true" ? "yes" : "no",
                   node.text("version"), why.empty() ? node.url : node.url + "  " + why});
    }
    print_table(table);
}

void print_programs(const std::vector<NodeStatus>& nodes) {
    json::array list;
    for (const NodeStatus& node : nodes) {
        json::object object{{"api", node.url}, {"reachable", node.answered()}};
        if (node.answered())
            for (const auto& [name, value] : node.answer->get_object()) object[name] = value;
        else if (node.answer.has_error())
            object["error"] = {{"reason", node.answer.error().reason},
                               {"detail", node.answer.error().detail}};
        list.push_back(std::move(object));
    }
    print_json(list);
}

Exit status(const StatusArguments& arguments) {
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    const auto nodes = ask_all(*endpoints);
    if (arguments.target.json)
        print_programs(nodes);
    else
        print_people(nodes);
    const auto answered =
        std::count_if(nodes.begin(), nodes.end(), [](const NodeStatus& node) { return node.answered(); });
    if (answered == 0 && nodes.front().answer.has_error() && nodes.front().answer.error().is_tls())
        return report(client::to_error(nodes.front().answer.error()));
    if (answered == 0)
        return report({Exit::unreachable, "cannot_connect", "no node answered; are they running?"});
    if (!arguments.check) return Exit::done;
    const bool well = std::all_of(nodes.begin(), nodes.end(),
                                  [](const NodeStatus& node) { return node.text("ready") == "true"; });
    return well ? Exit::done : Exit::no;
}

}  // namespace

void register_status(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<StatusArguments>();
    auto* verb = app.add_subcommand("status", "Show how nodes are: role, term, leader, sizes in leaves");
    arguments->target.add_to(*verb, "Print one JSON array with an object for each node");
    verb->add_flag("--check", arguments->check, "Exit with 1 unless every node answers and is ready");
    verb->footer(
        "Example:\n  socai status --ca ca.pem --to wss://127.0.0.1:7001/rpc,wss://127.0.0.1:7002/rpc");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return status(*arguments); }; });
}

}  // namespace socai::node::cli
