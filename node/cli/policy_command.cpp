// socai policy show; policy_acts.cpp has draft, propose, write
#include "node/cli/policy_command.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>

#include "ledger/head.hpp"
#include "node/cli/output.hpp"
#include "node/cli/policy_acts.hpp"
#include "node/client/policy_file.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct PolicyArguments {
    std::string file;
    bool json = false;
};

std::int64_t milliseconds(std::uint64_t seconds) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, INT64_MAX / 1'000)) * 1'000;
}

Exit show(const PolicyArguments& arguments) {
    const auto policy = client::read_policy_file(arguments.file);
    if (!policy) return report(policy.error());
    const std::string fingerprint = ledger::policy_fingerprint(*policy);
    if (arguments.json) {
        print_json(json::object{{"fingerprint", fingerprint},
                                {"logs", policy->logs.size()},
                                {"witnesses", policy->witnesses.size()},
                                {"quorum", policy->quorum},
                                {"policy", policy->to_string()}});
        return Exit::done;
    }
    print_line("fingerprint  " + fingerprint);
    print_line("logs         " + std::to_string(policy->logs.size()) + ": a head needs the signature of one");
    for (const ledger::PolicyLog& log : policy->logs)
        print_line("  " + client::printable(log.key.to_string()));
    print_line("witnesses    " + std::to_string(policy->witnesses.size()));
    for (const ledger::PolicyWitness& witness : policy->witnesses) {
        print_line("  " + client::printable(witness.name) + "  " +
                   client::printable(witness.key.to_string()));
    }
    for (const ledger::PolicyGroup& group : policy->groups) {
        std::string members;
        for (const std::string& member : group.members) members += " " + client::printable(member);
        print_line("group        " + client::printable(group.name) + ": " + std::to_string(group.threshold) +
                   " of" + members);
    }
    print_line(
        "quorum       " + client::printable(policy->quorum) +
        (policy->quorum == "none" ? ": no cosignature is needed, so that one node alone is believed" : ""));
    return Exit::done;
}

}  // namespace

void add_policy_option(CLI::App& verb, std::string& path, bool required) {
    verb.add_option("--policy", path, "The policy that you have pinned (C2SP tlog-policy)")
        ->type_name("P")
        ->required(required);
}

Error verdict(Exit exit, const ledger::Error& error) {
    return {exit, error.reason, error.detail};
}

Exit refuse(const Error& error, bool json) {
    if (json)
        print_json(json::object{{"verified", false}, {"reason", error.reason}, {"detail", error.detail}});
    return report(error);
}

json::array cosigners_json(const ledger::VerifiedReceipt& receipt) {
    json::array list;
    for (const client::CosignerName& name :
         client::cosigner_names(receipt.policy, receipt.signers, receipt.checkpoint.origin)) {
        list.push_back(json::object{
            {"agency", name.agency}, {"witness", name.witness}, {"time", milliseconds(name.time_s)}});
    }
    return list;
}

std::string cosigners_text(const ledger::VerifiedReceipt& receipt) {
    std::string text;
    for (const json::value& cosigner : cosigners_json(receipt)) {
        const json::object& object = cosigner.get_object();
        if (!text.empty()) text += ", ";
        text += client::printable(text_of(object, "agency")) + " (" +
                client::printable(text_of(object, "witness")) + ", " + time_of(object, "time") + ")";
    }
    return text.empty() ? "nobody" : text;
}

std::vector<std::string> not_shown_by_receipts(const ledger::Policy& policy) {
    std::vector<std::string> lines{
        "that what the records say is true",
        "that nothing later supersedes or revokes them",
        "the rules of admission beyond form, key, source and signature: socai audit repeats them all",
        "the accepted time, beyond the word of the agencies that cosigned the tree",
    };
    if (policy.quorum == "none") {
        lines.push_back("any cosignature: the policy says quorum none, one node's word is enough for it");
    }
    return lines;
}

void register_policy(CLI::App& app, Chosen& chosen) {
    auto* policy = app.add_subcommand("policy", "Whose signatures make a head believed: show a policy, bring it up to the nodes");
    policy->require_subcommand(1);
    policy->footer("Reads: show, draft. Acts: propose, write.\nExample:\n  socai policy show /tmp/socai/policy");
    const auto arguments = std::make_shared<PolicyArguments>();
    auto* look = policy->add_subcommand(
        "show", "Show a policy and its fingerprint, which two people can compare by telephone");
    look->add_option("file", arguments->file, "Policy (C2SP tlog-policy)")->type_name("FILE")->required();
    look->add_flag("--json", arguments->json, "Print fingerprint and policy as JSON");
    look->footer("Example:\n  socai policy show /tmp/socai/policy");
    look->callback([arguments, &chosen] { chosen.run = [arguments] { return show(*arguments); }; });
    register_policy_acts(*policy, chosen);
}

}  // namespace socai::node::cli
