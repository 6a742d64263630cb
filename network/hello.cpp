#include "network/hello.hpp"

namespace socai::network {

Hello make_hello(const Identity& identity, consensus::NodeId peer, std::uint64_t signed_size) {
    return {identity.origin, identity.genesis_hash, identity.self, peer, signed_size};
}

std::optional<std::string> refuse_hello(const Hello& hello, const Identity& identity) {
    if (hello.origin != identity.origin)
        return "it belongs to the ledger '" + printable(hello.origin) + "', this node to '" +
               printable(identity.origin) + "': check the peers' addresses in both configurations";
    if (hello.genesis_hash != identity.genesis_hash)
        return "its genesis has the hash " + printable(hello.genesis_hash) + ", this node's has " +
               printable(identity.genesis_hash) + ": both need the same genesis file";
    if (hello.from == identity.self)
        return "it says that it is node " + std::to_string(identity.self.value) +
               " as this node does: a node's configuration or data folder runs twice";
    if (hello.to != identity.self)
        return "it looks for node " + std::to_string(hello.to.value) + ", this is node " +
               std::to_string(identity.self.value) + ": correct this peer's address in its configuration";
    return std::nullopt;
}

std::optional<std::string> refuse_old_copy(const Hello& hello, std::uint64_t known) {
    if (hello.signed_size >= known) return std::nullopt;
    return "it says that it has cosigned " + std::to_string(hello.signed_size) +
           " leaves, and is known to have cosigned " + std::to_string(known) +
           ": its data folder is an old copy. Restore it under a new id: remove the node and add it under a "
           "new "
           "name";
}

std::string printable(std::string_view text, std::size_t longest) {
    std::string out(text.substr(0, longest));
    for (char& character : out)
        if (character < ' ' || character > '~') character = '?';
    return text.size() > longest ? out + "..." : out;
}

}  // namespace socai::network
