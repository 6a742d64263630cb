#include "api/server_context.hpp"

#include "api/openrpc.hpp"

namespace socai::api {

ServerContext::ServerContext(ServerOptions given, Backend& node)
    : options(std::move(given)),
      backend(node),
      methods(options.limits),
      openrpc(openrpc_document(methods, options.version)),
      metrics(methods),
      dispatcher(backend, methods, metrics, options.limits),
      sign_ins(std::make_shared<SignIns>(node, options.origin, options.limits.max_tokens)) {}

}  // namespace socai::api
