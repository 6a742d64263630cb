// Where an audit reads a ledger: one interface over a node's folder, a backup, a server of tiles and a folder
// of tiles. A source is believed in nothing; it only must not be able to make its reader wait or swell without
// end.
//
// Errors are node::Error: Exit::no when what came is wrong (it becomes a finding), Exit::unreachable when
// nothing came. Implementations may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/facts.hpp"
#include "node/client/trust.hpp"
#include "node/error.hpp"

namespace socai::node::audit {

// Leaves [index * 256, index * 256 + width) as a C2SP entry bundle.
struct EntriesRead {
    std::string bundle;
    // Why it holds fewer than was asked for, if it does. Leaves before that are good to use.
    std::optional<Error> fault;
};

class Source {
  public:
    virtual ~Source() = default;
    // "data folder", "tiles over HTTP", "folder of tiles"
    virtual std::string kind() const = 0;
    // The signed head that the source offers, as it came, at most ledger::max_note_bytes. Error no_head when it
    // holds none.
    virtual Result<std::string> head() = 0;
    // Further signed heads that the source keeps, as they came: links between policies. Each may be anything.
    virtual std::vector<std::string> other_heads() { return {}; }
    // How many leaves stand from `first` on, at most `count` <= 256, whatever its head covers. 0 where only the head tells.
    virtual std::uint32_t count_leaves(std::uint64_t /*first*/, std::uint32_t /*count*/) { return 0; }
    // Error only when nothing could be reached.
    virtual Result<EntriesRead> entries(std::uint64_t index, std::uint32_t width) = 0;
    // The first `width` hashes of a hash tile. Nothing: this source keeps no such tile, and says why in
    // without_tiles(). Errors wrong_tile (of another length, or not there where it must be).
    virtual Result<std::optional<std::string>> tile(std::uint32_t level, std::uint64_t index,
                                                    std::uint32_t width) = 0;
    // A sentence about tiles that the source does not keep; empty when it keeps all.
    virtual std::string without_tiles() const { return {}; }
    // The mark of what the source derived from the first `size` leaves (ledger/derived_mark.hpp). Nothing: it shows none, or has
    // not come that far. Errors as tile().
    virtual Result<std::optional<std::uint64_t>> derived_mark(std::uint64_t /*size*/) {
        return std::optional<std::uint64_t>();
    }
    // Visits all facts that the source holds after exactly `size` leaves (ledger/facts.hpp), until `visit` answers false. False:
    // it keeps none, or those of another size. Errors as tile().
    virtual Result<bool> facts(std::uint64_t /*size*/, const ledger::Facts::Visit& /*visit*/) {
        return false;
    }
    // Calls that wait for an answer end within a second from now on, with an error, and so do later ones.
    virtual void give_up() {}
    // How many calls are worth having under way at once.
    virtual unsigned readers() const { return 1; }
};

// Limits on a source that is not ours.
struct SourceLimits {
    std::chrono::milliseconds request{
        60'000};               // for one answer, from the first byte sent to the last received
    unsigned connections = 4;  // to a server, at most
    unsigned attempts = 3;     // of a request whose connection breaks
    std::shared_ptr<const client::Trust> trust =
        nullptr;  // over TLS, whom to believe; null: the system's authorities
};

// By the form of `where`: http:// or https:// is a server; a folder with tile/ is one of tiles (its checkpoint may
// be missing: then it offers no head); a folder with log/, or data/log/, is a node's or a backup. Errors: not_a_source, bad_url, those of the sources.
Result<std::unique_ptr<Source>> open_source(const std::string& where, const SourceLimits& limits);

}  // namespace socai::node::audit
