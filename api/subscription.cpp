#include "api/subscription.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/json_rpc.hpp"
#include "api/views.hpp"
#include "ledger/remains.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

// At most 64 KiB each: 2 MiB a subscription.
constexpr std::size_t chunk_leaves = 32;

Error unreadable(std::uint64_t index, const ledger::Error& error) {
    return Error{Code::internal_error, "internal",
                 "leaf " + std::to_string(index) + " cannot be read: " + error.detail};
}

}  // namespace

Subscription::Subscription(std::uint64_t id, std::uint64_t from_index, inspection::Filter filter,
                           std::string source, std::optional<inspection::Viewer> audience)
    : id_(id),
      next_index_(from_index),
      filter_(std::move(filter)),
      source_(std::move(source)),
      audience_(std::move(audience)) {}

std::optional<inspection::Viewer> Subscription::viewer_now(const Asker& asker, const Backend& backend) const {
    if (audience_ && audience_->is_public()) return audience_;
    if (source_.empty()) return audience_ ? *audience_ : backend.anonymous();
    if (asker.lapsed || asker.source != source_) return std::nullopt;
    return audience_ ? *audience_ : asker.viewer;
}

Result<Subscription::Progress> Subscription::advance(const Backend& backend, const inspection::Viewer& viewer,
                                                     const Send& send) {
    RecordSight sight(backend, viewer);
    if (chunk_.empty()) {
        auto entries = backend.entries(next_index_, chunk_leaves);
        if (!entries) return entries.error();
        if (entries->empty()) return Progress::caught_up;
        chunk_.assign(std::move_iterator(entries->begin()), std::move_iterator(entries->end()));
    }
    constexpr std::size_t bytes_a_unit = 1'024;
    bool room = true;
    while (room && !chunk_.empty()) {
        auto message = notification(next_index_, chunk_.front(), sight);
        if (!message) return message.error();
        cost_ += 1 + chunk_.front().size() / bytes_a_unit;
        chunk_.pop_front();
        ++next_index_;
        if (*message) room = send(std::move(**message));
    }
    return Progress::more;
}

Result<std::optional<std::string>> Subscription::notification(std::uint64_t index, std::string_view entry,
                                                              RecordSight& sight) const {
    const auto leaf = ledger::read_leaf(entry);
    if (!leaf) return unreadable(index, leaf.error());
    const ledger::Statement* statement = &leaf->statement;
    json::array records;
    bool whole = true;
    for (std::uint32_t n = 0; n < statement->records.size(); ++n) {
        const ledger::Record& record = statement->records[n];
        whole = whole && sight.of(record).is_whole();
        if (const auto seen = sight.matching(record, filter_))
            records.emplace_back(seen_numbered_json(n, record, *seen, {}));
    }
    if (records.empty()) return std::optional<std::string>{};
    json::object params;
    params["subscription"] = id_;
    params["index"] = index;
    params["time"] = leaf->time_ms;
    if (leaf->withdrawn) params["withdrawn"] = withdrawal_json(*sight.withdrawal_of(index), {});
    if (whole && !leaf->withdrawn) params["statement"] = statement->text;
    params["records"] = std::move(records);
    return std::optional(notification_text("ledger.entry", std::move(params)));
}

}  // namespace socai::api
