// ledger.submit: statements in, results out, in the order given.
#include <algorithm>
#include <cassert>
#include <utility>

#include "api/limits/budgets.hpp"
#include "api/methods.hpp"
#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/record.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

json::object submitted_json(const Submitted& submitted) {
    json::object object;
    if (submitted.status == "accepted") {
        object["status"] = submitted.status;
        object["duplicate"] = submitted.duplicate;
        object["promise"] = submitted.promise;
        return object;
    }
    object["index"] = submitted.address.index;
    // A duplicate may stand anywhere in a bundle; what was appended now starts its leaf.
    if (submitted.duplicate || submitted.address.n > 0) object["n"] = submitted.address.n;
    object["time"] = submitted.time_ms;
    object["status"] = submitted.status;
    object["duplicate"] = submitted.duplicate;
    if (submitted.late) object["late"] = true;
    if (submitted.receipt) object["receipt"] = *submitted.receipt;
    return object;
}

// `alone`: the call carried `statement`, whose fault is the call's.
Answer results_json(const SubmitResults& results, bool alone) {
    if (alone && results.size() == 1 && !results.front()) return results.front().error();
    json::array array;
    array.reserve(results.size());
    for (const Result<Submitted>& result : results) {
        if (result) {
            array.emplace_back(submitted_json(*result));
        } else {
            array.emplace_back(json::object{{"error", error_object(result.error())}});
        }
    }
    return json::object{{"results", std::move(array)}};
}

// The key that a statement names; empty: it will be refused for its form.
std::string named_key(std::string_view statement) {
    constexpr std::size_t max_header_bytes = 1'024;
    const std::string_view header = statement.substr(0, statement.find('.'));
    if (header.size() > max_header_bytes) return {};
    const auto bytes = ledger::base64url_decode(header);
    const auto value = bytes ? ledger::parse_ijson(*bytes) : ledger::Result<json::value>(json::value());
    const json::object* object = value ? value->if_object() : nullptr;
    const json::value* kid = object == nullptr ? nullptr : object->if_contains("kid");
    return kid != nullptr && kid->is_string() ? std::string(kid->get_string()) : std::string();
}

// Whoever asks pays for every statement; a key, for those that it has signed: of these it is known only by the result, and
// nobody can spend what another key may submit by naming it, or by bringing again what stands.
std::optional<Error> over_limit(Budgets& budgets, const Payer& payer, const std::vector<std::string>& kids) {
    std::int64_t wait_ms = budgets.wait_ms(payer, Budgets::Of::statements);
    for (const std::string& kid : kids) wait_ms = std::max(wait_ms, budgets.wait_ms_of_key(kid));
    if (wait_ms > 0) return rate_limited("statements", wait_ms);
    budgets.charge(payer, Budgets::Of::statements, kids.size());
    return std::nullopt;
}

void submit(Backend& backend, const Arguments& arguments, std::shared_ptr<Caller> caller, Reply reply) {
    const bool alone = arguments.has("statement");
    if (alone == arguments.has("statements")) {
        reply(alone ? invalid_params("exclusive_parameters", "give statement or statements, not both")
                    : invalid_params("missing_parameter", "statement or statements is required"));
        return;
    }
    SubmitRequest request;
    if (alone) {
        request.statements.emplace_back(*arguments.string("statement"));
    } else {
        request.statements = arguments.strings("statements");
    }
    if (arguments.has("disclosures")) request.disclosures = arguments.strings("disclosures");
    if (arguments.string("wait") == "final") request.wait = Wait::final;
    request.timeout_ms = *arguments.integer("timeout_ms");
    if (arguments.string("wait") == "accepted") request.wait = Wait::accepted;
    std::vector<std::string> kids;
    kids.reserve(request.statements.size());
    for (const std::string& statement : request.statements) kids.push_back(named_key(statement));
    if (auto refused = over_limit(caller->budgets(), Payer::of(caller->session().asker()), kids)) {
        reply(std::move(*refused));
        return;
    }
    backend.submit(std::move(request), [caller = std::move(caller), reply = std::move(reply), alone,
                                        kids = std::move(kids)](SubmitResults results) {
        assert(results.size() == kids.size());
        caller->post([caller, reply, alone, kids, results = std::move(results)] {
            for (std::size_t i = 0; i < results.size(); ++i)
                if (results[i] && !results[i]->duplicate) caller->budgets().charge_key(kids[i], 1);
            reply(results_json(results, alone));
        });
    });
}

}  // namespace

std::vector<Method> submit_methods(const Limits& limits) {
    return {
        {"ledger.submit",
         "Appends signed statements; resubmitting the same bytes is harmless",
         {{.name = "statement",
           .summary = "One statement (compact JWS); its fault is the call's error",
           .min = 1,
           .max = static_cast<std::int64_t>(limits.max_message_bytes)},
          {.name = "statements",
           .type = ParameterType::string_list,
           .summary = "Several, answered one by one in the order given",
           .min = 1,
           .max = static_cast<std::int64_t>(limits.max_batch)},
          {.name = "disclosures",
           .type = ParameterType::string_list,
           .summary = "What the statements' commitments (data._sd) stand for, in any order (RFC 9901)",
           .max = static_cast<std::int64_t>(limits.max_batch * ledger::max_commitments)},
          {.name = "wait",
           .type = ParameterType::choice,
           .summary =
               "What must have happened before the answer: \"accepted\": this node holds it durably "
               "and promises, signed, to bring it into the ledger; \"committed\": a majority of the nodes "
               "holds it; \"final\": the policy's quorum of agencies has cosigned a head that contains it",
           .choices = {"accepted", "committed", "final"},
           .standard = "committed"},
          timeout_parameter(limits)},
         "SubmitAnswer",
         {Code::invalid_params, Code::invalid_statement, Code::forbidden, Code::conflict,
          Code::outcome_unknown, Code::overloaded, Code::unavailable, Code::too_large, Code::refused},
         &submit},
    };
}

}  // namespace socai::api
