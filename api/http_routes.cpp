#include "api/http_routes.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "inspection/records/embedded_kinds.hpp"
#include "ledger/derived_mark.hpp"
#include "ledger/syntax.hpp"
#include "ledger/tiles.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view schema_type = "application/schema+json";
constexpr std::string_view binary_type = "application/octet-stream";
constexpr std::string_view text_type = "text/plain; charset=utf-8";
constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

constexpr std::string_view no_cache = "no-cache";
constexpr std::string_view no_store = "no-store";
// A new version of the program may bring a new schema.
constexpr std::string_view for_an_hour = "public, max-age=3600";
// A tile of a given width never changes (C2SP tlog-tiles).
constexpr std::string_view immutable = "public, max-age=604800, immutable";
// Entries are for those who may read them: a shared cache does not know who that is (design/formats.md).
constexpr std::string_view immutable_private = "private, max-age=604800, immutable";
constexpr std::string_view size_type = "text/x.tlog.size";
constexpr std::string_view cosigned_end = "/checkpoint";
constexpr std::size_t hash_digits = 64;
constexpr std::string_view schemas_folder = "/schemas/";
constexpr std::string_view derived_folder = "/derived/";
constexpr std::string_view json_end = ".json";

HttpAnswer ok(std::string_view route, std::string_view type, std::string_view cache, std::string body) {
    return {200, route, type, cache, {}, std::move(body)};
}

HttpAnswer from_error(std::string_view route, const Error& error) {
    const unsigned status = error.code == Code::not_found        ? 404
                            : error.code == Code::unavailable    ? 503
                            : error.code == Code::overloaded     ? 503
                            : error.code == Code::invalid_params ? 400
                                                                 : 500;
    return http_error(status, route, error.reason, error.detail);
}

HttpAnswer checkpoint(const ServerContext& context) {
    const auto note = context.backend.checkpoint();
    if (!note) return from_error("checkpoint", note.error());
    return ok("checkpoint", text_type, no_cache, *note);
}

HttpAnswer no_such_tile(std::string_view route) {
    return http_error(404, route, "not_found",
                      "there is no such tile in the tree that this node has applied; names are those of C2SP "
                      "tlog-tiles, and /checkpoint gives the size");
}

HttpAnswer hash_tile(const ServerContext& context, const ledger::TileName& name) {
    auto bytes = context.backend.tile(name);
    if (!bytes) return no_such_tile("tile");
    return ok("tile", binary_type, immutable, std::move(*bytes));
}

// Bundles are the bytes of every record: for members, whose nodes hold them anyway, and auditors.
HttpAnswer entry_bundle(const ServerContext& context, const Asker& asker, const ledger::TileName& name) {
    constexpr std::string_view route = "entries";
    if (!context.options.open_bundles && !(asker.has_account() && asker.viewer.whole)) {
        return http_error(401, route, "credential_required",
                          "entry bundles of this ledger need a member's or an auditor's credential; hash "
                          "tiles and checkpoints are public");
    }
    // Also keeps the multiplication below from overflowing: no tree grows beyond what JSON can count.
    if (name.index > static_cast<std::uint64_t>(max_integer) / ledger::tile_width) return no_such_tile(route);
    auto entries = context.backend.entries(name.index * ledger::tile_width, name.width);
    if (!entries) return from_error(route, entries.error());
    if (entries->size() < name.width) return no_such_tile(route);
    std::string bundle;
    for (const std::string& entry : *entries) ledger::append_bundle_entry(bundle, entry);
    return ok(route, binary_type, immutable_private, std::move(bundle));
}

HttpAnswer tile(const ServerContext& context, const Asker& asker, std::string_view path) {
    const auto name = ledger::parse_tile_path(path.substr(1));
    if (!name) return no_such_tile("tile");
    return name->entries ? entry_bundle(context, asker, *name) : hash_tile(context, *name);
}

HttpAnswer health(bool good, std::string_view route, std::string_view word, const std::string& why) {
    json::object body;
    body["status"] = good ? std::string_view("ok") : word;
    if (!good) body["why"] = why;
    HttpAnswer answer = ok(route, json_type, no_store, json::serialize(body));
    if (!good) answer.status = 503;
    return answer;
}

HttpAnswer healthz(const ServerContext& context) {
    const Health state = context.backend.health();
    return health(state.healthy, "healthz", "unhealthy", state.why);
}

HttpAnswer readyz(const ServerContext& context) {
    const Health state = context.backend.health();
    return health(state.healthy && state.ready, "readyz", "not_ready", state.why);
}

// Free space, clocks, queues, who is behind: what an operator must know, and an attacker would like to.
HttpAnswer metrics(const ServerContext& context, const Asker& asker) {
    if (!asker.may_see_workings())
        return http_error(401, "metrics", "credential_required",
                          "metrics of this node are for its own machine, and for agencies that sign in; "
                          "open_metrics under [api] lets everybody read them");
    return ok("metrics", metrics_type, no_store, context.backend.metrics() + context.metrics.text());
}

HttpAnswer openrpc(const ServerContext& context) {
    return ok("openrpc", json_type, no_cache, context.openrpc);
}

// Of the version of a kind that is in force, as it is in inspection/schemas.
HttpAnswer schema(std::string_view path) {
    constexpr std::string_view route = "schemas";
    path.remove_prefix(schemas_folder.size());
    for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds())
        if (path.size() == kind.name.size() + json_end.size() && path.starts_with(kind.name) &&
            path.ends_with(json_end))
            return ok(route, schema_type, for_an_hour, std::string(kind.schema));
    return http_error(404, route, "unknown_kind",
                      "there is no schema " + ledger::quote(path) +
                          "; the name is that of a kind of record, such as /schemas/alert.json");
}

// A number as to_string writes it, and no other.
std::optional<std::uint64_t> size_of(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || std::to_string(size) != text) return std::nullopt;
    return size;
}

// What this node derived from the first leaves, as a mark to compare (ledger/derived_mark.hpp). Says nothing of them, so it is
// public as hash tiles are. Another version of the rules may give another.
HttpAnswer derived(const ServerContext& context, std::string_view path) {
    constexpr std::string_view route = "derived";
    const auto size = size_of(path.substr(derived_folder.size()));
    const auto mark = size && *size > 0 ? context.backend.facts_mark(*size) : std::nullopt;
    if (!mark)
        return http_error(
            404, route, "not_found",
            "this node has not applied so many leaves, or that is no number of leaves; /checkpoint "
            "gives the size, as in /derived/4096");
    return ok(route, text_type, no_cache, ledger::mark_text(*mark));
}

// What was cosigned last, at the SHA-256 of the origin in hex (C2SP tlog-witness, monitoring).
HttpAnswer cosigned(const ServerContext& context, std::string_view origin_hash) {
    auto note = context.backend.cosigned_checkpoint(origin_hash);
    if (!note)
        return http_error(404, "cosigned", "unknown_origin",
                          "this node has cosigned no checkpoint of an origin with that SHA-256");
    return ok("cosigned", text_type, no_cache, *std::move(note));
}

HttpAnswer upgrade_required() {
    return http_error(426, "rpc", "upgrade_required",
                      "/rpc speaks JSON-RPC 2.0 over WebSocket; connect with a WebSocket client");
}

HttpAnswer not_found(std::string_view path) {
    return http_error(404, "unknown", "not_found",
                      "nothing is served at " + ledger::quote(path) +
                          "; try /checkpoint, /tile/, /schemas/alert.json, /healthz, /readyz, /metrics or "
                          "/openrpc.json, or a "
                          "WebSocket to /rpc");
}

HttpAnswer not_allowed(std::string_view method, std::string_view allow) {
    HttpAnswer answer = http_error(405, "unknown", "method_not_allowed",
                                   ledger::quote(method) + " is not served here; use " + std::string(allow));
    answer.allow = allow;
    return answer;
}

HttpAnswer read(const ServerContext& context, const Asker& asker, std::string_view path) {
    if (path == "/checkpoint") return checkpoint(context);
    if (path.starts_with("/tile/")) return tile(context, asker, path);
    if (path == "/healthz") return healthz(context);
    if (path == "/readyz") return readyz(context);
    if (path == "/metrics") return metrics(context, asker);
    if (path == "/openrpc.json") return openrpc(context);
    if (path.starts_with(schemas_folder)) return schema(path);
    if (path.starts_with(derived_folder)) return derived(context, path);
    if (path.size() == 1 + hash_digits + cosigned_end.size() && path.ends_with(cosigned_end))
        return cosigned(context, path.substr(1, hash_digits));
    if (path == "/rpc") return upgrade_required();
    return not_found(path);
}

}  // namespace

HttpAnswer http_error(unsigned status, std::string_view route, std::string_view reason,
                      const std::string& detail) {
    const json::object body{{"error", {{"reason", reason}, {"detail", detail}}}};
    return {status, route, json_type, no_store, {}, json::serialize(body)};
}

bool may_take_long(std::string_view target) {
    return target.starts_with("/tile/entries/") || target.starts_with("/metrics");
}

bool is_health(std::string_view target) {
    return target == "/healthz" || target == "/readyz";
}

HttpAnswer http_overloaded(unsigned status, const Error& error) {
    HttpAnswer answer = http_error(status, "refused", error.reason, error.detail);
    answer.retry_after_s = (error.retry_after_ms + 999) / 1'000;
    return answer;
}

bool is_add_checkpoint(std::string_view method, std::string_view target) {
    return method == "POST" && target.substr(0, target.find('?')) == "/add-checkpoint";
}

void add_checkpoint(ServerContext& context, std::string body, std::function<void(HttpAnswer)> done) {
    static constexpr std::string_view route = "add-checkpoint";
    context.backend.add_checkpoint(std::move(body), [done = std::move(done)](WitnessAnswer answer) {
        if (answer.status == 200 || answer.status == 409) {
            const std::string_view type = answer.status == 409 ? size_type : text_type;
            return done({answer.status, route, type, no_store, {}, std::move(answer.body)});
        }
        done(http_error(answer.status, route, answer.reason, answer.detail));
    });
}

HttpAnswer answer_http(const ServerContext& context, const Asker& asker, std::string_view method,
                       std::string_view target) {
    const std::string_view path = target.substr(0, target.find('?'));
    if (path == "/add-checkpoint") {
        return not_allowed(method, "POST");
    }
    if (method != "GET" && method != "HEAD") return not_allowed(method, "GET, HEAD");
    return read(context, asker, path);
}

}  // namespace socai::api
