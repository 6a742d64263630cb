#include "api/access/record_sight.hpp"

#include <utility>

#include "api/views.hpp"

namespace json = boost::json;

namespace socai::api {

inspection::Seen RecordSight::of(const ledger::Record& record) {
    if (inspection::needs_facts(viewer_) && !derived_) derived_ = backend_.derived();
    return inspection::seen_by(viewer_, record, derived_ ? derived_->facts.get() : nullptr);
}

std::optional<inspection::Seen> RecordSight::matching(const ledger::Record& record,
                                                      const inspection::Filter& filter) {
    auto seen = of(record);
    if (!seen) return std::nullopt;
    if (!filter.empty() && !inspection::matches(filter, inspection::seen_fields(record, seen)))
        return std::nullopt;
    return seen;
}

json::object seen_record_json(const RecordView& view, const inspection::Seen& seen,
                              json::storage_ptr storage) {
    if (seen.is_whole()) return record_json(view, std::move(storage));
    json::object object(storage);
    object["index"] = view.address.index;
    object["n"] = view.address.n;
    object["time"] = view.time_ms;
    object["record"] = inspection::seen_json(*view.record, seen, storage);
    object["status"] = view.status;
    if (view.withdrawal) object["withdrawn"] = withdrawal_json(*view.withdrawal, storage);
    object["partial"] = true;
    return object;
}

json::object seen_numbered_json(std::uint32_t n, const ledger::Record& record, const inspection::Seen& seen,
                                json::storage_ptr storage) {
    if (seen.is_whole()) return numbered_record_json(n, record, std::move(storage));
    json::object object(storage);
    object["n"] = n;
    object["record"] = inspection::seen_json(record, seen, storage);
    object["partial"] = true;
    return object;
}

}  // namespace socai::api
