// Parcels between nodes about confidential members (ledger/disclosure.hpp): what a submitter tells, offered to a node that may
// hold it before the statement goes to the leader, and the word that it is durable there; what a node lacks, asked of
// another, and the answer. Bounded like everything from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/hash.hpp"
#include "network/frame.hpp"

namespace socai::node {

struct DisclosuresOffered {
    struct Item {
        std::string statement;
        std::vector<std::string> disclosures;  // of its records' commitments
    };
    std::uint64_t call = 0;  // the sender's own number, echoed
    std::vector<Item> items;
};
struct DisclosuresHeld {
    std::uint64_t call = 0;
    std::vector<ledger::Hash> commitments;  // whose disclosures are durable at the answering node
};
struct DisclosuresQuestion {
    std::vector<ledger::Hash> commitments;
};
struct DisclosuresAnswer {
    std::vector<std::string> disclosures;  // those of them that the asker may hold and the answerer has
};

inline constexpr std::size_t max_questioned = 256;
inline constexpr std::size_t max_answer_bytes = 4U << 20U;
inline constexpr std::size_t max_offered_items = 10'000;
inline constexpr std::size_t max_offered_disclosures = 100'000;

network::Parcel encode_offered(const DisclosuresOffered& offered);
network::Parcel encode_held(const DisclosuresHeld& held);
// At most max_questioned.
network::Parcel encode_disclosures_question(const DisclosuresQuestion& question);
network::Parcel encode_disclosures_answer(const DisclosuresAnswer& answer);

// Nothing when the parcel is of another kind or malformed.
std::optional<DisclosuresOffered> decode_offered(const network::Parcel& parcel);
std::optional<DisclosuresHeld> decode_held(const network::Parcel& parcel);
std::optional<DisclosuresQuestion> decode_disclosures_question(const network::Parcel& parcel);
std::optional<DisclosuresAnswer> decode_disclosures_answer(const network::Parcel& parcel);
// Is it one of these four, well made or not?
bool is_disclosures_parcel(const network::Parcel& parcel);

}  // namespace socai::node
