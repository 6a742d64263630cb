// Who may talk to whom: a connection joins two nodes of one ledger that know each other. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "network/frame.hpp"

namespace socai::network {

struct Identity {
    std::string origin;
    std::string genesis_hash;  // of the leaf that opened the ledger, or its present epoch
    consensus::NodeId self;
};

// What a dialler says first, or a listener answers, to `peer`. `signed_size`: of the largest head that this node has
// cosigned.
Hello make_hello(const Identity& identity, consensus::NodeId peer, std::uint64_t signed_size = 0);

// Why `hello` cannot be talked to; nothing: welcome. The listener takes any peer that it knows, the dialler
// only the one it dialled.
std::optional<std::string> refuse_hello(const Hello& hello, const Identity& identity);
// The same for what a peer has cosigned: `known` is the largest size of which this node has seen its co-signature. One
// that says less has lost what it acknowledged.
std::optional<std::string> refuse_old_copy(const Hello& hello, std::uint64_t known);

// What a stranger sent, made fit for a log line: control and non-ASCII bytes as '?', cut at `longest`.
std::string printable(std::string_view text, std::size_t longest = 100);

}  // namespace socai::network
