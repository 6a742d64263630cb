#include "inspection/statistics/page_parts.hpp"

#include <algorithm>

namespace socai::inspection::page {
namespace {

constexpr std::string_view narrow_space = "\u202f";
constexpr std::int64_t chart_width = 720;
constexpr std::int64_t label_width = 300;
constexpr std::int64_t widest_bar = 320;
constexpr std::int64_t bar_height = 14;

std::string number_text(std::int64_t number) {
    return std::to_string(number);
}

std::string attribute(std::string_view name, const std::string& value) {
    return " " + std::string(name) + "=\"" + value + "\"";
}

std::string rectangle(std::string_view kind, std::int64_t top, std::int64_t value, std::int64_t most) {
    const std::int64_t width = most > 0 ? std::max<std::int64_t>(0, value) * widest_bar / most : 0;
    return "<rect" + attribute("class", std::string(kind)) + attribute("x", number_text(label_width)) +
           attribute("y", number_text(top)) + attribute("width", number_text(width)) +
           attribute("height", number_text(bar_height)) + "/>" + "<text" +
           attribute("x", number_text(label_width + width + 6)) +
           attribute("y", number_text(top + bar_height - 3)) + ">" + grouped(value) + "</text>";
}

}  // namespace

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number < 0 ? -number : number);
    for (std::size_t place = digits.size(); place > 3;) {
        place -= 3;
        digits.insert(place, narrow_space);
    }
    return (number < 0 ? "\u2212" : "") + digits;
}

std::string percent(std::int64_t ppm) {
    const std::string hundredths = std::to_string(ppm / 100 % 100);
    return grouped(ppm / 10'000) + "." + (hundredths.size() < 2 ? "0" : "") + hundredths +
           std::string(narrow_space) + "%";
}

std::string hours(std::int64_t minutes) {
    const std::string rest = std::to_string(minutes % 60);
    return grouped(minutes / 60) + std::string(narrow_space) + "h" + std::string(narrow_space) +
           (rest.size() < 2 ? "0" : "") + rest;
}

std::string figure(std::string_view name, std::optional<std::int64_t> number, const std::string& text) {
    if (!number) return "–";
    return "<data" + attribute("value", std::to_string(*number)) + attribute("title", escaped(name)) + ">" +
           text + "</data>";
}

std::string figure(std::string_view name, std::optional<std::int64_t> number) {
    return figure(name, number, number ? grouped(*number) : std::string());
}

std::string difference(std::int64_t now, std::int64_t before) {
    return (now > before ? "+" : "") + grouped(now - before);
}

std::string Table::html() const {
    std::string html = "<table>\n<caption>" + caption + "</caption>\n<thead><tr>";
    for (std::size_t i = 0; i < head.size(); ++i)
        html +=
            std::string("<th scope=\"col\"") + (i < texts ? "" : " class=\"n\"") + ">" + head[i] + "</th>";
    html += "</tr></thead>\n<tbody>\n";
    for (const std::vector<std::string>& row : rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i == 0)
                html += "<th scope=\"row\">" + row[i] + "</th>";
            else
                html += std::string("<td") + (i < texts ? "" : " class=\"n\"") + ">" + row[i] + "</td>";
        }
        html += "</tr>\n";
    }
    return html + "</tbody>\n</table>\n";
}

std::string bar_chart(std::string_view title, const std::vector<Bar>& bars) {
    std::int64_t most = 0;
    std::int64_t height = 4;
    for (const Bar& bar : bars) {
        most = std::max({most, bar.value, bar.compared.value_or(0)});
        height += (bar.compared ? 2 : 1) * (bar_height + 2) + 6;
    }
    std::string html = "<figure><svg" +
                       attribute("viewBox", "0 0 " + number_text(chart_width) + " " + number_text(height)) +
                       attribute("role", "img") + "><title>" + escaped(title) + "</title>";
    std::int64_t top = 4;
    for (const Bar& bar : bars) {
        html += "<text class=\"l\"" + attribute("x", number_text(label_width - 8)) +
                attribute("y", number_text(top + bar_height - 3)) + ">" + escaped(bar.label) + "</text>";
        html += rectangle("now", top, bar.value, most);
        top += bar_height + 2;
        if (bar.compared) {
            html += rectangle("before", top, *bar.compared, most);
            top += bar_height + 2;
        }
        top += 6;
    }
    return html + "</svg></figure>\n";
}

}  // namespace socai::inspection::page
