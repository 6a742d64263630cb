// Which records stand in the ledger, and where: all that admission asks of the leaves before. 24 bytes a record,
// 28 to 55 in memory with the room that a hash table needs.
//
// A record (source, id) is known by 128 bits of SipHash-2-4 under a random key of this audit. Who wrote the ledger
// did not know the key, so that no choice of names makes two of them meet; by chance two of 20 million do with a
// probability of 2^-80. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ledger/entry.hpp"

namespace socai::node::audit {

class RecordTable {
  public:
    using Key = std::array<std::uint8_t, 16>;
    struct Item {
        std::uint64_t high = 0;  // of the record's 128 bits
        std::uint64_t low = 0;
        std::uint64_t place = 0;  // kind << 56 | leaf << 12 | place in the bundle
    };
    static Key new_key();  // from libsodium's randombytes

    explicit RecordTable(const Key& key);

    std::optional<ledger::Address> find(std::string_view source, std::string_view id) const;
    // What add() was told; 0 when find() gives nothing.
    std::uint8_t kind(std::string_view source, std::string_view id) const;
    // Preconditions: find() gives nothing; the leaf is below 2^44; `kind` is no more than max_kind.
    static constexpr std::uint8_t max_kind = 254;
    void add(std::string_view source, std::string_view id, const ledger::Address& address,
             std::uint8_t kind = 0);
    std::uint64_t size() const { return size_; }
    const Key& key() const { return key_; }

    // What was added or restored since the last call, of leaves before `end`, in order; collected only after collect()
    // was called.
    void collect() { collects_ = true; }
    std::vector<Item> take_new(std::uint64_t end = ~std::uint64_t{0});
    static std::uint64_t leaf_of(const Item& item);
    // An item of an earlier run, with the same key. False when it is there already: not such a table's.
    bool restore(const Item& item);

  private:
    // Each shard grows by itself, so that growing never doubles the whole.
    struct Shard {
        std::vector<Item> slots;  // a power of two of them, or none; place == empty: free
        std::size_t used = 0;
    };
    Item item_of(std::string_view source, std::string_view id) const;
    const Item* look_up(const Item& item) const;
    void insert(const Item& item);

    Key key_;
    std::vector<Shard> shards_;
    std::uint64_t size_ = 0;
    bool collects_ = false;
    std::vector<Item> new_;
};

}  // namespace socai::node::audit
