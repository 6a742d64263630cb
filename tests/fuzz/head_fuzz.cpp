// Any bytes as a head, held against a policy that knows one log and one cosigner of the seeds.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/head.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static const Policy policy =
        parse_policy(
            "log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"
            "witness w stranger.example+dcfb84af+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n"
            "quorum w\n")
            .value();
    const auto head = parse_head(bytes);
    if (!head) {
        assert(!head.error().detail.empty());
        return 0;
    }
    assert(head->note.to_string() == bytes);
    assert(head->checkpoint.to_string() == head->note.text);
    const auto signers = check_head(policy, *head);
    assert(signers || !signers.error().detail.empty());
    return 0;
}
