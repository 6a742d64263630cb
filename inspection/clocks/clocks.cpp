#include "inspection/clocks/clocks.hpp"

#include <algorithm>
#include <array>

#include "inspection/answer_text.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/catalog/working_days.hpp"
#include "inspection/oversight/enterprise.hpp"
#include "inspection/oversight/exceptions.hpp"
#include "inspection/record_data.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/declaration.hpp"
#include "inspection/shipments/shipment_facts.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view runs_table = "ck";   // subject, number -> runs
constexpr std::string_view due_table = "ckd";   // due, subject, number, clock, start -> open run
constexpr std::string_view owed_table = "cko";  // tax code, due, dossier -> start
constexpr std::string_view certificate = "post_clearance_certificate";
constexpr std::size_t base_digits = 11;
constexpr std::int32_t calendar_days = 800;  // holidays that a limit meets lie this near its start

struct Runs {
    std::vector<ClockRun> runs;
    template <class Codec>
    void members(Codec& codec) {
        codec(runs);
    }
};
struct Owed {
    ledger::Address start;
    template <class Codec>
    void members(Codec& codec) {
        codec(start);
    }
};

// What a record says has happened: its kind, and the word that clock_table.hpp tells records of the kind apart by.
struct Happening {
    std::string_view kind;
    std::string_view said;
};

std::string_view text_or(const boost::json::object& data, std::string_view name, std::string_view otherwise) {
    const std::string_view text = text_at(data, name);
    return text.empty() ? otherwise : text;
}

// Nothing: the record moves no clock by itself.
std::optional<Happening> happening_of(const ledger::Record& record) {
    const auto& data = record.data();
    const std::string_view kind = record.kind();
    const bool supersedes = reference_of(record, "supersedes") != nullptr;
    if (kind == "inspection_registration") return Happening{kind, supersedes ? "amended" : "new"};
    if (kind == "dossier_status" || kind == "storage_release")
        return Happening{kind, text_at(data, "status")};
    if (kind == "customs_declaration")
        return Happening{kind, text_or(data, "status", supersedes ? "amended" : "registered")};
    if (kind == "conformity_result") {
        // Of a lot, and its conclusion: a certificate that is suspended or withdrawn concludes nothing.
        const std::string_view status = text_or(data, "status", "issued");
        if (status != "issued" && status != "restored") return Happening{"certificate_status", status};
        if (reference_of(record, "for") == nullptr) return std::nullopt;
        return Happening{kind, text_at(data, "conclusion")};
    }
    if (kind == "inspection_result") {
        const std::string_view outcome = text_at(data, "outcome");
        return outcome == "annulled" ? Happening{"annulment", {}} : Happening{kind, outcome};
    }
    if (kind == "clearance_decision") return Happening{kind, text_at(data, "decision")};
    if (kind == "risk_signal") return Happening{kind, text_or(data, "status", "raised")};
    if (kind == "alert") return Happening{kind, text_or(data, "status", "issued")};
    if (kind == "violation") return Happening{kind, text_or(data, "status", "found")};
    if (kind == "channel_decision" || kind == "method_determination" || kind == "remedy_order" ||
        kind == "remedy_completion")
        return Happening{kind, {}};
    return std::nullopt;
}

std::string_view letter(ClockSubject subject) {
    constexpr std::array<std::string_view, 3> letters{"d", "t", "r"};
    return letters[static_cast<std::size_t>(subject)];
}

FactKey runs_key(ClockSubject subject, std::string_view number) {
    return FactKey(runs_table)
        .text(letter(subject))
        .text(subject == ClockSubject::declaration ? number.substr(0, base_digits) : number);
}

FactKey due_key(ClockSubject subject, std::string_view number, const ClockRun& run) {
    return FactKey(due_table)
        .number(static_cast<std::uint64_t>(*run.due_ms))
        .text(letter(subject))
        .text(number)
        .text(run.clock)
        .address(run.start);
}

FactKey owed_key(const ClockRun& run, std::string_view number) {
    return FactKey(owed_table)
        .text(enterprise_of(run.tax_code))
        .number(static_cast<std::uint64_t>(*run.due_ms))
        .text(number);
}

bool has_decision(const Dossier& dossier) {
    return std::ranges::any_of(dossier.results, [](const DossierResult& each) { return !each.superseded; }) ||
           std::ranges::any_of(dossier.conformity,
                               [](const DossierConformity& each) { return !each.superseded; });
}

std::string_view level_word(ManagementLevel level) {
    constexpr std::array<std::string_view, 4> words{"none", "level_1", "level_2", "level_3"};
    return words[static_cast<std::size_t>(level)];
}

// Of one record: moves the clocks of what it touches.
class Mover {
  public:
    Mover(const ledger::Coming& coming, ledger::FactDraft& facts, const Happening& happening)
        : coming_(coming), data_(coming.record.data()), facts_(facts), happening_(happening) {
        for (const ClockRow& row : clock_table())
            if (row.use == ClockUse::limit && (hits(row.starts) || hits(row.stops) || hits(row.cancels)))
                rows_.push_back(&row);
    }

    // Whether any row waits for such a record, or the record may cancel what ran before.
    bool concerned() const {
        return !rows_.empty() || happening_.kind == "method_determination" ||
               ends_all(ClockSubject::dossier) || ends_all(ClockSubject::declaration) ||
               reference_of(coming_.record, "supersedes") != nullptr;
    }

    void move() {
        if (moves(ClockSubject::record))
            move_subject(ClockSubject::record, coming_.record.subject, nullptr, nullptr);
        const std::string_view declaration_no = text_at(data_, "declaration_no");
        if (happening_.kind == "risk_signal") return;
        if (happening_.kind == "method_determination")  // of the dossier, whatever declaration it names
            return move_dossier(std::string(text_at(data_, "dossier_no")));
        if (!declaration_no.empty()) return move_declaration(declaration_no);
        std::string dossier_no(text_at(data_, "dossier_no"));
        if (const ledger::Reference* lot = reference_of(coming_.record, "for"); dossier_no.empty() && lot)
            dossier_no = dossier_of(facts_, lot->source, lot->id).value_or("");
        if (!dossier_no.empty()) move_dossier(dossier_no);
    }

  private:
    bool hits(std::string_view words) const { return among(words, happening_.kind, happening_.said); }
    bool moves(ClockSubject subject) const {
        return std::ranges::any_of(rows_, [&](const ClockRow* row) { return row->subject == subject; });
    }
    bool ends_all(ClockSubject subject) const {
        if (subject == ClockSubject::dossier)
            return happening_.kind == "dossier_status" &&
                   (happening_.said == "withdrawn" || happening_.said == "closed");
        return subject == ClockSubject::declaration && happening_.kind == "customs_declaration" &&
               happening_.said == "cancelled";
    }

    void move_declaration(std::string_view declaration_no) {
        const auto declaration = find_declaration(facts_, declaration_no);
        if (!declaration) return;
        std::shared_ptr<const Dossier> first;
        for (const std::string& dossier_no : declaration->dossiers) {
            const bool of_dossiers = moves(ClockSubject::dossier);
            if (first && !of_dossiers) break;
            const auto dossier = find_dossier(facts_, dossier_no);
            if (!dossier) continue;
            if (of_dossiers)
                move_subject(ClockSubject::dossier, dossier_no, dossier.get(), declaration.get());
            if (!first) first = dossier;
        }
        if (moves(ClockSubject::declaration) || ends_all(ClockSubject::declaration))
            move_subject(ClockSubject::declaration, declaration_no.substr(0, base_digits), first.get(),
                         declaration.get());
    }

    void move_dossier(const std::string& dossier_no) {
        const auto dossier = find_dossier(facts_, dossier_no);
        if (!dossier) return;
        const bool of_declarations = moves(ClockSubject::declaration);
        const bool of_customs = std::ranges::any_of(rows_, &ClockRow::carried);
        std::shared_ptr<const Declaration> declaration;
        if (!dossier->declaration.empty() && (of_declarations || of_customs))
            declaration = find_declaration(facts_, dossier->declaration);
        move_subject(ClockSubject::dossier, dossier_no, dossier.get(), declaration.get());
        if (declaration && of_declarations)
            move_subject(ClockSubject::declaration,
                         std::string_view(dossier->declaration).substr(0, base_digits), dossier.get(),
                         declaration.get());
    }

    void move_subject(ClockSubject subject, std::string_view number, const Dossier* dossier,
                      const Declaration* declaration) {
        Runs known;
        changed_ = false;
        // What begins and ends with one record is kept only where it was late, as an exception.
        if (subject == ClockSubject::record) {
            for (const ClockRow* row : rows_)
                if (row->subject == subject) move_row(*row, number, dossier, declaration, known.runs);
            return;
        }
        const FactKey key = runs_key(subject, number);
        if (const auto value = facts_.get(key)) known = decode_fact<Runs>(*value);
        if (const ledger::Reference* superseded = reference_of(coming_.record, "supersedes"))
            for (ClockRun& run : known.runs)
                if (!run.end && run.start_source == superseded->source && run.start_id == superseded->id)
                    end(subject, number, run, coming_.record.time_ms, true);
        if (ends_all(subject))
            for (ClockRun& run : known.runs)
                if (!run.end) end(subject, number, run, coming_.record.time_ms, true);
        for (const ClockRow* row : rows_)
            if (row->subject == subject) move_row(*row, number, dossier, declaration, known.runs);
        if (happening_.kind == "method_determination" && subject == ClockSubject::dossier &&
            dossier != nullptr)
            follow_method(number, *dossier, declaration, known.runs);
        if (subject == ClockSubject::dossier && dossier != nullptr && spared(*dossier))
            for (ClockRun& run : known.runs)
                if (!run.end && !run.row().methods.empty()) end(subject, number, run, run.started_ms, true);
        if (changed_) facts_.put(key, encode_fact(known));
    }

    void move_row(const ClockRow& row, std::string_view number, const Dossier* dossier,
                  const Declaration* declaration, std::vector<ClockRun>& runs) {
        const auto open =
            std::ranges::find_if(runs, [&](const ClockRun& run) { return run.clock == row.id && !run.end; });
        const bool is_open = open != runs.end();
        if (is_open && hits(row.cancels) && !survives_clearance(row, dossier)) {
            end(row.subject, number, *open, coming_.record.time_ms, true);
        } else if (is_open && hits(row.stops)) {
            end(row.subject, number, *open, stop_time(row), false);
        } else if (!is_open && hits(row.starts) && applies(row, dossier)) {
            runs.push_back(started(row, dossier, declaration, start_time(row)));
            changed_ = true;
            open_index(row.subject, number, runs.back());
            if (row.stops.empty()) end(row.subject, number, runs.back(), stop_time(row), false);
        }
    }

    // Customs published another method: the limit that goes with it takes the place of the one that runs, from the same
    // moment on.
    void follow_method(std::string_view number, const Dossier& dossier, const Declaration* declaration,
                       std::vector<ClockRun>& runs) {
        const std::string_view method = word(dossier.method());
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const ClockRow& row = runs[i].row();
            if (runs[i].end || row.methods.empty() || among(row.methods, method, {})) continue;
            const auto next = std::ranges::find_if(clock_table(), [&](const ClockRow& each) {
                return each.starts == row.starts && each.regime == row.regime && !each.methods.empty() &&
                       among(each.methods, method, {});
            });
            const ClockRun former = runs[i];
            end(row.subject, number, runs[i], coming_.record.time_ms, true);
            if (next == clock_table().end()) continue;
            ClockRun run = started(*next, &dossier, declaration, former.started_ms);
            run.start = former.start;
            run.start_source = former.start_source;
            run.start_id = former.start_id;
            runs.push_back(run);
            open_index(next->subject, number, runs.back());
        }
    }

    // The draw passed the shipment over: the agency owes nothing, and never did.
    bool spared(const Dossier& dossier) const {
        if (dossier.method() != Method::reduced) return false;
        const Determination governing = governing_determination(facts_, dossier);
        return governing.method == Method::reduced && governing.drawn && !governing.drawn->selected;
    }

    // A result that clearance leaves to be waited for: of goods that are inspected after it.
    bool survives_clearance(const ClockRow& row, const Dossier* dossier) const {
        return happening_.kind == "clearance_decision" && !row.methods.empty() && dossier != nullptr &&
               inspected_after_clearance(facts_, *dossier);
    }

    bool applies(const ClockRow& row, const Dossier* dossier) {
        if (row.start_time == ClockTime::sampled && !sampled_ms()) return false;
        if (!row.writer_role.empty()) {
            const ledger::Agency* writer = coming_.registry.agency(coming_.record.source);
            if (writer == nullptr || !writer->has_role(row.writer_role)) return false;
        }
        if (row.subject != ClockSubject::dossier) return true;
        if (dossier == nullptr) return false;
        if (!row.regime.empty() && dossier->regime() != row.regime) return false;
        if (!row.methods.empty() && (!among(row.methods, word(dossier->method()), {}) || spared(*dossier) ||
                                     (dossier->cleared && !inspected_after_clearance(facts_, *dossier))))
            return false;
        if (row.carried && dossier->declaration.empty()) return false;
        if (row.undecided && has_decision(*dossier)) return false;
        return row.levels.empty() || among(row.levels, level_word(level_of(*dossier)), {});
    }

    ManagementLevel level_of(const Dossier& dossier) const {
        const auto item = catalog_item(facts_, dossier.goods.hs_code, dossier.regime(),
                                       date_of(dossier.registration.time_ms));
        return item ? item->level : ManagementLevel::none;
    }

    std::optional<std::int64_t> sampled_ms() const {
        return ledger::parse_rfc3339(text_at(data_, "sampled_at"));
    }

    std::int64_t start_time(const ClockRow& row) const {
        switch (row.start_time) {
            case ClockTime::signed_time:
                break;
            case ClockTime::accepted_time:
                return coming_.delivered_ms;
            case ClockTime::sampled:
                return sampled_ms().value();
        }
        return coming_.record.time_ms;
    }
    std::int64_t stop_time(const ClockRow& row) const {
        return row.stop_time == ClockTime::accepted_time ? coming_.delivered_ms : coming_.record.time_ms;
    }

    std::string owner(const ClockRow& row, const Dossier* dossier, const Declaration* declaration) const {
        switch (row.owner) {
            case ClockOwner::agency:
                if (dossier == nullptr) return {};
                if (dossier->determination.listed) return dossier->determination.agency;
                return dossier->states.empty() ? std::string() : dossier->states.front().source;
            case ClockOwner::customs:
                return declaration == nullptr ? std::string() : declaration->registration.source;
            case ClockOwner::importer:
                return dossier == nullptr ? std::string() : dossier->registration.source;
            case ClockOwner::writer:
                return coming_.record.source;
            case ClockOwner::nobody:
                break;
        }
        return {};
    }

    ClockRun started(const ClockRow& row, const Dossier* dossier, const Declaration* declaration,
                     std::int64_t started_ms) {
        ClockRun run;
        run.clock = row.id;
        run.owner = owner(row, dossier, declaration);
        if (dossier != nullptr) run.regime = dossier->regime();
        run.tax_code = dossier != nullptr ? dossier->tax_code
                                          : (declaration != nullptr ? declaration->tax_code : std::string());
        run.start = coming_.address;
        run.start_source = coming_.record.source;
        run.start_id = coming_.record.id;
        run.started_ms = started_ms;
        if (const auto day = row.due_member.empty() ? std::nullopt : date_at(data_, row.due_member)) {
            run.due_ms = std::max<std::int64_t>(start_of({day->days + 1}), 0);
        } else {
            const Date from = date_of(run.started_ms);
            if (!calendar_ || from != calendar_from_) {
                calendar_ = working_calendar(facts_, from, {from.days + calendar_days});
                calendar_from_ = from;
            }
            run.due_ms = due(run.started_ms, row.amount, row.unit, *calendar_);
        }
        return run;
    }

    void open_index(ClockSubject subject, std::string_view number, const ClockRun& run) {
        if (!run.due_ms || run.row().stops.empty()) return;
        facts_.put(due_key(subject, number, run),
                   encode_fact(SubjectRun{subject, std::string(number), run, {}}));
        if (run.clock == certificate) facts_.put(owed_key(run, number), encode_fact(Owed{run.start}));
    }

    void end(ClockSubject subject, std::string_view number, ClockRun& run, std::int64_t time_ms,
             bool cancelled) {
        if (run.due_ms && !run.row().stops.empty()) {
            facts_.erase(due_key(subject, number, run));
            if (run.clock == certificate) facts_.erase(owed_key(run, number));
        }
        run.end = ClockRun::End{coming_.address, std::max(time_ms, run.started_ms), cancelled};
        changed_ = true;
        if (run.row().target || run.state(run.end->time_ms) != ClockState::missed) return;
        add_exception(coming_, facts_, lateness({subject, std::string(number), run, {}}));
        if (run.clock == certificate)
            add_late_certificate(facts_, run.tax_code, date_of(*run.due_ms), coming_.address, number);
    }

    const ledger::Coming& coming_;
    const boost::json::object& data_;
    ledger::FactDraft& facts_;
    const Happening& happening_;
    std::vector<const ClockRow*> rows_;
    std::optional<WorkingCalendar> calendar_;
    Date calendar_from_;
    bool changed_ = false;
};

// A term: from the moment, as the row says; it ends with its last day, working or not.
ClockRun term(std::string_view id, std::int64_t from_ms, const Act& start, std::string_view owner) {
    ClockRun run;
    run.clock = id;
    run.owner = owner;
    run.start = start.at;
    run.start_source = start.source;
    run.started_ms = from_ms;
    const ClockRow& row = run.row();
    const auto months = static_cast<std::int32_t>(row.unit == Unit::years ? 12 * row.amount : row.amount);
    run.due_ms = start_of({last_day_of_term(date_of(from_ms), months).days + 1});
    return run;
}

void add_terms(const Declaration& declaration, std::vector<ClockRun>& runs) {
    std::vector<ClockRun> terms;
    for (const ClockRun& run : runs) {
        if (run.clock != "storage_result" || !run.due_ms || (run.end && run.end->time_ms < *run.due_ms))
            continue;
        terms.push_back(term("storage_ban_late_result", *run.due_ms,
                             {run.start, run.start_source, run.started_ms, run.started_ms}, run.owner));
        terms.back().tax_code = run.tax_code;
    }
    if (declaration.storage && declaration.storage->status == "violated")
        terms.push_back(term("storage_ban", declaration.storage->act.time_ms, declaration.storage->act, {}));
    if (declaration.status != "cancelled")
        terms.push_back(
            term("pca_window", declaration.registered_ms, declaration.first, declaration.first.source));
    runs.insert(runs.end(), terms.begin(), terms.end());
}

}  // namespace

std::string_view word(ClockState state) {
    constexpr std::array<std::string_view, 4> words{"due", "met", "missed", "cancelled"};
    return words[static_cast<std::size_t>(state)];
}

ClockState ClockRun::state(std::int64_t at_ms) const {
    if (row().use == ClockUse::term) return due_ms && *due_ms <= at_ms ? ClockState::met : ClockState::due;
    const bool ended = end && end->time_ms <= at_ms;
    const std::int64_t until = ended ? end->time_ms : at_ms;
    if (due_ms && *due_ms <= until) return ClockState::missed;
    if (!ended) return ClockState::due;
    return end->cancelled ? ClockState::cancelled : ClockState::met;
}

std::vector<ClockRun> clocks_of(const ledger::Facts& facts, ClockSubject subject, std::string_view number,
                                std::int64_t at_ms) {
    const auto value = facts.get(runs_key(subject, number));
    std::vector<ClockRun> runs = value ? decode_fact<Runs>(*value).runs : std::vector<ClockRun>();
    if (subject == ClockSubject::declaration)
        if (const auto declaration = find_declaration(facts, number)) add_terms(*declaration, runs);
    std::erase_if(runs, [&](const ClockRun& run) { return run.started_ms > at_ms; });
    std::ranges::stable_sort(runs, {}, &ClockRun::started_ms);
    return runs;
}

std::string overdue_key(std::int64_t due_ms) {
    return FactKey(due_table).number(static_cast<std::uint64_t>(std::max<std::int64_t>(due_ms, 0))).bytes();
}

std::vector<SubjectRun> overdue(const ledger::Facts& facts, std::int64_t at_ms, std::string_view after,
                                std::size_t limit) {
    std::vector<SubjectRun> found;
    facts.scan(FactKey(due_table), after, [&](std::string_view key, std::string_view value) {
        if (key == after) return true;
        if (found.size() >= limit) return false;
        auto open = decode_fact<SubjectRun>(value);
        if (*open.run.due_ms > at_ms) return false;
        open.key = key;
        found.push_back(std::move(open));
        return true;
    });
    return found;
}

std::vector<OwedCertificate> owed_certificates(const ledger::Facts& facts, std::string_view tax_code,
                                               std::int64_t from_ms, std::int64_t before_ms) {
    std::vector<OwedCertificate> owed;
    const std::string prefix = FactKey(owed_table).text(enterprise_of(tax_code)).bytes();
    const std::string from = FactKey(owed_table)
                                 .text(enterprise_of(tax_code))
                                 .number(static_cast<std::uint64_t>(std::max<std::int64_t>(from_ms, 0)))
                                 .bytes();
    facts.scan(prefix, from, [&](std::string_view key, std::string_view value) {
        FactKeyReader parts(key, owed_table);
        parts.text();
        const auto due_ms = static_cast<std::int64_t>(parts.number());
        if (due_ms >= before_ms) return false;
        owed.push_back({due_ms, parts.text(), decode_fact<Owed>(value).start});
        return true;
    });
    return owed;
}

boost::json::array clocks_answer(const std::vector<ClockRun>& runs, std::int64_t at_ms) {
    boost::json::array answer;
    for (const ClockRun& run : runs) {
        const ClockRow& row = run.row();
        const ClockState state = run.state(at_ms);
        std::string_view said = word(state);
        if (row.use == ClockUse::term) said = state == ClockState::due ? "running" : "over";
        boost::json::array evidence{ledger::to_string(run.start)};
        const bool ended = run.end && run.end->time_ms <= at_ms;
        if (ended && run.end->at != run.start) evidence.emplace_back(ledger::to_string(run.end->at));
        boost::json::object clock{{"clock", run.clock},
                                  {"vi", row.vi},
                                  {"en", row.en},
                                  {"article", row.article},
                                  {"owner", run.owner},
                                  {"started", vietnam_time(run.started_ms)},
                                  {"due", told_time(run.due_ms)},
                                  {"state", said},
                                  {"stopped", nullptr},
                                  {"evidence", std::move(evidence)}};
        if (ended) clock["stopped"] = vietnam_time(run.end->time_ms);
        answer.push_back(std::move(clock));
    }
    return answer;
}

ledger::Result<void> take_clocks(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const auto happening = happening_of(coming.record);
    if (!happening) return {};
    Mover mover(coming, facts, *happening);
    if (mover.concerned()) mover.move();
    return {};
}

}  // namespace socai::inspection
