#include "node/cli/recover_nodes.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/head.hpp"
#include "node/cli/output.hpp"
#include "node/cli/recover_report.hpp"
#include "node/config.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/recover/entries_file.hpp"
#include "node/recover/opening.hpp"
#include "node/recover/plan_maker.hpp"
#include "node/recover/stopped_ledger.hpp"
#include "node/recover/survey.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct NodeArguments {
    std::string config, out, survey, recovery, entries, reason;
    std::vector<std::string> surveys, heads, legal_basis;
    std::optional<std::uint32_t> quorum;
    bool json = false;
};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Result<recover::Survey> read_survey(const std::string& file) {
    const auto text = read_file(file, recover::max_survey_bytes);
    if (!text) return text.error();
    return recover::parse_survey(file, *text);
}

// The ledger of the stopped node, and whose error it is when it cannot be opened.
Result<std::unique_ptr<recover::StoppedLedger>> open_stopped(const std::string& file) {
    const Result<Config> config = load_config(file);
    if (!config) return config.error();
    return recover::StoppedLedger::open(*config);
}

Exit survey(const NodeArguments& arguments) {
    const auto ledger = open_stopped(arguments.config);
    if (!ledger) return report(ledger.error());
    const auto key = read_key_file((*ledger)->config().node_key);
    if (!key) return report(key.error());
    const recover::Survey taken = recover::take_survey(**ledger, now_ms());
    if (const auto written = write_file(arguments.out, recover::sign_survey(taken, key->key), 0644); !written)
        return report(written.error());
    const auto head = taken.final_head ? ledger::parse_head(*taken.final_head)
                                       : ledger::Result<ledger::Head>(ledger::Error{});
    if (arguments.json) {
        print_json(json::object{{"node", taken.node},
                                {"origin", taken.origin},
                                {"size", taken.size},
                                {"root", ledger::to_hex(taken.root)},
                                {"log_term", taken.last.term.value},
                                {"final_size", head ? head->checkpoint.size : 0}});
        return Exit::done;
    }
    print_line(taken.node + " holds " + std::to_string(taken.size) + " leaves of " + taken.origin +
               "; its log ends in term " + std::to_string(taken.last.term.value) +
               ", and the last head that it knows to be final has " +
               std::to_string(head ? head->checkpoint.size : 0) + " leaves.");
    print_line("Wrote " + arguments.out +
               ", signed by the node. Leave the node stopped, and send the file to the others.");
    return Exit::done;
}

Exit plan(const NodeArguments& arguments) {
    recover::PlanOrder order;
    order.reason = arguments.reason;
    order.legal_basis = arguments.legal_basis;
    order.quorum = arguments.quorum;
    for (const std::string& file : arguments.surveys) {
        auto read = read_survey(file);
        if (!read) return report(read.error());
        order.surveys.push_back(*std::move(read));
    }
    for (const std::string& file : arguments.heads) {
        const auto text = read_file(file, ledger::max_note_bytes);
        if (!text) return report(text.error());
        auto head = ledger::parse_head(*text);
        if (!head) return report({Exit::usage, head.error().reason, file + ": " + head.error().detail});
        order.heads.push_back(*std::move(head));
    }
    const auto ledger = open_stopped(arguments.config);
    if (!ledger) return report(ledger.error());
    const auto planned = recover::make_plan(**ledger, order);
    if (!planned) return report(planned.error());
    if (const auto written = write_file(arguments.out, ledger::plan_text(planned->plan), 0644); !written)
        return report(written.error());
    if (arguments.json) {
        json::object answer = plan_report(planned->plan);
        answer["outlook"] = outlook_report(planned->outlook);
        print_json(answer);
        return Exit::done;
    }
    print_plan(planned->plan);
    print_outlook(planned->plan, planned->outlook);
    print_line("Wrote " + arguments.out +
               ". Next: every agency runs `socai recover show`, and who agrees `socai recover sign`.");
    return Exit::done;
}

Exit entries(const NodeArguments& arguments) {
    const auto survey = read_survey(arguments.survey);
    if (!survey) return report(survey.error());
    const auto ledger = open_stopped(arguments.config);
    if (!ledger) return report(ledger.error());
    const consensus::LogSummary& log = (*ledger)->start().log;
    const consensus::Index from =
        std::max(recover::common_end(*survey, log.runs, log.last.index), log.base.index);
    const auto written = recover::write_entries((*ledger)->log(), from, arguments.out);
    if (!written) return report(written.error());
    print_line("Wrote " + arguments.out + ": " + std::to_string(*written) + " log entries that " +
               survey->node + " lacks. It holds records: hand it over as you would a backup.");
    return Exit::done;
}

Exit open(const NodeArguments& arguments) {
    const Result<Config> config = load_config(arguments.config);
    if (!config) return report(config.error());
    const auto opened = recover::open_epoch(*config, {arguments.recovery, arguments.entries});
    if (!opened) return report(opened.error());
    if (arguments.json) {
        print_json(json::object{{"node", config->node},
                                {"origin", opened->origin},
                                {"leaf", opened->leaf},
                                {"already", opened->already},
                                {"joins", opened->joins},
                                {"resealed", opened->resealed},
                                {"taken", opened->taken},
                                {"dropped", opened->dropped}});
        return Exit::done;
    }
    if (opened->taken > 0)
        print_line("Took " + std::to_string(opened->taken) + " log entries, in place of " +
                   std::to_string(opened->dropped) + " of its own.");
    if (opened->resealed)
        print_line("It was opened with another seal of the same plan before; that one counts here no more.");
    print_line(config->node + (opened->already ? " was opened before: it serves " : " now serves ") +
               opened->origin + ", from leaf " + std::to_string(opened->leaf) + " on.");
    print_line(
        opened->joins
            ? "It is none of the survivors: start it once the members have voted it in."
            : "Start it with `socai node run` as soon as more than half of the nodes that go on are opened.");
    return Exit::done;
}

}  // namespace

void register_recover_nodes(CLI::App& recover, Chosen& chosen) {
    const auto arguments = std::make_shared<NodeArguments>();
    const auto add = [&](const char* name, const char* description, Exit (*run)(const NodeArguments&)) {
        CLI::App* verb = recover.add_subcommand(name, description);
        verb->add_option("--config", arguments->config, "The configuration of the stopped node")
            ->type_name("F")
            ->required();
        verb->callback(
            [arguments, run, &chosen] { chosen.run = [arguments, run] { return run(*arguments); }; });
        return verb;
    };
    auto* first = add("survey", "1. At every survivor: what its node holds, signed by it", survey);
    first->add_option("--out", arguments->out, "The survey")->type_name("F")->required();
    first->add_flag("--json", arguments->json, "Print what it holds as JSON");
    first->footer("Example:\n  socai recover survey --config node.toml --out most-1.survey");

    auto* second = add("plan", "2. At the most advanced survivor: what is to happen", plan);
    second->add_option("--survey", arguments->surveys, "A survivor's survey, this node's too; repeat it")
        ->type_name("F")
        ->required()
        ->allow_extra_args(false);
    second
        ->add_option("--head", arguments->heads,
                     "A signed head from elsewhere (a witness, a receipt); repeat it")
        ->type_name("F")
        ->allow_extra_args(false);
    second->add_option("--reason", arguments->reason, "What happened, for the record")->required();
    second->add_option("--legal-basis", arguments->legal_basis, "The decision that it rests on; repeat it")
        ->required()
        ->allow_extra_args(false);
    second
        ->add_option("--quorum", arguments->quorum,
                     "Agencies that make a head final; by default ⌈(2n+1)/3⌉ of the n that go on with nodes")
        ->type_name("K");
    second->add_option("--out", arguments->out, "The plan")->type_name("F")->required();
    second->add_flag("--json", arguments->json, "Print the plan as JSON");
    second->footer(
        "Example:\n"
        "  socai recover plan --config node.toml --survey customs-1.survey --survey most-1.survey \\\n"
        "    --reason \"Fire in the data centre\" --legal-basis \"Decision 12/QD-2026\" --out plan.json");

    auto* lacks =
        add("entries", "At the most advanced survivor: the log entries that another one lacks", entries);
    lacks->add_option("--survey", arguments->survey, "The survey of the one that is behind")
        ->type_name("F")
        ->required();
    lacks->add_option("--out", arguments->out, "The entries")->type_name("F")->required();
    lacks->footer(
        "Example:\n  socai recover entries --config node.toml --survey most-1.survey --out most-1.entries");

    auto* last = add("open", "5. At every node that goes on: open the new epoch", open);
    last->add_option("--recovery", arguments->recovery, "The sealed recovery")->type_name("F")->required();
    last->add_option("--entries", arguments->entries,
                     "Where the plan says that this node is behind: its entries")
        ->type_name("F");
    last->add_flag("--json", arguments->json, "Print what was done as JSON");
    last->footer(
        "Example:\n"
        "  socai recover open --config node.toml --recovery recovery --entries most-1.entries\n"
        "Safe to repeat. A node that joins later is told of the epoch in the same way, before its first "
        "start.");
}

}  // namespace socai::node::cli
