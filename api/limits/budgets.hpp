// What each asker may still ask for (issue, point 9): calls, bytes, statements, the cost of reads, subscriptions. An account
// pays for itself wherever it asks from; who has none pays by the address. Accounts and addresses are remembered apart, so that
// no number of addresses makes an account be forgotten. Safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/access/session.hpp"
#include "api/limits/token_bucket.hpp"
#include "api/server.hpp"

namespace socai::api {

// Who pays.
struct Payer {
    bool account = false;
    std::string name;  // a kid, or an address

    static Payer of(const Asker& asker) {
        return asker.has_account() ? Payer{true, asker.kid} : Payer{false, asker.address};
    }
};

class Budgets {
  public:
    // `clock_ms` never goes back.
    Budgets(const Limits& limits, std::function<std::int64_t()> clock_ms);

    enum class Of { calls, bytes, statements, cost };
    // 0: there is some left. Else after how many ms there will be.
    std::int64_t wait_ms(const Payer& payer, Of what);
    void charge(const Payer& payer, Of what, std::uint64_t amount);
    // Statements signed with a key, whoever brings them: charged only for what its holder has signed.
    std::int64_t wait_ms_of_key(std::string_view kid);
    void charge_key(std::string_view kid, std::uint64_t statements);

    bool open_subscription(const Payer& payer);  // false: it has its fill
    void close_subscription(const Payer& payer);

    std::size_t size() const;

  private:
    struct Purse {
        std::string name;
        TokenBucket calls, bytes, statements, cost;
        std::size_t subscriptions = 0;
    };
    // Of one kind of payer, the one that paid last in front.
    struct Purses {
        std::list<Purse> by_use;
        std::unordered_map<std::string, std::list<Purse>::iterator> by_name;
    };

    Purse& purse_of(Purses& purses, std::string_view name);
    Purse& purse_of(const Payer& payer) {
        return purse_of(payer.account ? accounts_ : addresses_, payer.name);
    }
    static TokenBucket& bucket(Purse& purse, Of what);

    const Limits limits_;
    const std::function<std::int64_t()> clock_ms_;
    mutable std::mutex mutex_;  // guards everything below
    Purses accounts_, addresses_, keys_;
};

// Of whoever must wait. `what` names it for a person: "calls", "bytes" …
Error rate_limited(std::string_view what, std::int64_t wait_ms);

}  // namespace socai::api
