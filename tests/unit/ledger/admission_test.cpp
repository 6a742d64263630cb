#include "ledger/admission.hpp"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;
using samples::now_ms;

class Admission : public testing::Test {
  protected:
    Verdict admit_at(std::shared_ptr<const Statement> statement, std::int64_t time_ms = now_ms) {
        return admit(context_, view_, std::move(statement), time_ms, false);
    }

    // Admits what must be good, and lets it stand.
    Admitted stand(std::shared_ptr<const Statement> statement, std::int64_t time_ms = now_ms) {
        Verdict verdict = admit_at(std::move(statement), time_ms);
        if (const Error* error = std::get_if<Error>(&verdict)) ADD_FAILURE() << error->detail;
        view_.add(std::get<Admitted>(verdict));
        return std::get<Admitted>(verdict);
    }

    // Expects a refusal that leaves the ledger as it was; its reason.
    std::string reason_of(std::shared_ptr<const Statement> statement, Fault fault = Fault::invalid_statement,
                          std::int64_t time_ms = now_ms) {
        const std::uint64_t size = view_.size();
        const Verdict verdict = admit_at(std::move(statement), time_ms);
        EXPECT_EQ(view_.size(), size);
        const Error* error = std::get_if<Error>(&verdict);
        if (error == nullptr) return "not refused";
        EXPECT_EQ(error->fault, fault);
        EXPECT_FALSE(error->detail.empty());
        detail_ = error->detail;
        return error->reason;
    }

    samples::MapView view_;
    samples::SomeRules rules_;
    Genesis genesis_ = samples::genesis();
    Context context_{genesis_, rules_};
    std::string detail_;  // of the last refusal
};

std::shared_ptr<const Statement> signed_as(std::string_view kid, const KeyPair& key,
                                           std::string_view audience) {
    const std::string payload = samples::text(samples::record("t-10"));
    return std::make_shared<const Statement>(
        parse_statement(sign_statement(Jwk{std::string(kid), key}, audience, payload, false)).value());
}

json::object dated(std::string_view id, std::string_view time) {
    json::object record = samples::record(id);
    record["time"] = time;
    return record;
}

TEST_F(Admission, MakesTheLeaf) {
    const auto statement = samples::statement(samples::record("t-10"), "customs.haiphong/1");
    const Admitted admitted = stand(statement);
    EXPECT_EQ(admitted.index, 1u);
    EXPECT_EQ(admitted.time_ms, now_ms);
    EXPECT_FALSE(admitted.late);
    EXPECT_EQ(admitted.entry, std::to_string(now_ms) + " " + statement->text);
    EXPECT_EQ(admitted.leaf, leaf_hash(admitted.entry));
    EXPECT_EQ(admitted.statement, statement);
}

TEST_F(Admission, NothingStandsBeforeTheGenesis) {
    const samples::MapView empty(0);
    const Verdict verdict = admit(
        context_, empty, samples::statement(samples::record("t-10"), "customs.haiphong/1"), now_ms, false);
    ASSERT_TRUE(std::holds_alternative<Error>(verdict));
    EXPECT_EQ(std::get<Error>(verdict).reason, "genesis_expected");
}

TEST_F(Admission, RefusesWrongAudience) {
    const auto statement =
        signed_as("customs.haiphong/1", samples::key_named("customs.haiphong/1").key, "other.example/log");
    EXPECT_EQ(reason_of(statement), "wrong_audience");
    EXPECT_EQ(check_signature(context_.genesis, context_.genesis.registry, *statement).error().reason,
              "wrong_audience");
}

TEST_F(Admission, RefusesUnknownKid) {
    for (const char* kid : {"customs.haiphong/2", "nobody/1", "", "customs.haiphong", "/"}) {
        const auto statement = signed_as(kid, samples::key_named("customs.haiphong/1").key, samples::origin);
        EXPECT_EQ(reason_of(statement), "unknown_kid") << kid;
        EXPECT_EQ(check_signature(context_.genesis, context_.genesis.registry, *statement).error().reason,
                  "unknown_kid");
    }
}

TEST_F(Admission, RefusesWrongSignature) {
    const auto statement = signed_as("customs.haiphong/1", samples::key_named("most/1").key, samples::origin);
    EXPECT_EQ(reason_of(statement), "bad_signature");
    EXPECT_EQ(check_signature(context_.genesis, context_.genesis.registry, *statement).error().reason,
              "bad_signature");
    EXPECT_TRUE(check_signature(context_.genesis, context_.genesis.registry,
                                *samples::statement(samples::record("t-10"), "customs.haiphong/1")));
}

TEST_F(Admission, RefusesAlteredPayload) {
    const auto good = samples::statement(samples::record("t-10"), "customs.haiphong/1");
    const auto other = samples::statement(samples::record("t-11"), "customs.haiphong/1");
    const std::string altered =
        other->text.substr(0, other->signing_bytes) + good->text.substr(good->signing_bytes);
    EXPECT_EQ(reason_of(std::make_shared<const Statement>(parse_statement(altered).value())),
              "bad_signature");
}

TEST_F(Admission, ASignatureThatWasCheckedIsNotCheckedAgain) {
    const auto statement = signed_as("customs.haiphong/1", samples::key_named("most/1").key, samples::origin);
    EXPECT_TRUE(std::holds_alternative<Admitted>(admit(context_, view_, statement, now_ms, true)));
}

TEST_F(Admission, KeysAreValidFromOneLeafToAnother) {
    for (std::uint64_t index = 1; index < 25; ++index) {
        const auto statement =
            samples::statement(samples::record("q-" + std::to_string(index), "most.qlcl"), "most.qlcl/late");
        if (index < 10 || index >= 20) {
            EXPECT_EQ(reason_of(statement), "key_not_valid") << index;
        } else {
            EXPECT_TRUE(std::holds_alternative<Admitted>(admit_at(statement))) << index;
        }
        stand(samples::statement(samples::record("s-" + std::to_string(index)), "customs.haiphong/1"));
    }
}

TEST_F(Admission, RefusesASourceThatTheKeyMayNotSpeakFor) {
    for (const char* source : {"customs", "customs.nsw", "most", "importer.9900000016", "nobody"}) {
        EXPECT_EQ(reason_of(samples::statement(samples::record("t-10", source), "customs.haiphong/1"),
                            Fault::forbidden),
                  "source_not_allowed")
            << source;
    }
    // A parent is no delegate by itself.
    EXPECT_EQ(reason_of(samples::statement(samples::record("t-10"), "customs/1"), Fault::forbidden),
              "source_not_allowed");
}

TEST_F(Admission, TheSingleWindowSpeaksForTraders) {
    stand(samples::statement(samples::record("t-03", samples::trader), "customs.nsw/1"));
}

TEST_F(Admission, AsksTheRulesForTheKind) {
    json::object record = samples::record("t-10");
    record["type"] = "vn.socai.genesis.v1";
    EXPECT_EQ(reason_of(samples::statement(record, "customs.haiphong/1")), "unknown_kind");
}

TEST_F(Admission, RefusesATimeInTheFuture) {
    EXPECT_EQ(reason_of(samples::statement(dated("f-1", "2021-10-01T00:05:00.001Z"), "customs.haiphong/1")),
              "future_time");
    EXPECT_NE(detail_.find("2021-10-01T00:05:00.001Z"), std::string::npos);
    EXPECT_NE(detail_.find("2021-10-01T00:00:00.000Z"), std::string::npos);
    // One of a bundle is enough.
    EXPECT_EQ(reason_of(samples::bundle({samples::record("f-1"), dated("f-2", "2021-10-01T07:05:01+07:00")},
                                        "customs.haiphong/1")),
              "future_time");
    stand(samples::statement(dated("f-1", "2021-10-01T00:05:00Z"), "customs.haiphong/1"));
}

TEST_F(Admission, AcceptedTimesNeverFall) {
    stand(samples::statement(samples::record("a"), "customs.haiphong/1"));
    const auto statement = samples::statement(samples::record("b"), "customs.haiphong/1");
    EXPECT_EQ(reason_of(statement, Fault::invalid_statement, now_ms - 1), "time_went_back");
    EXPECT_EQ(reason_of(statement, Fault::invalid_statement, -1), "time_went_back");
    EXPECT_EQ(reason_of(statement, Fault::invalid_statement, std::int64_t{1} << 62), "time_out_of_range");
    stand(statement, now_ms);
}

TEST_F(Admission, MarksLateRecords) {
    // 30 days before the accepted time, to the millisecond and one more.
    EXPECT_FALSE(stand(samples::statement(dated("l-1", "2021-09-01T00:00:00Z"), "customs.haiphong/1")).late);
    EXPECT_TRUE(
        stand(samples::statement(dated("l-2", "2021-08-31T23:59:59.999Z"), "customs.haiphong/1")).late);
    EXPECT_TRUE(stand(samples::bundle({samples::record("l-3"), dated("l-4", "2020-01-01T00:00:00Z")},
                                      "customs.haiphong/1"))
                    .late);
    json::object historical = dated("l-5", "2020-01-01T00:00:00Z");
    historical["source"] = "most.qlcl";
    EXPECT_FALSE(stand(samples::statement(historical, "most.qlcl/1")).late);
}

TEST_F(Admission, TheSameAgainIsADuplicate) {
    const auto alone = samples::statement(samples::record("d-1"), "customs.haiphong/1");
    stand(alone);
    stand(samples::bundle({samples::record("d-2"), samples::record("d-3")}, "customs.haiphong/1"));

    const auto addresses = [this](std::shared_ptr<const Statement> statement) {
        const Verdict verdict = admit_at(std::move(statement));
        const Duplicate* duplicate = std::get_if<Duplicate>(&verdict);
        return duplicate == nullptr ? std::vector<Address>() : duplicate->addresses;
    };
    EXPECT_EQ(addresses(alone), (std::vector<Address>{{1, 0}}));
    // Alone, in another order or in another bundle.
    EXPECT_EQ(addresses(samples::statement(samples::record("d-3"), "customs.haiphong/1")),
              (std::vector<Address>{{2, 1}}));
    EXPECT_EQ(
        addresses(samples::bundle({samples::record("d-3"), samples::record("d-1"), samples::record("d-2")},
                                  "customs.haiphong/1")),
        (std::vector<Address>{{2, 1}, {1, 0}, {2, 0}}));
}

TEST_F(Admission, RefusesOtherContentUnderAKnownId) {
    stand(samples::statement(samples::record("c-0"), "customs.haiphong/1"));
    stand(samples::bundle({samples::record("c-1"), samples::record("c-2")}, "customs.haiphong/1"));
    json::object other = samples::record("c-2");
    other["subject"] = "104000123461";
    EXPECT_EQ(reason_of(samples::statement(other, "customs.haiphong/1"), Fault::conflict), "other_content");
    EXPECT_NE(detail_.find("2.1"), std::string::npos) << detail_;
    // Also where the rest of the bundle is new, or known.
    EXPECT_EQ(
        reason_of(samples::bundle({samples::record("new"), other}, "customs.haiphong/1"), Fault::conflict),
        "other_content");
    EXPECT_EQ(
        reason_of(samples::bundle({samples::record("c-0"), other}, "customs.haiphong/1"), Fault::conflict),
        "other_content");
    // The same id of another source is another record.
    stand(samples::statement(samples::record("c-2", "most"), "most/1"));
}

TEST_F(Admission, RefusesABundleWithKnownRecords) {
    std::vector<json::object> records;
    for (int i = 0; i < 25; ++i) records.push_back(samples::record("k-" + std::to_string(i)));
    stand(samples::bundle(records, "customs.haiphong/1"));
    records.push_back(samples::record("new"));
    EXPECT_EQ(reason_of(samples::bundle(records, "customs.haiphong/1"), Fault::conflict), "known_records");
    EXPECT_NE(detail_.find("k-0 at 1, k-1 at 1.1, "), std::string::npos) << detail_;
    EXPECT_NE(detail_.find("k-19 at 1.19 and 5 more"), std::string::npos) << detail_;
    EXPECT_EQ(detail_.find("k-20"), std::string::npos);
}

TEST_F(Admission, RefusesAReferenceToNothing) {
    json::object record = samples::record("r-1");
    samples::refer(record, "about", "customs.haiphong", "r-0");
    const auto statement = samples::statement(record, "customs.haiphong/1");
    EXPECT_EQ(reason_of(statement), "unknown_reference");
    EXPECT_NE(detail_.find("\"r-0\""), std::string::npos);
    stand(samples::statement(samples::record("r-0", "most"), "most/1"));  // of another source
    EXPECT_EQ(reason_of(statement), "unknown_reference");
    stand(samples::statement(samples::record("r-0"), "customs.haiphong/1"));
    stand(statement);
}

TEST_F(Admission, AsksTheRulesWhereAReferenceMayLead) {
    json::object alert = samples::record("a-1");
    alert["type"] = "vn.socai.alert.v1";
    stand(samples::statement(alert, "customs.haiphong/1"));
    json::object record = samples::record("r-1");
    samples::refer(record, "about", "customs.haiphong", "a-1");
    EXPECT_EQ(reason_of(samples::statement(record, "customs.haiphong/1"), Fault::refused), "wrong_reference");
    // An alert may lead to another, in the ledger or in the same bundle.
    json::object second = samples::record("a-2");
    second["type"] = "vn.socai.alert.v1";
    samples::refer(second, "about", "customs.haiphong", "a-1");
    json::object third = samples::record("a-3");
    third["type"] = "vn.socai.alert.v1";
    samples::refer(third, "about", "customs.haiphong", "a-2");
    stand(samples::bundle({second, third}, "customs.haiphong/1"));
}

TEST_F(Admission, WhatFollowsFromARecordFollowsFromThoseOfItsBundleToo) {
    json::object first = samples::record("b-1");
    json::object second = samples::record("b-2");
    const Admitted admitted = stand(samples::bundle({first, second}, "customs.haiphong/1"));
    const std::string subject(first.at("subject").as_string());
    EXPECT_EQ(view_.facts().get("count/" + subject), "2");
    EXPECT_EQ(view_.facts().get("last"), "b-2");
    EXPECT_EQ(admitted.changes.size(), 2u) << "each key once";
}

TEST_F(Admission, TheRulesMayRefuseOverWhatStandsBefore) {
    const auto of_a = [](int i) {
        json::object record = samples::record("r-" + std::to_string(i));
        record["subject"] = "A";
        return samples::statement(record, "customs.haiphong/1");
    };
    for (int i = 0; i < 12; ++i) stand(of_a(i));
    EXPECT_EQ(reason_of(of_a(12), Fault::refused), "too_many");
}

TEST_F(Admission, RefusesAReferenceToItself) {
    json::object record = samples::record("r-1");
    samples::refer(record, "supersedes", "customs.haiphong", "r-1");
    EXPECT_EQ(reason_of(samples::statement(record, "customs.haiphong/1")), "unknown_reference");
    EXPECT_EQ(reason_of(samples::bundle({record, samples::record("r-2")}, "customs.haiphong/1")),
              "unknown_reference");
}

TEST_F(Admission, ReferencesInsideABundlePointBackwards) {
    json::object second = samples::record("r-2");
    samples::refer(second, "supersedes", "customs.haiphong", "r-1");
    EXPECT_EQ(reason_of(samples::bundle({second, samples::record("r-1")}, "customs.haiphong/1")),
              "unknown_reference");
    stand(samples::bundle({samples::record("r-1"), second}, "customs.haiphong/1"));
}

TEST_F(Admission, RefusesAnEntryThatIsTooLarge) {
    json::object record = samples::record("big");
    std::shared_ptr<const Statement> statement;
    // The largest statement that fits beside a time of 13 digits, or a few bytes less.
    for (std::size_t filling = 48'700; statement == nullptr; --filling) {
        record["data"].as_object()["text"] = std::string(filling, 'x');
        const std::string text = sign_statement(samples::key_named("customs.haiphong/1"), samples::origin,
                                                samples::text(record), false);
        if (text.size() <= max_statement_bytes) {
            statement = std::make_shared<const Statement>(parse_statement(text).value());
        }
    }
    EXPECT_GE(statement->text.size(), max_statement_bytes - 3);
    // The same statement in a far later year, whose time has a digit or two more.
    if (statement->text.size() == max_statement_bytes) {
        EXPECT_EQ(reason_of(statement, Fault::too_large, 100'000'000'000'000), "entry_too_large");
    }
    EXPECT_LE(stand(statement).entry.size(), max_entry_bytes);
    auto larger = std::make_shared<Statement>(*statement);
    larger->text.resize(max_statement_bytes + 1, 'x');
    EXPECT_EQ(reason_of(larger, Fault::too_large), "entry_too_large");
}

TEST_F(Admission, ChecksComeInTheirOrder) {
    // A statement with every fault at once, mended one fault at a time.
    stand(samples::statement(samples::record("o-1"), "customs.haiphong/1"));
    json::object record = dated("o-1", "2030-01-01T00:00:00Z");
    record["source"] = "most";
    record["type"] = "vn.socai.genesis.v1";
    samples::refer(record, "about", "most", "nothing");
    const auto sign = [&record](std::string_view kid, std::string_view key, std::string_view audience) {
        const Jwk jwk{std::string(kid), samples::key_named(key).key};
        return std::make_shared<const Statement>(
            parse_statement(sign_statement(jwk, audience, samples::text(record), false)).value());
    };
    EXPECT_EQ(reason_of(sign("x/1", "x", "elsewhere")), "wrong_audience");
    EXPECT_EQ(reason_of(sign("x/1", "x", samples::origin)), "unknown_kid");
    EXPECT_EQ(reason_of(sign("most.qlcl/late", "x", samples::origin)), "key_not_valid");
    EXPECT_EQ(reason_of(sign("customs.haiphong/1", "x", samples::origin)), "bad_signature");
    const auto good = [&] { return sign("customs.haiphong/1", "customs.haiphong/1", samples::origin); };
    EXPECT_EQ(reason_of(good(), Fault::forbidden), "source_not_allowed");
    record["source"] = "customs.haiphong";
    EXPECT_EQ(reason_of(good()), "unknown_kind");
    record["type"] = "vn.socai.alert.v1";
    EXPECT_EQ(reason_of(good()), "future_time");
    record["time"] = "2021-09-30T00:00:00Z";
    EXPECT_EQ(reason_of(good(), Fault::conflict), "other_content");
    record["id"] = "o-2";
    EXPECT_EQ(reason_of(good()), "unknown_reference");
    stand(samples::statement(samples::record("nothing", "most"), "most/1"));
    stand(good());
}

}  // namespace
}  // namespace socai::ledger
