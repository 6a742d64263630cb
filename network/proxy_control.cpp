#include "network/proxy_control.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <variant>

#include "network/hello.hpp"

namespace socai::network {

namespace json = boost::json;

namespace {

using Links = std::vector<std::shared_ptr<ProxiedLink>>;
struct Fault {
    std::string detail;
};

json::value describe(const ProxiedLink& link) {
    return json::object{{"from", link.from()},
                        {"to", link.to()},
                        {"listen_port", link.link().listen_port},
                        {"target_host", link.link().target_host},
                        {"target_port", link.link().target_port},
                        {"cut", link.condition().cut},
                        {"delay_ms", link.condition().delay_ms},
                        {"connections", link.connections()},
                        {"forwarded_bytes", link.condition().forwarded_bytes},
                        {"swallowed_bytes", link.condition().swallowed_bytes}};
}

std::string done(const Links& changed) {
    return json::serialize(json::object{{"ok", true}, {"links", changed.size()}});
}

std::optional<Fault> check_members(const json::object& command,
                                   std::initializer_list<std::string_view> allowed) {
    for (const auto& member : command) {
        const std::string_view name = member.key();
        if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
            return Fault{"\"" + printable(name) + "\" does not belong to this command"};
    }
    return std::nullopt;
}

// The links that "from" and "to" name; all of them when both are left out and `all_allowed`.
std::variant<Links, Fault> named_links(const json::object& command, const Links& links, bool all_allowed) {
    const json::value* from = command.if_contains("from");
    const json::value* to = command.if_contains("to");
    if (from == nullptr && to == nullptr && all_allowed) return links;
    if (from == nullptr || to == nullptr || !from->is_string() || !to->is_string())
        return Fault{
            "\"from\" and \"to\" must both name a node, such as {\"from\":\"customs-1\",\"to\":\"most-1\"}"};
    const std::string_view from_name = from->get_string();
    const std::string_view to_name = to->get_string();
    for (const auto& link : links)
        if (link->from() == from_name && link->to() == to_name) return Links{link};
    return Fault{"there is no link from " + printable(from_name) + " to " + printable(to_name) +
                 ": {\"do\":\"list\"} shows those there are"};
}

std::variant<std::string, Fault> cut(const json::object& command, const Links& links) {
    if (auto fault = check_members(command, {"do", "from", "to"})) return *fault;
    auto named = named_links(command, links, false);
    if (auto* fault = std::get_if<Fault>(&named)) return *fault;
    for (const auto& link : std::get<Links>(named)) link->cut();
    return done(std::get<Links>(named));
}

std::variant<std::string, Fault> slow(const json::object& command, const Links& links) {
    if (auto fault = check_members(command, {"do", "from", "to", "ms"})) return *fault;
    auto named = named_links(command, links, false);
    if (auto* fault = std::get_if<Fault>(&named)) return *fault;
    const json::value* ms = command.if_contains("ms");
    const bool whole = ms != nullptr && ms->is_int64();
    if (!whole || ms->get_int64() < 0 || ms->get_int64() > max_delay_ms)
        return Fault{"\"ms\" must be a whole number from 0 to " + std::to_string(max_delay_ms)};
    for (const auto& link : std::get<Links>(named)) link->slow(static_cast<std::uint32_t>(ms->get_int64()));
    return done(std::get<Links>(named));
}

std::variant<std::string, Fault> heal(const json::object& command, const Links& links) {
    if (auto fault = check_members(command, {"do", "from", "to"})) return *fault;
    auto named = named_links(command, links, true);
    if (auto* fault = std::get_if<Fault>(&named)) return *fault;
    for (const auto& link : std::get<Links>(named)) link->heal();
    return done(std::get<Links>(named));
}

std::variant<std::string, Fault> list(const json::object& command, const Links& links) {
    if (auto fault = check_members(command, {"do"})) return *fault;
    json::array described;
    for (const auto& link : links) described.push_back(describe(*link));
    return json::serialize(json::object{{"ok", true}, {"links", std::move(described)}});
}

std::optional<std::uint16_t> port(const json::object& command, std::string_view name) {
    const json::value* value = command.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 1 || value->get_int64() > 65'535)
        return std::nullopt;
    return static_cast<std::uint16_t>(value->get_int64());
}

std::variant<std::string, Fault> add(const json::object& command, Links& links,
                                     const boost::asio::any_io_executor& strand) {
    if (auto fault = check_members(command, {"do", "from", "to", "listen_port", "target_port"}))
        return *fault;
    const json::value* from = command.if_contains("from");
    const json::value* to = command.if_contains("to");
    const auto listen_port = port(command, "listen_port");
    const auto target_port = port(command, "target_port");
    if (from == nullptr || to == nullptr || !from->is_string() || !to->is_string() || !listen_port ||
        !target_port)
        return Fault{R"("from" and "to" must name a node, "listen_port" and "target_port" be ports)"};
    ProxyLink wanted{std::string(from->get_string()), std::string(to->get_string()), *listen_port,
                     "127.0.0.1", *target_port};
    for (const auto& link : links) {
        if (link->from() != wanted.from || link->to() != wanted.to) continue;
        if (link->link().listen_port == wanted.listen_port && link->link().target_port == wanted.target_port)
            return done({});
        return Fault{"there is a link from " + printable(wanted.from) + " to " + printable(wanted.to) +
                     " already, with other ports"};
    }
    auto link = std::make_shared<ProxiedLink>(strand, std::move(wanted));
    if (auto failure = link->listen_on_port()) return Fault{*failure};
    link->start();
    links.push_back(link);
    return done({link});
}

std::variant<std::string, Fault> remove(const json::object& command, Links& links) {
    if (auto fault = check_members(command, {"do", "from", "to"})) return *fault;
    auto named = named_links(command, links, false);
    if (auto* fault = std::get_if<Fault>(&named)) return *fault;
    for (const auto& link : std::get<Links>(named)) {
        link->stop();
        std::erase(links, link);
    }
    return done(std::get<Links>(named));
}

std::variant<std::string, Fault> carry_out(const json::object& command, Links& links,
                                           const boost::asio::any_io_executor& strand) {
    const json::value* verb = command.if_contains("do");
    if (verb != nullptr && verb->is_string()) {
        const std::string_view name = verb->get_string();
        if (name == "cut") return cut(command, links);
        if (name == "slow") return slow(command, links);
        if (name == "heal") return heal(command, links);
        if (name == "list") return list(command, links);
        if (name == "add") return add(command, links, strand);
        if (name == "remove") return remove(command, links);
    }
    return Fault{R"("do" must be "cut", "slow", "heal", "list", "add" or "remove")"};
}

}  // namespace

std::string control_error(std::string_view detail) {
    return json::serialize(json::object{{"ok", false}, {"detail", detail}});
}

ControlAnswer control(std::string_view line, std::vector<std::shared_ptr<ProxiedLink>>& links,
                      const boost::asio::any_io_executor& strand) {
    boost::system::error_code error;
    const json::value command = json::parse({line.data(), line.size()}, error);
    if (error || !command.is_object())
        return {control_error("a command is one JSON object on a line, such as {\"do\":\"list\"}"), false};
    const auto outcome = carry_out(command.get_object(), links, strand);
    if (const auto* fault = std::get_if<Fault>(&outcome)) return {control_error(fault->detail), true};
    return {std::get<std::string>(outcome), true};
}

}  // namespace socai::network
