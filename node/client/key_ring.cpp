#include "node/client/key_ring.hpp"

namespace socai::node::client {

std::string_view agency_of(std::string_view kid) {
    return kid.substr(0, kid.find('/'));
}

void KeyRing::add(ledger::Jwk jwk) {
    std::string agency(agency_of(jwk.kid));
    keys_.emplace(std::move(agency), std::move(jwk));
}

void KeyRing::learn_delegations(const ledger::Registry& registry) {
    for (const auto& [source, described] : registry.agencies())
        for (const auto& [agency, jwk] : keys_)
            if (agency != source && registry.may_speak_for(agency, source))
                delegates_.emplace(source, agency);
}

const ledger::Jwk* KeyRing::for_source(std::string_view source) const {
    if (const auto own = keys_.find(source); own != keys_.end()) return &own->second;
    if (const auto delegate = delegates_.find(source); delegate != delegates_.end())
        if (const auto key = keys_.find(delegate->second); key != keys_.end()) return &key->second;
    if (keys_.size() == 1) return &keys_.begin()->second;
    return nullptr;
}

}  // namespace socai::node::client
