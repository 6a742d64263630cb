#include "ledger/record.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <functional>

#include "tests/project_folder.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

using Change = std::function<void(json::object&)>;

// The reason for which a good record, changed by `change`, is refused.
std::string reason_after(const Change& change) {
    json::object event = samples::record("t-10");
    change(event);
    const Result<Record> record = parse_record(samples::text(event));
    if (record) return "accepted";
    EXPECT_EQ(record.error().fault, Fault::invalid_statement);
    EXPECT_FALSE(record.error().detail.empty());
    return record.error().reason;
}

std::string reason_with(std::string_view name, const json::value& value) {
    return reason_after([&](json::object& event) { event[name] = value; });
}

std::string reason_with_data(std::string_view name, const json::value& value) {
    return reason_after([&](json::object& event) { event["data"].as_object()[name] = value; });
}

json::object reference(std::string_view rel, std::string_view source, std::string_view id) {
    return {{"rel", rel}, {"source", source}, {"id", id}};
}

TEST(Record, IsRead) {
    json::object event = samples::record("t-10");
    samples::refer(event, "about", "customs.haiphong", "t-05");
    const std::string bytes = samples::text(event);
    const Record record = parse_record(bytes).value();
    EXPECT_EQ(record.id, "t-10");
    EXPECT_EQ(record.source, "customs.haiphong");
    EXPECT_EQ(record.type, "vn.socai.clearance_decision.v1");
    EXPECT_EQ(record.kind(), "clearance_decision");
    EXPECT_EQ(record.version(), 1u);
    EXPECT_EQ(record.subject, "104000123450");
    EXPECT_EQ(record.time, "2021-09-30T23:00:00+00:00");
    EXPECT_EQ(record.time_ms, 1'633'042'800'000);
    EXPECT_EQ(record.data().at("decision"), "cleared");
    EXPECT_EQ(record.digest, sha256(bytes));
    ASSERT_EQ(record.refs.size(), 1u);
    EXPECT_EQ(record.refs[0].rel, "about");
    EXPECT_EQ(record.refs[0].source, "customs.haiphong");
    EXPECT_EQ(record.refs[0].id, "t-05");
}

TEST(Record, DigestLeavesOutWhiteSpaceAroundIt) {
    const std::string bytes = samples::text(samples::record("t-10"));
    EXPECT_EQ(parse_record(" " + bytes + "\r\n").value().digest, sha256(bytes));
}

TEST(Record, EveryRecordOfTheSampleShipmentsIsGood) {
    std::size_t count = 0;
    for (const char* name : {"shipment_toys.jsonl", "shipment_mangosteen.jsonl"}) {
        std::ifstream file(project_file("data/") + name);
        for (std::string line; std::getline(file, line); ++count) {
            const Result<Record> record = parse_record(line);
            EXPECT_TRUE(record) << line << "\n" << record.error().detail;
        }
    }
    EXPECT_EQ(count, 40u);
}

TEST(Record, IsAnObjectOfExactlyTheAttributes) {
    EXPECT_EQ(parse_record("[]").error().reason, "record_not_object");
    EXPECT_EQ(parse_record("{").error().reason, "not_json");
    EXPECT_EQ(reason_with("dataschema", "urn:x"), "attribute_unknown");
    EXPECT_EQ(reason_with("data_base64", "AA=="), "attribute_unknown");
    for (const char* name :
         {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"}) {
        EXPECT_EQ(reason_after([&](json::object& event) { event.erase(name); }), "attribute_missing") << name;
    }
}

TEST(Record, RefusesWrongAttributes) {
    EXPECT_EQ(reason_with("specversion", "1.1"), "wrong_specversion");
    EXPECT_EQ(reason_with("datacontenttype", "text/plain"), "wrong_datacontenttype");
    for (const json::value& id : {json::value(""), json::value("a b"), json::value("đ"), json::value("a/b"),
                                  json::value(std::string(65, 'a')), json::value(7)}) {
        EXPECT_EQ(reason_with("id", id), "bad_id") << id;
    }
    EXPECT_EQ(reason_with("id", "AZaz09._:-"), "accepted");
    EXPECT_EQ(reason_with("id", json::value(std::string(64, 'a'))), "accepted");
    for (const json::value& source :
         {json::value(""), json::value("Customs"), json::value("customs."), json::value(".customs"),
          json::value("customs..nsw"), json::value("customs/nsw"), json::value(std::string(65, 'a')),
          json::value(nullptr)}) {
        EXPECT_EQ(reason_with("source", source), "bad_source") << source;
    }
    EXPECT_EQ(reason_with("source", "cab.cn-09"), "accepted");
    for (const char* type : {"", "alert", "vn.socai.alert", "vn.socai.alert.v", "vn.socai.alert.v0",
                             "vn.socai.alert.v01", "vn.socai.alert.1", "vn.socai..v1", "vn.socai.Alert.v1",
                             "vn.socai.a.b.v1", "vn.socai.alert.v1 ", "vn.socai.alert.v12345"}) {
        EXPECT_EQ(reason_with("type", type), "bad_type") << type;
    }
    EXPECT_EQ(reason_with("type", "vn.socai.alert.v12"), "accepted");
    for (const json::value& subject :
         {json::value(""), json::value("a\nb"), json::value("\u007f"), json::value("a\u0085b"),
          json::value(std::string(257, 'a')), json::value(1)}) {
        EXPECT_EQ(reason_with("subject", subject), "bad_subject") << subject;
    }
    EXPECT_EQ(reason_with("subject", "Số 12/Đ"), "accepted");
    for (const json::value& time : {json::value("2021-09-30"), json::value("2021-09-30T10:00:00"),
                                    json::value("2021-02-30T10:00:00Z"), json::value(1'633'042'800)}) {
        EXPECT_EQ(reason_with("time", time), "bad_time") << time;
    }
}

TEST(Record, RefusesWrongData) {
    EXPECT_EQ(reason_with("data", "text"), "bad_data");
    EXPECT_EQ(reason_with("data", json::array()), "bad_data");
    EXPECT_EQ(reason_after([](json::object& event) { event["data"].as_object().erase("refs"); }), "bad_refs");
    EXPECT_EQ(reason_with_data("refs", nullptr), "bad_refs");
    EXPECT_EQ(reason_with_data("refs", json::array{"t-05"}), "bad_refs");
    const auto with_reference = [](const json::object& item) {
        return reason_with_data("refs", json::array{item});
    };
    EXPECT_EQ(with_reference(reference("about", "customs", "t-05")), "accepted");
    EXPECT_EQ(with_reference(reference("near", "customs", "t-05")), "unknown_relation");
    EXPECT_EQ(with_reference(reference("about", "Customs", "t-05")), "bad_refs");
    EXPECT_EQ(with_reference(reference("about", "customs", "t 05")), "bad_refs");
    EXPECT_EQ(with_reference({{"rel", "about"}, {"source", "customs"}}), "bad_refs");
    EXPECT_EQ(with_reference({{"rel", "about"}, {"source", "customs"}, {"id", 5}}), "bad_refs");
    json::object longer = reference("about", "customs", "t-05");
    longer["note"] = "x";
    EXPECT_EQ(with_reference(longer), "bad_refs");

    EXPECT_EQ(reason_with_data("legal_basis", json::array{"NĐ 85/2019 Đ24.1.b"}), "accepted");
    EXPECT_EQ(reason_with_data("legal_basis", json::array()), "accepted");
    EXPECT_EQ(reason_with_data("legal_basis", "NĐ 85/2019"), "bad_legal_basis");
    EXPECT_EQ(reason_with_data("legal_basis", json::array{1}), "bad_legal_basis");
    EXPECT_EQ(reason_with_data("legal_basis", json::array{""}), "bad_legal_basis");

}

// Commitments (RFC 9901) stand in data itself, each once.
TEST(Record, ReadsCommitments) {
    const std::string a(43, 'A'), e = std::string(42, 'A') + "E";
    EXPECT_EQ(reason_with_data("_sd", json::array{a, e}), "accepted");
    EXPECT_EQ(reason_with_data("_sd", json::array()), "bad_commitments");
    EXPECT_EQ(reason_with_data("_sd", json::value(a)), "bad_commitments");
    EXPECT_EQ(reason_with_data("_sd", json::array{a, a}), "bad_commitments");
    EXPECT_EQ(reason_with_data("_sd", json::array{1}), "bad_commitments");
    EXPECT_EQ(reason_with_data("_sd", json::array{a + "A"}), "bad_commitments");
    EXPECT_EQ(reason_with_data("_sd", json::array{std::string(42, 'A') + "B"}), "bad_commitments") << "spare bits";
    json::array many;
    for (std::size_t i = 0; i <= max_commitments; ++i) {
        std::string text = a;
        text[0] = static_cast<char>('A' + i % 26);
        text[1] = static_cast<char>('A' + i / 26);
        many.emplace_back(text);
    }
    EXPECT_EQ(reason_with_data("_sd", many), "bad_commitments");
    many.pop_back();
    EXPECT_EQ(reason_with_data("_sd", many), "accepted");
    EXPECT_EQ(reason_with_data("importer", json::array{json::object{{"_sd", 1}}}), "reserved_member");
    EXPECT_EQ(reason_with("_sd", json::array{a}), "attribute_unknown");
}

TEST(Record, KnowsEveryRelation) {
    for (const char* rel : {"under", "about", "for", "carries", "supported_by", "decides", "based_on",
                            "caused_by", "because_of", "supersedes", "closes"}) {
        EXPECT_EQ(reason_with_data("refs", json::array{reference(rel, "customs", "t-05")}), "accepted")
            << rel;
    }
}

TEST(Record, HasNoKindWithoutAType) {
    const Record record;
    EXPECT_EQ(record.kind(), "");
    EXPECT_EQ(record.version(), 0u);
}

}  // namespace
}  // namespace socai::ledger
