// The history of a run: a running digest of everything that happened, and on request one readable line an event.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "consensus/message.hpp"

namespace socai::simulation {

class Trace {
  public:
    // Null: no lines.
    explicit Trace(std::ostream* out) : out_(out) {}

    bool on() const { return out_ != nullptr; }
    // Mixed into the digest: what the event is and what identifies it.
    void note(consensus::Micros now, std::uint64_t node, std::uint64_t what, std::uint64_t detail) {
        mix(static_cast<std::uint64_t>(now));
        mix(node << 8 | what);
        mix(detail);
    }
    // Only where on().
    void line(consensus::Micros now, consensus::NodeId node, std::string_view text) const;
    std::uint64_t digest() const { return digest_; }

  private:
    void mix(std::uint64_t word) {
        digest_ = (digest_ ^ word) * 0x9e3779b97f4a7c15u;
        digest_ ^= digest_ >> 29;
    }
    std::ostream* out_;
    std::uint64_t digest_ = 0x736f636169u;
};

std::string text(consensus::NodeId node);        // "node 3"
std::string text(const consensus::EntryId& id);  // "12(4)": index(term)
std::string text(const consensus::Configuration& configuration);
std::string text(const consensus::Message& message);

}  // namespace socai::simulation
