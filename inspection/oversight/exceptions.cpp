#include "inspection/oversight/exceptions.hpp"

#include <algorithm>
#include <array>

#include "inspection/method/goods_book.hpp"
#include "inspection/record_data.hpp"
#include "inspection/shipments/declaration.hpp"
#include "inspection/statistics/figures.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view table = "exc";  // time, address, kind, clock, subject

std::string article_of(const ledger::Record& record, std::string_view otherwise) {
    const std::vector<std::string> basis = texts_at(record.data(), "legal_basis");
    return basis.empty() ? std::string(otherwise) : basis.front();
}

Exception shown(ExceptionKind kind, const ledger::Coming& coming) {
    Exception exception;
    exception.kind = kind;
    exception.time_ms = coming.record.time_ms;
    exception.at = coming.address;
    exception.agency = coming.record.source;
    return exception;
}

// The heavier of what was worked out for the dossier at its registration and at its declaration; nothing where no rule set
// covers it. A reduced shipment that was not drawn is not inspected at all.
std::optional<Method> method_by_rule(const ledger::Facts& facts, const Dossier& dossier) {
    std::optional<Method> method;
    const auto weigh = [&](const Determination& determination) {
        if (!determination.computed() || determination.regime != dossier.regime()) return;
        const bool spared =
            determination.method == Method::reduced && determination.drawn && !determination.drawn->selected;
        const Method one = spared ? Method::exempt : determination.method;
        if (!method || lighter(*method, one)) method = one;
    };
    // What is drawn or not shows only in the declaration's.
    if (!dossier.declaration.empty())
        if (const auto declaration = find_declaration(facts, dossier.declaration))
            for (const DeclaredItem& item : declaration->items)
                if (item.dossier_no == dossier.dossier_no || item.goods.goods_key == dossier.goods.goods_key)
                    for (const Determination& each : item.determinations) weigh(each);
    if (!method) weigh(dossier.determination);
    if (dossier.stricter && (!method || lighter(*method, *dossier.stricter))) method = dossier.stricter;
    return method;
}

void take_result(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const auto& data = coming.record.data();
    const std::string_view outcome = text_at(data, "outcome");
    // A correction is of an inspection that stands here already.
    if (outcome == "annulled" || reference_of(coming.record, "supersedes") != nullptr) return;
    const auto dossier = find_dossier(facts, text_at(data, "dossier_no"));
    if (!dossier) return;
    Exception exception = shown(ExceptionKind::off_catalog_inspection, coming);
    exception.subject_kind = "dossier_no";
    exception.subject = dossier->dossier_no;
    exception.regime = dossier->regime();
    if (!dossier->determination.listed) {
        exception.article = "NĐ 85/2019/NĐ-CP Đ21.4";
        return add_exception(coming, facts, exception);
    }
    const auto done = parse_method(text_at(data, "method"));
    const auto rule = method_by_rule(facts, *dossier);
    if (!done || !rule || !lighter(*rule, *done)) return;
    exception.kind = ExceptionKind::stricter_than_rule;
    exception.article = article_of(coming.record, dossier->determination.article);
    exception.found = word(*done);
    exception.due = word(*rule);
    add_exception(coming, facts, exception);
}

// shipments/ keeps a stricter method only where it is one.
void take_stricter_determination(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const auto dossier = find_dossier(facts, text_at(coming.record.data(), "dossier_no"));
    if (!dossier || !dossier->stricter || !dossier->published || dossier->published->at != coming.address)
        return;
    Exception exception = shown(ExceptionKind::stricter_than_rule, coming);
    exception.subject_kind = "dossier_no";
    exception.subject = dossier->dossier_no;
    exception.regime = dossier->regime();
    exception.article = article_of(coming.record, {});
    exception.found = word(*dossier->stricter);
    exception.due = word(dossier->determination.listed ? dossier->determination.method : Method::exempt);
    add_exception(coming, facts, exception);
}

// A transition to stricter that the history of the goods did not bring about: it is their standing's own cause.
void take_stricter_transition(const ledger::Coming& coming, ledger::FactDraft& facts, const RuleBook& rules) {
    const auto& data = coming.record.data();
    const auto from = parse_method(text_at(data, "from"));
    const auto to = parse_method(text_at(data, "to"));
    if (!from || !to || !lighter(*from, *to)) return;
    const auto goods = find_goods(facts, text_at(data, "goods_key"));
    const auto rule_set = rules.find(facts, text_at(data, "ruleset"));
    if (!goods || !rule_set) return;
    const GoodsStanding now =
        standing_of(facts, *rule_set, goods->goods(), text_at(data, "tax_code"), coming.record.time_ms);
    if (now.standing.cause != coming.address) return;
    Exception exception = shown(ExceptionKind::stricter_than_rule, coming);
    exception.subject_kind = "goods_key";
    exception.subject = goods->goods_key;
    exception.regime = rule_set->regime;
    exception.article = article_of(coming.record, {});
    exception.found = word(*to);
    exception.due = word(*from);
    add_exception(coming, facts, exception);
}

void take_refusal(const ledger::Coming& coming, ledger::FactDraft& facts) {
    if (text_at(coming.record.data(), "decision") != "refused") return;
    Exception exception = shown(ExceptionKind::refused_clearance, coming);
    exception.subject_kind = "declaration_no";
    exception.subject = text_at(coming.record.data(), "declaration_no");
    exception.article = article_of(coming.record, "Luật Hải quan 54/2014/QH13 Đ37");
    add_exception(coming, facts, exception);
}

// What the history of the goods has just found (method/goods_book.hpp).
void take_corrected(const ledger::Coming& coming, ledger::FactDraft& facts) {
    std::vector<WouldHaveDiffered> found;
    would_have_differed(facts, coming.address, [&](const WouldHaveDiffered& each) {
        if (each.correction != coming.address) return false;
        found.push_back(each);
        return true;
    });
    for (const WouldHaveDiffered& each : found) {
        Exception exception = shown(ExceptionKind::would_have_differed, coming);
        exception.subject_kind = find_dossier(facts, each.subject) ? "dossier_no" : "declaration_no";
        exception.subject = each.subject;
        exception.regime = each.regime;
        exception.article = article_of(coming.record, {});
        exception.found = word(each.then);
        exception.due = word(each.now);
        add_exception(coming, facts, exception);
    }
}

std::string key_of(const Exception& exception) {
    return FactKey(table)
        .number(static_cast<std::uint64_t>(exception.time_ms))
        .address(exception.at)
        .number(static_cast<std::uint64_t>(exception.kind))
        .text(exception.clock)
        .text(exception.subject)
        .bytes();
}

}  // namespace

std::string_view word(ExceptionKind kind) {
    constexpr std::array<std::string_view, 5> words{"off_catalog_inspection", "stricter_than_rule",
                                                    "refused_clearance", "lateness", "would_have_differed"};
    return words[static_cast<std::size_t>(kind)];
}

std::optional<ExceptionKind> parse_exception_kind(std::string_view text) {
    for (const auto kind :
         {ExceptionKind::off_catalog_inspection, ExceptionKind::stricter_than_rule,
          ExceptionKind::refused_clearance, ExceptionKind::lateness, ExceptionKind::would_have_differed})
        if (word(kind) == text) return kind;
    return std::nullopt;
}

Exception lateness(const SubjectRun& late) {
    constexpr std::array<std::string_view, 3> subject_kinds{"dossier_no", "declaration_no", "record"};
    Exception exception;
    exception.kind = ExceptionKind::lateness;
    exception.time_ms = *late.run.due_ms;
    exception.at = late.run.start;
    exception.agency = late.run.owner;
    exception.subject_kind = subject_kinds[static_cast<std::size_t>(late.subject)];
    exception.subject = late.number;
    exception.regime = late.run.regime;
    exception.article = late.run.row().article;
    exception.clock = late.run.clock;
    if (late.run.end) {
        exception.done_ms = late.run.end->time_ms;
        exception.done_at = late.run.end->at;
    }
    return exception;
}

void add_exception(const ledger::Coming& coming, ledger::FactDraft& facts, const Exception& exception) {
    facts.put(key_of(exception), encode_fact(exception));
    // The figures are of agencies: what an importer is late with counts as nobody's.
    const ledger::Agency* whose = coming.registry.agency(exception.agency);
    const bool an_agency = whose != nullptr && !whose->has_role("trader");
    count_exception(facts, word(exception.kind), an_agency ? exception.agency : std::string(),
                    date_of(exception.time_ms), coming.address.index);
}

ledger::Result<void> take_exceptions(const ledger::Coming& coming, ledger::FactDraft& facts,
                                     const RuleBook& rules) {
    const std::string_view kind = coming.record.kind();
    if (kind == "inspection_result") take_result(coming, facts);
    if (kind == "method_determination") take_stricter_determination(coming, facts);
    if (kind == "method_transition") take_stricter_transition(coming, facts, rules);
    if (kind == "clearance_decision") take_refusal(coming, facts);
    if (kind == "inspection_result" || kind == "conformity_result" || kind == "violation" ||
        kind == "post_check" || kind == "appeal" || kind == "method_transition")
        take_corrected(coming, facts);
    return {};
}

}  // namespace socai::inspection
