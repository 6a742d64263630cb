#include "node/audit/data_source.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>

#include "ledger/hash.hpp"
#include "ledger/ijson.hpp"
#include "ledger/tiles.hpp"
#include "node/files.hpp"
#include "storage/ledger_copy.hpp"

namespace socai::node::audit {
namespace {

constexpr std::size_t max_final_bytes = std::size_t{64} << 20;

class DataSource : public Source {
  public:
    DataSource(std::string folder, std::unique_ptr<storage::LedgerCopy> copy)
        : folder_(std::move(folder)), copy_(std::move(copy)) {}

    std::string kind() const override { return "data folder"; }

    Result<std::string> head() override {
        const auto file = read_final();
        if (!file) return file.error();
        const boost::json::value* head = file->if_contains("head");
        if (head == nullptr || !head->is_string()) return no_head();
        return std::string(head->get_string());
    }

    // Of epochs that ended too (node/recover/opening.hpp puts their files aside), with the last of each.
    std::vector<std::string> other_heads() override {
        std::vector<std::string> heads;
        std::error_code error;
        // A node that came in a later epoch has none of those before.
        constexpr std::uint64_t most_looked_for = 64;
        for (std::uint64_t ended = 1; ended <= most_looked_for; ++ended) {
            const std::string path = folder_ + "/final.epoch-" + std::to_string(ended);
            if (!std::filesystem::exists(path, error)) continue;
            const auto file = read_heads(path);
            if (!file) continue;
            add_transitions(*file, heads);
            if (const boost::json::value* head = file->if_contains("head");
                head != nullptr && head->is_string())
                heads.emplace_back(head->get_string());
        }
        if (const auto file = read_final()) add_transitions(*file, heads);
        return heads;
    }

    std::uint32_t count_leaves(std::uint64_t first, std::uint32_t count) override {
        return copy_->leaves(first, count).count;
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

    Result<std::optional<std::uint64_t>> derived_mark(std::uint64_t size) override {
        auto mark = copy_->facts_mark(size);
        if (!mark) return Error{Exit::no, "damaged_source", mark.error().detail};
        return *mark;
    }

    Result<bool> facts(std::uint64_t size, const ledger::Facts::Visit& visit) override {
        if (copy_->state_size() != size) return false;
        const auto read = copy_->facts(visit);
        if (!read) return Error{Exit::no, "damaged_source", read.error().detail};
        return true;
    }

    std::string without_tiles() const override {
        if (!copy_->state_fault().empty()) return "no stored tiles were compared: " + copy_->state_fault();
        return "tiles of leaves from " + std::to_string(copy_->state_size()) +
               " on: the folder's state had not come further, a node rebuilds them from the log";
    }

  private:
    static void add_transitions(const boost::json::object& file, std::vector<std::string>& heads) {
        const boost::json::value* transitions = file.if_contains("transitions");
        if (transitions == nullptr || !transitions->is_array()) return;
        for (const boost::json::value& transition : transitions->get_array()) {
            const boost::json::object* object = transition.if_object();
            const boost::json::value* head = object == nullptr ? nullptr : object->if_contains("head");
            if (head != nullptr && head->is_string()) heads.emplace_back(head->get_string());
        }
    }
    Error no_head() const {
        return {Exit::unreachable, "no_head",
                folder_ +
                    " keeps no signed head: give one with --head, such as a node's /checkpoint or the head "
                    "of a receipt"};
    }
    // What the node last knew to be final (node/final_heads.hpp). A backup has none.
    Result<boost::json::object> read_final() const {
        std::error_code error;
        if (!std::filesystem::exists(folder_ + "/final", error)) return no_head();
        return read_heads(folder_ + "/final");
    }
    static Result<boost::json::object> read_heads(const std::string& path) {
        const auto text = read_file(path, max_final_bytes);
        if (!text) return text.error();
        auto value = ledger::parse_ijson(*text);
        if (!value || !value->is_object())
            return Error{Exit::no, "damaged_source",
                         path + " is damaged: the head must come from elsewhere (--head)"};
        return std::move(value->get_object());
    }

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
