#include "inspection/kinds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "ledger/record.hpp"

namespace socai::inspection {
namespace {

std::string reason_of(std::string_view type) {
    ledger::Record record;
    record.type = type;
    const ledger::Result<void> checked = KindRules().check(record);
    if (checked) return "accepted";
    EXPECT_EQ(checked.error().fault, ledger::Fault::invalid_statement);
    EXPECT_NE(checked.error().detail.find(type), std::string::npos);
    return checked.error().reason;
}

TEST(Kinds, AreSortedEachOnce) {
    EXPECT_EQ(kinds().size(), 29u);
    EXPECT_TRUE(std::ranges::is_sorted(kinds()));
    EXPECT_EQ(std::ranges::adjacent_find(kinds()), kinds().end());
    for (const std::string_view kind : kinds()) {
        EXPECT_TRUE(is_known_kind(kind));
        EXPECT_EQ(reason_of("vn.socai." + std::string(kind) + ".v1"), "accepted");
    }
}

TEST(Kinds, KnowWhatTheSampleShipmentsHold) {
    for (const char* name : {"shipment_toys.jsonl", "shipment_mangosteen.jsonl"}) {
        std::ifstream file(std::string(SOCAI_SOURCE_DIR "/data/") + name);
        for (std::string line; std::getline(file, line);) {
            EXPECT_TRUE(KindRules().check(ledger::parse_record(line).value())) << line;
        }
    }
}

TEST(Kinds, RefuseOthers) {
    for (const char* kind : {"genesis", "alerts", "aler", "zzz", "a"}) {
        EXPECT_FALSE(is_known_kind(kind));
        EXPECT_EQ(reason_of("vn.socai." + std::string(kind) + ".v1"), "unknown_kind");
    }
    EXPECT_FALSE(is_known_kind(""));
    EXPECT_EQ(reason_of("vn.socai.alert.v2"), "unknown_version");
    EXPECT_EQ(reason_of("org.example.alert.v1"), "unknown_kind");
}

}  // namespace
}  // namespace socai::inspection
