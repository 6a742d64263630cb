// "Did you mean": the verb or option nearest to what was typed.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace socai::node::cli {

// A verb or long option of `app` that differs from `typed` by two letters at most; "" when there is none.
std::string suggestion(const CLI::App& app, const std::string& typed);

}  // namespace socai::node::cli
