#include "node/cluster/anchors.hpp"

#include <filesystem>
#include <string>

#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/tls/certificate.hpp"

namespace socai::node::cluster {

Result<void> write_anchors(const Folder& folder, const Settings& settings) {
    if (!settings.tls) return {};
    std::string bundle;
    for (const NodeSettings& node : settings.nodes) {
        const std::string path = folder.node_key(node.node, "tls");
        std::error_code error;
        if (node.removed || !std::filesystem::exists(path, error)) continue;
        const auto jwk = read_key_file(path);
        if (!jwk) return jwk.error();
        bundle += tls::to_pem(*tls::make_anchor(jwk->key, node.node, settings.origin));
    }
    return write_file(folder.ca(), bundle, 0644);
}

std::shared_ptr<const client::Trust> trust_of(const Folder& folder, const Settings& settings) {
    if (!settings.tls) return nullptr;
    auto trust = client::Trust::make(folder.ca(), {});
    return trust ? *std::move(trust) : client::Trust::system();  // then the calls say what is wrong
}

}  // namespace socai::node::cluster
