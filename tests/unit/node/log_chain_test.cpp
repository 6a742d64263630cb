// The chain of the Raft log is written down twice: in consensus/, which makes it, and in ledger/, which checks evidence.
#include "ledger/log_chain.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "consensus/chain.hpp"

namespace socai {
namespace {

RC_GTEST_PROP(LogChain, IsTheCoresChain, ()) {
    const auto text = *rc::gen::arbitrary<std::string>();
    const auto term = *rc::gen::arbitrary<std::uint32_t>();
    const auto kind = *rc::gen::inRange<std::uint8_t>(0, 3);
    const bool marked = *rc::gen::arbitrary<bool>();
    const consensus::EntryId previous{
        {term}, {*rc::gen::arbitrary<std::uint32_t>()}, consensus::sha256(text)};
    const consensus::Digest digest = consensus::sha256(text + "digest");
    const std::optional<consensus::Digest> mark =
        marked ? std::optional(consensus::sha256("mark")) : std::nullopt;
    const auto entry =
        consensus::make_entry(previous, {term}, static_cast<consensus::EntryKind>(kind), digest, mark, {});
    const ledger::LogPlace place =
        ledger::place_after({previous.index.value, previous.term.value, previous.hash},
                            {term, static_cast<ledger::LogEntryKind>(kind), digest, mark, std::nullopt});
    RC_ASSERT(place == (ledger::LogPlace{entry->id.index.value, entry->id.term.value, entry->id.hash}));
}

}  // namespace
}  // namespace socai
