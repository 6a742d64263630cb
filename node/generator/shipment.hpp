// One dossier under way: what was decided about its course when it was registered, and what its records are called.
#pragma once

#include <cstdint>
#include <string>

#include "inspection/method/method.hpp"
#include "node/generator/dice.hpp"

namespace socai::node::generator {

// What happens to a dossier, each a record or two of their own time.
enum class Step : std::uint8_t {
    determine,
    receive,
    accept,
    certificate_of_origin,
    export_declaration,
    phytosanitary,
    declare,
    amend,
    store,
    assess,
    decide,
    correct,
    clear,
    order_remedy,
    complete_remedy,
    appeal,
    decide_appeal,
    raise_alert,
    lift_alert,
    find_violation,
    check_after,
    report,
    signal,
};

struct Shipment {
    std::uint32_t number = 0;
    std::size_t goods = 0;
    std::size_t enterprise = 0;
    std::size_t office = 0;
    std::size_t body = 0;
    // As the ledger computes it at the registration.
    inspection::Method method = inspection::Method::strict;
    inspection::Reason reason = inspection::Reason::default_method;
    std::uint32_t streak = 0;
    std::uint32_t met_alert = 0;  // where that is the reason
    Dice dice{0};                 // for what its records say
    std::int64_t registered_ms = 0;
    std::int64_t sampled_ms = 0;
    std::int64_t decided_ms = 0;  // signed time of the result; it may reach the ledger later
    std::int64_t quantity = 0;
    bool assessed = false;   // a conformity body looks at it
    bool inspected = false;  // an inspection result comes
    bool fails = false;
    std::uint32_t version = 0;  // of its declaration
    bool corrected = false;     // its result was superseded
    bool has_origin = false, has_export = false, has_plants = false;
    bool appeals_channel = false;
    std::uint32_t alert = 0;  // raised because of it
    std::uint64_t alert_index = 0;
    bool alert_has_term = false;  // else it is lifted
    std::uint32_t violation = 0;  // found in it
    std::uint32_t steps = 0;      // that are still to come
};

}  // namespace socai::node::generator
