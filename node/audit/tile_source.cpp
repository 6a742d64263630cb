#include "node/audit/tile_source.hpp"

#include "ledger/hash.hpp"
#include "ledger/note.hpp"
#include "ledger/statement.hpp"

namespace socai::node::audit {

Result<std::string> TileSource::head() {
    auto note = fetch("checkpoint", ledger::max_note_bytes);
    if (!note) return note.error();
    if (!*note) return Error{Exit::unreachable, "no_head", "the source has no checkpoint: is it a log?"};
    return **std::move(note);
}

Result<std::optional<std::string>> TileSource::fetch_tile(const ledger::TileName& name,
                                                          std::size_t element_bytes) {
    auto bytes = fetch(ledger::tile_path(name), name.width * element_bytes);
    if (!bytes || *bytes || name.width == ledger::tile_width) return bytes;
    ledger::TileName full = name;
    full.width = ledger::tile_width;
    return fetch(ledger::tile_path(full), full.width * element_bytes);
}

Result<EntriesRead> TileSource::entries(std::uint64_t index, std::uint32_t width) {
    const ledger::TileName name{true, 0, index, width};
    auto bytes = fetch_tile(name, ledger::max_entry_bytes + 2);
    if (!bytes) {
        if (bytes.error().exit == Exit::unreachable) return bytes.error();
        return EntriesRead{{}, bytes.error()};
    }
    if (!*bytes) {
        return EntriesRead{{},
                           Error{Exit::no, "missing_leaves",
                                 "the source has no " + ledger::tile_path(name) + ", which its head covers"}};
    }
    return EntriesRead{**std::move(bytes), std::nullopt};
}

Result<std::optional<std::string>> TileSource::tile(std::uint32_t level, std::uint64_t index,
                                                    std::uint32_t width) {
    const ledger::TileName name{false, level, index, width};
    auto bytes = fetch_tile(name, sizeof(ledger::Hash));
    if (!bytes) return bytes.error();
    if (!*bytes) {
        return Error{Exit::no, "wrong_tile",
                     "the source has no " + ledger::tile_path(name) + ", which its head covers"};
    }
    if ((*bytes)->size() != width * sizeof(ledger::Hash) &&
        (*bytes)->size() != ledger::tile_width * sizeof(ledger::Hash)) {
        return Error{Exit::no, "wrong_tile",
                     ledger::tile_path(name) + " has " + std::to_string((*bytes)->size()) +
                         " bytes instead of " + std::to_string(width * sizeof(ledger::Hash))};
    }
    (*bytes)->resize(width * sizeof(ledger::Hash));
    return bytes;
}

}  // namespace socai::node::audit
