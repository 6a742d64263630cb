// The one place that prepares libsodium. Everything of the ledger that hashes, signs or draws random bytes
// through libsodium calls it first where the library asks for it.
#pragma once

namespace socai::ledger {

// Runs sodium_init() once in the process; later calls cost one load. Safe from any thread. Stops the program
// when the library cannot start (no source of randomness): nothing sensible could follow.
void ensure_sodium();

}  // namespace socai::ledger
