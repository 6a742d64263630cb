#include "inspection/catalog/catalog.hpp"

#include <algorithm>
#include <map>

#include "inspection/record_data.hpp"
#include "inspection/shipments/refusals.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view items_table = "!cat";        // code, address -> item
constexpr std::string_view records_table = "!catr";     // source, id of the record -> key of its item
constexpr std::string_view successors_table = "!cats";  // key of an item -> of the one that superseded it
constexpr std::string_view owners_table = "!catl";      // list -> the ministry that first published it
constexpr std::size_t shortest_code = 4;
constexpr std::size_t longest_code = 8;

FactKey item_key(const CatalogItem& item) {
    return FactKey(items_table).text(item.hs_code).address(item.at);
}

ManagementLevel level_of(std::string_view word) {
    if (word == "level_1") return ManagementLevel::level_1;
    if (word == "level_2") return ManagementLevel::level_2;
    if (word == "level_3") return ManagementLevel::level_3;
    return ManagementLevel::none;
}

CatalogItem item_of(const ledger::Coming& coming) {
    const auto& data = coming.record.data();
    CatalogItem item;
    item.at = coming.address;
    item.source = coming.record.source;
    item.ministry = coming.registry.line_of(item.source).back();
    item.since = item.at;
    item.list_code = text_at(data, "list_code");
    item.hs_code = text_at(data, "hs_code");
    item.regimes = texts_at(data, "regimes");
    item.agency = text_at(data, "inspection_agency");
    item.authorities = coming.registry.line_of(item.agency);
    for (std::string& code : coming.registry.line_of(item.source))
        item.authorities.push_back(std::move(code));
    item.procedure_code = text_at(data, "procedure_code");
    item.technical_regulation = text_at(data, "technical_regulation");
    item.description = text_at(data, "goods_description");
    if (text_at(data, "inspection_stage") == "after_clearance") item.stage = Stage::after_clearance;
    item.level = level_of(text_at(data, "management_level"));
    item.valid_from = date_at(data, "valid_from").value_or(Date{});
    item.valid_to = date_at(data, "valid_to");
    return item;
}

// The key of the item that the reference leads to, or of what took its place.
std::optional<std::string> find_item(const ledger::Facts& facts, const ledger::Reference& reference) {
    auto key = facts.get(FactKey(records_table).text(reference.source).text(reference.id));
    while (key) {
        auto successor = facts.get(FactKey(successors_table).beginning(*key));
        if (!successor) break;
        key = std::move(successor);
    }
    return key;
}

void end_item(ledger::FactDraft& facts, const std::string& key, Date last_day, const ledger::Address& by) {
    auto item = decode_fact<CatalogItem>(facts.get(key).value());
    if (last_day < item.valid_from) item.superseded_by = by;
    item.valid_to = item.valid_to ? std::min(*item.valid_to, last_day) : last_day;
    item.ended_by = by;
    facts.put(key, encode_fact(item));
}

// A ministry and all that stands below it publish its lists, and nobody else: the longest code counts, so that whoever writes
// into a list decides who inspects.
ledger::Result<void> check_owner(const ledger::Coming& coming, ledger::FactDraft& facts,
                                 std::string_view list_code) {
    const std::vector<std::string> line = coming.registry.line_of(coming.record.source);
    const FactKey key = FactKey(owners_table).text(list_code);
    const auto owner = facts.get(key);
    if (!owner)
        facts.put(key, line.back());
    else if (std::ranges::find(line, *owner) == line.end())
        return refusal(refusals::list_of_another, {list_code, *owner, coming.record.source});
    return {};
}

Date day_before(Date day) {
    return {day.days - 1};
}

// Leaves each item the regimes under which its ministry was the first.
void keep_first_ministry(std::vector<CatalogItem>& items) {
    if (std::ranges::all_of(items,
                            [&](const CatalogItem& item) { return item.ministry == items[0].ministry; }))
        return;
    std::map<std::string, const CatalogItem*> first;  // by regime
    for (const CatalogItem& item : items)
        for (const std::string& regime : item.regimes)
            if (const CatalogItem*& known = first[regime]; known == nullptr || item.since < known->since)
                known = &item;
    std::map<std::string, std::string> ministries;
    for (const auto& [regime, item] : first) ministries.emplace(regime, item->ministry);
    for (CatalogItem& item : items)
        std::erase_if(item.regimes,
                      [&](const std::string& regime) { return ministries.at(regime) != item.ministry; });
    std::erase_if(items, [](const CatalogItem& item) { return item.regimes.empty(); });
}

}  // namespace

bool CatalogItem::has_regime(std::string_view regime) const {
    return std::ranges::find(regimes, regime) != regimes.end();
}

std::vector<CatalogItem> catalog_items(const ledger::Facts& facts, std::string_view hs_code, Date day) {
    std::vector<CatalogItem> found;
    for (std::size_t size = std::min(hs_code.size(), longest_code); size >= shortest_code; --size) {
        facts.scan(FactKey(items_table).text(hs_code.substr(0, size)), {},
                   [&](std::string_view, std::string_view value) {
                       auto item = decode_fact<CatalogItem>(value);
                       if (item.in_force_on(day)) found.push_back(std::move(item));
                       return true;
                   });
    }
    keep_first_ministry(found);
    return found;
}

std::optional<CatalogItem> catalog_item(const ledger::Facts& facts, std::string_view hs_code,
                                        std::string_view regime, Date day) {
    for (CatalogItem& item : catalog_items(facts, hs_code, day))
        if (item.has_regime(regime)) return std::move(item);
    return std::nullopt;
}

std::optional<std::string> longer_listed_code(const ledger::Facts& facts, std::string_view hs_code,
                                              Date day) {
    std::optional<std::string> found;
    if (hs_code.size() < shortest_code) return found;
    facts.scan(FactKey(items_table).beginning(hs_code), {}, [&](std::string_view, std::string_view value) {
        const auto item = decode_fact<CatalogItem>(value);
        if (item.hs_code.size() > hs_code.size() && item.in_force_on(day)) found = item.hs_code;
        return !found.has_value();
    });
    return found;
}

ledger::Result<void> take_catalog(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (record.kind() != "catalog_item") return {};
    CatalogItem item = item_of(coming);
    const ledger::Reference* closed = reference_of(record, "closes");
    const ledger::Reference* former = reference_of(record, "supersedes");
    const ledger::Reference* ended = closed != nullptr ? closed : former;
    const auto ended_key = ended != nullptr ? find_item(facts, *ended) : std::nullopt;
    if (closed != nullptr) {
        const Date first_without = std::max(item.valid_from, date_of(record.time_ms));
        if (ended_key)
            end_item(facts, *ended_key, item.valid_to.value_or(day_before(first_without)), coming.address);
        return {};
    }
    if (auto own = check_owner(coming, facts, item.list_code); !own) return own;
    const std::string key = item_key(item).bytes();
    if (ended_key) {
        // A later version listed its goods when the former did, as far as they are the former's.
        const auto ended_item = decode_fact<CatalogItem>(facts.get(*ended_key).value());
        if (item.hs_code.starts_with(ended_item.hs_code) &&
            std::ranges::all_of(item.regimes,
                                [&](const std::string& each) { return ended_item.has_regime(each); }))
            item.since = ended_item.since;
        end_item(facts, *ended_key, day_before(item.valid_from), coming.address);
        facts.put(FactKey(successors_table).beginning(*ended_key), key);
    }
    facts.put(key, encode_fact(item));
    facts.put(FactKey(records_table).text(record.source).text(record.id), key);
    return {};
}

}  // namespace socai::inspection
