#include "node/cli/trust_options.hpp"

namespace socai::node::cli {

void TrustOptions::add_to(CLI::App& verb) {
    auto* file =
        verb.add_option("--ca", ca, "Over TLS: file of the authorities to believe, PEM (the system's)")
            ->type_name("FILE");
    verb.add_option("--pin", pins,
                    "Over TLS: the TLS key of a node to believe, whatever its name; may repeat")
        ->type_name("KEY")
        ->allow_extra_args(false)
        ->excludes(file);
}

Result<std::shared_ptr<const client::Trust>> TrustOptions::make(const std::string& usual) const {
    const std::string& file = given() ? ca : usual;
    if (file.empty() && pins.empty()) return std::shared_ptr<const client::Trust>();
    return client::Trust::make(file, pins);
}

}  // namespace socai::node::cli
