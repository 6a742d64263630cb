#include "node/audit/record_table.hpp"

#include <sodium.h>

#include <cassert>
#include <cstring>
#include <utility>

#include "ledger/sodium.hpp"
#include "ledger/syntax.hpp"

namespace socai::node::audit {
namespace {

constexpr std::size_t shard_count = 256;
constexpr std::size_t first_slots = 16;
constexpr std::uint64_t empty = ~std::uint64_t{0};
constexpr unsigned place_bits = 12;  // ledger::max_bundle_records
constexpr unsigned kind_shift = 56;
constexpr std::uint64_t address_mask = (std::uint64_t{1} << kind_shift) - 1;

std::size_t slot_of(const RecordTable::Item& item, std::size_t slots) {
    return static_cast<std::size_t>(item.low) & (slots - 1);
}

}  // namespace

RecordTable::Key RecordTable::new_key() {
    ledger::ensure_sodium();
    Key key;
    randombytes_buf(key.data(), key.size());
    return key;
}

RecordTable::RecordTable(const Key& key) : key_(key), shards_(shard_count) {}

RecordTable::Item RecordTable::item_of(std::string_view source, std::string_view id) const {
    // Neither holds a NUL; records are parsed before they come here.
    std::array<unsigned char, ledger::max_agency_code_bytes + 1 + ledger::max_record_id_bytes> text;
    assert(source.size() + 1 + id.size() <= text.size());
    std::memcpy(text.data(), source.data(), source.size());
    text[source.size()] = 0;
    std::memcpy(text.data() + source.size() + 1, id.data(), id.size());
    std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> hash;
    static_assert(crypto_shorthash_siphashx24_KEYBYTES == std::tuple_size_v<Key>);
    crypto_shorthash_siphashx24(hash.data(), text.data(), source.size() + 1 + id.size(), key_.data());
    Item item;
    std::memcpy(&item.high, hash.data(), sizeof item.high);
    std::memcpy(&item.low, hash.data() + sizeof item.high, sizeof item.low);
    return item;
}

const RecordTable::Item* RecordTable::look_up(const Item& item) const {
    const Shard& shard = shards_[item.high % shard_count];
    if (shard.slots.empty()) return nullptr;
    for (std::size_t at = slot_of(item, shard.slots.size());; at = (at + 1) & (shard.slots.size() - 1)) {
        const Item& slot = shard.slots[at];
        if (slot.place == empty) return nullptr;
        if (slot.high == item.high && slot.low == item.low) return &slot;
    }
}

void RecordTable::insert(const Item& item) {
    Shard& shard = shards_[item.high % shard_count];
    const auto place = [&shard](const Item& placed) {
        std::size_t at = slot_of(placed, shard.slots.size());
        while (shard.slots[at].place != empty) at = (at + 1) & (shard.slots.size() - 1);
        shard.slots[at] = placed;
    };
    if (shard.used * 8 >= shard.slots.size() * 7) {  // seven eighths full: twice the room
        const std::size_t slots = shard.slots.empty() ? first_slots : shard.slots.size() * 2;
        std::vector<Item> old = std::exchange(shard.slots, std::vector<Item>(slots, Item{0, 0, empty}));
        for (const Item& moved : old)
            if (moved.place != empty) place(moved);
    }
    place(item);
    ++shard.used;
    ++size_;
}

std::optional<ledger::Address> RecordTable::find(std::string_view source, std::string_view id) const {
    const Item* found = look_up(item_of(source, id));
    if (found == nullptr) return std::nullopt;
    return ledger::Address{leaf_of(*found),
                           static_cast<std::uint32_t>(found->place & ((1U << place_bits) - 1))};
}

std::uint8_t RecordTable::kind(std::string_view source, std::string_view id) const {
    const Item* found = look_up(item_of(source, id));
    return found == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(found->place >> kind_shift);
}

void RecordTable::add(std::string_view source, std::string_view id, const ledger::Address& address,
                      std::uint8_t kind) {
    Item item = item_of(source, id);
    assert(address.index < std::uint64_t{1} << (kind_shift - place_bits) && kind <= max_kind);
    item.place = std::uint64_t{kind} << kind_shift | address.index << place_bits | address.n;
    insert(item);
    if (collects_) new_.push_back(item);
}

std::vector<RecordTable::Item> RecordTable::take_new(std::uint64_t end) {
    const auto later =
        std::ranges::partition_point(new_, [end](const Item& item) { return leaf_of(item) < end; });
    std::vector<Item> rest(later, new_.end());
    new_.erase(later, new_.end());
    return std::exchange(new_, std::move(rest));
}

std::uint64_t RecordTable::leaf_of(const Item& item) {
    return (item.place & address_mask) >> place_bits;
}

bool RecordTable::restore(const Item& item) {
    if (item.place == empty || look_up(item) != nullptr) return false;
    insert(item);
    if (collects_) new_.push_back(item);
    return true;
}

}  // namespace socai::node::audit
