#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/value.hpp>

#include "ledger/admission.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

using samples::now_ms;

// What the property submits: few ids, so that duplicates, conflicts and missing references are common.
std::shared_ptr<const Statement> any_statement() {
    const auto any_record = [] {
        boost::json::object record = samples::record("r-" + std::to_string(*rc::gen::inRange(0, 12)));
        record["subject"] = *rc::gen::weightedElement<std::string>({{4, "A"}, {1, "B"}});
        if (*rc::gen::inRange(0, 3) == 0) {
            samples::refer(record, "about", "customs.haiphong",
                           "r-" + std::to_string(*rc::gen::inRange(0, 12)));
        }
        return record;
    };
    if (*rc::gen::inRange(0, 3) > 0) return samples::statement(any_record(), "customs.haiphong/1");
    boost::json::object first = any_record();
    boost::json::object second = any_record();
    while (second["id"] == first["id"]) second["id"] = "r-" + std::to_string(*rc::gen::inRange(0, 12));
    return samples::bundle({first, second}, "customs.haiphong/1");
}

bool same(const Verdict& left, const Verdict& right) {
    if (left.index() != right.index()) return false;
    if (const auto* admitted = std::get_if<Admitted>(&left)) {
        const auto& other = std::get<Admitted>(right);
        return admitted->index == other.index && admitted->entry == other.entry &&
               admitted->leaf == other.leaf && admitted->late == other.late &&
               admitted->changes == other.changes;
    }
    if (const auto* duplicate = std::get_if<Duplicate>(&left)) {
        return duplicate->addresses == std::get<Duplicate>(right).addresses;
    }
    const auto& error = std::get<Error>(left);
    const auto& other = std::get<Error>(right);
    return error.fault == other.fault && error.reason == other.reason && error.detail == other.detail;
}

// The leaf hash that stands for leaf 0 in these tests.
Hash genesis_leaf() {
    return leaf_hash("genesis");
}

Frontier founded() {
    Frontier frontier;
    frontier.append(genesis_leaf());
    return frontier;
}

// The whole ledger again from its leaves: the naive twin of base and overlay together.
struct Replay {
    samples::MapView view;
    Frontier frontier = founded();

    explicit Replay(const std::vector<Admitted>& leaves) {
        for (const Admitted& leaf : leaves) {
            view.add(leaf);
            frontier.append(leaf.leaf);
        }
    }
};

std::vector<std::pair<std::string, std::string>> all(const Facts& facts) {
    std::vector<std::pair<std::string, std::string>> content;
    facts.scan({}, {}, [&](std::string_view key, std::string_view value) {
        content.emplace_back(key, value);
        return true;
    });
    return content;
}

void check_against_replay(const Tail& tail, const Replay& replay, std::size_t base_size,
                          const std::vector<Admitted>& leaves) {
    RC_ASSERT(tail.size() == replay.view.size());
    RC_ASSERT(tail.last_time_ms() == replay.view.last_time_ms());
    RC_ASSERT(tail.base_size() == base_size);
    RC_ASSERT(tail.root() == replay.frontier.root());
    RC_ASSERT(all(tail.facts()) == all(replay.view.facts()));
    Frontier grown = replay.frontier;
    grown.append(genesis_leaf());
    RC_ASSERT(tail.root_with(genesis_leaf()) == grown.root());
    for (int i = 0; i < 13; ++i) {
        const std::string id = "r-" + std::to_string(i);
        const auto found = tail.find("customs.haiphong", id);
        const auto expected = replay.view.find("customs.haiphong", id);
        RC_ASSERT(found.has_value() == expected.has_value());
        if (found) {
            RC_ASSERT(found->address == expected->address);
            RC_ASSERT(found->digest == expected->digest);
        }
        RC_ASSERT(!tail.find("most", id));
    }
    std::size_t bytes = 0;
    for (std::uint64_t index = 0; index < tail.size() + 2; ++index) {
        const Admitted* held = tail.at(index);
        RC_ASSERT((held != nullptr) == (index >= base_size && index < tail.size()));
        if (held == nullptr) continue;
        RC_ASSERT(held->entry == leaves[index - 1].entry);
        bytes += held->entry.size();
    }
    RC_ASSERT(tail.bytes() == bytes);
}

RC_GTEST_PROP(Tail, AdmitsAsAReplayFromTheStart, ()) {
    const Genesis genesis = samples::genesis();
    const samples::SomeRules rules;
    const Context context{genesis, rules};
    samples::MapView base;
    Tail tail(base, founded());
    std::vector<Admitted> leaves;  // leaf i + 1 at position i; the first of them are in the base
    std::int64_t time_ms = now_ms;

    for (int steps = *rc::gen::inRange(1, 60); steps > 0; --steps) {
        const int what = *rc::gen::inRange(0, 10);
        const auto size = *rc::gen::inRange<std::uint64_t>(tail.base_size(), tail.size() + 1);
        if (what == 0) {
            tail.truncate(size);
            leaves.resize(size - 1);
        } else if (what == 1) {
            for (std::uint64_t index = base.size(); index < size; ++index) base.add(leaves[index - 1]);
            tail.applied(size);
        } else {
            time_ms += *rc::gen::inRange(-1, 5);
            const auto statement = any_statement();
            const Verdict verdict = admit(context, tail, statement, time_ms, true);
            RC_ASSERT(same(verdict, admit(context, Replay(leaves).view, statement, time_ms, true)));
            if (const auto* admitted = std::get_if<Admitted>(&verdict)) {
                leaves.push_back(*admitted);
                tail.push(*admitted);
            }
        }
        check_against_replay(tail, Replay(leaves), base.size(), leaves);
    }
}

TEST(Tail, FindsWhatTheBaseAndTheOverlayHold) {
    const Genesis genesis = samples::genesis();
    const samples::SomeRules rules;
    const Context context{genesis, rules};
    samples::MapView base;
    Tail tail(base, founded());
    for (const char* id : {"a", "b", "c"}) {
        tail.push(std::get<Admitted>(admit(
            context, tail, samples::statement(samples::record(id), "customs.haiphong/1"), now_ms, false)));
    }
    EXPECT_EQ(tail.size(), 4u);
    base.add(*tail.at(1));
    EXPECT_EQ(tail.find("customs.haiphong", "a")->address, (Address{1, 0}));  // held by both for a moment
    tail.applied(2);
    EXPECT_EQ(tail.at(1), nullptr);
    EXPECT_EQ(tail.find("customs.haiphong", "a")->address, (Address{1, 0}));
    tail.truncate(3);
    EXPECT_FALSE(tail.find("customs.haiphong", "c"));
    EXPECT_EQ(tail.find("customs.haiphong", "b")->address, (Address{2, 0}));
    EXPECT_EQ(tail.size(), 3u);
}

TEST(Tail, IdsThatJoinToTheSameTextAreNotMixedUp) {
    const Genesis genesis = samples::genesis();
    const samples::SomeRules rules;
    const Context context{genesis, rules};
    const samples::MapView base;
    Tail tail(base, founded());
    tail.push(std::get<Admitted>(admit(
        context, tail, samples::statement(samples::record(".nsw", "customs"), "customs/1"), now_ms, false)));
    EXPECT_TRUE(tail.find("customs", ".nsw"));
    EXPECT_FALSE(tail.find("customs.nsw", ""));
    EXPECT_FALSE(tail.find("", "customs.nsw"));
}

}  // namespace
}  // namespace socai::ledger
