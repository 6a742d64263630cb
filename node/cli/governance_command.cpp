// socai governance matters | nodes | list | show | registry; the acts are in governance_acts.cpp
#include <boost/json/array.hpp>
#include <memory>

#include "node/cli/governance_acts.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct GovernanceArguments {
    Target target;
    Freshness freshness;
    std::string state;
    std::string proposal;
    std::string agency;
};

Result<json::object> ask_node(const GovernanceArguments& arguments, std::string_view method,
                              json::object params) {
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return endpoints.error();
    client::RpcClient client(*endpoints, arguments.target.timeouts());
    arguments.freshness.add_to(params, arguments.target);
    return ask(client, method, params);
}

std::string joined(const json::object& object, std::string_view name) {
    std::string text;
    const json::value* list = object.if_contains(name);
    if (list == nullptr || !list->is_array()) return text;
    for (const json::value& word : list->get_array())
        if (word.is_string()) text += (text.empty() ? "" : ", ") + std::string(word.get_string());
    return text;
}

std::string tally_of(const json::object& proposal) {
    const json::value* tally = proposal.if_contains("tally");
    if (tally == nullptr || !tally->is_object()) return "";
    const json::object& counted = tally->get_object();
    return text_of(counted, "yes") + " yes, " + text_of(counted, "no") + " no; " +
           text_of(counted, "needed") + " of " + text_of(counted, "members") + " needed";
}

Exit matters(const GovernanceArguments& arguments) {
    const auto answer = ask_node(arguments, "governance.rules", {});
    if (!answer) return report(answer.error());
    if (arguments.target.json) {
        print_json(*answer);
        return Exit::done;
    }
    print_line("members   " + client::printable(joined(*answer, "members")));
    print_line("nodes     " + client::printable(joined(*answer, "nodes")));
    if (const json::value* limits = answer->if_contains("limits"); limits != nullptr && limits->is_object())
        for (const json::key_value_pair& limit : limits->get_object())
            print_line("limit     " + std::string(limit.key()) + " = " +
                       text_of(limits->get_object(), limit.key()));
    print_line("recovery  the root keys of " + text_of(*answer, "recovery_agencies") + " members");
    print_line("");
    client::TextTable table({"MATTER", "RULE", "NEEDED", "WHAT IT IS"});
    for (const json::object& matter : objects_in(*answer, "matters"))
        table.add({text_of(matter, "matter"), text_of(matter, "rule"), text_of(matter, "needed"),
                   text_of(matter, "vi") + " / " + text_of(matter, "en")});
    print_table(table);
    return Exit::done;
}

// The leader alone knows when a node that left may be switched off: of the nodes named, whoever tells that is believed.
Result<json::object> ask_leader(const GovernanceArguments& arguments) {
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return endpoints.error();
    std::optional<json::object> other;
    std::optional<Error> fault;
    for (const client::Endpoint& endpoint : *endpoints) {
        client::RpcClient client({endpoint}, arguments.target.timeouts());
        json::object params;
        arguments.freshness.add_to(params, arguments.target);
        auto answer = ask(client, "cluster.members", params);
        if (!answer) {
            fault = answer.error();
            continue;
        }
        for (const json::object& node : objects_in(*answer, "nodes"))
            if (const json::value* told = node.if_contains("may_switch_off"); told != nullptr && told->is_bool()) return answer;
        other = *std::move(answer);
    }
    if (other) return *std::move(other);
    return *fault;
}

Exit nodes(const GovernanceArguments& arguments) {
    const auto answer = ask_leader(arguments);
    if (!answer) return report(answer.error());
    const auto rules = ask_node(arguments, "governance.rules", {});
    if (!rules) return report(rules.error());
    if (arguments.target.json) {
        print_json(*answer);
        return Exit::done;
    }
    const std::string wanted = ", " + joined(*rules, "nodes") + ",";
    client::TextTable table({"NODE", "AGENCY", "ROLE", "NUMBER", "VOTED", "MAY BE SWITCHED OFF"});
    for (const json::object& node : objects_in(*answer, "nodes")) {
        const std::string name = text_of(node, "node");
        const std::string off = text_of(node, "may_switch_off");
        table.add({name, text_of(node, "agency"), text_of(node, "role"), text_of(node, "raft_id"),
                   wanted.find(", " + name + ",") != std::string::npos ? "in" : "out",
                   off.empty() ? "ask the leader" : off == "true" ? "yes" : "no"});
    }
    print_table(table);
    return Exit::done;
}

Exit list(const GovernanceArguments& arguments) {
    json::object params;
    if (!arguments.state.empty()) params["state"] = arguments.state;
    const auto answer = ask_node(arguments, "governance.proposals", std::move(params));
    if (!answer) return report(answer.error());
    if (arguments.target.json) {
        print_json(*answer);
        return Exit::done;
    }
    client::TextTable table({"PROPOSAL", "MATTER", "STATE", "VOTES", "CLOSES", "TITLE"});
    for (const json::object& proposal : objects_in(*answer, "items"))
        table.add({text_of(proposal, "source") + "/" + text_of(proposal, "id"), text_of(proposal, "matter"),
                   text_of(proposal, "state"), tally_of(proposal), text_of(proposal, "closes"),
                   text_of(proposal, "title")});
    if (table.empty())
        print_line("no proposals");
    else
        print_table(table);
    return Exit::done;
}

// What remains of a leaf is long, and for programs: `if_passed` has its digest.
json::value shortened(const json::value& change) {
    json::value copy = change;
    if (json::object* object = copy.if_object())
        if (json::value* remains = object->if_contains("remains"); remains != nullptr && remains->is_string())
            *remains = std::to_string(remains->get_string().size()) + " bytes; --json shows them";
    return copy;
}

Exit show(const GovernanceArguments& arguments) {
    const auto about = parse_about(arguments.proposal);
    if (!about) return report(about.error());
    const auto answer =
        ask_node(arguments, "governance.votes", {{"source", about->source}, {"id", about->id}});
    if (!answer) return report(answer.error());
    if (arguments.target.json) {
        print_json(*answer);
        return Exit::done;
    }
    print_line(client::printable(text_of(*answer, "title")));
    print_line("proposed by " + client::printable(about->source) + ", leaf " + text_of(*answer, "index") +
               ", over " + client::printable(text_of(*answer, "matter")) + "; " + text_of(*answer, "state") +
               (text_of(*answer, "decided").empty() ? ", open until " + text_of(*answer, "closes")
                                                    : " at leaf " + text_of(*answer, "decided")));
    if (const std::string counted = tally_of(*answer); !counted.empty()) print_line("votes: " + counted);
    if (const std::string why = text_of(*answer, "why"); !why.empty())
        print_line("it failed: " + client::printable(why));
    print_line("");
    if (const json::value* change = answer->if_contains("change")) print_pretty(shortened(*change));
    client::TextTable table({"MEMBER", "VOTE", "LEAF", "REASON"});
    for (const json::object& ballot : objects_in(*answer, "ballots"))
        table.add({text_of(ballot, "member"), text_of(ballot, "vote"), text_of(ballot, "index"),
                   text_of(ballot, "reason")});
    if (!table.empty()) print_table(table);
    const json::value* happens = answer->if_contains("if_passed");
    if (happens != nullptr && happens->is_array() && !happens->get_array().empty()) {
        print_line("");
        print_line("if this passes:");
        for (const json::value& sentence : happens->get_array())
            if (sentence.is_string())
                print_line("- " + client::printable(std::string_view(sentence.get_string())));
    }
    if (const json::value* impossible = answer->if_contains("impossible");
        impossible != nullptr && impossible->is_object())
        print_line("it could not be carried out now: " +
                   client::printable(text_of(impossible->get_object(), "detail")));
    return Exit::done;
}

Exit registry(const GovernanceArguments& arguments) {
    json::object params;
    if (!arguments.agency.empty()) params["agency"] = arguments.agency;
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts());
    arguments.freshness.add_to(params, arguments.target);
    auto agencies = ask_registry(client, std::move(params));
    if (!agencies) return report(agencies.error());
    if (arguments.target.json) {
        print_json(json::object{{"agencies", json::array(agencies->begin(), agencies->end())}});
        return Exit::done;
    }
    client::TextTable table({"AGENCY", "UNDER", "ROLES", "KEYS", "SIGNS FOR", "NAME"});
    for (const json::object& agency : *agencies) {
        std::string keys;
        for (const json::object& key : objects_in(agency, "keys")) {
            const std::string kid = text_of(key, "kid");
            const std::string end = text_of(key, "valid_to");
            keys += (keys.empty() ? "" : ", ") + kid.substr(kid.find('/') + 1) + " (" +
                    text_of(key, "purpose") + (end.empty() ? ")" : ", ended before " + end + ")");
        }
        table.add({text_of(agency, "code") + (text_of(agency, "held") == "true" ? " (held)" : ""),
                   text_of(agency, "parent"), joined(agency, "roles"), keys, joined(agency, "speaks_for"),
                   text_of(agency, "name_vi") + " / " + text_of(agency, "name_en")});
    }
    print_table(table);
    return Exit::done;
}

}  // namespace

void register_governance(CLI::App& app, Chosen& chosen) {
    auto* governance = app.add_subcommand(
        "governance", "Agencies, keys and votes: who is registered, what is proposed, and acts of your own");
    governance->require_subcommand(1);
    governance->footer(
        "Reads: matters, nodes, list, show, registry. Acts are signed with a registrar or root key: propose, vote, "
        "withdraw, register-key,\n"
        "revoke-key, register-agency, delegate. What each matter takes: docs/governance.md; describe-member and describe-keys "
        "print such a change.");

    const auto add = [&](const char* name, const char* what, Exit (*run)(const GovernanceArguments&)) {
        const auto arguments = std::make_shared<GovernanceArguments>();
        auto* verb = governance->add_subcommand(name, what);
        arguments->target.add_to(*verb, "Print the node's answer as JSON");
        arguments->freshness.add_to(*verb);
        verb->callback(
            [arguments, run, &chosen] { chosen.run = [arguments, run] { return run(*arguments); }; });
        return std::pair(verb, arguments);
    };
    add("matters", "How many members each matter needs, the members, limits and nodes", &matters)
        .first->footer("Example:\n  socai governance matters --dir /tmp/socai");
    add("nodes", "The nodes, who was voted in and out, and which may be switched off", &nodes)
        .first->footer("Example:\n  socai governance nodes --dir /tmp/socai");
    {
        const auto [verb, arguments] = add("list", "Proposals and how the votes stand", &list);
        verb->add_option("--state", arguments->state, "Only those in this state")
            ->check(CLI::IsMember({"open", "passed", "rejected", "withdrawn", "failed", "expired"}));
        verb->footer("Example:\n  socai governance list --state open --dir /tmp/socai");
    }
    {
        const auto [verb, arguments] =
            add("show", "One proposal: its change, its ballots, and what happens if it passes", &show);
        verb->add_option("proposal", arguments->proposal, "MEMBER/ID")->required();
        verb->footer("Example:\n  socai governance show customs/proposal-1 --dir /tmp/socai");
    }
    {
        const auto [verb, arguments] =
            add("registry", "Agencies with their roles, keys and delegations", &registry);
        verb->add_option("--agency", arguments->agency, "Only this one and those below it")
            ->type_name("CODE");
        verb->footer("Example:\n  socai governance registry --agency customs --dir /tmp/socai");
    }
    register_governance_acts(*governance, chosen);
    register_governance_drafts(*governance, chosen);
}

}  // namespace socai::node::cli
