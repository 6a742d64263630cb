// Texts on the pages that people print (case_page.hpp, statistics/report_html). Pure.
#pragma once

#include <string>
#include <string_view>

namespace socai::inspection::page {

// Neither markup nor control characters but ends of lines: what a signer wrote becomes no part of the page.
std::string escaped(std::string_view text);
// The same, and does not turn the direction of what stands around it.
std::string shown(std::string_view text);
// In both languages, the English one smaller. HTML already.
std::string both(std::string_view vietnamese, std::string_view english);

}  // namespace socai::inspection::page
