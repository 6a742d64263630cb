#include "inspection/oversight/enterprise.hpp"

#include <array>

#include "inspection/clocks/clocks.hpp"
#include "inspection/record_data.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/declaration.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view events_table = "ene";         // tax code, day, address, kind -> subject
constexpr std::string_view totals_table = "ent";         // tax code, day -> counts up to the day
constexpr std::string_view shipments_table = "end";      // declaration -> the shipment as counted
constexpr std::string_view cases_table = "env";          // source, case -> the violation as counted
constexpr std::string_view case_records_table = "entr";  // source, id of a violation -> key of its case

struct Subject {
    std::string subject;
    template <class Codec>
    void members(Codec& codec) {
        codec(subject);
    }
};
struct Counted {
    std::string tax_code;
    EnterpriseEventKind kind = EnterpriseEventKind::minor_violation;
    Date day;
    ledger::Address at;
    template <class Codec>
    void members(Codec& codec) {
        codec(tax_code, kind, day, at);
    }
};

std::int64_t& count_of(EnterpriseCounts& counts, EnterpriseEventKind kind) {
    switch (kind) {
        case EnterpriseEventKind::shipment:
            break;
        case EnterpriseEventKind::pass:
            return counts.passes;
        case EnterpriseEventKind::fail:
            return counts.fails;
        case EnterpriseEventKind::minor_violation:
            return counts.minor;
        case EnterpriseEventKind::major_violation:
            return counts.major;
        case EnterpriseEventKind::safety_violation:
            return counts.safety;
        case EnterpriseEventKind::late_certificate:
            return counts.late_certificates;
        case EnterpriseEventKind::storage_violation:
            return counts.storage_violations;
    }
    return counts.shipments;
}

FactKey event_key(std::string_view tax_code, EnterpriseEventKind kind, Date day, const ledger::Address& at) {
    return FactKey(events_table)
        .text(enterprise_of(tax_code))
        .date(day)
        .address(at)
        .number(static_cast<std::uint64_t>(kind));
}

// Up to and including the day.
EnterpriseCounts totals_on(const ledger::Facts& facts, std::string_view tax_code, Date day) {
    const auto last =
        facts.last(FactKey(totals_table).text(enterprise_of(tax_code)),
                   FactKey(totals_table).text(enterprise_of(tax_code)).date({day.days + 1}).bytes());
    return last ? decode_fact<EnterpriseCounts>(last->value) : EnterpriseCounts{};
}

void move_totals(ledger::FactDraft& facts, std::string_view tax_code, EnterpriseEventKind kind, Date day,
                 std::int64_t by) {
    std::vector<std::pair<std::string, EnterpriseCounts>> later;
    facts.scan(FactKey(totals_table).text(enterprise_of(tax_code)).bytes(),
               FactKey(totals_table).text(enterprise_of(tax_code)).date({day.days + 1}).bytes(),
               [&](std::string_view key, std::string_view value) {
                   later.emplace_back(key, decode_fact<EnterpriseCounts>(value));
                   return true;
               });
    later.emplace_back(FactKey(totals_table).text(enterprise_of(tax_code)).date(day).bytes(),
                       totals_on(facts, tax_code, day));
    for (auto& [key, counts] : later) {
        count_of(counts, kind) += by;
        facts.put(key, encode_fact(counts));
    }
}

void add(ledger::FactDraft& facts, std::string_view tax_code, EnterpriseEventKind kind, Date day,
         const ledger::Address& at, std::string_view subject) {
    facts.put(event_key(tax_code, kind, day, at), encode_fact(Subject{std::string(subject)}));
    move_totals(facts, tax_code, kind, day, 1);
}

// Takes an event away, where it stands.
void take_away(ledger::FactDraft& facts, std::string_view tax_code, EnterpriseEventKind kind, Date day,
               const ledger::Address& at) {
    const FactKey key = event_key(tax_code, kind, day, at);
    if (!facts.get(key)) return;
    facts.erase(key);
    move_totals(facts, tax_code, kind, day, -1);
}

void take_declaration(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const auto declaration = find_declaration(facts, text_at(coming.record.data(), "declaration_no"));
    if (!declaration) return;
    // As it was counted so far: an amendment may name another importer.
    const FactKey key = FactKey(shipments_table).text(declaration->base());
    if (const auto known = facts.get(key)) {
        const auto counted = decode_fact<Counted>(*known);
        if (counted.tax_code == declaration->tax_code && !declaration->is_cancelled()) return;
        take_away(facts, counted.tax_code, counted.kind, counted.day, counted.at);
        facts.erase(key);
    }
    if (declaration->is_cancelled()) return;
    const Counted counted{declaration->tax_code, EnterpriseEventKind::shipment,
                          date_of(declaration->first.time_ms), declaration->first.at};
    add(facts, counted.tax_code, counted.kind, counted.day, counted.at, declaration->base());
    facts.put(key, encode_fact(counted));
}

void take_result(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const auto dossier = find_dossier(facts, text_at(coming.record.data(), "dossier_no"));
    if (!dossier) return;
    const auto kind_of = [](const DossierResult& result) -> std::optional<EnterpriseEventKind> {
        if (result.outcome == "pass") return EnterpriseEventKind::pass;
        if (result.outcome == "fail") return EnterpriseEventKind::fail;
        return std::nullopt;
    };
    for (const DossierResult& result : dossier->results) {
        const auto kind = kind_of(result);
        if (!kind) continue;
        if (result.act.at == coming.address)
            add(facts, dossier->tax_code, *kind, date_of(result.act.time_ms), result.act.at,
                dossier->dossier_no);
        else if (result.superseded)
            take_away(facts, dossier->tax_code, *kind, date_of(result.act.time_ms), result.act.at);
    }
}

void take_storage(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const auto& data = coming.record.data();
    if (text_at(data, "status") != "violated") return;
    if (const auto declaration = find_declaration(facts, text_at(data, "declaration_no")))
        add(facts, declaration->tax_code, EnterpriseEventKind::storage_violation,
            date_of(coming.record.time_ms), coming.address, declaration->base());
}

void take_violation(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    const FactKey key = FactKey(cases_table).text(record.source).text(text_at(data, "case_no"));
    // The case as it was counted so far: under its number, or under the one that a correction puts right.
    std::string counted_as = key.bytes();
    for (const std::string_view rel : {"supersedes", "closes"})
        if (const ledger::Reference* former = reference_of(record, rel))
            if (const auto known =
                    facts.get(FactKey(case_records_table).text(former->source).text(former->id)))
                counted_as = *known;
    Date day = date_of(record.time_ms);
    if (const auto known = facts.get(counted_as)) {
        const auto counted = decode_fact<Counted>(*known);
        take_away(facts, counted.tax_code, counted.kind, counted.day, counted.at);
        facts.erase(counted_as);
        day = counted.day;
    }
    facts.put(FactKey(case_records_table).text(record.source).text(record.id), key.bytes());
    const std::string_view tax_code = text_at(data, "tax_code");
    if (tax_code.empty() || text_at(data, "status") == "annulled") return;
    const std::string_view severity = text_at(data, "severity");
    const Counted counted{std::string(tax_code),
                          severity == "safety"  ? EnterpriseEventKind::safety_violation
                          : severity == "major" ? EnterpriseEventKind::major_violation
                                                : EnterpriseEventKind::minor_violation,
                          day, coming.address};
    add(facts, tax_code, counted.kind, day, coming.address, text_at(data, "case_no"));
    facts.put(key, encode_fact(counted));
}

}  // namespace

std::string_view word(EnterpriseEventKind kind) {
    constexpr std::array<std::string_view, 8> words{"shipment",
                                                    "pass",
                                                    "fail",
                                                    "minor_violation",
                                                    "major_violation",
                                                    "safety_violation",
                                                    "late_certificate",
                                                    "storage_violation"};
    return words[static_cast<std::size_t>(kind)];
}

EnterpriseCounts enterprise_counts(const ledger::Facts& facts, std::string_view tax_code, Date first,
                                   Date last) {
    EnterpriseCounts counts = totals_on(facts, tax_code, last);
    const EnterpriseCounts before = totals_on(facts, tax_code, {first.days - 1});
    counts.shipments -= before.shipments;
    counts.passes -= before.passes;
    counts.fails -= before.fails;
    counts.minor -= before.minor;
    counts.major -= before.major;
    counts.safety -= before.safety;
    counts.late_certificates -= before.late_certificates;
    counts.storage_violations -= before.storage_violations;
    counts.late_certificates += static_cast<std::int64_t>(
        owed_certificates(facts, tax_code, start_of(first), start_of({last.days + 1})).size());
    return counts;
}

std::vector<EnterpriseEvent> enterprise_events(const ledger::Facts& facts, std::string_view tax_code,
                                               Date first, Date last) {
    std::vector<EnterpriseEvent> events;
    facts.scan(FactKey(events_table).text(enterprise_of(tax_code)),
               FactKey(events_table).text(enterprise_of(tax_code)).date(first),
               [&](std::string_view key, std::string_view value) {
                   FactKeyReader parts(key, events_table);
                   parts.text();
                   EnterpriseEvent event;
                   event.day = parts.date();
                   if (event.day > last) return false;
                   event.at = parts.address();
                   event.kind = static_cast<EnterpriseEventKind>(parts.number());
                   event.subject = decode_fact<Subject>(value).subject;
                   events.push_back(std::move(event));
                   return true;
               });
    return events;
}

void add_late_certificate(ledger::FactDraft& facts, std::string_view tax_code, Date day,
                          const ledger::Address& at, std::string_view dossier_no) {
    add(facts, tax_code, EnterpriseEventKind::late_certificate, day, at, dossier_no);
}

ledger::Result<void> take_enterprise(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const std::string_view kind = coming.record.kind();
    if (kind == "customs_declaration") take_declaration(coming, facts);
    if (kind == "inspection_result") take_result(coming, facts);
    if (kind == "storage_release") take_storage(coming, facts);
    if (kind == "violation") take_violation(coming, facts);
    return {};
}

}  // namespace socai::inspection
