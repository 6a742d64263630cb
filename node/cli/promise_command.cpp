// socai promise verify | status
#include <cstdio>
#include <map>
#include <memory>

#include "ledger/epochs.hpp"
#include "ledger/policy.hpp"
#include "ledger/promise_rule.hpp"
#include "ledger/time.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/target.hpp"
#include "node/client/promise_folder.hpp"
#include "node/client/rpc_client.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

constexpr mode_t file_mode = 0644;

struct VerifyArguments {
    std::vector<std::string> files;
    std::string policy;
    std::string refusal;
    bool json = false;
};

struct StatusArguments {
    Target target;
    std::vector<std::string> files;
};

Result<ledger::Policy> read_pinned(const std::string& path) {
    const auto text = read_file(path, ledger::max_policy_bytes);
    if (!text) return text.error();
    auto policy = ledger::parse_policy(*text);
    if (!policy) return Error{Exit::usage, policy.error().reason, path + ": " + policy.error().detail};
    return *std::move(policy);
}

json::object promise_json(const ledger::VerifiedPromise& verified) {
    json::array records;
    for (const auto& record : verified.promise.records)
        records.push_back(
            {{"source", record.source}, {"id", record.id}, {"sha256", ledger::to_hex(record.digest)}});
    return {{"origin", verified.origin},
            {"node", verified.node.name},
            {"agency", verified.node.agency},
            {"received", verified.promise.received_ms},
            {"include_by", verified.promise.include_by_ms},
            {"statement", ledger::to_hex(verified.promise.statement)},
            {"records", std::move(records)}};
}

void print_promise(const std::string& file, const ledger::VerifiedPromise& verified) {
    const ledger::Promise& promise = verified.promise;
    print_line(file + ": good");
    print_line("  " + verified.node.name + " of " + verified.node.agency + ", for the ledger " +
               verified.origin + ",");
    print_line("  received statement " + ledger::to_hex(promise.statement));
    print_line("  at " + ledger::format_rfc3339(promise.received_ms) +
               " and promised that it stands in the ledger, or is " + "refused, by " +
               ledger::format_rfc3339(promise.include_by_ms) + ":");
    for (const auto& record : promise.records)
        print_line("    " + record.source + " " + record.id + "  SHA-256 " + ledger::to_hex(record.digest));
}

// Is the note a refusal of the promised statement, by the node that promised, and in time whatever it cosigned
// (ledger/promise_rule.hpp)?
Result<ledger::Refusal> verify_refusal_note(const std::string& path,
                                            const ledger::VerifiedPromise& promised) {
    const auto bytes = read_file(path, ledger::max_note_bytes);
    if (!bytes) return bytes.error();
    const auto note = ledger::parse_note(*bytes);
    if (!note) return Error{Exit::usage, note.error().reason, path + ": " + note.error().detail};
    const auto said = ledger::verify_node_statement(*note, promised.node.node_key);
    if (!said) return Error{Exit::no, said.error().reason, path + ": " + said.error().detail};
    const auto* refusal = std::get_if<ledger::Refusal>(&said->fact);
    // A node that goes on after a recovery answers what it promised before under the new name (ledger/epochs.hpp).
    if (refusal == nullptr || !ledger::is_same_or_earlier_epoch(promised.origin, said->origin) || said->node != promised.node.name ||
        refusal->statement != promised.promise.statement)
        return Error{Exit::no, "not_a_refusal",
                     path + " is no refusal of what this promise is about, by " + promised.node.name};
    if (refusal->time_ms < promised.promise.received_ms)
        return Error{Exit::no, "not_a_refusal",
                     path + " is older than the promise: it refused an earlier one of the same statement"};
    if (!ledger::refused_in_time(promised.promise, refusal->time_ms, std::nullopt))
        return Error{
            Exit::no, "late_refusal",
            path + " is dated " + ledger::format_rfc3339(refusal->time_ms) +
                ", after the promised time: it answers the promise only if the node cosigned no head "
                "without the record in between, which `socai audit --promises` looks for"};
    return *refusal;
}

Exit verify_one(const VerifyArguments& arguments, const std::string& path, const ledger::Policy& policy) {
    const auto file = client::read_promise_file(path);
    if (!file) return report(file.error());
    const auto verified = ledger::verify_promise_file(*file, policy);
    if (!verified) {
        if (arguments.json)
            print_json(json::object{{"file", path},
                                    {"good", false},
                                    {"reason", verified.error().reason},
                                    {"detail", verified.error().detail}});
        return report({Exit::no, verified.error().reason, path + ": " + verified.error().detail});
    }
    std::optional<ledger::Refusal> refusal;
    if (!arguments.refusal.empty()) {
        auto read = verify_refusal_note(arguments.refusal, *verified);
        if (!read) return report(read.error());
        refusal = *std::move(read);
    }
    if (arguments.json) {
        json::object object = promise_json(*verified);
        object["file"] = path;
        object["good"] = true;
        if (refusal)
            object["refusal"] = {
                {"time", refusal->time_ms}, {"reason", refusal->reason}, {"size", refusal->size}};
        print_json(object);
        return Exit::done;
    }
    print_promise(path, *verified);
    if (refusal)
        print_line("  refused at " + ledger::format_rfc3339(refusal->time_ms) + ": " + refusal->reason +
                   ", against the first " + std::to_string(refusal->size) + " leaves");
    return Exit::done;
}

Exit verify(const VerifyArguments& arguments) {
    if (!arguments.refusal.empty() && arguments.files.size() != 1)
        return report({Exit::usage, "wrong_use", "--refusal goes with one promise"});
    const auto policy = read_pinned(arguments.policy);
    if (!policy) return report(policy.error());
    Exit worst = Exit::done;
    for (const std::string& path : arguments.files) {
        const Exit exit = verify_one(arguments, path, *policy);
        if (static_cast<int>(exit) > static_cast<int>(worst)) worst = exit;
    }
    return worst;
}

// What the node says became of it; completes the file, and keeps the refusal beside it.
Exit status_of(const StatusArguments& arguments, const std::string& path, client::RpcClient& client,
               client::Introductions& introductions) {
    auto file = client::read_promise_file(path);
    if (!file) return report(file.error());
    const auto said = ledger::parse_node_statement(file->note.text);
    const auto* promise = said ? std::get_if<ledger::Promise>(&said->fact) : nullptr;
    if (promise == nullptr)
        return report({Exit::usage, "not_a_promise", path + ": the note in it is not a promise"});
    if (!file->introduction) {
        if (auto introduction = introductions.of(said->node)) {
            file->introduction = std::move(introduction->leaf);
            file->policies = std::move(introduction->policies);
            if (const auto written = write_file(path, file->to_json(), file_mode); !written)
                return report(written.error());
        }
    }
    const auto answer = client.call("ledger.promise", {{"statement", ledger::to_hex(promise->statement)}});
    if (answer.has_error()) return report(client::to_error(answer.error()));
    if (!answer->is_object())
        return report({Exit::unreachable, "bad_answer", "the node's answer is no object"});
    const json::object& fate = answer->get_object();
    const std::string status = text_of(fate, "status");
    if (status == "refused") {
        std::string beside = path;
        if (beside.ends_with(client::promise_suffix))
            beside.resize(beside.size() - client::promise_suffix.size());
        beside += client::refusal_suffix;
        if (const auto written = write_file(beside, text_of(fate, "refusal"), file_mode); !written)
            return report(written.error());
    }
    if (arguments.target.json) {
        json::object object = fate;
        object["file"] = path;
        print_json(object);
    } else if (status == "committed") {
        print_line(path + ": stands in leaf " + address_of(fate) + ", accepted " + time_of(fate, "time"));
    } else if (status == "refused") {
        print_line(path + ": refused: " + text_of(fate, "detail"));
    } else {
        print_line(path + ": waits in the outbox of " + said->node + "; it stands or is refused by " +
                   ledger::format_rfc3339(promise->include_by_ms));
    }
    return status == "refused" ? Exit::no : Exit::done;
}

Exit status(const StatusArguments& arguments) {
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts());
    client::Introductions introductions(client);
    Exit worst = Exit::done;
    for (const std::string& path : arguments.files) {
        const Exit exit = status_of(arguments, path, client, introductions);
        if (static_cast<int>(exit) > static_cast<int>(worst)) worst = exit;
    }
    return worst;
}

}  // namespace

void register_promise(CLI::App& app, Chosen& chosen) {
    auto* group =
        app.add_subcommand("promise", "Promises of nodes: check them offline, ask what became of them");
    group->require_subcommand(1);

    const auto verifying = std::make_shared<VerifyArguments>();
    auto* verify_verb = group->add_subcommand("verify", "Who promised what by when, checked offline");
    verify_verb
        ->add_option("file", verifying->files, "Promise files, as `socai submit --promises` keeps them")
        ->type_name("FILE")
        ->required();
    verify_verb->add_option("--policy", verifying->policy, "The ledger's policy that you pinned")
        ->type_name("P")
        ->required();
    verify_verb
        ->add_option("--refusal", verifying->refusal,
                     "Check that this note refuses what was promised, by the promised time")
        ->type_name("NOTE");
    verify_verb->add_flag("--json", verifying->json, "Print one JSON object for each file");
    verify_verb->footer(
        "Needs no node and no network: the file introduces the node's key by a proof that the policy's "
        "quorum\n"
        "co-signed. It says that the node made this promise, not that it kept it.\n"
        "Example:\n"
        "  socai promise verify --policy policy promises/*.promise\n"
        "Exit status: 0 good, 1 not good, 2 not a promise file, 3 a file cannot be read.");
    verify_verb->callback([verifying, &chosen] { chosen.run = [verifying] { return verify(*verifying); }; });

    const auto asking = std::make_shared<StatusArguments>();
    auto* status_verb = group->add_subcommand("status", "Ask the node that promised what became of it");
    asking->target.add_to(*status_verb, "Print one JSON object for each file");
    status_verb->add_option("file", asking->files, "Promise files")->type_name("FILE")->required();
    status_verb->footer(
        "Ask the node that gave the promise. A refusal is kept beside the file, as `.refusal`; an "
        "introduction that\n"
        "was missing is put into the file.\n"
        "Example:\n"
        "  socai promise status --ca ca.pem --to wss://127.0.0.1:7001/rpc promises/*.promise\n"
        "Exit status: 0 it stands or waits, 1 refused or unknown, 2 not a promise file, 3 no answer.");
    status_verb->callback([asking, &chosen] { chosen.run = [asking] { return status(*asking); }; });
}

}  // namespace socai::node::cli
