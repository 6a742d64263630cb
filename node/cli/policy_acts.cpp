#include "node/cli/policy_acts.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <set>

#include "ledger/head.hpp"
#include "ledger/ijson.hpp"
#include "ledger/node_list.hpp"
#include "node/cli/governance_acts.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"
#include "node/client/policy_draft.hpp"
#include "node/client/text_file.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct Draft {
    Target target;
    std::string out;
    std::optional<std::uint32_t> threshold;
};
struct PolicyAct {
    ActOptions act;
    std::string file, title = "The policy follows the nodes";
    std::int64_t days = standard_open_days;
};

// The nodes that the members want; nothing where the founders let one member decide, and the cluster is as it is.
std::optional<std::set<std::string>> voted_nodes(const json::object& rules) {
    for (const json::object& matter : objects_in(rules, "matters"))
        if (text_of(matter, "matter") == "nodes" && text_of(matter, "rule") == "any") return std::nullopt;
    std::set<std::string> names;
    if (const json::value* nodes = rules.if_contains("nodes"); nodes != nullptr && nodes->is_array())
        for (const json::value& name : nodes->get_array())
            if (name.is_string()) names.emplace(name.get_string());
    return names;
}

Exit draft(const Draft& given) {
    const auto endpoints = given.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    client::RpcClient client(*endpoints, given.target.timeouts());
    const auto members = ask(client, "cluster.members", {{"read", "linearizable"}});
    if (!members) return report(members.error());
    const auto rules = ask(client, "governance.rules", {{"read", "linearizable"}});
    if (!rules) return report(rules.error());
    const auto wanted = voted_nodes(*rules);
    const std::string origin = text_of(*members, "origin");
    const auto drafted = client::draft_policy(
        *members, origin, [&](const std::string& node) { return !wanted || wanted->contains(node); },
        given.threshold);
    if (!drafted) return report(drafted.error());

    const json::object file{{"origin", origin},
                            {"nodes", ledger::nodes_json(drafted->leaf.nodes)},
                            {"policy", drafted->leaf.policy.to_string()}};
    if (auto written = write_file(given.out, json::serialize(file) + "\n", 0644); !written)
        return report(written.error());
    if (given.target.json) {
        print_json(json::object{{"out", given.out},
                                {"differs", drafted->differs},
                                {"fingerprint", ledger::policy_fingerprint(drafted->leaf.policy)}});
        return Exit::done;
    }
    print_line("counts       " + std::to_string(drafted->leaf.nodes.size()) + " nodes");
    for (const ledger::GenesisNode& node : drafted->leaf.nodes)
        print_line("  " + client::printable(node.name) + " of " + client::printable(node.agency));
    if (wanted)
        for (const std::string& name : *wanted)
            if (std::ranges::find(drafted->leaf.nodes, name, &ledger::GenesisNode::name) == drafted->leaf.nodes.end())
                print_line("not counted  " + client::printable(name) + ": it does not vote yet");
    print_line("fingerprint  " + ledger::policy_fingerprint(drafted->leaf.policy));
    print_line(drafted->differs ? "written to " + given.out + "; next: socai policy propose"
                                : "written to " + given.out + "; the policy in force says the same already");
    return Exit::done;
}

// What `draft` wrote.
Result<json::object> read_draft(const std::string& path) {
    const auto text = client::read_text_file(path);
    if (!text) return text.error();
    const auto value = ledger::parse_ijson(*text);
    if (value && value->is_object()) {
        const json::object& draft = value->get_object();
        const json::value* nodes = draft.if_contains("nodes");
        if (draft.size() == 3 && nodes != nullptr && nodes->is_array() && !text_of(draft, "origin").empty() &&
            !text_of(draft, "policy").empty())
            return draft;
    }
    return Error{Exit::usage, "wrong_use", path + " is no draft of a policy: socai policy draft makes one"};
}

Exit propose_policy(const PolicyAct& given) {
    const auto draft = read_draft(given.file);
    if (!draft) return report(draft.error());
    return propose(given.act, "quorum_policy", given.title, {{"policy", draft->at("policy")}}, given.days);
}

Exit write_policy(const PolicyAct& given) {
    const auto draft = read_draft(given.file);
    if (!draft) return report(draft.error());
    return act(given.act, "policy", text_of(*draft, "origin"),
               {{"nodes", draft->at("nodes")}, {"policy", draft->at("policy")}});
}

}  // namespace

void register_policy_acts(CLI::App& policy, Chosen& chosen) {
    const auto drafted = std::make_shared<Draft>();
    auto* make = policy.add_subcommand("draft", "Draft the policy that counts the nodes as the members voted them");
    drafted->target.add_to(*make, "Print fingerprint, and whether it differs from the policy in force, as JSON");
    make->add_option("--out", drafted->out, "File for the draft")->type_name("FILE")->required();
    make->add_option("--threshold", drafted->threshold, "How many agencies must sign a head; two thirds unless given")
        ->type_name("K");
    make->footer(
        "Witnesses from outside stay as they are in the policy in force.\nExample:\n"
        "  socai policy draft --out policy.json --dir /tmp/socai");
    make->callback([drafted, &chosen] { chosen.run = [drafted] { return draft(*drafted); }; });

    const auto proposed = std::make_shared<PolicyAct>();
    auto* ask_members = policy.add_subcommand("propose", "Propose a drafted policy to the members");
    ask_members->add_option("file", proposed->file, "What draft wrote")->type_name("FILE")->required();
    ask_members->add_option("--title", proposed->title, "What it is, for people")->capture_default_str();
    ask_members->add_option("--days", proposed->days, "How long it is open for votes")
        ->check(CLI::Range(std::int64_t{1}, max_open_days))
        ->capture_default_str();
    proposed->act.add_to(*ask_members);
    ask_members->footer(
        "The members vote: socai governance vote.\nExample:\n"
        "  socai policy propose policy.json --key registrar.jwk --dir /tmp/socai");
    ask_members->callback([proposed, &chosen] { chosen.run = [proposed] { return propose_policy(*proposed); }; });

    const auto written = std::make_shared<PolicyAct>();
    auto* put = policy.add_subcommand("write", "Write a policy that a vote has passed into the ledger");
    put->add_option("file", written->file, "What draft wrote")->type_name("FILE")->required();
    written->act.add_to(*put, "Record key of a member that signs (JWK)");
    put->footer(
        "It governs from the next leaf; the first head under it needs the old quorum and the new one.\nExample:\n"
        "  socai policy write policy.json --key record-1.jwk --dir /tmp/socai");
    put->callback([written, &chosen] { chosen.run = [written] { return write_policy(*written); }; });
}

}  // namespace socai::node::cli
