// A case file as one stand-alone page in HTML, for reading and printing: Vietnamese and English headings, no script,
// nothing fetched. A rendering: what is verified is the case file. Pure; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "inspection/case_file.hpp"

namespace socai::inspection {

// `file_hash` is the SHA-256 of the case file's bytes, in hex. `fingerprint` is that of the policy (ledger::head.hpp) under
// which the case was verified before the page was made; empty when it was not.
std::string case_page(const Case& file, std::string_view file_hash, std::string_view fingerprint);

}  // namespace socai::inspection
