#include "ledger/genesis.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <functional>

#include "ledger/entry.hpp"
#include "ledger/jwk.hpp"
#include "ledger/verifier_key.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view signed_time = "2021-01-01T00:00:00Z";

std::string entry_of(std::string_view record, std::string_view kid = "customs/1",
                     std::string_view audience = samples::origin) {
    return make_entry(samples::now_ms, sign_statement(samples::key_named(kid), audience, record, false));
}

std::string reason_of(std::string_view entry) {
    const Result<Genesis> genesis = parse_genesis(entry);
    if (genesis) return "accepted";
    EXPECT_FALSE(genesis.error().detail.empty());
    return genesis.error().reason;
}

std::string reason_of(const Genesis& genesis) {
    return reason_of(entry_of(genesis_record(genesis, "customs", signed_time)));
}

using Change = std::function<void(json::object& record, json::object& data)>;

std::string reason_after(const Change& change) {
    json::object record = json::parse(genesis_record(samples::genesis(), "customs", signed_time)).as_object();
    change(record, record.at("data").as_object());
    return reason_of(entry_of(json::serialize(record)));
}

TEST(Genesis, ComesBackFromItsEntry) {
    const Result<Genesis> genesis = parse_genesis(samples::genesis_entry());
    ASSERT_TRUE(genesis) << genesis.error().detail;
    EXPECT_EQ(genesis->origin, samples::origin);
    EXPECT_EQ(genesis->nodes.size(), 2u);
    EXPECT_EQ(genesis->nodes[1].name, "most-1");
    EXPECT_EQ(genesis->registry.agencies().size(), 6u);
    EXPECT_EQ(genesis->registry.keys().size(), 6u);
    EXPECT_EQ(genesis->registry.key("most.qlcl/late")->valid_to, 20u);
    EXPECT_TRUE(genesis->registry.may_speak_for("customs.nsw", samples::trader));
    EXPECT_EQ(genesis->parameters.max_future_ms, 300'000);
    EXPECT_EQ(genesis->parameters.max_backdate_ms, 2'592'000'000);
    // One genesis has one text.
    EXPECT_EQ(genesis_record(*genesis, "customs", signed_time),
              genesis_record(samples::genesis(), "customs", signed_time));
}

TEST(Genesis, ListsParentsBeforeTheirChildren) {
    // "asw.id" sorts before its parent "customs".
    Genesis genesis = samples::genesis();
    genesis.registry.add_agency({"asw.id", "customs", {"asw_gateway"}, "", ""}).value();
    EXPECT_EQ(reason_of(genesis), "accepted");
}

TEST(Genesis, FitsFourteenNodesAndFiftyAgencies) {
    Genesis genesis = samples::genesis();
    genesis.policy.clear();
    genesis.nodes.clear();
    for (int i = 1; i <= 14; ++i) {
        const std::string name = "customs-" + std::to_string(i);
        const PublicKey log_key = samples::key_named(name + "l").key.public_key();
        genesis.nodes.push_back({name, "customs", static_cast<std::uint64_t>(i), log_key,
                                 samples::key_named(name + "c").key.public_key(),
                                 samples::key_named(name + "n").key.public_key(),
                                 samples::key_named(name + "t").key.public_key()});
        genesis.policy +=
            "log " + VerifierKey{genesis.origin, NoteKeyType::ed25519, log_key}.to_string() + "\n";
    }
    genesis.policy += "quorum none\n";
    for (int i = 0; i < 50; ++i) {
        const std::string code = "agency-" + std::to_string(i);
        genesis.registry.add_agency({code, "customs", {"customs_office"}, "Cơ quan số " + code, code})
            .value();
        RegisteredKey key;
        key.kid = code + "/1";
        key.agency = code;
        key.key = samples::key_named(key.kid).key.public_key();
        genesis.registry.add_key(key).value();
    }
    EXPECT_EQ(reason_of(genesis), "accepted");
}

TEST(Genesis, SaysWhenItIsTooLarge) {
    const Result<Genesis> genesis = parse_genesis(std::string(max_entry_bytes + 1, 'x'));
    ASSERT_FALSE(genesis);
    EXPECT_EQ(genesis.error().fault, Fault::too_large);
    EXPECT_EQ(genesis.error().reason, "entry_too_large");
}

TEST(Genesis, HasExactlyItsMembers) {
    for (const char* name : {"origin", "agencies", "keys", "delegations", "nodes", "parameters", "policy"}) {
        EXPECT_EQ(reason_after([&](json::object&, json::object& data) { data.erase(name); }),
                  "malformed_genesis")
            << name;
        EXPECT_EQ(reason_after([&](json::object&, json::object& data) { data[name] = 7; }),
                  "malformed_genesis")
            << name;
    }
    EXPECT_EQ(reason_after([](json::object&, json::object& data) { data["more"] = 1; }), "malformed_genesis");
    for (const char* list : {"agencies", "keys", "delegations", "nodes"}) {
        const auto first = [list](json::object& data) -> json::value& { return data[list].as_array()[0]; };
        EXPECT_EQ(reason_after([&](json::object&, json::object& data) { first(data) = "text"; }),
                  "malformed_genesis");
        EXPECT_EQ(
            reason_after([&](json::object&, json::object& data) { first(data).as_object()["more"] = 1; }),
            "malformed_genesis")
            << list;
        const json::object item = json::parse(genesis_record(samples::genesis(), "customs", signed_time))
                                      .at("data")
                                      .at(list)
                                      .at(0)
                                      .as_object();
        for (const json::key_value_pair& member : item) {
            EXPECT_EQ(reason_after([&](json::object&, json::object& data) {
                          first(data).as_object().erase(member.key());
                      }),
                      "malformed_genesis")
                << list << " " << member.key();
            EXPECT_EQ(reason_after([&](json::object&, json::object& data) {
                          first(data).as_object()[member.key()] = true;
                      }),
                      "malformed_genesis")
                << list << " " << member.key();
        }
    }
    for (const json::value& value : {json::value(-1), json::value("5"), json::value(nullptr)}) {
        EXPECT_EQ(reason_after([&](json::object&, json::object& data) {
                      data["parameters"].as_object()["max_future_ms"] = value;
                  }),
                  "malformed_genesis");
    }
    EXPECT_EQ(reason_after([](json::object& record, json::object&) {
                  samples::refer(record, "about", "customs", "x");
              }),
              "malformed_genesis");
}

TEST(Genesis, IsOneRecordOfItsType) {
    EXPECT_EQ(reason_after([](json::object& record, json::object&) { record["type"] = "vn.socai.alert.v1"; }),
              "malformed_genesis");
    EXPECT_EQ(reason_of("x"), "malformed_entry");
    EXPECT_EQ(reason_of("1 a.b"), "malformed_statement");
}

TEST(Genesis, OriginIsItsSubjectAndAudience) {
    EXPECT_EQ(reason_after([](json::object& record, json::object&) { record["subject"] = "other"; }),
              "malformed_genesis");
    EXPECT_EQ(reason_after([](json::object&, json::object& data) { data["origin"] = "other"; }),
              "malformed_genesis");
    const std::string record = genesis_record(samples::genesis(), "customs", signed_time);
    EXPECT_EQ(reason_of(entry_of(record, "customs/1", "other.example/x")), "wrong_audience");
    Genesis spaced = samples::genesis();
    spaced.origin = "a b";
    EXPECT_EQ(reason_of(entry_of(genesis_record(spaced, "customs", signed_time), "customs/1", "a b")),
              "malformed_genesis");
}

TEST(Genesis, IsSignedByAMemberThatItRegisters) {
    const std::string record = genesis_record(samples::genesis(), "customs", signed_time);
    EXPECT_EQ(reason_of(entry_of(record, "customs/2")), "unknown_kid");
    const Jwk forger{"customs/1", samples::key_named("somebody else").key};
    EXPECT_EQ(reason_of(make_entry(samples::now_ms, sign_statement(forger, samples::origin, record, false))),
              "bad_signature");
    EXPECT_EQ(reason_of(entry_of(record, "most/1")), "source_not_allowed");
    EXPECT_EQ(
        reason_of(entry_of(genesis_record(samples::genesis(), "customs.nsw", signed_time), "customs.nsw/1")),
        "source_not_allowed");
    EXPECT_EQ(
        reason_of(entry_of(genesis_record(samples::genesis(), "most.qlcl", signed_time), "most.qlcl/late")),
        "unknown_kid");  // not valid yet at leaf 0
    EXPECT_EQ(reason_of(entry_of(genesis_record(samples::genesis(), "most", signed_time), "most/1")),
              "accepted");
}

TEST(Genesis, IsNotOfTheFuture) {
    EXPECT_EQ(reason_of(entry_of(genesis_record(samples::genesis(), "customs", "2021-10-01T00:05:00Z"))),
              "accepted");
    EXPECT_EQ(reason_of(entry_of(genesis_record(samples::genesis(), "customs", "2021-10-01T00:05:01Z"))),
              "future_time");
}

TEST(Genesis, TradersHoldNoKeysAndHaveADelegate) {
    Genesis genesis = samples::genesis();
    RegisteredKey key;
    key.kid = std::string(samples::trader) + "/1";
    key.agency = samples::trader;
    key.key = samples::key_named(key.kid).key.public_key();
    genesis.registry.add_key(key).value();
    EXPECT_EQ(reason_of(genesis), "malformed_genesis");
    EXPECT_EQ(reason_after([](json::object&, json::object& data) { data["delegations"].as_array().clear(); }),
              "malformed_genesis");
}

TEST(Genesis, ChecksItsNodes) {
    const auto reason_with = [](const std::function<void(Genesis&)>& change) {
        Genesis genesis = samples::genesis();
        change(genesis);
        return reason_of(genesis);
    };
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes.clear(); }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].name = "customs-1"; }),
              "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].name = "Most 1"; }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].agency = "nobody"; }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].agency = "most.qlcl"; }),
              "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].raft_id = 3; }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].node_key = {}; }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].tls_key = {}; }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].tls_key = genesis.nodes[0].tls_key; }),
              "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes[1].node_key = genesis.nodes[0].log_key; }),
              "malformed_genesis");
    EXPECT_EQ(reason_with(
                  [](Genesis& genesis) { genesis.nodes[1].node_key = genesis.registry.key("most/1")->key; }),
              "malformed_genesis");
}

TEST(Genesis, PolicyBelievesExactlyItsNodes) {
    const auto reason_with = [](const std::function<void(Genesis&)>& change) {
        Genesis genesis = samples::genesis();
        change(genesis);
        return reason_of(genesis);
    };
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.policy = "nonsense"; }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.policy = "quorum none\n"; }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) { genesis.nodes.pop_back(); }), "malformed_genesis");
    EXPECT_EQ(reason_with([](Genesis& genesis) {
                  const VerifierKey other{"other.example", NoteKeyType::ed25519,
                                          samples::key_named("x").key.public_key()};
                  genesis.policy = "log " + other.to_string() + "\n" + genesis.policy;
              }),
              "malformed_genesis");
}

}  // namespace
}  // namespace socai::ledger
