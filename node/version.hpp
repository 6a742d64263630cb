// The program's version, as it stands in CMakeLists.txt.
#pragma once

#include <string_view>

namespace socai::node {

inline constexpr std::string_view version = SOCAI_VERSION;

}  // namespace socai::node
