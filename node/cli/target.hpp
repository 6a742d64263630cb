// The options that every client verb shares: which nodes to ask, how fresh the answer must be, how to print.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/cli/trust_options.hpp"
#include "node/client/connection.hpp"
#include "node/error.hpp"

namespace socai::node::cli {

struct Target {
    std::vector<std::string> to;       // --to
    std::string dir;                   // --dir
    std::int64_t timeout_ms = 10'000;  // --timeout
    bool json = false;                 // --json
    TrustOptions trust;                // --ca, --pin

    // `json_help` says what --json prints; `nodes` is the option that names nodes, where --to means something else.
    void add_to(CLI::App& verb, const std::string& json_help, const std::string& nodes = "--to");
    // Over TLS they believe --ca or --pin, else the authorities of the cluster --dir. Errors: bad_url, no_target, those of
    // read_cluster and of client::Trust.
    Result<std::vector<client::Endpoint>> endpoints() const;
    // A node gets timeout_ms for its answer; the client waits a little longer, so that the node's own answer
    // (`unavailable`, with its reason) arrives.
    client::Timeouts timeouts() const;
};

// --read and --min-size: how fresh an answer must be (design/interfaces.md).
struct Freshness {
    std::string read = "local";
    std::optional<std::uint64_t> min_size;

    void add_to(CLI::App& verb);
    // Adds read, min_size and timeout_ms where they differ from the node's defaults.
    void add_to(boost::json::object& params, const Target& target) const;
};

}  // namespace socai::node::cli
