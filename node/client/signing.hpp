// Records to statements: each record alone, or consecutive ones of one kind and one source in bundles under
// one signature (design/formats.md, "Statement"). Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/client/key_ring.hpp"
#include "node/client/record_file.hpp"

namespace socai::node::client {

// Payload of a bundle beyond which a new one is begun: signed and in base64url it fits an entry of 65,535
// bytes whatever the header.
inline constexpr std::size_t max_bundle_payload_bytes = 48'000;

struct SigningOptions {
    std::string audience{};    // the ledger's origin
    std::size_t bundle = 1;  // most records in one statement
};

struct SignedStatement {
    std::string text;
    std::size_t line = 0;     // of its first record in the input
    std::size_t records = 1;  // how many it holds
};

struct Signing {
    std::vector<SignedStatement> statements;  // in the order of the records
    std::vector<InputFault> faults;           // no_key, entry_too_large: those records are in no statement
};

Signing sign_records(std::span<const InputRecord> records, const KeyRing& keys,
                     const SigningOptions& options);

}  // namespace socai::node::client
