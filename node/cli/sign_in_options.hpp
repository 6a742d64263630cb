// The options by which a reading verb says who asks: --key or --as, --for, --aud. Without them it asks without account.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "node/client/sign_in.hpp"
#include "node/error.hpp"

namespace socai::node::cli {

struct SignInOptions {
    std::string key;        // a JWK file
    std::string as;         // the kid of a key of the cluster in --dir
    std::string on_behalf;  // --for
    std::string audience;   // --aud

    void add_to(CLI::App& verb);
    // Null: no account was asked for. `dir`: --dir, may be empty. Errors: no_keys, those of read_key_file
    // and read_cluster.
    Result<std::shared_ptr<const client::SignIn>> read(const std::string& dir) const;
};

}  // namespace socai::node::cli
