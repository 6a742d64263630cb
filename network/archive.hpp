// The byte layout of everything inside a frame, as a pair of cereal archives over memory.
//
// cereal's own portable binary archive reads from a stream, so it can neither tell how much is left before it
// allocates nor refuse a bool of 2 (undefined behaviour once loaded). These archives can:
//   integers  big-endian, the width of their type        bool, optional flag  one byte, 0 or 1
//   enums     as their underlying integer                digest               32 bytes
//   text      32-bit length, bytes                       lists                32-bit count, elements
// A size is compared with what the frame still holds, and with the field's own limit, before anything is
// allocated. Every value has exactly one encoding, so decoding and encoding again gives the same bytes.
//
// Errors inside the reader are cereal::Exception carrying a sentence; decode() (frame.hpp) catches them.
#pragma once

#include <array>
#include <cereal/cereal.hpp>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace socai::network {

template <class T>
concept WireInteger = std::unsigned_integral<T> && !std::same_as<T, bool>;

// Appends to a string that the caller owns and that outlives the archive.
class FrameWriter : public cereal::OutputArchive<FrameWriter, cereal::AllowEmptyClassElision> {
  public:
    explicit FrameWriter(std::string& out)
        : cereal::OutputArchive<FrameWriter, cereal::AllowEmptyClassElision>(this), out_(out) {}

    void put(std::string_view bytes) { out_.append(bytes); }
    template <WireInteger T>
    void put_integer(T value) {
        char bytes[sizeof(T)];
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bytes[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i))));
        out_.append(bytes, sizeof(T));
    }

  private:
    std::string& out_;
};

// Reads from bytes that outlive the archive; never beyond their end.
class FrameReader : public cereal::InputArchive<FrameReader, cereal::AllowEmptyClassElision> {
  public:
    explicit FrameReader(std::string_view bytes)
        : cereal::InputArchive<FrameReader, cereal::AllowEmptyClassElision>(this), rest_(bytes) {}

    std::size_t remaining() const { return rest_.size(); }
    std::string_view take(std::size_t size) {
        if (size > rest_.size())
            throw cereal::Exception("the frame ends early: " + std::to_string(size) + " bytes wanted, " +
                                    std::to_string(rest_.size()) + " left");
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    template <WireInteger T>
    T take_integer() {
        const std::string_view bytes = take(sizeof(T));
        std::uint64_t value = 0;
        for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
        return static_cast<T>(value);
    }

  private:
    std::string_view rest_;
};

template <WireInteger T>
void save(FrameWriter& writer, const T& value) {
    writer.put_integer(value);
}
template <WireInteger T>
void load(FrameReader& reader, T& value) {
    value = reader.take_integer<T>();
}

inline void save(FrameWriter& writer, const bool& value) {
    writer.put_integer<std::uint8_t>(value ? 1 : 0);
}
inline void load(FrameReader& reader, bool& value) {
    const auto byte = reader.take_integer<std::uint8_t>();
    if (byte > 1) throw cereal::Exception("a yes-or-no byte is " + std::to_string(byte));
    value = byte == 1;
}

using WireDigest = std::array<std::uint8_t, 32>;
inline void save(FrameWriter& writer, const WireDigest& digest) {
    writer.put({reinterpret_cast<const char*>(digest.data()), digest.size()});
}
inline void load(FrameReader& reader, WireDigest& digest) {
    std::memcpy(digest.data(), reader.take(digest.size()).data(), digest.size());
}

template <class T>
void save(FrameWriter& writer, const std::optional<T>& value) {
    writer(value.has_value());
    if (value) writer(*value);
}
template <class T>
void load(FrameReader& reader, std::optional<T>& value) {
    bool present = false;
    reader(present);
    value.reset();
    if (present) reader(value.emplace());
}

// Text of at most `limit` bytes; `what` names it in the error.
inline void save_text(FrameWriter& writer, std::string_view text) {
    writer.put_integer(static_cast<std::uint32_t>(text.size()));
    writer.put(text);
}
inline std::string_view load_text(FrameReader& reader, std::size_t limit, const char* what) {
    const auto size = reader.take_integer<std::uint32_t>();
    if (size > limit)
        throw cereal::Exception(std::string(what) + " of " + std::to_string(size) +
                                " bytes is over the limit of " + std::to_string(limit));
    return reader.take(size);
}

// The count of a list whose elements take at least `smallest` bytes each: a count that the frame cannot hold
// is refused before anything is reserved for it.
inline std::size_t load_count(FrameReader& reader, std::size_t limit, std::size_t smallest,
                              const char* what) {
    const auto count = reader.take_integer<std::uint32_t>();
    if (count > limit)
        throw cereal::Exception(std::to_string(count) + " " + what + " are over the limit of " +
                                std::to_string(limit));
    if (count > reader.remaining() / smallest)
        throw cereal::Exception(std::to_string(count) + " " + what + " are announced, but only " +
                                std::to_string(reader.remaining()) + " bytes follow");
    return count;
}

}  // namespace socai::network
