// Reading what a node wrote to its log.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "node/error.hpp"

namespace socai::node::cluster {

// The last `count` lines, at most 1 MiB of them. An absent file has none.
Result<std::string> last_lines(const std::string& path, std::size_t count);

// The same, for the end of an error's sentence: "the end of PATH:\n…", or that there is nothing in it.
std::string log_excerpt(const std::string& path, std::size_t count);

// Hands what is appended to `path` from now on to `sink` until `ended` says so. Survives truncation and a
// file that is not there yet.
void follow(const std::string& path, const std::function<void(std::string_view)>& sink,
            const std::function<bool()>& ended);

}  // namespace socai::node::cluster
