// The governed table that turns an importer's compliance, the goods' method, alerts and origin into a shipment's level of risk,
// and the customs channel with the method into measures (design/domain.md 9; Circular 81/2019 Art 16, 17, 22; reference/domain.md
// §3.2). A channel_decision lighter than its cell is refused.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/guards/clearance.hpp"
#include "inspection/shipments/declaration.hpp"

namespace socai::inspection {

enum class Risk : std::uint8_t { low, medium, high };
enum class Channel : std::uint8_t { green, yellow, red };
std::string_view word(Risk risk);
std::string_view word(Channel channel);
std::optional<Risk> parse_risk(std::string_view word);
std::optional<Channel> parse_channel(std::string_view word);

// What a shipment's method comes to for the table: its columns, from the lightest.
enum class Column : std::uint8_t { exempt, reduced, reduced_drawn, normal, strict };
std::string_view word(Column column);

// A row: applies when each list is empty or holds what the shipment has. The first that applies counts.
struct RiskRow {
    std::string name;
    std::vector<std::uint32_t> compliance;  // levels 1 (best) to 5; 0: not rated
    std::vector<Column> columns;
    std::vector<std::string> alerts;   // none, near, full
    std::vector<std::string> origins;  // ISO 3166-1 alpha-2
    Risk risk = Risk::low;
    Channel channel = Channel::green;  // the lightest that may be given
    std::vector<std::string> measures;
    template <class Codec>
    void members(Codec& codec) {
        codec(name, compliance, columns, alerts, origins, risk, channel, measures);
    }
};
struct RiskCell {
    Channel channel = Channel::green;
    std::vector<Column> columns;
    std::vector<std::string> measures;
    template <class Codec>
    void members(Codec& codec) {
        codec(channel, columns, measures);
    }
};
struct RiskTable {
    ledger::Address at;
    std::string id;  // of the record
    std::string source;
    std::string name;  // "risk-2021@1"
    Date effective_from;
    std::optional<Date> effective_to;  // included
    std::vector<RiskRow> rows;
    std::vector<RiskCell> cells;
    std::optional<ledger::Address> superseded_by;

    bool in_force_on(Date day) const {
        return !superseded_by && effective_from <= day && (!effective_to || day <= *effective_to);
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, id, source, name, effective_from, effective_to, rows, cells, superseded_by);
    }
};

// In force on the day: the one that began last, the later in the ledger of two that began together. Nothing: none.
std::optional<RiskTable> risk_table_on(const ledger::Facts& facts, Date day);
// Takes risk_table records in.
ledger::Result<void> take_risk_table(const ledger::Coming& coming, ledger::FactDraft& facts);

// What the table says of a declaration: the heaviest of its items.
struct RiskFinding {
    std::string table;
    std::string row;  // "row <name>", or "no row"
    std::uint32_t line = 0;
    Column column = Column::exempt;
    std::uint32_t compliance = 0;
    Risk risk = Risk::low;
    Channel channel = Channel::green;
    std::vector<std::string> measures;  // of the row
};
RiskFinding find_risk(const RiskTable& table, const ClearanceVerdict& verdict, const Declaration& declaration,
                      std::optional<int> compliance);
// Of the cell for a channel and a column; nullptr: the table has none.
const RiskCell* find_cell(const RiskTable& table, Channel channel, Column column);
Column column_of(const RegimeVerdict& item);

// The guard of a channel_decision. `verdict` tells methods and alerts on the day; no table: only the specialised channel is
// held to the method. Errors, Fault::refused: channel_contradicts_table, channel_lighter_than_method.
ledger::Result<void> check_channel(const std::optional<RiskTable>& table, const ClearanceVerdict& verdict,
                                   const Declaration& declaration, const ChannelDecision& decision,
                                   std::optional<int> compliance);

// A clearance or a release asks that the channel it follows, as the facts stand now, is still one that the table allows; no
// channel at all only where the table allows green. Without a table it asks nothing. Errors as above.
ledger::Result<void> check_cleared_channel(const std::optional<RiskTable>& table,
                                           const ClearanceVerdict& verdict, const Declaration& declaration,
                                           std::optional<int> compliance);

}  // namespace socai::inspection
