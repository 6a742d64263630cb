#include "api/http_session.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/http_routes.hpp"
#include "inspection/kinds.hpp"
#include "ledger/merkle_tree.hpp"
#include "server_test.hpp"

namespace http = boost::beast::http;
namespace json = boost::json;

namespace socai::api::testing {
namespace {

std::string reason(const HttpResponse& response) {
    EXPECT_EQ(response[http::field::content_type], "application/json");
    const json::value body = json::parse(response.body());
    EXPECT_FALSE(body.at("error").at("detail").as_string().empty());
    return std::string(body.at("error").at("reason").as_string());
}

class HttpTest : public ServerTest {};

TEST_F(HttpTest, ServesTheCheckpoint) {
    start();
    HttpClient client(port());
    EXPECT_EQ(client.get("/checkpoint").result_int(), 503U);
    backend.append({record_text("a")});
    const HttpResponse response = client.get("/checkpoint");
    EXPECT_EQ(response.result_int(), 200U);
    EXPECT_EQ(response[http::field::content_type], "text/plain; charset=utf-8");
    EXPECT_EQ(response[http::field::cache_control], "no-cache");
    EXPECT_EQ(response[http::field::server], "socai/1.2.3");
    EXPECT_EQ(response.body(), *backend.checkpoint());
}

TEST_F(HttpTest, ServesTilesWholeAndPartial) {
    for (int i = 0; i < 260; ++i) backend.append({record_text("r" + std::to_string(i))});
    start();
    HttpClient client(port());
    const HttpResponse full = client.get("/tile/0/000");
    EXPECT_EQ(full.result_int(), 200U);
    EXPECT_EQ(full.body().size(), 8'192U);
    EXPECT_EQ(full[http::field::content_type], "application/octet-stream");
    EXPECT_EQ(full[http::field::cache_control], "public, max-age=604800, immutable");
    const HttpResponse partial = client.get("/tile/0/001.p/3");
    ASSERT_EQ(partial.body().size(), 3U * 32U);
    const ledger::Hash leaf = ledger::leaf_hash(backend.entries(256, 1)->front());
    EXPECT_EQ(partial.body().substr(0, 32), std::string(leaf.begin(), leaf.end()));

    const HttpResponse bundle = client.get("/tile/entries/001.p/4");
    EXPECT_EQ(bundle.result_int(), 200U);
    EXPECT_EQ(bundle[http::field::cache_control], "private, max-age=604800, immutable");
    std::string expected;
    for (const std::string& entry : *backend.entries(256, 4)) {
        expected += static_cast<char>(entry.size() >> 8U);
        expected += static_cast<char>(entry.size() & 0xFFU);
        expected += entry;
    }
    EXPECT_EQ(bundle.body(), expected);
    EXPECT_EQ(client.get("/tile/entries/000").result_int(), 200U);
}

TEST_F(HttpTest, RefusesTilesThatAreNotThere) {
    for (int i = 0; i < 10; ++i) backend.append({record_text("r" + std::to_string(i))});
    start();
    HttpClient client(port());
    for (const char* target :
         {"/tile/0/000", "/tile/0/000.p/11", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/00",
          "/tile/0/0", "/tile/0/001.p/1", "/tile/1/000.p/1", "/tile/64/000", "/tile/00/000.p/1",
          "/tile/0/x000/000.p/1", "/tile/entries/000", "/tile/entries/000.p/11",
          "/tile/entries/x999/x999/x999/x999/x999/x999/999", "/tile/", "/tile/0/000.p/1/",
          "/tile/../checkpoint", "/tile/0/%30%30%30.p/1", "/tile/data/000.p/1"}) {
        const HttpResponse response = client.get(target);
        EXPECT_EQ(response.result_int(), 404U) << target;
        EXPECT_EQ(reason(response), "not_found") << target;
    }
    EXPECT_EQ(client.get("/tile/0/000.p/10").result_int(), 200U);
}

TEST_F(HttpTest, ServesTheMarkOfWhatItDerived) {
    for (int i = 0; i < 10; ++i) backend.append({record_text("r" + std::to_string(i))});
    options.open_bundles = false;
    start();
    HttpClient client(port());
    const HttpResponse response = client.get("/derived/10");
    EXPECT_EQ(response.result_int(), 200U);
    EXPECT_EQ(response[http::field::content_type], "text/plain; charset=utf-8");
    EXPECT_EQ(response[http::field::cache_control], "no-cache");
    EXPECT_EQ(response.body(), "000000000000001e\n");
    EXPECT_EQ(client.get("/derived/1?x").body(), "0000000000000003\n");
    for (const char* target : {"/derived/11", "/derived/0", "/derived/", "/derived/01", "/derived/+1",
                               "/derived/-1", "/derived/1x", "/derived/%201", "/derived/18446744073709551615",
                               "/derived/18446744073709551617", "/derived/1/"}) {
        const HttpResponse refused = client.get(target);
        EXPECT_EQ(refused.result_int(), 404U) << target;
        EXPECT_EQ(reason(refused), "not_found") << target;
    }
}

TEST_F(HttpTest, KeepsEntryBundlesFromStrangersUnlessOpen) {
    options.open_bundles = false;
    backend.append({record_text("a")});
    start();
    HttpClient client(port());
    const HttpResponse response = client.get("/tile/entries/000.p/1");
    EXPECT_EQ(response.result_int(), 401U);
    EXPECT_EQ(reason(response), "credential_required");
    EXPECT_EQ(client.get("/tile/0/000.p/1").result_int(), 200U);
}

TEST_F(HttpTest, KeepsMetricsFromStrangersOnOtherMachines) {
    const ServerContext context(options, backend);
    const auto status = [&](const Asker& asker) { return answer_http(context, asker, "GET", "/metrics").status; };
    EXPECT_EQ(status({.viewer = {}, .near = true}), 200U);
    EXPECT_EQ(status({.viewer = {}, .address = "10.20.1.11"}), 401U);
    inspection::Viewer agency;
    agency.agency = true;
    Asker asker{.viewer = agency, .kid = "most/record-1", .source = "most", .address = "10.20.1.11"};
    EXPECT_EQ(status(asker), 200U);
    asker.lapsed = true;
    EXPECT_EQ(status(asker), 401U);
    EXPECT_EQ(status({.viewer = {}, .kid = "importer.1/record-1", .source = "importer.1"}), 401U);
}

TEST_F(HttpTest, SaysWhetherItIsHealthyAndReady) {
    start();
    HttpClient client(port());
    EXPECT_EQ(client.get("/healthz").result_int(), 200U);
    EXPECT_EQ(json::parse(client.get("/readyz").body()), json::parse(R"({"status":"ok"})"));
    backend.health_now = {.healthy = true, .ready = false, .why = "no leader is known"};
    EXPECT_EQ(client.get("/healthz").result_int(), 200U);
    const HttpResponse not_ready = client.get("/readyz");
    EXPECT_EQ(not_ready.result_int(), 503U);
    EXPECT_EQ(json::parse(not_ready.body()),
              json::parse(R"({"status":"not_ready","why":"no leader is known"})"));
    backend.health_now = {.healthy = false, .ready = true, .why = "the disk is wrong"};
    EXPECT_EQ(client.get("/healthz").result_int(), 503U);
    EXPECT_EQ(client.get("/readyz").result_int(), 503U);
}

TEST_F(HttpTest, ServesMetrics) {
    start();
    RpcClient rpc(port());
    rpc.result("node.status");
    rpc.error("ledger.get");
    rpc.error("no.such.method");
    HttpClient client(port());
    client.get("/healthz");
    const HttpResponse response = client.get("/metrics");
    EXPECT_EQ(response[http::field::content_type], "text/plain; version=0.0.4; charset=utf-8");
    for (const char* line :
         {"socai_node_term 3\n", "socai_api_requests_total{method=\"node.status\",outcome=\"ok\"} 1\n",
          "socai_api_requests_total{method=\"ledger.get\",outcome=\"invalid_params\"} 1\n",
          "socai_api_requests_total{method=\"unknown\",outcome=\"method_not_found\"} 1\n",
          "socai_api_request_duration_seconds_count{method=\"node.status\"} 1\n",
          "socai_api_connections{protocol=\"websocket\"} 1\n",
          "socai_api_http_requests_total{code=\"200\",route=\"healthz\"} 1\n",
          "socai_api_subscriptions 0\n"}) {
        EXPECT_NE(response.body().find(line), std::string::npos) << line << "\n" << response.body();
    }
    // Every line is a comment, or a name with labels, and a value.
    std::istringstream lines(response.body());
    for (std::string line; std::getline(lines, line);) {
        ASSERT_FALSE(line.empty());
        if (line.front() == '#') continue;
        EXPECT_TRUE(line.starts_with("socai_")) << line;
        const std::string value = line.substr(line.rfind(' ') + 1);
        std::size_t parsed = 0;
        EXPECT_NO_THROW((void)std::stod(value, &parsed)) << line;
        EXPECT_EQ(parsed, value.size()) << line;
    }
}

TEST_F(HttpTest, AnswersHeadWithoutABody) {
    backend.append({record_text("a")});
    start();
    HttpClient client(port());
    for (const char* target : {"/checkpoint", "/tile/0/000.p/1", "/openrpc.json", "/nowhere"}) {
        const HttpResponse head = client.request(http::verb::head, target);
        const HttpResponse get = client.get(target);
        EXPECT_EQ(head.result_int(), get.result_int()) << target;
        EXPECT_EQ(head[http::field::content_length], get[http::field::content_length]) << target;
        EXPECT_TRUE(head.body().empty());
        EXPECT_FALSE(get.body().empty());
    }
}

TEST_F(HttpTest, RefusesOtherMethodsAndPaths) {
    start();
    HttpClient client(port());
    const HttpResponse post = client.request(http::verb::post, "/checkpoint", "x");
    EXPECT_EQ(post.result_int(), 405U);
    EXPECT_EQ(post[http::field::allow], "GET, HEAD");
    EXPECT_EQ(reason(post), "method_not_allowed");
    EXPECT_EQ(client.request(http::verb::delete_, "/tile/0/000").result_int(), 405U);
    EXPECT_EQ(client.get("/add-checkpoint").result_int(), 405U);
    EXPECT_EQ(client.get("/add-checkpoint")[http::field::allow], "POST");
    EXPECT_EQ(client.get("/nowhere").result_int(), 404U);
    EXPECT_EQ(client.get("/").result_int(), 404U);
    const HttpResponse rpc = client.get("/rpc");
    EXPECT_EQ(rpc.result_int(), 426U);
    EXPECT_EQ(reason(rpc), "upgrade_required");
    EXPECT_EQ(client.get("/healthz?probe=1").result_int(), 200U);
}

TEST_F(HttpTest, ServesTheSchemaOfEveryKind) {
    start();
    HttpClient client(port());
    for (const std::string_view kind : inspection::kinds()) {
        const HttpResponse response = client.get("/schemas/" + std::string(kind) + ".json");
        EXPECT_EQ(response.result_int(), 200U) << kind;
        EXPECT_EQ(response[http::field::content_type], "application/schema+json");
        EXPECT_EQ(response[http::field::cache_control], "public, max-age=3600");
        EXPECT_EQ(json::parse(response.body()).at("$schema").as_string(),
                  "http://json-schema.org/draft-07/schema#");
    }
    for (const char* other : {"/schemas/dossier.json", "/schemas/alert", "/schemas/.json", "/schemas/",
                              "/schemas/aler.json", "/schemas/alert.json.json", "/schemas/../alert.json"}) {
        const HttpResponse response = client.get(other);
        EXPECT_EQ(response.result_int(), 404U) << other;
        EXPECT_EQ(reason(response), "unknown_kind") << other;
    }
}

TEST_F(HttpTest, AnswersAddCheckpointAsTheWitnessDoes) {
    start();
    HttpClient client(port());
    backend.witness = {200, {}, {}, "\xe2\x80\x94 customs.ledger.test c2ln\n"};
    const HttpResponse signed_lines = client.request(http::verb::post, "/add-checkpoint", "old 0\n\nx");
    EXPECT_EQ(signed_lines.result_int(), 200U);
    EXPECT_EQ(signed_lines.body(), backend.witness.body);
    EXPECT_EQ(backend.last_checkpoint, "old 0\n\nx");
    backend.witness = {409, {}, {}, "17\n"};
    const HttpResponse conflict = client.request(http::verb::post, "/add-checkpoint", "old 0\n\nx");
    EXPECT_EQ(conflict.result_int(), 409U);
    EXPECT_EQ(conflict[http::field::content_type], "text/x.tlog.size");
    EXPECT_EQ(conflict.body(), "17\n");
    for (const unsigned status : {400U, 403U, 404U, 422U, 503U}) {
        backend.witness = {status, "some_reason", "what is wrong", {}};
        const HttpResponse refused = client.request(http::verb::post, "/add-checkpoint", "old 0\n\nx");
        EXPECT_EQ(refused.result_int(), status);
        EXPECT_EQ(reason(refused), "some_reason");
    }
    EXPECT_EQ(client.get("/healthz").result_int(), 200U) << "the connection goes on";
}

TEST_F(HttpTest, GivesTheCosignedCheckpointAtTheHashOfItsOrigin) {
    start();
    HttpClient client(port());
    const std::string hash(64, 'a');
    EXPECT_EQ(client.get("/" + hash + "/checkpoint").result_int(), 404U);
    backend.cosigned[hash] = "a note\n";
    const HttpResponse note = client.get("/" + hash + "/checkpoint");
    EXPECT_EQ(note.result_int(), 200U);
    EXPECT_EQ(note.body(), "a note\n");
    EXPECT_EQ(note[http::field::cache_control], "no-cache");
    EXPECT_EQ(client.get("/" + hash.substr(1) + "/checkpoint").result_int(), 404U);
}

TEST_F(HttpTest, UpgradesOnlyAtItsPath) {
    start();
    HttpClient client(port());
    client.send_raw(
        "GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_EQ(client.receive()->result_int(), 404U);
}

TEST_F(HttpTest, AnswersPipelinedRequestsInOrder) {
    start();
    HttpClient client(port());
    client.send_raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.receive()->result_int(), 200U);
    EXPECT_EQ(client.receive()->result_int(), 404U);
}

TEST_F(HttpTest, ClosesWhenAsked) {
    start();
    HttpClient client(port());
    client.send_raw("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.receive()->result_int(), 200U);
    EXPECT_TRUE(client.closed());
}

TEST_F(HttpTest, RefusesWhatIsNotHttpOrTooLarge) {
    start();
    HttpClient nonsense(port());
    nonsense.send_raw("\x16\x03\x01 hello\r\n\r\n");
    const auto malformed = nonsense.receive();
    ASSERT_TRUE(malformed);
    EXPECT_EQ(malformed->result_int(), 400U);
    EXPECT_EQ(reason(*malformed), "malformed_request");
    EXPECT_TRUE(nonsense.closed());

    HttpClient header(port());
    header.send_raw("GET /healthz HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n");
    const auto too_long = header.receive();
    ASSERT_TRUE(too_long);
    EXPECT_EQ(too_long->result_int(), 431U);
    EXPECT_EQ(reason(*too_long), "header_too_large");

    HttpClient body(port());
    body.send_raw("POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n" +
                  std::string(1'000, 'x'));
    const auto too_large = body.receive();
    ASSERT_TRUE(too_large);
    EXPECT_EQ(too_large->result_int(), 413U);
    EXPECT_EQ(reason(*too_large), "body_too_large");
}

TEST_F(HttpTest, CutsOffAClientThatTricklesItsHeader) {
    options.limits.http_idle_ms = 200;
    start();
    HttpClient client(port());
    // Keeps sending a byte at a time: each one on its own is in time, the whole request is not.
    EXPECT_TRUE(eventually([&] {
        try {
            client.send_raw("G");
            return false;
        } catch (const std::exception&) {
            return true;
        }
    }));
}

TEST_F(HttpTest, ClosesAnIdleConnection) {
    options.limits.http_idle_ms = 200;
    start();
    HttpClient client(port());
    EXPECT_EQ(client.get("/healthz").result_int(), 200U);
    EXPECT_TRUE(client.closed());
}

TEST_F(HttpTest, TellsConnectionsBeyondTheLimitAndServesAgainAfter) {
    options.limits.max_connections = 2;
    start();
    std::optional<HttpClient> first(port());
    EXPECT_EQ(first->get("/healthz").result_int(), 200U);
    RpcClient second(port());
    HttpClient third(port());
    const HttpResponse refused = third.get("/healthz");
    EXPECT_EQ(refused.result_int(), 503U);
    EXPECT_EQ(reason(refused), "too_many_connections");
    EXPECT_TRUE(third.closed());
    first.reset();
    EXPECT_TRUE(eventually([&] { return HttpClient(port()).get("/healthz").result_int() == 200U; }));
}

TEST_F(HttpTest, NamesAPortInUse) {
    start();
    ServerOptions taken = options;
    taken.port = port();
    Server other(io, taken, backend);
    const auto fault = other.start();
    ASSERT_TRUE(fault);
    EXPECT_NE(fault->find(std::to_string(port())), std::string::npos);
    taken.host = "localhost.invalid";
    Server nowhere(io, taken, backend);
    EXPECT_TRUE(nowhere.start());
}

TEST_F(HttpTest, StopsConnectionsThatAreOpen) {
    start();
    HttpClient client(port());
    EXPECT_EQ(client.get("/healthz").result_int(), 200U);
    server->stop();
    EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace socai::api::testing
