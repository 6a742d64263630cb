#include <cstdio>

#include "node/cli/command.hpp"
#include "node/client/text_table.hpp"

namespace socai::node::cli {

Exit report(const Error& error) {
    std::fprintf(stderr, "socai: %s [%s]\n", client::printable(error.detail).c_str(), error.reason.c_str());
    return error.exit;
}

}  // namespace socai::node::cli
