// ledger.query over the indexes: a conjunction of ordered address streams, met by leapfrogging (each stream
// in turn is asked for its first member at or after the candidate), so that the most selective condition sets
// the pace whichever it is. Results come in ledger order by construction, which makes pages stable while the
// ledger grows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "inspection/fields.hpp"
#include "ledger/entry.hpp"
#include "storage/address_stream.hpp"
#include "storage/query_page.hpp"

namespace socai::storage {

struct Query {
    inspection::Filter filter;
    std::uint64_t from_index = 0;  // the lowest leaf, in either direction
    Direction direction = Direction::ascending;
    std::size_t limit = 0;
    std::optional<std::string> cursor;
};

using LoadFields = std::function<std::optional<inspection::Fields>(const ledger::Address&)>;

// Answers `query` over the first `size` leaves. `fields` is asked only where the indexes cannot decide: an HS
// prefix of odd length, and the signed time within its day. Errors: bad_cursor; corrupt_state; corrupt_log
// when `fields` has nothing for a record.
Result<QueryPage> run_query(const StateDatabase& state, std::uint64_t size, const Query& query,
                            const LoadFields& fields);

// The cursor of the page that starts at `next`: for a caller that gives out only the front of a page.
std::string cursor_at(const Query& query, const ledger::Address& next);

}  // namespace socai::storage
