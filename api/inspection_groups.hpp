// The methods inspection.* by what they are about, one function a file, and the parameters that they share.
#pragma once

#include <string_view>
#include <vector>

#include "api/method.hpp"

namespace socai::api {

std::vector<Method> shipment_methods(const Limits& limits);   // inspection.clearance, dossier
std::vector<Method> goods_methods(const Limits& limits);      // inspection.method, goods, catalog, alerts
std::vector<Method> result_methods(const Limits& limits);     // inspection.results
std::vector<Method> oversight_methods(const Limits& limits);  // inspection.enterprise, exceptions, statistics

Parameter method_parameter(std::string_view summary);
Parameter hs_prefix_parameter();
Parameter goods_key_parameter();
Parameter limit_parameter();
Parameter cursor_parameter();

}  // namespace socai::api
