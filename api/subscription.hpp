// One subscription of a connection: where it stands in the ledger, and the notifications that come next
// (design/interfaces.md, ledger.subscribe). Owned and used by its connection's strand.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/access/record_sight.hpp"
#include "api/access/session.hpp"
#include "api/backend.hpp"

namespace socai::api {

class Subscription {
  public:
    // Sends leaves from `from_index` on that hold a record which `source` sees and which matches, and of their records only
    // those. `source`: who opened it, empty without account; `audience` narrows what that account sees.
    Subscription(std::uint64_t id, std::uint64_t from_index, inspection::Filter filter,
                 std::string source = {}, std::optional<inspection::Viewer> audience = {});

    // What it may show while the connection is this; nothing: it saw more than it may now, and must end.
    std::optional<inspection::Viewer> viewer_now(const Asker& asker, const Backend& backend) const;

    enum class Progress { more, caught_up };
    // Takes a message; false when there is no room for another one now.
    using Send = std::function<bool(std::string)>;
    // Reads at most one chunk of leaves and sends what there is room for. Leaves are sent in order, none
    // twice and none missed: whatever finds no room stays here. Errors: a leaf could not be read; nothing
    // may be sent after it.
    Result<Progress> advance(const Backend& backend, const inspection::Viewer& viewer, const Send& send);

    std::uint64_t id() const { return id_; }
    // The first leaf that was not dealt with.
    std::uint64_t next_index() const { return next_index_; }

    // What was read since this was last asked, in units of the cost of reads.
    std::uint64_t take_cost() { return std::exchange(cost_, 0); }

    // The client was told of it, so that notifications may follow.
    bool active = false;

  private:
    // The notification of a leaf, or nothing when no record of it matches.
    Result<std::optional<std::string>> notification(std::uint64_t index, std::string_view entry,
                                                    RecordSight& sight) const;

    std::uint64_t id_;
    std::uint64_t next_index_;
    inspection::Filter filter_;
    std::string source_;
    std::optional<inspection::Viewer> audience_;
    std::uint64_t cost_ = 0;
    std::deque<std::string> chunk_;  // entries from next_index_ on, read and not dealt with
};

}  // namespace socai::api
