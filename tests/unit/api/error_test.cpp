#include "api/error.hpp"

#include <gtest/gtest.h>

#include <set>

namespace socai::api {
namespace {

TEST(Error, CarriesTheLedgersFaults) {
    const auto code = [](ledger::Fault fault) { return from_ledger({fault, "r", "d"}).code; };
    EXPECT_EQ(code(ledger::Fault::invalid_statement), Code::invalid_statement);
    EXPECT_EQ(code(ledger::Fault::forbidden), Code::forbidden);
    EXPECT_EQ(code(ledger::Fault::conflict), Code::conflict);
    EXPECT_EQ(code(ledger::Fault::too_large), Code::too_large);
    EXPECT_EQ(code(ledger::Fault::refused), Code::refused);
    const Error error = from_ledger({ledger::Fault::conflict, "known_records", "detail"});
    EXPECT_EQ(error.reason, "known_records");
    EXPECT_EQ(error.detail, "detail");
    EXPECT_FALSE(error.retryable);
    EXPECT_TRUE(from_ledger({ledger::Fault::invalid_statement, "future_time", "d"}).retryable);
}

TEST(Error, NamesEveryCodeOnce) {
    std::set<std::string_view> labels;
    for (int code = -32009; code <= -32001; ++code) labels.insert(label_of(Code{code}));
    for (int code : {-32700, -32600, -32601, -32602, -32603}) labels.insert(label_of(Code{code}));
    EXPECT_EQ(labels.size(), 14U);
    EXPECT_EQ(message_of(Code::parse_error), "Parse error");
    EXPECT_EQ(message_of(Code::refused), "refused");
}

TEST(Error, ListsEachReasonOnceWithACure) {
    std::set<std::string_view> words;
    for (const Reason& reason : api_reasons()) {
        EXPECT_TRUE(words.insert(reason.word).second) << reason.word;
        EXPECT_EQ(reason.word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
        EXPECT_FALSE(reason.cure.empty());
    }
}

}  // namespace
}  // namespace socai::api
