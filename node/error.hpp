// Errors of the program: exit status (design/interfaces.md, "Program"), stable reason, and a sentence that
// tells what to change.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace socai::node {

// Exit status of every verb.
enum class Exit : int { done = 0, no = 1, usage = 2, unreachable = 3 };

struct Error {
    Exit exit = Exit::usage;
    std::string reason;
    std::string detail;
};
template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error(error.reason + ": " + error.detail);
}

}  // namespace socai::node
