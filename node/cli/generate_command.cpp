// socai generate
#include <cstdio>
#include <filesystem>
#include <memory>

#include "node/cli/command.hpp"
#include "node/cli/key_options.hpp"
#include "node/cli/output.hpp"
#include "node/client/progress.hpp"
#include "node/client/text_file.hpp"
#include "node/cluster/registry_file.hpp"
#include "node/files.hpp"
#include "node/generator/founding.hpp"
#include "node/generator/simulator.hpp"
#include "node/generator/trade_files.hpp"
#include "node/key_file.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct GenerateArguments {
    generator::Plan plan;
    std::string from = "2021-03-01";
    std::string to = "2022-02-28";
    std::string out;
    bool sign = false;
    std::string audience;
    KeyOptions keys;
    std::size_t bundle = 1;
    bool json = false;
    bool progress = false;
};

Result<void> read_dates(GenerateArguments& arguments) {
    const auto from = inspection::parse_date(arguments.from);
    const auto to = inspection::parse_date(arguments.to);
    constexpr std::int32_t most_days = 10 * 366;
    if (!from || !to || *to < *from || to->days - from->days > most_days)
        return Error{
            Exit::usage, "wrong_use",
            "--from and --to are days such as 2021-03-01, at most ten years apart, the earlier first"};
    arguments.plan.from = *from;
    arguments.plan.to = *to;
    return {};
}

Result<generator::RuleSets> rule_sets(const generator::Plan& plan) {
    const auto file = cluster::find_data_file("rule_sets.jsonl");
    if (!file)
        return Error{Exit::unreachable, "file_unreadable",
                     "found no data/rule_sets.jsonl beside the program"};
    const auto text = client::read_text_file(*file);
    if (!text) return text.error();
    auto chosen = generator::choose_rule_sets(*text, plan.from, plan.to);
    if (!chosen)
        return Error{Exit::usage, "wrong_use",
                     std::string(generator::quality_rules) + " and " +
                         std::string(generator::food_safety_rules) + " of " + *file +
                         " are not in force on all days from --from to --to; Decision 38 is since "
                         "2021-01-12"};
    return *std::move(chosen);
}

// The keys that were named, or those that the seed gives, written beside the statements.
Result<std::optional<generator::Signer>> make_signer(const GenerateArguments& arguments,
                                                     const generator::Cast& cast) {
    if (!arguments.sign) {
        if (arguments.keys.given() || !arguments.audience.empty() || arguments.bundle > 1)
            return Error{Exit::usage, "wrong_use", "--aud, --key, --keys and --bundle go with --sign"};
        return std::optional<generator::Signer>();
    }
    if (arguments.audience.empty())
        return Error{Exit::usage, "no_audience",
                     "say which ledger the statements are for: --aud ORIGIN (node.status names it)"};
    generator::Signer signer{{}, arguments.audience, arguments.bundle};
    if (arguments.keys.given()) {
        auto keys = arguments.keys.read("");
        if (!keys) return keys.error();
        signer.keys = *std::move(keys);
    } else {
        for (ledger::Jwk& key : generator::throw_away_keys(cast, arguments.plan.seed)) {
            if (arguments.out != "-") {
                const std::string folder = arguments.out + "/keys";
                const std::string agency(client::agency_of(key.kid));
                if (const auto made = make_folder(folder, 0700); !made) return made.error();
                if (const auto kept = write_key_file(folder + "/" + agency + ".jwk", key); !kept)
                    return kept.error();
            }
            signer.keys.add(std::move(key));
        }
    }
    signer.keys.learn(cast.registry());
    return std::optional(std::move(signer));
}

std::string percent(std::int64_t ppm) {
    const std::int64_t hundredths = (ppm < 0 ? -ppm + 50 : ppm + 50) / 100;
    const std::string rest = std::to_string(hundredths % 100);
    return (ppm < 0 && hundredths > 0 ? "-" : "") + std::to_string(hundredths / 100) +
           (rest.size() < 2 ? ".0" : ".") + rest;
}

void print_shares(const generator::Counts& counts, const std::vector<generator::Share>& shares) {
    client::TextTable table({"SHARE", "OF", "MODEL %", "MEASURED %", "OFF BY"});
    for (const generator::Share& share : shares)
        table.add({share.what, share.of, percent(static_cast<std::int64_t>(share.model_ppm)),
                   percent(static_cast<std::int64_t>(share.measured_ppm)), percent(share.off_ppm())});
    const std::string text = table.text();
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fprintf(stderr, "%s records of %s dossiers, after %s of lists and rules\n",
                 client::with_separators(counts.records).c_str(),
                 client::with_separators(counts.dossiers).c_str(),
                 client::with_separators(counts.founding).c_str());
}

json::object shares_json(const generator::Plan& plan, const generator::Counts& counts,
                         const std::vector<generator::Share>& shares) {
    json::array list;
    for (const generator::Share& share : shares)
        list.push_back({{"share", share.what},
                        {"of", share.of},
                        {"model_ppm", share.model_ppm},
                        {"measured_ppm", share.measured_ppm}});
    json::object kinds;
    for (const auto& [kind, count] : counts.kinds) kinds[kind] = count;
    return {{"seed", plan.seed},
            {"dossiers", counts.dossiers},
            {"founding_records", counts.founding},
            {"records", counts.records},
            {"corrections", counts.corrections},
            {"late_results", counts.late_results},
            {"kinds", std::move(kinds)},
            {"shares", std::move(list)}};
}

Exit generate(GenerateArguments arguments) {
    if (const auto read = read_dates(arguments); !read) return report(read.error());
    if (arguments.json && arguments.out == "-")
        return report(
            {Exit::usage, "wrong_use", "with --out - the records have standard output; leave --json out"});
    const generator::Plan& plan = arguments.plan;
    const auto rules = rule_sets(plan);
    if (!rules) return report(rules.error());
    const generator::Cast cast;
    auto signer = make_signer(arguments, cast);
    if (!signer) return report(signer.error());
    auto files = generator::TradeFiles::open(arguments.out, *std::move(signer));
    if (!files) return report(files.error());
    if (arguments.out != "-")
        if (const auto kept = write_file(arguments.out + "/registry.json", cast.registry_json(), 0644); !kept)
            return report(kept.error());

    const generator::GoodsTable goods(cast, plan.seed, generator::goods_for(plan.dossiers));
    const generator::TradeCalendar calendar(plan.from, plan.to);
    generator::StateOracle oracle(rules->quality, rules->food_safety);
    generator::Simulator simulator(plan, cast, goods, calendar, oracle,
                                   [&](const generator::Written& record) { return files->add(record); });
    {
        client::Progress progress("dossiers", plan.dossiers, arguments.progress || error_is_terminal());
        simulator.run(rules->lines, [&](std::uint64_t done) { progress.update(done); });
    }
    if (const auto finished = files->finish(); !finished) return report(finished.error());
    const auto shares = generator::shares_of(simulator.counts(), cast, goods, calendar, plan.fail_ppm);
    if (arguments.json)
        print_json(shares_json(plan, simulator.counts(), shares));
    else
        print_shares(simulator.counts(), shares);
    return Exit::done;
}

}  // namespace

void register_generate(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<GenerateArguments>();
    auto* verb = app.add_subcommand("generate", "Make the records of a simulated trade, of any size");
    verb->add_option("--seed", arguments->plan.seed, "The same seed and options give the same bytes")
        ->type_name("S")
        ->required();
    verb->add_option("--dossiers", arguments->plan.dossiers, "How many; each has about 9.5 records")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{1}, generator::max_dossiers))
        ->required();
    verb->add_option("--from", arguments->from, "First day of registrations")
        ->type_name("DATE")
        ->capture_default_str();
    verb->add_option("--to", arguments->to,
                     "Last day of registrations; what becomes of them goes on for some months")
        ->type_name("DATE")
        ->capture_default_str();
    verb->add_option(
            "--out", arguments->out,
            "Folder for registry.json and records.jsonl (signed: statements, keys/); - is standard output")
        ->type_name("DIR")
        ->required();
    verb->add_option("--fail-ppm", arguments->plan.fail_ppm,
                     "Inspections that fail, in parts per million; 5000 for stress")
        ->type_name("PPM")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000}))
        ->capture_default_str();
    verb->add_flag("--sign", arguments->sign,
                   "Sign: by the keys given, or by keys that follow from the seed and protect nothing");
    verb->add_option("--aud", arguments->audience, "With --sign: the ledger's origin")->type_name("ORIGIN");
    arguments->keys.add_to(*verb);
    verb->add_option("--bundle", arguments->bundle,
                     "With --sign: up to N consecutive records of one kind and source under one signature")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, ledger::max_bundle_records))
        ->capture_default_str();
    verb->add_flag("--json", arguments->json, "The shares as one JSON object on standard output");
    verb->add_flag("--progress", arguments->progress,
                   "Draw the progress bar even where there is no terminal");
    verb->footer(
        "Dossiers of import inspection by the project's volume model: goods and firms by Zipf's law, "
        "ministries,\n"
        "hours and seasons, methods, failures, alerts, appeals, corrections, late results. Submit them in "
        "the order\n"
        "of the file. At the end it prints what it made beside what the model says, on standard error.\n"
        "Firms and goods are fictional; the registry is made for the records: found the ledger with it, and "
        "with the\n"
        "right historical_import, for the records are of the days that you ask for.\n"
        "Examples:\n"
        "  socai generate --seed 1 --dossiers 200 --out /tmp/trade\n"
        "  socai cluster up --dir /tmp/socai --registry /tmp/trade/registry.json --historical-import\n"
        "  socai submit --dir /tmp/socai /tmp/trade/records.jsonl\n"
        "  socai generate --seed 2 --dossiers 1000000 --fail-ppm 5000 --sign --aud ledger.example.vn/ktcn "
        "--keys /tmp/socai --out /tmp/big\n"
        "  socai generate --seed 1 --dossiers 5 --out - | socai validate --registry /tmp/trade/registry.json "
        "-\n"
        "Exit status: 0 done, 2 wrong use, 3 a file could not be written.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return generate(*arguments); }; });
}

}  // namespace socai::node::cli
