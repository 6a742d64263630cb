// Signing in to a node: a fresh access token for every connection, made from a registered key (ledger/access_token.hpp).
#pragma once

#include <optional>
#include <string>

#include "ledger/jwk.hpp"

namespace socai::node::client {

// A value; safe from any thread.
struct SignIn {
    ledger::Jwk key;
    std::string origin{};                    // the ledger's; empty: what the node says of itself
    std::optional<std::string> on_behalf{};  // the source that the key's agency speaks for
};

// For `origin`, from now on for five minutes, with an id of its own.
std::string make_token(const SignIn& sign_in, const std::string& origin);

}  // namespace socai::node::client
