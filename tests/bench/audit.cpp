// How fast an audit is, beside what it cannot be faster than: libsodium's verifications on as many threads, in the same
// run. Prints one JSON object. usage: audit_bench [LEAVES] [FOLDER]
#include <sodium.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "../unit/node/audit_ledger.hpp"
#include "ledger/entry.hpp"
#include "ledger/statement.hpp"
#include "node/audit/audit.hpp"
#include "support/process.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using socai::node::audit::AuditOptions;
using socai::node::audit::Depth;
namespace ledger = socai::ledger;

constexpr std::size_t default_leaves = 200'000;
constexpr std::size_t padding_bytes = 400;           // makes records of about 0.6 kB
constexpr std::size_t verified_statements = 20'000;  // a thread

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Verifications a second of all threads together, of statements as the ledger holds them, taken apart before.
double verify_rate(const socai::node::test::AuditLedger& made, unsigned threads) {
    std::vector<ledger::Statement> statements;
    for (std::size_t i = 1; i < made.entries.size() && statements.size() < 1'000; ++i)
        statements.push_back(
            ledger::parse_statement(ledger::split_entry(made.entries[i])->statement).value());
    const auto& key = made.keys[0].key.public_key();
    const Clock::time_point start = Clock::now();
    std::vector<std::thread> all;
    for (unsigned t = 0; t < threads; ++t) {
        all.emplace_back([&] {
            for (std::size_t i = 0; i < verified_statements; ++i) {
                const ledger::Statement& statement = statements[i % statements.size()];
                const auto input = statement.signing_input();
                if (crypto_sign_verify_detached(statement.signature.data(),
                                                reinterpret_cast<const unsigned char*>(input.data()),
                                                input.size(), key.data()) != 0)
                    std::abort();
            }
        });
    }
    for (std::thread& thread : all) thread.join();
    return static_cast<double>(verified_statements * threads) / seconds_since(start);
}

double audit_rate(const AuditOptions& options) {
    const auto report = socai::node::audit::run_audit(
        options, [](std::uint64_t, std::uint64_t) {}, [] { return false; });
    if (!report || !report->passed()) {
        std::fprintf(stderr, "audit_bench: the audit did not pass: %s\n",
                     report ? report->findings.empty() ? "stopped" : report->findings.front().detail.c_str()
                            : report.error().detail.c_str());
        std::exit(1);
    }
    return static_cast<double>(report->coverage.entries) / report->seconds;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t leaves = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : default_leaves;
    const socai::cluster_tests::TemporaryFolder temporary;
    const std::string folder = argc > 2 ? argv[2] : temporary.path();
    const unsigned threads = std::max(1U, std::thread::hardware_concurrency());

    socai::node::test::AuditLedger made;
    made.padding = std::string(padding_bytes, 'x');
    while (made.entries.size() < leaves) made.add("record-" + std::to_string(made.entries.size()));
    made.write_data(folder + "/data");
    made.write_tiles(folder + "/tiles", made.head());
    std::ofstream(folder + "/policy") << made.policy().to_string();
    std::ofstream(folder + "/head") << made.head().note.to_string();
    std::size_t bytes = 0;
    for (const std::string& entry : made.entries) bytes += entry.size();

    const double verify = verify_rate(made, threads);
    boost::json::object result{{"leaves", leaves},
                               {"entry_bytes", bytes / leaves},
                               {"threads", threads},
                               {"libsodium_verify_per_s", verify}};
    for (const char* source : {"data", "tiles"}) {
        AuditOptions options;
        options.source = folder + "/" + source;
        options.policy = folder + "/policy";
        options.jobs = threads;
        if (std::string(source) == "data") options.heads = {folder + "/head"};
        boost::json::object rates;
        options.depth = Depth::hashes;
        rates["hashes_per_s"] = audit_rate(options);
        options.depth = Depth::signatures;
        const double signatures = audit_rate(options);
        rates["signatures_per_s"] = signatures;
        rates["signatures_times_libsodium"] = signatures / verify;
        options.depth = Depth::everything;
        const double everything = audit_rate(options);
        rates["everything_per_s"] = everything;
        rates["everything_times_libsodium"] = everything / verify;
        result[source] = std::move(rates);
    }
    result["libsodium_verify_per_s_after"] = verify_rate(made, threads);
    std::puts(boost::json::serialize(result).c_str());
}
