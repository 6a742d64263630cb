#include "ledger/governance/withdrawal.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/remains.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_act";
constexpr std::string_view table = "withdrawal/";
constexpr std::size_t index_digits = 20;

std::string leaf_key(std::uint64_t index) {
    const std::string digits = std::to_string(index);
    return std::string(table) + std::string(index_digits - digits.size(), '0') + digits;
}

std::string key_of(std::uint64_t index, const Hash& remains) {
    return leaf_key(index) + "/" + to_hex(remains);
}

// Nothing for a vote of before what remains was voted for.
std::optional<VotedWithdrawal> decode(std::string_view key, std::string_view text) {
    if (key.size() <= table.size() + index_digits) return std::nullopt;
    const json::value value = json::parse(json::string_view(text.data(), text.size()));
    VotedWithdrawal voted;
    voted.index = std::stoull(std::string(key.substr(table.size(), index_digits)));
    voted.remains = std::string_view(value.at("remains").as_string());
    for (const json::value& each : value.at("legal_basis").as_array()) voted.legal_basis.emplace_back(each.as_string());
    voted.at = parse_address(std::string_view(value.at("at").as_string())).value();
    return voted;
}

// What stays must be of this leaf, and of one that may go. That it is what remains of it, those who vote have looked at.
Result<void> check_remains_of(const Enactment& enactment, std::uint64_t index, std::string_view text) {
    const auto remains = parse_remains(text);
    if (!remains) return remains.error();
    if (remains->index != index)
        return invalid("malformed_remains", "data.change.remains is of leaf " + std::to_string(remains->index) +
                                                ", data.change.index is " + std::to_string(index));
    return may_be_withdrawn(enactment.context.rules, index, remains->statement.records.front());
}

}  // namespace

void each_withdrawal(const Facts& facts, const std::function<bool(const VotedWithdrawal&)>& visit) {
    facts.scan(table, table, [&](std::string_view key, std::string_view value) {
        const auto voted = decode(key, value);
        return !voted || visit(*voted);
    });
}

std::optional<VotedWithdrawal> voted_withdrawal(const Facts& facts, std::uint64_t index, const Hash& remains) {
    const std::string key = key_of(index, remains);
    const auto text = facts.get(key);
    return text ? decode(key, *text) : std::nullopt;
}

std::optional<VotedWithdrawal> voted_withdrawal(const Facts& facts, std::uint64_t index) {
    std::optional<VotedWithdrawal> found;
    const std::string prefix = leaf_key(index) + "/";
    facts.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
        found = decode(key, value);
        return false;
    });
    return found;
}

bool is_voted_to_go(const Facts& facts, std::uint64_t index) {
    const std::string prefix = leaf_key(index) + "/";
    const auto last = facts.last(prefix, end_of_prefix(prefix));
    return last.has_value();
}

Result<void> approve_withdrawal(const Enactment& enactment, RegistryDraft& draft) {
    const bool with_remains = enactment.context.rules.withdraw_bytes(draft.facts());
    JsonMembers members = with_remains
                              ? JsonMembers(enactment.change, std::string(reason), "data.change",
                                            {"index", "legal_basis", "remains"})
                              : JsonMembers(enactment.change, std::string(reason), "data.change", {"index", "legal_basis"});
    const auto index = static_cast<std::uint64_t>(members.number("index", max_json_integer));
    const std::vector<std::string> basis = members.texts("legal_basis");
    const std::string remains = with_remains ? members.text("remains") : std::string();
    if (members.fault()) return *members.fault();
    if (basis.empty() || basis.front().empty())
        return invalid(std::string(reason), "data.change.legal_basis must name what allows it");
    if (index == 0 || index >= enactment.at.index)
        return Error{Fault::refused, "no_such_leaf",
                     "leaf " + std::to_string(index) +
                         (index == 0 ? ", the genesis, is never withdrawn" : " does not stand before this one")};
    if (with_remains)
        if (auto fits = check_remains_of(enactment, index, remains); !fits) return fits;
    const std::string key = with_remains ? key_of(index, sha256(remains)) : leaf_key(index);
    if (draft.facts().get(key))
        return Error{Fault::refused, "no_effect", "leaf " + std::to_string(index) + " may be withdrawn already"};
    json::array list;
    for (const std::string& each : basis) list.emplace_back(each);
    json::object value{{"legal_basis", std::move(list)}, {"at", to_string(enactment.at)}};
    if (with_remains) value["remains"] = remains;
    draft.facts().put(key, json::serialize(value));
    return {};
}

}  // namespace socai::ledger
