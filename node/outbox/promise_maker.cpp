#include "node/outbox/promise_maker.hpp"

#include <algorithm>
#include <utility>

#include "ledger/time.hpp"

namespace socai::node {

ledger::Promise promise_of(const ledger::Statement& statement, std::int64_t received_ms,
                           std::int64_t within_ms) {
    ledger::Promise promise;
    promise.received_ms = received_ms;
    promise.include_by_ms = received_ms + std::min(within_ms, ledger::max_time_ms - received_ms);
    promise.statement = ledger::sha256(statement.text);
    for (const ledger::Record& record : statement.records)
        promise.records.push_back({record.source, record.id, record.digest});
    return promise;
}

PromiseMaker::PromiseMaker(std::string origin, std::string node, ledger::KeyPair key)
    : origin_(std::move(origin)), node_(std::move(node)), key_(std::move(key)) {}

std::string PromiseMaker::note(ledger::Promise promise) const {
    return sign(std::move(promise));
}

std::string PromiseMaker::note(ledger::Refusal refusal) const {
    return sign(std::move(refusal));
}

std::string PromiseMaker::sign(ledger::NodeFact fact) const {
    return ledger::sign_node_statement({origin_, node_, std::move(fact)}, key_).to_string();
}

}  // namespace socai::node
