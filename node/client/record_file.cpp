#include "node/client/record_file.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "ledger/ijson.hpp"
#include "ledger/record.hpp"
#include "node/client/text_file.hpp"

namespace socai::node::client {
namespace {

// Whether every bracket that `line` opens is closed in it: then it is a whole JSON value, and the file is
// JSONL.
bool is_whole_value(std::string_view line) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return depth == 0 && !in_string;
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    RecordFile read() && {
        const std::string_view content = trim(text_);
        if (content.empty()) {
            file_.faults.push_back({1, "no_records", "there are no records here"});
        } else if (content.front() == '[') {
            read_array(content);
        } else if (is_whole_value(content.substr(0, content.find('\n')))) {
            read_lines(content);
        } else {
            add(content, line_of(content));
        }
        return std::move(file_);
    }

  private:
    // Of the first byte of `part`, which is a part of text_. Parts come in the order of the file.
    std::size_t line_of(std::string_view part) {
        const auto offset = static_cast<std::size_t>(part.data() - text_.data());
        line_ +=
            static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                                text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
        counted_ = offset;
        return line_;
    }

    void read_array(std::string_view content) {
        const std::size_t line = line_of(content);
        if (const auto parsed = ledger::parse_ijson(content); !parsed) {
            file_.faults.push_back({line, parsed.error().reason, parsed.error().detail});
            return;
        }
        const auto elements = ledger::array_elements(content);
        if (elements.empty()) file_.faults.push_back({line, "no_records", "the array is empty"});
        for (const std::string_view element : elements) add(trim(element), line_of(element));
    }

    void read_lines(std::string_view content) {
        while (!content.empty()) {
            const std::string_view line = content.substr(0, content.find('\n'));
            if (const std::string_view record = trim(line); !record.empty()) add(record, line_of(record));
            content.remove_prefix(std::min(line.size() + 1, content.size()));
        }
    }

    void add(std::string_view bytes, std::size_t line) {
        auto record = ledger::parse_record(bytes);
        if (!record) {
            file_.faults.push_back({line, record.error().reason, record.error().detail});
            return;
        }
        const auto [first, is_new] = lines_.emplace(std::pair(record->source, record->id), line);
        if (!is_new) {
            file_.faults.push_back({line, "repeated_record",
                                    "the record " + record->id + " of " + record->source +
                                        " stands already in line " + std::to_string(first->second) +
                                        "; give it another id, or remove one of the two"});
            return;
        }
        file_.records.push_back({std::string(bytes), line, std::move(record->id), std::move(record->source),
                                 std::move(record->type)});
    }

    std::string_view text_;
    std::size_t line_ = 1;                                              // of text_[counted_]
    std::size_t counted_ = 0;                                           // bytes whose line ends are in line_
    std::map<std::pair<std::string, std::string>, std::size_t> lines_;  // (source, id) -> line
    RecordFile file_;
};

}  // namespace

RecordFile parse_record_file(std::string_view text) {
    return Reader(text).read();
}

}  // namespace socai::node::client
