#include "bad_statements.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "clients.hpp"
#include "ledger/base64.hpp"
#include "ledger/statement.hpp"
#include "ledger/time.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

constexpr std::string_view single = "application/cloudevents+json";
constexpr std::string_view bundle = "application/cloudevents-batch+json";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

// Signed at a fixed time, so that it has the same bytes whenever it is made.
std::string standing_record(const std::string& source) {
    return risk_signal(source, "known-1", "", *ledger::parse_rfc3339("2026-01-01T00:00:00Z"));
}

// Makes statements of one source, well signed unless asked otherwise.
class Forge {
  public:
    Forge(const LocalCluster& cluster, const std::string& source)
        : source_(source),
          key_(cluster.key(source)),
          other_(cluster.key("most")),
          origin_(cluster.origin()) {}

    json::object header(std::string_view cty = single) const {
        return {{"alg", "EdDSA"}, {"kid", key_.kid}, {"typ", "socai+jws"}, {"aud", origin_}, {"cty", cty}};
    }
    json::object header_with(std::string_view name, std::string_view value) const {
        json::object changed = header();
        changed[name] = value;
        return changed;
    }
    json::object header_without(std::string_view name) const {
        json::object changed = header();
        changed.erase(name);
        return changed;
    }

    std::string record(std::string_view id = "bad-1") const { return risk_signal(source_, id); }

    std::string statement(std::string_view header, std::string_view payload) const {
        return sign(header, payload, key_);
    }
    std::string statement(const json::object& header) const {
        return statement(json::serialize(header), record());
    }
    std::string of(std::string_view payload) const { return statement(json::serialize(header()), payload); }
    std::string bundle_of(std::string_view payload) const {
        return statement(json::serialize(header(bundle)), payload);
    }
    std::string signed_by_another() const { return sign(json::serialize(header()), record(), other_); }

    const std::string& source() const { return source_; }

  private:
    static std::string sign(std::string_view header, std::string_view payload, const ledger::Jwk& key) {
        const std::string input = ledger::base64url(header) + "." + ledger::base64url(payload);
        const ledger::Signature signature = key.key.sign(input);
        return input + "." +
               ledger::base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
    }

    std::string source_;
    const ledger::Jwk& key_;
    const ledger::Jwk& other_;
    std::string origin_;
};

// Collects the list: one line a case.
class List {
  public:
    void invalid(std::string name, std::string reason, std::string text) {
        add(std::move(name), code::invalid_statement, std::move(reason), std::move(text));
    }
    void add(std::string name, int code, std::string reason, std::string text) {
        list_.push_back({std::move(name), code, std::move(reason), std::move(text)});
    }
    std::vector<BadStatement> take() && { return std::move(list_); }

  private:
    std::vector<BadStatement> list_;
};

void add_serialisations(const Forge& forge, List& list) {
    const std::string good = forge.of(forge.record());
    const std::size_t first_dot = good.find('.');
    const std::size_t second_dot = good.rfind('.');
    list.invalid("no JWS at all", "malformed_statement", "a record, honestly");
    list.invalid("a JWS of two parts", "malformed_statement", good.substr(0, second_dot));
    list.invalid("a JWS of four parts", "malformed_statement", good + ".AAAA");
    list.invalid("padding after the signature", "bad_base64url", good + "==");
    list.invalid("padding after the header", "bad_base64url", std::string(good).insert(first_dot, "="));
    // 64 bytes end in a character of which two bits count: "B" for "A" respells the same signature.
    std::string spare = good;
    spare.back() = static_cast<char>(spare.back() + 1);
    list.invalid("spare bits set in the signature", "bad_base64url", spare);
    list.invalid("a new line at the end", "bad_base64url", good + "\n");
    list.invalid("a space before", "bad_base64url", " " + good);
    list.invalid("white space in the payload", "bad_base64url",
                 std::string(good).insert(first_dot + 9, "\n"));
    list.invalid("the other base64 alphabet", "bad_base64url",
                 std::string(good).replace(first_dot + 9, 1, "+"));
    list.invalid("a signature of 63 bytes", "malformed_signature",
                 good.substr(0, second_dot + 1) + ledger::base64url(std::string(63, '\1')));
}

void add_headers(const Forge& forge, List& list) {
    list.invalid("a header member too many", "header_member_unknown",
                 forge.statement(forge.header_with("crit", "exp")));
    for (const std::string_view name : {"alg", "kid", "typ", "aud", "cty"})
        list.invalid("no " + std::string(name) + " in the header", "header_member_missing",
                     forge.statement(forge.header_without(name)));
    for (const std::string_view alg : {"none", "ES256", "HS256", "eddsa", "ED25519"})
        list.invalid("alg " + std::string(alg), "unsupported_algorithm",
                     forge.statement(forge.header_with("alg", alg)));
    list.invalid("another typ", "wrong_type", forge.statement(forge.header_with("typ", "JWT")));
    list.invalid("another cty", "wrong_content_type",
                 forge.statement(forge.header_with("cty", "application/json")));
    list.invalid("a statement for another ledger", "wrong_audience",
                 forge.statement(forge.header_with("aud", "ledger.example.vn/other")));
    list.invalid("an unknown key", "unknown_kid",
                 forge.statement(forge.header_with("kid", forge.source() + "/record-2")));
    const std::string header = json::serialize(forge.header());
    list.invalid(
        "kid twice in the header", "duplicate_name",
        forge.statement(replaced(header, R"("typ")", R"("kid":"moit/record-1","typ")"), forge.record()));
    list.invalid("a header that is no object", "malformed_header", forge.statement("[]", forge.record()));
    list.invalid("a header that is not JSON", "not_json", forge.statement("{", forge.record()));
}

void add_signatures(const Forge& forge, List& list) {
    const std::string good = forge.of(forge.record());
    const std::size_t first_dot = good.find('.');
    const std::size_t second_dot = good.rfind('.');
    list.invalid("a signature of another key", "bad_signature", forge.signed_by_another());
    list.invalid("a signature of zeros", "bad_signature",
                 good.substr(0, second_dot + 1) + ledger::base64url(std::string(64, '\0')));
    list.invalid("an altered payload", "bad_signature",
                 good.substr(0, first_dot + 1) +
                     ledger::base64url(replaced(forge.record(), R"("low")", R"("high")")) +
                     good.substr(second_dot));
    list.invalid(
        "an altered header", "bad_signature",
        ledger::base64url(json::serialize(forge.header_with("alg", "Ed25519"))) + good.substr(first_dot));
}

void add_payloads(const Forge& forge, List& list) {
    const auto with = [&](std::string_view member) {
        return forge.of(replaced(forge.record(), R"("severity":"low")", member));
    };
    list.invalid("a payload that is not JSON", "not_json", forge.of("{\"id\":"));
    list.invalid("a payload after the payload", "not_json", forge.of(forge.record() + "{}"));
    list.invalid("a payload that is no object", "record_not_object", forge.of("\"text\""));
    list.invalid("a name twice", "duplicate_name", with(R"("severity":"low","severity":"high")"));
    list.invalid("a name twice, once escaped", "duplicate_name",
                 with(R"("severity":"low","severit\u0079":"high")"));
    list.invalid("bytes that are not UTF-8", "invalid_utf8", with("\"severity\":\"\xC3\x28\""));
    list.invalid("an overlong UTF-8 form", "invalid_utf8", with("\"severity\":\"\xC0\xAF\""));
    list.invalid("a surrogate in UTF-8", "invalid_utf8", with("\"severity\":\"\xED\xA0\x80\""));
    list.invalid("a lone high surrogate", "lone_surrogate", with(R"("severity":"\ud83d")"));
    list.invalid("a lone low surrogate", "lone_surrogate", with(R"("severity":"\ude00")"));
    list.invalid("a fraction", "fraction", with(R"("severity":0.5)"));
    list.invalid("an exponent", "fraction", with(R"("severity":1e3)"));
    list.invalid("an integer beyond 2^53", "integer_range", with(R"("severity":9007199254740993)"));
    list.invalid("nesting of 40 levels", "too_deep",
                 with("\"severity\":" + std::string(40, '[') + std::string(40, ']')));
    list.invalid("an attribute that records do not have", "attribute_unknown",
                 forge.of(replaced(forge.record(), R"("specversion")", R"("traceid":"1","specversion")")));
    list.invalid("a record without a subject", "attribute_missing",
                 forge.of(replaced(forge.record(), R"("subject":"bad-1",)", "")));
    list.invalid("a kind that nobody knows", "unknown_kind",
                 forge.of(replaced(forge.record(), "risk_signal", "weather_report")));
    list.invalid("a version that is not in force", "unknown_version",
                 forge.of(replaced(forge.record(), "risk_signal.v1", "risk_signal.v2")));
}

// What the rules of its kind say of a record (inspection/records).
void add_kinds(const Forge& forge, List& list) {
    const auto data_with = [&](std::string_view name, const json::value& value) {
        json::object record = json::parse(forge.record()).as_object();
        record["data"].as_object()[name] = value;
        return forge.of(json::serialize(record));
    };
    list.invalid("a member that its kind does not have", "schema_violation", data_with("colour", "red"));
    list.invalid("a word that its kind does not have", "schema_violation", data_with("severity", "grave"));
    list.invalid("an HS code of three digits", "schema_violation", data_with("hs_code", "950"));
    list.invalid("a tax code with another check digit", "schema_violation",
                 data_with("importer_tax_code", "9900000017"));
    list.invalid("a day that there is not", "schema_violation", data_with("valid_to", "2026-02-30"));
    const auto of_kind = [&](std::string_view kind, const json::object& data) {
        json::object record = json::parse(forge.record()).as_object();
        record["type"] = "vn.socai." + std::string(kind) + ".v1";
        if (const json::value* number = data.if_contains("declaration_no")) record["subject"] = *number;
        record["data"] = data;
        return forge.of(json::serialize(record));
    };
    list.add("a clearance by who is no customs office", code::forbidden, "writer_not_entitled",
             of_kind("clearance_decision",
                     {{"declaration_no", "104000123450"},
                      {"decision", "refused"},
                      {"refs", json::array{json::object{
                                   {"rel", "about"}, {"source", forge.source()}, {"id", "known-1"}}}}}));
    list.add("a violation about a risk signal", code::refused, "wrong_reference",
             of_kind("violation",
                     {{"case_no", "bad-1"},
                      {"found_in", "market_surveillance"},
                      {"finding", "none"},
                      {"severity", "minor"},
                      {"refs", json::array{json::object{
                                   {"rel", "about"}, {"source", forge.source()}, {"id", "known-1"}}}}}));
    list.add("an erasure of nothing", code::refused, "wrong_reference",
             of_kind("erasure", {{"decision_no", "1"}, {"reason", "none"}, {"refs", json::array()}}));
    list.add("a record of another source superseded", code::refused, "wrong_reference",
             forge.of(replaced(forge.record(), R"("refs":[])",
                               R"("refs":[{"rel":"supersedes","source":"most","id":"known-1"}])")));
}

void add_state(const Forge& forge, List& list) {
    json::object future = json::parse(forge.record()).as_object();
    future["time"] = ledger::format_rfc3339(now_ms() + 10 * 60 * 1'000);
    list.invalid("a time in the future", "future_time", forge.of(json::serialize(future)));
    list.add("other bytes under a known id", code::conflict, "other_content",
             forge.of(forge.record("known-1")));
    list.add("a source that the key may not speak for", code::forbidden, "source_not_allowed",
             forge.of(risk_signal("most", "bad-1")));
    const auto refers_to = [&](const std::string& id) {
        return replaced(
            forge.record(), R"("refs":[])",
            R"("refs":[{"rel":"about","source":")" + forge.source() + R"(","id":")" + id + "\"}]");
    };
    list.invalid("a reference to nothing", "unknown_reference", forge.of(refers_to("nobody")));
    list.invalid("a reference to itself", "unknown_reference", forge.of(refers_to("bad-1")));
    list.invalid("a relation that nobody knows", "unknown_relation",
                 forge.of(replaced(refers_to("known-1"), R"("about")", R"("near")")));
}

void add_bundles(const Forge& forge, List& list) {
    const std::string one = forge.record("bad-1");
    const std::string two = forge.record("bad-2");
    list.invalid("a bundle of several kinds", "mixed_bundle",
                 forge.bundle_of("[" + one + "," + replaced(two, "risk_signal", "alert") + "]"));
    list.invalid("a bundle of several sources", "mixed_bundle",
                 forge.bundle_of("[" + one + "," + risk_signal("most", "bad-2") + "]"));
    list.invalid("a bundle of one record", "bundle_size", forge.bundle_of("[" + one + "]"));
    list.invalid("an empty bundle", "bundle_size", forge.bundle_of("[]"));
    list.invalid("a bundle that is no array", "payload_not_array", forge.bundle_of(one));
    list.invalid("an array that says it is one record", "record_not_object",
                 forge.of("[" + one + "," + two + "]"));
    list.invalid("a record twice in a bundle", "repeated_record",
                 forge.bundle_of("[" + one + "," + one + "]"));
    list.add("a bundle with a known record", code::conflict, "known_records",
             forge.bundle_of("[" + one + "," + standing_record(forge.source()) + "]"));
    list.add("a bundle with other bytes under a known id", code::conflict, "other_content",
             forge.bundle_of("[" + one + "," + forge.record("known-1") + "]"));
    list.add("an entry over 65,535 bytes", code::too_large, "entry_too_large",
             forge.of(risk_signal(forge.source(), "bad-1", std::string(50'000, 'x'))));
}

}  // namespace

std::vector<std::string> standing_statements(const LocalCluster& cluster) {
    return {statement_of(cluster, "moit", standing_record("moit"))};
}

std::vector<BadStatement> bad_statements(const LocalCluster& cluster) {
    const Forge forge(cluster, "moit");
    List list;
    add_serialisations(forge, list);
    add_headers(forge, list);
    add_signatures(forge, list);
    add_payloads(forge, list);
    add_kinds(forge, list);
    add_state(forge, list);
    add_bundles(forge, list);
    return std::move(list).take();
}

}  // namespace socai::cluster_tests
