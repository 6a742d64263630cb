#include "api/openrpc.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "api/openrpc_schemas.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

json::object reference(std::string_view kind, std::string_view name) {
    return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

json::object content_descriptor(const Parameter& parameter) {
    json::object descriptor;
    descriptor["name"] = parameter.name;
    descriptor["summary"] = parameter.summary;
    descriptor["required"] = parameter.required;
    descriptor["schema"] = schema_of(parameter);
    return descriptor;
}

json::object method_object(const Method& method) {
    json::array params;
    for (const Parameter& parameter : method.parameters) params.push_back(content_descriptor(parameter));
    json::array errors;
    for (const Code code : method.errors) errors.push_back(reference("errors", label_of(code)));
    json::object object;
    object["name"] = method.name;
    object["summary"] = method.summary;
    object["paramStructure"] = "by-name";
    object["params"] = std::move(params);
    object["result"] = {{"name", "result"}, {"schema", reference("schemas", method.result)}};
    object["errors"] = std::move(errors);
    object["x-supported"] = true;  // of this version; readers of earlier ones look at it
    return object;
}

json::object error_components(const MethodTable& methods) {
    std::set<Code> codes;
    for (const Method& method : methods.all()) codes.insert(method.errors.begin(), method.errors.end());
    json::object errors;
    for (const Code code : codes) {
        errors[label_of(code)] = {{"code", static_cast<int>(code)}, {"message", message_of(code)}};
    }
    return errors;
}

json::array reasons_array() {
    json::array reasons;
    for (const Reason& reason : api_reasons()) {
        reasons.push_back(
            {{"reason", reason.word}, {"code", static_cast<int>(reason.code)}, {"cure", reason.cure}});
    }
    return reasons;
}

}  // namespace

std::string openrpc_document(const MethodTable& methods, std::string_view version) {
    json::array list;
    for (const Method& method : methods.all()) list.push_back(method_object(method));
    json::object document;
    document["openrpc"] = "1.2.6";
    document["info"] = {
        {"title", "Socai node"},
        {"version", version},
        {"description",
         "JSON-RPC 2.0 over WebSocket at /rpc, one message a text frame; parameters by name. Every error "
         "carries data {reason, detail, retryable}. After ledger.subscribe the node sends notifications "
         "ledger.entry whose params are #/components/schemas/EntryNotification."}};
    document["methods"] = std::move(list);
    document["components"] = {{"schemas", result_schemas()}, {"errors", error_components(methods)}};
    document["x-reasons"] = reasons_array();
    return json::serialize(document);
}

}  // namespace socai::api
