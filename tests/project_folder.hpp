// Where tests find the project's own files: data, pages, seeds.
#pragma once

#include <string>
#include <string_view>

namespace socai {

// `path` is relative to the project's folder: "data/rule_sets.jsonl".
std::string project_file(std::string_view path);

}  // namespace socai
