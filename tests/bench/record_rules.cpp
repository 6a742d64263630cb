// What the rules of kinds cost a record: the worked shipments, judged again and again. Prints one JSON object, microseconds
// of one thread. usage: record_rules_bench [ROUNDS]
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "inspection/kinds.hpp"
#include "node/client/load_run.hpp"
#include "node/cluster/registry_file.hpp"

namespace {

using Clock = std::chrono::steady_clock;
namespace json = boost::json;
namespace ledger = socai::ledger;

double microseconds_each(const socai::inspection::KindRules& rules, const ledger::Registry& registry,
                         const std::vector<ledger::Record>& records, int rounds) {
    std::size_t refused = 0;
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < rounds; ++i)
        for (const ledger::Record& record : records) refused += rules.check(record, registry) ? 0 : 1;
    const double taken = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    if (refused > 0) std::fprintf(stderr, "%zu records were refused\n", refused);
    return taken / (static_cast<double>(records.size()) * rounds);
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 2'000;
    const auto path = socai::node::cluster::find_registry(std::nullopt);
    const auto file = socai::node::cluster::read_registry_file(path.value());
    const std::string folder = path->substr(0, path->rfind('/') + 1);

    std::map<std::string, std::vector<ledger::Record>> kinds;
    std::vector<ledger::Record> all;
    for (const char* name : {"shipment_toys.jsonl", "shipment_mangosteen.jsonl"}) {
        std::ifstream lines(folder + name);
        for (std::string line; std::getline(lines, line);) {
            all.push_back(ledger::parse_record(line).value());
            kinds[std::string(all.back().kind())].push_back(all.back());
        }
    }
    const ledger::Record signal = ledger::parse_record(socai::node::client::sample_record(
                                                           "moit", "bench-1", "2026-01-01T00:00:00Z", 600))
                                      .value();

    const Clock::time_point start = Clock::now();
    const socai::inspection::KindRules rules;
    json::object report{
        {"compile_us", std::chrono::duration<double, std::micro>(Clock::now() - start).count()},
        {"shipments_us", microseconds_each(rules, file->registry, all, rounds)},
        {"bench_record_us", microseconds_each(rules, file->registry, {signal}, rounds)}};
    json::object& by_kind = report["by_kind_us"].emplace_object();
    for (const auto& [kind, records] : kinds)
        by_kind[kind] = microseconds_each(rules, file->registry, records, rounds);
    std::printf("%s\n", json::serialize(report).c_str());
}
