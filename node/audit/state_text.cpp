#include "node/audit/state_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstring>

#include "ledger/ijson.hpp"
#include "ledger/tiles.hpp"

namespace socai::node::audit {
namespace {

namespace json = boost::json;

constexpr std::string_view format = "socai-audit-state/4";
constexpr std::uint64_t max_count = std::uint64_t{1} << 40;  // of items, or bytes, in a side file

std::string hex(const RecordTable::Key& key) {
    ledger::Hash padded{};
    std::memcpy(padded.data(), key.data(), key.size());
    return ledger::to_hex(padded).substr(0, 2 * key.size());
}

std::optional<RecordTable::Key> key_from_hex(std::string text) {
    RecordTable::Key key;
    if (text.size() != 2 * key.size()) return std::nullopt;
    const auto padded = ledger::hash_from_hex(text.append(text.size(), '0'));
    if (!padded) return std::nullopt;
    std::memcpy(key.data(), padded->data(), key.size());
    return key;
}

const json::value* member(const json::object& object, std::string_view name) {
    return object.if_contains(name);
}
std::optional<std::string> text_of(const json::object& object, std::string_view name) {
    const json::value* value = member(object, name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}
std::optional<std::uint64_t> number_of(const json::object& object, std::string_view name) {
    const json::value* value = member(object, name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->get_int64());
}

std::optional<SideFacts> side_of(const json::object& object, std::string_view name) {
    const json::value* value = member(object, name);
    if (value == nullptr || !value->is_object()) return std::nullopt;
    const auto count = number_of(value->get_object(), "count");
    const auto digest = text_of(value->get_object(), "sha256");
    const auto hash = digest ? ledger::hash_from_hex(*digest) : std::nullopt;
    if (!count || !hash || *count > max_count) return std::nullopt;
    return SideFacts{*count, *hash};
}

json::object side_json(const SideFacts& side) {
    return {{"count", side.count}, {"sha256", ledger::to_hex(side.digest)}};
}

// What no head vouches for was hashed, and is compared with nothing but its bundle's root: so it is whole bundles.
bool counts_agree(const StateFacts& facts, const SideFacts& tree) {
    return facts.leaves >= 1 && tree.count == facts.leaves / ledger::tile_width &&
           facts.vouched <= facts.leaves &&
           (facts.leaves == facts.vouched || facts.leaves % ledger::tile_width == 0);
}

std::optional<StateText> read_members(const json::object& object) {
    const auto kind = text_of(object, "format");
    const auto engine = text_of(object, "engine");
    const auto origin = text_of(object, "origin");
    const auto genesis = text_of(object, "genesis");
    const auto leaves = number_of(object, "leaves");
    const auto time = number_of(object, "last_time_ms");
    const auto head = text_of(object, "head");
    const auto key_text = text_of(object, "key");
    const auto key = key_text ? key_from_hex(*key_text) : std::nullopt;
    const auto records = side_of(object, "records");
    const auto tree = side_of(object, "tree");
    const auto facts_file = side_of(object, "facts");
    const json::value* policies = member(object, "policies");
    const json::value* vouched = member(object, "vouched");
    const auto side = number_of(object, "side");
    if (vouched == nullptr || !vouched->is_object() || !side || *side > 1) return std::nullopt;
    const auto vouched_leaves = number_of(vouched->get_object(), "leaves");
    const auto vouched_time = number_of(vouched->get_object(), "last_time_ms");
    if (!vouched_leaves || !vouched_time) return std::nullopt;
    if (kind != format || !engine || !origin || !genesis || !leaves || !time || !head || !key || !records ||
        !tree || !facts_file || policies == nullptr || !policies->is_array())
        return std::nullopt;
    StateText parsed{{*engine,
                      *origin,
                      *genesis,
                      *leaves,
                      static_cast<std::int64_t>(*time),
                      *head,
                      *vouched_leaves,
                      static_cast<std::int64_t>(*vouched_time),
                      {}},
                     *key,
                     *side,
                     *records,
                     *tree,
                     *facts_file};
    if (!counts_agree(parsed.facts, parsed.tree)) return std::nullopt;
    for (const json::value& item : policies->get_array()) {
        if (!item.is_object()) return std::nullopt;
        const auto leaf = number_of(item.get_object(), "leaf");
        const auto entry = text_of(item.get_object(), "entry");
        if (!leaf || !entry || *leaf == 0 || *leaf >= *leaves) return std::nullopt;
        if (!parsed.facts.policies.empty() && *leaf <= parsed.facts.policies.back().first)
            return std::nullopt;
        parsed.facts.policies.emplace_back(*leaf, *entry);
    }
    return parsed;
}

}  // namespace

std::string StateText::to_string() const {
    json::array policies;
    for (const auto& [leaf, entry] : facts.policies)
        policies.push_back(json::object{{"leaf", leaf}, {"entry", entry}});
    const json::object object{
        {"format", format},
        {"engine", facts.engine},
        {"origin", facts.origin},
        {"leaves", facts.leaves},
        {"last_time_ms", facts.last_time_ms},
        {"head", facts.head},
        {"vouched", json::object{{"leaves", facts.vouched}, {"last_time_ms", facts.vouched_time_ms}}},
        {"side", side},
        {"key", hex(key)},
        {"records", side_json(records)},
        {"tree", side_json(tree)},
        {"facts", side_json(facts_file)},
        {"policies", std::move(policies)},
        {"genesis", facts.genesis}};
    return json::serialize(object) + "\n";
}

std::optional<StateText> parse_state(std::string_view text) {
    if (text.size() > max_state_bytes) return std::nullopt;
    const auto value = ledger::parse_ijson(text);
    if (!value || !value->is_object()) return std::nullopt;
    return read_members(value->get_object());
}

}  // namespace socai::node::audit
