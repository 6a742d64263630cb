// Ordered sets of record addresses, read lazily: the postings of one value, the union of some, all records.
// Addresses are packed (postings.hpp). A stream runs in one direction and never goes back. A stream is one
// point in time of the database and belongs to one thread; it borrows the database.
#pragma once

#include <rocksdb/iterator.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/state_database.hpp"

namespace socai::storage {

enum class Direction : std::uint8_t { ascending, descending };

class AddressStream {
  public:
    virtual ~AddressStream() = default;
    // The first member at or after `from` in the stream's direction; `from` never goes back from call to
    // call. Nothing at the end.
    virtual Result<std::optional<std::uint64_t>> seek(std::uint64_t from) = 0;
};

// The records that have one value; `prefix` as posting_prefix makes it.
std::unique_ptr<AddressStream> stream_of(const StateDatabase& state, std::string prefix, Direction direction);
// The records that are in any of `parts`, which all run in `direction`.
std::unique_ptr<AddressStream> union_of(std::vector<std::unique_ptr<AddressStream>> parts,
                                        Direction direction);
// Every record of the first `size` leaves.
std::unique_ptr<AddressStream> all_records(const StateDatabase& state, std::uint64_t size,
                                           Direction direction);

}  // namespace socai::storage
