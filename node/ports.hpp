// TCP ports of this machine: whether one can be listened on now, and blocks of them for a local cluster.
#pragma once

#include <cstdint>
#include <string>

#include "node/error.hpp"

namespace socai::node {

// Ok when a server could listen on host:port at this moment (port 0 always can). Errors: port_in_use,
// bad_address; the sentence names `what` needs the port ("[api] of customs-1"), and `otherwise`, what to do
// when the program that has the port is to stay.
Result<void> check_port(const std::string& host, std::uint16_t port, const std::string& what,
                        const std::string& otherwise = "choose another port");

// The first port of `count` consecutive ports of 127.0.0.1 that are free now, below the range from which the
// system takes ports for outgoing connections, so that they stay free while the cluster is stopped. Error:
// no_free_ports.
Result<std::uint16_t> find_free_ports(std::size_t count);

}  // namespace socai::node
