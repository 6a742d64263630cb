#include "node/founding/founding_keys.hpp"

#include <filesystem>

#include "node/files.hpp"
#include "node/key_file.hpp"

namespace socai::node::founding {

namespace fs = std::filesystem;

KeyPlaces places_in(const std::string& dir) {
    return {[dir](const std::string& agency, ledger::KeyPurpose purpose) {
                if (purpose == ledger::KeyPurpose::record) return dir + "/record/" + agency + ".jwk";
                return dir + "/" + std::string(ledger::word_of(purpose)) + ".jwk";
            },
            [dir](const std::string& node, const std::string& name) {
                return dir + "/nodes/" + node + "/" + name + ".jwk";
            }};
}

std::string first_kid(const std::string& agency, ledger::KeyPurpose purpose) {
    return agency + "/" + std::string(ledger::word_of(purpose)) + "-1";
}

std::string node_kid(const std::string& agency, const std::string& node, const std::string& name) {
    return agency + "/" + node + "-" + name;
}

Result<ledger::Jwk> ensure_key(const std::string& path, const std::string& kid,
                               const std::optional<ledger::PublicKey>& expected) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) {
        if (expected)
            return Error{Exit::usage, "key_lost",
                         "the key " + kid + " was agreed on and is not in " + path +
                             " any more; bring the file back from a copy, or begin anew in another folder"};
        if (const auto made = make_folder(fs::path(path).parent_path().string(), 0700); !made)
            return made.error();
        const ledger::Jwk jwk{kid, ledger::KeyPair::generate()};
        if (const auto written = write_key_file(path, jwk); !written) return written.error();
        return jwk;
    }
    Result<ledger::Jwk> jwk = read_key_file(path);
    if (jwk && (jwk->kid != kid || (expected && jwk->key.public_key() != *expected)))
        return Error{Exit::usage, "key_mismatch",
                     path + " is not the key " + kid +
                         " that was agreed on; bring the right file back, or begin anew in another folder"};
    return jwk;
}

Result<ledger::GenesisNode> ensure_node_keys(const KeyPlaces& places, const std::string& agency,
                                             const std::string& node, const ledger::GenesisNode* known) {
    ledger::GenesisNode made;
    made.name = node;
    made.agency = agency;
    for (const NodeKey& purpose : node_keys) {
        const auto expected = known ? std::optional(known->*purpose.key) : std::nullopt;
        const Result<ledger::Jwk> jwk =
            ensure_key(places.of_node(node, purpose.name), node_kid(agency, node, purpose.name), expected);
        if (!jwk) return jwk.error();
        made.*purpose.key = jwk->key.public_key();
    }
    return made;
}

}  // namespace socai::node::founding
