// Who asks. Pure value.
#pragma once

#include <string>

namespace socai::inspection {

// An agency sees everything; a trader what concerns the tax code; whoever is neither, the public subset of
// design/domain.md 2.
struct Viewer {
    bool agency = false;
    std::string tax_code;
};

}  // namespace socai::inspection
