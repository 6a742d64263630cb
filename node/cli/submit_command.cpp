// socai submit
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "ledger/entry.hpp"
#include "ledger/epochs.hpp"
#include "ledger/genesis.hpp"
#include "ledger/statement.hpp"
#include "ledger/syntax.hpp"
#include "node/cli/command.hpp"
#include "node/cli/key_options.hpp"
#include "node/cli/output.hpp"
#include "node/cli/submit_report.hpp"
#include "node/cli/target.hpp"
#include "node/client/backoff.hpp"
#include "node/client/disclosure_file.hpp"
#include "node/client/promise_folder.hpp"
#include "node/client/rpc_client.hpp"
#include "node/client/signing.hpp"
#include "node/client/statement_file.hpp"
#include "node/client/submit_journal.hpp"
#include "node/client/submitter.hpp"
#include "node/client/text_file.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct SubmitArguments {
    Target target;
    KeyOptions keys;
    std::string file;
    std::string state;
    std::string wait = "committed";
    std::string promises;
    std::string disclosures;
    std::size_t bundle = 1;
    std::size_t batch = 256;
    std::size_t parallel = 1;
    std::int64_t retry_for_s = 60;
    bool progress = false;
};

// What has to be known of the ledger before anything is sent.
struct LedgerIdentity {
    std::string origin;
    ledger::Hash hash{};  // of leaf 0's statement: no two ledgers share it
    ledger::Registry registry;
};

// The first leaf, as any node can give it; tries for `patience`.
client::RpcResult<json::value> first_leaf(client::RpcClient& client, std::chrono::seconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    client::Backoff backoff(std::chrono::milliseconds(50), std::chrono::milliseconds(2'000));
    for (;;) {
        auto leaf = client.call("ledger.get", {{"index", 0}});
        // Whom this client does not believe, or who speaks otherwise, will not in a while either.
        const bool later = leaf.has_error() && !leaf.error().reason.starts_with("tls_") &&
                           (leaf.error().no_answer() || leaf.error().retryable);
        if (!later || std::chrono::steady_clock::now() >= until) return leaf;
        std::this_thread::sleep_for(backoff.next());
    }
}

Result<LedgerIdentity> ask_identity(const std::vector<client::Endpoint>& endpoints,
                                    const SubmitArguments& arguments) {
    client::RpcClient client(endpoints, arguments.target.timeouts());
    const auto leaf = first_leaf(client, std::chrono::seconds(arguments.retry_for_s));
    if (leaf.has_error()) return client::to_error(leaf.error());
    const auto* members = leaf->if_object();
    const std::string statement = members == nullptr ? std::string() : text_of(*members, "statement");
    const auto* time = members == nullptr ? nullptr : members->if_contains("time");
    if (statement.empty() || time == nullptr || !time->is_int64())
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + " answered ledger.get without statement and time"};
    auto genesis = ledger::parse_genesis(ledger::make_entry(time->get_int64(), statement));
    if (!genesis)
        return Error{Exit::unreachable, genesis.error().reason,
                     "leaf 0 of " + client.endpoint().url() + " is no genesis: " + genesis.error().detail};
    // The genesis says what the ledger was founded as; the node, what it is called since a recovery.
    const auto status = client.call("node.status", json::object{});
    if (status.has_error()) return client::to_error(status.error());
    std::string origin = status->is_object() ? text_of(status->get_object(), "origin") : std::string();
    if (ledger::epoch_number(genesis->origin, origin) == 0)
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + " says that its ledger is " + ledger::quote(origin) +
                         ", which is no epoch of " + ledger::quote(genesis->origin)};
    return LedgerIdentity{std::move(origin), ledger::sha256(statement), std::move(genesis->registry)};
}

bool holds_records(std::string_view text) {
    const std::string_view content = client::trim(text);
    return !content.empty() && (content.front() == '{' || content.front() == '[');
}

// The statements of the file, or of its records, signed.
Result<std::vector<client::SignedStatement>> statements_of(const SubmitArguments& arguments,
                                                           std::string_view text,
                                                           const LedgerIdentity& identity) {
    const std::string name = arguments.file == "-" ? "(standard input)" : arguments.file;
    const Error bad{Exit::usage, "bad_input", "nothing was submitted, because some lines are faulty"};
    const bool records = holds_records(text);
    if (!records && arguments.keys.given())
        return Error{Exit::usage, "already_signed",
                     name + " holds no records; statements are submitted as they are, without --key"};
    if (records && !arguments.keys.given() && arguments.target.dir.empty())
        return Error{
            Exit::usage, "not_signed",
            name +
                " holds records, not statements; give the key that signs them (--key F, --keys D), or "
                "sign them first (socai sign)"};
    if (!records) {
        auto file = client::parse_statement_file(text);
        if (file.faults.empty()) return std::move(file.statements);
        print_faults(name, file.faults);
        return bad;
    }
    auto keys = arguments.keys.read(arguments.target.dir);
    if (!keys) return keys.error();
    keys->learn(identity.registry);
    auto file = client::parse_record_file(text);
    auto signing =
        client::sign_records(file.records, *keys, {.audience = identity.origin, .bundle = arguments.bundle});
    auto faults = std::move(file.faults);
    faults.insert(faults.end(), signing.faults.begin(), signing.faults.end());
    if (faults.empty()) return std::move(signing.statements);
    print_faults(name, faults);
    return bad;
}

// The journal asked for, or the one beside the file; none for standard input, or where none can be written.
Result<std::optional<client::SubmitJournal>> open_journal(const SubmitArguments& arguments,
                                                          const ledger::Hash& ledger) {
    if (arguments.state == "-" || (arguments.state.empty() && arguments.file == "-")) return std::optional<client::SubmitJournal>();
    const std::string path = arguments.state.empty() ? arguments.file + ".progress" : arguments.state;
    auto journal = client::SubmitJournal::open(path, ledger);
    if (journal) return std::optional(std::move(*journal));
    if (!arguments.state.empty()) return journal.error();
    std::fprintf(stderr, "socai: warning: %s; if this is interrupted, it starts from the beginning\n",
                 journal.error().detail.c_str());
    return std::optional<client::SubmitJournal>();
}

// The folder for promises; nothing when none are kept.
Result<std::optional<client::PromiseFolder>> open_promises(const SubmitArguments& arguments) {
    if (arguments.promises.empty()) return std::optional<client::PromiseFolder>();
    if (arguments.wait != "accepted")
        return Error{Exit::usage, "wrong_use",
                     "--promises goes with --wait accepted: nothing else is answered with one"};
    auto folder = client::PromiseFolder::open(arguments.promises);
    if (!folder) return folder.error();
    return std::optional(*std::move(folder));
}

// A promise holds without its introduction, so that this is worth a warning, no more.
void introduce(client::PromiseFolder& promises, const std::vector<client::Endpoint>& endpoints,
               const SubmitArguments& arguments) {
    client::RpcClient client(endpoints, arguments.target.timeouts());
    client::Introductions introductions(client);
    if (const auto done = promises.introduce(introductions); !done)
        std::fprintf(stderr,
                     "socai: warning: the promises are kept, but not yet what introduces the node's key: %s; "
                     "`socai promise status` completes them later\n",
                     client::printable(done.error().detail).c_str());
}

// Of each statement what it commits to, as far as the file tells; empty: no file was given.
Result<std::vector<std::vector<std::string>>> disclosures_of(const SubmitArguments& arguments,
                                                             const std::vector<std::string_view>& statements) {
    std::vector<std::vector<std::string>> all;
    if (arguments.disclosures.empty()) return all;
    const auto told = client::read_disclosure_file(arguments.disclosures);
    if (!told) return told.error();
    std::map<ledger::Hash, std::string> by_commitment;
    for (const client::FiledDisclosure& each : *told)
        by_commitment.emplace(each.disclosure.digest, each.disclosure.text);
    for (const std::string_view text : statements) {
        auto& of_one = all.emplace_back();
        const auto statement = ledger::parse_statement(text);
        if (!statement) continue;
        for (const ledger::Record& record : statement->records)
            for (const ledger::Hash& commitment : record.commitments)
                if (const auto found = by_commitment.find(commitment); found != by_commitment.end())
                    of_one.push_back(found->second);
    }
    return all;
}

Exit submit(const SubmitArguments& arguments) {
    auto promises = open_promises(arguments);
    if (!promises) return report(promises.error());
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    const auto text = client::read_text_file(arguments.file);
    if (!text) return report(text.error());
    const auto identity = ask_identity(*endpoints, arguments);
    if (!identity) return report(identity.error());
    const auto statements = statements_of(arguments, *text, *identity);
    if (!statements) return report(statements.error());
    auto journal = open_journal(arguments, identity->hash);
    if (!journal) return report(journal.error());

    SubmitReport results(arguments.file, arguments.target.json, arguments.progress, *statements);
    std::vector<std::string_view> to_send;
    std::vector<std::size_t> places;  // of to_send in statements
    for (std::size_t i = 0; i < statements->size(); ++i) {
        const std::string& statement = (*statements)[i].text;
        if (*journal && (*journal)->contains(ledger::sha256(statement))) {
            results.resumed(i);
            continue;
        }
        to_send.push_back(statement);
        places.push_back(i);
    }

    auto disclosures = disclosures_of(arguments, to_send);
    if (!disclosures) return report(disclosures.error());
    client::SubmitOptions options{.endpoints = *endpoints,
                                  .timeouts = arguments.target.timeouts(),
                                  .wait = arguments.wait,
                                  .timeout_ms = arguments.target.timeout_ms,
                                  .batch = arguments.batch,
                                  .disclosures = *std::move(disclosures),
                                  .parallel = arguments.parallel,
                                  .retry_for = std::chrono::seconds(arguments.retry_for_s)};
    std::optional<Error> not_kept;
    client::Submitter submitter(
        std::move(options), to_send, [&](std::size_t position, const client::SubmitOutcome& outcome) {
            results.add(places[position], outcome);
            if (outcome.has_value() && *promises && !outcome->promise.empty()) {
                const auto kept = (*promises)->add(to_send[position], outcome->promise);
                if (!kept && !not_kept) not_kept = kept.error();
                if (!kept) return;  // submitted again, it answers with the same promise
            }
            if (outcome.has_value() && *journal) (*journal)->add(ledger::sha256(to_send[position]));
        });
    const auto finished = submitter.run();
    results.finish(submitter.retries());
    if (*promises) introduce(**promises, *endpoints, arguments);
    if (*journal) {
        const bool kept = (*journal)->flush();
        if (finished.has_value() && results.refused() == 0 && !not_kept)
            (*journal)->remove();
        else if (!kept)
            std::fprintf(stderr,
                         "socai: warning: the journal could not be written; run again from the start\n");
    }
    if (finished.has_error()) {
        Error error = client::to_error(finished.error());
        error.exit = Exit::unreachable;
        return report(error);
    }
    if (not_kept) return report(*not_kept);
    return results.refused() == 0 ? Exit::done : Exit::no;
}

}  // namespace

void register_submit(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<SubmitArguments>();
    auto* verb = app.add_subcommand("submit", "Submit statements, or records that are signed on the way");
    arguments->target.add_to(*verb, "Print one JSON object for each result, in the order of the answers");
    arguments->keys.add_to(*verb);
    verb->add_option("--bundle", arguments->bundle,
                     "Sign up to N consecutive records of one kind and source together")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, ledger::max_bundle_records))
        ->capture_default_str();
    verb->add_option("--wait", arguments->wait, "What must have happened before a node answers")
        ->check(CLI::IsMember({"accepted", "committed", "final"}))
        ->capture_default_str();
    verb->add_option("--promises", arguments->promises,
                     "With --wait accepted: keep the nodes' promises in this folder, one file each")
        ->type_name("DIR");
    verb->add_option("--disclosures", arguments->disclosures,
                     "What the records' commitments stand for, one a line (socai conceal)")
        ->type_name("F");
    verb->add_option("--retry-for", arguments->retry_for_s,
                     "Give up after that many seconds without progress")
        ->type_name("SECONDS")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{86'400}))
        ->capture_default_str();
    verb->add_option("--batch", arguments->batch, "Most statements in one call")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
        ->capture_default_str();
    verb->add_option("--parallel", arguments->parallel,
                     "Calls under way at once; above 1 only for records that do not refer to each other")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{64}))
        ->capture_default_str();
    verb->add_option("--state", arguments->state,
                     "File that remembers what is acknowledged; FILE.progress when not given, none for -")
        ->type_name("F");
    verb->add_flag("--progress", arguments->progress,
                   "Draw the progress bar even where there is no terminal");
    verb->add_option("file", arguments->file, "Statements, one a line, or records; - is standard input")
        ->type_name("FILE")
        ->required();
    verb->footer(
        "Keeps trying while no node can take them; submitting again is harmless. When interrupted, the same\n"
        "command goes on where it stopped.\n"
        "Examples:\n"
        "  socai submit --dir /tmp/socai data/shipment_toys.jsonl\n"
        "  socai submit --ca ca.pem --to wss://127.0.0.1:7001/rpc --key attp.jwk --bundle 40 catalog.jsonl\n"
        "  socai sign --key attp.jwk --aud ledger.example.vn/ktcn r.json | socai submit --to 127.0.0.1:7001 "
        "-\n"
        "Exit status: 0 all accepted, 1 some refused, 2 faulty input, 3 no node could take them.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return submit(*arguments); }; });
}

}  // namespace socai::node::cli
