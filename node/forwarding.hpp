// Parcels between nodes: a submission forwarded to the leader, and the leader's answer. Bounded like
// everything from outside.
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

network::Parcel encode_forward(std::uint64_t call, std::uint32_t attempt,
                               std::span<const std::string_view> statements);
network::Parcel encode_forward_answer(std::uint64_t call, std::uint32_t attempt, const Attempt& ended);
// Nothing when the parcel is of another kind or malformed.
std::optional<Forward> decode_forward(const network::Parcel& parcel);
std::optional<ForwardAnswer> decode_forward_answer(const network::Parcel& parcel);

}  // namespace socai::node
