// How the ledger's values look in answers (design/interfaces.md, "Types"). Pure; safe from any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/storage_ptr.hpp>
#include <span>
#include <string>

#include "api/backend.hpp"

namespace socai::api {

// {size, final_size, time, leader_contact_ms}; the last is null when no leader was ever heard of.
boost::json::object as_of_json(const AsOf& as_of, boost::json::storage_ptr storage);
// {index, n, time, record}, of a timeline.
boost::json::object record_json(const RecordView& view, boost::json::storage_ptr storage);
// {legal_basis, at?}: of a leaf whose bytes the members withdrew.
boost::json::object withdrawal_json(const Withdrawal& withdrawal, boost::json::storage_ptr storage);
// {n, record}: a member of a leaf's `records`.
boost::json::object numbered_record_json(std::uint32_t n, const ledger::Record& record,
                                         boost::json::storage_ptr storage);
// Standard base64 of 32 bytes.
std::string hash_text(const ledger::Hash& hash);
boost::json::array hashes_json(std::span<const ledger::Hash> hashes, boost::json::storage_ptr storage);

}  // namespace socai::api
