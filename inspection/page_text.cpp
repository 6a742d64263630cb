#include "inspection/page_text.hpp"

namespace socai::inspection::page {

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            case '\'':
                html += "&#39;";
                break;
            default: {
                const auto byte = static_cast<unsigned char>(c);
                html += (byte < 0x20 && c != '\n') || byte == 0x7f ? ' ' : c;
            }
        }
    }
    return html;
}

std::string shown(std::string_view text) {
    return "<bdi>" + escaped(text) + "</bdi>";
}

std::string both(std::string_view vietnamese, std::string_view english) {
    return std::string(vietnamese) + " <span class=\"en\" lang=\"en\">/ " + std::string(english) + "</span>";
}

}  // namespace socai::inspection::page
