// Parcels between nodes: a submission forwarded to the leader, and the leader's answer; a question for the other's
// clock, and the answer. Bounded like everything from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "network/frame.hpp"
#include "node/ledger_loop.hpp"

namespace socai::node {

struct Forward {
    std::uint64_t call = 0;     // the sender's own number, echoed
    std::uint32_t attempt = 0;  // echoed
    std::vector<std::string> statements;
};
struct ForwardAnswer {
    std::uint64_t call = 0;
    std::uint32_t attempt = 0;
    Attempt ended;
};

struct ClockQuestion {
    std::uint64_t asked_at = 0;  // of the asker's own monotonic clock, echoed
};
struct ClockAnswer {
    std::uint64_t asked_at = 0;
    std::int64_t time_ms = 0;  // the answerer's wall clock, milliseconds since the Unix epoch
};

network::Parcel encode_forward(std::uint64_t call, std::uint32_t attempt,
                               std::span<const std::string_view> statements);
network::Parcel encode_forward_answer(std::uint64_t call, std::uint32_t attempt, const Attempt& ended);
// Nothing when the parcel is of another kind or malformed.
std::optional<Forward> decode_forward(const network::Parcel& parcel);
std::optional<ForwardAnswer> decode_forward_answer(const network::Parcel& parcel);

network::Parcel encode_clock_question(const ClockQuestion& question);
network::Parcel encode_clock_answer(const ClockAnswer& answer);
std::optional<ClockQuestion> decode_clock_question(const network::Parcel& parcel);
std::optional<ClockAnswer> decode_clock_answer(const network::Parcel& parcel);

}  // namespace socai::node
