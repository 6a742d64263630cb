#include "storage/state_nodes.hpp"

#include "ledger/tiles.hpp"
#include "storage/tile_edge.hpp"

namespace socai::storage {
namespace {

// NodeReader has no errors: this one keeps the first for its user.
class Nodes : public ledger::NodeReader {
  public:
    Nodes(const StateDatabase& state, std::uint64_t size) : state_(state), size_(size) {}

    std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t index) const override {
        auto hash = read_node(state_, size_, level, index);
        if (hash) return *hash;
        if (!trouble) trouble = hash.error();
        return std::nullopt;
    }

    mutable std::optional<Error> trouble;

  private:
    const StateDatabase& state_;
    const std::uint64_t size_;
};

}  // namespace

Result<std::optional<ledger::Hash>> read_node(const StateDatabase& state, std::uint64_t size,
                                              std::uint32_t level, std::uint64_t index) {
    if (level >= 64 || index >= size >> level) return std::optional<ledger::Hash>();
    const std::uint32_t height = level % ledger::tile_height;
    const std::uint64_t first = index << height;  // in hashes of the tile's level
    auto tile = state.tile(level / ledger::tile_height, first / ledger::tile_width);
    if (!tile) return tile.error();
    const std::size_t offset = (first % ledger::tile_width) * hash_bytes;
    const std::size_t length = (std::size_t{1} << height) * hash_bytes;
    if (!*tile || (*tile)->size() < offset + length) return state.damage("a tile is missing or too short");
    return std::optional(subtree_root(std::string_view(**tile).substr(offset, length)));
}

Result<ledger::Frontier> read_frontier(const StateDatabase& state, std::uint64_t size) {
    const Nodes nodes(state, size);
    std::optional<ledger::Frontier> frontier = ledger::read_frontier(size, nodes);
    if (nodes.trouble) return *nodes.trouble;
    if (!frontier) return state.damage("the tiles do not cover the applied leaves");
    return *std::move(frontier);
}

}  // namespace socai::storage
