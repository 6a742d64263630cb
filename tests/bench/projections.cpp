// What the engine costs: every projection worked out from a file of records (socai generate), then the two questions of the
// border officer asked over what came of it. One thread. Prints one JSON object.
//
// usage: projections_bench RECORDS.jsonl REGISTRY.json [FOLDER]
//   in memory, or with FOLDER in a state database as a node keeps it (the folder is made and stays)
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "inspection/engine.hpp"
#include "inspection/guards/clearance_answer.hpp"
#include "inspection/method/method_answer.hpp"
#include "inspection/oversight/compliance.hpp"
#include "inspection/record_data.hpp"
#include "ledger/merkle_tree.hpp"
#include "node/cluster/registry_file.hpp"
#include "storage/state_store.hpp"

namespace {

using Clock = std::chrono::steady_clock;
namespace json = boost::json;
namespace ledger = socai::ledger;
namespace inspection = socai::inspection;
namespace storage = socai::storage;

constexpr std::size_t batch_leaves = 1'000;
constexpr std::size_t questions = 20'000;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

socai::consensus::EntryId entry_id(std::uint64_t index) {
    return {{1}, {index}, {static_cast<std::uint8_t>(index), static_cast<std::uint8_t>(index >> 8U)}};
}

// Where facts are kept while they are worked out.
class Keeper {
  public:
    virtual ~Keeper() = default;
    virtual const ledger::Facts& facts() const = 0;
    virtual void keep(ledger::Record record, std::vector<ledger::FactChange> changes) = 0;
    virtual void finish() {}
};

class InMemory : public Keeper {
  public:
    const ledger::Facts& facts() const override { return facts_; }
    void keep(ledger::Record, std::vector<ledger::FactChange> changes) override {
        digest_ = ledger::digest_after(digest_, changes);
        facts_.apply(changes);
    }

  private:
    ledger::FactMap facts_;
    ledger::Hash digest_{};
};

class InDatabase : public Keeper {
  public:
    explicit InDatabase(const std::string& folder) {
        bool rebuilt = false;
        store_ =
            storage::StateStore::open(
                folder, {"bench.example.vn/bench", "bench-1", std::string(64, '0')},
                [](socai::consensus::Index index) { return std::optional(entry_id(index.value)); }, &rebuilt)
                .value();
        tail_ = std::make_unique<ledger::FactDraft>(store_->facts());
        ledger::Record genesis;
        genesis.id = "genesis";
        genesis.source = "customs";
        genesis.type = "vn.socai.genesis.v1";
        genesis.json["data"] = json::object();
        keep(std::move(genesis), {});
    }
    const ledger::Facts& facts() const override { return *tail_; }
    void keep(ledger::Record record, std::vector<ledger::FactChange> changes) override {
        auto leaf = std::make_unique<ledger::Admitted>();
        leaf->index = next_;
        leaf->time_ms = 1'800'000'000'000;
        leaf->leaf = ledger::leaf_hash(record.id);
        tail_->lay(changes, next_);
        leaf->changes = std::move(changes);
        auto statement = std::make_shared<ledger::Statement>();
        statement->records.push_back(std::move(record));
        leaf->statement = std::move(statement);
        ++next_;
        leaves_.push_back(std::move(leaf));
        if (leaves_.size() >= batch_leaves) write();
    }
    void finish() override {
        write();
        store_->flush().value();
    }

  private:
    void write() {
        std::vector<storage::Apply> entries;
        for (const auto& leaf : leaves_) entries.push_back({entry_id(leaf->index + 1), leaf.get()});
        store_->apply(entries).value();
        leaves_.clear();
        tail_->clear();
    }
    std::unique_ptr<storage::StateStore> store_;
    std::unique_ptr<ledger::FactDraft> tail_;
    std::vector<std::unique_ptr<ledger::Admitted>> leaves_;
    std::uint64_t next_ = 0;
};

// Goods and declarations that came by, to ask about: every so many.
struct Asked {
    std::vector<std::pair<std::string, std::string>> goods;  // key, regime
    std::vector<std::string> declarations;

    void note(const ledger::Record& record) {
        const auto& data = record.data();
        if (record.kind() == "inspection_registration")
            goods.emplace_back(inspection::text_at(data, "goods_key"), inspection::text_at(data, "regime"));
        if (record.kind() == "customs_declaration")
            declarations.emplace_back(inspection::text_at(data, "declaration_no"));
    }
};

template <class Ask>
json::object latencies(std::size_t count, const Ask& ask) {
    std::vector<double> microseconds;
    for (std::size_t i = 0; i < count; ++i) {
        const Clock::time_point start = Clock::now();
        ask(i);
        microseconds.push_back(seconds_since(start) * 1e6);
    }
    std::ranges::sort(microseconds);
    const auto at = [&](std::size_t per_mille) {
        return microseconds.empty()
                   ? 0.0
                   : microseconds[std::min(microseconds.size() - 1, microseconds.size() * per_mille / 1'000)];
    };
    return {{"asked", count}, {"p50_us", at(500)}, {"p99_us", at(990)}, {"max_us", at(1'000)}};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: projections_bench RECORDS.jsonl REGISTRY.json [FOLDER]\n", stderr);
        return 2;
    }
    std::ifstream lines(argv[1]);
    const auto file = socai::node::cluster::read_registry_file(argv[2]);
    if (!lines || !file) {
        std::fputs("cannot read the records or the registry\n", stderr);
        return 2;
    }
    std::unique_ptr<Keeper> keeper;
    if (argc > 3)
        keeper = std::make_unique<InDatabase>(argv[3]);
    else
        keeper = std::make_unique<InMemory>();

    const inspection::Engine engine;
    Asked asked;
    ledger::Frontier tree;
    tree.append(ledger::leaf_hash("genesis"));
    std::uint64_t records = 0, refused = 0;
    double parsing = 0, taking = 0, keeping = 0;
    std::vector<ledger::Record> batch;
    std::string first_refusal;
    for (bool more = true; more;) {
        batch.clear();
        Clock::time_point start = Clock::now();
        for (std::string line; batch.size() < batch_leaves && (more = !!std::getline(lines, line));)
            batch.push_back(ledger::parse_record(line).value());
        parsing += seconds_since(start);
        for (ledger::Record& record : batch) {
            asked.note(record);
            start = Clock::now();
            const ledger::Hash leaf = ledger::leaf_hash(record.id);
            ledger::FactDraft draft(keeper->facts());
            const ledger::Coming coming{
                record, {tree.size(), 0}, record.time_ms, record.time_ms, file->registry, [&] {
                    ledger::Frontier grown = tree;
                    grown.append(leaf);
                    return grown.root();
                }};
            const auto taken = engine.take(coming, draft);
            auto changes = std::move(draft).take_changes();
            taking += seconds_since(start);
            if (!taken) {
                ++refused;
                if (first_refusal.empty())
                    first_refusal = record.id + ": " + taken.error().reason + ": " + taken.error().detail;
                continue;
            }
            ++records;
            start = Clock::now();
            tree.append(leaf);
            keeper->keep(std::move(record), std::move(changes));
            keeping += seconds_since(start);
        }
    }
    Clock::time_point start = Clock::now();
    keeper->finish();
    keeping += seconds_since(start);

    const ledger::Facts& facts = keeper->facts();
    const std::int64_t now = 1'900'000'000'000;
    const inspection::Viewer agency{true, {}};
    const auto method = latencies(std::min(questions, asked.goods.size()), [&](std::size_t i) {
        const auto& [key, regime] = asked.goods[i * 7'919 % asked.goods.size()];
        inspection::MethodQuestion question;
        question.goods = inspection::find_goods(facts, key).value();
        question.regime = regime;
        question.at_ms = now;
        return json::serialize(inspection::method_answer(facts, engine.rules(), question, agency)).size();
    });
    const auto clearance = latencies(std::min(questions, asked.declarations.size()), [&](std::size_t i) {
        const inspection::ClearanceQuestion question{
            asked.declarations[i * 7'919 % asked.declarations.size()], now};
        const auto answer = inspection::clearance_answer(facts, engine.rules(), question, agency,
                                                         &inspection::compliance_level);
        return json::serialize(answer.value()).size();
    });
    const double each = 1e6 / static_cast<double>(std::max<std::uint64_t>(1, records));
    std::printf("%s\n", json::serialize(json::object{{"records", records},
                                                     {"refused", refused},
                                                     {"first_refusal", first_refusal},
                                                     {"parse_us", parsing * each},
                                                     {"take_us", taking * each},
                                                     {"keep_us", keeping * each},
                                                     {"records_per_second",
                                                      static_cast<double>(records) / (taking + keeping)},
                                                     {"method", method},
                                                     {"clearance", clearance}})
                            .c_str());
}
