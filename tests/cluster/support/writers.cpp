#include "writers.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "clients.hpp"
#include "ledger/hash.hpp"

namespace socai::cluster_tests {
namespace {

// Short, so that a client soon turns from a node that is paused or cut off to another one.
constexpr Timeouts short_timeouts{.connect = 400ms, .answer = 1'500ms, .idle = 10'000ms};
constexpr milliseconds call_timeout{1'000};
// Between two tries when no node answers at all: keeps the clients from taking the machine.
constexpr milliseconds breath{5};
constexpr std::size_t bundle_records = 3;
// A statement that a healthy cluster does not answer within this is a complaint.
constexpr milliseconds last_word{60'000};

bool is_open_question(const RpcError& error) {
    return error.no_answer() || error.retryable;
}

}  // namespace

// One client: what it submits is drawn, what it is told is written down.
class Writers::Client {
  public:
    Client(Writers& owner, const LocalCluster& cluster, unsigned number, const std::string& run,
           std::uint64_t seed)
        : owner_(owner),
          cluster_(cluster),
          source_(cluster.nodes()[number % cluster.nodes().size()]),
          names_(cluster.nodes()),
          prefix_(run + "-" + std::to_string(number) + "-"),
          random_(seed + number),
          node_(number) {
        source_ = source_.substr(0, source_.rfind('-'));  // the agency of node "customs-1"
        for (const std::string& name : cluster.nodes())
            nodes_.push_back(std::make_unique<NodeClient>(cluster.endpoint(name), short_timeouts));
    }

    void run() {
        auto next = std::chrono::steady_clock::now();
        while (!owner_.ending_) {
            std::this_thread::sleep_until(next);
            next = std::chrono::steady_clock::now() + owner_.pace_;
            const auto dice = random_() % 100;
            if (dice < 60 || journal_.promised.empty()) {
                submit_new(1);
            } else if (dice < 75) {
                submit_new(bundle_records);
            } else if (dice < 85) {
                read_back();
            } else if (dice < 92) {
                repeat_statement();
            } else if (dice < 96) {
                repeat_record();
            } else if (dice < 98) {
                submit_other_content();
            } else {
                submit_unknown_reference();
            }
        }
    }

    Journal& journal() { return journal_; }

  private:
    // The definite answer to `statement`, asked for as often as it takes, at one node after the other.
    // Nothing when the writers were abandoned, or when the cluster never gave one.
    std::optional<SubmitOutcome> ask(const std::string& statement) {
        std::optional<std::chrono::steady_clock::time_point> deadline;
        for (;;) {
            node_ = (node_ + 1) % nodes_.size();
            SubmitOutcome outcome = nodes_[node_]->submit(statement, call_timeout);
            if (outcome || !is_open_question(outcome.error())) {
                ++owner_.answered_;
                return outcome;
            }
            ++journal_.retries;
            if (owner_.abandoned_) return std::nullopt;
            if (owner_.ending_) {
                const auto now = std::chrono::steady_clock::now();
                if (!deadline) deadline = now + last_word;
                if (now > *deadline) {
                    complain("a statement was never answered; the last word was " + outcome.error().reason +
                             ": " + outcome.error().detail);
                    return std::nullopt;
                }
            }
            std::this_thread::sleep_for(breath);
        }
    }

    void submit_new(std::size_t count) {
        PromisedStatement statement;
        std::string payload;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string id = prefix_ + std::to_string(next_id_++);
            statement.records.push_back({source_, id, risk_signal(source_, id), {}});
            payload += (i == 0 ? "" : ",") + statement.records.back().bytes;
        }
        if (count > 1) payload = "[" + payload + "]";
        statement.text = ledger::sign_statement(cluster_.key(source_), cluster_.origin(), payload, count > 1);
        const auto outcome = ask(statement.text);
        if (!outcome) return;
        if (!*outcome) return complain_of(statement.records.front().id, outcome->error());
        // A duplicate too, when an earlier try had reached the ledger: the place is the first one.
        statement.index = (*outcome)->index;
        statement.time_ms = (*outcome)->time_ms;
        for (std::uint32_t n = 0; n < count; ++n) statement.records[n].address = {statement.index, n};
        if ((*outcome)->n.value_or(0) != 0) complain(statement.records.front().id + ": the answer names n");
        journal_.promised.push_back(std::move(statement));
    }

    const PromisedStatement& any_promise() { return journal_.promised[random_() % journal_.promised.size()]; }

    // What was acknowledged last, read linearizably at another node: whoever answers must know it.
    void read_back() {
        const PromisedStatement& known = journal_.promised.back();
        const std::string& id = known.records.front().id;
        node_ = (node_ + 1) % nodes_.size();
        const std::string question = "a linearizable read of " + id + " at " + names_[node_];
        const auto found = nodes_[node_]->find(
            source_, id, {{"read", "linearizable"}, {"timeout_ms", call_timeout.count()}});
        if (!found && is_open_question(found.error())) {
            ++journal_.retries;
        } else if (!found) {
            complain_of(question, found.error());
        } else if (number(*found, "index") != known.index || text(*found, "statement") != known.text) {
            complain(question + " was answered with something else");
        } else {
            ++journal_.reads;
        }
    }

    void repeat_statement() {
        const PromisedStatement& known = any_promise();
        expect_repeat(known.text, known, 0);
    }

    // One record of an acknowledged statement, alone under a signature of its own.
    void repeat_record() {
        const PromisedStatement& known = any_promise();
        const auto n = static_cast<std::uint32_t>(random_() % known.records.size());
        expect_repeat(statement_of(cluster_, source_, known.records[n].bytes), known, n);
    }

    void expect_repeat(const std::string& statement, const PromisedStatement& known, std::uint32_t n) {
        const auto outcome = ask(statement);
        if (!outcome) return;
        if (!*outcome) return complain_of("repeating " + known.records[n].id, outcome->error());
        ++journal_.repeats;
        const Acknowledgement& answer = **outcome;
        if (!answer.duplicate || answer.index != known.index || answer.n.value_or(0) != n ||
            answer.time_ms != known.time_ms)
            complain(known.records[n].id + " was promised at " + ledger::to_string({known.index, n}) +
                     ", time " + std::to_string(known.time_ms) + ", and is now answered with " +
                     ledger::to_string({answer.index, answer.n.value_or(0)}) + ", time " +
                     std::to_string(answer.time_ms) + (answer.duplicate ? "" : ", not as a duplicate"));
    }

    void submit_other_content() {
        const PromisedRecord& known = any_promise().records.front();
        expect_refusal({source_, known.id, risk_signal(source_, known.id, "something else")}, code::conflict,
                       "other_content");
    }

    void submit_unknown_reference() {
        const std::string id = prefix_ + std::to_string(next_id_++);
        std::string record = risk_signal(source_, id);
        const std::string none = R"("refs":[])";
        record.replace(record.find(none), none.size(),
                       R"("refs":[{"rel":"about","source":")" + source_ + R"(","id":"never-there"}])");
        expect_refusal({source_, id, record}, code::invalid_statement, "unknown_reference");
    }

    void expect_refusal(RefusedRecord record, int code, const std::string& reason) {
        const auto outcome = ask(statement_of(cluster_, source_, record.bytes));
        if (!outcome) return;
        if (*outcome)
            complain(record.id + " was accepted, but had to be refused as " + reason);
        else if (outcome->error().code != code || outcome->error().reason != reason)
            complain_of(record.id + " had to be refused as " + reason, outcome->error());
        journal_.refused.push_back(std::move(record));
    }

    void complain(std::string sentence) { journal_.complaints.push_back(std::move(sentence)); }
    void complain_of(const std::string& what, const RpcError& error) {
        complain(what + ": " + std::to_string(error.code) + " " + error.reason + ": " + error.detail);
    }

    Writers& owner_;
    const LocalCluster& cluster_;
    std::string source_;
    const Names names_;
    std::string prefix_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<NodeClient>> nodes_;
    std::size_t node_;
    std::uint64_t next_id_ = 0;
    Journal journal_;
};

Writers::Writers(const LocalCluster& cluster, unsigned count, std::string run, std::uint64_t seed,
                 milliseconds pace)
    : pace_(pace) {
    for (unsigned i = 0; i < count; ++i)
        clients_.push_back(std::make_unique<Client>(*this, cluster, i, run, seed));
    for (const auto& client : clients_) threads_.emplace_back([&client] { client->run(); });
}

Writers::~Writers() {
    if (!threads_.empty()) abandon();
}

Journal Writers::finish() {
    ending_ = true;
    return join();
}

Journal Writers::abandon() {
    abandoned_ = true;
    ending_ = true;
    return join();
}

Journal Writers::join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    Journal all;
    const auto append = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    for (const auto& client : clients_) {
        Journal& one = client->journal();
        append(all.promised, one.promised);
        append(all.refused, one.refused);
        append(all.complaints, one.complaints);
        all.repeats += one.repeats;
        all.reads += one.reads;
        all.retries += one.retries;
    }
    return all;
}

std::vector<std::string> broken_promises(const Journal& journal, const LedgerContent& content) {
    std::vector<std::string> broken;
    for (const PromisedStatement& statement : journal.promised) {
        const std::string place =
            statement.records.front().id + " at leaf " + std::to_string(statement.index);
        if (statement.index >= content.statements.size())
            broken.push_back(place + " is lost: the ledger ends before it");
        else if (content.statements[statement.index] != statement.text)
            broken.push_back(place + " is not what stands there");
        for (const PromisedRecord& record : statement.records) {
            const auto found = content.by_record.find({record.source, record.id});
            if (found == content.by_record.end())
                broken.push_back(record.id + " is not in the ledger");
            else if (found->second.address != record.address)
                broken.push_back(record.id + " was promised at " + ledger::to_string(record.address) +
                                 " and stands at " + ledger::to_string(found->second.address));
            else if (found->second.digest != ledger::sha256(record.bytes))
                broken.push_back(record.id + " stands with other bytes");
        }
    }
    for (const RefusedRecord& record : journal.refused) {
        const auto found = content.by_record.find({record.source, record.id});
        if (found != content.by_record.end() && found->second.digest == ledger::sha256(record.bytes))
            broken.push_back(record.id + " was refused and stands in the ledger");
    }
    return broken;
}

}  // namespace socai::cluster_tests
