// --ca and --pin: whom a verb believes over TLS.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "node/client/trust.hpp"

namespace socai::node::cli {

struct TrustOptions {
    std::string ca;                 // --ca
    std::vector<std::string> pins;  // --pin

    void add_to(CLI::App& verb);
    bool given() const { return !ca.empty() || !pins.empty(); }
    // Null when neither is given: a wss URL then means the system's authorities. `usual`: the file of authorities that counts
    // when neither is given; may be empty. Errors: those of client::Trust::make.
    Result<std::shared_ptr<const client::Trust>> make(const std::string& usual = {}) const;
};

}  // namespace socai::node::cli
