#include "inspection/confidential/commitments.hpp"

#include "inspection/activation.hpp"
#include "inspection/fact_codec.hpp"
#include "ledger/disclosure.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view record_table = "sdr";      // source, id -> Standing
constexpr std::string_view commitment_table = "sdc";  // commitment -> Name
constexpr std::string_view place_table = "sda";       // address -> Name
constexpr std::string_view erasure_table = "sde";     // source, id of what was erased -> Erased
constexpr std::string_view erased_at_table = "sdx";   // address of the erasure, n-th of what it erased -> Name

struct Name {
    std::string source, id;
    template <class Codec>
    void members(Codec& codec) {
        codec(source, id);
    }
};
struct Standing {
    std::string type;
    ledger::Address at;
    std::vector<ledger::Hash> commitments;
    template <class Codec>
    void members(Codec& codec) {
        codec(type, at, commitments);
    }
};
struct Erased {
    Name by;
    ledger::Address at;
    std::vector<std::string> legal_basis;
    template <class Codec>
    void members(Codec& codec) {
        codec(by, at, legal_basis);
    }
};

FactKey commitment_key(const ledger::Hash& commitment) {
    return FactKey(commitment_table).text(ledger::commitment_text(commitment));
}

void scan(const ledger::Facts& facts, std::string_view table, const ledger::Address& from,
          const VisitCommitting& visit) {
    facts.scan(FactKey(table), FactKey(table).address(from), [&](std::string_view key, std::string_view value) {
        FactKeyReader parts(key, table);
        ledger::Address at;
        at.index = parts.number();
        at.n = static_cast<std::uint32_t>(parts.number());
        const auto name = decode_fact<Name>(value);
        const auto record = committing(facts, name.source, name.id);
        return !record || visit(at, *record);
    });
}

ledger::Error refused(std::string reason, std::string detail) {
    return {ledger::Fault::refused, std::move(reason), std::move(detail)};
}

ledger::Result<void> take_committing(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (required_versions(facts).rule_engine < confidential_engine)
        return refused("not_in_force",
                       "/data/_sd: confidential members come into force with rule engine " +
                           std::to_string(confidential_engine) +
                           "; the members activate it by an activation record and a vote over versions");
    for (const ledger::Hash& commitment : record.commitments) {
        if (const auto known = committing(facts, commitment))
            return ledger::Error{ledger::Fault::conflict, "commitment_known",
                                 "/data/_sd: the commitment " + ledger::commitment_text(commitment) +
                                     " stands in " + known->id + " of " + known->source +
                                     " already; make a new one, with a new salt"};
        facts.put(commitment_key(commitment), encode_fact(Name{record.source, record.id}));
    }
    facts.put(FactKey(record_table).text(record.source).text(record.id),
              encode_fact(Standing{record.type, coming.address, record.commitments}));
    facts.put(FactKey(place_table).address(coming.address), encode_fact(Name{record.source, record.id}));
    return {};
}

std::vector<std::string> legal_basis_of(const ledger::Record& record) {
    std::vector<std::string> basis;
    if (const auto* list = record.data().if_contains("legal_basis"))
        for (const auto& text : list->as_array()) basis.emplace_back(text.as_string());
    return basis;
}

ledger::Result<void> take_erasure(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (required_versions(facts).rule_engine < confidential_engine) return {};
    std::uint64_t erased = 0;
    for (const ledger::Reference& reference : record.refs) {
        if (reference.rel != "about" || !committing(facts, reference.source, reference.id)) continue;
        if (!coming.registry.is_under(reference.source, record.source))
            return refused("not_yours_to_erase",
                           "/data/refs: " + reference.id + " was written by " + reference.source +
                               "; only it, as a member, or the member above it erases what it keeps confidential");
        const auto basis = legal_basis_of(record);
        if (basis.empty())
            return refused("erasure_without_basis",
                           "/data/legal_basis: an erasure of confidential members names the law that asks for it");
        // The first erasure stands; a later one changes nothing.
        const FactKey key = FactKey(erasure_table).text(reference.source).text(reference.id);
        if (facts.get(key)) continue;
        facts.put(key, encode_fact(Erased{{record.source, record.id}, coming.address, basis}));
        facts.put(FactKey(erased_at_table).address(coming.address).number(erased++),
                  encode_fact(Name{reference.source, reference.id}));
    }
    return {};
}

}  // namespace

std::optional<Committing> committing(const ledger::Facts& facts, std::string_view source,
                                     std::string_view id) {
    const auto value = facts.get(FactKey(record_table).text(source).text(id));
    if (!value) return std::nullopt;
    auto standing = decode_fact<Standing>(*value);
    return Committing{std::string(source), std::string(id), std::move(standing.type), standing.at,
                      std::move(standing.commitments)};
}

std::optional<Committing> committing(const ledger::Facts& facts, const ledger::Hash& commitment) {
    const auto value = facts.get(commitment_key(commitment));
    if (!value) return std::nullopt;
    const auto name = decode_fact<Name>(*value);
    return committing(facts, name.source, name.id);
}

std::optional<Erasure> erasure_of(const ledger::Facts& facts, std::string_view source, std::string_view id) {
    const auto value = facts.get(FactKey(erasure_table).text(source).text(id));
    if (!value) return std::nullopt;
    auto erased = decode_fact<Erased>(*value);
    return Erasure{std::move(erased.by.source), std::move(erased.by.id), erased.at,
                   std::move(erased.legal_basis)};
}

void scan_commitments(const ledger::Facts& facts, const ledger::Address& from, const VisitCommitting& visit) {
    scan(facts, place_table, from, visit);
}

void scan_erased(const ledger::Facts& facts, const ledger::Address& from, const VisitCommitting& visit) {
    scan(facts, erased_at_table, from, visit);
}

ledger::Result<void> take_commitments(const ledger::Coming& coming, ledger::FactDraft& facts) {
    if (!coming.record.commitments.empty())
        if (auto taken = take_committing(coming, facts); !taken) return taken;
    if (coming.record.kind() == "erasure") return take_erasure(coming, facts);
    return {};
}

}  // namespace socai::inspection
