#include "api/methods.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace socai::api {
namespace {

constexpr std::int64_t standard_timeout_ms = 10'000;

}  // namespace

Parameter timeout_parameter(const Limits& limits) {
    return {.name = "timeout_ms",
            .type = ParameterType::integer,
            .summary = "How long the node may wait before it answers, in milliseconds",
            .min = 1,
            .max = limits.max_timeout_ms,
            .standard = std::min(standard_timeout_ms, limits.max_timeout_ms)};
}

std::vector<Parameter> with_read_parameters(std::vector<Parameter> own, const Limits& limits) {
    own.push_back({.name = "read",
                   .type = ParameterType::choice,
                   .summary = "\"local\": what this node has applied; \"linearizable\": everything that was "
                              "committed anywhere when the call arrived",
                   .choices = {"local", "linearizable"},
                   .standard = "local"});
    own.push_back({.name = "min_size",
                   .type = ParameterType::integer,
                   .summary = "Answer only once the node has applied that many leaves (read your writes)",
                   .min = 0,
                   .max = max_integer,
                   .standard = 0});
    own.push_back(timeout_parameter(limits));
    return own;
}

MethodTable::MethodTable(const Limits& limits) {
    for (auto&& group : {ledger_read_methods(limits), submit_methods(limits), promise_methods(limits),
                         disclosure_methods(limits), proof_methods(limits), subscription_methods(limits), session_methods(limits),
                         inspection_methods(limits), node_methods(limits), governance_methods(limits)}) {
        methods_.insert(methods_.end(), group.begin(), group.end());
    }
    // What looks at as many rows as there are matches, or more.
    for (Method& method : methods_)
        method.may_take_long = method.name == "ledger.query" || method.name.starts_with("inspection.");
    std::ranges::sort(methods_, {}, &Method::name);
    assert(std::ranges::adjacent_find(methods_, {}, &Method::name) == methods_.end());
}

const Method* MethodTable::find(std::string_view name) const {
    const auto found = std::ranges::lower_bound(methods_, name, {}, &Method::name);
    return found != methods_.end() && found->name == name ? &*found : nullptr;
}

}  // namespace socai::api
