// Fixed-width big-endian coding of the bytes that storage keeps of its own: keys sort as their numbers do,
// and a value can be decoded with nothing but this page and the format that names its fields. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "consensus/types.hpp"

namespace socai::storage {

template <class Integer>
void put_integer(std::string& out, Integer value) {
    for (int shift = 8 * (static_cast<int>(sizeof(Integer)) - 1); shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> shift)));
    }
}
inline void put_u8(std::string& out, std::uint8_t value) {
    out.push_back(static_cast<char>(value));
}
inline void put_u16(std::string& out, std::uint16_t value) {
    put_integer(out, value);
}
inline void put_u32(std::string& out, std::uint32_t value) {
    put_integer(out, value);
}
inline void put_u64(std::string& out, std::uint64_t value) {
    put_integer(out, value);
}
inline void put_digest(std::string& out, const consensus::Digest& digest) {
    out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}
// 48 bytes: term, index, chain hash.
inline void put_entry_id(std::string& out, const consensus::EntryId& id) {
    put_u64(out, id.term.value);
    put_u64(out, id.index.value);
    put_digest(out, id.hash);
}
// The key of whatever is numbered: 8 bytes.
inline std::string number_key(std::uint64_t value) {
    std::string key;
    put_u64(key, value);
    return key;
}

// Reads what the functions above wrote. Never reads past the end: once the bytes are too short everything
// reads as zero and `ok` is false, so that a caller checks once, at the end.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(integer(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
    std::uint64_t u64() { return integer(8); }
    consensus::Digest digest() {
        consensus::Digest digest{};
        const std::string_view bytes = take(digest.size());
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(digest.data()));
        return digest;
    }
    consensus::EntryId entry_id() {
        consensus::EntryId id;
        id.term.value = u64();
        id.index.value = u64();
        id.hash = digest();
        return id;
    }
    std::string_view take(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    std::string_view rest() const { return rest_; }
    bool ok() const { return ok_; }
    bool complete() const { return ok_ && rest_.empty(); }

  private:
    std::uint64_t integer(std::size_t width) {
        std::uint64_t value = 0;
        for (const char byte : take(width)) value = (value << 8U) | static_cast<std::uint8_t>(byte);
        return value;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace socai::storage
