#include "api/subscription.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/json_rpc.hpp"
#include "api/views.hpp"
#include "ledger/statement.hpp"

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

Subscription::Subscription(std::uint64_t id, std::uint64_t from_index, inspection::Filter filter)
    : id_(id), next_index_(from_index), filter_(std::move(filter)), unfiltered_(filter_.empty()) {}

Result<Subscription::Progress> Subscription::advance(const Backend& backend, const Send& send) {
    if (chunk_.empty()) {
        auto entries = backend.entries(next_index_, chunk_leaves);
        if (!entries) return entries.error();
        if (entries->empty()) return Progress::caught_up;
        chunk_.assign(std::move_iterator(entries->begin()), std::move_iterator(entries->end()));
    }
    bool room = true;
    while (room && !chunk_.empty()) {
        auto message = notification(next_index_, chunk_.front());
        if (!message) return message.error();
        chunk_.pop_front();
        ++next_index_;
        if (*message) room = send(std::move(**message));
    }
    return Progress::more;
}

Result<std::optional<std::string>> Subscription::notification(std::uint64_t index,
                                                              std::string_view entry) const {
    const auto split = ledger::split_entry(entry);
    if (!split) return unreadable(index, split.error());
    const auto statement = ledger::parse_statement(split->statement);
    if (!statement) return unreadable(index, statement.error());
    json::array records;
    for (std::uint32_t n = 0; n < statement->records.size(); ++n) {
        const ledger::Record& record = statement->records[n];
        if (!unfiltered_ && !inspection::matches(filter_, inspection::fields_of(record))) continue;
        records.emplace_back(numbered_record_json(n, record, {}));
    }
    if (records.empty()) return std::optional<std::string>{};
    json::object params;
    params["subscription"] = id_;
    params["index"] = index;
    params["time"] = split->time_ms;
    params["statement"] = split->statement;
    params["records"] = std::move(records);
    return std::optional(notification_text("ledger.entry", std::move(params)));
}

}  // namespace socai::api
