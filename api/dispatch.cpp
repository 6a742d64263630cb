#include "api/dispatch.hpp"

#include <spdlog/spdlog.h>

#include <boost/json/monotonic_resource.hpp>
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

bool Dispatcher::only_reads(std::string_view method) const {
    const Method* found = methods_.find(method);
    return found != nullptr && std::holds_alternative<ReadHandler>(found->handler);
}

void Dispatcher::call(RpcRequest&& request, const std::shared_ptr<Caller>& caller,
                      const json::storage_ptr& storage, Reply reply) {
    const Method* method = methods_.find(request.method);
    const auto began = std::chrono::steady_clock::now();
    const Reply counted = [this, method, began, reply = std::move(reply)](Answer&& answer) {
        const auto took = std::chrono::steady_clock::now() - began;
        metrics_.called(method, answer ? std::nullopt : std::optional(answer.error().code), took);
        if (!answer && answer.error().code == Code::overloaded) metrics_.refused(answer.error().reason);
        reply(std::move(answer));
    };
    if (method == nullptr) {
        counted(unknown_method(request.method));
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

// What a read keeps until it is answered.
struct Dispatcher::Read {
    const Method& method;
    ReadHandler handler;
    json::object params;
    json::storage_ptr storage;
    Reply reply;
    AsOf as_of;
};

void Dispatcher::read(const Method& method, ReadHandler handler, RpcRequest&& request,
                      const std::shared_ptr<Caller>& caller, const json::storage_ptr& storage,
                      const Reply& reply) {
    const Payer payer = Payer::of(caller->session().asker());
    if (const auto wait_ms = budgets_.wait_ms(payer, Budgets::Of::cost); wait_ms > 0) {
        reply(rate_limited("work of reads", wait_ms));
        return;
    }
    const ReadBarrier barrier = barrier_of(Arguments(method.parameters, request.params));
    auto read = std::make_shared<Read>(Read{method, handler, std::move(request.params), storage, reply, {}});
    if (!barrier.linearizable && barrier.min_size == 0) {
        // as_of is taken before the read: the answer contains at least everything below as_of.size.
        read->as_of = backend_.as_of();
        carry_out(std::move(read), caller);
        return;
    }
    backend_.await(barrier, [this, caller, read = std::move(read)](Result<AsOf> reached) {
        caller->post([this, caller, read, reached = std::move(reached)] {
            if (!reached) {
                read->reply(reached.error());
                return;
            }
            read->as_of = *reached;
            carry_out(read, caller);
        });
    });
}

void Dispatcher::carry_out(std::shared_ptr<Read> read, const std::shared_ptr<Caller>& caller) {
    // Who asks is looked at now: the key may have been revoked while the call waited.
    Asker asker = caller->session().asker();
    if (!read->method.may_take_long) {
        read->reply(answer(*read, asker, read->storage));
        return;
    }
    const Payer payer = Payer::of(asker);
    const Reply reply = read->reply;
    const bool taken = pool_.run(payer, [this, caller, read = std::move(read), asker = std::move(asker)] {
        // The arena of the message is the strand's: this answer has one of its own.
        const auto storage = json::make_shared_resource<json::monotonic_resource>();
        const auto given = std::make_shared<Answer>(answer(*read, asker, storage));
        caller->post([read, given] { read->reply(std::move(*given)); });
    });
    if (taken) return;
    Error full{Code::overloaded, "reads_full",
               "too many reads wait at this node, or of this asker; ask again after retry_after_ms", true};
    full.retry_after_ms = 1'000;
    reply(std::move(full));
}

Answer Dispatcher::answer(const Read& read, const Asker& asker, const json::storage_ptr& storage) {
    return guarded(read.method.name, [&] {
        Reading reading{backend_, asker, limits_.max_rows_per_read};
        Answer answer = read.handler(reading, Arguments(read.method.parameters, read.params), storage);
        constexpr std::uint64_t bytes_a_unit = 1'024;
        budgets_.charge(Payer::of(asker), Budgets::Of::cost,
                        1 + reading.work.rows + reading.work.bytes / bytes_a_unit);
        if (answer) (*answer)["as_of"] = as_of_json(read.as_of, storage);
        return answer;
    });
}

}  // namespace socai::api
