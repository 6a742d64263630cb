// Asks what the ledger will make of the goods: the generator must publish no method lighter than what every node computes,
// and counts on the one it foretells. One small interface, so that what foretells can be replaced.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspection/method/history.hpp"
#include "ledger/entry.hpp"

namespace socai::node::generator {

// A record as it goes out. The views live until the call returns.
struct Written {
    std::string_view kind;
    std::string_view source;
    std::string_view id;
    std::string_view text;  // one JSON object, no line end
    std::int64_t time_ms = 0;
    // Where it stands among all records; n is the number of the dossier, alert or violation that it belongs to, so that
    // whoever is given the address can name the record again.
    ledger::Address address;
    // What it does to which goods; nothing for most records.
    std::optional<inspection::Event> event;
    std::size_t goods = 0;
    std::string_view regime;  // of the goods
};

class MethodOracle {
  public:
    virtual ~MethodOracle() = default;
    // Every record, in the order of the file.
    virtual void take(const Written& record) = 0;
    // Of goods of that regime, on the records so far, for a shipment registered at `time_ms`.
    virtual inspection::Standing standing(std::size_t goods, std::string_view regime,
                                          std::int64_t time_ms) = 0;
    // The passes that count towards the next lighter method.
    virtual std::vector<ledger::Address> streak(std::size_t goods, std::string_view regime,
                                                std::int64_t time_ms) = 0;
};

// By the state machine of inspection/method/history.hpp alone, one state for each goods seen. Corrections that change no
// outcome leave it as it is, and the generator writes no others.
class StateOracle : public MethodOracle {
  public:
    StateOracle(inspection::RuleSet quality, inspection::RuleSet food_safety)
        : quality_(std::move(quality)), food_safety_(std::move(food_safety)) {}

    void take(const Written& record) override;
    inspection::Standing standing(std::size_t goods, std::string_view regime, std::int64_t time_ms) override;
    std::vector<ledger::Address> streak(std::size_t goods, std::string_view regime,
                                        std::int64_t time_ms) override;

  private:
    inspection::GoodsState& state(std::size_t goods, std::string_view regime);

    const inspection::RuleSet quality_, food_safety_;
    std::vector<std::unique_ptr<inspection::GoodsState>> states_;  // by number of the goods
};

}  // namespace socai::node::generator
