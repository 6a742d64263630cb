#include "matrix_ledger.hpp"

#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "ledger/disclosure.hpp"
#include "inspection/access/account.hpp"
#include "tests/unit/inspection/sample_kinds.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

// An alert in the three states that matter beside the unpublished one of the examples.
json::value alert(const json::value& example, std::string_view id, const json::object& changes) {
    json::value changed = example;
    changed.as_object()["id"] = id;
    changed.as_object()["subject"] = id;
    json::object& data = changed.at("data").as_object();
    data["alert_no"] = id;
    for (const auto& member : changes) data[member.key()] = member.value();
    return changed;
}

}  // namespace

ledger::Jwk key_of(std::string_view source) {
    const ledger::Hash seed = ledger::sha256(source);
    return {std::string(source) + "/record-1", ledger::KeyPair::from_seed(seed)};
}

ledger::Registry registry_with_keys() {
    ledger::Registry registry = inspection::test::sample_registry();
    registry.add_agency({"audit.kiemtoan", {}, {"auditor"}, "Kiểm toán nhà nước", "State Audit"}).value();
    registry.add_agency({"langson.ubnd", {}, {"provincial_committee"}, "Lạng Sơn", "Lang Son"}).value();
    const ledger::Registry::Agencies agencies = registry.agencies();
    for (const auto& [code, agency] : agencies) {
        const ledger::Jwk key = key_of(code);
        registry.add_key({.kid = key.kid, .agency = code, .key = key.key.public_key()}).value();
        if (agency.has_role("trader")) registry.add_delegation("customs.nsw", code).value();
    }
    return registry;
}

MatrixLedger::MatrixLedger() {
    known = std::make_shared<const ledger::Registry>(registry_with_keys());
    seen_by_strangers = {};
    for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds()) {
        const json::value example = inspection::test::examples_of(kind).accepted;
        add(example);
        if (kind.name != "alert") continue;
        const json::object about_importer{{"hs_prefix", "9503"}, {"tax_code", "9900000016"}};
        add(alert(example, "CB-OPEN", {{"published", true}}));
        add(alert(example, "CB-IMPORTER-OPEN", {{"published", true}, {"scope", about_importer}}));
        add(alert(example, "CB-IMPORTER", {{"scope", about_importer}}));
    }
}

void MatrixLedger::add(const json::value& record) {
    append({json::serialize(record)});
    records_.push_back(inspection::test::record_of(record));
}

Result<QueryResult> MatrixLedger::query(const QueryRequest& request) const {
    QueryResult result;
    const std::size_t size = records_.size();
    std::size_t next = request.cursor ? std::stoul(*request.cursor) : 0;
    for (; next < size && result.items.size() < request.limit; ++next) {
        const std::size_t at = request.descending ? size - 1 - next : next;
        ++result.looked_at;
        if (!inspection::matches(request.filter, inspection::fields_of(records_[at]))) continue;
        result.items.push_back(
            {{at, 0}, 1'000, std::make_shared<const ledger::Record>(records_[at]), "committed"});
    }
    if (next < size) result.next_cursor = std::to_string(next);
    return result;
}

std::string MatrixLedger::cursor_past(const QueryRequest& request, const ledger::Address& last) const {
    return std::to_string(request.descending ? records_.size() - last.index : last.index + 1);
}

Result<std::vector<RecordView>> MatrixLedger::dossier(std::string_view dossier_no) const {
    const auto found =
        query({.filter = {.dossier_no = std::string(dossier_no)}, .limit = 1'000, .cursor = {}});
    if (found->items.empty())
        return Error{Code::not_found, "no_such_dossier", "no record carries that number"};
    return found->items;
}

Result<PromiseFate> MatrixLedger::promise(std::string_view source, std::string_view id) const {
    const auto address = find(source, id);
    if (!address) return Error{Code::not_found, "no_such_promise", "nothing was promised of that record"};
    PromiseFate fate{fate_of_promises, {}, "promise of " + std::string(id), std::nullopt, 0, "", ""};
    if (fate.status == "committed") fate.address = *address;
    if (fate.status == "refused") fate.refusal = fate.detail = "refusal of " + std::string(id);
    return fate;
}

Result<ConfidentialView> MatrixLedger::confidential(std::string_view source, std::string_view id) const {
    auto view = FakeBackend::confidential(source, id);
    if (!view) return view;
    const ledger::Disclosure disclosure = ledger::make_disclosure("secret", boost::json::value("of " + std::string(id)));
    view->members.push_back({disclosure.digest, disclosure.text});
    return view;
}

Result<InclusionProof> MatrixLedger::prove_inclusion(std::uint64_t index,
                                                     std::optional<std::uint64_t> size) const {
    auto proof = FakeBackend::prove_inclusion(index, size);
    if (proof) proof->receipt = json::object{{"entry", leaf(index)->statement}};
    return proof;
}

Answer MatrixLedger::ask(std::string_view method, const json::object& parameters, const Asker& asker) const {
    const Method* found = table_.find(method);
    if (found == nullptr) throw std::runtime_error("no method " + std::string(method));
    if (const auto checked = check_parameters(found->parameters, parameters); !checked)
        return checked.error();
    Reading reading{*this, asker, Limits{}.max_rows_per_read};
    return std::get<ReadHandler>(found->handler)(reading, Arguments(found->parameters, parameters), {});
}

Asker MatrixLedger::asker(std::string_view source) const {
    if (source.empty()) return {.viewer = anonymous()};
    return {.viewer = inspection::viewer_for(*known, source),
            .kid = std::string(source) + "/record-1",
            .source = std::string(source)};
}

}  // namespace socai::api::testing
