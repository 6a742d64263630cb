#include "ledger/governance/registry_facts.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/json_members.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view agency_table = "!agency/";
constexpr std::string_view key_table = "!key/";
constexpr std::string_view delegation_table = "!delegation/";
constexpr std::string_view held_table = "!held/";
// In the order in which they build on each other.
constexpr std::array tables{agency_table, key_table, delegation_table, held_table};

std::string fact_key(std::string_view table, std::string_view name) {
    return std::string(table) + std::string(name);
}

std::string delegation_key(std::string_view delegate, std::string_view source) {
    return fact_key(delegation_table, delegate) + '\0' + std::string(source);
}

json::array texts(const std::vector<std::string>& words) {
    json::array list;
    for (const std::string& word : words) list.emplace_back(word);
    return list;
}

std::vector<std::string> words_in(const json::value& list) {
    std::vector<std::string> words;
    for (const json::value& word : list.as_array()) words.emplace_back(word.as_string());
    return words;
}

std::string value_of(const Agency& agency) {
    json::object value;
    value["parent"] = agency.parent ? json::value(*agency.parent) : json::value(nullptr);
    value["roles"] = texts(agency.roles);
    value["name_vi"] = agency.name_vi;
    value["name_en"] = agency.name_en;
    return json::serialize(value);
}

std::string value_of(const RegisteredKey& key) {
    json::object value;
    value["purpose"] = word_of(key.purpose);
    value["x"] = key_text(key.key);
    value["valid_from"] = key.valid_from;
    value["valid_to"] = key.valid_to ? json::value(*key.valid_to) : json::value(nullptr);
    value["rights"] = texts(key.rights);
    value["at"] = key.registered_at;
    return json::serialize(value);
}

Agency agency_in(std::string_view code, std::string_view text) {
    const json::value value = json::parse(json::string_view(text));
    Agency agency;
    agency.code = code;
    if (const json::value& parent = value.at("parent"); parent.is_string())
        agency.parent = std::string(parent.as_string());
    agency.roles = words_in(value.at("roles"));
    agency.name_vi = value.at("name_vi").as_string();
    agency.name_en = value.at("name_en").as_string();
    return agency;
}

RegisteredKey key_in(std::string_view kid, std::string_view text) {
    const json::value value = json::parse(json::string_view(text));
    RegisteredKey key;
    key.kid = kid;
    key.agency = kid.substr(0, kid.find('/'));
    key.purpose = key_purpose(std::string_view(value.at("purpose").as_string())).value();
    const auto bytes = base64url_decode(std::string_view(value.at("x").as_string()));
    assert(bytes && bytes->size() == key.key.size());
    std::ranges::copy(*bytes, key.key.begin());
    key.valid_from = value.at("valid_from").to_number<std::uint64_t>();
    if (const json::value& end = value.at("valid_to"); !end.is_null())
        key.valid_to = end.to_number<std::uint64_t>();
    key.rights = words_in(value.at("rights"));
    key.registered_at = value.at("at").to_number<std::uint64_t>();
    return key;
}

// False: it builds on what is not there yet.
bool apply_change(Registry& registry, std::string_view table, std::string_view name, std::string_view value) {
    const bool stands = value == "true";
    if (table == agency_table) {
        Agency agency = agency_in(name, value);
        return registry.agency(name) != nullptr ? bool(registry.change_agency(std::move(agency)))
                                                : bool(registry.add_agency(std::move(agency)));
    }
    if (table == key_table) {
        RegisteredKey key = key_in(name, value);
        const RegisteredKey* known = registry.key(name);
        if (known == nullptr) {
            // Ended before it began: registered all the same, so that its kid is taken.
            const auto end = std::exchange(key.valid_to, std::nullopt);
            return bool(registry.add_key(std::move(key))) && (!end || bool(registry.end_key(name, *end)));
        }
        if (key.valid_to != known->valid_to && !registry.end_key(name, *key.valid_to)) return false;
        return bool(registry.give_rights(name, std::move(key.rights)));
    }
    if (table == held_table) return bool(registry.hold(name, stands));
    const std::size_t end = name.find('\0');
    const std::string delegate(name.substr(0, end));
    const std::string source(name.substr(end + 1));
    if (registry.may_speak_for(delegate, source) == stands) return true;
    return stands ? bool(registry.add_delegation(delegate, source))
                  : bool(registry.end_delegation(delegate, source));
}

}  // namespace

Result<void> RegistryDraft::add_agency(Agency agency) {
    const std::string code = agency.code;
    if (auto done = registry_.add_agency(std::move(agency)); !done) return done;
    write_agency(code);
    return {};
}

Result<void> RegistryDraft::change_agency(Agency agency) {
    const std::string code = agency.code;
    if (auto done = registry_.change_agency(std::move(agency)); !done) return done;
    write_agency(code);
    return {};
}

Result<void> RegistryDraft::add_key(RegisteredKey key) {
    const std::string kid = key.kid;
    if (auto done = registry_.add_key(std::move(key)); !done) return done;
    write_key(kid);
    return {};
}

Result<void> RegistryDraft::end_key(std::string_view kid, std::uint64_t index) {
    if (auto done = registry_.end_key(kid, index); !done) return done;
    write_key(kid);
    return {};
}

Result<void> RegistryDraft::give_rights(std::string_view kid, std::vector<std::string> rights) {
    if (auto done = registry_.give_rights(kid, std::move(rights)); !done) return done;
    write_key(kid);
    return {};
}

Result<void> RegistryDraft::add_delegation(const std::string& delegate, const std::string& source) {
    if (auto done = registry_.add_delegation(delegate, source); !done) return done;
    facts_.put(delegation_key(delegate, source), "true");
    return {};
}

Result<void> RegistryDraft::end_delegation(std::string_view delegate, std::string_view source) {
    if (auto done = registry_.end_delegation(delegate, source); !done) return done;
    facts_.put(delegation_key(delegate, source), "false");
    return {};
}

Result<void> RegistryDraft::hold(std::string_view agency, bool held) {
    if (auto done = registry_.hold(agency, held); !done) return done;
    facts_.put(fact_key(held_table, agency), held ? "true" : "false");
    return {};
}

void RegistryDraft::write_agency(std::string_view code) {
    facts_.put(fact_key(agency_table, code), value_of(*registry_.agency(code)));
}

void RegistryDraft::write_key(std::string_view kid) {
    facts_.put(fact_key(key_table, kid), value_of(*registry_.key(kid)));
}

std::shared_ptr<const Registry> registry_after(const Registry& before,
                                               const std::vector<FactChange>& changes) {
    std::shared_ptr<Registry> after;
    for (const std::string_view table : tables) {
        std::vector<const FactChange*> rows;
        for (const FactChange& change : changes)
            if (change.key.starts_with(table)) rows.push_back(&change);
        if (rows.empty()) continue;
        if (!after) after = std::make_shared<Registry>(before);
        // A parent may come after its children in the order of the codes.
        while (!rows.empty()) {
            const std::size_t left = rows.size();
            std::erase_if(rows, [&](const FactChange* row) {
                assert(row->value);  // what was registered once is ended, never erased
                return apply_change(*after, table, std::string_view(row->key).substr(table.size()),
                                    *row->value);
            });
            assert(rows.size() < left);
            if (rows.size() == left) break;
        }
    }
    return after;
}

std::shared_ptr<const Registry> registry_in_facts(const Registry& founded, const Facts& facts) {
    std::vector<FactChange> changes;
    for (const std::string_view table : tables) {
        facts.scan(table, {}, [&](std::string_view key, std::string_view value) {
            changes.push_back({std::string(key), std::string(value)});
            return true;
        });
    }
    return changes.empty() ? nullptr : registry_after(founded, changes);
}

}  // namespace socai::ledger
