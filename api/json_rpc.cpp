#include "api/json_rpc.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "api/message_parser.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

Error invalid_request(std::string detail) {
    return Error{Code::invalid_request, "invalid_request", std::move(detail)};
}

bool is_id(const json::value& value) {
    return value.is_string() || value.is_number() || value.is_null();
}

RpcCall parse_call(json::value&& value) {
    json::object* object = value.if_object();
    if (object == nullptr) {
        return RpcRejected{nullptr, invalid_request("a request is a JSON object with jsonrpc, method, id")};
    }
    RpcRequest request;
    if (json::value* id = object->if_contains("id"); id == nullptr) {
        request.notification = true;
    } else if (is_id(*id)) {
        request.id = std::move(*id);
    } else {
        return RpcRejected{nullptr, invalid_request("id must be a string, a number or null")};
    }
    const auto reject = [&](std::string detail) {
        return RpcRejected{std::move(request.id), invalid_request(std::move(detail))};
    };
    const json::value* version = object->if_contains("jsonrpc");
    if (version == nullptr || !version->is_string() || version->get_string() != "2.0") {
        return reject("jsonrpc must be the string \"2.0\"");
    }
    const json::value* method = object->if_contains("method");
    if (method == nullptr || !method->is_string()) return reject("method must be a string");
    request.method = method->get_string();
    if (json::value* params = object->if_contains("params"); params != nullptr) {
        if (params->is_object()) {
            request.params = std::move(params->get_object());
        } else if (params->is_array()) {
            request.by_position = true;
        } else {
            return reject("params must be an object of named parameters");
        }
    }
    return request;
}

RpcMessage single(RpcCall&& call) {
    RpcMessage message;
    message.calls.push_back(std::move(call));
    return message;
}

}  // namespace

RpcMessage parse_message(std::string_view text, std::size_t max_batch, const json::storage_ptr& storage) {
    auto parsed = parse_json(text, storage);
    if (!parsed) return single(RpcRejected{nullptr, parsed.error()});
    json::value value = *std::move(parsed);
    json::array* batch = value.if_array();
    if (batch == nullptr) return single(parse_call(std::move(value)));
    if (batch->empty()) {
        return single(RpcRejected{
            nullptr, Error{Code::invalid_request, "empty_batch", "a batch must hold at least one request"}});
    }
    if (batch->size() > max_batch) {
        return single(RpcRejected{
            nullptr, Error{Code::invalid_request, "batch_too_large",
                           "the batch holds " + std::to_string(batch->size()) + " requests, at most " +
                               std::to_string(max_batch) + " are taken; send it in parts"}});
    }
    RpcMessage message;
    message.batch = true;
    message.calls.reserve(batch->size());
    for (json::value& element : *batch) message.calls.push_back(parse_call(std::move(element)));
    return message;
}

std::string response_text(const json::value& id, Result<json::object>&& answer) {
    // The answer's own storage, so that it is moved and not copied.
    const json::storage_ptr storage = answer ? answer->storage() : json::storage_ptr{};
    json::object response(storage);
    response.reserve(3);
    response["jsonrpc"] = "2.0";
    if (answer) {
        response["result"] = std::move(*answer);
    } else {
        response["error"] = error_object(answer.error(), storage);
    }
    response["id"] = id;
    return json::serialize(response);
}

std::string notification_text(std::string_view method, json::object&& params) {
    json::object notification(params.storage());
    notification.reserve(3);
    notification["jsonrpc"] = "2.0";
    notification["method"] = method;
    notification["params"] = std::move(params);
    return json::serialize(notification);
}

}  // namespace socai::api
