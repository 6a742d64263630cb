// Puts this node's name to promises and refusals: notes signed by its node key (ledger/node_statement.hpp). Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/jwk.hpp"
#include "ledger/node_statement.hpp"

namespace socai::node {

// What is promised of a statement taken now. Times in ms since the epoch; `within_ms` not negative.
ledger::Promise promise_of(const ledger::Statement& statement, std::int64_t received_ms,
                           std::int64_t within_ms);

class PromiseMaker {
  public:
    PromiseMaker(std::string origin, std::string node, ledger::KeyPair key);

    std::string note(ledger::Promise promise) const;
    std::string note(ledger::Refusal refusal) const;

  private:
    std::string sign(ledger::NodeFact fact) const;

    const std::string origin_;
    const std::string node_;
    const ledger::KeyPair key_;
};

}  // namespace socai::node
