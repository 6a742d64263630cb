#include "node/audit/data_source.hpp"

#include <filesystem>

#include "ledger/hash.hpp"
#include "ledger/note.hpp"
#include "ledger/tiles.hpp"
#include "node/files.hpp"
#include "storage/ledger_copy.hpp"

namespace socai::node::audit {
namespace {

class DataSource : public Source {
  public:
    DataSource(std::string folder, std::unique_ptr<storage::LedgerCopy> copy)
        : folder_(std::move(folder)), copy_(std::move(copy)) {}

    std::string kind() const override { return "data folder"; }

    Result<std::string> head() override {
        std::error_code error;
        if (!std::filesystem::exists(folder_ + "/final", error)) {
            return Error{Exit::unreachable, "no_head",
                         folder_ +
                             " keeps no signed head: give one with --head, such as a node's /checkpoint or "
                             "the head of a receipt"};
        }
        return read_file(folder_ + "/final", ledger::max_note_bytes);
    }

    Result<EntriesRead> entries(std::uint64_t index, std::uint32_t width) override {
        auto read = copy_->leaves(index * ledger::tile_width, width);
        EntriesRead entries{std::move(read.bundle), std::nullopt};
        if (read.fault) entries.fault = Error{Exit::no, "damaged_source", read.fault->detail};
        if (!read.fault && read.count < width) {
            entries.fault = Error{Exit::no, "missing_leaves",
                                  "the log in " + folder_ + " ends before leaf " +
                                      std::to_string(index * ledger::tile_width + read.count)};
        }
        return entries;
    }

    Result<std::optional<std::string>> tile(std::uint32_t level, std::uint64_t index,
                                            std::uint32_t width) override {
        const std::uint32_t stored = ledger::tile_width_at(level, index, copy_->state_size());
        if (stored < width) return std::optional<std::string>();
        auto bytes = copy_->tile(level, index);
        if (!bytes) return Error{Exit::no, "wrong_tile", bytes.error().detail};
        if (!*bytes || (*bytes)->size() < width * sizeof(ledger::Hash)) {
            return Error{Exit::no, "wrong_tile", "the state in " + folder_ + " lacks it, or a part of it"};
        }
        (*bytes)->resize(width * sizeof(ledger::Hash));
        return *std::move(bytes);
    }

    std::string without_tiles() const override {
        if (!copy_->state_fault().empty()) return "no stored tiles were compared: " + copy_->state_fault();
        return "tiles of leaves from " + std::to_string(copy_->state_size()) +
               " on: the folder's state had not come further, a node rebuilds them from the log";
    }

  private:
    const std::string folder_;
    const std::unique_ptr<storage::LedgerCopy> copy_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_data_source(const std::string& folder) {
    auto copy = storage::LedgerCopy::open(folder);
    if (!copy) {
        const bool locked = copy.error().reason == "locked";
        if (locked) return Error{Exit::unreachable, "data_locked", copy.error().detail};
        const bool damaged = copy.error().reason == "corrupt_log";
        return Error{damaged ? Exit::no : Exit::unreachable, "damaged_source", copy.error().detail};
    }
    return std::unique_ptr<Source>(std::make_unique<DataSource>(folder, *std::move(copy)));
}

}  // namespace socai::node::audit
