#include "api/views.hpp"

#include <string_view>
#include <utility>

#include "ledger/jwk.hpp"

namespace json = boost::json;

namespace socai::api {

json::object as_of_json(const AsOf& as_of, json::storage_ptr storage) {
    json::object object(std::move(storage));
    object.reserve(4);
    object["size"] = as_of.size;
    object["final_size"] = as_of.final_size;
    object["time"] = as_of.time_ms;
    if (as_of.leader_contact_ms < 0) {
        object["leader_contact_ms"] = nullptr;
    } else {
        object["leader_contact_ms"] = as_of.leader_contact_ms;
    }
    return object;
}

json::object record_json(const RecordView& view, json::storage_ptr storage) {
    json::object object(std::move(storage));
    object.reserve(5);
    object["index"] = view.address.index;
    object["n"] = view.address.n;
    object["time"] = view.time_ms;
    object["record"] = view.record->json;
    object["status"] = view.status;
    if (view.withdrawal) object["withdrawn"] = withdrawal_json(*view.withdrawal, object.storage());
    return object;
}

json::object withdrawal_json(const Withdrawal& withdrawal, json::storage_ptr storage) {
    json::object object(std::move(storage));
    json::array basis(object.storage());
    for (const std::string& each : withdrawal.legal_basis) basis.emplace_back(each);
    object["legal_basis"] = std::move(basis);
    if (withdrawal.at) object["at"] = ledger::to_string(*withdrawal.at);
    return object;
}

json::object numbered_record_json(std::uint32_t n, const ledger::Record& record, json::storage_ptr storage) {
    json::object object(std::move(storage));
    object.reserve(2);
    object["n"] = n;
    object["record"] = record.json;
    return object;
}

std::string hash_text(const ledger::Hash& hash) {
    return ledger::base64(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

json::array hashes_json(std::span<const ledger::Hash> hashes, json::storage_ptr storage) {
    json::array array(std::move(storage));
    array.reserve(hashes.size());
    for (const ledger::Hash& hash : hashes) array.emplace_back(hash_text(hash));
    return array;
}

}  // namespace socai::api
