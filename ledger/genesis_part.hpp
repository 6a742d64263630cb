// What one member brings to the founding of a ledger, signed by its root key: itself and the agencies below it, their
// keys and delegations, its nodes. Each member makes its part on its own machine; whoever puts the genesis together cannot
// change a word of it, because the part can be rebuilt from the genesis byte by byte and the genesis holds its signature
// (Consent). Pure; safe from any thread.
//
// A part is a statement (compact JWS, statement.hpp) whose aud is the origin and whose kid is a root key that it
// registers itself, over one record: type vn.socai.genesis_part.v1, source the member, subject the origin, id
// "genesis-part", and `data` of exactly these members, in this order:
//   agencies     as in the genesis (genesis.hpp): the member first, without parent, then those below it
//   keys         of those agencies
//   delegations  among those agencies
//   nodes        the member's; raft_id counts 1, 2, 3 within the part, the genesis numbers them anew. May be []
//   addresses    {<node>: "host:port"}, where the member proposes that its nodes are reached; may leave nodes out
//   refs         []
// One part has one text: agencies parents first, then by code, keys and delegations sorted, nodes in the member's order.
// Another spelling of the same is refused, for it could not be rebuilt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/genesis.hpp"
#include "ledger/jwk.hpp"
#include "ledger/registry.hpp"

namespace socai::ledger {

inline constexpr std::string_view genesis_part_type = "vn.socai.genesis_part.v1";
inline constexpr std::size_t max_peer_address_bytes =
    261;  // a DNS name of 253 bytes, brackets or ":", a port

struct GenesisPart {
    std::string origin;
    Registry registry;               // the member and those below it
    std::vector<GenesisNode> nodes;  // raft ids 1, 2, 3
    // Who signed, and what goes into the genesis beside the above: the part's agency is consent.agency. The signature
    // counts only in a part that came out of parse_part.
    Consent consent;
};

// The part as its text, signed by `root`; its kid and consent.kid must agree. `part.consent.signature` is not looked at. The
// result is to be checked with parse_part.
std::string sign_part(const GenesisPart& part, const KeyPair& root);
// Checks form, the one spelling, everything that check_founders asks, that all of it is the member's, and the signature by a
// root key of the member. Errors, Fault::invalid_statement: parse_statement's, the registry's, malformed_part (also another
// spelling), wrong_audience, unknown_kid, bad_signature. The sentence names the agency.
Result<GenesisPart> parse_part(std::string_view text);

// What `genesis` says of the member of this consent. Rebuilt for one that signed it, sign_part gives the very text of its part.
GenesisPart part_of(const Genesis& genesis, const Consent& consent);
// The text of that member's part, with the genesis' own signature: what `socai genesis verify --part` compares.
std::string part_text(const GenesisPart& part);

// Has every member, and nobody else, agreed to what the genesis says of it? All that is wrong, by agency: missing_consent,
// broken_consent; malformed_genesis for a consent that should not be there. Precondition: check_founders holds.
std::vector<Error> consent_faults(const Genesis& genesis);

// "host:port": a host of printable ASCII without blanks (an IPv6 address in brackets), a port from 1 to 65535.
bool is_peer_address(std::string_view text);

}  // namespace socai::ledger
