// One history of a doll, replayed under each rule set: docs/method_table.md shows where, and by which article, the outcomes
// differ. The test holds the page to what the engine says; SOCAI_UPDATE=1 writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "inspection/method/history.hpp"
#include "rule_sets.hpp"
#include "tests/project_folder.hpp"

namespace socai::inspection {
namespace {

using test::noon;

constexpr std::array rule_set_names{"qd38-2021@1", "nd15-2018@1", "nd132-2008@1", "nd37-2026@1"};
const std::string page = project_file("docs/method_table.md");

struct Step {
    const char* date;
    const char* what;
    char importer;  // whose shipment: A or B; '*' for what concerns the goods, whoever imports them
    // An inspection is carried out under the method that the rule set asks for, and has this outcome; otherwise `event`.
    std::optional<Outcome> outcome;
    decltype(Event::what) event = Inspected{};
};

std::vector<Step> steps() {
    return {
        {"2021-01-20", "nothing is known of the goods", '-', std::nullopt},
        {"2021-03-02", "A imports a lot: it passes", 'A', Outcome::pass},
        {"2021-06-15", "A: passes", 'A', Outcome::pass},
        {"2021-10-07", "B imports the same goods: passes", 'B', Outcome::pass},
        {"2021-11-01", "A: the label is wrong, not decided", 'A', Outcome::neutral},
        {"2021-12-10", "A: passes", 'A', Outcome::pass},
        {"2022-02-11", "B: passes", 'B', Outcome::pass},
        {"2022-05-05", "A: passes", 'A', Outcome::pass},
        {"2022-07-20", "B: passes", 'B', Outcome::pass},
        {"2023-02-18", "lead is found on the market, at A's", '*', std::nullopt,
         FoundFailing{Reason::failed_check}},
        {"2023-02-19", "alert on the goods", '*', std::nullopt, Alerted{}},
        {"2023-03-10", "A: passes", 'A', Outcome::pass},
        {"2023-04-10", "A: passes", 'A', Outcome::pass},
        {"2023-05-10", "A: passes", 'A', Outcome::pass},
        {"2023-06-01", "the alert is lifted", '*', std::nullopt, AlertLifted{}},
        {"2023-07-10", "A: passes", 'A', Outcome::pass},
        {"2023-08-10", "A: passes", 'A', Outcome::pass},
        {"2023-09-10", "A: passes", 'A', Outcome::pass},
        {"2024-09-11", "a year on, nothing imported", '-', std::nullopt},
        {"2024-10-01", "B: fails", 'B', Outcome::fail},
        {"2025-09-11", "two years on", '-', std::nullopt},
    };
}

// Under one rule set: what holds for the importers' next lot.
class Replay {
  public:
    explicit Replay(const RuleSet& rules) : rules_(rules) {
        for (const char importer : {'A', 'B'}) histories_.emplace(importer, GoodsHistory(rules_));
    }

    void take(const Step& step, std::uint64_t leaf) {
        if (step.importer == '-') return;
        for (auto& [importer, history] : histories_) {
            const bool concerned =
                step.importer == '*' || rules_.scope == Scope::goods || importer == step.importer;
            if (!concerned) continue;
            Event event{{leaf, 0}, noon(step.date), step.event};
            if (step.outcome)
                event.what = Inspected{*step.outcome, history.state().at(noon(step.date)).method};
            if (std::holds_alternative<Alerted>(event.what)) alert_ = event.at;
            if (auto* lifted = std::get_if<AlertLifted>(&event.what)) lifted->alert = alert_;
            history.add(event);
        }
    }
    std::string cell(const char* date) const {
        const std::string a = text('A', date), b = text('B', date);
        return a == b ? a : "A: " + a + "; B: " + b;
    }

  private:
    std::string text(char importer, const char* date) const {
        const Standing standing = histories_.at(importer).state().at(noon(date));
        std::string text =
            "**" + std::string(word(standing.method)) + "**, " + std::string(word(standing.reason));
        if (standing.last_day) text += " to " + format_date(*standing.last_day);
        return text + " (" + rules_.article(standing.reason) + ")";
    }

    const RuleSet& rules_;
    std::map<char, GoodsHistory> histories_;
    ledger::Address alert_;
};

std::string render() {
    std::ostringstream out;
    out << "# One history under each rule set\n\n"
           "Two importers, A and B, bring in the same doll. Each row is one thing that happens, and what "
           "then holds for the "
           "next lot: method, reason, and the\narticle that the rule set names for it. Each rule set is "
           "replayed as if it "
           "were in force all the time. A test works the table out anew\n(`./build/test_inspection "
           "--gtest_filter='MethodTable.*'`; with `SOCAI_UPDATE=1` it writes this page).\n\n"
           "Where the outcomes part: `qd38-2021` and `nd15-2018` count the lots of both importers together, "
           "the other two "
           "each importer's own; `qd38-2021`\nbegins strict without a type certificate, the others normal; "
           "`nd132-2008` "
           "leads to exemption and knows no window; terms differ.\n\n| date | what happens |";
    for (const char* name : rule_set_names) out << " " << name << " |";
    out << "\n|---|---|---|---|---|---|\n";
    std::vector<RuleSet> rules;
    for (const char* name : rule_set_names) rules.push_back(test::rule_set(name));
    std::vector<Replay> replays;
    for (const RuleSet& each : rules) replays.emplace_back(each);
    std::uint64_t leaf = 0;
    for (const Step& step : steps()) {
        ++leaf;
        out << "| " << step.date << " | " << step.what << " |";
        for (Replay& replay : replays) {
            replay.take(step, leaf);
            out << " " << replay.cell(step.date) << " |";
        }
        out << "\n";
    }
    return out.str();
}

TEST(MethodTable, ThePageSaysWhatTheEngineSays) {
    const std::string rendered = render();
    if (std::getenv("SOCAI_UPDATE") != nullptr) std::ofstream(page) << rendered;
    std::ifstream file(page);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), rendered);
}

}  // namespace
}  // namespace socai::inspection
