// governance.*: what the members propose, how they vote, who is registered, and the rules in force. The acts themselves are
// signed records that go through ledger.submit.
#include <boost/json/array.hpp>
#include <utility>

#include "api/methods.hpp"
#include "api/views.hpp"
#include "ledger/governance/limits.hpp"
#include "ledger/governance/matters.hpp"
#include "ledger/governance/proposals.hpp"
#include "ledger/json_members.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

using ledger::ProposalState;

constexpr std::int64_t max_items = 1'000;
constexpr std::int64_t standard_items = 100;

// Facts and registry as applied, read one after the other.
struct Standing {
    Derived derived;
    std::shared_ptr<const ledger::Registry> registry;
    const ledger::Genesis& genesis;

    explicit Standing(const Backend& backend)
        : derived(backend.derived()), registry(backend.registry()), genesis(backend.genesis()) {}
    const ledger::Facts& facts() const { return *derived.facts; }
};

// "open" until its time is over, whether or not a ballot came to say so.
std::string_view state_of(const ledger::Proposal& proposal, std::int64_t now_ms) {
    if (proposal.state == ProposalState::open && proposal.closes_ms < now_ms) return "expired";
    return word_of(proposal.state);
}

json::object tally_json(const ledger::Tally& counted, json::storage_ptr storage) {
    json::object object(storage);
    object["rule"] = word_of(counted.rule);
    object["members"] = counted.members;
    object["needed"] = counted.needed;
    object["yes"] = counted.yes;
    object["no"] = counted.no;
    return object;
}

json::object proposal_json(const Standing& standing, const ledger::Proposal& proposal,
                           const std::vector<ledger::Ballot>& ballots, std::int64_t now_ms,
                           json::storage_ptr storage) {
    json::object object(storage);
    object["source"] = proposal.name.source;
    object["id"] = proposal.name.id;
    object["index"] = proposal.at.index;
    object["title"] = proposal.title;
    object["matter"] = proposal.matter;
    object["state"] = state_of(proposal, now_ms);
    object["opened"] = proposal.opened_ms;
    object["closes"] = ledger::format_rfc3339(proposal.closes_ms);
    if (proposal.decided) object["decided"] = proposal.decided->index;
    if (!proposal.why.empty()) object["why"] = proposal.why;
    if (proposal.state == ProposalState::open)
        object["tally"] = tally_json(
            tally(standing.genesis, *standing.registry, standing.facts(), proposal, ballots), storage);
    return object;
}

// Who votes how is the members' own affair; who is registered, and by which rules, is public.
std::optional<Error> for_agencies(const Asker& asker) {
    if (asker.viewer.agency) return std::nullopt;
    if (asker.lapsed) return sign_in_expired();
    return Error{Code::forbidden, "account_needed",
                 "Proposals and votes are shown to agencies: sign in with a key of one.", false};
}

Answer proposals(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    if (auto denied = for_agencies(reading.asker)) return *std::move(denied);
    const Backend& backend = reading.backend;
    const Standing standing(backend);
    const std::int64_t now_ms = backend.now_ms();
    const auto wanted = arguments.string("state");
    const auto limit = static_cast<std::size_t>(*arguments.integer("limit"));
    json::array items(storage);
    bool more = false;
    ledger::each_proposal(standing.facts(), [&](const ledger::Proposal& proposal) {
        if (wanted && state_of(proposal, now_ms) != *wanted) return true;
        more = items.size() == limit;
        if (more) return false;
        items.push_back(
            proposal_json(standing, proposal, ballots_on(standing.facts(), proposal.name), now_ms, storage));
        return true;
    });
    json::object answer(storage);
    answer["items"] = std::move(items);
    answer["more"] = more;
    return answer;
}

Answer votes(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    if (auto denied = for_agencies(reading.asker)) return *std::move(denied);
    const Backend& backend = reading.backend;
    const Standing standing(backend);
    const ledger::ProposalName name{std::string(*arguments.string("source")),
                                    std::string(*arguments.string("id"))};
    const auto proposal = find_proposal(standing.facts(), name);
    if (!proposal)
        return Error{Code::not_found, "unknown_proposal",
                     "No proposal " + ledger::quote(name.id) + " of " + ledger::quote(name.source) +
                         " stands in the ledger. governance.proposals lists them.",
                     false};
    const std::vector<ledger::Ballot> ballots = ballots_on(standing.facts(), name);
    json::object answer = proposal_json(standing, *proposal, ballots, backend.now_ms(), storage);
    answer["change"] = proposal->change;
    json::array cast(storage);
    for (const ledger::Ballot& ballot : ballots)
        cast.push_back(json::object{{"member", ballot.member},
                                    {"vote", ballot.yes ? "yes" : "no"},
                                    {"reason", ballot.reason},
                                    {"index", ballot.at.index}});
    answer["ballots"] = std::move(cast);
    if (proposal->state != ProposalState::open) return answer;
    const auto happens = backend.consequences(*proposal);
    json::array sentences(storage);
    if (happens)
        for (const std::string& sentence : *happens) sentences.emplace_back(sentence);
    else
        answer["impossible"] =
            json::object{{"reason", happens.error().reason}, {"detail", happens.error().detail}};
    answer["if_passed"] = std::move(sentences);
    return answer;
}

json::array words(const std::vector<std::string>& list, json::storage_ptr storage) {
    json::array array(storage);
    for (const std::string& word : list) array.emplace_back(word);
    return array;
}

json::object agency_json(const ledger::Registry& registry, const ledger::Agency& agency,
                         json::storage_ptr storage) {
    json::object object(storage);
    object["code"] = agency.code;
    object["parent"] = agency.parent ? json::value(*agency.parent) : json::value(nullptr);
    object["roles"] = words(agency.roles, storage);
    object["name_vi"] = agency.name_vi;
    object["name_en"] = agency.name_en;
    object["held"] = registry.is_held(agency.code);
    json::array keys(storage);
    for (const auto& [kid, key] : registry.keys()) {
        if (key.agency != agency.code) continue;
        keys.push_back(
            json::object{{"kid", kid},
                         {"purpose", word_of(key.purpose)},
                         {"crv", key.algorithm},
                         {"x", ledger::key_text(key.key)},
                         {"valid_from", key.valid_from},
                         {"valid_to", key.valid_to ? json::value(*key.valid_to) : json::value(nullptr)},
                         {"rights", words(key.rights, storage)}});
    }
    object["keys"] = std::move(keys);
    const auto speaks = registry.delegations().find(agency.code);
    object["speaks_for"] =
        speaks == registry.delegations().end() ? json::array() : words(speaks->second, storage);
    return object;
}

Answer registry(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto registered = reading.backend.registry();
    const auto under = arguments.string("agency");
    const auto after = arguments.string("cursor");
    const auto limit = static_cast<std::size_t>(*arguments.integer("limit"));
    if (under && registered->agency(*under) == nullptr)
        return Error{Code::not_found, "unknown_agency",
                     "No agency " + ledger::quote(*under) + " is registered.", false};
    json::array agencies(storage);
    json::object answer(storage);
    for (auto each = after ? registered->agencies().upper_bound(*after) : registered->agencies().begin();
         each != registered->agencies().end(); ++each) {
        if (under && !registered->is_under(each->first, *under)) continue;
        if (agencies.size() == limit) {
            answer["next_cursor"] = agencies.back().at("code");
            break;
        }
        agencies.push_back(agency_json(*registered, each->second, storage));
    }
    answer["agencies"] = std::move(agencies);
    return answer;
}

Answer rules(Reading& reading, const Arguments&, json::storage_ptr storage) {
    const Standing standing(reading.backend);
    const std::vector<std::string> members = standing.registry->members();
    json::object answer(storage);
    answer["members"] = words(members, storage);
    json::array matters(storage);
    for (const ledger::Matter& matter : ledger::matters()) {
        const ledger::Passage rule = passage_of(standing.genesis, standing.facts(), matter.word);
        matters.push_back(json::object{{"matter", matter.word},
                                       {"vi", matter.vi},
                                       {"en", matter.en},
                                       {"rule", word_of(rule)},
                                       {"needed", votes_needed(rule, members.size())}});
    }
    answer["matters"] = std::move(matters);
    const ledger::TimeLimits limits = time_limits(standing.genesis, standing.facts());
    answer["limits"] =
        json::object{{"max_backdate_ms", limits.max_backdate_ms}, {"max_future_ms", limits.max_future_ms}};
    answer["nodes"] = words(wanted_nodes(standing.genesis, standing.facts()), storage);
    answer["recovery_agencies"] = recovery_quorum(*standing.registry, standing.facts());
    return answer;
}

Parameter limit_parameter(std::string_view what) {
    return {.name = "limit",
            .type = ParameterType::integer,
            .summary = what,
            .min = 1,
            .max = max_items,
            .standard = standard_items};
}

}  // namespace

std::vector<Method> governance_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found};
    return {
        {"governance.proposals", "Proposals of the members, and how the votes stand",
         with_read_parameters({{.name = "state",
                                .type = ParameterType::choice,
                                .summary = "Only those in this state",
                                .choices = {"open", "passed", "rejected", "withdrawn", "failed", "expired"}},
                               limit_parameter("At most so many")},
                              limits),
         "Proposals", errors, &proposals},
        {"governance.registry", "Agencies, their keys and whom they speak for, as registered now",
         with_read_parameters(
             {{.name = "agency", .summary = "Only this agency and those below it", .min = 1, .max = 64},
              {.name = "cursor", .summary = "next_cursor of the page before", .min = 1, .max = 64},
              limit_parameter("At most so many agencies")},
             limits),
         "Registry", errors, &registry},
        {"governance.rules", "How many members each matter needs; limits; the nodes that were voted for",
         with_read_parameters({}, limits), "GovernanceRules", errors, &rules},
        {"governance.votes", "One proposal: its change, its ballots, and what happens if it passes",
         with_read_parameters({{.name = "source",
                                .summary = "The member that proposed",
                                .required = true,
                                .min = 1,
                                .max = 64},
                               {.name = "id",
                                .summary = "The id of the proposal's record",
                                .required = true,
                                .min = 1,
                                .max = 64}},
                              limits),
         "Votes", errors, &votes},
    };
}

}  // namespace socai::api
