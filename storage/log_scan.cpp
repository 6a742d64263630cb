#include "storage/log_scan.hpp"

#include <algorithm>
#include <utility>

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

constexpr std::uint64_t entries_a_read = 4'096;
constexpr std::size_t bytes_a_read = 8U << 20U;
constexpr std::uint64_t entries_a_report = 1U << 16U;

class Scan {
  public:
    explicit Scan(const LogDatabase& log) : log_(log) {
        found_.base = found_.end = log.base();
        auto ids = log.configurations();
        if (ids) configurations_ = *std::move(ids);
        kinds_known_ = ids.has_value();
    }

    // One more stretch. False: the log ends here.
    Result<bool> advance() {
        const Index next = found_.end.index + 1;
        auto entries = log_.read(next, next + (entries_a_read - 1), bytes_a_read);
        if (!entries && entries.error().reason != "corrupt_log") return entries.error();
        if (!entries) return step_over(next);
        for (const consensus::EntryPtr& entry : *entries) {
            if (!take(entry->id)) return false;
            if (entry->kind == consensus::EntryKind::configuration)
                found_.configurations.push_back(entry->id);
            ++found_.intact;
        }
        return !entries->empty();
    }

    // Entries at the end that nothing proves go.
    LogFindings finish(const std::optional<EntryId>& stated_end) && {
        if (found_.end == stated_end) return std::move(found_);
        while (!found_.damaged.empty() && found_.damaged.back().id == found_.end) {
            found_.end = found_.damaged.back().previous;
            found_.damaged.pop_back();
            if (found_.runs.back().first > found_.end.index) found_.runs.pop_back();
        }
        return std::move(found_);
    }

    Index end() const { return found_.end.index; }

  private:
    bool take(const EntryId& id) {
        if (id.term < found_.end.term) return false;
        if (found_.runs.empty() || found_.runs.back().term < id.term)
            found_.runs.push_back({id.term, id.index});
        found_.end = id;
        return true;
    }

    // The entry at `index` cannot be read: may it keep its place?
    Result<bool> step_over(Index index) {
        const EntryId before = found_.end;
        auto held = log_.look(before, index);
        if (!held) return held.error();
        if (!held->id || held->altered || may_be_configuration(index)) return false;
        if (!take(*held->id)) return false;
        found_.damaged.push_back({before, *held->id});
        return true;
    }

    bool may_be_configuration(Index index) const {
        if (!kinds_known_) return true;
        const auto at = std::lower_bound(configurations_.begin(), configurations_.end(), index,
                                         [](const EntryId& id, Index wanted) { return id.index < wanted; });
        return at != configurations_.end() && at->index == index;
    }

    const LogDatabase& log_;
    LogFindings found_;
    std::vector<EntryId> configurations_;  // as the log's own list has them
    bool kinds_known_ = false;
};

}  // namespace

Result<LogFindings> scan_log(const LogDatabase& log, const std::optional<EntryId>& stated_end, Index of,
                             const LogProgress& progress) {
    Scan scan(log);
    std::uint64_t reported = 0;
    while (true) {
        auto more = scan.advance();
        if (!more) return more.error();
        if (!*more) break;
        if (progress && scan.end().value - reported >= entries_a_report) {
            reported = scan.end().value;
            progress(reported, std::max(reported, of.value));
        }
    }
    if (progress) progress(scan.end().value, std::max(scan.end(), of).value);
    return std::move(scan).finish(stated_end);
}

}  // namespace socai::storage
