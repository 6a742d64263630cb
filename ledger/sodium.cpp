#include "ledger/sodium.hpp"

#include <sodium.h>

#include <cassert>

namespace socai::ledger {

void ensure_sodium() {
    // sodium_init() is 0 the first time and 1 when somebody else has called it before; C++ makes the
    // initialisation of a local static happen once, whatever the number of threads.
    static const bool ready = sodium_init() >= 0;
    assert(ready);
}

}  // namespace socai::ledger
