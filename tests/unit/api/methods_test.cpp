// Every method through a real server: what it gives, and how it refuses.
#include "api/method.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/disclosure.hpp"
#include "matrix_ledger.hpp"
#include "server_test.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

class MethodsTest : public ServerTest {
  protected:
    void SetUp() override {
        ServerTest::SetUp();
        backend.append({record_text("a")});
        backend.append({record_text("b"), record_text("c", "D-2")});
        start();
        client.emplace(port());
    }
    void expect_error(std::string_view method, std::string_view params, int code, std::string_view reason) {
        const json::object error = client->error(method, json::parse({params.data(), params.size()}));
        EXPECT_EQ(error.at("code"), code) << json::serialize(error);
        EXPECT_EQ(error.at("data").at("reason"), json::string_view(reason.data(), reason.size()))
            << json::serialize(error);
        // Whatever JSON-RPC's own codes answer with is the API's own, and listed.
        if (code <= -32600) {
            EXPECT_TRUE(std::ranges::any_of(api_reasons(), [&](const Reason& listed) {
                return listed.word == reason && listed.code == Code{code};
            })) << reason;
        }
        EXPECT_TRUE(error.at("data").at("retryable").is_bool());
        EXPECT_FALSE(error.at("data").at("detail").as_string().empty());
    }

    std::optional<RpcClient> client;
};

TEST_F(MethodsTest, GetsALeafByIndex) {
    const json::value leaf = client->result("ledger.get", {{"index", 0}});
    EXPECT_EQ(leaf.at("index"), 0);
    EXPECT_EQ(leaf.at("time"), 1'000);
    EXPECT_EQ(leaf.at("status"), "committed");
    EXPECT_EQ(leaf.at("statement").as_string(), backend.leaf(0)->statement);
    EXPECT_EQ(leaf.at("records"), json::array({{{"n", 0}, {"record", json::parse(record_text("a"))}}}));
    EXPECT_EQ(leaf.at("as_of"),
              json::parse(R"({"size":2,"final_size":2,"time":1001,"leader_contact_ms":3})"));
    EXPECT_FALSE(leaf.as_object().contains("n"));
}

TEST_F(MethodsTest, GetsABundleWholeOrOneRecordOfIt) {
    EXPECT_EQ(client->result("ledger.get", {{"index", 1}}).at("records").as_array().size(), 2U);
    EXPECT_EQ(client->result("ledger.get", {{"index", "1"}}).at("records").as_array().size(), 2U);
    for (const json::value& params :
         {json::value{{"index", "1.1"}}, json::value{{"source", "customs"}, {"id", "c"}}}) {
        const json::value leaf = client->result("ledger.get", params);
        EXPECT_EQ(leaf.at("n"), 1);
        ASSERT_EQ(leaf.at("records").as_array().size(), 1U);
        EXPECT_EQ(leaf.at("records").at(0).at("n"), 1);
        EXPECT_EQ(leaf.at("records").at(0).at("record").at("id"), "c");
    }
    EXPECT_FALSE(
        client->result("ledger.get", {{"source", "customs"}, {"id", "a"}}).as_object().contains("n"));
}

TEST_F(MethodsTest, GetRefuses) {
    expect_error("ledger.get", R"({"index":2})", -32007, "not_found");
    expect_error("ledger.get", R"({"index":"1.2"})", -32007, "not_found");
    expect_error("ledger.get", R"({"source":"customs","id":"zz"})", -32007, "no_such_record");
    expect_error("ledger.get", "{}", -32602, "missing_parameter");
    expect_error("ledger.get", R"({"source":"customs"})", -32602, "missing_parameter");
    expect_error("ledger.get", R"({"index":1,"id":"a"})", -32602, "exclusive_parameters");
    expect_error("ledger.get", R"({"index":"1,2"})", -32602, "malformed_value");
    expect_error("ledger.get", R"({"index":1,"min_siz":1})", -32602, "unknown_parameter");
}

TEST_F(MethodsTest, QueriesWithFilterAndPages) {
    const json::value page = client->result("ledger.query", json::parse(R"({"type":"vn.socai.dossier.v1",
        "source":"customs","subject":"D-1","dossier_no":"D-1","declaration_no":"1","hs_prefix":"95","tax_code":"01",
        "goods_key":"sha256:x","from_time":"2021-01-01T00:00:00Z","to_time":"2022-01-01T00:00:00Z","from_index":1,
        "order":"desc","limit":1})"));
    ASSERT_EQ(page.at("items").as_array().size(), 1U);
    const json::value& item = page.at("items").at(0);
    EXPECT_EQ(item.at("index"), 1);
    EXPECT_EQ(item.at("n"), 0);
    EXPECT_EQ(item.at("time"), 1'001);
    EXPECT_EQ(item.at("record").at("id"), "b");
    EXPECT_EQ(item.at("status"), "committed");
    EXPECT_EQ(page.at("next_cursor"), "1");
    const QueryRequest asked = backend.last_query();
    EXPECT_TRUE(asked.descending);
    EXPECT_EQ(asked.filter.hs_prefix, "95");
    EXPECT_EQ(asked.filter.from_time_ms, 1'609'459'200'000);
    EXPECT_EQ(asked.from_index, 1U);

    const json::value all = client->result("ledger.query", {{"cursor", "abc"}});
    EXPECT_EQ(all.at("items").as_array().size(), 3U);
    EXPECT_FALSE(all.as_object().contains("next_cursor"));
    EXPECT_EQ(backend.last_query().cursor, "abc");
    EXPECT_EQ(backend.last_query().limit, 100U);
}

TEST_F(MethodsTest, QueryRefuses) {
    expect_error("ledger.query", R"({"limit":0})", -32602, "out_of_range");
    expect_error("ledger.query", R"({"limit":1001})", -32602, "out_of_range");
    expect_error("ledger.query", R"({"hs_prefix":"123456789"})", -32602, "malformed_value");
    expect_error("ledger.query", R"({"order":"up"})", -32602, "malformed_value");
    expect_error("ledger.query", R"({"from_time":"2021"})", -32602, "malformed_value");
    expect_error("ledger.query", R"({"from_time":"2022-01-01T00:00:00Z","to_time":"2021-01-01T00:00:00Z"})",
                 -32602, "out_of_range");
    expect_error("ledger.query", json::serialize(json::object{{"subject", std::string(300, 'x')}}), -32602,
                 "out_of_range");
}

TEST_F(MethodsTest, ProvesAndShowsTheCheckpoint) {
    const json::value inclusion = client->result("ledger.prove_inclusion", {{"index", 1}});
    EXPECT_EQ(inclusion.at("size"), 2);
    EXPECT_EQ(inclusion.at("leaf_hash").as_string().size(), 44U);
    EXPECT_EQ(inclusion.at("hashes").at(0), "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    EXPECT_TRUE(inclusion.as_object().contains("root"));
    const json::value consistency = client->result("ledger.prove_consistency", {{"from_size", 1}});
    EXPECT_EQ(consistency.at("from_size"), 1);
    EXPECT_EQ(consistency.at("to_size"), 2);
    EXPECT_EQ(consistency.at("hashes").as_array().size(), 1U);
    EXPECT_TRUE(
        client->result("ledger.checkpoint").at("checkpoint").as_string().starts_with("ledger.test\n2\n"));
    expect_error("ledger.prove_inclusion", R"({"index":2})", -32007, "not_found");
    expect_error("ledger.prove_inclusion", "{}", -32602, "missing_parameter");
    expect_error("ledger.prove_consistency", R"({"from_size":2,"to_size":1})", -32602, "out_of_range");
}

TEST_F(MethodsTest, ShowsADossier) {
    const json::value dossier = client->result("inspection.dossier", {{"dossier_no", "D-2"}});
    EXPECT_EQ(dossier.at("dossier_no"), "D-2");
    ASSERT_EQ(dossier.at("timeline").as_array().size(), 1U);
    const json::object& step = dossier.at("timeline").at(0).as_object();
    EXPECT_EQ(step.at("index"), 1);
    EXPECT_EQ(step.at("n"), 1);
    EXPECT_EQ(step.at("time"), 1'001);
    EXPECT_EQ(step.at("record").at("id"), "c");
    expect_error("inspection.dossier", R"({"dossier_no":"none"})", -32007, "not_found");
    expect_error("inspection.dossier", R"({"dossier_no":"D-2","at":5})", -32602, "wrong_type");
}

TEST_F(MethodsTest, ShowsTheNode) {
    EXPECT_EQ(client->result("node.status").at("origin"), "ledger.test");
    EXPECT_TRUE(client->result("cluster.members").as_object().contains("as_of"));
}

TEST_F(MethodsTest, TellsItsWorkingsToItsMachineAndToAgencies) {
    const MatrixLedger ledger;
    Asker stranger = ledger.asker("");
    const auto tells = [&](const Asker& asker) { return ledger.ask("node.status", {}, asker)->contains("free_bytes"); };
    EXPECT_FALSE(tells(stranger));
    EXPECT_TRUE(ledger.ask("node.status", {}, stranger)->contains("role"));
    EXPECT_FALSE(tells(ledger.asker("importer.9900000016")));
    EXPECT_TRUE(tells(ledger.asker("most.qlcl")));
    stranger.near = true;
    EXPECT_TRUE(tells(stranger));
    EXPECT_TRUE(client->result("node.status").as_object().contains("free_bytes"));  // by the loopback
}

TEST_F(MethodsTest, TellsConfidentialMembers) {
    const ledger::Disclosure held = ledger::make_disclosure("finding", "lead");
    const ledger::Disclosure lacking = ledger::make_disclosure("finding", "tin");
    std::string record = record_text("c-1");
    record.insert(record.find("\"refs\""), "\"_sd\":[\"" + ledger::commitment_text(held.digest) + "\",\"" +
                                               ledger::commitment_text(lacking.digest) + "\"],");
    backend.append({record});
    backend.told[held.digest] = held.text;
    const json::object which{{"source", "customs"}, {"id", "c-1"}};
    const json::value told = client->result("ledger.disclosures", which);
    const json::array& members = told.at("members").as_array();
    ASSERT_EQ(members.size(), 2u);
    EXPECT_EQ(members[0].at("status"), "disclosed");
    EXPECT_EQ(members[0].at("name"), "finding");
    EXPECT_EQ(members[0].at("value"), "lead");
    EXPECT_EQ(members[0].at("disclosure"), json::value(held.text));
    EXPECT_EQ(members[1].at("status"), "withheld");
    EXPECT_EQ(members[1].at("why"), "not_held_here");
    backend.erasure = inspection::Erasure{"customs", "e-1", {9, 0}, {"Luật"}};
    const json::value erased = client->result("ledger.disclosures", which);
    EXPECT_EQ(erased.at("members").at(0).at("status"), "erased");
    EXPECT_FALSE(erased.at("members").at(0).as_object().contains("value"));
    EXPECT_EQ(erased.at("erasure").at("legal_basis").at(0), "Luật");
    expect_error("ledger.disclosures", R"({"source":"customs","id":"none"})", -32007, "no_such_record");
}

TEST_F(MethodsTest, TakesDisclosuresWithStatements) {
    client->result("ledger.submit", {{"statement", "x"}, {"disclosures", {"a", "b"}}});
    EXPECT_EQ(backend.last_submit().disclosures, (std::vector<std::string>{"a", "b"}));
    expect_error("ledger.submit", R"({"statement":"x","disclosures":[1]})", -32602, "wrong_type");
}

TEST_F(MethodsTest, RefusesWhatItDoesNotKnow) {
    expect_error("ledger.gett", "{}", -32601, "unknown_method");
    expect_error("", "{}", -32601, "unknown_method");
    expect_error("ledger.get", "[1]", -32602, "by_position");
}

TEST_F(MethodsTest, SubmitsOneStatement) {
    const json::value answer = client->result("ledger.submit", {{"statement", "s"}, {"timeout_ms", 77}});
    EXPECT_EQ(answer,
              json::parse(R"({"results":[{"index":0,"time":2000,"status":"committed","duplicate":false}]})"));
    EXPECT_EQ(backend.last_submit().statements, std::vector<std::string>{"s"});
    EXPECT_EQ(backend.last_submit().timeout_ms, 77);
    EXPECT_EQ(backend.last_submit().wait, Wait::committed);
}

TEST_F(MethodsTest, AnswersWhatIsOnlyAcceptedWithItsPromise) {
    backend.on_submit = [](const SubmitRequest&) {
        return SubmitResults{
            Submitted{.status = "accepted", .promise = "note"},
            Submitted{.address = {2, 0}, .time_ms = 5, .status = "committed", .duplicate = true}};
    };
    EXPECT_EQ(client->result("ledger.submit", {{"statements", {"a", "b"}}, {"wait", "accepted"}}),
              json::parse(R"({"results":[{"status":"accepted","duplicate":false,"promise":"note"},
        {"index":2,"n":0,"time":5,"status":"committed","duplicate":true}]})"));
    EXPECT_EQ(backend.last_submit().wait, Wait::accepted);
}

TEST_F(MethodsTest, TellsWhatBecameOfAPromise) {
    const ledger::Hash waits = ledger::sha256("waits"), stands = ledger::sha256("stands"),
                       no = ledger::sha256("no");
    backend.promises[waits] = {"accepted", waits, "note", std::nullopt, 0, "", ""};
    backend.promises[stands] = {"committed", stands, "note", ledger::Address{7, 2}, 9, "", ""};
    backend.promises[no] = {"refused", no, "note", std::nullopt, 0, "refusal", "why"};
    const auto ask = [&](const ledger::Hash& hash) {
        json::object answer =
            client->result("ledger.promise", {{"statement", ledger::to_hex(hash)}}).as_object();
        EXPECT_TRUE(answer.erase("as_of"));
        EXPECT_EQ(answer.at("statement"), json::value(ledger::to_hex(hash)));
        answer.erase("statement");
        return json::value(std::move(answer));
    };
    EXPECT_EQ(ask(waits), json::parse(R"({"status":"accepted","promise":"note"})"));
    EXPECT_EQ(ask(stands),
              json::parse(R"({"status":"committed","promise":"note","index":7,"n":2,"time":9})"));
    EXPECT_EQ(ask(no),
              json::parse(R"({"status":"refused","promise":"note","refusal":"refusal","detail":"why"})"));
    EXPECT_TRUE(client->result("ledger.promise", {{"source", "customs"}, {"id", "a"}}).is_object());

    const std::string hex = ledger::to_hex(ledger::sha256("unknown"));
    expect_error("ledger.promise", R"({"statement":")" + hex + R"("})", -32007, "not_found");
    expect_error("ledger.promise", R"({"statement":")" + hex + R"(","id":"a"})", -32602,
                 "exclusive_parameters");
    expect_error("ledger.promise", R"({"id":"a"})", -32602, "missing_parameter");
    expect_error("ledger.promise", R"({"statement":")" + std::string(64, 'A') + R"("})", -32602,
                 "malformed_value");
    expect_error("ledger.promise", R"({"statement":"ab"})", -32602, "out_of_range");
}

TEST_F(MethodsTest, AnswersEachStatementInOrder) {
    backend.on_submit = [](const SubmitRequest&) {
        return SubmitResults{Submitted{{4, 0}, 1, "committed", false, true, {}},
                             Error{Code::conflict, "other_bytes", "d", false},
                             Submitted{{2, 3}, 5, "committed", true, false, {}}};
    };
    EXPECT_EQ(client->result("ledger.submit", {{"statements", {"a", "b", "c"}}}), json::parse(R"({"results":[
        {"index":4,"time":1,"status":"committed","duplicate":false,"late":true},
        {"error":{"code":-32003,"message":"conflict","data":{"reason":"other_bytes","detail":"d","retryable":false}}},
        {"index":2,"n":3,"time":5,"status":"committed","duplicate":true}]})"));
}

TEST_F(MethodsTest, MakesTheFaultOfOneStatementTheCalls) {
    backend.on_submit = [](const SubmitRequest& request) {
        return SubmitResults(request.statements.size(),
                             Error{Code::outcome_unknown, "outcome_unknown", "d", true});
    };
    expect_error("ledger.submit", R"({"statement":"s"})", -32004, "outcome_unknown");
    EXPECT_TRUE(client->result("ledger.submit", {{"statements", {"s"}}})
                    .at("results")
                    .at(0)
                    .as_object()
                    .contains("error"));
}

TEST_F(MethodsTest, SubmitRefuses) {
    expect_error("ledger.submit", "{}", -32602, "missing_parameter");
    expect_error("ledger.submit", R"({"statement":"a","statements":["b"]})", -32602, "exclusive_parameters");
    expect_error("ledger.submit", R"({"statements":[]})", -32602, "out_of_range");
    expect_error("ledger.submit", R"({"statements":"a"})", -32602, "wrong_type");
    expect_error("ledger.submit", R"({"statement":"a","timeout_ms":0})", -32602, "out_of_range");
    expect_error("ledger.submit", R"({"statement":"a","timeout_ms":60001})", -32602, "out_of_range");
    expect_error("ledger.submit", R"({"statement":"a","wait":"never"})", -32602, "malformed_value");
    json::array many(1'001, "x");
    expect_error("ledger.submit", json::serialize(json::object{{"statements", many}}), -32602,
                 "out_of_range");
}

TEST_F(MethodsTest, ReadsWaitForTheirBarrier) {
    client->result("ledger.get", {{"index", 0}, {"read", "local"}});
    EXPECT_EQ(backend.awaits(), 0U);
    backend.on_await = [](const ReadBarrier& barrier) -> Result<AsOf> {
        if (barrier.min_size > 5) {
            return Error{Code::unavailable, "not_caught_up", "wait longer", true};
        }
        return AsOf{barrier.linearizable ? 10U : 20U, barrier.timeout_ms, -1};
    };
    EXPECT_EQ(
        client->result("ledger.get", {{"index", 0}, {"read", "linearizable"}, {"timeout_ms", 5}}).at("as_of"),
        json::parse(R"({"size":10,"final_size":0,"time":5,"leader_contact_ms":null})"));
    EXPECT_EQ(client->result("node.status", {{"min_size", 2}}).at("as_of").at("size"), 20);
    EXPECT_EQ(backend.awaits(), 2U);
    expect_error("ledger.query", R"({"min_size":6})", -32006, "not_caught_up");
    expect_error("ledger.query", R"({"read":"fresh"})", -32602, "malformed_value");
    expect_error("ledger.query", R"({"min_size":-1})", -32602, "out_of_range");
}

TEST_F(MethodsTest, ChangesOfTheMembershipGoToTheNode) {
    const std::string key(43, 'A');
    const json::object add{{"change", "add"},     {"node", "most-2"}, {"agency", "most"},
                           {"host", "h"},         {"port", 7'000},    {"log_key", key},
                           {"cosigner_key", key}, {"node_key", key},  {"tls_key", key}};
    const json::value added = client->result("node.change_members", add);
    EXPECT_EQ(added, json::parse(R"({"raft_id":5,"log_index":7,"changed":true})"));
    EXPECT_EQ(backend.last_change.what, MembershipRequest::What::add);
    EXPECT_EQ(backend.last_change.agency, "most");
    EXPECT_EQ(backend.last_change.port, 7'000);
    client->result("node.change_members", {{"change", "remove"}, {"node", "most-2"}});
    EXPECT_EQ(backend.last_change.what, MembershipRequest::What::remove);

    json::object bad = add;
    bad.erase("host");
    expect_error("node.change_members", json::serialize(bad), -32602, "missing_parameter");
    bad = add;
    bad["log_key"] = std::string(43, '*');
    expect_error("node.change_members", json::serialize(bad), -32602, "malformed_value");
    expect_error("node.change_members", R"({"change":"eject","node":"most-2"})", -32602, "malformed_value");
    backend.on_change = [] {
        return Result<MembershipChanged>(
            Error{Code::unavailable, "not_leader", "most-1 leads. Ask it.", true});
    };
    expect_error("node.change_members", R"({"change":"remove","node":"most-2"})", -32006, "not_leader");
}

TEST_F(MethodsTest, AScrubAndABackupGoToTheNode) {
    EXPECT_EQ(client->result("node.scrub", {{"bytes_per_second", 4096}}).at("round").to_number<int>(), 3);
    EXPECT_EQ(backend.last_scrub, 4096U);
    client->result("node.scrub");
    EXPECT_EQ(backend.last_scrub, 0U);
    EXPECT_EQ(client->result("node.backup", {{"folder", "/backup/a"}}).at("folder"), "/backup/a");
    EXPECT_EQ(backend.last_backup, "/backup/a");
    expect_error("node.backup", R"({})", -32602, "missing_parameter");
}

TEST_F(MethodsTest, ATransferGoesToTheNode) {
    EXPECT_EQ(client->result("node.transfer", {{"to", "most-1"}}).at("leader"), "most-1");
    client->result("node.transfer");
    EXPECT_EQ(backend.last_transfer.to, "");
    expect_error("node.shift_clock", R"({})", -32602, "missing_parameter");
}

}  // namespace
}  // namespace socai::api::testing
