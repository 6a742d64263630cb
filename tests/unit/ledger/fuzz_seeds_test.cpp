// The seeds of the fuzz harnesses that hold a genesis must be of today's format, or the harnesses would not come past its parser.
// With SOCAI_WRITE_SEEDS set this test writes them anew instead: after a change of format run
//   SOCAI_WRITE_SEEDS=1 ./build/test_ledger --gtest_filter='FuzzSeeds.*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ledger/genesis_part.hpp"
#include "ledger/receipt.hpp"
#include "ledger/remains.hpp"
#include "tests/project_folder.hpp"
#include "tests/unit/ledger/consortium.hpp"
#include "tests/unit/ledger/founders.hpp"
#include "tests/unit/ledger/recovered_ledger.hpp"
#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

std::string seed(const std::string& name, const std::string& today) {
    const std::string path = project_file("tests/fuzz/seeds/") + name;
    if (std::getenv("SOCAI_WRITE_SEEDS") != nullptr) {
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path, std::ios::binary) << today;
    }
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(FuzzSeeds, AreOfTodaysFormat) {
    samples::SmallLedger small;
    const auto genesis = parse_genesis(seed("genesis/small", small.entry(0)));
    ASSERT_TRUE(genesis) << genesis.error().detail;

    const Consent consent{"most", "most/root", "2021-01-01T00:00:00Z", {{"most-1", "10.20.1.11:7402"}}, {}};
    const std::string text =
        sign_part(part_of(samples::founded(), consent), samples::member_key("most", KeyPurpose::root).key);
    const auto part = parse_part(seed("genesis_part/most", text));
    ASSERT_TRUE(part) << part.error().detail;

    const std::uint64_t index = small.append(samples::record("d-1"), "customs.haiphong/1");
    const Receipt made = small.receipt(index, "customs.haiphong/1", small.head(small.size()));
    const auto receipt = parse_receipt(seed("receipt/good", made.to_json()));
    ASSERT_TRUE(receipt) << receipt.error().detail;
    const auto verified = verify_receipt(*receipt, parse_policy(samples::founded().policy).value());
    EXPECT_TRUE(verified) << verified.error().detail;

    const RecoveryPlan recovery = samples::RecoveredLedger().plan();
    const auto plan = parse_plan(seed("recovery/plan", plan_text(recovery)));
    ASSERT_TRUE(plan) << plan.error().detail;
    const auto leaf = parse_recovery_entry(
        seed("recovery/sealed", recovery_entry(samples::RecoveredLedger::approved(recovery, {"customs", "mard", "most"}),
                                               samples::key_named("customs/registrar"), samples::now_ms)));
    ASSERT_TRUE(leaf) << leaf.error().detail;

    samples::Assembly ledger;
    ASSERT_EQ(ledger.record("customs/record", "gone"), "admitted");
    const auto withdrawn = remains_of(samples::GovernedRules(), ledger.leaves().front(), Hash{});
    ASSERT_TRUE(withdrawn) << withdrawn.error().detail;
    const auto remains = parse_remains(seed("remains/one", to_text(*withdrawn)));
    ASSERT_TRUE(remains) << remains.error().detail;
}

}  // namespace
}  // namespace socai::ledger
