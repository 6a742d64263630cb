// Text that people hand to the program, from a file or standard input. Bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "node/error.hpp"

namespace socai::node::client {

inline constexpr std::size_t max_text_bytes = std::size_t{1} << 30;

// The content of `path`; "-" is standard input. Errors: file_unreadable (exit 3), file_too_large.
Result<std::string> read_text_file(const std::string& path);

// Without JSON's white space (RFC 8259 §2) at either end.
std::string_view trim(std::string_view text);

}  // namespace socai::node::client
