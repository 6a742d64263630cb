#include "node/membership_changes.hpp"

#include <gtest/gtest.h>

#include "small_ledger.hpp"

namespace socai::node {
namespace {

// The consensus thread is played by the test.
class MembershipChangesTest : public ::testing::Test {
  protected:
    MembershipChangesTest()
        : members_({1}, {genesis_configuration(ledger_.genesis)}, {}),
          changes_(members_, ledger_.genesis.registry,
                   {[this](consensus::Event event) { events_.push_back(std::move(event)); },
                    [this] { return status_; }}) {
        status_.self = {1};
        status_.role = consensus::Role::leader;
        status_.leader = {1};
    }

    static api::MembershipRequest request(api::MembershipRequest::What what, const std::string& node) {
        api::MembershipRequest request;
        request.what = what;
        request.node = node;
        request.agency = "customs";
        request.host = "127.0.0.1";
        request.port = 7'000;
        return request;
    }
    void ask(const api::MembershipRequest& request) {
        changes_.change(request,
                        [this](api::Result<api::MembershipChanged> result) { results_.push_back(result); });
    }
    consensus::ChangeMembership take_change() {
        auto change = std::get<consensus::ChangeMembership>(events_.back());
        events_.pop_back();
        return change;
    }
    void commit(const consensus::ChangeMembership& change, std::uint64_t index) {
        consensus::ConfigurationEntry entry;
        entry.id.index = {index};
        entry.configuration = {.voters = change.voters, .outgoing = {}, .learners = change.learners};
        entry.note = change.note;
        members_.changed(entry);
        changes_.answered({change.context, consensus::MembershipAnswer::Outcome::appended, {index}});
        changes_.committed({index - 1});
        EXPECT_TRUE(results_.empty()) << "not committed yet";
        changes_.committed({index});
        ASSERT_EQ(results_.size(), 1u);
    }
    std::string reason() {
        EXPECT_EQ(results_.size(), 1u);
        const std::string reason = results_.back() ? "none" : results_.back().error().reason;
        results_.clear();
        return reason;
    }
    using What = api::MembershipRequest::What;

    test::SmallLedger ledger_;
    consensus::Status status_;
    Members members_;
    std::vector<consensus::Event> events_;
    std::vector<api::Result<api::MembershipChanged>> results_;
    MembershipChanges changes_;
};

TEST_F(MembershipChangesTest, ANodeJoinsIsPromotedAndLeavesAndItsIdIsNotUsedAgain) {
    ask(request(What::add, "customs-2"));
    auto change = take_change();
    EXPECT_EQ(change.learners, (std::vector<consensus::NodeId>{{2}}));
    commit(change, 5);
    EXPECT_EQ(results_.back()->raft_id, 2u);
    EXPECT_TRUE(results_.back()->changed);
    results_.clear();

    ask(request(What::promote, "customs-2"));
    change = take_change();
    EXPECT_EQ(change.voters, (std::vector<consensus::NodeId>{{1}, {2}}));
    EXPECT_TRUE(change.learners.empty());
    commit(change, 6);
    results_.clear();

    ask(request(What::remove, "customs-2"));
    change = take_change();
    EXPECT_EQ(change.voters, (std::vector<consensus::NodeId>{{1}}));
    EXPECT_EQ(decode_note(change.note)->last_id, 2u);
    commit(change, 7);
    results_.clear();

    ask(request(What::add, "customs-3"));
    EXPECT_EQ(take_change().learners, (std::vector<consensus::NodeId>{{3}}));
}

TEST_F(MembershipChangesTest, ARepeatedChangeAsksForWhatStands) {
    ask(request(What::add, "customs-2"));
    commit(take_change(), 5);
    results_.clear();
    ask(request(What::add, "customs-2"));
    const auto change = take_change();
    EXPECT_EQ(change.note, members_.current().note);
    changes_.answered({change.context, consensus::MembershipAnswer::Outcome::unchanged, {}});
    ASSERT_EQ(results_.size(), 1u);
    EXPECT_FALSE(results_.back()->changed);
    EXPECT_EQ(results_.back()->raft_id, 2u);
}

TEST_F(MembershipChangesTest, WhatCannotBeIsRefusedWithItsReason) {
    auto other_keys = request(What::add, "customs-1");
    ask(other_keys);
    EXPECT_EQ(reason(), "name_taken");
    auto stranger = request(What::add, "elsewhere-1");
    stranger.agency = "elsewhere";
    ask(stranger);
    EXPECT_EQ(reason(), "unknown_agency");
    ask(request(What::remove, "customs-1"));
    EXPECT_EQ(reason(), "last_voter");
    ask(request(What::promote, "nobody"));
    EXPECT_EQ(reason(), "no_such_member");
    EXPECT_TRUE(events_.empty());
}

TEST_F(MembershipChangesTest, OnlyTheLeaderTakesAChangeAndOneAtATime) {
    ask(request(What::add, "customs-2"));
    ask(request(What::add, "customs-3"));
    EXPECT_EQ(reason(), "change_in_progress");
    const auto change = take_change();
    changes_.answered({change.context, consensus::MembershipAnswer::Outcome::in_progress, {}});
    EXPECT_EQ(reason(), "change_in_progress");
    status_.role = consensus::Role::follower;
    ask(request(What::add, "customs-2"));
    EXPECT_EQ(reason(), "not_leader");
}

TEST_F(MembershipChangesTest, ALeaderDeposedBeforeTheCommitDoesNotKnow) {
    ask(request(What::add, "customs-2"));
    changes_.answered({take_change().context, consensus::MembershipAnswer::Outcome::appended, {5}});
    status_.role = consensus::Role::follower;
    changes_.role_changed(status_);
    EXPECT_EQ(reason(), "outcome_unknown");
    changes_.committed({5});
    EXPECT_TRUE(results_.empty());
}

TEST_F(MembershipChangesTest, ATransferIsAnsweredWhenItEnds) {
    std::vector<api::Result<api::Transferred>> ended;
    const auto hand_over = [&] {
        changes_.transfer({},
                          [&](api::Result<api::Transferred> result) { ended.push_back(std::move(result)); });
    };
    hand_over();
    hand_over();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended.back().error().reason, "transfer_in_progress");
    changes_.ended({{1}, consensus::TransferEnded::Outcome::handed_over});
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_EQ(ended.back()->to, "customs-1");
    hand_over();
    changes_.stop();
    EXPECT_EQ(ended.size(), 3u);
}

}  // namespace
}  // namespace socai::node
