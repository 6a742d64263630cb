#include "node/run.hpp"

#include <malloc.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "api/server.hpp"
#include "node/node.hpp"
#include "node/version.hpp"

namespace socai::node {

Result<void> run_node(const Config& config) {
    // Private keys were text once, on their way from their files, and OpenSSL holds those of TLS: nobody but root looks into this
    // process.
    ::prctl(PR_SET_DUMPABLE, 0);
    // Without glibc's fast bins a large free has nothing to sweep: under load the sweeps cost more than the bins save.
    mallopt(M_MXFAST, 0);
    spdlog::set_default_logger(spdlog::stderr_logger_mt("socai"));
    spdlog::set_level(spdlog::level::from_str(config.log_level));
    spdlog::flush_on(spdlog::level::info);
    spdlog::info("socai {} starts node {} from {}", version, config.node, config.path);

    boost::asio::io_context io(static_cast<int>(config.io_threads));
    std::mutex mutex;
    std::optional<Error> fault;  // guarded by mutex
    auto node = Node::open(config, [&](Error error) {
        const std::lock_guard lock(mutex);
        fault = std::move(error);
        io.stop();
    });
    if (!node) return node.error();

    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code error, int signal) {
        if (error) return;
        spdlog::info("signal {}: stopping", signal);
        (*node)->hand_over([&io] { io.stop(); });
    });

    if (auto started = (*node)->start(); !started) return started.error();
    api::ServerOptions options;
    options.host = config.api_host;
    options.port = config.api_port;
    options.open_bundles = config.open_bundles;
    options.open_metrics = config.open_metrics;
    options.version = version;
    options.origin = (*node)->origin();
    options.limits = config.limits;
    options.tls = (*node)->api_tls();
    api::Server server(io, options, **node);
    if (auto failed = server.start()) return Error{Exit::unreachable, "port_in_use", std::move(*failed)};
    spdlog::info("ready api={}://{}:{}/rpc peer={}:{}", config.tls.api ? "wss" : "ws", config.api_host,
                 server.port(), config.peer_host, (*node)->peer_port());

    std::vector<std::thread> threads;
    for (std::uint32_t i = 1; i < config.io_threads; ++i) threads.emplace_back([&io] { io.run(); });
    io.run();
    for (auto& thread : threads) thread.join();

    // Answers that are still owed are given while the sockets live: the node first, then a last round of the
    // API's own work.
    (*node)->stop();
    server.stop();
    io.restart();
    io.run_for(std::chrono::seconds(2));
    spdlog::info("node {} stopped", config.node);
    const std::lock_guard lock(mutex);
    if (fault) return *fault;
    return {};
}

}  // namespace socai::node
