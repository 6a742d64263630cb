// The simulator of trade: the same bytes again, the shares of the volume model, and records that every rule and guard takes.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "inspection/engine.hpp"
#include "inspection/records/record_rules.hpp"
#include "inspection/shipments/dossier.hpp"
#include "ledger/facts.hpp"
#include "ledger/hash.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/record.hpp"
#include "node/generator/founding.hpp"
#include "node/generator/simulator.hpp"
#include "temporary_folder.hpp"
#include "tests/project_folder.hpp"

namespace socai::node::generator {
namespace {

const inspection::Date first_day = *inspection::parse_date("2021-03-01");
const inspection::Date last_day = *inspection::parse_date("2022-02-28");

// All that a run needs.
struct Trade {
    explicit Trade(Plan asked)
        : plan(asked),
          rules(*choose_rule_sets(test::get(project_file("data/rule_sets.jsonl")), plan.from, plan.to)),
          goods(cast, plan.seed, goods_for(plan.dossiers)),
          calendar(plan.from, plan.to),
          oracle(rules.quality, rules.food_safety) {}

    Counts go(const Simulator::Sink& sink) {
        Simulator simulator(plan, cast, goods, calendar, oracle, sink);
        EXPECT_TRUE(simulator.run(rules.lines, [](std::uint64_t) {}));
        return simulator.counts();
    }

    Plan plan;
    Cast cast;
    RuleSets rules;
    GoodsTable goods;
    TradeCalendar calendar;
    StateOracle oracle;
};

Plan plan_of(std::uint64_t seed, std::uint64_t dossiers, std::uint64_t fail_ppm = 400) {
    return {seed, dossiers, first_day, last_day, fail_ppm};
}

std::string digest_of(const Plan& plan) {
    ledger::Hash digest{};
    Trade(plan).go([&](const Written& record) {
        digest = ledger::sha256(ledger::to_hex(digest), record.text);
        return true;
    });
    return ledger::to_hex(digest);
}

TEST(Generator, GivesTheSameBytesForTheSameSeed) {
    EXPECT_EQ(digest_of(plan_of(7, 400)), digest_of(plan_of(7, 400)));
    EXPECT_NE(digest_of(plan_of(7, 400)), digest_of(plan_of(8, 400)));
}

TEST(Generator, KeepsTheSharesOfTheModelWithinOnePoint) {
    Trade trade(plan_of(1, 20'000));
    const Counts counts = trade.go([](const Written&) { return true; });
    EXPECT_EQ(counts.dossiers, 20'000u);
    for (const Share& share : shares_of(counts, trade.cast, trade.goods, trade.calendar, trade.plan.fail_ppm))
        EXPECT_LE(std::abs(share.off_ppm()), 10'000)
            << share.what << ": " << share.measured_ppm << " for " << share.model_ppm;
    EXPECT_GT(counts.late_results, 0u);
    EXPECT_GT(counts.of("alert"), 0u);
    EXPECT_GT(counts.of("appeal"), 0u);
    EXPECT_GT(counts.of("violation"), 0u);
}

// The registry, and what every record so far is called.
class Known : public inspection::Surroundings {
  public:
    explicit Known(const Cast& cast) : registry_(cast.registry()) {}
    const ledger::Registry* registry() const override { return &registry_; }
    std::optional<std::string> kind_of(const ledger::Reference& reference) const override {
        const auto found = kinds_.find({reference.source, reference.id});
        return found == kinds_.end() ? std::nullopt : std::optional(found->second);
    }
    bool add(const ledger::Record& record) {
        return kinds_.emplace(std::pair(record.source, record.id), std::string(record.kind())).second;
    }

  private:
    ledger::Registry registry_;
    std::map<std::pair<std::string, std::string>, std::string> kinds_;
};

TEST(Generator, KeepsEveryRuleOfOneRecordAndRefersOnlyBack) {
    Trade trade(plan_of(3, 1'500, 20'000));
    const inspection::RecordRules rules;
    Known known(trade.cast);
    trade.go([&](const Written& written) {
        const auto record = ledger::parse_record(written.text);
        EXPECT_TRUE(record.has_value()) << written.text;
        if (!record) return false;
        for (const ledger::Reference& reference : record->refs)
            EXPECT_TRUE(known.kind_of(reference).has_value()) << written.text;
        const auto breaches = rules.judge(*record, known, 1);
        EXPECT_TRUE(breaches.empty()) << breaches.front().text() << " in " << written.text;
        EXPECT_TRUE(known.add(*record)) << "twice: " << written.text;
        return breaches.empty();
    });
}

// A ledger without signatures that runs the whole engine, as every node does.
class EngineLedger {
  public:
    explicit EngineLedger(const Cast& cast) : registry_(cast.registry()) {}

    ledger::Result<void> add(const ledger::Record& record) {
        const ledger::Address address{tree_.size(), 0};
        const ledger::Hash leaf = ledger::leaf_hash(record.id + " of " + record.source);
        ledger::FactDraft draft(facts_);
        const ledger::Coming coming{record, address, record.time_ms, record.time_ms, registry_, [&] {
                                        ledger::Frontier grown = tree_;
                                        grown.append(leaf);
                                        return grown.root();
                                    }};
        if (auto taken = engine_.take(coming, draft); !taken) return taken;
        facts_.apply(std::move(draft).take_changes());
        tree_.append(leaf);
        return {};
    }
    const ledger::FactMap& facts() const { return facts_; }

  private:
    inspection::Engine engine_;
    ledger::Registry registry_;
    ledger::FactMap facts_;
    ledger::Frontier tree_;
};

// Many failures, so that alerts, falls to strict and remedies come up often.
TEST(Generator, ForetellsTheMethodsThatTheEngineComputesAndIsNeverRefused) {
    for (const std::uint64_t seed : {1, 2, 3}) {
        Trade trade(plan_of(seed, 1'200, 30'000));
        EngineLedger ledger(trade.cast);
        std::uint64_t determinations = 0;
        trade.go([&](const Written& written) {
            const auto record = ledger::parse_record(written.text);
            const auto taken = ledger.add(*record);
            EXPECT_TRUE(taken.has_value())
                << taken.error().reason << ": " << taken.error().detail << " in " << written.text;
            if (!taken) return false;
            if (record->kind() != "method_determination") return true;
            const auto dossier = inspection::find_dossier(ledger.facts(), record->subject);
            EXPECT_TRUE(dossier != nullptr);
            if (!dossier) return false;
            EXPECT_EQ(inspection::word(dossier->determination.method),
                      record->data().at("method").as_string())
                << written.text;
            ++determinations;
            return true;
        });
        EXPECT_EQ(determinations, 1'200u);
    }
}

// The guard's rule told again: a passing result, or a certificate, of the same dossier, before the clearance.
TEST(Generator, ClearsOnlyOnABasis) {
    Trade trade(plan_of(5, 1'000, 20'000));
    std::set<std::pair<std::string, std::string>> good;
    std::uint64_t cleared = 0;
    trade.go([&](const Written& written) {
        const auto record = ledger::parse_record(written.text);
        const auto& data = record->data();
        const auto is = [&](std::string_view name, std::string_view word) {
            const auto* value = data.if_contains(name);
            return value != nullptr && value->is_string() && value->get_string() == word;
        };
        if (is("outcome", "pass") || is("conclusion", "conforming")) good.emplace(record->source, record->id);
        if (record->kind() != "clearance_decision") return true;
        ++cleared;
        bool based = false;
        for (const ledger::Reference& reference : record->refs)
            based = based || (reference.rel == "based_on" && good.contains({reference.source, reference.id}));
        EXPECT_TRUE(based) << written.text;
        return true;
    });
    EXPECT_GT(cleared, 950u);
}

TEST(Zipf, GivesEachRankItsShareOfTheHarmonicSum) {
    const Zipf flat(4, 0);
    EXPECT_EQ(flat.share_ppm(1), 250'000u);
    const Zipf zipf(3, 10);  // 1 + 1/2 + 1/3 = 11/6
    EXPECT_NEAR(static_cast<double>(zipf.share_ppm(1)), 6e6 / 11, 1);
    EXPECT_NEAR(static_cast<double>(zipf.share_ppm(2)), 9e6 / 11, 1);
    const Zipf steep(2, 11);  // 2^-1.1 = 0.466516…
    EXPECT_NEAR(static_cast<double>(steep.share_ppm(1)), 1e6 / 1.4665165, 1);
}

TEST(TradeCalendar, CountsWorkingMinutesOverLunchWeekendsAndTet) {
    const auto at = [](std::string_view day, int hour, int minute) {
        return inspection::start_of(*inspection::parse_date(day)) + hour * hour_ms + minute * minute_ms;
    };
    EXPECT_EQ(time_text(after_working_minutes(at("2021-09-27", 11, 30), 60)), "2021-09-27T13:30:00+07:00");
    EXPECT_EQ(time_text(after_working_minutes(at("2021-10-01", 16, 30), 60)), "2021-10-04T08:30:00+07:00");
    EXPECT_EQ(time_text(after_working_minutes(at("2021-02-09", 16, 59), 2)), "2021-02-17T08:01:00+07:00");
    EXPECT_EQ(time_text(after_working_minutes(at("2021-10-02", 3, 0), 0)), "2021-10-04T08:00:00+07:00");
}

TEST(Cast, GivesEachMinistryItsShareOfTheProcedures) {
    const Cast cast;
    std::vector<std::uint64_t> given(ministries().size());
    std::set<std::string> codes;
    std::set<std::uint32_t> headings;
    for (std::size_t rank = 0; rank < cast.procedures.size(); ++rank) {
        given[cast.procedures[rank].ministry] += cast.procedure_shares.weight(rank);
        EXPECT_TRUE(codes.insert(cast.procedures[rank].code).second);
        EXPECT_TRUE(headings.insert(cast.procedures[rank].heading).second);
        EXPECT_FALSE(cast.procedures[rank].bodies.empty());
    }
    for (std::size_t i = 0; i < given.size(); ++i)
        EXPECT_NEAR(static_cast<double>(given[i]) / static_cast<double>(cast.procedure_shares.total()) * 100,
                    static_cast<double>(ministries()[i].percent), 0.1)
            << ministries()[i].code;
}

}  // namespace
}  // namespace socai::node::generator
