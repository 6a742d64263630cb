// A ledger for tests of shipments and guards: two lists, a rule set for each regime, two designated bodies, and short ways to
// write the records of a shipment. Each record is signed a minute after the last, unless the clock is moved.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "inspection/catalog/bodies.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/guards/risk_table.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/oversight/signals.hpp"
#include "inspection/records/words.hpp"
#include "inspection/shipments/shipment_facts.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection::test {

class ShipmentWorld {
  public:
    using Taken = ledger::Result<ledger::Address>;

    // `then`: the parts that come after the shipments, if any.
    explicit ShipmentWorld(World::Take then = {})
        : world_([rules = rules_, then](const ledger::Coming& coming,
                                        ledger::FactDraft& facts) -> ledger::Result<void> {
              if (auto taken = take_catalog(coming, facts); !taken) return taken;
              if (auto taken = rules->take(coming, facts); !taken) return taken;
              if (auto taken = take_alert(coming, facts); !taken) return taken;
              if (auto taken = take_goods(coming, facts, *rules); !taken) return taken;
              if (auto taken = take_body(coming, facts); !taken) return taken;
              if (auto taken = take_risk_table(coming, facts); !taken) return taken;
              if (auto taken = take_risk_signal(coming, facts); !taken) return taken;
              if (auto taken = take_shipment(coming, facts, *rules); !taken || !then) return taken;
              return then(coming, facts);
          }) {}
    // With lists, rule sets and bodies.
    static ShipmentWorld ready(World::Take then = {}) {
        ShipmentWorld world(std::move(then));
        world.ready_made();
        return world;
    }

    Taken add(std::string_view source, std::string_view kind, std::string_view id, std::string_view data,
              std::string_view refs = "[]") {
        now_ms += 60'000;
        return world_.add(source, kind, id, ledger::format_rfc3339(now_ms), data, refs);
    }
    void at(std::string_view time) { now_ms = ledger::parse_rfc3339(time).value() - 60'000; }

    // A dossier of the toy goods; id of the record: "r-" and the number.
    Taken dossier(const std::string& no, std::string_view goods_key = "doll",
                  std::string_view hs = "95030021", std::string_view regime = "quality",
                  std::string_view more = "", std::string_view refs = "[]", std::string_view id = "",
                  std::string_view importer = "9900000016") {
        return add("importer." + std::string(importer), "inspection_registration",
                   id.empty() ? "r-" + no : std::string(id),
                   R"({"dossier_no":")" + no + R"(","procedure_code":"P","regime":")" + std::string(regime) +
                       R"(","importer":{"tax_code":")" + std::string(importer) + R"("},"goods_key":")" +
                       std::string(goods_key) + R"(","bill_of_lading":"BL-)" + no +
                       R"(","goods":{"hs_code":")" + std::string(hs) +
                       R"(","manufacturer":{"site_id":"SITE-1"},"origin_country":"ID"})" + std::string(more) +
                       "}",
                   refs);
    }
    Taken status(const std::string& no, std::string_view to, std::string_view source = "most.qlcl") {
        return add(source, "dossier_status", next_id("s"),
                   R"({"dossier_no":")" + no + R"(","status":")" + std::string(to) + R"("})", about(no));
    }
    Taken result(const std::string& no, std::string_view outcome, std::string_view id = "",
                 std::string_view method = "strict", std::string_view source = "most.qlcl",
                 std::string_view more_refs = "", std::string_view goods_key = "doll") {
        return add(source, "inspection_result", id.empty() ? next_id("i") : std::string(id),
                   R"({"notice_no":"N-)" + no + R"(","dossier_no":")" + no + R"(","goods_key":")" +
                       std::string(goods_key) + R"(","method":")" + std::string(method) + R"(","outcome":")" +
                       std::string(outcome) + R"("})",
                   R"([["decides","importer.9900000016","r-)" + no + R"("])" + std::string(more_refs) + "]");
    }
    Taken certificate(const std::string& no, std::string_view number,
                      std::string_view conclusion = "conforming",
                      std::string_view scheme = "lot_certification", std::string_view status = "issued",
                      std::string_view source = "cab.cn-09", std::string_view more_refs = "",
                      std::string_view id = "") {
        return add(source, "conformity_result", id.empty() ? next_id("c") : std::string(id),
                   R"({"certificate_no":")" + std::string(number) + R"(","scheme":")" + std::string(scheme) +
                       R"(","status":")" + std::string(status) + R"(","conclusion":")" +
                       std::string(conclusion) + R"("})",
                   R"([["for","importer.9900000016","r-)" + no + R"("])" + std::string(more_refs) + "]");
    }
    // Of one line about the goods, carrying the dossier; no dossier when `no` is empty.
    Taken declaration(const std::string& number, const std::string& no = "",
                      std::string_view goods_key = "doll", std::string_view hs = "95030021",
                      std::string_view supersedes = "", std::string_view status = "",
                      std::string_view id = "", std::string_view bill = "",
                      std::string_view importer = "9900000016") {
        std::string refs;
        if (!no.empty()) refs += R"(["carries","importer.9900000016","r-)" + no + R"("])";
        if (!supersedes.empty())
            refs += (refs.empty() ? "" : ",") +
                    (R"(["supersedes","customs.haiphong",")" + std::string(supersedes) + R"("])");
        return add(
            "customs.haiphong", "customs_declaration", id.empty() ? "t-" + number : std::string(id),
            R"({"declaration_no":")" + number + R"(","version":)" + number.back() +
                R"(,"type_code":"A11","office":"03CE","registered_at":"2021-06-01T08:00:00+07:00","importer_tax_code":")" +
                std::string(importer) + R"(",)" +
                (status.empty() ? "" : R"("status":")" + std::string(status) + R"(",)") +
                (bill.empty() ? "" : R"("bill_of_lading":")" + std::string(bill) + R"(",)") +
                R"("items":[{"line":1,"hs_code":")" + std::string(hs) + R"(","origin":"ID","goods_key":")" +
                std::string(goods_key) + R"("}]})",
            "[" + refs + "]");
    }
    Taken channel(const std::string& number, std::string_view customs = "red",
                  std::string_view specialised = "strict", std::string_view risk = "high") {
        return add("customs.haiphong", "channel_decision", next_id("ch"),
                   R"({"declaration_no":")" + number + R"(","customs_channel":")" + std::string(customs) +
                       R"(","specialised_channel":")" + std::string(specialised) + R"(","risk_level":")" +
                       std::string(risk) + R"("})");
    }
    Taken clear(const std::string& number, std::string_view decision = "cleared",
                std::string_view basis = "") {
        return add("customs.haiphong", "clearance_decision", next_id("cl"),
                   R"({"declaration_no":")" + number + R"(","decision":")" + std::string(decision) + R"(")" +
                       (basis.empty() ? "" : R"(,"basis":")" + std::string(basis) + R"(")") + "}");
    }
    Taken store(const std::string& number, std::string_view status = "granted", std::string_view due = "") {
        return add("customs.haiphong", "storage_release", next_id("st"),
                   R"({"declaration_no":")" + number + R"(","status":")" + std::string(status) + R"(")" +
                       (due.empty() ? "" : R"(,"result_due":")" + std::string(due) + R"(")") + "}");
    }
    Taken alert(std::string_view number, std::string_view scope, std::string_view effect,
                std::string_view more = "", std::string_view refs = "[]") {
        return add("most.qlcl", "alert", next_id("a"),
                   R"({"alert_no":")" + std::string(number) + R"(","scope":)" + std::string(scope) +
                       R"(,"level":"serious","effect":)" + std::string(effect) +
                       R"(,"text":"x","valid_from":"2021-01-01","valid_to":null)" + std::string(more) + "}",
                   refs);
    }

    // The determination of the declaration's first item and of the dossier, as a test wants it.
    void set_method(const std::string& number, Method method, std::optional<bool> drawn = std::nullopt) {
        Declaration declaration = *find_declaration(world_.facts(), number);
        Determination& determination = declaration.items.front().determinations.front();
        determination.method = method;
        determination.drawn.reset();
        if (drawn) determination.drawn = {1, *drawn, false, declaration.registration.at};
        const auto carried = carried_dossiers(world_.facts(), declaration);
        world_.edit([&](ledger::FactDraft& draft) {
            put_declaration(draft, declaration);
            for (const auto& each : carried) {
                Dossier dossier = *each;
                dossier.determination.method = method;
                put_dossier(draft, dossier);
            }
        });
    }

    const ledger::FactMap& facts() const { return world_.facts(); }
    const RuleBook& rules() const { return *rules_; }
    World& world() { return world_; }
    Dossier dossier_at(std::string_view no) const { return *find_dossier(facts(), no); }
    Declaration declaration_at(std::string_view no) const { return *find_declaration(facts(), no); }
    std::string last_number() const { return std::to_string(ids_); }  // of the ids that next_id made
    std::string next_id(const std::string& prefix) { return prefix + std::to_string(++ids_); }

    std::int64_t now_ms = ledger::parse_rfc3339("2021-06-01T08:00:00+07:00").value();

  private:
    void ready_made() {
        world_.add_file("data/rule_sets.jsonl");
        EXPECT_TRUE(
            add("most.tcvn", "catalog_item", "list-toys",
                R"({"list_code":"TOYS","hs_code":"9503","inspection_agency":"most.qlcl","regimes":["quality"],
                            "inspection_stage":"before_clearance","management_level":"level_2","valid_from":"2021-01-01"})"));
        EXPECT_TRUE(add("mard.bvtv", "catalog_item", "list-fruit",
                        R"({"list_code":"FRUIT","hs_code":"0804","inspection_agency":"mard.bvtv",
                            "regimes":["food_safety","plant_quarantine"],"inspection_stage":"before_clearance","valid_from":"2021-01-01"})"));
        EXPECT_TRUE(add(
            "most.tcvn", "conformity_body", "body-09",
            R"({"body_code":"cab.cn-09","status":"designated","scope":[{"regime":"quality","hs_prefix":"9503"}],
                            "valid_from":"2021-01-01","valid_to":"2025-12-31"})"));
    }
    static std::string about(const std::string& no) {
        return R"([["about","importer.9900000016","r-)" + no + R"("]])";
    }

    std::shared_ptr<RuleBook> rules_ = std::make_shared<RuleBook>();
    World world_;
    int ids_ = 0;
};

// Refused with that reason; the sentence names `named` and ends with the article.
// A code that stands as it is in the Vietnamese half of a refusal; empty: none.
inline std::string code_in_vietnamese(std::string_view detail) {
    const std::size_t begin = detail.find(" / ");
    const std::size_t end = detail.rfind(" [");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
    std::string word;
    for (const char c : detail.substr(begin, end - begin + 1)) {
        // Letters beyond ASCII are of Vietnamese words; numbers and names are not taken apart.
        if (static_cast<unsigned char>(c) > ' ' &&
            std::string_view(",;:()").find(c) == std::string_view::npos) {
            word += c;
            continue;
        }
        for (const VietnameseWord& each : vietnamese_words())
            if (word == each.code) return word;
        word.clear();
    }
    return {};
}

inline ::testing::AssertionResult refused(const ledger::Result<ledger::Address>& taken,
                                          std::string_view reason, std::string_view article,
                                          std::string_view named = "") {
    if (taken) return ::testing::AssertionFailure() << "accepted";
    const ledger::Error& error = taken.error();
    if (error.reason != reason || error.fault != ledger::Fault::refused)
        return ::testing::AssertionFailure() << error.reason << ": " << error.detail;
    const std::size_t open = error.detail.rfind('[');
    if (open == std::string::npos || !error.detail.ends_with("]") ||
        error.detail.find(article, open) == std::string::npos ||
        error.detail.find(" / ") == std::string::npos || error.detail.find(named) == std::string::npos ||
        error.detail.find('$') != std::string::npos)
        return ::testing::AssertionFailure() << error.detail;
    if (const std::string code = code_in_vietnamese(error.detail); !code.empty())
        return ::testing::AssertionFailure() << code << " stands in the Vietnamese of: " << error.detail;
    return ::testing::AssertionSuccess();
}

}  // namespace socai::inspection::test
