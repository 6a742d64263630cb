// node.status, cluster.members: the node and its cluster as they see themselves.
#include "api/methods.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

Answer status(const Backend& backend, const Arguments&, json::storage_ptr storage) {
    return json::object(backend.status(), std::move(storage));
}

Answer members(const Backend& backend, const Arguments&, json::storage_ptr storage) {
    return json::object(backend.members(), std::move(storage));
}

}  // namespace

std::vector<Method> node_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::unavailable};
    return {
        {"node.status", "Role, term, sizes in leaves, lag, health and version of this node",
         with_read_parameters({}, limits), "Status", errors, &status},
        {"cluster.members", "The membership with its keys", with_read_parameters({}, limits), "Members",
         errors, &members},
    };
}

}  // namespace socai::api
