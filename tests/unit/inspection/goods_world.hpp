// A ledger for tests of goods' histories: one rule set, two kinds of goods, two importers, and short ways to write what makes
// the method of goods. Lists, shipments and guards are not asked.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "inspection/alerts/alerts.hpp"
#include "inspection/catalog/bodies.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/method/goods_log.hpp"
#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection::test {

inline constexpr std::string_view hs_of_goods = "95030021";
inline std::string key_of(int goods) {
    return "sha256:" + std::string(63, 'a') + std::to_string(goods);
}
inline constexpr std::string_view importers[] = {"9900000016", "9900000048"};

class GoodsWorld {
  public:
    explicit GoodsWorld(std::string_view rule_set) : set_(test::rule_set(rule_set)) {
        world_.add(test::rule_set_record(rule_set)).value();
        for (int goods = 0; goods < 2; ++goods) register_goods(goods, 0, "2018-01-01");
    }

    void register_goods(int goods, int importer, std::string_view day) {
        const std::string dossier = dossier_of(goods, importer);
        world_
            .add("importer." + std::string(importers[importer]), "inspection_registration", next_id(),
                 at_noon(day),
                 R"({"dossier_no":")" + dossier + R"(","regime":")" + set_.regime +
                     R"(","importer":{"tax_code":")" + std::string(importers[importer]) +
                     R"("},"goods_key":")" + key_of(goods) + R"(","goods":{"goods_name":"x","hs_code":")" +
                     std::string(hs_of_goods) +
                     R"(","brand":"b","model":"m","manufacturer":{"name":"n","country":"ID","site_id":"S)" +
                     std::to_string(goods) + R"("},"origin_country":"ID"}})")
            .value();
    }
    static std::string dossier_of(int goods, int importer) {
        return "D-" + std::to_string(goods) + "-" + std::to_string(importer);
    }
    static std::string at_noon(std::string_view day) { return std::string(day) + "T12:00:00+07:00"; }
    std::string next_id() { return "r-" + std::to_string(++made_); }
    std::string last_id() const { return "r-" + std::to_string(made_); }

    // A result of the goods; `former`: the id of the one that it corrects.
    ledger::Address result(std::string_view day, std::string_view outcome, std::string_view method,
                           int goods = 0, int importer = 0, std::string_view former = {}) {
        if (importer != 0 && !second_registered_[goods]) {
            register_goods(goods, importer, "2018-01-01");
            second_registered_[goods] = true;
        }
        const std::string refs =
            former.empty() ? "[]" : R"([["supersedes","most.qlcl",")" + std::string(former) + R"("]])";
        return world_
            .add("most.qlcl", "inspection_result", next_id(), at_noon(day),
                 R"({"dossier_no":")" + dossier_of(goods, importer) + R"(","goods_key":")" + key_of(goods) +
                     R"(","method":")" + std::string(method) + R"(","outcome":")" + std::string(outcome) +
                     R"("})",
                 refs)
            .value();
    }
    ledger::Address record(std::string_view source, std::string_view kind, std::string_view day,
                           const std::string& data, const std::string& refs = "[]") {
        return world_.add(source, kind, next_id(), at_noon(day), data, refs).value();
    }
    ledger::Address alert(std::string_view day, const std::string& scope, std::string_view last_day = {},
                          std::string_view first_day = {}) {
        return record("most.qlcl", "alert", day,
                      R"({"alert_no":"A-)" + std::to_string(made_) + R"(","scope":)" + scope +
                          R"(,"level":"serious","effect":["method_strict"],"text":"t","valid_from":")" +
                          std::string(first_day.empty() ? day : first_day) + R"(","valid_to":)" +
                          (last_day.empty() ? "null" : '"' + std::string(last_day) + '"') + "}");
    }
    void lift(std::string_view day, std::string_view former, const std::string& scope,
              std::string_view number) {
        record("most.qlcl", "alert", day,
               R"({"alert_no":")" + std::string(number) + R"(","status":"lifted","scope":)" + scope +
                   R"(,"level":"serious","effect":["method_strict"],"text":"t","valid_from":")" +
                   std::string(day) + R"("})",
               R"([["closes","most.qlcl",")" + std::string(former) + R"("]])");
    }

    GoodsStanding at(std::string_view day, int goods = 0, int importer = 0) const {
        return standing_of(world_.facts(), set_, find_goods(world_.facts(), key_of(goods))->goods(),
                           importers[importer], test::noon(day));
    }
    Method method(std::string_view day, int goods = 0, int importer = 0) const {
        return at(day, goods, importer).standing.method;
    }
    World& world() { return world_; }
    const RuleSet& set() const { return set_; }
    const RuleBook& book() const { return *book_; }

  private:
    std::shared_ptr<RuleBook> book_ = std::make_shared<RuleBook>();
    World world_{
        [book = book_](const ledger::Coming& coming, ledger::FactDraft& facts) -> ledger::Result<void> {
            if (auto taken = book->take(coming, facts); !taken) return taken;
            if (auto taken = take_body(coming, facts); !taken) return taken;
            if (auto taken = take_alert(coming, facts); !taken) return taken;
            return take_goods(coming, facts, *book);
        }};
    RuleSet set_;
    int made_ = 0;
    bool second_registered_[2] = {false, false};
};

inline const std::string whole_key = R"({"goods_key":")" + key_of(0) + R"("})";

}  // namespace socai::inspection::test
