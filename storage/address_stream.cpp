#include "storage/address_stream.hpp"

#include <algorithm>
#include <cassert>

#include "storage/codec.hpp"
#include "storage/postings.hpp"

namespace socai::storage {
namespace {

using Found = std::optional<std::uint64_t>;

bool reaches(std::uint64_t address, std::uint64_t from, Direction direction) {
    return direction == Direction::ascending ? address >= from : address <= from;
}

class Postings : public AddressStream {
  public:
    Postings(const StateDatabase& state, std::string prefix, Direction direction)
        : state_(state),
          prefix_(std::move(prefix)),
          end_(posting_key(prefix_, ~std::uint64_t{0})),
          lower_(prefix_),
          upper_(end_),
          direction_(direction) {
        rocksdb::ReadOptions options;
        options.iterate_lower_bound = &lower_;
        options.iterate_upper_bound = &upper_;
        options.prefix_same_as_start = true;
        found_ = state.iterate(options, StateFamily::postings);
    }

    Result<Found> seek(std::uint64_t from) override {
        if (ended_) return Found();
        if (current_ && reaches(*current_, from, direction_)) return Found(current_);
        // Neighbours are met by stepping; only a longer way is worth a new search.
        if (current_) {
            if (auto stepped = step(); !stepped) return stepped;
            if (ended_ || reaches(*current_, from, direction_)) return Found(current_);
        }
        const std::string target = posting_key(prefix_, from);
        if (direction_ == Direction::ascending) {
            found_->Seek(target);
        } else {
            found_->SeekForPrev(target);
        }
        return read();
    }

  private:
    Result<Found> step() {
        if (direction_ == Direction::ascending) {
            found_->Next();
        } else {
            found_->Prev();
        }
        return read();
    }

    Result<Found> read() {
        current_.reset();
        if (!found_->Valid()) {
            if (!found_->status().ok()) return state_.error(found_->status(), "reading an index");
            ended_ = true;
            return Found();
        }
        const std::string_view key = found_->key().ToStringView();
        if (key.size() != prefix_.size() + sizeof(std::uint64_t))
            return state_.damage("an index is malformed");
        current_ = ByteReader(key.substr(prefix_.size())).u64();
        return Found(current_);
    }

    const StateDatabase& state_;
    const std::string prefix_;
    const std::string end_;
    const rocksdb::Slice lower_;  // the iterator keeps pointers to the two
    const rocksdb::Slice upper_;
    const Direction direction_;
    std::unique_ptr<rocksdb::Iterator> found_;
    Found current_;
    bool ended_ = false;
};

class Union : public AddressStream {
  public:
    Union(std::vector<std::unique_ptr<AddressStream>> parts, Direction direction)
        : parts_(std::move(parts)), direction_(direction) {}

    Result<Found> seek(std::uint64_t from) override {
        Found nearest;
        for (const auto& part : parts_) {
            auto found = part->seek(from);
            if (!found) return found;
            if (!*found) continue;
            if (!nearest || reaches(*nearest, **found, direction_)) nearest = **found;
        }
        return nearest;
    }

  private:
    const std::vector<std::unique_ptr<AddressStream>> parts_;
    const Direction direction_;
};

// Walks the leaves and the number of records in each.
class AllRecords : public AddressStream {
  public:
    AllRecords(const StateDatabase& state, std::uint64_t size, Direction direction)
        : state_(state), size_(size), direction_(direction) {}

    Result<Found> seek(std::uint64_t from) override {
        ledger::Address address = unpack(from);
        if (address.index >= size_) {
            if (direction_ == Direction::ascending || size_ == 0) return Found();
            address = {size_ - 1, ~std::uint32_t{0}};
        }
        auto records = records_in(address.index);
        if (!records) return records.error();
        if (address.n < *records) return Found(pack(address));
        if (direction_ == Direction::descending) return Found(pack({address.index, *records - 1}));
        if (address.index + 1 == size_) return Found();
        return Found(pack({address.index + 1, 0}));
    }

  private:
    Result<std::uint32_t> records_in(std::uint64_t leaf) {
        const std::uint64_t number = leaf / leaves_a_block;
        if (block_number_ != number) {
            auto bytes = state_.leaf_block(number);
            if (!bytes) return bytes.error();
            if (!*bytes) return state_.damage("the table of leaves has a gap");
            block_ = *std::move(*bytes);
            block_number_ = number;
        }
        const std::optional<LeafInfo> info = leaf_info_in(block_, leaf);
        if (!info || info->records == 0) return state_.damage("the table of leaves is too short");
        return std::uint32_t{info->records};
    }

    const StateDatabase& state_;
    const std::uint64_t size_;
    const Direction direction_;
    std::optional<std::uint64_t> block_number_;
    std::string block_;
};

}  // namespace

std::unique_ptr<AddressStream> stream_of(const StateDatabase& state, std::string prefix,
                                         Direction direction) {
    return std::make_unique<Postings>(state, std::move(prefix), direction);
}

std::unique_ptr<AddressStream> union_of(std::vector<std::unique_ptr<AddressStream>> parts,
                                        Direction direction) {
    return std::make_unique<Union>(std::move(parts), direction);
}

std::unique_ptr<AddressStream> all_records(const StateDatabase& state, std::uint64_t size,
                                           Direction direction) {
    return std::make_unique<AllRecords>(state, size, direction);
}

}  // namespace socai::storage
