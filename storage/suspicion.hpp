// A note that a running node leaves for its next start, in `directory`/log.suspect: bytes of the log were not
// what was written, so look at all of it. Any thread.
#pragma once

#include <string>

#include "storage/error.hpp"

namespace socai::storage {

enum class Suspicion : std::uint8_t {
    none,
    search,   // content was found damaged: look for more
    rewrite,  // the database no longer works with its own tables: none of them may stay in use
};

Suspicion suspicion_in(const std::string& directory);
// Adds to what is suspected. Best effort: the disk that is asked to remember is the one that failed.
void suspect(const std::string& directory, Suspicion suspicion, const std::string& why);
Result<void> lift_suspicion(const std::string& directory);

}  // namespace socai::storage
