// Agencies, roles, parents, delegations and keys as the log defines them: from the genesis leaf for now. Pure
// value; safe to read from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

struct Agency {
    std::string code;
    std::optional<std::string> parent;
    std::vector<std::string> roles;
    std::string name_vi;
    std::string name_en;

    bool has_role(std::string_view role) const;
};

// A record key. Valid for leaves with valid_from <= index < valid_to.
struct RegisteredKey {
    std::string kid;  // <agency>/<key name>
    std::string agency;
    std::string algorithm = "Ed25519";
    PublicKey key{};
    std::uint64_t valid_from = 0;
    std::optional<std::uint64_t> valid_to;
    std::vector<std::string> rights;  // e.g. "historical_import"

    bool has_right(std::string_view right) const;
    bool valid_at(std::uint64_t index) const;
};

class Registry {
  public:
    // Errors name the offending entry: duplicate codes or kids, unknown parents, unregistrable keys.
    Result<void> add_agency(Agency agency);
    Result<void> add_key(RegisteredKey key);
    Result<void> add_delegation(std::string delegate, std::string source);

    const Agency* agency(std::string_view code) const;
    const RegisteredKey* key(std::string_view kid) const;
    // May `agency` speak for `source`: itself, or a source that delegated to it (a trader's parent).
    bool may_speak_for(std::string_view agency, std::string_view source) const;

    const std::map<std::string, Agency, std::less<>>& agencies() const { return agencies_; }
    const std::map<std::string, RegisteredKey, std::less<>>& keys() const { return keys_; }

  private:
    std::map<std::string, Agency, std::less<>> agencies_;
    std::map<std::string, RegisteredKey, std::less<>> keys_;
    std::map<std::string, std::vector<std::string>, std::less<>> delegations_;  // delegate -> sources
};

}  // namespace socai::ledger
