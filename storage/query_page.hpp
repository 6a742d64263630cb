// One page of an answer to ledger.query. A value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/entry.hpp"

namespace socai::storage {

struct QueryPage {
    std::vector<ledger::Address>
        addresses;  // records that match the filter for certain, in the query's order
    std::optional<std::string> next_cursor;  // absent when there is nothing more
    std::size_t looked_at = 0;               // what it cost, in records loaded
};

}  // namespace socai::storage
