#include "ledger/node_statement.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "ledger/time.hpp"
#include "samples.hpp"

namespace socai::ledger {
namespace {

const std::string zeros(64, '0');
const std::string ones(64, '1');

KeyPair key_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return KeyPair::from_seed(seed);
}

NodeStatement of(NodeFact fact) {
    return {std::string(samples::origin), "customs-1", std::move(fact)};
}

Promise sample_promise() {
    return {1'000,
            2'000,
            sha256("statement"),
            {{"customs.haiphong", "d-1", sha256("one")}, {"customs.haiphong", "d-2", sha256("two")}}};
}

std::vector<NodeStatement> one_of_each() {
    return {of(sample_promise()), of(Refusal{sha256("statement"), 3'000, "unknown_reference", 17}),
            of(Vote{7, 3}), of(AppendHeader{7, {10, 6, sha256("a")}, {12, 7, sha256("b")}})};
}

rc::Gen<Hash> any_hash() {
    return rc::gen::map(rc::gen::arbitrary<std::string>(),
                        [](const std::string& text) { return sha256(text); });
}
rc::Gen<std::int64_t> any_time(std::int64_t from) {
    return rc::gen::inRange<std::int64_t>(from, max_time_ms + 1);
}
LogPlace any_place(std::uint64_t index, std::uint64_t term) {
    return {index, term, *any_hash()};
}

NodeFact any_fact() {
    switch (*rc::gen::inRange(0, 4)) {
        case 0: {
            const auto received = *any_time(0);
            Promise promise{received, *any_time(received), *any_hash(), {}};
            const auto count = *rc::gen::inRange(1, 5);
            for (int i = 0; i < count; ++i)
                promise.records.push_back({"most.qlcl", "r:" + std::to_string(i), *any_hash()});
            return promise;
        }
        case 1:
            return Refusal{*any_hash(), *any_time(0), "other_content", *rc::gen::arbitrary<std::uint64_t>()};
        case 2:
            return Vote{*rc::gen::positive<std::uint64_t>(), *rc::gen::positive<std::uint64_t>()};
        default: {
            const auto term = *rc::gen::positive<std::uint64_t>();
            const auto index = *rc::gen::inRange<std::uint64_t>(0, 1'000);
            const LogPlace previous = any_place(index, *rc::gen::inRange<std::uint64_t>(0, term));
            const auto more = *rc::gen::inRange<std::uint64_t>(0, 3);
            return AppendHeader{term, previous, more == 0 ? previous : any_place(index + more, term)};
        }
    }
}

RC_GTEST_PROP(NodeStatement, ComesBackFromItsTextAndItsNote, ()) {
    const NodeStatement statement = of(any_fact());
    const auto parsed = parse_node_statement(statement.to_string());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == statement);
    const auto note = parse_note(sign_node_statement(statement, key_of(1)).to_string());
    RC_ASSERT(note.has_value());
    const auto verified = verify_node_statement(*note, key_of(1).public_key());
    RC_ASSERT(verified.has_value());
    RC_ASSERT(*verified == statement);
}

// One spelling: a text that parses is the text that its meaning prints.
RC_GTEST_PROP(NodeStatement, AnAlteredTextIsAnotherStatementOrNone, ()) {
    std::string text = of(any_fact()).to_string();
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 4)) {
        case 0:
            text[place] = *rc::gen::arbitrary<char>();
            break;
        case 1:
            text.insert(place, 1, *rc::gen::elementOf(std::string(" \n0+-\r\t.")));
            break;
        case 2:
            text.erase(place, 1);
            break;
        default:
            text.resize(place);
    }
    const auto parsed = parse_node_statement(text);
    if (parsed) RC_ASSERT(parsed->to_string() == text);
}

TEST(NodeStatement, HasTheTextOfTheFormat) {
    const std::string head = std::string(samples::origin) + "\ncustoms-1\n";
    EXPECT_EQ(of(sample_promise()).to_string(),
              "socai promise v1\n" + head + "received 1000\ninclude-by 2000\nstatement " +
                  to_hex(sha256("statement")) + "\nrecord customs.haiphong d-1 " + to_hex(sha256("one")) +
                  "\nrecord customs.haiphong d-2 " + to_hex(sha256("two")) + "\n");
    EXPECT_EQ(of(Refusal{sha256("statement"), 3'000, "unknown_reference", 17}).to_string(),
              "socai refusal v1\n" + head + "statement " + to_hex(sha256("statement")) +
                  "\ntime 3000\nreason unknown_reference\nleaf 17\n");
    EXPECT_EQ(of(Vote{7, 3}).to_string(), "socai vote v1\n" + head + "term 7\ncandidate 3\n");
    EXPECT_EQ(of(AppendHeader{7, {10, 6, sha256("a")}, {12, 7, sha256("b")}}).to_string(),
              "socai append v1\n" + head + "term 7\nprevious 10 6 " + to_hex(sha256("a")) + "\nlast 12 7 " +
                  to_hex(sha256("b")) + "\n");
}

TEST(NodeStatement, IsSignedUnderTheNodesNameInTheLedger) {
    const Note note = sign_node_statement(of(Vote{7, 3}), key_of(1));
    ASSERT_EQ(note.signatures.size(), 1U);
    EXPECT_EQ(note.signatures[0].name, "customs-1." + std::string(samples::origin));
    EXPECT_EQ(node_vkey("customs-1", samples::origin, key_of(1).public_key()).type, NoteKeyType::ed25519);
}

TEST(NodeStatement, ByAnotherKeyOrUnderAnotherNameIsRefused) {
    for (const NodeStatement& statement : one_of_each()) {
        const Note note = sign_node_statement(statement, key_of(1));
        EXPECT_EQ(verify_node_statement(note, key_of(2).public_key()).error().reason, "no_known_signature");

        // The right key, but the text speaks for another node: a node cannot sign in its neighbour's name.
        NodeStatement others = statement;
        others.node = "customs-2";
        Note forged{others.to_string(), {}};
        sign_note(forged, note.signatures[0].name, key_of(1));
        EXPECT_EQ(verify_node_statement(forged, key_of(1).public_key()).error().reason, "no_known_signature");

        // A signature of this key over other bytes.
        Note moved{others.to_string(), {}};
        sign_note(moved, "customs-2." + others.origin, key_of(1));
        moved.text = statement.to_string();
        moved.signatures[0] = {note.signatures[0].name, note.signatures[0].id, moved.signatures[0].bytes};
        EXPECT_EQ(verify_node_statement(moved, key_of(1).public_key()).error().reason, "bad_note_signature");
    }
}

// No first line makes another kind of any of the texts, nor a checkpoint, and no checkpoint is a node's statement.
TEST(NodeStatement, CannotPassForAnotherKind) {
    const auto all = one_of_each();
    for (const NodeStatement& statement : all) {
        const std::string text = statement.to_string();
        const std::string first = text.substr(0, text.find('\n'));
        for (const NodeStatement& other : all) {
            const std::string other_text = other.to_string();
            const std::string other_first = other_text.substr(0, other_text.find('\n'));
            if (other_first == first) continue;
            EXPECT_FALSE(parse_node_statement(other_first + text.substr(first.size())))
                << other_first << text;
        }
        EXPECT_FALSE(parse_checkpoint(text)) << text;
    }
    EXPECT_FALSE(
        parse_node_statement(Checkpoint{std::string(samples::origin), 3, sha256("root")}.to_string()));
    EXPECT_FALSE(is_key_name("socai promise v1"));
}

TEST(NodeStatement, RefusesOtherTexts) {
    const std::string who = "ledger.example.vn/test\ncustoms-1\n";
    const std::string promise = "socai promise v1\n" + who;
    const std::string statement = "statement " + zeros + "\n";
    const std::string record = "record most a " + ones + "\n";
    const std::string refusal = "socai refusal v1\n" + who + statement;
    const std::string vote = "socai vote v1\n" + who;
    const std::string append = "socai append v1\n" + who;
    const std::vector<std::string> good{
        promise + "received 5\ninclude-by 5\n" + statement + record,
        promise + "received 0\ninclude-by 253402300799999\n" + statement + record,
        refusal + "time 5\nreason late\nleaf 18446744073709551615\n",
        vote + "term 1\ncandidate 1\n",
        append + "term 1\nprevious 0 0 " + zeros + "\nlast 0 0 " + zeros + "\n",
    };
    for (const std::string& text : good) EXPECT_TRUE(parse_node_statement(text)) << text;

    const std::vector<std::string> bad{
        "",
        "\n",
        "socai promise v2\n" + who + "received 5\ninclude-by 5\n" + statement + record,
        "socai vote v1 \n" + who + "term 1\ncandidate 1\n",
        "socai vote v1\r\n" + who + "term 1\ncandidate 1\n",
        "socai vote v1\n\ncustoms-1\nterm 1\ncandidate 1\n",
        "socai vote v1\na+b\ncustoms-1\nterm 1\ncandidate 1\n",
        "socai vote v1\no\nCustoms 1\nterm 1\ncandidate 1\n",
        "socai vote v1\no\n\nterm 1\ncandidate 1\n",
        // of promises
        promise + "received 5\ninclude-by 4\n" + statement + record,  // before it was received
        promise + "received 5\ninclude-by 253402300800000\n" + statement + record,
        promise + "received -5\ninclude-by 5\n" + statement + record,
        promise + "received 05\ninclude-by 5\n" + statement + record,
        promise + "received  5\ninclude-by 5\n" + statement + record,
        promise + "received\ninclude-by 5\n" + statement + record,
        promise + "received \ninclude-by 5\n" + statement + record,
        promise + "include-by 5\nreceived 5\n" + statement + record,
        promise + "received 5\ninclude-by 5\n" + statement,  // of no record
        promise + "received 5\ninclude-by 5\n" + statement + record + record,
        promise + "received 5\ninclude-by 5\n" + statement + record + "record cab b " + ones + "\n",
        promise + "received 5\ninclude-by 5\n" + statement + record + "\n",
        promise + "received 5\ninclude-by 5\n" + statement + "record most a\n",
        promise + "received 5\ninclude-by 5\n" + statement + "record most a " + ones + " \n",
        promise + "received 5\ninclude-by 5\n" + statement + "record most a " + ones,  // no newline
        promise + "received 5\ninclude-by 5\n" + statement + "record MOST a " + ones + "\n",
        promise + "received 5\ninclude-by 5\n" + statement + "record most a/b " + ones + "\n",
        promise + "received 5\ninclude-by 5\nstatement " + zeros.substr(1) + "\n" + record,
        promise + "received 5\ninclude-by 5\nstatement " + std::string(64, 'A') + "\n" + record,
        // of refusals
        refusal + "time 5\nreason Bad word\nleaf 1\n",
        refusal + "time 5\nreason \nleaf 1\n",
        refusal + "time 5\nreason late\nleaf 18446744073709551616\n",
        refusal + "time 5\nreason late\n",
        refusal + "time 5\nreason late\nleaf 1\nleaf 1\n",
        // of votes: there is no term and no node 0
        vote + "term 0\ncandidate 1\n",
        vote + "term 1\ncandidate 0\n",
        vote + "term 1\n",
        vote + "term one\ncandidate 1\n",
        // of appends
        append + "term 1\nprevious 0 0 " + zeros + "\nlast 0 0 " + ones + "\n",
        append + "term 1\nprevious 2 1 " + zeros + "\nlast 1 1 " + ones + "\n",
        append + "term 1\nprevious 2 2 " + zeros + "\nlast 3 2 " + ones + "\n",
        append + "term 2\nprevious 2 2 " + zeros + "\nlast 3 1 " + ones + "\n",
        append + "term 1\nprevious 0 " + zeros + "\nlast 0 0 " + zeros + "\n",
        append + "term 1\nprevious 0 0 " + zeros + "\n",
    };
    for (const std::string& text : bad) {
        const auto parsed = parse_node_statement(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().reason, "malformed_node_statement") << text;
    }
}

TEST(NodeStatement, TakesAsManyRecordsAsABundleHasAndNoMore) {
    Promise promise{5, 5, sha256("s"), {}};
    for (std::size_t i = 0; i < max_bundle_records; ++i)
        promise.records.push_back(
            {std::string(64, 's'), std::string(59, 'i') + std::to_string(10'000 + i), {}});
    const std::string note = sign_node_statement(of(promise), key_of(1)).to_string();
    EXPECT_LE(note.size(), max_note_bytes);
    EXPECT_TRUE(parse_node_statement(of(promise).to_string()));
    promise.records.push_back({std::string(64, 's'), "one-more", {}});
    EXPECT_FALSE(parse_node_statement(of(promise).to_string()));
}

}  // namespace
}  // namespace socai::ledger
