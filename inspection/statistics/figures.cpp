#include "inspection/statistics/figures.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "inspection/catalog/working_days.hpp"
#include "inspection/fact_codec.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/declaration.hpp"
#include "inspection/shipments/dossier.hpp"
#include "inspection/statistics/restate.hpp"
#include "inspection/working_time.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

FactKey ministry_key(std::string_view agency) {
    FactKey key("!sa");
    key.text(agency);
    return key;
}

// Has the name been seen? Takes it down.
bool is_first(ledger::FactDraft& facts, std::string_view table, std::string_view name) {
    FactKey key(table);
    key.text(name);
    if (facts.get(key)) return false;
    facts.put(key, {});
    return true;
}

Figure figure_of(Method method, const std::optional<Determination::Drawn>& drawn) {
    switch (method) {
        case Method::exempt:
            return Figure::method_exempt;
        case Method::reduced:
            if (!drawn) return Figure::method_reduced_pending;
            return drawn->selected ? Figure::method_reduced_drawn : Figure::method_reduced_not_drawn;
        case Method::normal:
            return Figure::method_normal;
        case Method::strict:
            break;
    }
    return Figure::method_strict;
}

// One record while it is counted.
class Counting {
  public:
    Counting(const ledger::Coming& coming, ledger::FactDraft& facts)
        : coming_(coming),
          record_(coming.record),
          data_(coming.record.data()),
          facts_(facts),
          day_(date_of(coming.record.time_ms)),
          writer_(writer_of(coming)) {}

    void registration() {
        const auto dossier = find_dossier(facts_, text("dossier_no"));
        if (!dossier) return;
        restate_dossier(*dossier);
        Amounts once;
        if (is_first(facts_, "se", enterprise_of(dossier->tax_code)))
            gather(once, {{Figure::enterprises, 1}});
        if (dossier->first.at == coming_.address && !dossier->determination.alerts.empty())
            gather(once, {{Figure::determinations_under_alert, 1}});
        add({Sheet::registrations, dossier->regime(), dossier->determination.agency, {}}, once);
    }

    void status() {
        const auto dossier = find_dossier(facts_, text("dossier_no"));
        const std::string status = text("status");
        Amounts counts;
        if (const auto figure = find_figure("status", status)) gather(counts, {{*figure, 1}});
        if (status == "accepted" && is_first_to(dossier, DossierState::accepted))
            gather(counts, worked(Step::registration_to_accepted, dossier->first.time_ms));
        if (status == "confirmed" && is_first_to(dossier, DossierState::confirmed))
            gather(counts, worked(Step::registration_to_confirmed, dossier->first.time_ms));
        add({Sheet::statuses, regime_of(dossier), writer_, {}}, counts);
    }

    // Of one stricter than computed, the only kind that changes anything (design/domain.md 6).
    void published_method() {
        const auto dossier = find_dossier(facts_, text("dossier_no"));
        if (dossier && dossier->stricter) restate_dossier(*dossier);
    }

    void result() {
        const auto figure = find_figure("result", text("outcome"));
        if (!figure) return;
        const auto dossier = find_dossier(facts_, text("dossier_no"));
        restate_as(Sheet::results, {regime_of(dossier), writer_, {{*figure, 1}}});
        if (!dossier || dossier->results.empty() || dossier->results.front().act.at != coming_.address)
            return;
        Amounts counts = worked(Step::registration_to_result, dossier->first.time_ms);
        if (const Act* accepted = first_to(*dossier, DossierState::accepted))
            gather(counts, worked(Step::accepted_to_result, accepted->time_ms));
        add({Sheet::results, dossier->regime(), writer_, {}}, counts);
    }

    void certificate() {
        const std::string status = text("status");
        const auto figure = find_figure("conformity", text("conclusion"));
        if (!figure || (!status.empty() && status != "issued")) return;
        const auto dossier = assessed_dossier();
        restate_as(Sheet::certificates, {regime_of(dossier), writer_, {{*figure, 1}}});
        const auto sampled = ledger::parse_rfc3339(text("sampled_at"));
        if (sampled && !supersedes())
            add({Sheet::certificates, regime_of(dossier), writer_, {}},
                worked(Step::sampling_to_conformity, *sampled));
    }

    void declaration() {
        const auto declaration = find_declaration(facts_, text("declaration_no"));
        if (!declaration) return;
        Amounts own{{Figure::declarations, 1}};
        if (declaration->is_cancelled()) gather(own, {{Figure::declarations_cancelled, 1}});
        std::vector<Counted> what{{{}, declaration->first.source, own}};

        std::set<std::string> dossiers;
        for (const DeclaredItem& item : declaration->items) {
            for (std::size_t i = 0; i < item.determinations.size(); ++i) {
                const Determination& each = item.determinations[i];
                if (!item.dossier_nos[i].empty())
                    dossiers.insert(item.dossier_nos[i]);
                else if (each.computed() && !declaration->is_cancelled())
                    gather(what, {each.regime, each.agency, {{figure_of(each.method, each.drawn), 1}}});
            }
        }
        for (const Counted& each : what) remember(each.agency);
        restate(facts_, {Sheet::declarations, declaration->base()}, std::move(what), day_, index());
        for (const std::string& number : dossiers)
            if (const auto dossier = find_dossier(facts_, number)) restate_dossier(*dossier, &*declaration);
        if (is_first(facts_, "se", enterprise_of(declaration->tax_code)))
            add({Sheet::declarations, {}, declaration->first.source, {}}, {{Figure::enterprises, 1}});
    }

    void clearance() {
        const std::string decision = text("decision");
        const auto figure = find_figure("clearance", decision);
        if (!figure) return;
        restate_as(Sheet::clearances, {{}, writer_, {{*figure, 1}}});
        if (decision != "cleared" && decision != "released") return;
        const auto declaration = find_declaration(facts_, text("declaration_no"));
        if (!declaration || !is_first(facts_, "sk", declaration->base())) return;
        std::map<std::string, Amounts> by_regime;
        by_regime[{}] = worked(Step::declaration_to_clearance, declaration->first.time_ms);
        for (const std::string& number : declaration->dossiers) {
            const auto dossier = find_dossier(facts_, number);
            const DossierResult* result = dossier ? dossier->result() : nullptr;
            if (result == nullptr) continue;
            gather(by_regime[dossier->regime()], worked(Step::result_to_clearance, result->act.time_ms));
        }
        for (const auto& [regime, counts] : by_regime) add({Sheet::clearances, regime, writer_, {}}, counts);
    }

    void alert() {
        const std::string status = text("status");
        const std::string level = text("level");
        if (status == "lifted") {
            if (const auto figure = find_figure("alert_lifted", level))
                add({Sheet::alerts, {}, writer_, {}}, {{*figure, 1}});
            return;
        }
        const auto figure = find_figure("alert_issued", level);
        if (!figure || (status == "amended" && !supersedes())) return;
        restate_as(Sheet::alerts, {{}, writer_, {{*figure, 1}}});
        if (supersedes()) return;
        add({Sheet::alerts, {}, writer_, {}},
            measured(Step::alert_to_ledger,
                     std::max<std::int64_t>(0, coming_.delivered_ms - record_.time_ms)));
    }

    void violation() {
        const bool annulled = text("status") == "annulled";
        const auto figure = find_figure("violation", annulled ? "annulled" : text("severity"));
        if (figure) restate_as(Sheet::violations, {{}, writer_, {{*figure, 1}}});
    }

    void certificate_of_origin() {
        const std::string status = text("asw_status");
        const std::string direction = text("direction");
        const std::string original = original_of(facts_, record_);
        bool sent = direction == "sent" || status == "sent";
        if (const auto stands = find_stated(facts_, {Sheet::single_window, original});
            stands && direction.empty() && status != "received")
            sent = number_of(stands->what.front().counts, Figure::co_form_d_sent) > 0;
        Amounts counts{{sent ? Figure::co_form_d_sent : Figure::co_form_d_received, 1}};
        if (const auto figure = find_figure("co_form_d", status);
            figure && status != "sent" && status != "received")
            gather(counts, {{*figure, 1}});
        restate(facts_, {Sheet::single_window, original}, {{{}, writer_, counts}}, day_, index());
    }

    void export_declaration() {
        Amounts counts{{Figure::acdd_received, 1}};
        if (text("status") == "cancelled") gather(counts, {{Figure::acdd_cancelled, 1}});
        restate_as(Sheet::single_window, {{}, writer_, counts});
    }

    void phytosanitary_certificate() {
        Amounts counts{{Figure::ephyto_received, 1}};
        if (const auto figure = find_figure("ephyto", text("status"))) gather(counts, {{*figure, 1}});
        restate_as(Sheet::single_window, {{}, writer_, counts});
    }

    void procedure() {
        const std::string stage = text("stage");
        const Figure figure = stage == "live"      ? Figure::procedures_live
                              : stage == "testing" ? Figure::procedures_testing
                                                   : Figure::procedures_retired;
        const std::string agency = text("agency");
        remember(agency);
        move_on(facts_, {Sheet::procedures, text("procedure_code")},
                {{text("regime"), agency, {{figure, 1}}}}, day_, index());
    }

    // Of every kind.
    void writer() {
        if (supersedes()) add({Sheet::corrections, {}, writer_, {}}, {{Figure::corrections, 1}});
        remember(writer_);
    }

  private:
    static std::string writer_of(const ledger::Coming& coming) {
        const ledger::Agency* agency = coming.registry.agency(coming.record.source);
        return agency == nullptr || agency->has_role("trader") ? std::string() : coming.record.source;
    }
    static std::string regime_of(const std::shared_ptr<const Dossier>& dossier) {
        return dossier ? dossier->regime() : std::string();
    }
    static const Act* first_to(const Dossier& dossier, DossierState state) {
        for (std::size_t i = 0; i < dossier.states.size() && i < dossier.state_of.size(); ++i)
            if (dossier.state_of[i] == state) return &dossier.states[i];
        return nullptr;
    }

    std::string text(std::string_view name) const { return text_of(data_, name); }
    std::uint64_t index() const { return coming_.address.index; }
    bool supersedes() const {
        return std::ranges::any_of(record_.refs,
                                   [](const ledger::Reference& each) { return each.rel == "supersedes"; });
    }
    bool is_first_to(const std::shared_ptr<const Dossier>& dossier, DossierState state) const {
        const Act* first = dossier ? first_to(*dossier, state) : nullptr;
        return first != nullptr && first->at == coming_.address;
    }

    Amounts worked(Step step, std::int64_t since_ms) {
        if (since_ms >= record_.time_ms) return measured(step, 0);
        const std::int32_t year = year_of(date_of(since_ms));
        if (!calendar_ || year < calendar_from_) {
            calendar_ = working_calendar(facts_, date_of(since_ms), day_);
            calendar_from_ = year;
        }
        return measured(step, working_ms(since_ms, record_.time_ms, *calendar_));
    }
    void add(const Series& series, const Amounts& counts) { count(facts_, series, day_, index(), counts); }
    void restate_as(Sheet sheet, Counted what) {
        const std::string original = original_of(facts_, record_);
        restate(facts_, {sheet, original}, {std::move(what)}, day_, index());
    }

    // A dossier and the method under which it is inspected: the heaviest of what was computed when it was registered and
    // when it was declared, and what customs determined; with the draw, once there is one.
    void restate_dossier(const Dossier& dossier, const Declaration* declaration = nullptr) {
        std::shared_ptr<const Declaration> found;
        if (declaration == nullptr && !dossier.declaration.empty()) {
            found = find_declaration(facts_, dossier.declaration);
            declaration = found.get();
        }
        Method method = dossier.method();
        std::optional<Determination::Drawn> drawn = dossier.determination.drawn;
        if (declaration != nullptr && !declaration->is_cancelled()) {
            for (const DeclaredItem& item : declaration->items) {
                for (std::size_t i = 0; i < item.determinations.size(); ++i) {
                    if (item.dossier_nos[i] != dossier.dossier_no) continue;
                    const Determination& each = item.determinations[i];
                    method = std::max(method, each.method);
                    if (each.drawn && (!drawn || each.drawn->selected)) drawn = each.drawn;
                }
            }
        }
        Amounts counts{{Figure::dossiers, 1}};
        if (dossier.determination.computed()) gather(counts, {{figure_of(method, drawn), 1}});
        remember(dossier.determination.agency);
        restate(facts_, {Sheet::registrations, dossier.dossier_no},
                {{dossier.regime(), dossier.determination.agency, counts}}, day_, index());
    }

    // The dossier that a conformity result is for.
    std::shared_ptr<const Dossier> assessed_dossier() const {
        for (const ledger::Reference& reference : record_.refs) {
            if (reference.rel != "for") continue;
            const auto number = dossier_of(facts_, reference.source, reference.id);
            return number ? find_dossier(facts_, *number) : nullptr;
        }
        return nullptr;
    }

    void remember(const std::string& agency) {
        if (agency.empty()) return;
        const FactKey key = ministry_key(agency);
        if (facts_.get(key)) return;
        std::string member = agency;
        for (const ledger::Agency* each = coming_.registry.agency(member); each != nullptr && each->parent;
             each = coming_.registry.agency(member))
            member = *each->parent;
        facts_.put(key, member);
    }

    const ledger::Coming& coming_;
    const ledger::Record& record_;
    const json::object& data_;
    ledger::FactDraft& facts_;
    Date day_;
    std::string writer_;                       // empty: a trader
    std::optional<WorkingCalendar> calendar_;  // once something is measured, from that year on
    std::int32_t calendar_from_ = 0;
};

struct CountedKind {
    std::string_view kind;
    void (Counting::*count)();
};
constexpr std::array counted_kinds{
    CountedKind{"acdd", &Counting::export_declaration},
    CountedKind{"alert", &Counting::alert},
    CountedKind{"clearance_decision", &Counting::clearance},
    CountedKind{"co_form_d", &Counting::certificate_of_origin},
    CountedKind{"conformity_result", &Counting::certificate},
    CountedKind{"customs_declaration", &Counting::declaration},
    CountedKind{"dossier_status", &Counting::status},
    CountedKind{"ephyto", &Counting::phytosanitary_certificate},
    CountedKind{"inspection_registration", &Counting::registration},
    CountedKind{"inspection_result", &Counting::result},
    CountedKind{"method_determination", &Counting::published_method},
    CountedKind{"procedure", &Counting::procedure},
    CountedKind{"violation", &Counting::violation},
};

}  // namespace

void take_statistics(const ledger::Coming& coming, ledger::FactDraft& facts) {
    Counting counting(coming, facts);
    const auto counted = std::ranges::find(counted_kinds, coming.record.kind(), &CountedKind::kind);
    if (counted != counted_kinds.end()) (counting.*counted->count)();
    counting.writer();
}

void count_exception(ledger::FactDraft& facts, std::string_view kind, std::string_view agency, Date day,
                     std::uint64_t index) {
    count(facts, {Sheet::exceptions, {}, std::string(agency), std::string(kind)}, day, index,
          {{Figure::exceptions, 1}});
}

std::string ministry_of(const ledger::Facts& facts, std::string_view agency) {
    return facts.get(ministry_key(agency)).value_or(std::string(agency));
}

}  // namespace socai::inspection
