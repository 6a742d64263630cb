#include "node/cli/submit_report.hpp"

#include <algorithm>
#include <cstdio>

#include "node/cli/output.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

// Few enough to list each with its place.
constexpr std::size_t max_listed = 20;
constexpr std::uint64_t max_refusals_shown = 20;

json::object result_json(const client::SignedStatement& statement) {
    return {{"line", statement.line}, {"records", statement.records}};
}

json::object place_json(const client::Acknowledgement& accepted) {
    json::object place{{"index", accepted.index}};
    if (accepted.n) place["n"] = *accepted.n;
    return place;
}

}  // namespace

SubmitReport::SubmitReport(std::string file, bool json, bool progress,
                           std::span<const client::SignedStatement> statements)
    : file_(file == "-" ? "(standard input)" : std::move(file)),
      json_(json),
      statements_(statements),
      progress_("submitting", std::max<std::size_t>(statements.size(), 1), progress || error_is_terminal()),
      table_({"LINE", "LEAF", "ACCEPTED", "STATUS", "RECORDS", "REMARK"}) {}

void SubmitReport::resumed(std::size_t place) {
    ++resumed_;
    ++done_;
    if (!json_) return;
    auto object = result_json(statements_[place]);
    object["status"] = "acknowledged_before";
    print_json(object);
}

void SubmitReport::add(std::size_t place, const client::SubmitOutcome& outcome) {
    ++done_;
    if (outcome.has_error()) {
        refuse(place, outcome.error());
        return progress_.update(done_);
    }
    const auto& statement = statements_[place];
    accepted_ += statement.records;
    const bool promised = !outcome->promise.empty();
    if (outcome->duplicate) {
        duplicates_ += statement.records;
    } else if (promised) {
        promised_ += statement.records;
    } else {
        first_ = std::min(first_.value_or(outcome->index), outcome->index);
        last_ = std::max(last_.value_or(outcome->index), outcome->index);
    }
    if (json_) {
        auto object = result_json(statement);
        if (promised) {
            object["promise"] = outcome->promise;
        } else {
            for (const auto& [name, value] : place_json(*outcome)) object[name] = value;
            object["time"] = outcome->time_ms;
        }
        object["status"] = outcome->status;
        object["duplicate"] = outcome->duplicate;
        if (outcome->late) object["late"] = true;
        print_json(object);
    } else if (statements_.size() <= max_listed) {
        table_.add({std::to_string(statement.line), promised ? "-" : address_of(place_json(*outcome)),
                    promised ? "-" : time_of({{"time", outcome->time_ms}}, "time"), outcome->status,
                    std::to_string(statement.records),
                    promised && outcome->duplicate ? "promised before"
                    : promised                     ? "promised"
                    : outcome->duplicate           ? "known before"
                    : outcome->late                ? "late: dated long before it was accepted"
                                                   : ""});
    }
    progress_.update(done_);
}

void SubmitReport::refuse(std::size_t place, const client::RpcError& error) {
    ++refused_;
    const auto& statement = statements_[place];
    if (json_) {
        auto object = result_json(statement);
        object["error"] = {{"code", error.code}, {"reason", error.reason}, {"detail", error.detail}};
        print_json(object);
    } else if (refused_ <= max_refusals_shown) {
        progress_.clear();
        std::fprintf(stderr, "socai: %s:%zu: refused: %s [%s]\n", file_.c_str(), statement.line,
                     client::printable(error.detail).c_str(), client::printable(error.reason).c_str());
    }
}

void SubmitReport::finish(std::uint64_t retries) {
    progress_.clear();
    if (json_) return;
    if (!table_.empty()) print_table(table_);
    if (refused_ > max_refusals_shown)
        std::fprintf(stderr, "socai: and %s more were refused; --json lists them all\n",
                     client::with_separators(refused_ - max_refusals_shown).c_str());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(accepted_) / std::max(seconds, 1e-3));
    std::string line = client::with_separators(accepted_ - duplicates_ - promised_) + " records accepted";
    if (promised_ > 0) line = client::with_separators(promised_) + " records promised";
    if (first_) line += " (leaves " + std::to_string(*first_) + " to " + std::to_string(*last_) + ")";
    line += ", " + client::with_separators(duplicates_) + " known before";
    line += ", " + client::with_separators(refused_) + " statements refused";
    if (resumed_ > 0)
        line += ", " + client::with_separators(resumed_) + " statements acknowledged in an earlier run";
    char time[32];
    std::snprintf(time, sizeof time, "%.1f s", seconds);
    line += std::string("; ") + time + ", " + client::with_separators(rate) + " records/s";
    if (retries > 0) line += ", " + client::with_separators(retries) + " retries";
    print_line(line);
}

}  // namespace socai::node::cli
