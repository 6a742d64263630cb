// How inspection's facts are written down (ledger/facts.hpp): keys that sort as they should, and values of plain structs.
// A struct that is to be a value lists its members once:
//
//     template <class Codec> void members(Codec& codec) { codec(name, since, passes); }
//
// Members may be integers, bool, enumerations, texts, Date, ledger::Address, ledger::Hash, further structs, and vectors, maps
// and optionals of these. Integers are varints (LEB128, signed ones zigzag), lengths likewise. A struct that changes its members
// needs a new storage::state_format_version: then every node derives its facts anew. Pure; safe from any thread.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "inspection/calendar.hpp"
#include "ledger/entry.hpp"
#include "ledger/facts.hpp"
#include "ledger/hash.hpp"

namespace socai::inspection {

// A key: its table's name, a slash, then parts. Texts end with a NUL, which none of them holds; numbers are big-endian, so
// that keys sort by their parts. Tables whose name begins with '!' are small and looked up by nearly every record (lists,
// alerts, rule sets): nodes keep them in memory.
class FactKey {
  public:
    explicit FactKey(std::string_view table) : bytes_(table) { bytes_.push_back('/'); }
    FactKey& text(std::string_view part) {
        bytes_ += part;
        bytes_.push_back('\0');
        return *this;
    }
    // Without the NUL: the beginning of a text, for scans.
    FactKey& beginning(std::string_view part) {
        bytes_ += part;
        return *this;
    }
    FactKey& number(std::uint64_t part) {
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes_.push_back(static_cast<char>(part >> shift & 0xff));
        return *this;
    }
    // Of any year from 1970 on; the days before count as the first.
    FactKey& date(Date part) { return number(part.days < 0 ? 0 : static_cast<std::uint64_t>(part.days)); }
    FactKey& address(const ledger::Address& part) { return number(part.index).number(part.n); }

    const std::string& bytes() const { return bytes_; }
    operator std::string_view() const { return bytes_; }  // NOLINT: a key is its bytes

  private:
    std::string bytes_;
};

// Facts are the program's own, but for those that remained of a withdrawn leaf and were not voted for (ledger/remains.hpp):
// whoever works on such ground catches this, and relies on nothing of it.
struct BadFact : std::runtime_error {
    BadFact() : std::runtime_error("a fact is not of its form") {}
};
inline void demand(bool condition) {
    if (!condition) throw BadFact();
}

// Reads the parts of a key after its table's name and the slash.
class FactKeyReader {
  public:
    FactKeyReader(std::string_view key, std::string_view table) : rest_(key.substr(table.size() + 1)) {}
    std::string text() {
        const std::size_t end = rest_.find('\0');
        demand(end != std::string_view::npos);
        std::string part(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return part;
    }
    std::uint64_t number() {
        demand(rest_.size() >= 8);
        std::uint64_t part = 0;
        for (int i = 0; i < 8; ++i)
            part = part << 8 | static_cast<std::uint8_t>(rest_[static_cast<std::size_t>(i)]);
        rest_.remove_prefix(8);
        return part;
    }
    Date date() { return {static_cast<std::int32_t>(number())}; }
    ledger::Address address() {
        const std::uint64_t index = number();
        return {index, static_cast<std::uint32_t>(number())};
    }

  private:
    std::string_view rest_;
};

class FactEncoder {
  public:
    template <class... Member>
    void operator()(const Member&... members) {
        (put(members), ...);
    }
    std::string take() && { return std::move(bytes_); }

  private:
    void put_varint(std::uint64_t number) {
        for (; number >= 0x80; number >>= 7) bytes_.push_back(static_cast<char>(number | 0x80));
        bytes_.push_back(static_cast<char>(number));
    }
    template <std::unsigned_integral T>
    void put(T number) {
        put_varint(number);
    }
    template <std::signed_integral T>
    void put(T number) {
        const auto wide = static_cast<std::int64_t>(number);
        put_varint(static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63));
    }
    template <class T>
    requires std::is_enum_v<T>
    void put(T word) { put_varint(static_cast<std::uint64_t>(word)); }
    void put(const std::string& text) {
        put_varint(text.size());
        bytes_ += text;
    }
    void put(const Date& date) { put(date.days); }
    void put(const ledger::Address& address) { (*this)(address.index, address.n); }
    void put(const ledger::Hash& hash) {
        bytes_.append(reinterpret_cast<const char*>(hash.data()), hash.size());
    }
    template <class T>
    void put(const std::vector<T>& items) {
        put_varint(items.size());
        for (const T& item : items) put(item);
    }
    template <class Key, class T>
    void put(const std::map<Key, T>& items) {
        put_varint(items.size());
        for (const auto& [key, item] : items) (*this)(key, item);
    }
    template <class T>
    void put(const std::optional<T>& item) {
        put_varint(item ? 1 : 0);
        if (item) put(*item);
    }
    template <class T>
    requires requires(T& value, FactEncoder& codec) { value.members(codec); }
    void put(const T& value) {
        const_cast<T&>(value).members(
            *this);  // the one list of members serves both ways; encoding changes none
    }

    std::string bytes_;
};

class FactDecoder {
  public:
    explicit FactDecoder(std::string_view bytes) : rest_(bytes) {}
    template <class... Member>
    void operator()(Member&... members) {
        (get(members), ...);
    }
    bool done() const { return rest_.empty(); }

  private:
    std::uint64_t get_varint() {
        std::uint64_t number = 0;
        for (int shift = 0;; shift += 7) {
            demand(!rest_.empty() && shift < 64);
            const auto byte = static_cast<std::uint8_t>(rest_.front());
            rest_.remove_prefix(1);
            number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return number;
        }
    }
    template <std::unsigned_integral T>
    void get(T& number) {
        number = static_cast<T>(get_varint());
    }
    template <std::signed_integral T>
    void get(T& number) {
        const std::uint64_t wide = get_varint();
        number = static_cast<T>(static_cast<std::int64_t>(wide >> 1) ^ -static_cast<std::int64_t>(wide & 1));
    }
    template <class T>
    requires std::is_enum_v<T>
    void get(T& word) { word = static_cast<T>(get_varint()); }
    void get(std::string& text) {
        const std::uint64_t size = get_varint();
        demand(size <= rest_.size());
        text.assign(rest_.substr(0, size));
        rest_.remove_prefix(size);
    }
    void get(Date& date) { get(date.days); }
    void get(ledger::Address& address) { (*this)(address.index, address.n); }
    void get(ledger::Hash& hash) {
        demand(rest_.size() >= hash.size());
        for (auto& byte : hash) {
            byte = static_cast<std::uint8_t>(rest_.front());
            rest_.remove_prefix(1);
        }
    }
    template <class T>
    void get(std::vector<T>& items) {
        const std::uint64_t count = get_varint();
        demand(count <= rest_.size());
        items.resize(count);
        for (T& item : items) get(item);
    }
    template <class Key, class T>
    void get(std::map<Key, T>& items) {
        items.clear();
        for (std::uint64_t left = get_varint(); left > 0; --left) {
            Key key{};
            get(key);
            get(items[key]);
        }
    }
    template <class T>
    void get(std::optional<T>& item) {
        item.reset();
        if (get_varint() != 0) get(item.emplace(T{}));  // clang 16 does not see that a nested T needs no argument
    }
    template <class T>
    requires requires(T& value, FactDecoder& codec) { value.members(codec); }
    void get(T& value) { value.members(*this); }

    std::string_view rest_;
};

template <class T>
std::string encode_fact(const T& value) {
    FactEncoder encoder;
    encoder(value);
    return std::move(encoder).take();
}
template <class T>
T decode_fact(std::string_view bytes) {
    T value{};
    FactDecoder decoder(bytes);
    decoder(value);
    demand(decoder.done());
    return value;
}

// The struct that stands under the key, decoded once for all who ask the same draft; nullptr: none.
template <class T>
std::shared_ptr<const T> find_fact(const ledger::Facts& facts, std::string_view key) {
    std::shared_ptr<const void>* memo = facts.memo(key);
    if (memo != nullptr && *memo) return std::static_pointer_cast<const T>(*memo);
    const auto bytes = facts.get(key);
    if (!bytes) return nullptr;
    auto value = std::make_shared<const T>(decode_fact<T>(*bytes));
    if (memo != nullptr) *memo = value;
    return value;
}
template <class T>
void put_fact(ledger::FactDraft& facts, std::string_view key, T value) {
    facts.put(key, encode_fact(value));
    *facts.memo(key) = std::make_shared<const T>(std::move(value));
}

}  // namespace socai::inspection
