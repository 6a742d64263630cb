#include "inspection/case_page.hpp"

#include <array>
#include <boost/json/serialize.hpp>
#include <map>
#include <optional>
#include <utility>

#include "inspection/page_text.hpp"
#include "ledger/note.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view style =
    "body{font:11pt/1.45 'Noto Serif','Times New Roman',serif;color:#111;max-width:60em;margin:2em "
    "auto;padding:0 1em}"
    "h1{font-size:1.5em;border-bottom:2px solid "
    "#111;padding-bottom:.3em}h2{font-size:1.15em;margin-top:1.8em}"
    "h3{font-size:1em;margin:1.4em 0 .3em}.en{color:#555;font-weight:normal;font-style:italic}"
    "table{border-collapse:collapse;width:100%;font-size:.85em}th,td{border:1px solid #999;padding:.25em "
    ".4em;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eee}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6;border:1px solid "
    "#ddd;padding:.6em;font-size:.8em}"
    "code{font-size:.85em;overflow-wrap:anywhere}dl{display:grid;grid-template-columns:14em 1fr;gap:.2em 1em}"
    "dt{font-weight:bold}dd{margin:0}bdi{unicode-bidi:isolate}"
    "@media print{body{margin:0;max-width:none}h3{break-after:avoid}tr{break-inside:avoid}}";

using page::both;
using page::escaped;
using page::shown;

std::string heading(std::string_view level, std::string_view vietnamese, std::string_view english) {
    const std::string name(level);
    return "<" + name + ">" + both(vietnamese, english) + "</" + name + ">\n";
}

std::string fact(std::string_view vietnamese, std::string_view english, const std::string& html) {
    return "<dt>" + both(vietnamese, english) + "</dt><dd>" + html + "</dd>\n";
}

std::string row(const std::vector<std::string>& cells, std::string_view tag = "td") {
    std::string html = "<tr>";
    for (const std::string& cell : cells) {
        html.append("<").append(tag).append(">").append(cell).append("</").append(tag).append(">");
    }
    return html + "</tr>\n";
}

// JSON over several lines; its depth is bounded by parse_ijson.
void append_pretty(std::string& text, const json::value& value, std::size_t depth) {
    const auto line = [&](std::size_t levels) { text.append("\n").append(2 * levels, ' '); };
    bool first = true;
    if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
        text += '{';
        for (const json::key_value_pair& member : *object) {
            if (!std::exchange(first, false)) text += ',';
            line(depth + 1);
            text += json::serialize(member.key()) + ": ";
            append_pretty(text, member.value(), depth + 1);
        }
        line(depth);
        text += '}';
    } else if (const json::array* array = value.if_array(); array != nullptr && !array->empty()) {
        text += '[';
        for (const json::value& element : *array) {
            if (!std::exchange(first, false)) text += ',';
            line(depth + 1);
            append_pretty(text, element, depth + 1);
        }
        line(depth);
        text += ']';
    } else {
        text += json::serialize(value);
    }
}

// The page while it is written: the records as they were read, and which of them stand in the case.
class Page {
  public:
    explicit Page(const Case& file) : file_(file) {
        for (const CaseRecord& record : file.records) {
            ledger::Result<ledger::Record> read = ledger::parse_record(record.bytes);
            records_.push_back(read ? std::optional(*std::move(read)) : std::nullopt);
        }
        for (std::size_t i = 0; i < records_.size(); ++i) {
            if (!records_[i]) continue;
            places_.emplace(std::pair(records_[i]->source, records_[i]->id), i);
        }
        for (std::size_t i = 0; i < records_.size(); ++i) {
            if (!records_[i]) continue;
            for (const ledger::Reference& reference : records_[i]->refs) {
                const auto target = places_.find(std::pair(reference.source, reference.id));
                if (target != places_.end()) referrers_.emplace(target->second, i);
            }
        }
    }

    std::string head(std::string_view file_hash, std::string_view fingerprint) const {
        const CaseScope& scope = file_.scope;
        constexpr std::array<std::pair<std::string_view, std::string_view>, 3> names{
            {{"Hồ sơ số", "Dossier"},
             {"Mã số thuế", "Tax code"},
             {"Tờ khai hải quan số", "Customs declaration"}}};
        const auto& [vietnamese, english] = names.at(static_cast<std::size_t>(scope.kind));
        std::string html = "<h1>" + both("Hồ sơ vụ việc", "Case file") + "</h1>\n<dl>\n";
        html += fact(vietnamese, english, shown(scope.number));
        if (scope.from_time_ms)
            html += fact("Ký từ", "Signed from", ledger::format_rfc3339(*scope.from_time_ms));
        if (scope.to_time_ms)
            html += fact("Ký trước", "Signed before", ledger::format_rfc3339(*scope.to_time_ms));
        html += fact("Sổ cái", "Ledger", shown(file_.origin));
        html += fact("Tính đến", "As of",
                     std::to_string(file_.as_of_size) + " " + both("mục", "leaves") + ", " +
                         ledger::format_rfc3339(file_.as_of_time_ms));
        html += fact("Số bản ghi", "Records", std::to_string(file_.records.size()));
        html += fact("SHA-256 của tệp hồ sơ", "SHA-256 of the case file",
                     "<code>" + escaped(file_hash) + "</code>");
        html += fact("Kiểm tra khi xuất", "Verified at export",
                     fingerprint.empty() ? both("chưa kiểm tra", "not verified")
                                         : both("đã kiểm tra theo chính sách có vân tay",
                                                "under the policy with the fingerprint") +
                                               " <code>" + escaped(fingerprint) + "</code>");
        return html + "</dl>\n";
    }

    std::string history() const {
        std::string html = heading("h2", "Diễn biến", "History");
        html += "<table>\n" +
                row({both("Lá", "Leaf"), both("Tiếp nhận", "Accepted"), both("Thời điểm ký", "Signed time"),
                     both("Cơ quan", "Source"), both("Loại", "Kind"), both("Mã", "Id"), both("Số", "Subject"),
                     both("Viện dẫn", "Refers to")},
                    "th");
        for (std::size_t i = 0; i < file_.records.size(); ++i) {
            const CaseRecord& record = file_.records[i];
            if (!records_[i]) {
                html += row({link(i), ledger::format_rfc3339(record.time_ms), "", "", "", "", "", ""});
                continue;
            }
            const ledger::Record& read = *records_[i];
            html +=
                row({link(i), ledger::format_rfc3339(record.time_ms), shown(read.time), shown(read.source),
                     shown(read.kind()), shown(read.id), shown(read.subject), references(read)});
        }
        return html + "</table>\n";
    }

    std::string records() const {
        std::string html = heading("h2", "Các bản ghi", "Records");
        for (std::size_t i = 0; i < file_.records.size(); ++i) {
            const CaseRecord& record = file_.records[i];
            const std::string address = ledger::to_string(record.address);
            html += "<h3 id=\"r" + address + "\">" + both("Lá " + address, "Leaf " + address);
            if (records_[i]) html += " — " + shown(records_[i]->type) + " " + shown(records_[i]->id);
            html += "</h3>\n<dl>\n" + fact("Khóa ký", "Signed with", shown(record.kid));
            html += fact("SHA-256", "SHA-256",
                         "<code>" + ledger::to_hex(ledger::sha256(record.bytes)) + "</code>");
            if (records_[i] && !records_[i]->refs.empty()) {
                html += fact("Viện dẫn", "Refers to", references(*records_[i]));
            }
            std::string referrers;
            const auto [first, last] = referrers_.equal_range(i);
            for (auto it = first; it != last; ++it)
                referrers += (referrers.empty() ? "" : ", ") + link(it->second);
            if (!referrers.empty()) html += fact("Được viện dẫn bởi", "Referred to by", referrers);
            html += "</dl>\n";
            std::string text = record.bytes;
            if (records_[i]) {
                text.clear();
                append_pretty(text, records_[i]->json, 0);
            }
            html += "<pre><bdi>" + escaped(text) + "</bdi></pre>\n";
        }
        return html;
    }

    std::string receipts() const {
        std::string html = heading("h2", "Biên nhận", "Receipts");
        html += "<table>\n" +
                row({both("Lá", "Leaf"), both("Kích thước cây", "Tree size"), both("Gốc cây", "Root"),
                     both("Chữ ký trên gốc cây", "Signatures on the root")},
                    "th");
        for (const CaseReceipt& receipt : file_.receipts) {
            const ledger::Head& head = receipt.leaf.proof.head;
            std::string signers;
            for (const ledger::NoteSignature& line : head.note.signatures) {
                signers += (signers.empty() ? "" : "<br>") + shown(line.name);
            }
            html += row({std::to_string(receipt.leaf.proof.index), std::to_string(head.checkpoint.size),
                         "<code>" + ledger::to_hex(head.checkpoint.root) + "</code>", signers});
        }
        return html + "</table>\n";
    }

  private:
    std::string link(std::size_t position) const {
        const std::string address = ledger::to_string(file_.records[position].address);
        return "<a href=\"#r" + address + "\">" + address + "</a>";
    }

    std::string references(const ledger::Record& record) const {
        std::string html;
        for (const ledger::Reference& reference : record.refs) {
            if (!html.empty()) html += "<br>";
            html += shown(reference.rel) + " " + shown(reference.id) + " (" + shown(reference.source) + ")";
            const auto target = places_.find(std::pair(reference.source, reference.id));
            html += target == places_.end() ? " — " + both("ngoài hồ sơ này", "not in this case")
                                            : " → " + link(target->second);
        }
        return html;
    }

    const Case& file_;
    std::vector<std::optional<ledger::Record>> records_;                 // by position
    std::map<std::pair<std::string, std::string>, std::size_t> places_;  // source, id -> position
    std::multimap<std::size_t, std::size_t> referrers_;                  // position -> who refers to it
};

std::string item(std::string_view vietnamese, std::string_view english) {
    return "<li>" + both(vietnamese, english) + "</li>\n";
}

std::string what_is_proven() {
    std::string html = heading("h2", "Tệp này chứng minh điều gì", "What the file proves");
    html += "<p>" +
            both("Trang này chỉ để đọc. Bằng chứng nằm trong tệp hồ sơ (JSON); kiểm tra bằng lệnh",
                 "This page is for reading. The evidence is the case file (JSON); verify it with") +
            " <code>socai export verify FILE --policy P</code></p>\n<ul>\n";
    html += item("Mỗi bản ghi đứng đúng tại mục số đã nêu trong sổ cái mà các cơ quan đã cùng ký.",
                 "Each record stands at the leaf named here, in a ledger that the agencies cosigned.");
    html += item("Người giữ khóa của cơ quan ban hành đã ký đúng nội dung đó.",
                 "The holder of the issuing agency's key signed exactly these bytes.");
    html += "</ul>\n" + heading("h2", "Tệp này không chứng minh điều gì", "What the file does not prove") +
            "<ul>\n";
    html += item("Rằng không thiếu bản ghi nào của vụ việc: biên nhận không cho thấy điều đó.",
                 "That no record of the case was left out: receipts cannot show it.");
    html += item("Rằng nội dung các bản ghi đúng sự thật.", "That what the records say is true.");
    html += item("Rằng sau thời điểm đã nêu không có bản ghi thay thế hoặc hủy bỏ.",
                 "That nothing later supersedes or revokes a record.");
    html += item("Lịch sử phương thức kiểm tra chưa có trong tệp này.",
                 "The history of inspection methods is not part of the file yet.");
    return html + "</ul>\n";
}

}  // namespace

std::string case_page(const Case& file, std::string_view file_hash, std::string_view fingerprint) {
    const Page page(file);
    std::string html =
        "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n"
        "<title>Hồ sơ vụ việc / Case file — " +
        escaped(file.scope.number) + "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n";
    html += page.head(file_hash, fingerprint) + page.history() + page.records() + page.receipts() +
            what_is_proven();
    return html + "</body>\n</html>\n";
}

}  // namespace socai::inspection
