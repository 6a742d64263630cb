#include "inspection/guards/risk_table.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "inspection/record_data.hpp"
#include "inspection/shipments/refusals.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view table_name = "!risk";
constexpr std::string_view row_word = "row ";
constexpr std::array<std::string_view, 3> risks{"low", "medium", "high"};
constexpr std::array<std::string_view, 3> channels{"green", "yellow", "red"};
constexpr std::array<std::string_view, 5> columns{"exempt", "reduced", "reduced_drawn", "normal", "strict"};

template <class Word, std::size_t n>
std::optional<Word> parse(const std::array<std::string_view, n>& words, std::string_view text) {
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) return std::nullopt;
    return static_cast<Word>(found - words.begin());
}

std::vector<Column> columns_at(const json::object& data) {
    std::vector<Column> all;
    for (const std::string& text : texts_at(data, "methods"))
        if (const auto column = parse<Column>(columns, text)) all.push_back(*column);
    return all;
}

RiskTable table_of(const ledger::Coming& coming) {
    const json::object& data = coming.record.data();
    RiskTable table;
    table.at = coming.address;
    table.id = coming.record.id;
    table.source = coming.record.source;
    table.name = text_at(data, "table");
    table.effective_from = date_at(data, "effective_from").value();
    table.effective_to = date_at(data, "effective_to");
    for (const json::value& each : data.at("rows").as_array()) {
        const json::object& row = each.as_object();
        RiskRow read;
        read.name = text_at(row, "row");
        if (const json::array* levels = array_at(row, "compliance"))
            for (const json::value& level : *levels)
                read.compliance.push_back(static_cast<std::uint32_t>(level.as_int64()));
        read.columns = columns_at(row);
        read.alerts = texts_at(row, "alerts");
        read.origins = texts_at(row, "origins");
        read.risk = parse_risk(text_at(row, "risk_level")).value();
        read.channel = parse_channel(text_at(row, "customs_channel")).value();
        read.measures = texts_at(row, "measures");
        table.rows.push_back(std::move(read));
    }
    for (const json::value& each : data.at("cells").as_array()) {
        const json::object& cell = each.as_object();
        table.cells.push_back({parse_channel(text_at(cell, "customs_channel")).value(), columns_at(cell),
                               texts_at(cell, "measures")});
    }
    return table;
}

std::vector<RiskTable> tables(const ledger::Facts& facts) {
    std::vector<RiskTable> all;
    facts.scan(FactKey(table_name), {}, [&](std::string_view, std::string_view value) {
        all.push_back(decode_fact<RiskTable>(value));
        return true;
    });
    return all;
}

std::string_view alert_word(const RegimeVerdict& item) {
    std::string_view worst = "none";
    for (const MatchedAlert& each : item.alerts) {
        if (each.match == AlertMatch::full) return "full";
        if (each.match == AlertMatch::near) worst = "near";
    }
    return worst;
}

template <class T, class U>
bool holds(const std::vector<T>& list, const U& wanted) {
    return list.empty() || std::ranges::find(list, wanted) != list.end();
}

std::string_view origin_of(const Declaration& declaration, std::uint32_t line) {
    const auto found = std::ranges::find(declaration.items, line, &DeclaredItem::line);
    return found == declaration.items.end() ? std::string_view() : found->goods.origin_country;
}

Phrase channel_named(const std::string& channel) {
    return {"customs_channel " + channel, vi_word(WordOf::channel, channel)};
}
// Rows have names of the table's own, which stay as they are.
Phrase row_named(const RiskFinding& finding) {
    const std::string_view row = finding.row;
    const std::string vi = row.starts_with(row_word)
                               ? "dòng “" + std::string(row.substr(row_word.size())) + "”"
                               : "ngoài các dòng của bảng";
    return {finding.table + ", " + finding.row, finding.table + ", " + vi};
}

// Of the specialised channel; "none" asks as little as "exempt".
Method asked_by(std::string_view specialised_channel) {
    return parse_method(specialised_channel).value_or(Method::exempt);
}

}  // namespace

std::string_view word(Risk risk) {
    return risks[static_cast<std::size_t>(risk)];
}
std::string_view word(Channel channel) {
    return channels[static_cast<std::size_t>(channel)];
}
std::string_view word(Column column) {
    return columns[static_cast<std::size_t>(column)];
}
std::optional<Risk> parse_risk(std::string_view word) {
    return parse<Risk>(risks, word);
}
std::optional<Channel> parse_channel(std::string_view word) {
    return parse<Channel>(channels, word);
}

std::optional<RiskTable> risk_table_on(const ledger::Facts& facts, Date day) {
    std::optional<RiskTable> found;
    for (RiskTable& table : tables(facts))
        if (table.in_force_on(day) && (!found || table.effective_from >= found->effective_from))
            found = std::move(table);
    return found;
}

ledger::Result<void> take_risk_table(const ledger::Coming& coming, ledger::FactDraft& facts) {
    if (coming.record.kind() != "risk_table") return {};
    if (const ledger::Reference* superseded = reference_of(coming.record, "supersedes")) {
        for (RiskTable& each : tables(facts)) {
            if (each.source != superseded->source || each.id != superseded->id) continue;
            each.superseded_by = coming.address;
            facts.put(FactKey(table_name).address(each.at), encode_fact(each));
        }
    }
    facts.put(FactKey(table_name).address(coming.address), encode_fact(table_of(coming)));
    return {};
}

Column column_of(const RegimeVerdict& item) {
    if (!item.needs_basis) return Column::exempt;
    switch (item.method) {
        case Method::exempt:
            return Column::exempt;
        case Method::reduced:
            return item.determination.drawn && item.determination.drawn->selected ? Column::reduced_drawn
                                                                                  : Column::reduced;
        case Method::normal:
            return Column::normal;
        case Method::strict:
            break;
    }
    return Column::strict;
}

RiskFinding find_risk(const RiskTable& table, const ClearanceVerdict& verdict, const Declaration& declaration,
                      std::optional<int> compliance) {
    RiskFinding heaviest;
    bool first = true;
    for (const RegimeVerdict& item : verdict.items) {
        RiskFinding finding;
        finding.table = table.name;
        finding.row = "no row";
        finding.line = item.line;
        finding.column = column_of(item);
        finding.compliance = compliance ? static_cast<std::uint32_t>(*compliance) : 0;
        for (const RiskRow& row : table.rows) {
            if (!holds(row.compliance, finding.compliance) || !holds(row.columns, finding.column) ||
                !holds(row.alerts, alert_word(item)) ||
                !holds(row.origins, origin_of(declaration, item.line)))
                continue;
            finding.row = std::string(row_word) + row.name;
            finding.risk = row.risk;
            finding.channel = row.channel;
            finding.measures = row.measures;
            break;
        }
        const auto rank = [](const RiskFinding& each) {
            return std::tuple(each.risk, each.channel, each.column);
        };
        if (first || rank(finding) > rank(heaviest)) heaviest = std::move(finding);
        first = false;
    }
    return heaviest;
}

const RiskCell* find_cell(const RiskTable& table, Channel channel, Column column) {
    for (const RiskCell& cell : table.cells)
        if (cell.channel == channel && holds(cell.columns, column)) return &cell;
    return nullptr;
}

ledger::Result<void> check_channel(const std::optional<RiskTable>& table, const ClearanceVerdict& verdict,
                                   const Declaration& declaration, const ChannelDecision& decision,
                                   std::optional<int> compliance) {
    const RegimeVerdict* strictest = nullptr;
    for (const RegimeVerdict& item : verdict.items)
        if (item.needs_basis && item.determination.listed &&
            (strictest == nullptr || strictest->method < item.method))
            strictest = &item;
    const bool lighter_method =
        strictest != nullptr && lighter(asked_by(decision.specialised_channel), strictest->method);
    if (!table) {
        if (!lighter_method) return {};
        return refusal(refusals::channel_lighter,
                       {phrase(WordOf::method, decision.specialised_channel),
                        phrase(WordOf::method, word(strictest->method)), std::to_string(strictest->line)});
    }
    const auto contradicts = [&](const Phrase& given, const Phrase& wanted, const Phrase& where) {
        return refusal(refusals::channel_contradicts_table, {given, wanted, where});
    };
    const Phrase given_channel = channel_named(decision.customs_channel);
    if (lighter_method) {
        const Phrase asked = phrase(WordOf::method, decision.specialised_channel);
        const Phrase column = phrase(WordOf::method, word(column_of(*strictest)));
        return contradicts({"specialised_channel " + asked.en, "luồng chuyên ngành " + asked.vi},
                           phrase(WordOf::method, word(strictest->method)),
                           {table->name + ", cell " + decision.customs_channel + " x " + column.en,
                            table->name + ", ô " + given_channel.vi + " và " + column.vi});
    }
    const RiskFinding finding = find_risk(*table, verdict, declaration, compliance);
    const Channel channel = parse_channel(decision.customs_channel).value();
    if (channel < finding.channel)
        return contradicts(given_channel, phrase(WordOf::channel, word(finding.channel)), row_named(finding));
    const auto risk = parse_risk(decision.risk_level);
    if (risk && *risk < finding.risk)
        return contradicts({"risk_level " + decision.risk_level,
                            "mức " + std::string(vi_word(WordOf::risk, decision.risk_level))},
                           phrase(WordOf::risk, word(finding.risk)), row_named(finding));
    // A table without a cell for the pair does not let it be.
    if (!verdict.items.empty() && find_cell(*table, channel, finding.column) == nullptr)
        return refusal(refusals::channel_without_cell,
                       {table->name, phrase(WordOf::channel, decision.customs_channel),
                        phrase(WordOf::method, word(finding.column))});
    return {};
}

ledger::Result<void> check_cleared_channel(const std::optional<RiskTable>& table,
                                           const ClearanceVerdict& verdict, const Declaration& declaration,
                                           std::optional<int> compliance) {
    if (!table) return {};
    if (declaration.channel)
        return check_channel(table, verdict, declaration, *declaration.channel, compliance);
    const RiskFinding finding = find_risk(*table, verdict, declaration, compliance);
    if (finding.channel == Channel::green) return {};
    return refusal(refusals::channel_contradicts_table, {{"no channel_decision", "việc không phân luồng"},
                                                         phrase(WordOf::channel, word(finding.channel)),
                                                         row_named(finding)});
}

}  // namespace socai::inspection
