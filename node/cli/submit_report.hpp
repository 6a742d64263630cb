// What `socai submit` tells while it runs and at its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "node/client/progress.hpp"
#include "node/client/signing.hpp"
#include "node/client/submitter.hpp"
#include "node/client/text_table.hpp"

namespace socai::node::cli {

class SubmitReport {
  public:
    // `statements` outlives the report.
    SubmitReport(std::string file, bool json, bool progress,
                 std::span<const client::SignedStatement> statements);

    // The ledger acknowledged statement `place` in an earlier run.
    void resumed(std::size_t place);
    void add(std::size_t place, const client::SubmitOutcome& outcome);
    // The summary, unless --json was asked for.
    void finish(std::uint64_t retries);

    std::uint64_t refused() const { return refused_; }  // statements

  private:
    void refuse(std::size_t place, const client::RpcError& error);

    std::string file_;
    bool json_;
    std::span<const client::SignedStatement> statements_;
    client::Progress progress_;
    client::TextTable table_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::uint64_t done_ = 0;                     // statements with an answer, this time or before
    std::uint64_t resumed_ = 0;                  // statements
    std::uint64_t accepted_ = 0;                 // records, duplicates included
    std::uint64_t duplicates_ = 0;               // records
    std::uint64_t promised_ = 0;                 // records that only a node holds so far
    std::uint64_t refused_ = 0;                  // statements
    std::optional<std::uint64_t> first_, last_;  // leaves
};

}  // namespace socai::node::cli
