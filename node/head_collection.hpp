// The leader's collection of signatures over the heads that it has announced. Checks every line before it is kept, so
// that nobody's bad line can spoil a head. A value; one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/head.hpp"
#include "node/policy_book.hpp"

namespace socai::node {

// Whose lines an answer may hold.
struct SignerKeys {
    ledger::VerifierKey log;
    ledger::VerifierKey cosigner;
};

class HeadCollection {
  public:
    explicit HeadCollection(std::string origin) : origin_(std::move(origin)) {}

    // From now on signatures over this head count. The smallest is forgotten when there are too many.
    void open(std::uint64_t size, const ledger::Hash& root);
    // What was final no longer needs any.
    void close_up_to(std::uint64_t size);
    void clear();
    // Another after each change.
    std::uint64_t version() const { return version_; }

    struct Added {
        enum class What {
            added,
            unknown,  // a head that was not announced, or no longer matters
            repeated,
            bad,         // no line of these keys, or one that does not verify
            other_root,  // cosigned, and of another tree than this leader's: the two cannot both be true
        };
        What what = What::bad;
        ledger::Head head;  // of other_root: what was signed
    };
    // The lines of `keys` in `note`; others are ignored. A witness from outside has no log line: `keys.log` may be any.
    Added add(const std::string& note, const SignerKeys& keys);

    // The largest head whose cosigners are enough for every policy that `required` names for its size.
    template <class Required>
    std::optional<ledger::Head> complete(const Required& required) const {
        for (auto head = heads_.rbegin(); head != heads_.rend(); ++head)
            if (is_complete(head->second, required(head->first))) return head->second;
        return std::nullopt;
    }

    // A head that would be complete if the witnesses from outside signed it, and who of them has not.
    struct ForOutside {
        ledger::Head head;  // with the lines that its policies need besides
        std::vector<ledger::VerifierKey> lacking;
        bool operator==(const ForOutside&) const = default;
    };
    // The largest such one.
    template <class Required>
    std::optional<ForOutside> for_outside(const Required& required) const {
        for (auto head = heads_.rbegin(); head != heads_.rend(); ++head) {
            const auto policies = required(head->first);
            const bool any = std::ranges::any_of(
                policies, [](const auto& policy) { return !outside_witnesses(*policy).empty(); });
            if (any && is_complete(head->second, policies, true)) return shown(head->second, policies);
        }
        return std::nullopt;
    }

  private:
    // `with_outside`: as if every witness from outside had signed.
    static bool is_complete(const ledger::Head& head, const std::vector<GoverningPolicyPtr>& policies,
                            bool with_outside = false);
    static ForOutside shown(const ledger::Head& head, const std::vector<GoverningPolicyPtr>& policies);

    const std::string origin_;
    std::map<std::uint64_t, ledger::Head> heads_;  // by size
    std::uint64_t version_ = 0;
};

inline constexpr std::size_t max_open_heads = 64;

}  // namespace socai::node
