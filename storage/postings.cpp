#include "storage/postings.hpp"

#include <sodium/crypto_generichash.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "ledger/statement.hpp"
#include "storage/codec.hpp"

namespace socai::storage {
namespace {

constexpr unsigned n_bits = 12;
static_assert(ledger::max_bundle_records <= 1U << n_bits);

constexpr std::size_t value_bytes = 16;

}  // namespace

std::uint64_t pack(const ledger::Address& address) {
    assert(address.n < 1U << n_bits);
    assert(address.index < std::uint64_t{1} << (64 - n_bits));
    return (address.index << n_bits) | address.n;
}

ledger::Address unpack(std::uint64_t packed) {
    return {packed >> n_bits, static_cast<std::uint32_t>(packed & ((1U << n_bits) - 1))};
}

std::string posting_prefix(Field field, std::string_view value) {
    std::array<unsigned char, value_bytes> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(value.data()),
                       value.size(), nullptr, 0);
    std::string prefix;
    prefix.reserve(posting_prefix_bytes + sizeof(std::uint64_t));
    put_u8(prefix, static_cast<std::uint8_t>(field));
    prefix.append(reinterpret_cast<const char*>(hash.data()), hash.size());
    return prefix;
}

std::string posting_prefix(Field field, std::uint64_t number) {
    std::string prefix;
    put_u8(prefix, static_cast<std::uint8_t>(field));
    put_u64(prefix, number);
    prefix.resize(posting_prefix_bytes, '\0');
    return prefix;
}

std::string posting_key(std::string_view prefix, std::uint64_t packed) {
    assert(prefix.size() == posting_prefix_bytes);
    std::string key(prefix);
    put_u64(key, packed);
    return key;
}

std::vector<std::string> posting_prefixes(const inspection::Fields& fields) {
    std::vector<std::string> prefixes;
    const auto add = [&](Field field, std::string_view value) {
        prefixes.push_back(posting_prefix(field, value));
    };
    add(Field::type, fields.type);
    add(Field::source, fields.source);
    if (!fields.subject.empty()) add(Field::subject, fields.subject);
    if (fields.dossier_no) add(Field::dossier, *fields.dossier_no);
    if (fields.declaration_no) add(Field::declaration, *fields.declaration_no);
    for (const std::string& tax_code : fields.tax_codes) add(Field::tax_code, tax_code);
    for (const std::string& goods_key : fields.goods_keys) add(Field::goods_key, goods_key);
    std::vector<std::string_view> hs_prefixes;
    for (const std::string_view code : fields.hs_codes) {
        for (std::size_t digits = 2; digits <= std::min<std::size_t>(code.size(), 8); digits += 2) {
            hs_prefixes.push_back(code.substr(0, digits));
        }
    }
    std::sort(hs_prefixes.begin(), hs_prefixes.end());
    hs_prefixes.erase(std::unique(hs_prefixes.begin(), hs_prefixes.end()), hs_prefixes.end());
    for (const std::string_view prefix : hs_prefixes) add(Field::hs_prefix, prefix);
    const auto time_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(fields.time_ms, 0));
    prefixes.push_back(posting_prefix(Field::day, time_ms / milliseconds_a_day));
    return prefixes;
}

}  // namespace socai::storage
