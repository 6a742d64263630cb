#include "node/client/key_ring.hpp"

#include <algorithm>

namespace socai::node::client {

std::string_view agency_of(std::string_view kid) {
    return kid.substr(0, kid.find('/'));
}

bool is_named_for_records(std::string_view kid) {
    const std::size_t slash = kid.find('/');
    if (slash == std::string_view::npos) return true;
    const std::string_view name = kid.substr(slash + 1);
    const std::size_t dash = name.find('-');
    const std::string_view number =
        dash == std::string_view::npos ? std::string_view() : name.substr(dash + 1);
    const bool numbered = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    const auto purpose = ledger::key_purpose(name.substr(0, dash));
    return !numbered || !purpose || *purpose == ledger::KeyPurpose::record;
}

void KeyRing::add(ledger::Jwk jwk) {
    if (is_named_for_records(jwk.kid)) keys_.emplace(agency_of(jwk.kid), jwk);
    all_.push_back(std::move(jwk));
}

void KeyRing::learn(const ledger::Registry& registry) {
    keys_.clear();
    for (const ledger::Jwk& jwk : all_) {
        const ledger::RegisteredKey* known = registry.key(jwk.kid);
        const bool for_records =
            known != nullptr ? known->purpose == ledger::KeyPurpose::record : is_named_for_records(jwk.kid);
        if (for_records) keys_.emplace(agency_of(jwk.kid), jwk);
    }
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
