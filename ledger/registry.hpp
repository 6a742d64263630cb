// Agencies, roles, parents, delegations and keys as the log defines them: the genesis leaf founds them, the acts of
// governance/registry_acts.hpp and passed proposals change them. A value of one position in the log. Pure; safe to read from
// any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

// Whoever may be the source of records: a member, an office, a designated body, a trader.
inline constexpr std::string_view member_role = "member";
inline constexpr std::string_view trader_role = "trader";

struct Agency {
    std::string code;                   // [a-z0-9-]+(\.[a-z0-9-]+)*; outlives mergers and new names
    std::optional<std::string> parent;  // a registered agency
    std::vector<std::string> roles;     // "member", "customs_office", "trader", ...; each once
    std::string name_vi;                // at most 256 bytes
    std::string name_en;

    bool has_role(std::string_view role) const;
};

// What a key may sign (design/formats.md, "Keys"). The keys of nodes (log, cosigner, node, TLS) are not here: they belong to
// a node and stand in the list of nodes (node_list.hpp).
enum class KeyPurpose {
    record,  // records of inspection, and policies
    registrar,  // acts over keys, offices and delegations of its agency and those below it; proposals and ballots
    root,       // offline: the same, and the agency's root and registrar keys
    auditor,  // nothing in the ledger: signs in to read it
};
std::string_view word_of(KeyPurpose purpose);
std::optional<KeyPurpose> key_purpose(std::string_view word);

// A key of an agency. Valid for leaves with valid_from <= index < valid_to: what it signed there stays valid for ever, what
// it signs afterwards is refused. A kid is never given to another key.
struct RegisteredKey {
    std::string kid;  // <agency>/<key name>
    std::string agency;
    KeyPurpose purpose = KeyPurpose::record;
    std::string algorithm = "Ed25519";  // fixed here, never by a statement's header
    PublicKey key{};
    std::uint64_t valid_from = 0;
    std::optional<std::uint64_t> valid_to;
    std::vector<std::string> rights;  // e.g. "historical_import"; each once
    std::uint64_t registered_at = 0;  // the leaf whose record holds it: the genesis, an act, a proposal that passed

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

    // Another name, parent or set of roles for a registered code. Errors: add_agency's but repeated_agency, and
    // unknown_agency; circular_agency (its parent would stand below it).
    Result<void> change_agency(Agency agency);
    // The key counts for no leaf from `index` on. Errors: unknown_key; key_ended (it ends no later already).
    Result<void> end_key(std::string_view kid, std::uint64_t index);
    // Other rights for a registered key. Errors: unknown_key, malformed_key.
    Result<void> give_rights(std::string_view kid, std::vector<std::string> rights);
    // Errors: unknown_delegation.
    Result<void> end_delegation(std::string_view delegate, std::string_view source);
    // Suspends the agency and everybody below it from writing records, or lets them write again. Errors: unknown_agency.
    Result<void> hold(std::string_view agency, bool held);

    // Nothing when unknown. The pointers live as long as the registry stands unchanged.
    const Agency* agency(std::string_view code) const;
    const RegisteredKey* key(std::string_view kid) const;
    // The code, and those of its parents upwards; just the code of an agency that is not registered.
    std::vector<std::string> line_of(std::string_view code) const;
    // May `agency` speak for `source`: itself, or a source that delegated to it (a trader's parent).
    bool may_speak_for(std::string_view agency, std::string_view source) const;

    // Is `code`, or an agency above it, held?
    bool is_held(std::string_view code) const;
    // Does `code` stand below `above`, or is it that agency?
    bool is_under(std::string_view code, std::string_view above) const;
    // The agencies with the role "member", by code.
    std::vector<std::string> members() const;

    const Agencies& agencies() const { return agencies_; }
    const Keys& keys() const { return keys_; }
    const Delegations& delegations() const { return delegations_; }  // delegate -> its sources, sorted
    const std::set<std::string, std::less<>>& held() const { return held_; }

  private:
    Agencies agencies_;
    Keys keys_;
    Delegations delegations_;
    std::set<std::string, std::less<>> held_;
};

}  // namespace socai::ledger
