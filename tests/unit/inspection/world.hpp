// A ledger of records without signatures: what the engine, or one part of it, makes of them in their order.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "inspection/engine.hpp"
#include "ledger/facts.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/record.hpp"
#include "ledger/time.hpp"
#include "tests/unit/inspection/sample_kinds.hpp"

namespace socai::inspection::test {

class World {
  public:
    using Take = std::function<ledger::Result<void>(const ledger::Coming&, ledger::FactDraft&)>;

    // The whole engine.
    World()
        : World(
              [engine = std::make_shared<Engine>()](const ledger::Coming& coming, ledger::FactDraft& facts) {
                  return engine->take(coming, facts);
              }) {}
    // One part, or some parts in an order of the test's own.
    explicit World(Take take) : take_(std::move(take)) { tree_.append(ledger::leaf_hash("genesis")); }

    // Leaf 0 is the genesis. Each record is a leaf of its own, accepted at its signed time unless told otherwise. A refused
    // record changes nothing.
    ledger::Result<ledger::Address> add(const ledger::Record& record, std::int64_t accepted_ms = -1) {
        const ledger::Address address{tree_.size(), 0};
        const ledger::Hash leaf = ledger::leaf_hash(record.id + " of " + record.source);
        ledger::FactDraft draft(facts_);
        const std::int64_t accepted = accepted_ms < 0 ? record.time_ms : accepted_ms;
        const ledger::Coming coming{record, address, accepted, accepted, registry_, [&] {
                                        ledger::Frontier grown = tree_;
                                        grown.append(leaf);
                                        return grown.root();
                                    }};
        if (auto taken = take_(coming, draft); !taken) return taken.error();
        const auto changes = std::move(draft).take_changes();
        digest_ = ledger::digest_after(digest_, changes);
        facts_.apply(changes);
        tree_.append(leaf);
        return address;
    }
    ledger::Result<ledger::Address> add(const json::value& record) { return add(record_of(record)); }
    // `data` and `refs` as JSON text; refs of the form [["decides","importer.9900000016","t-03"]].
    ledger::Result<ledger::Address> add(std::string_view source, std::string_view kind, std::string_view id,
                                        std::string_view time, std::string_view data,
                                        std::string_view refs = "[]") {
        return add(made(source, kind, id, time, data, refs));
    }
    static ledger::Record made(std::string_view source, std::string_view kind, std::string_view id,
                               std::string_view time, std::string_view data, std::string_view refs = "[]") {
        json::object body = json::parse(json::string_view(data)).as_object();
        json::array references;
        const json::value parsed = json::parse(json::string_view(refs));
        for (const json::value& each : parsed.as_array())
            references.push_back({{"rel", each.at(0)}, {"source", each.at(1)}, {"id", each.at(2)}});
        body["refs"] = std::move(references);
        return record_of({{"specversion", "1.0"},
                          {"id", id},
                          {"source", source},
                          {"type", "vn.socai." + std::string(kind) + ".v1"},
                          {"subject", "subject"},
                          {"time", time},
                          {"datacontenttype", "application/json"},
                          {"data", std::move(body)}});
    }
    // Every line of a JSONL file of the repository; the first refused one ends it.
    void add_file(const std::string& name) {
        const std::string text = file_text(name);
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            if (end > begin) {
                const auto added = add(json::parse(json::string_view(text.data() + begin, end - begin)));
                if (!added)
                    throw std::runtime_error(added.error().reason + ": " + added.error().detail + " at " +
                                             text.substr(begin, 200));
            }
            begin = end + 1;
        }
    }

    // Facts that no record of the test brings about.
    void edit(const std::function<void(ledger::FactDraft&)>& change) {
        ledger::FactDraft draft(facts_);
        change(draft);
        facts_.apply(std::move(draft).take_changes());
    }
    const ledger::FactMap& facts() const { return facts_; }
    const ledger::Hash& digest() const { return digest_; }
    std::uint64_t size() const { return tree_.size(); }

  private:
    Take take_;
    ledger::Registry registry_ = sample_registry();
    ledger::FactMap facts_;
    ledger::Frontier tree_;
    ledger::Hash digest_{};
};

}  // namespace socai::inspection::test
