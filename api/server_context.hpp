// What the connections of one server share. Lives until the last of them is gone.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/access/sign_in.hpp"
#include "api/applied_feed.hpp"
#include "api/connections.hpp"
#include "api/dispatch.hpp"
#include "api/limits/budgets.hpp"
#include "api/limits/read_pool.hpp"
#include "api/method.hpp"
#include "api/server.hpp"
#include "api/server_metrics.hpp"

namespace socai::api {

struct ServerContext {
    ServerContext(ServerOptions given, Backend& node);
    ~ServerContext();
    ServerContext(const ServerContext&) = delete;
    ServerContext& operator=(const ServerContext&) = delete;

    const ServerOptions options;
    Backend& backend;
    const MethodTable methods;
    const std::string openrpc;  // the document of /openrpc.json
    ServerMetrics metrics;
    Budgets budgets;
    ReadPool reads;
    Dispatcher dispatcher;
    AppliedFeed feed;
    const std::shared_ptr<SignIns> sign_ins;
    Connections connections;
};

}  // namespace socai::api
