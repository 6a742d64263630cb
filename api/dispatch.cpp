#include "api/dispatch.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <utility>

#include "api/views.hpp"
#include "ledger/syntax.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

Error internal_error(std::string_view method, const std::exception& fault) {
    // Nothing below throws by design; what does all the same is our fault, and no reason to drop a client.
    spdlog::error("api: {} failed: {}", method, fault.what());
    return Error{Code::internal_error, "internal",
                 "the node failed to answer this call; its log says why, report it with the request"};
}

Error unknown_method(std::string_view name) {
    return Error{Code::method_not_found, "unknown_method",
                 "there is no method " + ledger::quote(name) + "; /openrpc.json lists those there are"};
}

// Runs what answers a call; no exception leaves the module.
template <class Run>
Answer guarded(std::string_view method, Run run) {
    try {
        return run();
    } catch (const std::exception& fault) {
        return internal_error(method, fault);
    }
}

ReadBarrier barrier_of(const Arguments& arguments) {
    return ReadBarrier{.linearizable = arguments.string("read") == "linearizable",
                       .min_size = static_cast<std::uint64_t>(*arguments.integer("min_size")),
                       .timeout_ms = *arguments.integer("timeout_ms")};
}

}  // namespace

void Dispatcher::call(RpcRequest&& request, const std::shared_ptr<Caller>& caller,
                      const json::storage_ptr& storage, Reply reply) {
    const Method* method = methods_.find(request.method);
    const auto began = std::chrono::steady_clock::now();
    const Reply counted = [this, method, began, reply = std::move(reply)](Answer&& answer) {
        const auto took = std::chrono::steady_clock::now() - began;
        metrics_.called(method, answer ? std::nullopt : std::optional(answer.error().code), took);
        reply(std::move(answer));
    };
    if (method == nullptr) {
        counted(unknown_method(request.method));
        return;
    }
    if (std::holds_alternative<Planned>(method->handler)) {
        counted(invalid_params("not_supported", request.method +
                                                    " is specified and not served by this version yet; "
                                                    "/openrpc.json says which methods are"));
        return;
    }
    if (request.by_position) {
        counted(invalid_params("by_position", "params is an array; give an object with parameters by name"));
        return;
    }
    if (const auto checked = check_parameters(method->parameters, request.params); !checked) {
        counted(checked.error());
        return;
    }
    start(*method, std::move(request), caller, storage, counted);
}

void Dispatcher::start(const Method& method, RpcRequest&& request, const std::shared_ptr<Caller>& caller,
                       const json::storage_ptr& storage, const Reply& reply) {
    const Arguments arguments(method.parameters, request.params);
    if (const auto* handler = std::get_if<ReadHandler>(&method.handler)) {
        read(method, *handler, std::move(request), caller, storage, reply);
    } else if (const auto* session = std::get_if<SessionHandler>(&method.handler)) {
        reply(guarded(method.name, [&] { return (*session)(*caller, arguments); }));
    } else if (const auto* command = std::get_if<CommandHandler>(&method.handler)) {
        (*command)(backend_, arguments, caller, reply);
    }
}

// What a read keeps while it waits for its barrier.
struct Dispatcher::Read {
    const Method& method;
    ReadHandler handler;
    json::object params;
    json::storage_ptr storage;
    Reply reply;
};

void Dispatcher::read(const Method& method, ReadHandler handler, RpcRequest&& request,
                      const std::shared_ptr<Caller>& caller, const json::storage_ptr& storage,
                      const Reply& reply) {
    const Arguments arguments(method.parameters, request.params);
    const ReadBarrier barrier = barrier_of(arguments);
    if (!barrier.linearizable && barrier.min_size == 0) {
        // as_of is taken before the read: the answer contains at least everything below as_of.size.
        reply(answer(method, handler, caller->session().asker(), arguments, backend_.as_of(), storage));
        return;
    }
    auto waiting = std::make_shared<Read>(Read{method, handler, std::move(request.params), storage, reply});
    backend_.await(barrier, [this, caller, waiting = std::move(waiting)](Result<AsOf> reached) {
        caller->post([this, caller, waiting, reached = std::move(reached)] {
            if (!reached) {
                waiting->reply(reached.error());
                return;
            }
            const Arguments kept(waiting->method.parameters, waiting->params);
            // Who asks is looked at now: the key may have been revoked meanwhile.
            waiting->reply(answer(waiting->method, waiting->handler, caller->session().asker(), kept, *reached,
                                  waiting->storage));
        });
    });
}

Answer Dispatcher::answer(const Method& method, ReadHandler handler, Asker asker, const Arguments& arguments,
                          const AsOf& as_of, const json::storage_ptr& storage) const {
    return guarded(method.name, [&] {
        Reading reading{backend_, std::move(asker), limits_.max_rows_per_read};
        Answer answer = handler(reading, arguments, storage);
        if (answer) (*answer)["as_of"] = as_of_json(as_of, storage);
        return answer;
    });
}

}  // namespace socai::api
