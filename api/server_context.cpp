#include "api/server_context.hpp"

#include <chrono>

#include "api/openrpc.hpp"

namespace socai::api {
namespace {

std::int64_t steady_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

ServerContext::ServerContext(ServerOptions given, Backend& node)
    : options(std::move(given)),
      backend(node),
      methods(options.limits),
      openrpc(openrpc_document(methods, options.version)),
      metrics(methods),
      budgets(options.limits, &steady_ms),
      reads(options.limits.read_threads, options.limits.max_waiting_reads,
            options.limits.max_waiting_reads_per_asker),
      dispatcher(backend, methods, metrics, options.limits, budgets, reads),
      sign_ins(std::make_shared<SignIns>(node, options.origin, options.limits.max_tokens)) {}

// Reads under way use what is above: they end first.
ServerContext::~ServerContext() {
    reads.shut_down();
}

}  // namespace socai::api
