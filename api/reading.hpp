// One read: of what, for whom, and what it has cost so far. Made for one call, used by one thread at a time.
#pragma once

#include <cstdint>

#include "api/access/session.hpp"
#include "api/backend.hpp"

namespace socai::api {

// What a read has looked at.
struct Work {
    std::uint64_t rows = 0;   // records, facts, hashes
    std::uint64_t bytes = 0;  // of leaves and answers
};

struct Reading {
    const Backend& backend;
    Asker asker;
    std::uint64_t max_rows = 0;  // a list ends early, with a cursor, when so many were looked at
    Work work{};

    bool tired() const { return work.rows >= max_rows; }
};

}  // namespace socai::api
