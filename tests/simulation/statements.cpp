#include "tests/simulation/statements.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cassert>
#include <utility>

#include "consensus/chain.hpp"
#include "ledger/entry.hpp"
#include "ledger/jwk.hpp"
#include "ledger/merkle_tree.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::simulation {
namespace {

namespace json = boost::json;
namespace samples = ledger::samples;

constexpr std::string_view office = "customs.haiphong";

json::object record(std::size_t n, std::string_view part, std::string_view source) {
    static constexpr std::string_view kinds[] = {"inspection_registration", "customs_declaration",
                                                 "clearance_decision", "inspection_result"};
    json::object data{{"refs", json::array()}};
    if (n % 4 < 2) data["dossier_no"] = "D" + std::to_string(n / 8);
    if (n % 4 == 1) data["hs_code"] = "8516" + std::to_string(10 + n % 90);
    json::object event;
    event["specversion"] = "1.0";
    event["id"] = "r" + std::to_string(n) + std::string(part);
    event["source"] = source;
    event["type"] = "vn.socai." + std::string(kinds[n % 4]) + ".v1";
    event["subject"] = "S" + std::to_string(n / 4);
    event["time"] = "2021-09-30T23:00:00+00:00";
    event["datacontenttype"] = "application/json";
    event["data"] = std::move(data);
    if (n % 4 == 2) samples::refer(event, "about", source, "r" + std::to_string(n - 2));
    return event;
}

consensus::EntryPtr first_entry(const std::string& text) {
    ledger::Frontier tree;
    tree.append(ledger::leaf_hash(text));
    return consensus::make_entry({}, {1}, consensus::EntryKind::payload, ledger::leaf_hash(text), tree.root(),
                                 text);
}

}  // namespace

Statements::Statements()
    : genesis_(ledger::parse_genesis(samples::genesis_entry()).value()),
      context_{genesis_, rules_},
      genesis_entry_(first_entry(samples::genesis_entry())) {}

std::int64_t Statements::genesis_time_ms() const {
    return ledger::split_entry(genesis_entry_->payload)->time_ms;
}

StatementPtr Statements::sign(std::size_t n, std::string_view source, std::string_view kid,
                              std::string_view key) const {
    const ledger::Jwk jwk{std::string(kid), samples::key_named(key).key};
    const bool bundle = n % 8 == 7;
    const std::string payload = bundle ? samples::bundle_text({record(n, "", source), record(n, "b", source)})
                                       : samples::text(record(n, "", source));
    const std::string text = ledger::sign_statement(jwk, samples::origin, payload, bundle);
    return std::make_shared<const ledger::Statement>(ledger::parse_statement(text).value());
}

const StatementPtr& Statements::good(std::size_t n) {
    StatementPtr& statement = good_[n];
    if (statement == nullptr) {
        statement = sign(n, office, "customs.haiphong/1", "customs.haiphong/1");
        assert(ledger::check_signature(context_.genesis, context_.genesis.registry, *statement));
        numbers_.emplace(statement->text, n);
        judged_.emplace(statement->text, statement);
    }
    return statement;
}

std::optional<std::size_t> Statements::number_of(const ledger::Statement& statement) const {
    const auto found = numbers_.find(statement.text);
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
}

StatementPtr Statements::forged(Forgery forgery, std::size_t n) {
    switch (forgery) {
        case Forgery::bad_signature:
            return sign(n, office, "customs.haiphong/1", "the key of somebody else");
        case Forgery::unknown_key:
            return sign(n, office, "customs.haiphong/nobody", "customs.haiphong/1");
        case Forgery::foreign_source:
            return sign(n, "most", "customs.haiphong/1", "customs.haiphong/1");
    }
    return nullptr;
}

const ledger::Result<StatementPtr>& Statements::judged(std::string_view text) {
    const auto found = judged_.find(text);
    if (found != judged_.end()) return found->second;
    ledger::Result<StatementPtr> result = StatementPtr();
    if (auto parsed = ledger::parse_statement(text); !parsed) {
        result = parsed.error();
    } else if (const auto checked = ledger::check_signature(context_.genesis, context_.genesis.registry, *parsed); !checked && !trusting_) {
        result = checked.error();
    } else {
        result = std::make_shared<const ledger::Statement>(std::move(*parsed));
    }
    return judged_.emplace(std::string(text), std::move(result)).first->second;
}

const std::vector<inspection::Fields>& Statements::fields(const ledger::Statement& statement) {
    auto [found, is_new] = fields_.try_emplace(&statement);
    if (is_new) {
        for (const ledger::Record& each : statement.records)
            found->second.push_back(inspection::fields_of(each));
    }
    return found->second;
}

}  // namespace socai::simulation
