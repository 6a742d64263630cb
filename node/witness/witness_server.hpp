// HTTP for a witness: POST /add-checkpoint, GET /<hex SHA-256 of an origin>/checkpoint, GET /healthz. Bodies, headers,
// connections and time are bounded; one request a connection is answered after the other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>

#include "node/error.hpp"
#include "node/witness/witness.hpp"

namespace socai::node {

struct WitnessListener {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: chosen by the system
};

// Listens, prints "ready http://host:port" into the log, and serves until SIGINT or SIGTERM. Error: port_in_use.
Result<void> serve_witness(Witness& witness, const WitnessListener& listener);

}  // namespace socai::node
