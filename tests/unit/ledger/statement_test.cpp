#include "ledger/statement.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string payload() {
    return samples::text(samples::record("t-10"));
}

std::string good_statement() {
    return sign_statement(samples::key_named("customs.haiphong/1"), samples::origin, payload(), false);
}

std::string good_bundle() {
    return sign_statement(samples::key_named("customs.haiphong/1"), samples::origin,
                          samples::bundle_text({samples::record("b-1"), samples::record("b-2")}), true);
}

// A compact JWS with this header and payload, signed whatever they are.
std::string signed_as(std::string_view header, std::string_view content) {
    const std::string input = base64url(header) + "." + base64url(content);
    const Signature signature = samples::key_named("customs.haiphong/1").key.sign(input);
    return input + "." + base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

json::object good_header() {
    return {{"alg", "EdDSA"},
            {"kid", "customs.haiphong/1"},
            {"typ", "socai+jws"},
            {"aud", samples::origin},
            {"cty", "application/cloudevents+json"}};
}

std::string reason_of(std::string_view text) {
    const Result<Statement> statement = parse_statement(text);
    if (statement) return "accepted";
    EXPECT_FALSE(statement.error().detail.empty());
    const bool form = statement.error().fault == Fault::invalid_statement;
    return (form ? "" : "other fault: ") + statement.error().reason;
}

std::string reason_of_header(std::string_view header) {
    return reason_of(signed_as(header, payload()));
}

std::string reason_with(std::string_view member, const json::value& value) {
    json::object header = good_header();
    header[member] = value;
    return reason_of_header(json::serialize(header));
}

std::string reason_of_bundle(std::string_view content) {
    json::object header = good_header();
    header["cty"] = "application/cloudevents-batch+json";
    return reason_of(signed_as(json::serialize(header), content));
}

TEST(Statement, IsRead) {
    const std::string text = good_statement();
    const Statement statement = parse_statement(text).value();
    EXPECT_EQ(statement.text, text);
    EXPECT_EQ(statement.signing_input(), text.substr(0, text.rfind('.')));
    EXPECT_EQ(statement.kid, "customs.haiphong/1");
    EXPECT_EQ(statement.audience, samples::origin);
    EXPECT_FALSE(statement.bundle);
    ASSERT_EQ(statement.records.size(), 1u);
    EXPECT_EQ(statement.records[0].id, "t-10");
    EXPECT_TRUE(verify_signature(statement, samples::key_named("customs.haiphong/1").key.public_key()));
    EXPECT_FALSE(verify_signature(statement, samples::key_named("most/1").key.public_key()));
}

TEST(Statement, BundleIsRead) {
    const Statement statement = parse_statement(good_bundle()).value();
    EXPECT_TRUE(statement.bundle);
    ASSERT_EQ(statement.records.size(), 2u);
    EXPECT_EQ(statement.records[1].id, "b-2");
    // Alone or in a bundle, a record is the same record.
    EXPECT_EQ(statement.records[1].digest, sha256(samples::text(samples::record("b-2"))));
}

TEST(Statement, TakesBothNamesOfTheAlgorithm) {
    EXPECT_EQ(reason_with("alg", "EdDSA"), "accepted");
    EXPECT_EQ(reason_with("alg", "Ed25519"), "accepted");
}

TEST(Statement, IsThreeParts) {
    for (const char* text : {"", ".", "a", "a.b", "a.b.c.d"}) {
        EXPECT_EQ(reason_of(text), "malformed_statement") << text;
    }
    EXPECT_EQ(reason_of(good_statement() + "."), "malformed_statement");
    EXPECT_EQ(reason_of(".."), "not_json");
}

TEST(Statement, RefusesPadding) {
    EXPECT_EQ(reason_of(good_statement() + "=="), "bad_base64url");
    const std::string text = good_statement();
    EXPECT_EQ(reason_of(text.substr(0, text.find('.')) + "=" + text.substr(text.find('.'))), "bad_base64url");
}

TEST(Statement, RefusesWhiteSpaceAndOtherAlphabets) {
    const std::string text = good_statement();
    for (const std::string& spelling :
         {" " + text, text + "\n", text + " ", text.substr(0, 9) + "\n" + text.substr(9),
          text.substr(0, 9) + "+" + text.substr(10), text.substr(0, 9) + "/" + text.substr(10),
          text + std::string(1, '\0')}) {
        EXPECT_EQ(reason_of(spelling), "bad_base64url");
    }
}

TEST(Statement, RefusesSpareBits) {
    // 64 bytes are 86 characters, the last with four bits that carry nothing: 15 of 16 spellings are refused.
    const std::string text = good_statement();
    int accepted = 0;
    for (const char last : base64url_alphabet) {
        const std::string spelling = text.substr(0, text.size() - 1) + last;
        const Result<Statement> statement = parse_statement(spelling);
        if (!statement) {
            EXPECT_EQ(statement.error().reason, "bad_base64url");
            continue;
        }
        ++accepted;
        EXPECT_EQ(spelling == text,
                  verify_signature(*statement, samples::key_named("customs.haiphong/1").key.public_key()));
    }
    EXPECT_EQ(accepted, 4);  // each with other bytes, of which one verifies
}

TEST(Statement, HeaderIsStrictJson) {
    EXPECT_EQ(reason_of_header("{"), "not_json");
    EXPECT_EQ(reason_of_header("[]"), "malformed_header");
    EXPECT_EQ(reason_of_header("\"x\""), "malformed_header");
    std::string twice = json::serialize(good_header());
    twice.insert(1, R"("alg":"EdDSA",)");
    EXPECT_EQ(reason_of_header(twice), "duplicate_name");
}

TEST(Statement, RefusesExtraHeaderMembers) {
    for (const char* name : {"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "ALG", ""}) {
        EXPECT_EQ(reason_with(name, "x"), "header_member_unknown") << name;
    }
}

TEST(Statement, RefusesMissingHeaderMembers) {
    for (const char* name : {"alg", "kid", "typ", "aud", "cty"}) {
        json::object header = good_header();
        header.erase(name);
        EXPECT_EQ(reason_of_header(json::serialize(header)), "header_member_missing") << name;
    }
}

TEST(Statement, RefusesWrongHeaderMembers) {
    for (const char* name : {"alg", "kid", "typ", "aud", "cty"}) {
        EXPECT_EQ(reason_with(name, 1), "malformed_header") << name;
        EXPECT_EQ(reason_with(name, json::array{"x"}), "malformed_header") << name;
    }
    for (const char* algorithm : {"none", "HS256", "ES256", "eddsa", ""}) {
        EXPECT_EQ(reason_with("alg", algorithm), "unsupported_algorithm") << algorithm;
    }
    EXPECT_EQ(reason_with("typ", "JWT"), "wrong_type");
    EXPECT_EQ(reason_with("typ", "SOCAI+JWS"), "wrong_type");
    EXPECT_EQ(reason_with("cty", "application/json"), "wrong_content_type");
}

TEST(Statement, SignatureHas64Bytes) {
    const std::string text = good_statement();
    const std::string input = text.substr(0, text.rfind('.') + 1);
    for (const std::size_t size : {0, 1, 63, 65}) {
        EXPECT_EQ(reason_of(input + base64url(std::string(size, 'x'))), "malformed_signature") << size;
    }
}

TEST(Statement, PayloadFitsItsContentType) {
    EXPECT_EQ(reason_of_bundle(payload()), "payload_not_array");
    EXPECT_EQ(reason_of(signed_as(json::serialize(good_header()),
                                  samples::bundle_text({samples::record("b-1"), samples::record("b-2")}))),
              "record_not_object");
    EXPECT_EQ(reason_of_bundle("[]"), "bundle_size");
    EXPECT_EQ(reason_of_bundle(samples::bundle_text({samples::record("b-1")})), "bundle_size");
    EXPECT_EQ(reason_of_bundle("[1,2]"), "record_not_object");
    std::string many = "[0";
    for (std::size_t i = 0; i < max_bundle_records; ++i) many += ",0";
    EXPECT_EQ(reason_of_bundle(many + "]"), "bundle_size");
}

TEST(Statement, RefusesABundleOfSeveralKindsOrSources) {
    json::object other_type = samples::record("b-2");
    other_type["type"] = "vn.socai.alert.v1";
    json::object other_version = samples::record("b-2");
    other_version["type"] = "vn.socai.clearance_decision.v2";
    for (const json::object& other : {other_type, other_version, samples::record("b-2", "customs")}) {
        EXPECT_EQ(reason_of_bundle(samples::bundle_text({samples::record("b-1"), other})), "mixed_bundle");
    }
}

TEST(Statement, RefusesOneIdTwiceInABundle) {
    json::object other = samples::record("b-1");
    other["subject"] = "other";
    EXPECT_EQ(reason_of_bundle(samples::bundle_text(
                  {samples::record("b-1"), samples::record("b-2"), samples::record("b-1")})),
              "repeated_record");
    const std::string text = samples::bundle_text({samples::record("b-1"), other});
    EXPECT_EQ(reason_of_bundle(text), "other fault: other_content");
}

TEST(Statement, SaysWhichRecordOfABundleIsWrong) {
    json::object wrong = samples::record("b-2");
    wrong["time"] = "yesterday";
    json::object header = good_header();
    header["cty"] = "application/cloudevents-batch+json";
    const Result<Statement> statement = parse_statement(
        signed_as(json::serialize(header), samples::bundle_text({samples::record("b-1"), wrong})));
    ASSERT_FALSE(statement);
    EXPECT_EQ(statement.error().reason, "bad_time");
    EXPECT_EQ(statement.error().detail.substr(0, 22), "record 1 of the bundle");
}

TEST(Statement, NestingCountsFromEachRecord) {
    const auto deep = [](std::string_view id, std::size_t levels) {
        json::object event = samples::record(id);
        json::value value = nullptr;
        // The record and its data are two levels.
        for (std::size_t i = 2; i < levels; ++i) value = json::array{value};
        event["data"].as_object()["deep"] = value;
        return event;
    };
    for (const bool too_deep : {false, true}) {
        const std::size_t levels = max_json_depth + (too_deep ? 1 : 0);
        const char* expected = too_deep ? "too_deep" : "accepted";
        EXPECT_EQ(reason_of(signed_as(json::serialize(good_header()), samples::text(deep("d-1", levels)))),
                  expected);
        EXPECT_EQ(reason_of_bundle(samples::bundle_text({deep("d-1", levels), samples::record("d-2")})),
                  expected);
    }
}

TEST(Statement, IsBounded) {
    const auto sized = [](std::size_t filling) {
        json::object event = samples::record("t-10");
        event["data"].as_object()["text"] = std::string(filling, 'x');
        return sign_statement(samples::key_named("customs.haiphong/1"), samples::origin, samples::text(event),
                              false);
    };
    EXPECT_EQ(reason_of(sized(48'000)), "accepted");
    EXPECT_EQ(reason_of(sized(49'000)), "other fault: entry_too_large");
    EXPECT_EQ(parse_statement(sized(49'000)).error().fault, Fault::too_large);
    EXPECT_EQ(reason_of(std::string(max_statement_bytes, 'A')), "malformed_statement");
    EXPECT_EQ(reason_of(std::string(max_statement_bytes + 1, 'A')), "other fault: entry_too_large");
}

// Some change of one place, as a faulty copy or a forger would make it.
std::string mutated(std::string text) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 5)) {
        case 0:
            text[at] = *rc::gen::elementOf(std::string(base64url_alphabet) + ".=+/ \n");
            break;
        case 1:
            text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
            break;
        case 2:
            text.erase(at, *rc::gen::inRange<std::size_t>(1, 5));
            break;
        case 3:
            text.insert(at, 1, *rc::gen::elementOf(std::string(base64url_alphabet) + ".="));
            break;
        default:
            std::swap(text[at], text[*rc::gen::inRange<std::size_t>(0, text.size())]);
            break;
    }
    return text;
}

RC_GTEST_PROP(Statement, NoOtherBytesAreParsedAndVerified, (bool bundle)) {
    const std::string original = bundle ? good_bundle() : good_statement();
    std::string changed = original;
    for (int changes = *rc::gen::inRange(1, 4); changes > 0; --changes) changed = mutated(changed);
    const Result<Statement> statement = parse_statement(changed);
    if (!statement) {
        RC_ASSERT(changed != original);
        RC_ASSERT(!statement.error().reason.empty());
        return;
    }
    const PublicKey key = samples::key_named("customs.haiphong/1").key.public_key();
    RC_ASSERT(verify_signature(*statement, key) == (changed == original));
}

// Well-signed nonsense: reaches the parsers of header and payload, which a random change of base64 seldom
// does.
RC_GTEST_PROP(Statement, TakesAnyPayload, (bool bundle)) {
    json::object header = good_header();
    if (bundle) header["cty"] = "application/cloudevents-batch+json";
    std::string content =
        bundle ? samples::bundle_text({samples::record("b-1"), samples::record("b-2")}) : payload();
    content = mutated(mutated(content));
    const Result<Statement> statement = parse_statement(signed_as(json::serialize(header), content));
    RC_ASSERT((statement ? !statement->records.empty() : !statement.error().reason.empty()));
}

}  // namespace
}  // namespace socai::ledger
