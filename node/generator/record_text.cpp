#include "node/generator/record_text.hpp"

#include <utility>

#include "node/generator/trade_calendar.hpp"

namespace socai::node::generator {

RecordText::RecordText(std::string_view kind, std::string_view source, std::string id,
                       std::string_view subject, std::int64_t time_ms)
    : kind_(kind), source_(source), id_(std::move(id)), time_ms_(time_ms) {
    text_.reserve(1'536);
    text_.append(R"({"specversion":"1.0","id":")").append(id_);
    text_.append(R"(","source":")").append(source);
    text_.append(R"(","type":"vn.socai.)").append(kind);
    text_.append(R"(.v1","subject":")").append(subject);
    text_.append(R"(","time":")").append(time_text(time_ms));
    text_.append(R"(","datacontenttype":"application/json","data":{)");
}

void RecordText::member(std::string_view name) {
    if (text_.back() != '{') text_ += ',';
    text_.append("\"").append(name).append("\":");
}

RecordText& RecordText::text(std::string_view name, std::string_view value) {
    member(name);
    text_.append("\"").append(value).append("\"");
    return *this;
}
RecordText& RecordText::number(std::string_view name, std::int64_t value) {
    member(name);
    text_ += std::to_string(value);
    return *this;
}
RecordText& RecordText::raw(std::string_view name, std::string_view json) {
    member(name);
    text_ += json;
    return *this;
}
RecordText& RecordText::refer(std::string_view rel, std::string_view source, std::string_view id) {
    supersedes_ = supersedes_ || rel == "supersedes";
    if (!refs_.empty()) refs_ += ',';
    refs_.append(R"({"rel":")").append(rel);
    refs_.append(R"(","source":")").append(source);
    refs_.append(R"(","id":")").append(id).append(R"("})");
    return *this;
}

std::string RecordText::finish() {
    member("refs");
    text_.append("[").append(refs_).append("]}}");
    return std::move(text_);
}

}  // namespace socai::node::generator
