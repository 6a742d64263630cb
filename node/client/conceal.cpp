#include "node/client/conceal.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "ledger/ijson.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
}

}  // namespace

Concealed conceal(const std::vector<InputRecord>& records, const std::vector<std::string>& fields,
                  const inspection::RecordRules& rules) {
    Concealed concealed;
    for (const InputRecord& input : records) {
        const auto record = ledger::parse_record(input.bytes);
        const inspection::Kind* kind = record ? rules.kind(record->kind()) : nullptr;
        if (kind == nullptr) {
            concealed.faults.push_back({input.line, "unknown_kind", "no kind of this ledger: " + input.type});
            continue;
        }
        json::object event = record->json;
        json::object& data = event.at("data").as_object();
        std::vector<ledger::Disclosure> told;
        for (const std::string& field : fields) {
            const json::value* value = data.if_contains(field);
            if (value == nullptr) continue;
            if (!std::ranges::binary_search(kind->confidential, field)) {
                concealed.faults.push_back({input.line, "not_confidential",
                                            "data." + field + " of a " + std::string(record->kind()) +
                                                " may not be confidential; these may: " +
                                                listed(kind->confidential)});
                continue;
            }
            told.push_back(ledger::make_disclosure(field, *value));
            data.erase(field);
        }
        if (told.empty()) {
            concealed.records.push_back(input.bytes);
            continue;
        }
        // In the order of the commitments, which tells nothing of that of the members (RFC 9901 §4.2.4.1).
        std::vector<std::string> commitments;
        for (const ledger::Hash& known : record->commitments) commitments.push_back(ledger::commitment_text(known));
        for (const ledger::Disclosure& each : told) commitments.push_back(ledger::commitment_text(each.digest));
        std::ranges::sort(commitments);
        json::array list;
        for (const std::string& commitment : commitments) list.emplace_back(commitment);
        data["_sd"] = std::move(list);
        concealed.records.push_back(json::serialize(event));
        std::ranges::move(told, std::back_inserter(concealed.disclosures));
        ++concealed.changed;
    }
    return concealed;
}

}  // namespace socai::node::client
