// socai report
#include <boost/json/array.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inspection/statistics/report_csv.hpp"
#include "inspection/statistics/report_html.hpp"
#include "inspection/statistics/report_json.hpp"
#include "inspection/statistics/report_period.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/proof_lines.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/target.hpp"
#include "node/client/rpc_client.hpp"
#include "node/files.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using inspection::Period;

constexpr mode_t file_mode = 0644;  // counts that everybody may read

struct ReportArguments {
    Target target;
    SignInOptions who;
    Freshness freshness;
    std::string from;
    std::string to;
    std::string quarter;
    std::string phase;
    std::string compare;
    std::optional<std::uint64_t> as_of;
    std::vector<std::string> group_by{"agency", "regime", "month"};
    std::string out;
};

Error wrong_use(std::string sentence) {
    return Error{Exit::usage, "wrong_use", std::move(sentence)};
}

// What --from and --to, --quarter or --phase name.
Result<Period> period_of(const ReportArguments& arguments) {
    std::optional<Period> period;
    if (!arguments.quarter.empty())
        period = inspection::parse_quarter(arguments.quarter);
    else if (!arguments.phase.empty())
        period = inspection::parse_phase(arguments.phase);
    else
        period = inspection::parse_period(arguments.from + ".." + arguments.to);
    if (period) return *period;
    return wrong_use(
        "a period is --from 2021-10-01 --to 2021-12-31 (both days included, the first not after the second), "
        "--quarter 2021Q4, or --phase 1 or 2");
}

Result<json::object> question_of(const ReportArguments& arguments) {
    const auto period = period_of(arguments);
    if (!period) return period.error();
    json::object question{{"from", inspection::format_date(period->from)},
                          {"to", inspection::format_date(period->to)}};
    if (!arguments.compare.empty()) {
        const auto compared = inspection::parse_period(arguments.compare);
        if (!compared)
            return wrong_use("--compare takes a period: 2020-10-01..2020-12-31, or a quarter: 2020Q4");
        question["compare_from"] = inspection::format_date(compared->from);
        question["compare_to"] = inspection::format_date(compared->to);
    }
    if (arguments.as_of) question["as_of"] = *arguments.as_of;
    json::array groupings;
    for (const std::string& each : arguments.group_by)
        if (each != "none") groupings.emplace_back(each);
    question["group_by"] = std::move(groupings);
    return question;
}

using Render = std::string (*)(const json::object& report);

// By the name of the file.
Result<Render> renderer_of(const std::string& out) {
    if (out.ends_with(".html")) return &inspection::report_html;
    if (out.ends_with(".csv")) return &inspection::report_csv;
    if (out.ends_with(".json")) return &inspection::report_json;
    return wrong_use("--out takes the name of a .html, .csv or .json file");
}

// Which ledger it is, and its head now. A ledger whose heads nobody has signed yet has none to show.
json::object ledger_of(client::RpcClient& client) {
    json::object ledger;
    const auto status = client.call("node.status", {});
    if (status && status->is_object()) ledger["origin"] = text_of(status->get_object(), "origin");
    const auto answer = client.call("ledger.checkpoint", {});
    if (!answer || !answer->is_object()) return ledger;
    const std::string note = text_of(answer->get_object(), "checkpoint");
    const auto checkpoint = ledger::parse_checkpoint(note.substr(0, note.find("\n\n") + 1));
    if (!checkpoint) return ledger;
    ledger["origin"] = checkpoint->origin;
    ledger["size"] = checkpoint->size;
    ledger["root"] = ledger::hash_text(checkpoint->root);
    return ledger;
}

Result<json::object> fetch_report(client::RpcClient& client, const json::object& question) {
    auto answer = client.call("inspection.statistics", question);
    if (answer.has_error()) return client::to_error(answer.error());
    json::object* statistics = answer->is_object() ? &answer->get_object() : nullptr;
    if (statistics == nullptr || !statistics->contains("total"))
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + " answered inspection.statistics with something else"};
    json::object report;
    if (const json::value* as_of = statistics->if_contains("as_of")) {
        report["as_of"] = *as_of;
        statistics->erase("as_of");
    }
    report["statistics"] = std::move(*statistics);
    report["ledger"] = ledger_of(client);
    return report;
}

Exit make_report(const ReportArguments& arguments) {
    auto question = question_of(arguments);
    if (!question) return report(question.error());
    std::optional<Render> render;
    if (!arguments.out.empty()) {
        const auto renderer = renderer_of(arguments.out);
        if (!renderer) return report(renderer.error());
        render = *renderer;
    }
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    const auto sign_in = arguments.who.read(arguments.target.dir);
    if (!sign_in) return report(sign_in.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts(), *sign_in);
    arguments.freshness.add_to(*question, arguments.target);
    const auto made = fetch_report(client, *question);
    if (!made) return report(made.error());
    if (render) {
        const std::string text = (*render)(*made);
        if (const auto done = write_file(arguments.out, text, file_mode); !done) return report(done.error());
    }
    if (arguments.target.json) {
        print_json(*made);
        return Exit::done;
    }
    const json::object* asked = made->at("statistics").get_object().if_contains("question")
                                    ? made->at("statistics").at("question").if_object()
                                    : nullptr;
    if (asked != nullptr)
        print_line("report    " + client::printable(arguments.out) + ": " +
                   client::printable(text_of(*asked, "from")) + " to " +
                   client::printable(text_of(*asked, "to")) + ", as of leaf " +
                   client::printable(text_of(*asked, "as_of")));
    return Exit::done;
}

}  // namespace

void register_report(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<ReportArguments>();
    auto* verb = app.add_subcommand(
        "report", "Write the figures of a period for Committee 1899: methods, results, times, alerts, C/O");
    arguments->target.add_to(*verb, "Print the node's answer as JSON", "--to-node");
    arguments->who.add_to(*verb);
    arguments->freshness.add_to(*verb);
    auto* from = verb->add_option("--from", arguments->from, "First day, by the signed times in Vietnam")
                     ->type_name("DATE");
    auto* to = verb->add_option("--to", arguments->to, "Last day, included")->type_name("DATE");
    from->needs(to);
    to->needs(from);
    auto* quarter = verb->add_option("--quarter", arguments->quarter, "Instead: a quarter, 2021Q4")
                        ->type_name("QUARTER")
                        ->excludes(from);
    verb->add_option("--phase", arguments->phase,
                     "Instead: a phase of Decision 38, 1 (2021 to 2023) or 2 (2024 to 2026)")
        ->type_name("1|2")
        ->excludes(from)
        ->excludes(quarter);
    verb->add_option("--compare", arguments->compare, "Compare with FROM..TO, or with a quarter")
        ->type_name("PERIOD");
    verb->add_option("--as-of", arguments->as_of,
                     "What stood once leaf INDEX was there; the newest leaf unless given")
        ->type_name("INDEX");
    verb->add_option("--group-by", arguments->group_by, "none, or some of agency, regime, month, quarter")
        ->type_name("GROUPING[,GROUPING]")
        ->delimiter(',')
        ->check(CLI::IsMember({"none", "agency", "regime", "month", "quarter"}))
        ->allow_extra_args(false)
        ->capture_default_str();
    verb->add_option("--out", arguments->out, "File to write: .html to read and print, .csv, .json")
        ->type_name("FILE");
    verb->footer(
        "Every number is inspection.statistics' own; the report names the question that answers them again.\n"
        "Examples:\n"
        "  socai report --dir /tmp/socai --quarter 2021Q4 --compare 2021Q3 --out q4.html\n"
        "  socai report --to-node 127.0.0.1:7001 --from 2021-01-01 --to 2021-12-31 --out 2021.csv\n"
        "  socai report --dir /tmp/socai --phase 1 --as-of 1200 --out phase1.html");
    verb->callback([arguments, &chosen] {
        if (arguments->from.empty() && arguments->quarter.empty() && arguments->phase.empty())
            throw CLI::RequiredError("--from and --to, --quarter or --phase");
        if (arguments->out.empty() && !arguments->target.json) throw CLI::RequiredError("--out");
        chosen.run = [arguments] { return make_report(*arguments); };
    });
}

}  // namespace socai::node::cli
