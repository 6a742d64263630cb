#include "storage/state_nodes.hpp"

#include "storage/codec.hpp"
#include "storage/tree_growth.hpp"

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
    auto row = state.row(level, index / row_nodes);
    if (!row) return row.error();
    ByteReader reader(*row ? std::string_view(**row) : std::string_view());
    reader.take((index % row_nodes) * hash_bytes);
    const ledger::Hash hash = reader.digest();
    if (!reader.ok()) return state.damage("a row of the tree is missing or too short");
    return std::optional(hash);
}

Result<ledger::Frontier> read_frontier(const StateDatabase& state, std::uint64_t size) {
    const Nodes nodes(state, size);
    std::optional<ledger::Frontier> frontier = ledger::read_frontier(size, nodes);
    if (nodes.trouble) return *nodes.trouble;
    if (!frontier) return state.damage("the tree does not cover the applied leaves");
    return *std::move(frontier);
}

}  // namespace socai::storage
