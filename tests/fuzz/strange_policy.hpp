// The policies that the harnesses of proofs verify under: one whose one log nobody in the seeds belongs to, under which nothing
// may pass whatever a harness is fed; and the one of the seeds, under which changed copies of them come far into the
// verifier.
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

inline const Policy& seed_policy() {
    static const Policy policy =
        parse_policy(
            "log ledger.example.vn/test+0acf7403+AQA7/ES/r8VOOhEWIxC8UKf1D+DirD7rdaQxSYkBPapc\n"
            "log ledger.example.vn/test+ff238198+ARcb8F/XAtb4kHYl/HIe2Gb8hcD0AnYl3aKVABnDrtE0\n"
            "witness customs-1 "
            "customs.ledger.example.vn/test+7b048b53+BAqMcqu9kSH7y+fUo1zBz8pVVL0tiQd3mPpq6ThJglPs\n"
            "witness most-1 "
            "most.ledger.example.vn/test+c452617c+BE5/hh6UZq6SH3J7XioWjHPEjzXdErwZS0pGKnPUzIcT\n"
            "group customs all customs-1\n"
            "group most all most-1\n"
            "group agencies all customs most\n"
            "quorum agencies\n")
            .value();
    return policy;
}

}  // namespace socai::ledger
