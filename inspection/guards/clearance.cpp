#include "inspection/guards/clearance.hpp"

#include <algorithm>
#include <array>

#include "inspection/catalog/bodies.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/shipments/refusals.hpp"

namespace socai::inspection {
namespace {

constexpr std::array<std::string_view, 7> words{"not_listed",
                                                "exempt",
                                                "reduced_not_drawn",
                                                "inspection_result",
                                                "conformity_result",
                                                "registration_confirmed",
                                                "inspected_after_clearance"};

std::string method_vi(Method method) {
    return std::string(vi_word(WordOf::method, word(method)));
}
// "kết quả 12/TB-QLCL (không đạt)"
std::string named_vi(const DossierResult& result) {
    return "kết quả " + result.notice_no + " (" + std::string(vi_word(WordOf::outcome, result.outcome)) + ")";
}

// One item under one regime, judged.
class Judge {
  public:
    Judge(const ledger::Facts& facts, const RuleBook& rules, const Declaration& declaration,
          const DeclaredItem& item, const Determination& determination, const Dossier* dossier, Date day)
        : facts_(facts), rules_(rules), item_(item), dossier_(dossier), day_(day) {
        verdict_.line = item.line;
        verdict_.determination = determination;
        verdict_.method = determination.computed() ? determination.method : Method::exempt;
        if (dossier != nullptr) {
            verdict_.dossier_no = dossier->dossier_no;
            if (dossier->stricter) verdict_.method = std::max(verdict_.method, *dossier->stricter);
        }
        verdict_.alerts = alerts_on(facts, item.goods, declaration.tax_code, day);
        // Released goods wait for their duties only: their certificates were good on the day of the release.
        if (declaration.is_cleared()) day_ = date_of(declaration.clearance->act.time_ms);
    }

    RegimeVerdict judge() && {
        const Determination& determination = verdict_.determination;
        // Goods that no list names, unless customs asked for an inspection of them.
        const bool asked = dossier_ != nullptr && dossier_->stricter.has_value();
        verdict_.needs_basis = determination.computed() || asked;
        if (!determination.listed && !asked) {
            verdict_.needs_basis = true;
            stands(Basis::not_listed);
        } else if (verdict_.needs_basis) {
            weigh(determination);
        }
        if (dossier_ != nullptr && dossier_->failing()) {
            verdict_.bases.clear();
            const DossierResult& result = *dossier_->result();
            verdict_.evidence.push_back(result.act.at);
            obstacle("remedy",
                     "result " + result.notice_no + " is " + result.outcome + ", not remedied nor superseded",
                     named_vi(result) + " chưa được khắc phục và chưa được thay thế");
        } else if (const DossierResult* remedied = remedied_failure()) {
            // What was remedied is looked at again: nothing from before the failure speaks for the goods.
            verdict_.bases.clear();
            verdict_.evidence.push_back(remedied->act.at);
            obstacle("inspection_result",
                     "result " + remedied->notice_no + " is " + remedied->outcome +
                         " and remedied: a passing result must follow",
                     named_vi(*remedied) + " đã được khắc phục: phải có kết quả đạt sau đó");
        } else if (verdict_.needs_basis && verdict_.bases.empty()) {
            say_what_is_missing();
        }
        verdict_.may_be_cleared = verdict_.obstacles.empty();
        return std::move(verdict_);
    }

  private:
    void stands(Basis basis) { verdict_.bases.push_back(basis); }
    void obstacle(std::string need, std::string en, std::string vi) {
        verdict_.obstacles.push_back({std::move(need), std::move(en), std::move(vi)});
    }
    // The current result, if it did not pass and a remedy followed.
    const DossierResult* remedied_failure() const {
        const DossierResult* current = dossier_ == nullptr ? nullptr : dossier_->result();
        if (current == nullptr || current->outcome == "pass" || current->outcome == "annulled")
            return nullptr;
        return current;
    }
    // The alert that stops what needs no result; nullptr: none.
    const Alert* stopping_alert() const {
        for (const MatchedAlert& each : verdict_.alerts)
            if (each.match == AlertMatch::full &&
                (each.alert.has_effect("method_strict") || each.alert.has_effect("no_exemption")))
                return &each.alert;
        return nullptr;
    }
    bool listed_basis(Basis basis) const {
        return rule_set_ == nullptr ||
               std::ranges::find(rule_set_->clearance_bases, word(basis)) != rule_set_->clearance_bases.end();
    }

    void weigh(const Determination& determination) {
        rule_set_ = determination.computed() ? rules_.find(facts_, determination.rule_set) : nullptr;
        const Alert* alert = stopping_alert();
        if (alert == nullptr && determination.computed()) {
            // Circumstances stated in a dossier go with it.
            const bool stated = !determination.exemption.empty() && !determination.notice;
            const bool gone = stated && dossier_ != nullptr && dossier_->void_of_effect();
            if (verdict_.method == Method::exempt && !gone && listed_basis(Basis::exempt)) {
                stands(Basis::exempt);
                if (determination.notice) verdict_.evidence.push_back(*determination.notice);
            }
            if (verdict_.method == Method::reduced && determination.drawn && !determination.drawn->selected &&
                listed_basis(Basis::reduced_not_drawn)) {
                stands(Basis::reduced_not_drawn);
                verdict_.evidence.push_back(determination.drawn->at);
            }
        } else if (alert != nullptr) {
            verdict_.evidence.push_back(alert->at);
        }
        // Goods of the list "after clearance" need nothing first, unless an alert is about them or customs asked
        // (Decree 85/2019 Art 21; Art 24.1 is about the other list). Whatever the rule set.
        const bool asked = dossier_ != nullptr && dossier_->stricter.has_value();
        if (alert == nullptr && !asked && determination.listed) {
            const auto item = listed_item();
            if (item && item->stage == Stage::after_clearance) stands(Basis::inspected_after_clearance);
        }
        if (dossier_ == nullptr || dossier_->void_of_effect()) return;
        const DossierResult* result = dossier_->result();
        if (result != nullptr && result->outcome == "pass" && !lighter(result->method, verdict_.method) &&
            listed_basis(Basis::inspection_result)) {
            stands(Basis::inspection_result);
            verdict_.evidence.push_back(result->act.at);
        }
        if (listed_basis(Basis::conformity_result)) weigh_certificates();
        if (alert == nullptr && listed_basis(Basis::registration_confirmed) && confirmed()) {
            stands(Basis::registration_confirmed);
            verdict_.evidence.push_back(dossier_->registration.at);
        }
    }

    void weigh_certificates() {
        for (const DossierConformity& each : dossier_->conformity) {
            const bool in_force = each.status == "issued" || each.status == "restored";
            // A test report says what was measured; only a certificate says that goods conform (Decree 85/2019 Art 24.1.c).
            if (each.superseded || !in_force || !each.conforming || each.scheme == "test_report") continue;
            if (!each.valid_on(day_)) continue;
            const auto designation = designation_for(
                facts_, each.act.source, {dossier_->regime(), dossier_->goods.hs_code, each.standard},
                date_of(each.act.time_ms));
            if (!designation || !gives_clearance_basis(designation->status)) continue;
            stands(Basis::conformity_result);
            verdict_.evidence.push_back(each.act.at);
            return;
        }
    }

    // Decree 132/2008 Art 7.2.a–b: customs clears on the registration that the agency confirmed.
    bool confirmed() const {
        if (verdict_.method == Method::strict || dossier_->ended()) return false;
        if (!dossier_->confirmed()) return false;
        if (dossier_->state == DossierState::supplement_requested) return false;
        const auto item = listed_item();
        return item && (item->level == ManagementLevel::level_1 || item->level == ManagementLevel::level_2);
    }
    // As the goods were listed on the day that the method goes by.
    std::optional<CatalogItem> listed_item() const {
        return catalog_item(facts_, item_.goods.hs_code, verdict_.determination.regime,
                            date_of(verdict_.determination.time_ms));
    }

    void say_what_is_missing() {
        const std::string method(word(verdict_.method));
        const std::string due = "hàng hóa thuộc diện " + method_vi(verdict_.method) + " nhưng ";
        if (const Alert* alert = stopping_alert())
            obstacle("alert",
                     "alert " + alert->alert_no +
                         " stops exemption and reduced inspection (Decree 85/2019 Art 22.4)",
                     "cảnh báo " + alert->alert_no +
                         " dừng áp dụng miễn kiểm tra, kiểm tra giảm (NĐ 85/2019/NĐ-CP Đ22.4)");
        if (dossier_ == nullptr)
            return obstacle(
                "inspection_registration",
                "the method is " + method + " and the declaration carries no dossier about these goods",
                due + "tờ khai chưa gắn hồ sơ nào của hàng hóa này");
        if (dossier_->void_of_effect())
            return obstacle("inspection_registration",
                            "dossier " + dossier_->dossier_no + " is " + std::string(word(dossier_->state)) +
                                ": nothing in it is a basis",
                            "hồ sơ " + dossier_->dossier_no + " " +
                                std::string(vi_word(WordOf::dossier, word(dossier_->state))) +
                                ": không có gì trong đó làm căn cứ");
        const DossierResult* result = dossier_->result();
        if (result != nullptr && result->outcome == "pass")
            return obstacle(
                "inspection_result",
                "the method is " + method + " and result " + result->notice_no + " is of " +
                    std::string(word(result->method)) + " inspection",
                due + "kết quả " + result->notice_no + " là của phương thức " + method_vi(result->method));
        obstacle(
            "inspection_result",
            "the method is " + method + " and dossier " + dossier_->dossier_no +
                " has neither a passing inspection result nor a recognised conformity result",
            due + "hồ sơ " + dossier_->dossier_no +
                " chưa có kết quả kiểm tra đạt, cũng chưa có kết quả đánh giá sự phù hợp được thừa nhận");
    }

    const ledger::Facts& facts_;
    const RuleBook& rules_;
    const DeclaredItem& item_;
    const Dossier* dossier_;
    Date day_;  // on which certificates must be valid
    std::shared_ptr<const RuleSet> rule_set_;
    RegimeVerdict verdict_;
};

// Of everything that is in the way.
Phrase joined(const ClearanceVerdict& verdict) {
    Phrase text("");
    const auto add = [&](const std::string& en, const std::string& vi) {
        text.en += (text.en.empty() ? "" : "; ") + en;
        text.vi += (text.vi.empty() ? "" : "; ") + vi;
    };
    for (const RegimeVerdict& item : verdict.items) {
        const std::string line = " " + std::to_string(item.line) + ", ";
        const Phrase regime = phrase(WordOf::regime, item.determination.regime);
        for (const Obstacle& each : item.obstacles)
            add("line" + line + regime.en + ": " + each.en, "dòng hàng" + line + regime.vi + ": " + each.vi);
    }
    for (const Obstacle& each : verdict.obstacles) add(each.en, each.vi);
    return text;
}

}  // namespace

std::string_view word(Basis basis) {
    return words[static_cast<std::size_t>(basis)];
}

std::string ClearanceVerdict::text_en() const {
    return joined(*this).en;
}
std::string ClearanceVerdict::text_vi() const {
    return joined(*this).vi;
}

ClearanceVerdict may_be_cleared(const ledger::Facts& facts, const RuleBook& rules,
                                const Declaration& declaration, Date day) {
    ClearanceVerdict verdict;
    const auto carried = carried_dossiers(facts, declaration);
    const auto find = [&](std::string_view dossier_no) -> const Dossier* {
        const auto found =
            std::ranges::find(carried, dossier_no, [](const auto& each) { return each->dossier_no; });
        return found == carried.end() || dossier_no.empty() ? nullptr : found->get();
    };
    std::vector<std::string_view> judged;
    for (const DeclaredItem& item : declaration.items) {
        if (item.determinations.empty()) {  // no list names the goods, and no dossier is about them
            RegimeVerdict free;
            free.line = item.line;
            free.may_be_cleared = true;
            free.bases = {Basis::not_listed};
            free.alerts = alerts_on(facts, item.goods, declaration.tax_code, day);
            verdict.items.push_back(std::move(free));
        }
        for (std::size_t i = 0; i < item.determinations.size(); ++i) {
            const Dossier* dossier = find(item.dossier_nos[i]);
            if (dossier != nullptr) judged.push_back(dossier->dossier_no);
            verdict.items.push_back(
                Judge(facts, rules, declaration, item, item.determinations[i], dossier, day).judge());
        }
    }
    const auto obstacle = [&](std::string need, std::string en, std::string vi) {
        verdict.obstacles.push_back({std::move(need), std::move(en), std::move(vi)});
    };
    if (declaration.is_cancelled())
        obstacle("declaration", "the declaration is cancelled", "tờ khai đã bị hủy");
    for (const auto& each : carried) {
        const Dossier& dossier = *each;
        if (dossier.goods_gone())
            obstacle("goods", "the goods of dossier " + dossier.dossier_no + " are gone: " + dossier.remedy,
                     "hàng của hồ sơ " + dossier.dossier_no + " không còn: đã " +
                         std::string(vi_word(WordOf::remedy, dossier.remedy)));
        if (dossier.failing() && std::ranges::find(judged, dossier.dossier_no) == judged.end())
            obstacle("remedy",
                     "dossier " + dossier.dossier_no + " has the result " + dossier.result()->outcome,
                     "hồ sơ " + dossier.dossier_no + " có " + named_vi(*dossier.result()));
    }
    verdict.may_be_cleared =
        verdict.obstacles.empty() && std::ranges::all_of(verdict.items, &RegimeVerdict::may_be_cleared);
    return verdict;
}

std::string_view basis_of(const ClearanceVerdict& verdict) {
    std::string_view found = word(Basis::not_listed);
    for (const RegimeVerdict& item : verdict.items) {
        if (item.bases.empty()) continue;
        found = word(item.bases.front());
        if (item.bases.front() != Basis::not_listed) break;
    }
    return found;
}

ledger::Result<void> check_clearance(const ClearanceVerdict& verdict, const Declaration& declaration,
                                     std::string_view basis) {
    if (!verdict.may_be_cleared)
        return refusal(refusals::clearance_without_basis, {declaration.declaration_no, joined(verdict)});
    if (basis.empty()) return {};
    Phrase standing("");
    for (const RegimeVerdict& item : verdict.items) {
        for (const Basis each : item.bases) {
            if (word(each) == basis) return {};
            if (standing.en.find(word(each)) != std::string::npos) continue;
            const std::string_view between = standing.en.empty() ? "" : ", ";
            standing.en.append(between).append(word(each));
            standing.vi.append(between).append(vi_word(WordOf::basis, word(each)));
        }
    }
    return refusal(refusals::basis_not_standing,
                   {declaration.declaration_no, phrase(WordOf::basis, basis), standing});
}

}  // namespace socai::inspection
