// socai recover show | sign | seal, and the verbs of recover_nodes.hpp: a ledger goes on after it lost its majority, by the
// offline root keys of a quorum of agencies, none of which ever holds another's private key.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/statement.hpp"
#include "ledger/time.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/recover_nodes.hpp"
#include "node/cli/recover_report.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

// A plan holds nodes and a policy; a sealed one is a leaf, which is smaller.
constexpr std::size_t max_plan_bytes = std::size_t{1} << 18;

struct SignArguments {
    std::string plan, key, agency, out, policy_out;
    std::vector<std::string> approvals;
    bool json = false;
};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Result<ledger::RecoveryPlan> read_plan(const std::string& file) {
    const auto text = read_file(file, max_plan_bytes);
    if (!text) return text.error();
    auto plan = ledger::parse_plan(*text);
    if (plan) return *std::move(plan);
    return Error{Exit::usage, plan.error().reason, file + ": " + plan.error().detail};
}

Result<void> refuse_overwriting(const std::string& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return {};
    return Error{Exit::usage, "file_exists", file + " is there already; choose another name"};
}

// A plan, or a sealed recovery with who approved it.
Exit show(const std::string& file, bool as_json) {
    const auto text = read_file(file, max_plan_bytes);
    if (!text) return report(text.error());
    ledger::RecoveryLeaf leaf;
    const bool sealed = !text->starts_with("{");
    if (sealed) {
        auto read = ledger::parse_recovery_entry(*text);
        if (!read) return report({Exit::usage, read.error().reason, file + ": " + read.error().detail});
        leaf = *std::move(read);
    } else {
        auto plan = read_plan(file);
        if (!plan) return report(plan.error());
        leaf.plan = *std::move(plan);
    }
    if (as_json) {
        json::object answer = plan_report(leaf.plan);
        json::array approvals;
        for (const ledger::RecoveryApproval& approval : leaf.approvals)
            approvals.push_back(
                json::object{{"agency", approval.agency}, {"kid", approval.kid}, {"time", approval.time}});
        answer["sealed"] = sealed;
        answer["approvals"] = std::move(approvals);
        print_json(answer);
        return Exit::done;
    }
    print_plan(leaf.plan);
    for (const ledger::RecoveryApproval& approval : leaf.approvals)
        print_line("approved by " + approval.agency + " with " + approval.kid + " at " + approval.time);
    if (sealed)
        print_line("Whether these keys count, `socai recover open` asks the ledger itself, at every node.");
    return Exit::done;
}

Exit sign(const SignArguments& arguments) {
    const auto plan = read_plan(arguments.plan);
    if (!plan) return report(plan.error());
    const auto key = read_key_file(arguments.key);
    if (!key) return report(key.error());
    if (!key->kid.starts_with(arguments.agency + "/"))
        return report({Exit::usage, "wrong_key",
                       arguments.key + " is the key " + key->kid + ", not one of " + arguments.agency +
                           ": give the agency's own root key"});
    if (const auto free = refuse_overwriting(arguments.out); !free) return report(free.error());
    print_plan(*plan);
    const std::string approval =
        ledger::sign_approval(*plan, arguments.agency, *key, ledger::format_rfc3339(now_ms()));
    if (const auto written = write_file(arguments.out, approval, 0644); !written)
        return report(written.error());
    print_line("");
    print_line(
        "Signed for " + arguments.agency + " with " + key->kid + "; wrote " + arguments.out +
        ". Without that file nothing was agreed: destroy it if the fingerprint is not what the others read.");
    return Exit::done;
}

Exit seal(const SignArguments& arguments) {
    const std::string policy_file =
        !arguments.policy_out.empty()
            ? arguments.policy_out
            : (std::filesystem::path(arguments.out).parent_path() / "recovered-policy").string();
    for (const std::string& file : {arguments.out, policy_file})
        if (const auto free = refuse_overwriting(file); !free) return report(free.error());
    auto plan = read_plan(arguments.plan);
    if (!plan) return report(plan.error());
    const auto key = read_key_file(arguments.key);
    if (!key) return report(key.error());
    ledger::RecoveryLeaf leaf{*std::move(plan), {}};
    for (const std::string& file : arguments.approvals) {
        const auto text = read_file(file, ledger::max_statement_bytes);
        if (!text) return report(text.error());
        auto approval = ledger::parse_approval(*text, leaf.plan);
        if (!approval)
            return report({Exit::no, approval.error().reason, file + ": " + approval.error().detail});
        leaf.approvals.push_back(*std::move(approval));
    }
    std::ranges::sort(leaf.approvals, {}, &ledger::RecoveryApproval::agency);
    const auto twice = std::ranges::adjacent_find(leaf.approvals, {}, &ledger::RecoveryApproval::agency);
    if (twice != leaf.approvals.end())
        return report({Exit::usage, "repeated_approval",
                       "Two approvals are of " + twice->agency + ", which has one voice: give one of them"});
    const std::string entry = ledger::recovery_entry(leaf, *key, now_ms());
    if (entry.size() > ledger::max_entry_bytes)
        return report({Exit::no, "entry_too_large",
                       "The recovery has " + std::to_string(entry.size()) +
                           " bytes, a leaf at most 65,535: give a shorter reason and legal basis"});
    if (const auto read = ledger::parse_recovery_entry(entry); !read)
        return report({Exit::no, read.error().reason, read.error().detail});
    if (const auto written = write_file(arguments.out, entry, 0644); !written) return report(written.error());
    if (const auto written = write_file(policy_file, leaf.plan.policy, 0644); !written)
        return report(written.error());
    print_line("Sealed with " + std::to_string(leaf.approvals.size()) + " approvals; wrote " + arguments.out +
               " and " + policy_file + ".");
    print_line(
        "Send both to every agency. Each of the nodes that go on is opened with `socai recover open`, which "
        "asks "
        "whether the approvals are enough.");
    return Exit::done;
}

void register_signing(CLI::App& recover, Chosen& chosen) {
    const auto arguments = std::make_shared<SignArguments>();
    auto* verb =
        recover.add_subcommand("sign", "3. Every agency that agrees: sign the plan with its root key");
    verb->add_option("--plan", arguments->plan, "The plan")->type_name("F")->required();
    verb->add_option("--key", arguments->key, "The agency's offline root key")->type_name("F")->required();
    verb->add_option("--agency", arguments->agency, "Its code")->type_name("A")->required();
    verb->add_option("--out", arguments->out, "The approval")->type_name("F")->required();
    verb->footer(
        "Example:\n"
        "  socai recover sign --plan plan.json --key /media/safe/customs-root.jwk --agency customs --out "
        "customs.approval\n"
        "Needs no ledger and no network. Compare the fingerprint over the telephone first: socai recover "
        "show plan.json");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return sign(*arguments); }; });
}

void register_sealing(CLI::App& recover, Chosen& chosen) {
    const auto arguments = std::make_shared<SignArguments>();
    auto* verb = recover.add_subcommand(
        "seal", "4. One member: plan and approvals become the first leaf of the epoch");
    verb->add_option("--plan", arguments->plan, "The plan")->type_name("F")->required();
    verb->add_option("--approval", arguments->approvals, "An agency's approval; repeat it")
        ->type_name("F")
        ->required()
        ->allow_extra_args(false);
    verb->add_option("--key", arguments->key,
                     "A registrar or root key of a member: it signs the leaf, and authorises nothing")
        ->type_name("F")
        ->required();
    verb->add_option("--out", arguments->out, "The recovery, the same file for all nodes")
        ->type_name("F")
        ->required();
    verb->add_option("--policy-out", arguments->policy_out,
                     "The new policy; by default `recovered-policy` beside it")
        ->type_name("P");
    verb->footer(
        "Example:\n"
        "  socai recover seal --plan plan.json --approval customs.approval --approval most.approval \\\n"
        "    --key keys/registrar.jwk --out recovery\n"
        "Whoever runs this can change nothing: each agency's signature over the plan is in the leaf.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return seal(*arguments); }; });
}

}  // namespace

void register_recover(CLI::App& app, Chosen& chosen) {
    auto* recover = app.add_subcommand(
        "recover",
        "Go on after the majority of the nodes is lost for good, by the agencies' offline root keys");
    recover->require_subcommand(1);
    recover->footer(
        "In this order, each agency on its own machines:\n"
        "  0. Stop every node that is left, and leave it stopped. Is a majority left? Then you need none of "
        "this.\n"
        "  1. socai recover survey …   at every survivor: what it holds\n"
        "  2. socai recover plan …     at the most advanced one, from all surveys\n"
        "  3. socai recover sign …     every agency that agrees, where its root key is kept\n"
        "  4. socai recover seal …     one member: the file `recovery`, the first leaf of the new epoch\n"
        "  5. socai recover open …     at every survivor; then socai node run\n"
        "docs/recovery.md tells it all, and what readers, clients and auditors do afterwards.");
    register_recover_nodes(*recover, chosen);
    register_signing(*recover, chosen);
    register_sealing(*recover, chosen);
    const auto file = std::make_shared<std::string>();
    const auto as_json = std::make_shared<bool>(false);
    auto* verb = recover->add_subcommand("show", "What a plan or a sealed recovery says");
    verb->add_option("file", *file, "The plan, or the recovery")->type_name("FILE")->required();
    verb->add_flag("--json", *as_json, "Print it as JSON");
    verb->footer("Example:\n  socai recover show plan.json");
    verb->callback(
        [file, as_json, &chosen] { chosen.run = [file, as_json] { return show(*file, *as_json); }; });
}

}  // namespace socai::node::cli
