// The schemas and examples of inspection/schemas, in the program: CMake writes the source file of these from the folder at
// build time (embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace socai::inspection {

struct EmbeddedKind {
    std::string_view name;      // "catalog_item"
    std::string_view schema;    // JSON text of inspection/schemas/<name>.v1.json
    std::string_view examples;  // JSON text of inspection/schemas/examples/<name>.json
};

// Sorted by name.
std::span<const EmbeddedKind> embedded_kinds();

}  // namespace socai::inspection
