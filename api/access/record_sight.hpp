// What one caller sees of the records of one read, and how they are shown to it.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/storage_ptr.hpp>
#include <optional>

#include "api/backend.hpp"
#include "inspection/access/visibility.hpp"

namespace socai::api {

// Used by one thread. The backend must outlive it.
class RecordSight {
  public:
    RecordSight(const Backend& backend, inspection::Viewer viewer)
        : backend_(backend), viewer_(std::move(viewer)) {}

    inspection::Seen of(const ledger::Record& record);
    // Does it see all of every record? Then it may have the statement.
    template <class Records>
    bool is_whole(const Records& records) {
        for (const auto& record : records)
            if (!of(*record).is_whole()) return false;
        return true;
    }
    // The record when it is seen and, as far as it is seen, matches.
    std::optional<inspection::Seen> matching(const ledger::Record& record, const inspection::Filter& filter);
    WithdrawalPtr withdrawal_of(std::uint64_t index) const { return backend_.withdrawal_of(index); }
    const inspection::Viewer& viewer() const { return viewer_; }
    // Whose shipments are looked up in what is applied by now.
    void refresh() { derived_.reset(); }

  private:
    const Backend& backend_;
    inspection::Viewer viewer_;
    std::optional<Derived> derived_;  // from the first record on that needs it
};

// {index, n, time, record, status, partial?} and {n, record, partial?}.
boost::json::object seen_record_json(const RecordView& view, const inspection::Seen& seen,
                                     boost::json::storage_ptr storage);
boost::json::object seen_numbered_json(std::uint32_t n, const ledger::Record& record,
                                       const inspection::Seen& seen, boost::json::storage_ptr storage);

}  // namespace socai::api
