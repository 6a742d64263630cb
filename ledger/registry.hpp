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

// Whoever may be the source of records: a member, an office, a designated body, a trader.
struct Agency {
    std::string code;                   // [a-z0-9-]+(\.[a-z0-9-]+)*; outlives mergers and new names
    std::optional<std::string> parent;  // a registered agency
    std::vector<std::string> roles;     // "member", "customs_office", "trader", ...; each once
    std::string name_vi;                // at most 256 bytes
    std::string name_en;

    bool has_role(std::string_view role) const;
};

// A record key. Valid for leaves with valid_from <= index < valid_to.
struct RegisteredKey {
    std::string kid;  // <agency>/<key name>
    std::string agency;
    std::string algorithm = "Ed25519";  // fixed here, never by a statement's header
    PublicKey key{};
    std::uint64_t valid_from = 0;
    std::optional<std::uint64_t> valid_to;
    std::vector<std::string> rights;  // e.g. "historical_import"; each once

    bool has_right(std::string_view right) const;
    bool valid_at(std::uint64_t index) const;
};

class Registry {
  public:
    using Agencies = std::map<std::string, Agency, std::less<>>;
    using Keys = std::map<std::string, RegisteredKey, std::less<>>;
    using Delegations = std::map<std::string, std::vector<std::string>, std::less<>>;

    // Errors name the offending entry: malformed_agency, repeated_agency, unknown_agency (the parent, which
    // must be registered before its children).
    Result<void> add_agency(Agency agency);
    // Errors: malformed_key (also one that is_registrable refuses), repeated_key, unknown_agency,
    // unsupported_algorithm.
    Result<void> add_key(RegisteredKey key);
    // `delegate` may sign records of `source`. Errors: unknown_agency, repeated_delegation.
    Result<void> add_delegation(std::string delegate, std::string source);

    // Nothing when unknown. The pointers live as long as the registry stands unchanged.
    const Agency* agency(std::string_view code) const;
    const RegisteredKey* key(std::string_view kid) const;
    // The code, and those of its parents upwards; just the code of an agency that is not registered.
    std::vector<std::string> line_of(std::string_view code) const;
    // May `agency` speak for `source`: itself, or a source that delegated to it (a trader's parent).
    bool may_speak_for(std::string_view agency, std::string_view source) const;

    const Agencies& agencies() const { return agencies_; }
    const Keys& keys() const { return keys_; }
    const Delegations& delegations() const { return delegations_; }  // delegate -> its sources, sorted

  private:
    Agencies agencies_;
    Keys keys_;
    Delegations delegations_;
};

}  // namespace socai::ledger
