// Errors of the ledger as values: what kind of fault, a stable reason word, and a sentence for a person.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace socai::ledger {

// The classes of fault that admission and parsing can find. `api` maps them to JSON-RPC codes
// (design/interfaces.md, "Errors").
enum class Fault {
    invalid_statement,  // form, header, signature, unknown kid, future time, unknown reference, mixed bundle
    forbidden,          // the key may not speak for this source
    conflict,           // other bytes under a known (source, id); known records in a bundle
    too_large,          // an entry over 65,535 bytes
    refused,            // an inspection rule, with its article
};

struct Error {
    Fault fault = Fault::invalid_statement;
    // Stable snake_case word, listed in docs/errors.md. Never contains user input.
    std::string reason;
    // Tells a person what is wrong, where, and what to change. May quote (bounded) user input.
    std::string detail;
};

template <class T>
using Result = boost::system::result<T, Error>;

// Called by boost::system::result when .value() is asked of an error: a programming fault, never a path for
// bad input.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error(error.reason + ": " + error.detail);
}

}  // namespace socai::ledger
