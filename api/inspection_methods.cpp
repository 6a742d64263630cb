#include <iterator>
#include <utility>

#include "api/inspection_groups.hpp"
#include "api/methods.hpp"

namespace socai::api {

Parameter method_parameter(std::string_view summary) {
    return {.name = "method",
            .type = ParameterType::choice,
            .summary = summary,
            .choices = {"exempt", "reduced", "normal", "strict"}};
}

Parameter hs_prefix_parameter() {
    return {.name = "hs_prefix",
            .type = ParameterType::digits,
            .summary = "Leading digits of the goods' HS code",
            .min = 1,
            .max = 8};
}

Parameter goods_key_parameter() {
    return {.name = "goods_key", .summary = "Of these goods, sha256:…", .min = 71, .max = 71};
}

Parameter limit_parameter() {
    return {.name = "limit",
            .type = ParameterType::integer,
            .summary = "Items in one answer",
            .min = 1,
            .max = 1'000,
            .standard = 100};
}

Parameter cursor_parameter() {
    return {.name = "cursor",
            .summary = "next_cursor of the answer before; the other parameters stay the same",
            .min = 1,
            .max = 1'024};
}

std::vector<Method> inspection_methods(const Limits& limits) {
    std::vector<Method> methods;
    for (auto&& group :
         {shipment_methods(limits), goods_methods(limits), result_methods(limits), oversight_methods(limits)})
        methods.insert(methods.end(), group.begin(), group.end());
    return methods;
}

}  // namespace socai::api
