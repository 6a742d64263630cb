#include "storage/identity.hpp"

#include <cassert>

namespace socai::storage {
namespace {

std::string describe(std::string_view encoded) {
    const std::size_t first = encoded.find('\n');
    const std::size_t second = first == encoded.npos ? encoded.npos : encoded.find('\n', first + 1);
    if (second == encoded.npos) return "an unknown owner";
    const std::string_view origin = encoded.substr(0, first);
    const std::string_view node = encoded.substr(first + 1, second - first - 1);
    const std::string_view genesis = encoded.substr(second + 1);
    return "node " + std::string(node) + " of ledger " + std::string(origin) + " (genesis " +
           std::string(genesis.substr(0, 16)) + "…)";
}

}  // namespace

std::string encode_identity(const Identity& identity) {
    assert(identity.origin.find('\n') == std::string::npos);
    assert(identity.node.find('\n') == std::string::npos);
    return identity.origin + "\n" + identity.node + "\n" + identity.genesis_hash;
}

std::optional<Identity> decode_identity(std::string_view stored) {
    Identity identity;
    for (std::string* line : {&identity.origin, &identity.node}) {
        const std::size_t end = stored.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        *line = stored.substr(0, end);
        stored.remove_prefix(end + 1);
    }
    identity.genesis_hash = stored;
    if (stored.find('\n') != std::string_view::npos) return std::nullopt;
    return identity;
}

Result<void> check_identity(const Identity& expected, std::string_view stored, const std::string& path) {
    const std::string wanted = encode_identity(expected);
    if (stored == wanted) return {};
    return Error{"wrong_identity", path + " belongs to " + describe(stored) +
                                       ", but the configuration is of " + describe(wanted) +
                                       ". Point the configuration at this node's own folder, or at an empty "
                                       "one."};
}

}  // namespace socai::storage
