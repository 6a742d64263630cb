#include "node/client/key_ring.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

namespace socai::node::client {
namespace {

namespace json = boost::json;

bool is_trader(const json::object& entry) {
    const auto* roles = entry.if_contains("roles");
    if (roles == nullptr || !roles->is_array()) return false;
    const auto& list = roles->get_array();
    return std::any_of(list.begin(), list.end(), [](const json::value& role) {
        return role.is_string() && role.get_string() == "trader";
    });
}

}  // namespace

std::string_view agency_of(std::string_view kid) {
    return kid.substr(0, kid.find('/'));
}

void KeyRing::add(ledger::Jwk jwk) {
    std::string agency(agency_of(jwk.kid));
    keys_.emplace(std::move(agency), std::move(jwk));
}

void KeyRing::learn_delegations(const ledger::Registry& registry) {
    knows_delegations_ = true;
    for (const auto& [source, described] : registry.agencies())
        for (const auto& [agency, jwk] : keys_)
            if (agency != source && registry.may_speak_for(agency, source))
                delegates_.emplace(source, agency);
}

Result<void> KeyRing::learn_delegations(std::string_view registry_json, const std::string& name) {
    const auto bad = [&name](const char* fault) {
        return Error{Exit::usage, "bad_registry_file", name + ": " + fault};
    };
    json::error_code error;
    const json::value parsed = json::parse(registry_json, error);
    if (error || !parsed.is_array()) return bad("not a JSON array of agencies");
    for (const json::value& value : parsed.get_array()) {
        if (!value.is_object()) return bad("holds something that is not an object");
        const json::object& entry = value.get_object();
        const auto* code = entry.if_contains("code");
        const auto* parent = entry.if_contains("parent");
        if (code == nullptr || !code->is_string()) return bad("an agency lacks its 'code'");
        if (parent != nullptr && parent->is_string() && is_trader(entry))
            delegates_.emplace(code->get_string(), parent->get_string());
    }
    knows_delegations_ = true;
    return {};
}

const ledger::Jwk* KeyRing::for_source(std::string_view source) const {
    if (const auto own = keys_.find(source); own != keys_.end()) return &own->second;
    if (const auto delegate = delegates_.find(source); delegate != delegates_.end())
        if (const auto key = keys_.find(delegate->second); key != keys_.end()) return &key->second;
    if (keys_.size() == 1 && !knows_delegations_) return &keys_.begin()->second;
    return nullptr;
}

}  // namespace socai::node::client
