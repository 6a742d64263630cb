#include "node/verifier.hpp"

#include <boost/asio/post.hpp>
#include <cassert>

#include "ledger/entry.hpp"
#include "ledger/epochs.hpp"

namespace socai::node {
namespace {

// A generation of the memory: two of them hold at most about 16,000 statements.
constexpr std::size_t generation_size = 8'192;
// Statements one pool task takes at a time: few enough to spread over threads, enough to amortise the
// hand-over.
constexpr std::size_t chunk = 8;

}  // namespace

// One call's work, shared by the tasks that carry it out. `texts` point into `owned` or into `entries`.
struct Verifier::Batch {
    std::vector<std::string> owned;
    std::vector<consensus::EntryPtr> entries;
    std::vector<std::string_view> texts;
    std::vector<std::optional<ledger::Result<StatementPtr>>> results;
    std::atomic<std::size_t> left{0};
    std::function<void(Prepared)> done;
};

Verifier::Verifier(const ledger::Genesis& genesis, Registry registry, std::uint32_t threads)
    : genesis_(genesis), registry_(std::move(registry)), pool_(threads == 0 ? 1 : threads) {}

Verifier::~Verifier() {
    stop();
}

void Verifier::stop() {
    pool_.stop();
    pool_.join();
}

void Verifier::run(std::function<void()> work) {
    boost::asio::post(pool_, std::move(work));
}

void Verifier::verify(std::vector<std::string> texts, std::function<void(Prepared)> done) {
    auto batch = std::make_shared<Batch>();
    batch->owned = std::move(texts);
    batch->texts.assign(batch->owned.begin(), batch->owned.end());
    batch->done = std::move(done);
    dispatch(std::move(batch));
}

void Verifier::verify_entries(std::vector<consensus::EntryPtr> entries, std::function<void(Prepared)> done) {
    auto batch = std::make_shared<Batch>();
    batch->entries = std::move(entries);
    for (const auto& entry : batch->entries) {
        if (entry->kind != consensus::EntryKind::payload) continue;
        const auto split = ledger::split_entry(entry->payload);
        // An entry without its time prefix fails here as a statement would: parse_statement refuses the empty
        // text.
        batch->texts.push_back(split ? split->statement : std::string_view());
    }
    batch->done = std::move(done);
    dispatch(std::move(batch));
}

void Verifier::dispatch(std::shared_ptr<Batch> batch) {
    const std::size_t count = batch->texts.size();
    if (count == 0) {
        batch->done({});
        return;
    }
    batch->results.resize(count);
    const std::size_t tasks = (count + chunk - 1) / chunk;
    batch->left = tasks;
    queued_ += count;
    for (std::size_t task = 0; task < tasks; ++task) {
        boost::asio::post(pool_, [this, batch, task] {
            const std::size_t begin = task * chunk;
            const std::size_t end = std::min(begin + chunk, batch->texts.size());
            for (std::size_t i = begin; i < end; ++i) batch->results[i] = verify_one(batch->texts[i]);
            queued_ -= end - begin;
            if (batch->left.fetch_sub(1) != 1) return;
            Prepared prepared;
            prepared.reserve(batch->results.size());
            for (auto& result : batch->results) {
                assert(result.has_value());
                prepared.push_back(std::move(*result));
            }
            batch->done(std::move(prepared));
        });
    }
}

ledger::Result<StatementPtr> Verifier::verify_one(std::string_view text) {
    if (StatementPtr known = recall(text)) return known;
    auto parsed = ledger::parse_statement(text);
    if (!parsed) return parsed.error();
    const auto registry = registry_();
    if (registry->key(parsed->kid) != nullptr ||
        ledger::epoch_number(genesis_.origin, parsed->audience) == 0) {
        const auto checked = ledger::check_signature(genesis_, *registry, *parsed);
        ++checked_;
        if (!checked) return checked.error();
        parsed->signature_checked = true;
    }
    StatementPtr statement = std::make_shared<const ledger::Statement>(std::move(*parsed));
    if (statement->signature_checked) remember(statement);
    return statement;
}

StatementPtr Verifier::recall(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = young_.find(text); found != young_.end()) return found->second;
    if (const auto found = old_.find(text); found != old_.end()) return found->second;
    return nullptr;
}

void Verifier::remember(StatementPtr statement) {
    const std::lock_guard lock(mutex_);
    if (young_.size() >= generation_size) {
        old_ = std::move(young_);
        young_.clear();
    }
    const std::string_view key = statement->text;  // lives as long as the mapped value
    young_.emplace(key, std::move(statement));
}

}  // namespace socai::node
