// A policy whose one log nobody in the seeds belongs to: whatever a harness is fed, nothing may pass under it.
#pragma once

#include "ledger/policy.hpp"

namespace socai::ledger {

inline const Policy& strange_policy() {
    static const Policy policy =
        parse_policy(
            "log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum none\n")
            .value();
    return policy;
}

}  // namespace socai::ledger
