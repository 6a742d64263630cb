// What the records so far say together: an ordered map of bytes, written by the rules as records are admitted and read by
// them for the next (design/domain.md 6: computed at apply by every node). Keys and values are the rules' own business
// (inspection/); that every node holds the same map after the same leaf is this module's.
//
// Pure. One thread at a time, unless an implementation says more.
#pragma once

#include <boost/unordered/unordered_map.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hash.hpp"

namespace socai::ledger {

struct Fact {
    std::string key;
    std::string value;
};
// One key written anew; nothing as its value: it is gone.
struct FactChange {
    std::string key;
    std::optional<std::string> value;
    bool operator==(const FactChange&) const = default;
};

// The first text that is above every one that begins with `prefix`; empty: there is none.
std::string end_of_prefix(std::string_view prefix);

class Facts {
  public:
    virtual ~Facts() = default;
    virtual std::optional<std::string> get(std::string_view key) const = 0;
    // Visits the facts whose key begins with `prefix` and is not below `from` (empty: all of them), in the order of their
    // bytes, until `visit` answers false. The views live until it returns.
    using Visit = std::function<bool(std::string_view key, std::string_view value)>;
    virtual void scan(std::string_view prefix, std::string_view from, const Visit& visit) const = 0;
    // The last fact whose key begins with `prefix` and is below `end`.
    virtual std::optional<Fact> last(std::string_view prefix, std::string_view end) const = 0;
    // Where whoever decodes the key's value may leave what it made of it, for the next who asks, until the key is written
    // again; nullptr: nowhere. All decode the same key to the same type.
    virtual std::shared_ptr<const void>* memo(std::string_view) const { return nullptr; }
};

// In memory, found by hash. A table - what stands up to the slash in its keys - is kept in order from its first scan on: most
// are never scanned.
class FactMap : public Facts {
  public:
    FactMap() = default;
    FactMap(const FactMap& other) : values_(other.values_) {}
    FactMap& operator=(const FactMap& other);
    FactMap(FactMap&&) = default;
    FactMap& operator=(FactMap&&) = default;
    ~FactMap() override = default;

    std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
    std::optional<Fact> last(std::string_view prefix, std::string_view end) const override;

    void apply(const std::vector<FactChange>& changes);
    std::size_t size() const { return values_.size(); }

  private:
    // Keyed: who writes records chooses keys, and must not choose where they fall.
    struct KeyHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const;
    };
    using Values = boost::unordered_map<std::string, std::string, KeyHash, std::equal_to<>>;
    using Order =
        std::map<std::string_view, std::string_view>;  // into Values, whose nodes stay where they are
    Order sorted(std::string_view prefix) const;
    template <class Use>
    auto with_order(std::string_view prefix, const Use& use) const;

    Values values_;
    mutable std::map<std::string, Order, std::less<>> orders_;  // by table
};

// Changes over a base, which must outlive the draft. The base may move on to hold what the draft says already.
class FactDraft : public Facts {
  public:
    explicit FactDraft(const Facts& base) : base_(base) {}

    std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
    std::optional<Fact> last(std::string_view prefix, std::string_view end) const override;
    std::shared_ptr<const void>* memo(std::string_view key) const override;

    void put(std::string_view key, std::string value);
    void erase(std::string_view key);
    // In the order of the keys, each once.
    std::vector<FactChange> take_changes() &&;

    // For a draft that gathers those of several leaves: lays the changes of leaf `index`, which is after all laid before,
    // on top; and lifts those of the first of them, where no later leaf changed the same.
    void lay(const std::vector<FactChange>& changes, std::uint64_t index);
    void lift(const std::vector<FactChange>& changes, std::uint64_t index);
    void clear();

  private:
    void forget(std::string_view key);
    struct Written {
        std::optional<std::string> value;
        std::uint64_t index = 0;  // of the leaf
    };
    using Changes = std::map<std::string, Written, std::less<>>;
    const Facts& base_;
    Changes changes_;
    mutable std::map<std::string, std::shared_ptr<const void>, std::less<>> memos_;
};

// A running digest over the changes of all leaves: SHA-256(before || for each change: length of the key as u32, key, 1 and
// length of the value as u32 and value, or 0 when it is gone), integers big-endian. A leaf without changes leaves it as it
// was. Two ledgers with the same leaves and the same rules have the same digest.
Hash digest_after(const Hash& before, const std::vector<FactChange>& changes);

}  // namespace socai::ledger
