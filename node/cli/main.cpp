#include <iostream>

#include "node/cli/command.hpp"

namespace socai::node::cli {

Exit report(const Error& error) {
    std::cerr << "socai: " << error.detail << " [" << error.reason << "]" << std::endl;
    return error.exit;
}

}  // namespace socai::node::cli

int main(int argc, char** argv) {
    using namespace socai::node;
    CLI::App app("socai");
    cli::Chosen chosen;
    app.require_subcommand(1);
    cli::register_node(app, chosen);
    cli::register_cluster(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
    }
    return static_cast<int>(chosen.run());
}
