#include "ledger/registry.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/jwk.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

// A registry comes from the genesis leaf or from an operator's file; both name the faulty entry.
Error faulty(std::string reason, const std::string& what, std::string_view name, const std::string& detail) {
    return invalid(std::move(reason), what + " " + quote(name) + ": " + detail);
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

// Every word once, each spelt as a word.
bool are_words(const std::vector<std::string>& words) {
    for (auto word = words.begin(); word != words.end(); ++word) {
        if (!is_word(*word) || std::find(words.begin(), word, *word) != word) return false;
    }
    return true;
}

constexpr std::array<std::string_view, 4> purposes{"record", "registrar", "root", "auditor"};

Result<void> check_agency(const Agency& agency) {
    if (!are_words(agency.roles)) {
        return faulty("malformed_agency", "agency", agency.code,
                      "roles are lower-case words such as \"inspection_agency\", each once");
    }
    if (agency.name_vi.size() > max_business_number_bytes ||
        agency.name_en.size() > max_business_number_bytes) {
        return faulty("malformed_agency", "agency", agency.code, "a name has at most 256 bytes");
    }
    return {};
}

Result<void> check_rights(std::string_view kid, const std::vector<std::string>& rights) {
    if (are_words(rights)) return {};
    return faulty("malformed_key", "key", kid,
                  "rights are lower-case words such as \"historical_import\", each once");
}

}  // namespace

std::string_view word_of(KeyPurpose purpose) {
    return purposes[static_cast<std::size_t>(purpose)];
}

std::optional<KeyPurpose> key_purpose(std::string_view word) {
    const auto found = std::ranges::find(purposes, word);
    if (found == purposes.end()) return std::nullopt;
    return static_cast<KeyPurpose>(found - purposes.begin());
}

bool Agency::has_role(std::string_view role) const {
    return contains(roles, role);
}

bool RegisteredKey::has_right(std::string_view right) const {
    return contains(rights, right);
}

bool RegisteredKey::valid_at(std::uint64_t index) const {
    return valid_from <= index && (!valid_to || index < *valid_to);
}

Result<void> Registry::add_agency(Agency agency) {
    if (!is_agency_code(agency.code)) {
        return faulty("malformed_agency", "agency", agency.code,
                      "a code is parts of a-z 0-9 - joined by dots, at most 64 characters");
    }
    if (agencies_.contains(agency.code)) {
        return faulty("repeated_agency", "agency", agency.code, "this code is registered already");
    }
    if (agency.parent && !agencies_.contains(*agency.parent)) {
        return faulty("unknown_agency", "agency", agency.code,
                      "its parent " + quote(*agency.parent) + " is not registered before it");
    }
    if (auto checked = check_agency(agency); !checked) return checked;
    std::string code = agency.code;
    agencies_.emplace(std::move(code), std::move(agency));
    return {};
}

Result<void> Registry::add_key(RegisteredKey key) {
    const std::size_t slash = key.kid.find('/');
    if (slash == std::string::npos || key.kid.substr(0, slash) != key.agency ||
        !is_kid_name(std::string_view(key.kid).substr(slash + 1))) {
        return faulty("malformed_key", "key", key.kid,
                      "a kid is <agency>/<key name>, the name 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    if (!agencies_.contains(key.agency)) {
        return faulty("unknown_agency", "key", key.kid, "its agency is not registered");
    }
    if (keys_.contains(key.kid)) {
        return faulty("repeated_key", "key", key.kid, "this kid is registered already");
    }
    if (key.algorithm != "Ed25519") {
        return faulty("unsupported_algorithm", "key", key.kid, "only Ed25519 keys can be registered");
    }
    if (!is_registrable(key.key)) {
        return faulty("malformed_key", "key", key.kid,
                      "this is not a canonical Ed25519 point of the prime-order group");
    }
    if (key.valid_to && *key.valid_to <= key.valid_from) {
        return faulty("malformed_key", "key", key.kid, "valid_to must be after valid_from");
    }
    if (auto checked = check_rights(key.kid, key.rights); !checked) return checked;
    std::string kid = key.kid;
    keys_.emplace(std::move(kid), std::move(key));
    return {};
}

Result<void> Registry::add_delegation(std::string delegate, std::string source) {
    if (!agencies_.contains(delegate)) {
        return faulty("unknown_agency", "delegation to", delegate, "this agency is not registered");
    }
    if (!agencies_.contains(source)) {
        return faulty("unknown_agency", "delegation of", source, "this agency is not registered");
    }
    if (may_speak_for(delegate, source)) {
        return faulty("repeated_delegation", "delegation of", source,
                      quote(delegate) + " may speak for it already");
    }
    std::vector<std::string>& sources = delegations_[std::move(delegate)];
    sources.insert(std::ranges::upper_bound(sources, source), source);
    return {};
}

Result<void> Registry::change_agency(Agency agency) {
    const auto known = agencies_.find(agency.code);
    if (known == agencies_.end())
        return faulty("unknown_agency", "agency", agency.code, "this code is not registered");
    if (auto checked = check_agency(agency); !checked) return checked;
    if (agency.parent) {
        if (!agencies_.contains(*agency.parent))
            return faulty("unknown_agency", "agency", agency.code,
                          "its parent " + quote(*agency.parent) + " is not registered");
        if (is_under(*agency.parent, agency.code))
            return faulty("circular_agency", "agency", agency.code,
                          "its parent " + quote(*agency.parent) + " stands below it");
    }
    known->second = std::move(agency);
    return {};
}

Result<void> Registry::end_key(std::string_view kid, std::uint64_t index) {
    const auto known = keys_.find(kid);
    if (known == keys_.end()) return faulty("unknown_key", "key", kid, "this kid is not registered");
    RegisteredKey& key = known->second;
    if (key.valid_to && *key.valid_to <= index)
        return faulty("key_ended", "key", kid,
                      "it ends before leaf " + std::to_string(*key.valid_to) + " already");
    key.valid_to = index;
    key.valid_from = std::min(key.valid_from, index);  // ended before it began: valid for no leaf
    return {};
}

Result<void> Registry::give_rights(std::string_view kid, std::vector<std::string> rights) {
    const auto known = keys_.find(kid);
    if (known == keys_.end()) return faulty("unknown_key", "key", kid, "this kid is not registered");
    if (auto checked = check_rights(kid, rights); !checked) return checked;
    known->second.rights = std::move(rights);
    return {};
}

Result<void> Registry::end_delegation(std::string_view delegate, std::string_view source) {
    const auto known = delegations_.find(delegate);
    const auto place = known == delegations_.end() ? decltype(known->second.begin()){}
                                                   : std::ranges::find(known->second, source);
    if (known == delegations_.end() || place == known->second.end())
        return faulty("unknown_delegation", "delegation of", source,
                      quote(delegate) + " holds no delegation of it");
    known->second.erase(place);
    if (known->second.empty()) delegations_.erase(known);
    return {};
}

Result<void> Registry::hold(std::string_view agency, bool held) {
    if (!agencies_.contains(agency))
        return faulty("unknown_agency", "agency", agency, "this code is not registered");
    if (held)
        held_.emplace(agency);
    else if (const auto known = held_.find(agency); known != held_.end())
        held_.erase(known);
    return {};
}

bool Registry::is_held(std::string_view code) const {
    if (held_.empty()) return false;
    return std::ranges::any_of(line_of(code), [&](const std::string& each) { return held_.contains(each); });
}

bool Registry::is_under(std::string_view code, std::string_view above) const {
    return contains(line_of(code), above);
}

std::vector<std::string> Registry::members() const {
    std::vector<std::string> codes;
    for (const auto& [code, agency] : agencies_)
        if (agency.has_role(member_role)) codes.push_back(code);
    return codes;
}

const Agency* Registry::agency(std::string_view code) const {
    const auto found = agencies_.find(code);
    return found == agencies_.end() ? nullptr : &found->second;
}

std::vector<std::string> Registry::line_of(std::string_view code) const {
    std::vector<std::string> line{std::string(code)};
    for (const Agency* each = agency(code); each != nullptr && each->parent; each = agency(*each->parent))
        line.push_back(*each->parent);
    return line;
}

const RegisteredKey* Registry::key(std::string_view kid) const {
    const auto found = keys_.find(kid);
    return found == keys_.end() ? nullptr : &found->second;
}

bool Registry::may_speak_for(std::string_view agency, std::string_view source) const {
    if (agency == source) return agencies_.contains(source);
    const auto found = delegations_.find(agency);
    return found != delegations_.end() && std::ranges::binary_search(found->second, source, std::less<>());
}

}  // namespace socai::ledger
