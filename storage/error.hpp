// Errors of storage as values. A fault of the disk is never repaired in silence: the node stops with
// `detail`.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace socai::storage {

struct Error {
    std::string reason;  // stable snake_case: io_error, corrupt_log, log_cut_short, wrong_identity,
                         // wrong_version, locked, no_space …
    std::string detail;  // a sentence: which file or index, what was expected, what to do
};
template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error(error.reason + ": " + error.detail);
}

}  // namespace socai::storage
