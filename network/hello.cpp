#include "network/hello.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>

namespace socai::network {
namespace {

// A ledger that lost its majority goes on as "<founding origin>/epoch-<number>" (ledger/epochs.hpp, which says it first).
constexpr std::string_view epoch_mark = "/epoch-";

struct Epoch {
    std::string_view founding;
    std::uint64_t number = 1;
};
Epoch epoch_of(std::string_view origin) {
    const std::size_t at = origin.rfind(epoch_mark);
    if (at == std::string_view::npos) return {origin};
    const std::string_view digits = origin.substr(at + epoch_mark.size());
    Epoch epoch{origin.substr(0, at)};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), epoch.number);
    if (error != std::errc() || end != digits.data() + digits.size()) return {origin};
    return epoch;
}

// Of two nodes of one ledger in different epochs.
std::optional<std::string> refuse_epoch(const Hello& hello, const Identity& identity) {
    const Epoch theirs = epoch_of(hello.origin);
    const Epoch ours = epoch_of(identity.origin);
    if (theirs.founding != ours.founding || theirs.number == ours.number) return std::nullopt;
    if (theirs.number > ours.number)
        return "the ledger lost its majority and goes on as '" + printable(hello.origin) +
               "'; this node is of '" + printable(identity.origin) +
               "', which has ended. Stop it and keep its folder. If the recovery lets it go on, give `socai "
               "recover open` "
               "here; else let a node with a new name and new keys join";
    return "it is of '" + printable(hello.origin) +
           "', an epoch of the ledger that has ended; this node serves '" + printable(identity.origin) +
           "'. It must be opened with `socai recover open`, or, if it was given up, join under a new name";
}

}  // namespace

Hello make_hello(const Identity& identity, consensus::NodeId peer, std::uint64_t signed_size) {
    return {identity.origin, identity.genesis_hash, identity.self, peer, signed_size};
}

std::optional<std::string> refuse_hello(const Hello& hello, const Identity& identity) {
    if (auto ended = refuse_epoch(hello, identity)) return ended;
    if (hello.origin != identity.origin)
        return "it belongs to the ledger '" + printable(hello.origin) + "', this node to '" +
               printable(identity.origin) + "': check the peers' addresses in both configurations";
    if (hello.genesis_hash != identity.genesis_hash)
        return std::string(epoch_of(identity.origin).number == 1 ? "its genesis"
                                                                 : "the recovery that it was opened with") +
               " has the hash " + printable(hello.genesis_hash) + ", this node's has " +
               printable(identity.genesis_hash) + ": both need the same file" +
               (epoch_of(identity.origin).number == 1
                    ? ""
                    : ". Give `socai recover open` the one that most of the nodes were opened with, at the others");
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
