// What is wrong with a record: the rule that it breaks, and where. Pure values; safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"

namespace socai::inspection {

// Rules are constants of the program (rules.hpp): they and their texts live for ever.
struct Rule {
    std::string_view id;  // stable, such as "form.tax_code"
    std::string_view
        article;          // of the law, as cited; empty where only the kind's own article stands behind it
    std::string_view en;  // a sentence that says what must be
    std::string_view vi;
    ledger::Fault fault = ledger::Fault::invalid_statement;
    std::string_view reason = "schema_violation";  // of the ledger's error
};

struct Breach {
    const Rule* rule = nullptr;
    std::string article;  // the rule's, or that of the record's kind
    std::string place;    // JSON pointer (RFC 6901) into the record; empty: the record
    std::string found;    // what stands there, cut short; empty where nothing does
    std::string wanted;   // words, a pattern, a bound; empty where the rule's sentence says it all

    // "/data/x: <en> (found …, wanted …) / <vi> [form.tax_code; TT 105/2020/TT-BTC Đ5]"
    std::string text() const;
    ledger::Error error() const;
};

// Takes in breaches until it has `limit` of them: for admission the first is enough.
class Breaches {
  public:
    explicit Breaches(std::size_t limit) : limit_(limit) {}
    bool full() const { return found_.size() >= limit_; }
    void add(Breach breach) {
        if (!full()) found_.push_back(std::move(breach));
    }
    std::vector<Breach> take() && { return std::move(found_); }
    bool empty() const { return found_.empty(); }

  private:
    std::size_t limit_;
    std::vector<Breach> found_;
};

}  // namespace socai::inspection
