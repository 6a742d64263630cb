// The members' side of a genesis, for every test that makes one: root and registrar keys, and their consent.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "ledger/base64.hpp"
#include "ledger/genesis_part.hpp"
#include "ledger/hash.hpp"
#include "ledger/jwk.hpp"

namespace socai::ledger::samples {

// The root or registrar key that let_members_consent() registers: "customs/root", "customs/registrar". The same every time.
inline Jwk member_key(std::string_view agency, KeyPurpose purpose) {
    const std::string kid = std::string(agency) + "/" + std::string(word_of(purpose));
    return {kid, KeyPair::from_seed(sha256(kid))};
}

// Gives every member its root and its registrar key where it lacks them, and has each sign what the genesis says of it. To be
// called last, and again after every change that the members shall agree to. `time` and `addresses` go into each consent.
inline void let_members_consent(Genesis& genesis, const std::string& time = "2021-01-01T00:00:00Z",
                                const Consent::Addresses& addresses = {}) {
    genesis.consents.clear();
    for (const std::string& member : genesis.registry.members()) {
        for (const KeyPurpose purpose : {KeyPurpose::root, KeyPurpose::registrar}) {
            const Jwk jwk = member_key(member, purpose);
            if (genesis.registry.key(jwk.kid) != nullptr) continue;
            RegisteredKey key;
            key.kid = jwk.kid;
            key.agency = member;
            key.purpose = purpose;
            key.key = jwk.key.public_key();
            genesis.registry.add_key(key).value();
        }
    }
    for (const std::string& member : genesis.registry.members()) {
        const Jwk root = member_key(member, KeyPurpose::root);
        Consent consent{member, root.kid, time, addresses, {}};
        const std::string text = sign_part(part_of(genesis, consent), root.key);
        const std::string bytes = base64url_decode(text.substr(text.rfind('.') + 1)).value();
        std::copy(bytes.begin(), bytes.end(), consent.signature.begin());
        genesis.consents.push_back(std::move(consent));
    }
}

}  // namespace socai::ledger::samples
