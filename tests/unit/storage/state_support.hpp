// A ledger made by hand for the tests of the state: records from a few fields, leaves, Raft entries.
#pragma once

#include <boost/json/serialize.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inspection/fields.hpp"
#include "ledger/admission.hpp"
#include "ledger/entry.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/time.hpp"
#include "storage/state_store.hpp"
#include "support.hpp"

namespace socai::storage::test {

struct RecordSpec {
    std::string id;
    std::string kind = "inspection_registration";
    std::string source = "customs.haiphong";
    std::string subject = "S-1";
    std::int64_t time_ms = 1'614'132'000'000;
    std::optional<std::string> dossier_no;
    std::optional<std::string> declaration_no;
    std::optional<std::string> tax_code;
    std::vector<std::string> goods_keys;
    std::vector<std::string> hs_codes;
    std::vector<std::pair<std::string, std::string>> refs;  // source, id
};

inline ledger::Record make_record(const RecordSpec& spec) {
    boost::json::object data;
    if (spec.dossier_no) data["dossier_no"] = *spec.dossier_no;
    if (spec.declaration_no) data["declaration_no"] = *spec.declaration_no;
    if (spec.tax_code) data["importer"] = boost::json::object{{"tax_code", *spec.tax_code}};
    boost::json::array items;
    for (const auto& key : spec.goods_keys) items.push_back(boost::json::object{{"goods_key", key}});
    for (const auto& code : spec.hs_codes) items.push_back(boost::json::object{{"hs_code", code}});
    if (!items.empty()) data["items"] = std::move(items);
    boost::json::array refs;
    for (const auto& [source, id] : spec.refs) {
        refs.push_back(boost::json::object{{"rel", "about"}, {"source", source}, {"id", id}});
    }
    data["refs"] = std::move(refs);
    const boost::json::object json{{"specversion", "1.0"},
                                   {"id", spec.id},
                                   {"source", spec.source},
                                   {"type", "vn.socai." + spec.kind + ".v1"},
                                   {"subject", spec.subject},
                                   {"time", ledger::format_rfc3339(spec.time_ms)},
                                   {"datacontenttype", "application/json"},
                                   {"data", std::move(data)}};
    auto record = ledger::parse_record(boost::json::serialize(json));
    EXPECT_TRUE(record) << record.error().detail;
    return *std::move(record);
}

// Committed entries and the leaves among them, growing.
class Ledger {
  public:
    // A leaf of these records; one statement.
    void add_leaf(const std::vector<RecordSpec>& specs) {
        auto statement = std::make_shared<ledger::Statement>();
        for (const RecordSpec& spec : specs) statement->records.push_back(make_record(spec));
        statement->bundle = specs.size() > 1;
        auto leaf = std::make_unique<ledger::Admitted>();
        leaf->index = leaves.size();
        leaf->time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(leaves.size());
        leaf->entry = ledger::make_entry(leaf->time_ms, "statement " + std::to_string(leaf->index));
        leaf->leaf = ledger::leaf_hash(leaf->entry);
        leaf->statement = std::move(statement);
        entries.push_back({id_at(entries.size() + 1), leaf.get()});
        leaves.push_back(std::move(leaf));
    }
    void add_other() { entries.push_back({id_at(entries.size() + 1), nullptr}); }

    // Applies what `state` has not seen yet, at most `batch` entries at a time.
    Result<void> apply_to(StateStore& state, std::size_t batch, std::size_t until = ~std::size_t{0}) const {
        until = std::min(until, entries.size());
        for (std::size_t at = state.position().raft_index.value; at < until;) {
            const std::size_t count = std::min(batch, until - at);
            const auto done = state.apply(std::span(entries).subspan(at, count));
            if (!done) return done;
            at += count;
        }
        return {};
    }

    const ledger::Record& record(const ledger::Address& address) const {
        return leaves.at(address.index)->statement->records.at(address.n);
    }
    std::vector<ledger::Address> addresses() const {
        std::vector<ledger::Address> all;
        for (const auto& leaf : leaves) {
            for (std::uint32_t n = 0; n < leaf->statement->records.size(); ++n)
                all.push_back({leaf->index, n});
        }
        return all;
    }
    auto fields() const {
        return [this](const ledger::Address& address) {
            return std::optional(inspection::fields_of(record(address)));
        };
    }

    // Stands for a chain: every index has a hash of its own.
    static consensus::EntryId id_at(std::uint64_t index) {
        return {{1}, {index}, {static_cast<std::uint8_t>(index), static_cast<std::uint8_t>(index >> 8U)}};
    }

    std::vector<std::unique_ptr<ledger::Admitted>> leaves;
    std::vector<Apply> entries;
};

// A log that ends at `last`, of entries as Ledger makes them.
inline StateStore::IdInLog log_to(std::uint64_t last) {
    return [last](consensus::Index index) {
        return index.value <= last ? std::optional(Ledger::id_at(index.value)) : std::nullopt;
    };
}

inline std::unique_ptr<StateStore> open_state(const std::string& folder, std::uint64_t last_in_log,
                                              bool* rebuilt = nullptr) {
    auto state = StateStore::open(folder, identity(), log_to(last_in_log), rebuilt);
    EXPECT_TRUE(state) << state.error().reason << ": " << state.error().detail;
    return state ? *std::move(state) : nullptr;
}

}  // namespace socai::storage::test
