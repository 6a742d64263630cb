#include "node/tls/keeper.hpp"

#include <spdlog/spdlog.h>

#include <boost/json/array.hpp>
#include <utility>

#include "ledger/time.hpp"

namespace socai::node::tls {

namespace {

constexpr std::int64_t day_s = 86'400;

// Under what clients and peers reach this node, as far as it knows itself.
std::vector<std::string> hosts_of(const Config& config) {
    std::vector<std::string> hosts = config.tls.names;
    for (const std::string& host : {config.api_host, config.peer_host})
        if (host != "0.0.0.0" && host != "::") hosts.push_back(host);
    hosts.emplace_back("localhost");
    hosts.emplace_back("127.0.0.1");
    hosts.emplace_back("::1");
    return hosts;
}

std::string day_of(std::int64_t not_after_s) {
    return ledger::format_rfc3339(not_after_s * 1'000);
}

std::int64_t days_left(std::int64_t not_after_s, std::int64_t now_ms) {
    const std::int64_t left = not_after_s - now_ms / 1'000;
    return left >= 0 ? left / day_s : -((day_s - 1 - left) / day_s);
}

}  // namespace

Keeper::Keeper(const Config& config, const std::string& origin, ledger::KeyPair tls_key, std::int64_t now_ms)
    : api_on_(config.tls.api),
      peer_on_(config.tls.peer),
      own_(std::move(tls_key),
           {config.node, origin, hosts_of(config), config.tls.certificate_days, config.certificate_age_days},
           now_ms) {}

Result<std::unique_ptr<Keeper>> Keeper::open(const Config& config, const std::string& origin,
                                             ledger::KeyPair tls_key, std::int64_t now_ms) {
    std::unique_ptr<Keeper> keeper(new Keeper(config, origin, std::move(tls_key), now_ms));
    if (config.tls.api && !config.tls.api_certificate.empty()) {
        keeper->operators_ =
            std::make_unique<OperatorCertificate>(config.tls.api_certificate, config.tls.api_key);
        if (const auto loaded = keeper->operators_->load(); !loaded) return loaded.error();
    }
    if (config.tls.api || config.tls.peer)
        spdlog::info("TLS certificate of this node until {}", day_of(keeper->own_.not_after_s()));
    return keeper;
}

void Keeper::look(std::int64_t now_ms) {
    if (own_.look(now_ms))
        spdlog::info("TLS certificate of this node renewed, until {}", day_of(own_.not_after_s()));
    if (operators_) {
        const auto look = operators_->look();
        if (look == OperatorCertificate::Look::taken)
            spdlog::info("The API's TLS certificate was read again, until {}",
                         day_of(operators_->not_after_s()));
        if (look == OperatorCertificate::Look::refused)
            spdlog::warn("{}; the certificate before it is still shown", operators_->refusal().detail);
    }
    std::string warnings;
    for (const Port& port : ports(now_ms))
        if (port.on && !port.warning.empty() && warnings.find(port.warning) == std::string::npos)
            warnings += (warnings.empty() ? "" : " ") + port.warning;
    if (warnings != warned_ && !warnings.empty()) spdlog::warn("{}", warnings);
    warned_ = std::move(warnings);
}

std::function<Context()> Keeper::api() const {
    if (!api_on_) return {};
    return [this] { return operators_ ? operators_->context() : own_.api(); };
}

std::function<Context(network::Side)> Keeper::peer() const {
    if (!peer_on_) return {};
    return [this](network::Side) { return own_.peer(); };
}

void Keeper::seen(consensus::NodeId peer, const std::string& name, const network::PeerCertificate& shown,
                  std::int64_t now_ms) {
    if (const std::string news = peers_.seen(peer, name, shown, now_ms); !news.empty())
        spdlog::warn("{} It says until {}.", news, day_of(shown.not_after_s));
}

std::vector<Keeper::Port> Keeper::ports(std::int64_t now_ms) const {
    const auto own = [&](const char* port, bool on) {
        Port made{port, on, own_.not_after_s(), {}};
        if (own_.is_overdue(now_ms))
            made.warning = "This node's own TLS certificate should have been renewed before " +
                           day_of(made.not_after_s) + ": look at its clock, or start it again.";
        return made;
    };
    std::vector<Port> ports{own("api", api_on_), own("peer", peer_on_)};
    if (operators_) {
        Port& api = ports.front();
        api.not_after_s = operators_->not_after_s();
        const std::int64_t left = days_left(api.not_after_s, now_ms);
        api.warning = left < 0
                          ? "The API's TLS certificate has expired, " + day_of(api.not_after_s) +
                                ": clients refuse it. Put a new one in its place; it is read again by itself."
                      : left < warned_days ? "The API's TLS certificate ends " + day_of(api.not_after_s) +
                                                 ": put a new one in its place; it is read again by itself."
                                           : std::string();
    }
    return ports;
}

boost::json::object Keeper::json(std::int64_t now_ms,
                                 const std::function<std::string(consensus::NodeId)>& name) const {
    boost::json::object object;
    for (const Port& port : ports(now_ms)) {
        boost::json::object shown{{"on", port.on}};
        if (port.on) {
            shown["not_after"] = day_of(port.not_after_s);
            shown["days_left"] = days_left(port.not_after_s, now_ms);
            if (!port.warning.empty()) shown["warning"] = port.warning;
        }
        object[port.port] = std::move(shown);
    }
    boost::json::array peers;
    for (const PeerWatch::Shown& peer : peers_.all())
        peers.emplace_back(boost::json::object{{"node", name(peer.peer)},
                                               {"not_after", day_of(peer.not_after_s)},
                                               {"days_left", days_left(peer.not_after_s, now_ms)},
                                               {"state", PeerWatch::word(peer.state)}});
    object["peers"] = std::move(peers);
    return object;
}

}  // namespace socai::node::tls
