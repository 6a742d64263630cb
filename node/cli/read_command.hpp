// What the reading verbs share.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "node/cli/command.hpp"
#include "node/client/rpc_client.hpp"

namespace socai::node::cli {

// One call; its answer is an object. Errors: client::to_error's, bad_answer.
Result<boost::json::object> ask(client::RpcClient& client, std::string_view method,
                                const boost::json::object& params);
// The objects in the array member `name`.
std::vector<boost::json::object> objects_in(const boost::json::object& answer, std::string_view name);

// The agencies of governance.registry, all pages of them. Errors: as ask().
Result<std::vector<boost::json::object>> ask_registry(client::RpcClient& client, boost::json::object params);

// Leaf, signed time, source, kind, id, subject of an item {index, n, record, …}.
std::vector<std::string> record_row(const boost::json::object& item);

void register_watch(CLI::App& app, Chosen& chosen);
void register_status(CLI::App& app, Chosen& chosen);
void register_inspection_reads(CLI::App& app,
                               Chosen& chosen);  // dossier, clearance, method, goods, results, …

}  // namespace socai::node::cli
