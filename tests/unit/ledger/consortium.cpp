#include "tests/unit/ledger/consortium.hpp"
#include "tests/unit/ledger/small_ledger.hpp"

#include <boost/json/serialize.hpp>

#include "ledger/json_members.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/time.hpp"

namespace socai::ledger::samples {
namespace {

namespace json = boost::json;

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

}  // namespace

Genesis consortium() {
    Genesis genesis;
    genesis.origin = origin;
    Registry& registry = genesis.registry;
    const auto add_key = [&](const std::string& agency, KeyPurpose purpose) {
        RegisteredKey key;
        key.kid = agency + "/" + std::string(word_of(purpose));
        key.agency = agency;
        key.purpose = purpose;
        key.key = key_named(key.kid).key.public_key();
        registry.add_key(key).value();
    };
    for (const std::string member : {"customs", "most", "mard", "moit"}) {
        registry.add_agency({member, std::nullopt, {"member"}, "", member}).value();
        for (const KeyPurpose purpose : {KeyPurpose::root, KeyPurpose::registrar, KeyPurpose::record})
            add_key(member, purpose);
        genesis.nodes.push_back(node_named(member + "-1", member, genesis.nodes.size() + 1));
    }
    registry.add_agency({"customs.haiphong", "customs", {"customs_office"}, "", ""}).value();
    registry.add_agency({"customs.nsw", "customs", {"nsw_operator"}, "", ""}).value();
    add_key("customs.haiphong", KeyPurpose::record);
    add_key("customs.nsw", KeyPurpose::record);
    genesis.policy = consortium_policy(origin, genesis.nodes).to_string();
    return genesis;
}

json::object key_json(std::string_view kid, std::string_view purpose) {
    return {{"kid", kid},
            {"purpose", purpose},
            {"kty", "OKP"},
            {"crv", "Ed25519"},
            {"x", key_text(key_named(kid).key.public_key())},
            {"valid_from", nullptr},
            {"valid_to", nullptr}};
}

Result<void> GovernedRules::take(const Coming& coming, FactDraft& facts) const {
    const std::string kind(coming.record.kind());
    if (coming.record.subject == "broken") return Error{Fault::refused, "broken_rule", "it is broken"};
    const auto before = facts.get("count/" + kind);
    facts.put("count/" + kind, std::to_string(before ? std::stoi(*before) + 1 : 1));
    facts.put("last/" + kind, coming.record.id);
    return {};
}

std::string_view GovernedRules::matter_of(std::string_view kind) const {
    if (kind == "ruleset") return "rule_sets";
    return kind == "activation" ? "versions" : std::string_view();
}

Assembly::Assembly(Genesis genesis)
    : genesis_(std::move(genesis)), registry_of_(ledger::registry_of(genesis_, view_)) {}

std::string Assembly::take(std::string_view kid, const json::object& record) {
    detail_.clear();
    Verdict verdict = admit(context_, view_, statement(record, kid), now_ms_, false);
    if (auto* error = std::get_if<Error>(&verdict)) {
        detail_ = error->detail;
        return error->reason;
    }
    if (std::holds_alternative<Duplicate>(verdict)) return "duplicate";
    leaves_.push_back(std::get<Admitted>(verdict));
    view_.add(leaves_.back());
    registry_of_ = ledger::registry_of(genesis_, view_);
    return "admitted";
}

std::string Assembly::act(std::string_view kid, std::string_view kind, std::string_view id, json::object data,
                          std::string_view source) {
    if (!data.contains("refs")) data["refs"] = json::array();
    json::object event = samples::record(id, source.empty() ? kid.substr(0, kid.find('/')) : source);
    event["type"] = "vn.socai." + std::string(kind) + ".v1";
    event["subject"] = id;
    event["time"] = format_rfc3339(now_ms_);
    event["data"] = std::move(data);
    return take(kid, event);
}

std::string Assembly::record(std::string_view kid, std::string_view id, std::string_view kind) {
    return act(kid, kind, id, {});
}

std::string Assembly::propose(std::string_view member, std::string_view id, std::string_view matter,
                              json::object change) {
    return act(std::string(member) + "/registrar", "proposal", id,
               {{"title", "A change"},
                {"matter", matter},
                {"change", std::move(change)},
                {"closes", format_rfc3339(now_ms_ + 30 * day_ms)}});
}

std::string Assembly::vote(std::string_view member, std::string_view proposal, bool yes,
                           std::string_view proposer) {
    json::object data{{"vote", yes ? "yes" : "no"}, {"reason", ""}};
    data["refs"] = json::array{{{"rel", "about"}, {"source", proposer}, {"id", proposal}}};
    return act(std::string(member) + "/registrar", "ballot", "ballot-" + std::to_string(++ballots_),
               std::move(data));
}

}  // namespace socai::ledger::samples
