#include "node_config.hpp"

#include <algorithm>

#include "process.hpp"

namespace socai::cluster_tests {

void set_in_config(const std::string& path, const std::string& section, const std::string& key,
                   std::int64_t value) {
    const std::string header = "[" + section + "]\n";
    const std::string line = key + " = " + std::to_string(value) + "\n";
    std::string text = "\n" + read_text(path);
    auto begin = text.find("\n" + header);
    if (begin == std::string::npos) {
        text += "\n" + header;
        begin = text.size() - header.size() - 1;
    }
    begin += 1 + header.size();
    const auto end = std::min(text.find("\n[", begin), text.size());
    const auto old = text.find("\n" + key + " = ", begin - 1);
    if (old < end) text.erase(old + 1, text.find('\n', old + 1) - old);
    text.insert(begin, line);
    write_text(path, text.substr(1));
}

}  // namespace socai::cluster_tests
