// What the reading verbs share.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "node/cli/command.hpp"

namespace socai::node::cli {

// Leaf, signed time, source, kind, id, subject of an item {index, n, record, …}.
std::vector<std::string> record_row(const boost::json::object& item);

void register_watch(CLI::App& app, Chosen& chosen);
void register_status(CLI::App& app, Chosen& chosen);

}  // namespace socai::node::cli
