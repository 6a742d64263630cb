#include "node/client/disclosure_file.hpp"

#include <iterator>
#include <sstream>
#include <string_view>

#include "node/client/text_file.hpp"
#include "node/files.hpp"

namespace socai::node::client {
namespace {

constexpr mode_t confidential_mode = 0600;

std::vector<std::string> words_of(std::string_view line) {
    std::istringstream stream{std::string(line)};
    return {std::istream_iterator<std::string>(stream), {}};
}

}  // namespace

Result<std::vector<FiledDisclosure>> read_disclosure_file(const std::string& path) {
    const auto text = read_text_file(path);
    if (!text) return text.error();
    std::vector<FiledDisclosure> disclosures;
    std::string_view rest = *text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.empty()) continue;
        const std::vector<std::string> words = words_of(line);
        auto disclosure = ledger::parse_disclosure(words.back());
        if (!disclosure || (words.size() != 1 && words.size() != 3))
            return Error{Exit::usage, "malformed_disclosure",
                         path + ":" + std::to_string(number) + ": " +
                             (disclosure ? "a line is a disclosure, alone or after source and id of its record"
                                         : disclosure.error().detail)};
        FiledDisclosure filed{{}, {}, *std::move(disclosure)};
        if (words.size() == 3) {
            filed.source = words[0];
            filed.id = words[1];
        }
        disclosures.push_back(std::move(filed));
    }
    return disclosures;
}

Result<void> write_disclosure_file(const std::string& path, const std::vector<FiledDisclosure>& disclosures) {
    std::string text;
    for (const FiledDisclosure& filed : disclosures) {
        if (!filed.source.empty()) text += filed.source + " " + filed.id + " ";
        text += filed.disclosure.text + "\n";
    }
    return write_file(path, text, confidential_mode);
}

}  // namespace socai::node::client
