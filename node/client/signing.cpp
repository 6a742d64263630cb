#include "node/client/signing.hpp"

#include <algorithm>
#include <cassert>

namespace socai::node::client {
namespace {

// "1792573870123 " before the statement in its entry: 13 digits last until the year 2286.
constexpr std::size_t entry_prefix_bytes = 14;

// How many of `records`, from the first, go into one statement: at least one.
std::size_t run_length(std::span<const InputRecord> records, std::size_t most) {
    std::size_t payload = 2 + records.front().bytes.size();  // brackets
    std::size_t count = 1;
    while (count < std::min(most, records.size())) {
        const InputRecord& next = records[count];
        payload += 1 + next.bytes.size();  // comma
        if (next.type != records.front().type || next.source != records.front().source ||
            payload > max_bundle_payload_bytes)
            break;
        ++count;
    }
    return count;
}

std::string payload_of(std::span<const InputRecord> records) {
    if (records.size() == 1) return records.front().bytes;
    std::string payload = "[";
    for (const InputRecord& record : records) {
        if (payload.size() > 1) payload += ',';
        payload += record.bytes;
    }
    return payload + "]";
}

}  // namespace

Signing sign_records(std::span<const InputRecord> records, const KeyRing& keys,
                     const SigningOptions& options) {
    assert(options.bundle >= 1);
    const std::size_t most = std::min(options.bundle, ledger::max_bundle_records);
    Signing signing;
    while (!records.empty()) {
        const auto run = records.first(run_length(records, most));
        records = records.subspan(run.size());
        const InputRecord& first = run.front();
        const ledger::Jwk* key = keys.for_source(first.source);
        if (key == nullptr) {
            for (const InputRecord& record : run)
                signing.faults.push_back({record.line, "no_key",
                                          "none of the keys given speaks for " + record.source +
                                              "; give its key, or its delegate's together with --registry"});
            continue;
        }
        std::string text = ledger::sign_statement(*key, options.audience, payload_of(run), run.size() > 1);
        if (entry_prefix_bytes + text.size() > ledger::max_entry_bytes) {
            // Only a record alone can be this large: bundles end before.
            signing.faults.push_back(
                {first.line, "entry_too_large",
                 "signed, the record has " + std::to_string(text.size()) +
                     " bytes, more than an entry of 65,535 holds; continue it in further "
                     "records"});
            continue;
        }
        signing.statements.push_back({std::move(text), first.line, run.size()});
    }
    return signing;
}

}  // namespace socai::node::client
