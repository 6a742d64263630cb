// Facts that count what is looked at: an inspection answer costs by what it rests on, whoever wrote the code that made it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/reading.hpp"
#include "ledger/facts.hpp"

namespace socai::api {

// `work` must outlive this; threads as the facts.
class CountedFacts final : public ledger::Facts {
  public:
    CountedFacts(std::shared_ptr<const ledger::Facts> facts, Work& work)
        : facts_(std::move(facts)), work_(work) {}

    std::optional<std::string> get(std::string_view key) const override {
        auto value = facts_->get(key);
        count(value ? value->size() : 0);
        return value;
    }
    void scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
        facts_->scan(prefix, from, [&](std::string_view key, std::string_view value) {
            count(value.size());
            return visit(key, value);
        });
    }
    std::optional<ledger::Fact> last(std::string_view prefix, std::string_view end) const override {
        auto fact = facts_->last(prefix, end);
        count(fact ? fact->value.size() : 0);
        return fact;
    }
    std::shared_ptr<const void>* memo(std::string_view key) const override { return facts_->memo(key); }

  private:
    void count(std::size_t bytes) const {
        ++work_.rows;
        work_.bytes += bytes;
    }

    std::shared_ptr<const ledger::Facts> facts_;
    Work& work_;
};

}  // namespace socai::api
