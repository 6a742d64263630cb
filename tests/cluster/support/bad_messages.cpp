#include "bad_messages.hpp"

#include "clients.hpp"

namespace socai::cluster_tests {
namespace {

BadMessage not_json(std::string name, std::string text) {
    return {std::move(name), code::not_json, "not_json", nullptr, std::move(text)};
}

BadMessage not_rpc(std::string name, boost::json::value id, std::string text,
                   std::string reason = "invalid_request") {
    return {std::move(name), code::invalid_request, std::move(reason), std::move(id), std::move(text)};
}

// A well-made call with the id 1 of `method` with `params`.
BadMessage wrong_call(std::string name, int code, std::string reason, const std::string& method,
                      const std::string& params) {
    return {std::move(name), code, std::move(reason), 1,
            R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}"};
}

BadMessage wrong_submit(std::string name, std::string reason, const std::string& params) {
    return wrong_call(std::move(name), code::invalid_params, std::move(reason), "ledger.submit", params);
}

BadMessage wrong_get(std::string name, std::string reason, const std::string& params) {
    return wrong_call(std::move(name), code::invalid_params, std::move(reason), "ledger.get", params);
}

}  // namespace

std::vector<BadMessage> bad_messages() {
    return {
        not_json("words", "hello"),
        not_json("an empty message", ""),
        not_json("half a call", R"({"jsonrpc":"2.0","id":1,"method":"node.sta)"),
        not_json("two calls in one message",
                 R"({"jsonrpc":"2.0","id":1,"method":"node.status"}{"jsonrpc":"2.0"})"),
        not_json("nesting of 100 levels", std::string(100, '[') + std::string(100, ']')),

        not_rpc("a number", nullptr, "42"),
        not_rpc("an empty batch", nullptr, "[]", "empty_batch"),
        not_rpc("no jsonrpc", 1, R"({"id":1,"method":"node.status"})"),
        not_rpc("JSON-RPC 1.0", 1, R"({"jsonrpc":"1.0","id":1,"method":"node.status"})"),
        not_rpc("jsonrpc as a number", 1, R"({"jsonrpc":2.0,"id":1,"method":"node.status"})"),
        not_rpc("no method", 1, R"({"jsonrpc":"2.0","id":1})"),
        not_rpc("a method that is no string", 1, R"({"jsonrpc":"2.0","id":1,"method":5})"),
        not_rpc("params that are a string", 1,
                R"({"jsonrpc":"2.0","id":1,"method":"node.status","params":"all"})"),
        not_rpc("an id that is an object", nullptr, R"({"jsonrpc":"2.0","id":{},"method":"node.status"})"),

        wrong_call("a method with a typo", code::unknown_method, "unknown_method", "ledger.sumbit", "{}"),
        wrong_call("an empty method", code::unknown_method, "unknown_method", "", "{}"),

        wrong_submit("parameters by position", "by_position", R"(["a.b.c"])"),
        wrong_submit("a parameter with a typo", "unknown_parameter", R"({"statment":"a.b.c"})"),
        wrong_submit("no statement", "missing_parameter", "{}"),
        wrong_submit("an empty statement", "out_of_range", R"({"statement":""})"),
        wrong_submit("a statement that is a number", "wrong_type", R"({"statement":5})"),
        wrong_submit("no statements", "out_of_range", R"({"statements":[]})"),
        wrong_submit("statements that are one", "wrong_type", R"({"statements":"a.b.c"})"),
        wrong_submit("a number among statements", "wrong_type", R"({"statements":["a.b.c",5]})"),
        wrong_submit("both forms at once", "exclusive_parameters",
                     R"({"statement":"a.b.c","statements":["a.b.c"]})"),
        wrong_submit("to wait for something else", "malformed_value",
                     R"({"statement":"a.b.c","wait":"forever"})"),
        wrong_submit("a disclosure that is an object", "wrong_type",
                     R"({"statement":"a.b.c","disclosures":[{}]})"),
        wrong_submit("a negative timeout", "out_of_range", R"({"statement":"a.b.c","timeout_ms":-1})"),
        wrong_submit("a timeout with a fraction", "out_of_range",
                     R"({"statement":"a.b.c","timeout_ms":1.5})"),
        wrong_submit("a timeout in words", "wrong_type", R"({"statement":"a.b.c","timeout_ms":"10"})"),

        wrong_get("no address", "missing_parameter", "{}"),
        wrong_get("half an address", "missing_parameter", R"({"source":"moit"})"),
        wrong_get("two addresses", "exclusive_parameters", R"({"index":1,"source":"moit","id":"1"})"),
        wrong_get("a negative index", "out_of_range", R"({"index":-1})"),
        wrong_get("an index that is no number", "malformed_value", R"({"index":"1.x"})"),
        wrong_get("another kind of read", "malformed_value", R"({"index":0,"read":"dirty"})"),
        wrong_call("a query field that nobody knows", code::invalid_params, "unknown_parameter",
                   "ledger.query", R"({"colour":"red"})"),
        wrong_call("a query without a limit", code::invalid_params, "out_of_range", "ledger.query",
                   R"({"limit":100000})"),
        wrong_call("a cursor of our own", code::invalid_params, "bad_cursor", "ledger.query",
                   R"({"cursor":"zz"})"),
        wrong_call("a leaf that is not there", code::not_found, "no_such_leaf", "ledger.get",
                   R"({"index":9007199254740991})"),
    };
}

}  // namespace socai::cluster_tests
