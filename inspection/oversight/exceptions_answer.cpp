// Reading the list of exceptions: two lists in the order of time, those written down and the limits still open, are read side
// by side, and pages end between two exceptions.
#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

#include "inspection/answer_text.hpp"
#include "inspection/oversight/exceptions.hpp"
#include "inspection/records/words.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view table = "exc";
constexpr std::int64_t end_of_time = std::numeric_limits<std::int64_t>::max();

// Which list, in the order in which they stand at the same instant.
enum class List : std::uint8_t { written, open };

struct Found {
    Exception exception;
    List list = List::written;
    std::string key;
    auto place() const { return std::tie(exception.time_ms, list, key); }
};

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text.push_back(digits[static_cast<std::uint8_t>(c) >> 4]);
        text.push_back(digits[static_cast<std::uint8_t>(c) & 15]);
    }
    return text;
}

std::optional<std::string> bytes_of(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        unsigned byte = 0;
        for (const char c : hex.substr(i, 2)) {
            if (c >= '0' && c <= '9')
                byte = byte << 4 | static_cast<unsigned>(c - '0');
            else if (c >= 'a' && c <= 'f')
                byte = byte << 4 | static_cast<unsigned>(c - 'a' + 10);
            else
                return std::nullopt;
        }
        bytes.push_back(static_cast<char>(byte));
    }
    return bytes;
}

struct Cursor {
    std::int64_t time_ms = 0;
    List list = List::written;
    std::string key;
};
// "<w or o><key in hex>"; both tables' keys begin with the time.
std::string cursor_text(const Found& found) {
    return (found.list == List::written ? "w" : "o") + hex_of(found.key);
}
std::optional<Cursor> parse_cursor(std::string_view text) {
    if (text.empty() || (text.front() != 'w' && text.front() != 'o')) return std::nullopt;
    const List list = text.front() == 'w' ? List::written : List::open;
    const auto key = bytes_of(text.substr(1));
    const std::string prefix =
        list == List::written ? FactKey(table).bytes() : overdue_key(0).substr(0, overdue_key(0).size() - 8);
    if (!key || !key->starts_with(prefix) || key->size() < prefix.size() + 8) return std::nullopt;
    const auto time = FactKeyReader(*key, std::string_view(prefix).substr(0, prefix.size() - 1)).number();
    if (time > static_cast<std::uint64_t>(end_of_time)) return std::nullopt;
    return Cursor{static_cast<std::int64_t>(time), list, *key};
}

std::string written_key(std::int64_t time_ms) {
    return FactKey(table).number(static_cast<std::uint64_t>(std::max<std::int64_t>(time_ms, 0))).bytes();
}

bool wanted(const Exception& exception, const ExceptionQuery& query) {
    return (!query.kind || *query.kind == exception.kind) &&
           (query.agency.empty() || query.agency == exception.agency);
}

// Where reading of a list begins: a key, and whether it is the last one read already.
std::string begin_of(List list, const ExceptionQuery& query, const std::optional<Cursor>& cursor) {
    const auto key = [&](std::int64_t time_ms) {
        return list == List::written ? written_key(time_ms) : overdue_key(time_ms);
    };
    std::string begin = key(query.from_ms.value_or(0));
    if (!cursor) return begin;
    std::string onward;
    if (cursor->list == list)
        onward = cursor->key + '\0';
    else
        onward = key(cursor->list < list ? cursor->time_ms : cursor->time_ms + 1);
    return std::max(begin, onward);
}

void read_written(const ledger::Facts& facts, const ExceptionQuery& query, const std::string& begin,
                  std::int64_t until, std::vector<Found>& found) {
    std::size_t taken = 0;
    facts.scan(FactKey(table), begin, [&](std::string_view key, std::string_view value) {
        auto exception = decode_fact<Exception>(value);
        if (exception.time_ms >= until || taken > query.limit) return false;
        if (!wanted(exception, query)) return true;
        if (exception.done_ms && *exception.done_ms > query.at_ms) {
            exception.done_ms.reset();
            exception.done_at.reset();
        }
        ++taken;
        found.push_back({std::move(exception), List::written, std::string(key)});
        return true;
    });
}

void read_open(const ledger::Facts& facts, const ExceptionQuery& query, std::string begin, std::int64_t until,
               std::vector<Found>& found) {
    constexpr std::size_t step = 256;
    std::size_t taken = 0;
    for (;;) {
        const std::vector<SubjectRun> some = overdue(facts, until - 1, begin, step);
        for (const SubjectRun& open : some) {
            Exception exception = lateness(open);
            if (!wanted(exception, query)) continue;
            found.push_back({std::move(exception), List::open, open.key});
            if (++taken > query.limit) return;
        }
        if (some.size() < step) return;
        begin = some.back().key;
    }
}

std::string method_vi(std::string_view method) {
    return std::string(vi_word(WordOf::method, method));
}

struct Sentence {
    std::string vi, en;
};

Sentence sentence_of(const Exception& each) {
    switch (each.kind) {
        case ExceptionKind::off_catalog_inspection:
            return {"Kiểm tra hàng hóa không có trong danh mục nào của chế độ này",
                    "Goods were inspected that no list in force names under this regime"};
        case ExceptionKind::stricter_than_rule:
            return {"Áp dụng " + method_vi(each.found) + " trong khi phương thức theo quy tắc là " +
                        method_vi(each.due),
                    "The method " + each.found + " was applied where the rules come to " + each.due};
        case ExceptionKind::refused_clearance:
            return {"Tờ khai bị từ chối thông quan", "Clearance was refused"};
        case ExceptionKind::would_have_differed:
            return {"Phương thức đã xác định là " + method_vi(each.found) +
                        "; theo dữ liệu đã đính chính thì phải là " + method_vi(each.due),
                    "The method " + each.found + " stands; on the corrected history it would be " + each.due};
        case ExceptionKind::lateness:
            break;
    }
    const ClockRow& row = *find_clock(each.clock);
    const std::string due = vietnam_time(each.time_ms);
    return {std::string(row.vi) + ": quá hạn từ " + vi_time(each.time_ms) +
                (each.done_ms ? ", kết thúc lúc " + vi_time(*each.done_ms) : ", chưa thực hiện"),
            std::string(row.en) + ": late from " + due +
                (each.done_ms ? ", ended at " + vietnam_time(*each.done_ms) : ", still open")};
}

boost::json::object exception_told(const Exception& each) {
    Sentence sentence = sentence_of(each);
    std::vector<ledger::Address> evidence{each.at};
    if (each.done_at) evidence.push_back(*each.done_at);
    boost::json::object object{{"kind", word(each.kind)},
                               {"time", vietnam_time(each.time_ms)},
                               {"at", ledger::to_string(each.at)},
                               {"agency", each.agency},
                               {"subject_kind", each.subject_kind},
                               {"subject", each.subject},
                               {"regime", each.regime},
                               {"article", each.article},
                               {"vi", std::move(sentence.vi)},
                               {"en", std::move(sentence.en)},
                               {"evidence", told(evidence)}};
    if (each.kind == ExceptionKind::lateness) {
        object["clock"] = each.clock;
        object["done"] = told_time(each.done_ms);
    }
    if (each.kind == ExceptionKind::stricter_than_rule || each.kind == ExceptionKind::would_have_differed) {
        object["method"] = each.found;
        object["method_by_rule"] = each.due;
    }
    return object;
}

}  // namespace

std::optional<ExceptionPage> find_exceptions(const ledger::Facts& facts, const ExceptionQuery& query) {
    std::optional<Cursor> cursor;
    if (!query.cursor.empty()) {
        cursor = parse_cursor(query.cursor);
        if (!cursor) return std::nullopt;
    }
    const std::int64_t until = std::min(query.to_ms.value_or(end_of_time), query.at_ms + 1);
    std::vector<Found> found;
    read_written(facts, query, begin_of(List::written, query, cursor), until, found);
    if (!query.kind || *query.kind == ExceptionKind::lateness)
        read_open(facts, query, begin_of(List::open, query, cursor), until, found);
    std::ranges::sort(found, [](const Found& a, const Found& b) { return a.place() < b.place(); });

    ExceptionPage page;
    if (found.size() > query.limit) {
        found.resize(query.limit);
        page.next_cursor = cursor_text(found.back());
    }
    for (Found& each : found) page.exceptions.push_back(std::move(each.exception));
    return page;
}

std::optional<boost::json::object> exceptions_answer(const ledger::Facts& facts, const ExceptionQuery& query,
                                                     const Viewer& viewer) {
    boost::json::object answer{
        {"at", vietnam_time(query.at_ms)}, {"exceptions", boost::json::array()}, {"next_cursor", nullptr}};
    if (!viewer.agency) return answer;
    const auto page = find_exceptions(facts, query);
    if (!page) return std::nullopt;
    for (const Exception& each : page->exceptions)
        answer["exceptions"].as_array().push_back(exception_told(each));
    if (!page->next_cursor.empty()) answer["next_cursor"] = page->next_cursor;
    return answer;
}

}  // namespace socai::inspection
