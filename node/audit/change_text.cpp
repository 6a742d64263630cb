#include "node/audit/change_text.hpp"

#include <cassert>
#include <utility>

#include "storage/codec.hpp"

namespace socai::node::audit {
namespace {

// More than any key and value have together.
constexpr std::size_t max_change_bytes = std::size_t{64} << 20;

}  // namespace

std::string change_text(std::uint64_t leaf, const std::vector<ledger::FactChange>& changes) {
    assert(!changes.empty());
    std::string text;
    storage::put_u64(text, leaf);
    storage::put_u32(text, static_cast<std::uint32_t>(changes.size()));
    for (const ledger::FactChange& change : changes) {
        storage::put_u32(text, static_cast<std::uint32_t>(change.key.size()));
        text += change.key;
        storage::put_u8(text, change.value ? 1 : 0);
        if (!change.value) continue;
        storage::put_u32(text, static_cast<std::uint32_t>(change.value->size()));
        text += *change.value;
    }
    return text;
}

bool ChangeReader::read(std::string_view piece) {
    if (!good_) return false;
    pending_ += piece;
    std::string_view rest = pending_;
    while (good_ && (left_ == 0 ? begin_leaf(rest) : read_change(rest))) {
    }
    pending_.erase(0, pending_.size() - rest.size());
    good_ = good_ && pending_.size() <= max_change_bytes;
    return good_;
}

// False: not all of it is there, or it is malformed.
bool ChangeReader::begin_leaf(std::string_view& rest) {
    storage::ByteReader reader(rest);
    leaf_ = reader.u64();
    left_ = reader.u32();
    if (!reader.ok()) {
        left_ = 0;
        return false;
    }
    rest = reader.rest();
    good_ = left_ > 0;
    return good_;
}

// As begin_leaf. A length that is a lie only waits for bytes that never come: it takes no room, and not for long.
bool ChangeReader::read_change(std::string_view& rest) {
    storage::ByteReader reader(rest);
    const std::string_view key = reader.take(reader.u32());
    const std::uint8_t stands = reader.u8();
    const std::string_view value = stands == 1 ? reader.take(reader.u32()) : std::string_view();
    if (!reader.ok()) return false;
    // In the order of their keys, each once.
    good_ = stands <= 1 && (changes_.empty() || changes_.back().key < key);
    if (!good_) return false;
    changes_.push_back({std::string(key), stands == 1 ? std::optional<std::string>(value) : std::nullopt});
    rest = reader.rest();
    if (--left_ > 0) return true;
    good_ = take_(leaf_, std::exchange(changes_, {}));
    return good_;
}

}  // namespace socai::node::audit
