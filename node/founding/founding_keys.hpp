// The keys that a member makes for the founding of a ledger: how they are named, where they are kept, and that a key which
// is there is never replaced. Files are written with mode 0600, their folders with 0700. Safe from any thread as long as no two
// make keys in one folder.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/genesis.hpp"
#include "ledger/jwk.hpp"
#include "ledger/registry.hpp"
#include "node/error.hpp"

namespace socai::node::founding {

// The keys of a node: what each is called in file names and configurations, and where it stands in the genesis.
struct NodeKey {
    const char* name;
    ledger::PublicKey ledger::GenesisNode::*key;
};
inline constexpr std::array node_keys = {
    NodeKey{"log", &ledger::GenesisNode::log_key},
    NodeKey{"cosigner", &ledger::GenesisNode::cosigner_key},
    NodeKey{"node", &ledger::GenesisNode::node_key},
    NodeKey{"tls", &ledger::GenesisNode::tls_key},
};

// Where the files of one party are.
struct KeyPlaces {
    std::function<std::string(const std::string& agency, ledger::KeyPurpose purpose)> of_agency;
    std::function<std::string(const std::string& node, const std::string& name)> of_node;
};
// The folder of one member, as `socai genesis join --keys DIR` lays it out:
//   DIR/root.jwk, registrar.jwk, auditor.jwk    the member's; root.jwk is to be taken offline
//   DIR/record/<agency>.jwk                     one for each agency that signs for itself: a folder for `--keys`
//   DIR/nodes/<node>/{log,cosigner,node}.jwk
KeyPlaces places_in(const std::string& dir);

// "most/root-1": the first key of this purpose.
std::string first_kid(const std::string& agency, ledger::KeyPurpose purpose);
// "most/most-1-log".
std::string node_kid(const std::string& agency, const std::string& node, const std::string& name);

// The key file at `path`, made when it is not there; `expected` is what was agreed on before. Errors: key_lost (agreed on, and
// gone), key_mismatch, those of key files and folders.
Result<ledger::Jwk> ensure_key(const std::string& path, const std::string& kid,
                               const std::optional<ledger::PublicKey>& expected);
// All keys of one node, made where they are missing; `known` is what was agreed on, or null.
Result<ledger::GenesisNode> ensure_node_keys(const KeyPlaces& places, const std::string& agency,
                                             const std::string& node, const ledger::GenesisNode* known);

}  // namespace socai::node::founding
