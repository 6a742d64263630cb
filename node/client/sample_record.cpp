#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cassert>

#include "ledger/time.hpp"
#include "node/client/key_ring.hpp"
#include "node/client/load_run.hpp"

namespace socai::node::client {

namespace json = boost::json;

std::string sample_record(std::string_view source, std::string_view id, std::string_view time,
                          std::size_t bytes) {
    const auto text = [&](std::size_t filling) {
        const json::object record{
            {"specversion", "1.0"},
            {"id", id},
            {"source", source},
            {"type", "vn.socai.risk_signal.v1"},
            {"subject", id},
            {"time", time},
            {"datacontenttype", "application/json"},
            {"data",
             {{"hs_code", "95030099"},
              {"country_of_origin", "CN"},
              {"importer_tax_code", "9900000016"},
              {"severity", "low"},
              {"description", "Load test, no real suspicion. " + std::string(filling, '.')},
              {"refs", json::array{}}}}};
        return json::serialize(record);
    };
    std::string shortest = text(0);
    return shortest.size() >= bytes ? shortest : text(bytes - shortest.size());
}

std::vector<std::string> sample_statements(const LoadOptions& load, const SampleOptions& sample,
                                           const std::function<void(std::uint64_t)>& progress) {
    assert(!sample.keys.empty() && load.bundle > 0);
    const std::string time = ledger::format_rfc3339(sample.time_ms);
    std::vector<std::string> statements;
    statements.reserve((load.records + load.bundle - 1) / load.bundle);
    for (std::uint64_t done = 0; done < load.records;) {
        const ledger::Jwk& key = sample.keys[statements.size() % sample.keys.size()];
        const std::uint64_t count = std::min<std::uint64_t>(load.bundle, load.records - done);
        std::string payload;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string id = "bench-" + sample.run_id + "-" + std::to_string(done + i);
            if (!payload.empty()) payload += ',';
            payload += sample_record(agency_of(key.kid), id, time, sample.record_bytes);
        }
        if (count > 1) payload = "[" + payload + "]";
        statements.push_back(ledger::sign_statement(key, sample.audience, payload, count > 1));
        done += count;
        progress(done);
    }
    return statements;
}

}  // namespace socai::node::client
