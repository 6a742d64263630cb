#include "sample_ledger.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

namespace json = boost::json;

namespace socai::api::testing {
namespace {

constexpr std::string_view files[] = {"data/rule_sets.jsonl", "data/shipment_mangosteen.jsonl",
                                      "data/shipment_toys.jsonl"};

// Of the rule sets, those that were in force when the shipments came: one for each regime (design/domain.md 4).
bool is_in_the_demo(const json::value& record) {
    return record.at("type") != "vn.socai.ruleset.v1" || record.at("subject") == "qd38-2021@1" ||
           record.at("subject") == "nd15-2018@1";
}

}  // namespace

SampleLedger::SampleLedger() {
    for (const std::string_view file : files) {
        const std::string text = inspection::test::file_text(std::string(file));
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            if (end > begin) {
                const json::value record = json::parse(json::string_view(text.data() + begin, end - begin));
                if (is_in_the_demo(record)) add(record);
            }
            begin = end + 1;
        }
    }
}

void SampleLedger::add(const json::value& value) {
    auto record = std::make_shared<const ledger::Record>(inspection::test::record_of(value));
    const auto address = world_.add(*record);
    if (!address)
        throw std::runtime_error(address.error().reason + ": " + address.error().detail + " at " +
                                 json::serialize(value));
    records_.push_back({*address, record->time_ms, record, "committed"});
}

Result<QueryResult> SampleLedger::query(const QueryRequest& request) const {
    QueryResult result;
    std::size_t next = request.cursor ? std::stoul(*request.cursor) : 0;
    for (; next < records_.size() && result.items.size() < request.limit; ++next) {
        const RecordView& view = records_[request.descending ? records_.size() - 1 - next : next];
        if (inspection::matches(request.filter, inspection::fields_of(*view.record)))
            result.items.push_back(view);
    }
    result.looked_at = result.items.size();
    if (next < records_.size()) result.next_cursor = std::to_string(next);
    return result;
}

Result<std::vector<RecordView>> SampleLedger::dossier(std::string_view dossier_no) const {
    std::vector<RecordView> found;
    for (const RecordView& view : records_)
        if (inspection::fields_of(*view.record).dossier_no == dossier_no) found.push_back(view);
    if (found.empty()) return Error{Code::not_found, "no_such_dossier", "no record carries that number"};
    return found;
}

std::optional<std::int64_t> SampleLedger::time_of(std::uint64_t index) const {
    return index < records_.size() ? std::optional(records_[index].time_ms) : std::nullopt;
}

std::string SampleLedger::cursor_past(const QueryRequest& request, const ledger::Address& last) const {
    std::size_t next = 0;
    while (next < records_.size() &&
           records_[request.descending ? records_.size() - 1 - next : next].address != last)
        ++next;
    return std::to_string(next + 1);
}

Answer SampleLedger::ask(const Method& method, const json::object& parameters) const {
    return ask(method, parameters, Asker{.viewer = anonymous()});
}

Answer SampleLedger::ask(const Method& method, const json::object& parameters, Asker asker) const {
    if (const auto checked = check_parameters(method.parameters, parameters); !checked)
        return checked.error();
    Reading reading{*this, std::move(asker), Limits{}.max_rows_per_read};
    return std::get<ReadHandler>(method.handler)(reading, Arguments(method.parameters, parameters), {});
}

}  // namespace socai::api::testing
