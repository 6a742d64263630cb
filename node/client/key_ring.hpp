// The private keys at hand, and which of them signs for a source: the agency's own, or that of the agency it
// has delegated to (a trader's National Single Window operator).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/jwk.hpp"
#include "ledger/registry.hpp"

namespace socai::node::client {

// "moit.attp" of "moit.attp/2026"; the whole text when it has no slash.
std::string_view agency_of(std::string_view kid);
// What a key that the ledger was not asked about is for, by its name: "root", "registrar" and "auditor", alone or with a
// number behind ("root-1"), are not for records. They are the names that `socai genesis join` and `cluster up` give.
bool is_named_for_records(std::string_view kid);

// Holds record keys only: root, registrar and auditor keys sign no records, and are left aside.
class KeyRing {
  public:
    // A second record key of the same agency is not used.
    void add(ledger::Jwk jwk);
    // Learns what each key is for, where the registry knows it, and who may speak for whom.
    void learn(const ledger::Registry& registry);

    // Holds no record key.
    bool empty() const { return keys_.empty(); }
    const std::map<std::string, ledger::Jwk, std::less<>>& keys() const { return keys_; }  // by agency

    // The key that signs for `source`; null when there is none. A ring of a single key offers that key for every
    // source: whoever names one key means it, and the ledger decides.
    const ledger::Jwk* for_source(std::string_view source) const;

  private:
    std::vector<ledger::Jwk> all_;                               // in the order of adding
    std::map<std::string, ledger::Jwk, std::less<>> keys_;       // by agency
    std::map<std::string, std::string, std::less<>> delegates_;  // source -> agency
};

}  // namespace socai::node::client
