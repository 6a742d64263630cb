#include "ledger/governance/proposals.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <utility>

#include "ledger/governance/matters.hpp"
#include "ledger/json_members.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_act";
constexpr std::string_view proposal_table = "proposal/";
constexpr std::string_view ballot_table = "ballot/";
constexpr std::array<std::string_view, 5> states{"open", "passed", "rejected", "withdrawn", "failed"};
constexpr std::size_t max_title_bytes = 500;
constexpr std::size_t max_reason_bytes = 2'000;

Error refused(std::string word, std::string detail) {
    return {Fault::refused, std::move(word), std::move(detail)};
}

std::string proposal_key(const ProposalName& name) {
    return std::string(proposal_table) + name.source + '\0' + name.id;
}
std::string ballots_of(const ProposalName& name) {
    return std::string(ballot_table) + name.source + '\0' + name.id + '\0';
}

std::string text_of(const Proposal& proposal) {
    json::object value;
    value["title"] = proposal.title;
    value["matter"] = proposal.matter;
    value["change"] = proposal.change;
    value["closes_ms"] = proposal.closes_ms;
    value["at"] = to_string(proposal.at);
    value["opened_ms"] = proposal.opened_ms;
    value["state"] = word_of(proposal.state);
    if (proposal.decided) value["decided"] = to_string(*proposal.decided);
    if (!proposal.why.empty()) value["why"] = proposal.why;
    return json::serialize(value);
}

Address address_in(const json::value& text) {
    return parse_address(std::string_view(text.as_string())).value();
}

Proposal proposal_in(std::string_view key, std::string_view text) {
    json::value value = json::parse(json::string_view(text));
    const std::string_view name = key.substr(proposal_table.size());
    const std::size_t end = name.find('\0');
    Proposal proposal;
    proposal.name = {std::string(name.substr(0, end)), std::string(name.substr(end + 1))};
    proposal.title = value.at("title").as_string();
    proposal.matter = value.at("matter").as_string();
    proposal.change = value.at("change");
    proposal.closes_ms = value.at("closes_ms").as_int64();
    proposal.at = address_in(value.at("at"));
    proposal.opened_ms = value.at("opened_ms").as_int64();
    const auto state = std::ranges::find(states, std::string_view(value.at("state").as_string()));
    assert(state != states.end());
    proposal.state = static_cast<ProposalState>(state - states.begin());
    const json::object& members = value.as_object();
    if (const json::value* decided = members.if_contains("decided")) proposal.decided = address_in(*decided);
    if (const json::value* why = members.if_contains("why")) proposal.why = why->as_string();
    return proposal;
}

Result<void> check_member(const Act& act, const Registry& registry) {
    const std::string& source = act.coming.record.source;
    const Agency* agency = registry.agency(source);
    // A delegate may sign for an office; a member's vote is its own.
    if (agency != nullptr && agency->has_role(member_role) && act.key.agency == source) return {};
    return refused("not_a_member", quote(source) + " with the key " + quote(act.key.kid) +
                                       " is no member speaking for itself: members propose and vote");
}

// The proposal that a ballot or a withdrawal is about.
Result<Proposal> proposal_of(const Act& act, const Facts& facts) {
    const std::vector<Reference>& refs = act.coming.record.refs;
    if (refs.size() != 1 || refs.front().rel != "about")
        return invalid(std::string(reason), "data.refs must hold one reference \"about\": the proposal");
    const ProposalName name{refs.front().source, refs.front().id};
    auto proposal = find_proposal(facts, name);
    if (!proposal)
        return refused("unknown_proposal", "no proposal " + quote(name.id) + " of " + quote(name.source) +
                                               " stands in the ledger");
    if (proposal->state != ProposalState::open)
        return refused("proposal_closed", "the proposal " + quote(name.id) + " is " +
                                              std::string(word_of(proposal->state)) + " since " +
                                              to_string(proposal->decided.value_or(proposal->at)));
    if (act.coming.accepted_ms > proposal->closes_ms)
        return refused("proposal_closed", "the proposal " + quote(name.id) + " was open until " +
                                              format_rfc3339(proposal->closes_ms) + ": propose it anew");
    return *std::move(proposal);
}

std::size_t open_proposals_of(const Facts& facts, std::string_view source, std::int64_t now_ms) {
    std::size_t count = 0;
    facts.scan(std::string(proposal_table) + std::string(source) + '\0', {},
               [&](std::string_view key, std::string_view value) {
                   const Proposal proposal = proposal_in(key, value);
                   if (proposal.state == ProposalState::open && proposal.closes_ms >= now_ms) ++count;
                   return true;
               });
    return count;
}

Passage rule_for(const Genesis& genesis, const Facts& facts, const Proposal& proposal) {
    Passage rule = passage_of(genesis, facts, proposal.matter);
    // A rule is changed by no fewer than it asks for itself, or whoever may change rules could do without it.
    if (proposal.matter == "passage") {
        const json::value* of = proposal.change.as_object().if_contains("matter");
        if (of != nullptr && of->is_string() && matter(std::string_view(of->get_string())) != nullptr)
            rule = std::max(rule, passage_of(genesis, facts, std::string_view(of->get_string())));
    }
    return rule;
}

Enactment enactment_of(const Act& act, const Proposal& proposal) {
    return {act.context, proposal.matter,        proposal.change, act.coming.address,
            proposal.at, act.coming.accepted_ms, act.coming.root};
}

void close(Proposal& proposal, ProposalState state, const Act& act, FactDraft& facts) {
    proposal.state = state;
    proposal.decided = act.coming.address;
    facts.put(proposal_key(proposal.name), text_of(proposal));
}

}  // namespace

std::string_view word_of(ProposalState state) {
    return states[static_cast<std::size_t>(state)];
}

Tally tally(const Genesis& genesis, const Registry& registry, const Facts& facts, const Proposal& proposal,
            const std::vector<Ballot>& ballots) {
    const std::vector<std::string> members = registry.members();
    Tally counted;
    counted.rule = rule_for(genesis, facts, proposal);
    counted.members = members.size();
    counted.needed = votes_needed(counted.rule, std::max<std::size_t>(members.size(), 1));
    for (const Ballot& ballot : ballots) {
        // Whoever is no member any more has no vote any more.
        if (!std::ranges::binary_search(members, ballot.member)) continue;
        ++(ballot.yes ? counted.yes : counted.no);
    }
    return counted;
}

std::optional<Proposal> find_proposal(const Facts& facts, const ProposalName& name) {
    const std::string key = proposal_key(name);
    const auto value = facts.get(key);
    return value ? std::optional(proposal_in(key, *value)) : std::nullopt;
}

std::vector<Ballot> ballots_on(const Facts& facts, const ProposalName& name) {
    std::vector<Ballot> ballots;
    const std::string prefix = ballots_of(name);
    facts.scan(prefix, {}, [&](std::string_view key, std::string_view text) {
        const json::value value = json::parse(json::string_view(text));
        ballots.push_back({std::string(key.substr(prefix.size())), value.at("yes").as_bool(),
                           std::string(value.at("reason").as_string()), address_in(value.at("at"))});
        return true;
    });
    return ballots;
}

void each_proposal(const Facts& facts, const std::function<bool(const Proposal&)>& visit) {
    facts.scan(proposal_table, {},
               [&](std::string_view key, std::string_view value) { return visit(proposal_in(key, value)); });
}

Result<void> take_proposal(const Act& act, RegistryDraft& draft) {
    if (auto member = check_member(act, draft.registry()); !member) return member;
    const Record& record = act.coming.record;
    JsonMembers members(record.json.at("data"), std::string(reason), "data",
                        {"title", "matter", "change", "closes", "refs"});
    Proposal proposal;
    proposal.name = {record.source, record.id};
    proposal.title = members.text("title");
    proposal.matter = members.text("matter");
    const std::string closes = members.text("closes");
    const json::value& change = members.any("change");
    if (members.fault()) return *members.fault();
    if (!change.is_object()) return invalid(std::string(reason), "data.change must be an object");
    if (proposal.title.empty() || proposal.title.size() > max_title_bytes)
        return invalid(std::string(reason), "data.title must have 1 to 500 bytes");
    if (matter(proposal.matter) == nullptr)
        return refused("unknown_matter", "there is no matter " + quote(proposal.matter) +
                                             ": socai governance matters lists them");
    const auto closes_ms = parse_rfc3339(closes);
    if (!closes_ms) return invalid(std::string(reason), "data.closes must be a time as RFC 3339 writes it");
    const std::int64_t open_for = *closes_ms - act.coming.accepted_ms;
    if (open_for <= 0 || open_for > max_open_ms)
        return refused("closes_out_of_range", "a proposal is open for a year at most, and closes after " +
                                                  format_rfc3339(act.coming.accepted_ms));
    if (open_proposals_of(draft.facts(), record.source, act.coming.accepted_ms) >= max_open_proposals)
        return refused("too_many_proposals", quote(record.source) + " has " +
                                                 std::to_string(max_open_proposals) +
                                                 " open proposals: withdraw some first");
    proposal.change = change;
    proposal.closes_ms = *closes_ms;
    proposal.at = act.coming.address;
    proposal.opened_ms = act.coming.accepted_ms;
    {
        // What could not be carried out now is not worth a vote.
        FactDraft trial(draft.facts());
        RegistryDraft tried(draft.registry(), trial);
        if (auto possible = enact(enactment_of(act, proposal), tried); !possible) return possible;
    }
    draft.facts().put(proposal_key(proposal.name), text_of(proposal));
    return {};
}

Result<void> take_ballot(const Act& act, RegistryDraft& draft) {
    if (auto member = check_member(act, draft.registry()); !member) return member;
    const Record& record = act.coming.record;
    JsonMembers members(record.json.at("data"), std::string(reason), "data", {"vote", "reason", "refs"});
    const std::string vote = members.text("vote");
    const std::string why = members.text("reason");
    if (members.fault()) return *members.fault();
    if (vote != "yes" && vote != "no")
        return invalid(std::string(reason), "data.vote must be \"yes\" or \"no\"");
    if (why.size() > max_reason_bytes)
        return invalid(std::string(reason), "data.reason has at most 2,000 bytes");
    FactDraft& facts = draft.facts();
    Result<Proposal> proposal = proposal_of(act, facts);
    if (!proposal) return proposal.error();
    const std::string key = ballots_of(proposal->name) + record.source;
    if (facts.get(key))
        return refused("already_voted",
                       quote(record.source) + " has voted on " + quote(proposal->name.id) + " already");
    json::object ballot;
    ballot["yes"] = vote == "yes";
    ballot["reason"] = why;
    ballot["at"] = to_string(act.coming.address);
    facts.put(key, json::serialize(ballot));

    const Tally counted =
        tally(act.context.genesis, draft.registry(), facts, *proposal, ballots_on(facts, proposal->name));
    if (counted.yes >= counted.needed) {
        {
            // Things may have moved since it was proposed. The members have spoken all the same.
            FactDraft trial(facts);
            RegistryDraft tried(draft.registry(), trial);
            if (auto possible = enact(enactment_of(act, *proposal), tried); !possible) {
                proposal->why = possible.error().reason + ": " + possible.error().detail;
                close(*proposal, ProposalState::failed, act, facts);
                return {};
            }
        }
        close(*proposal, ProposalState::passed, act, facts);
        return enact(enactment_of(act, *proposal), draft);
    }
    if (counted.members - counted.no < counted.needed) close(*proposal, ProposalState::rejected, act, facts);
    return {};
}

Result<void> take_withdrawal(const Act& act, RegistryDraft& draft) {
    JsonMembers members(act.coming.record.json.at("data"), std::string(reason), "data", {"reason", "refs"});
    if (members.text("reason").empty() && !members.fault())
        return invalid(std::string(reason), "data.reason must say why");
    if (members.fault()) return *members.fault();
    Result<Proposal> proposal = proposal_of(act, draft.facts());
    if (!proposal) return proposal.error();
    if (proposal->name.source != act.coming.record.source || act.key.agency != proposal->name.source)
        return refused("not_the_proposer",
                       "only " + quote(proposal->name.source) + " may withdraw what it has proposed");
    close(*proposal, ProposalState::withdrawn, act, draft.facts());
    return {};
}

}  // namespace socai::ledger
