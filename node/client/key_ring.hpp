// The private keys at hand, and which of them signs for a source: the agency's own, or that of the agency it
// has delegated to (a trader's National Single Window operator).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ledger/jwk.hpp"
#include "ledger/registry.hpp"

namespace socai::node::client {

// "moit.attp" of "moit.attp/2026"; the whole text when it has no slash.
std::string_view agency_of(std::string_view kid);

class KeyRing {
  public:
    // A second key of the same agency is not used.
    void add(ledger::Jwk jwk);
    // Learns who may speak for whom.
    void learn_delegations(const ledger::Registry& registry);

    bool empty() const { return keys_.empty(); }
    const std::map<std::string, ledger::Jwk, std::less<>>& keys() const { return keys_; }  // by agency

    // The key that signs for `source`; null when there is none. A ring of a single key offers that key for every
    // source: whoever names one key means it, and the ledger decides.
    const ledger::Jwk* for_source(std::string_view source) const;

  private:
    std::map<std::string, ledger::Jwk, std::less<>> keys_;       // by agency
    std::map<std::string, std::string, std::less<>> delegates_;  // source -> agency
};

}  // namespace socai::node::client
