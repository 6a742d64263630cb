// [outbox] of the configuration: what a node may take on its own word, and for how long it can say what became of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace socai::node {

struct OutboxOptions {
    // A promise's include-by is so long after it was received.
    std::int64_t include_within_ms = 24LL * 60 * 60 * 1'000;
    // Nothing more is taken while so many statements, or so many bytes of them, wait, or while the oldest has waited
    // for so long: a node that cannot keep its word should not give it again.
    std::size_t max_entries = 100'000;
    std::size_t max_bytes = std::size_t{1} << 30;
    std::int64_t max_age_ms = 72LL * 60 * 60 * 1'000;
    // What became of a promise can be asked for so long, and of so many.
    std::int64_t keep_fates_ms = 30LL * 24 * 60 * 60 * 1'000;
    std::size_t keep_fates = 100'000;

    bool operator==(const OutboxOptions&) const = default;
};

}  // namespace socai::node
