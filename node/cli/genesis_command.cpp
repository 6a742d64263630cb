// socai genesis join | create | verify | show-part: a ledger founded by several agencies, none of which ever holds
// another's private key.
#include <algorithm>
#include <boost/json/array.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/founding.hpp"
#include "ledger/hash.hpp"
#include "ledger/policy.hpp"
#include "node/cli/command.hpp"
#include "node/cli/genesis_join.hpp"
#include "node/cli/genesis_report.hpp"
#include "node/cli/output.hpp"
#include "node/files.hpp"
#include "node/founding/part_maker.hpp"
#include "node/key_file.hpp"

namespace socai::node::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct CreateArguments {
    std::string origin, key, out, policy_out;
    std::vector<std::string> parts, passage;
    std::int64_t max_future_ms = ledger::Parameters{}.max_future_ms;
    std::int64_t max_backdate_ms = ledger::Parameters{}.max_backdate_ms;
    std::optional<std::uint32_t> quorum;
    bool json = false;
};

struct VerifyArguments {
    std::string genesis, hash, policy;
    std::vector<std::string> parts;
    bool json = false;
};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

// --- create

Result<ledger::FoundingTerms> terms_of(const CreateArguments& arguments) {
    ledger::FoundingTerms terms;
    terms.parameters.max_future_ms = arguments.max_future_ms;
    terms.parameters.max_backdate_ms = arguments.max_backdate_ms;
    terms.quorum = arguments.quorum;
    for (const std::string& text : arguments.passage) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos ||
            !terms.parameters.passage.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
            return Error{Exit::usage, "wrong_use",
                         "--passage " + text + " must be MATTER=RULE, and each matter can be given once"};
    }
    return terms;
}

Result<std::vector<ledger::GenesisPart>> read_parts(const std::vector<std::string>& files) {
    std::vector<ledger::GenesisPart> parts;
    for (const std::string& file : files) {
        auto part = founding::read_part_file(file);
        if (!part) return part.error();
        parts.push_back(*std::move(part));
    }
    return parts;
}

Error refused(const ledger::Error& error) {
    return {Exit::no, error.reason, error.detail};
}

Exit create(const CreateArguments& arguments) {
    const std::string policy_file = !arguments.policy_out.empty()
                                        ? arguments.policy_out
                                        : (fs::path(arguments.out).parent_path() / "policy").string();
    for (const std::string& file : {arguments.out, policy_file})
        if (exists(file))
            return report({Exit::usage, "file_exists",
                           file + " is there already; a genesis is never written over: choose another name"});
    const auto terms = terms_of(arguments);
    if (!terms) return report(terms.error());
    const auto signer = read_key_file(arguments.key);
    if (!signer) return report(signer.error());
    const auto parts = read_parts(arguments.parts);
    if (!parts) return report(parts.error());
    for (const ledger::GenesisPart& part : *parts)
        if (part.origin != arguments.origin)
            return report({Exit::no, "other_origin",
                           "the part of " + part.consent.agency + " is for the ledger " + part.origin +
                               ", not for " + arguments.origin +
                               "; have that agency make its part for this one"});
    const auto genesis = ledger::found(*parts, *terms);
    if (!genesis) return report(refused(genesis.error()));
    const auto entry = ledger::founding_entry(*genesis, *signer, now_ms());
    if (!entry) return report(refused(entry.error()));
    if (const auto written = write_file(arguments.out, *entry, 0644); !written)
        return report(written.error());
    if (const auto written = write_file(policy_file, genesis->policy, 0644); !written)
        return report(written.error());
    const ReadGenesis read{*genesis, ledger::to_hex(ledger::sha256(*entry))};
    if (arguments.json) {
        print_json(genesis_report(read));
        return Exit::done;
    }
    print_genesis(read);
    print_line("\nWrote " + arguments.out + " and " + policy_file + ". Next:");
    print_line("  1. Send both to every member.");
    print_line("  2. Each member runs: socai genesis verify " + fs::path(arguments.out).filename().string() +
               " --part ITS.part --policy " + fs::path(policy_file).filename().string());
    print_line("  3. All read the hash to each other over the telephone. No node starts before they agree.");
    return Exit::done;
}

// --- verify

// What one member holds of its part against what the genesis says.
std::optional<Error> compare(const std::string& file, const ledger::Genesis& genesis) {
    const auto part = founding::read_part_file(file);
    if (!part) return part.error();
    const std::string& agency = part->consent.agency;
    const auto consent = std::ranges::find(genesis.consents, agency, &ledger::Consent::agency);
    if (consent == genesis.consents.end())
        return Error{Exit::no, "part_mismatch", file + ": " + agency + " is no member in this genesis"};
    if (ledger::part_text(*part) == ledger::part_text(ledger::part_of(genesis, *consent)))
        return std::nullopt;
    return Error{Exit::no, "part_mismatch",
                 file + ": this is not what " + agency + " agreed to in the genesis, which was signed at " +
                     consent->time + " and this at " + part->consent.time + "; " + agency +
                     " signed two parts, or the ledger's name differs: ask it which one it means"};
}

std::vector<Error> faults_of(const VerifyArguments& arguments, const ReadGenesis& read) {
    std::vector<Error> faults;
    if (!arguments.hash.empty() && plain_hash(arguments.hash) != read.hash)
        faults.push_back({Exit::no, "genesis_mismatch",
                          arguments.genesis + " has the hash " + read.hash + ", not " +
                              plain_hash(arguments.hash) +
                              "; find out who has another file before anything is started"});
    for (const std::string& file : arguments.parts)
        if (auto fault = compare(file, read.genesis)) faults.push_back(*std::move(fault));
    if (arguments.policy.empty()) return faults;
    const auto policy = read_file(arguments.policy, ledger::max_policy_bytes);
    if (!policy)
        faults.push_back(policy.error());
    else if (*policy != read.genesis.policy)
        faults.push_back(
            {Exit::no, "policy_mismatch",
             arguments.policy + " is not the policy in the genesis; use the one that came with it"});
    return faults;
}

Exit tell_faults(const std::vector<Error>& faults, bool as_json) {
    if (as_json) {
        json::array list;
        for (const Error& fault : faults)
            list.push_back(json::object{{"reason", fault.reason}, {"detail", fault.detail}});
        print_json(json::object{{"verified", false}, {"faults", std::move(list)}});
    }
    Exit worst = Exit::done;
    for (const Error& fault : faults) worst = std::max(worst, report(fault));
    return worst;
}

Exit verify(const VerifyArguments& arguments) {
    const auto bytes = read_file(arguments.genesis, ledger::max_entry_bytes);
    if (!bytes) return report(bytes.error());
    ReadGenesis read{{}, ledger::to_hex(ledger::sha256(*bytes))};
    auto genesis = ledger::parse_genesis(*bytes);
    if (!genesis)
        return tell_faults(
            {{Exit::no, genesis.error().reason, arguments.genesis + ": " + genesis.error().detail}},
            arguments.json);
    read.genesis = *std::move(genesis);
    const std::vector<Error> faults = faults_of(arguments, read);
    if (!arguments.json) print_genesis(read);
    if (!faults.empty()) return tell_faults(faults, arguments.json);
    if (arguments.json) {
        json::object answer = genesis_report(read);
        answer["verified"] = true;
        print_json(answer);
        return Exit::done;
    }
    print_line("\nEverything holds: every member agreed to what this genesis says of it" +
               std::string(arguments.parts.empty() ? "." : ", and the parts given are those."));
    if (arguments.hash.empty()) print_line("Compare the hash with every other member before you pin it.");
    return Exit::done;
}

Exit show_part(const std::string& file, bool as_json) {
    const auto part = founding::read_part_file(file);
    if (!part) return report(part.error());
    if (as_json)
        print_json(part_report(*part));
    else
        print_part(*part);
    return Exit::done;
}

void register_create(CLI::App& genesis, Chosen& chosen) {
    const auto arguments = std::make_shared<CreateArguments>();
    const std::map<std::string, std::int64_t> units{
        {"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    auto* verb = genesis.add_subcommand("create", "Put the genesis together from a part of every member");
    verb->add_option("--origin", arguments->origin, "The ledger's name")->required();
    verb->add_option("--part", arguments->parts, "A member's part; repeat it")
        ->type_name("F")
        ->required()
        ->allow_extra_args(false);
    verb->add_option("--passage", arguments->passage,
                     "How many members a proposal needs, where the founders depart from the default: "
                     "MATTER=RULE; repeat it")
        ->type_name("M=R")
        ->allow_extra_args(false);
    verb->add_option("--max-future", arguments->max_future_ms,
                     "How far a record's time may be ahead, e.g. 5min")
        ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME"));
    verb->add_option("--max-backdate", arguments->max_backdate_ms,
                     "How far behind before it is marked late, e.g. 30d")
        ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME"));
    verb->add_option("--quorum", arguments->quorum,
                     "Agencies that make a head final; by default ⌈(2n+1)/3⌉ of n")
        ->type_name("K");
    verb->add_option("--key", arguments->key, "A member's own record key, which signs leaf 0")
        ->type_name("F")
        ->required();
    verb->add_option("--out", arguments->out, "The genesis")->type_name("F")->required();
    verb->add_option("--policy-out", arguments->policy_out,
                     "The policy; by default `policy` beside the genesis")
        ->type_name("P");
    verb->add_flag("--json", arguments->json, "Print the genesis as JSON");
    verb->footer(
        "Example:\n"
        "  socai genesis create --origin ledger.example.vn/ktcn --part customs.part --part most.part \\\n"
        "    --part mard.part --part moit.part --key /var/lib/socai/keys/record/customs.jwk --out genesis\n"
        "Whoever runs this can change nothing that a part says: each member's signature is in the genesis.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return create(*arguments); }; });
}

void register_verify(CLI::App& genesis, Chosen& chosen) {
    const auto arguments = std::make_shared<VerifyArguments>();
    auto* verb = genesis.add_subcommand("verify", "Check a genesis, and show all that it says and its hash");
    verb->add_option("genesis", arguments->genesis, "The genesis")->type_name("FILE")->required();
    verb->add_option("--part", arguments->parts, "A part that must be in it as it stands; repeat it")
        ->type_name("F")
        ->allow_extra_args(false);
    verb->add_option("--hash", arguments->hash, "The hash that was agreed on, with or without blanks")
        ->type_name("H");
    verb->add_option("--policy", arguments->policy, "A policy that must be the one in it")->type_name("P");
    verb->add_flag("--json", arguments->json, "Print what it says, or every fault, as JSON");
    verb->footer(
        "Example:\n"
        "  socai genesis verify genesis --part most.part --policy policy\n"
        "Exit status 1 when anything does not hold; the sentence names the agency.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return verify(*arguments); }; });
}

}  // namespace

void register_genesis(CLI::App& app, Chosen& chosen) {
    auto* genesis =
        app.add_subcommand("genesis", "Found a ledger of several agencies, each with keys of its own");
    genesis->require_subcommand(1);
    genesis->footer(
        "Example:\n"
        "  socai genesis join …       each agency, on its own machine: keys, and a signed part\n"
        "  socai genesis create …     one of them: the genesis from all parts\n"
        "  socai genesis verify …     each agency: is it what we signed? Then compare the hash by telephone\n"
        "docs/first-node.md takes you from there to a running node.");
    register_genesis_join(*genesis, chosen);
    register_create(*genesis, chosen);
    register_verify(*genesis, chosen);
    const auto file = std::make_shared<std::string>();
    const auto as_json = std::make_shared<bool>(false);
    auto* show = genesis->add_subcommand("show-part", "Check a part and show what it says");
    show->add_option("file", *file, "The part")->type_name("F")->required();
    show->add_flag("--json", *as_json, "Print it as JSON");
    show->footer("Example:\n  socai genesis show-part most.part");
    show->callback(
        [file, as_json, &chosen] { chosen.run = [file, as_json] { return show_part(*file, *as_json); }; });
}

}  // namespace socai::node::cli
