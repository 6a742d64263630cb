#include "ledger/disclosure.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/sodium.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view commitments_member = "_sd";
constexpr std::size_t salt_bytes = 16;

Error malformed(std::string what) {
    return {Fault::invalid_statement, "malformed_disclosure", std::move(what)};
}

bool is_salt(const json::value& value) {
    if (!value.is_string()) return false;
    const std::string_view text = value.get_string();
    return text.size() >= min_salt_characters && text.size() <= max_salt_characters &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

}  // namespace

Result<Disclosure> parse_disclosure(std::string_view text) {
    if (text.size() > max_disclosure_bytes)
        return malformed("a disclosure has at most " + std::to_string(max_disclosure_bytes) + " bytes");
    const auto bytes = base64url_decode(text);
    if (!bytes)
        return malformed("a disclosure is base64url, without padding, of a JSON array [salt, name, value]");
    auto value = parse_ijson(*bytes);
    if (!value) return malformed("a disclosure's array is no JSON: " + value.error().detail);
    json::array* parts = value->if_array();
    if (parts == nullptr || parts->size() != 3)
        return malformed("a disclosure is an array of three: salt, name, value");
    if (!is_salt((*parts)[0]))
        return malformed("a disclosure's salt is base64url of at least 128 random bits: " +
                         std::to_string(min_salt_characters) + " to " + std::to_string(max_salt_characters) +
                         " characters");
    const json::string* name = (*parts)[1].if_string();
    if (name == nullptr || !is_word(*name))
        return malformed("a disclosure's name is that of a member of data, such as \"finding\"");
    return Disclosure{std::string(text), std::string(*name), std::move((*parts)[2]), sha256(text)};
}

Disclosure make_disclosure(std::string_view name, const json::value& value) {
    ensure_sodium();
    std::array<unsigned char, salt_bytes> salt{};
    randombytes_buf(salt.data(), salt.size());
    const json::array parts{base64url({reinterpret_cast<const char*>(salt.data()), salt.size()}),
                            std::string(name), value};
    const std::string text = base64url(json::serialize(parts));
    return {text, std::string(name), value, sha256(text)};
}

std::string commitment_text(const Hash& digest) {
    return base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::optional<Hash> parse_commitment(std::string_view text) {
    const auto bytes = base64url_decode(text);
    Hash digest{};
    if (!bytes || bytes->size() != digest.size()) return std::nullopt;
    std::ranges::transform(*bytes, digest.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    return digest;
}

Result<Record> opened(const Record& record, std::span<const Disclosure> disclosures) {
    Record whole = record;
    json::object& data = whole.json.at("data").as_object();
    data.erase(commitments_member);
    whole.commitments.clear();
    for (const Disclosure& disclosure : disclosures) {
        if (std::ranges::find(record.commitments, disclosure.digest) == record.commitments.end()) continue;
        if (!data.emplace(disclosure.name, disclosure.value).second)
            return malformed("the record has data." + disclosure.name +
                             " already: in clear, or by another disclosure");
    }
    return whole;
}

}  // namespace socai::ledger
