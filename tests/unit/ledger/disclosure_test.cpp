// Disclosures and commitments (ledger/disclosure.hpp, RFC 9901 §4.2).
#include "ledger/disclosure.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <set>

#include "ledger/base64.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

std::string reason_of(std::string_view text) {
    const auto parsed = parse_disclosure(text);
    return parsed ? "accepted" : parsed.error().reason;
}
std::string reason_of_json(std::string_view text) {
    return reason_of(base64url(text));
}

// A disclosure and its digest as the RFC prints them (§4.2.1, §4.2.3).
TEST(Disclosure, IsHashedAsTheRfcDoes) {
    const auto parsed =
        parse_disclosure("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0");
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(parsed->name, "family_name");
    EXPECT_EQ(parsed->value, "Möbius");
    EXPECT_EQ(commitment_text(parsed->digest), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    EXPECT_EQ(parse_commitment("X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"), parsed->digest);
}

TEST(Disclosure, IsMadeWithASaltOfItsOwn) {
    std::set<std::string> texts;
    for (int i = 0; i < 100; ++i) {
        const Disclosure made = make_disclosure("finding", json::array{"lead", 12});
        EXPECT_TRUE(texts.insert(made.text).second);
        const auto read = parse_disclosure(made.text);
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(read->name, "finding");
        EXPECT_EQ(read->value, (json::array{"lead", 12}));
        EXPECT_EQ(read->digest, made.digest);
    }
}

TEST(Disclosure, RefusesRubbish) {
    EXPECT_EQ(reason_of(""), "malformed_disclosure");
    EXPECT_EQ(reason_of("a+b"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json("{}"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["0123456789012345678901","finding"])"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["0123456789012345678901","finding",1,2])"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["012345678901234567890","finding",1])"), "malformed_disclosure") << "short salt";
    EXPECT_EQ(reason_of_json(R"(["01234567890123456789.1","finding",1])"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["0123456789012345678901","_sd",1])"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["0123456789012345678901","...",1])"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["0123456789012345678901",7,1])"), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["0123456789012345678901","finding",1.5])"), "malformed_disclosure");
    EXPECT_EQ(reason_of(std::string(max_disclosure_bytes + 1, 'A')), "malformed_disclosure");
    EXPECT_EQ(reason_of_json(R"(["0123456789012345678901","finding",null])"), "accepted");
    EXPECT_FALSE(parse_commitment("short"));
    EXPECT_FALSE(parse_commitment(std::string(43, '=')));
}

// A record with these commitments in data.
Record committing(const std::vector<Disclosure>& disclosures, json::object more = {}) {
    json::object event = samples::record("t-10");
    json::array list;
    for (const Disclosure& each : disclosures) list.emplace_back(commitment_text(each.digest));
    event["data"].as_object()["_sd"] = std::move(list);
    for (auto& member : more) event["data"].as_object()[member.key()] = member.value();
    return parse_record(samples::text(event)).value();
}

TEST(Disclosure, StandsInTheRecordsPlace) {
    const Disclosure one = make_disclosure("reason", "as weighed");
    const Disclosure two = make_disclosure("basis", json::array{"x"});
    const Disclosure foreign = make_disclosure("note", 1);
    const Record record = committing({one, two});
    ASSERT_EQ(record.commitments, (std::vector<Hash>{one.digest, two.digest}));
    const std::vector told{one, foreign};
    const Record whole = opened(record, told).value();
    EXPECT_EQ(whole.data().at("reason"), "as weighed");
    EXPECT_FALSE(whole.data().contains("note")) << "nobody committed to it";
    EXPECT_FALSE(whole.data().contains("basis"));
    EXPECT_FALSE(whole.data().contains("_sd"));
    EXPECT_TRUE(whole.commitments.empty());
    EXPECT_EQ(whole.digest, record.digest);
}

TEST(Disclosure, TakesNoMembersPlace) {
    const Disclosure one = make_disclosure("reason", "as weighed");
    const Disclosure again = make_disclosure("reason", "otherwise");
    const std::vector both{one, again};
    EXPECT_EQ(opened(committing(both), both).error().reason, "malformed_disclosure");
    EXPECT_EQ(opened(committing({one}, {{"reason", "in clear"}}), both).error().reason, "malformed_disclosure");
}

}  // namespace
}  // namespace socai::ledger
