#include "node/client/disclosure_file.hpp"

#include <string_view>

#include "node/client/text_file.hpp"
#include "node/files.hpp"

namespace socai::node::client {
namespace {

constexpr mode_t confidential_mode = 0600;

}  // namespace

Result<std::vector<ledger::Disclosure>> read_disclosure_file(const std::string& path) {
    const auto text = read_text_file(path);
    if (!text) return text.error();
    std::vector<ledger::Disclosure> disclosures;
    std::string_view rest = *text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.empty()) continue;
        auto disclosure = ledger::parse_disclosure(line);
        if (!disclosure)
            return Error{Exit::usage, disclosure.error().reason,
                         path + ":" + std::to_string(number) + ": " + disclosure.error().detail};
        disclosures.push_back(*std::move(disclosure));
    }
    return disclosures;
}

Result<void> write_disclosure_file(const std::string& path, const std::vector<ledger::Disclosure>& disclosures) {
    std::string text;
    for (const ledger::Disclosure& disclosure : disclosures) text += disclosure.text + "\n";
    return write_file(path, text, confidential_mode);
}

}  // namespace socai::node::client
