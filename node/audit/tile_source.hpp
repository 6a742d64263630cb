// What the two sources of tlog-tiles files share: names, bounds and forms. How a file is fetched is theirs.
#pragma once

#include "ledger/tiles.hpp"
#include "node/audit/source.hpp"

namespace socai::node::audit {

class TileSource : public Source {
  public:
    Result<std::string> head() override;
    Result<EntriesRead> entries(std::uint64_t index, std::uint32_t width) override;
    Result<std::optional<std::string>> tile(std::uint32_t level, std::uint64_t index,
                                            std::uint32_t width) override;

  protected:
    // The file at `path` (no leading slash); nothing when it is not there. One longer than `max_bytes` is an error:
    // too_much_data, Exit::no.
    virtual Result<std::optional<std::string>> fetch(const std::string& path, std::size_t max_bytes) = 0;

  private:
    // A partial tile, or, once the log has grown, the full one that took its place (C2SP tlog-tiles, "Partial
    // tiles").
    Result<std::optional<std::string>> fetch_tile(const ledger::TileName& name, std::size_t element_bytes);
};

}  // namespace socai::node::audit
