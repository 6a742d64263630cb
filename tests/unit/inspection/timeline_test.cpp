#include "inspection/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>

#include "inspection/fields.hpp"
#include "tests/project_folder.hpp"

namespace socai::inspection {
namespace {

using ledger::Address;
using testing::ElementsAre;
using testing::IsEmpty;

// Records in memory; the record at position i stands at leaf i.
class MemorySource : public TimelineSource {
  public:
    void add(ledger::Record record) { records_.push_back(std::move(record)); }

    std::vector<Address> with_dossier(std::string_view dossier_no) const override {
        return select(
            [&](const ledger::Record& record) { return fields_of(record).dossier_no == dossier_no; });
    }
    std::vector<Address> referring_to(const Address& target) const override {
        const ledger::Record& wanted = records_.at(target.index);
        return select([&](const ledger::Record& record) {
            return std::ranges::any_of(record.refs, [&](const ledger::Reference& reference) {
                return reference.source == wanted.source && reference.id == wanted.id;
            });
        });
    }
    std::string kind_at(const Address& address) const override {
        return std::string(records_.at(address.index).kind());
    }

    std::vector<std::string> ids(std::string_view dossier_no, std::size_t limit = 1'000) const {
        std::vector<std::string> ids;
        for (const Address& address : timeline(*this, dossier_no, limit))
            ids.push_back(records_[address.index].id);
        return ids;
    }

  private:
    // Latest first: the timeline puts them in order itself.
    template <class Predicate>
    std::vector<Address> select(Predicate wanted) const {
        std::vector<Address> found;
        for (std::size_t i = records_.size(); i-- > 0;) {
            if (wanted(records_[i])) found.push_back({i, 0});
        }
        return found;
    }
    std::vector<ledger::Record> records_;
};

MemorySource shipment(const char* name) {
    MemorySource source;
    std::ifstream file(project_file("data/") + name);
    for (std::string line; std::getline(file, line);) source.add(ledger::parse_record(line).value());
    return source;
}

TEST(Timeline, OfTheToys) {
    EXPECT_THAT(
        shipment("shipment_toys.jsonl").ids("NSW-BKHCN-2021-0004711"),
        ElementsAre("t-03", "t-04", "t-03s", "t-05", "t-06", "t-07", "t-08", "t-09", "t-10", "t-11", "t-12"));
}

TEST(Timeline, OfTheMangosteens) {
    EXPECT_THAT(
        shipment("shipment_mangosteen.jsonl").ids("NSW-BNN-2021-0101993"),
        ElementsAre("f-05", "f-06", "f-05s", "f-07", "f-08", "f-09", "f-10", "f-11", "f-11r", "f-12"));
}

TEST(Timeline, StopsAtItsLimitWithTheFirstRecords) {
    const MemorySource source = shipment("shipment_toys.jsonl");
    EXPECT_THAT(source.ids("NSW-BKHCN-2021-0004711", 4), ElementsAre("t-03", "t-04", "t-03s", "t-05"));
    EXPECT_THAT(source.ids("NSW-BKHCN-2021-0004711", 0), IsEmpty());
}

TEST(Timeline, OfNoDossierIsEmpty) {
    EXPECT_THAT(shipment("shipment_toys.jsonl").ids("NSW-NOTHING"), IsEmpty());
    EXPECT_THAT(MemorySource().ids("NSW-NOTHING"), IsEmpty());
}

// A random graph of backward references, against a closure computed by repeated sweeps.
class GraphSource : public TimelineSource {
  public:
    std::vector<std::vector<std::size_t>> refs;  // of record i: earlier records
    std::vector<bool> carries;
    std::vector<std::string> kinds;

    std::vector<Address> with_dossier(std::string_view) const override {
        std::vector<Address> found;
        for (std::size_t i = 0; i < carries.size(); ++i) {
            if (carries[i]) found.push_back({i, 0});
        }
        return found;
    }
    std::vector<Address> referring_to(const Address& target) const override {
        std::vector<Address> found;
        for (std::size_t i = 0; i < refs.size(); ++i) {
            if (std::ranges::find(refs[i], target.index) != refs[i].end()) found.push_back({i, 0});
        }
        return found;
    }
    std::string kind_at(const Address& address) const override { return kinds[address.index]; }
};

RC_GTEST_PROP(Timeline, IsTheClosureOfReferences, ()) {
    GraphSource source;
    const auto size = *rc::gen::inRange<std::size_t>(1, 40);
    for (std::size_t i = 0; i < size; ++i) {
        source.carries.push_back(*rc::gen::inRange(0, 8) == 0);
        source.kinds.push_back(*rc::gen::weightedElement<std::string>(
            {{6, "inspection_result"}, {1, "alert"}, {1, "catalog_item"}}));
        source.refs.emplace_back();
        for (int count = i == 0 ? 0 : *rc::gen::inRange(0, 3); count > 0; --count) {
            source.refs.back().push_back(*rc::gen::inRange<std::size_t>(0, i));
        }
    }
    std::vector<bool> in(source.carries);
    for (bool grew = true; grew;) {
        grew = false;
        for (std::size_t i = 0; i < size; ++i) {
            for (const std::size_t target : source.refs[i]) {
                const bool onward = source.kinds[target] != "alert" && source.kinds[target] != "catalog_item";
                if (in[target] && onward && !in[i]) grew = in[i] = true;
            }
        }
    }
    std::vector<Address> expected;
    for (std::size_t i = 0; i < size; ++i) {
        if (in[i]) expected.push_back({i, 0});
    }
    RC_ASSERT(timeline(source, "any", size) == expected);
    const auto limit = *rc::gen::inRange<std::size_t>(0, size);
    expected.resize(std::min(expected.size(), limit));
    RC_ASSERT(timeline(source, "any", limit) == expected);
}

}  // namespace
}  // namespace socai::inspection
