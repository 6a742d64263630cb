#include "node/client/statement_file.hpp"

#include <algorithm>

#include "ledger/statement.hpp"
#include "node/client/text_file.hpp"

namespace socai::node::client {
namespace {

// A bundle holds several. What cannot be parsed counts as one: the ledger will say what is wrong with it.
std::size_t records_in(std::string_view statement) {
    const auto parsed = ledger::parse_statement(statement);
    return parsed ? parsed->records.size() : 1;
}

bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

StatementFile parse_statement_file(std::string_view text) {
    StatementFile file;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        ++number;
        const std::string_view statement = trim(line);
        if (statement.empty()) continue;
        if (statement.front() == '{' || statement.front() == '[') {
            file.faults.push_back(
                {number, "not_a_statement",
                 "this is a record, not a statement; sign it first (socai sign), or give the "
                 "key that signs it: --key F"});
        } else if (!is_visible_ascii(statement)) {
            file.faults.push_back({number, "not_a_statement",
                                   "a statement is one compact JWS a line, without white space inside"});
        } else if (statement.size() > ledger::max_entry_bytes) {
            file.faults.push_back({number, "entry_too_large",
                                   "the statement has " + std::to_string(statement.size()) +
                                       " bytes, more than an entry of 65,535 holds"});
        } else {
            file.statements.push_back({std::string(statement), number, records_in(statement)});
        }
    }
    if (file.statements.empty() && file.faults.empty())
        file.faults.push_back({1, "no_statements", "there are no statements here"});
    return file;
}

}  // namespace socai::node::client
