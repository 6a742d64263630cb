// socai receipt get | verify
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/head.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/policy_command.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/target.hpp"
#include "node/client/policy_file.hpp"
#include "node/client/receipts.hpp"
#include "node/client/text_file.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

constexpr mode_t file_mode = 0600;  // receipts hold records

struct ReceiptArguments {
    Target target;  // get
    SignInOptions who;
    std::vector<std::string> what;  // get: INDEX, or SOURCE ID
    std::string out;                // get
    std::string file;               // verify
    std::string policy;
    bool json = false;  // verify
};

json::array records_json(const ledger::Statement& statement) {
    json::array list;
    std::uint32_t n = 0;
    for (const ledger::Record& record : statement.records) {
        list.push_back(json::object{{"n", n++},
                                    {"source", record.source},
                                    {"id", record.id},
                                    {"type", record.type},
                                    {"subject", record.subject},
                                    {"time", record.time},
                                    {"sha256", ledger::to_hex(record.digest)}});
    }
    return list;
}

json::object verified_json(const ledger::VerifiedReceipt& verified, const ledger::Policy& pinned) {
    json::object object{{"verified", true}};
    object["origin"] = verified.checkpoint.origin;
    object["index"] = verified.index;
    object["time"] = verified.time_ms;
    object["kid"] = verified.kid;
    object["records"] = records_json(*verified.statement);
    object["size"] = verified.checkpoint.size;
    object["root"] = ledger::hash_text(verified.checkpoint.root);
    object["cosigners"] = cosigners_json(verified);
    object["policy"] = ledger::policy_fingerprint(pinned);
    object["governing_policy"] = ledger::policy_fingerprint(verified.policy);
    json::array not_checked;
    for (const std::string& line : not_shown_by_receipts(verified.policy)) not_checked.emplace_back(line);
    object["not_checked"] = std::move(not_checked);
    return object;
}

void print_verified(const ledger::VerifiedReceipt& verified, const ledger::Policy& pinned) {
    const std::string fingerprint = ledger::policy_fingerprint(pinned);
    const std::string governing = ledger::policy_fingerprint(verified.policy);
    print_line("verified  leaf " + std::to_string(verified.index) + " of " +
               client::printable(verified.checkpoint.origin));
    print_line("accepted  " + time_of({{"time", verified.time_ms}}, "time"));
    print_line("signed by " + client::printable(verified.kid));
    for (const ledger::Record& record : verified.statement->records) {
        print_line("record    " + client::printable(record.source) + " " + client::printable(record.id) +
                   ", " + client::printable(kind_of(record.type)) + " of " +
                   client::printable(record.subject) + ", signed for " + client::printable(record.time));
    }
    print_line("head      " + std::to_string(verified.checkpoint.size) + " leaves, root " +
               ledger::hash_text(verified.checkpoint.root));
    print_line("cosigned  " + cosigners_text(verified));
    print_line("policy    " + fingerprint + " (pinned)");
    if (governing != fingerprint)
        print_line("          " + governing + " (governs this head; proven from the pinned one)");
    for (const std::string& line : not_shown_by_receipts(verified.policy)) print_line("not shown " + line);
}

Exit verify_receipt_file(const ReceiptArguments& arguments) {
    const auto policy = client::read_policy_file(arguments.policy);
    if (!policy) return refuse(policy.error(), arguments.json);
    const auto text = read_file(arguments.file, ledger::max_receipt_bytes);
    if (!text) return refuse(text.error(), arguments.json);
    const auto receipt = ledger::parse_receipt(*text);
    if (!receipt) return refuse(verdict(Exit::usage, receipt.error()), arguments.json);
    const auto verified = ledger::verify_receipt(*receipt, *policy);
    if (!verified) return refuse(verdict(Exit::no, verified.error()), arguments.json);
    if (arguments.json) {
        print_json(verified_json(*verified, *policy));
    } else {
        print_verified(*verified, *policy);
    }
    return Exit::done;
}

// The leaf that is meant: INDEX, INDEX.N, or that of SOURCE ID.
Result<std::uint64_t> leaf_of(client::RpcClient& client, const std::vector<std::string>& what) {
    if (what.size() == 1) {
        const auto address = ledger::parse_address(what[0]);
        if (address) return address->index;
        return Error{
            Exit::usage, "bad_index",
            "'" + client::printable(what[0]) + "' is no place in the ledger; write 12, 12.3, or SOURCE ID"};
    }
    const auto answer = client.call("ledger.get", {{"source", what[0]}, {"id", what[1]}});
    if (answer.has_error()) return client::to_error(answer.error());
    const json::value* index = answer->is_object() ? answer->get_object().if_contains("index") : nullptr;
    if (index == nullptr || !index->is_int64() || index->get_int64() < 0) {
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + " answered ledger.get with something else"};
    }
    return static_cast<std::uint64_t>(index->get_int64());
}

Exit get_receipt(const ReceiptArguments& arguments) {
    std::optional<ledger::Policy> policy;
    if (!arguments.policy.empty()) {
        auto read = client::read_policy_file(arguments.policy);
        if (!read) return report(read.error());
        policy = *std::move(read);
    }
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    const auto sign_in = arguments.who.read(arguments.target.dir);
    if (!sign_in) return report(sign_in.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts(), *sign_in);
    const auto index = leaf_of(client, arguments.what);
    if (!index) return report(index.error());

    std::optional<ledger::Receipt> receipt;
    const auto fetched = client::fetch_receipts(client, std::vector{*index},
                                                std::chrono::milliseconds(arguments.target.timeout_ms),
                                                [&](ledger::Receipt taken) { receipt = std::move(taken); });
    if (!fetched) return report(fetched.error());
    if (policy) {
        const auto verified = ledger::verify_receipt(*receipt, *policy);
        if (!verified) return report(verdict(Exit::no, verified.error()));
    }
    const std::string text = receipt->to_json();
    if (arguments.out.empty())
        return print_line(std::string_view(text).substr(0, text.size() - 1)) ? Exit::done : Exit::unreachable;
    if (const auto written = write_file(arguments.out, text, file_mode); !written)
        return report(written.error());
    if (arguments.target.json) {
        print_json(
            json::object{{"index", *index}, {"receipt", arguments.out}, {"verified", policy.has_value()}});
    } else {
        print_line("receipt of leaf " + std::to_string(*index) + " in " + arguments.out +
                   (policy ? ", verified"
                           : "; check it with: socai receipt verify " + arguments.out + " --policy P"));
    }
    return Exit::done;
}

}  // namespace

void register_receipt(CLI::App& app, Chosen& chosen) {
    auto* receipt =
        app.add_subcommand("receipt", "Get and verify proofs that a statement stands in the ledger");
    receipt->require_subcommand(1);
    receipt->footer(
        "Examples:\n"
        "  socai receipt get --dir /tmp/socai 12 --out 12.receipt\n"
        "  socai receipt verify 12.receipt --policy /tmp/socai/policy");
    const auto arguments = std::make_shared<ReceiptArguments>();

    auto* get =
        receipt->add_subcommand("get", "Ask a node for the receipt of a leaf, and wait until it has one");
    arguments->target.add_to(*get, "With --out: print what was written as JSON (a receipt is JSON itself)");
    arguments->who.add_to(*get);
    add_policy_option(*get, arguments->policy, false);
    get->add_option("--out", arguments->out, "File to write; standard output unless given")
        ->type_name("FILE");
    get->add_option("index", arguments->what, "INDEX (12, or 12.3 in a bundle), or SOURCE ID")
        ->type_name("INDEX | SOURCE ID")
        ->required()
        ->expected(1, 2);
    get->footer(
        "With --policy it is verified before it is kept. --timeout also says how long to wait for the "
        "cosignatures.\n"
        "Examples:\n"
        "  socai receipt get --dir /tmp/socai 12 --out 12.receipt\n"
        "  socai receipt get --to 127.0.0.1:7001 most.qlcl t-08 --policy policy > t-08.receipt");
    get->callback([arguments, &chosen] { chosen.run = [arguments] { return get_receipt(*arguments); }; });

    auto* verify = receipt->add_subcommand(
        "verify",
        "Check a receipt offline: who signed the statement, where it stands, which agencies cosigned that");
    add_policy_option(*verify, arguments->policy, true);
    verify->add_flag("--json", arguments->json, "Print the verdict as JSON");
    verify->add_option("file", arguments->file, "Receipt")->type_name("FILE")->required();
    verify->footer(
        "No network is used. Exit status: 0 verified; 1 not; 2 the file is no receipt, or the policy no "
        "policy;\n"
        "3 a file cannot be read.\n"
        "Example:\n  socai receipt verify 12.receipt --policy policy");
    verify->callback(
        [arguments, &chosen] { chosen.run = [arguments] { return verify_receipt_file(*arguments); }; });
}

}  // namespace socai::node::cli
