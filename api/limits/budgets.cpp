#include "api/limits/budgets.hpp"

#include <utility>

namespace socai::api {

Budgets::Budgets(const Limits& limits, std::function<std::int64_t()> clock_ms)
    : limits_(limits), clock_ms_(std::move(clock_ms)) {}

TokenBucket& Budgets::bucket(Purse& purse, Of what) {
    switch (what) {
        case Of::calls:
            return purse.calls;
        case Of::bytes:
            return purse.bytes;
        case Of::statements:
            return purse.statements;
        case Of::cost:
            break;
    }
    return purse.cost;
}

Budgets::Purse& Budgets::purse_of(Purses& purses, std::string_view name) {
    if (const auto found = purses.by_name.find(std::string(name)); found != purses.by_name.end()) {
        purses.by_use.splice(purses.by_use.begin(), purses.by_use, found->second);
        return *found->second;
    }
    // Whoever has not asked for longest is forgotten, and starts anew; not while it has subscriptions, of which there are no
    // more than connections allow.
    for (auto last = purses.by_use.end();
         purses.by_use.size() >= limits_.max_askers && last != purses.by_use.begin();) {
        --last;
        if (last->subscriptions > 0) continue;
        purses.by_name.erase(last->name);
        last = purses.by_use.erase(last);
    }
    purses.by_use.push_front({std::string(name),
                              {limits_.calls_per_second, limits_.calls_burst},
                              {limits_.bytes_per_second, limits_.bytes_burst},
                              {limits_.statements_per_second, limits_.statements_burst},
                              {limits_.cost_per_second, limits_.cost_burst}});
    purses.by_name.emplace(std::string(name), purses.by_use.begin());
    return purses.by_use.front();
}

std::int64_t Budgets::wait_ms(const Payer& payer, Of what) {
    const std::int64_t now_ms = clock_ms_();
    const std::scoped_lock lock(mutex_);
    return bucket(purse_of(payer), what).wait_ms(now_ms);
}

void Budgets::charge(const Payer& payer, Of what, std::uint64_t amount) {
    const std::int64_t now_ms = clock_ms_();
    const std::scoped_lock lock(mutex_);
    bucket(purse_of(payer), what).charge(amount, now_ms);
}

std::int64_t Budgets::wait_ms_of_key(std::string_view kid) {
    const std::int64_t now_ms = clock_ms_();
    const std::scoped_lock lock(mutex_);
    // A name that anybody may have made up is not remembered for being asked about.
    const auto found = keys_.by_name.find(std::string(kid));
    return found == keys_.by_name.end() ? 0 : found->second->statements.wait_ms(now_ms);
}

void Budgets::charge_key(std::string_view kid, std::uint64_t statements) {
    const std::int64_t now_ms = clock_ms_();
    const std::scoped_lock lock(mutex_);
    purse_of(keys_, kid).statements.charge(statements, now_ms);
}

bool Budgets::open_subscription(const Payer& payer) {
    const std::scoped_lock lock(mutex_);
    Purse& purse = purse_of(payer);
    if (purse.subscriptions >= limits_.max_subscriptions_per_account) return false;
    ++purse.subscriptions;
    return true;
}

void Budgets::close_subscription(const Payer& payer) {
    const std::scoped_lock lock(mutex_);
    Purse& purse = purse_of(payer);
    if (purse.subscriptions > 0) --purse.subscriptions;
}

std::size_t Budgets::size() const {
    const std::scoped_lock lock(mutex_);
    return accounts_.by_use.size() + addresses_.by_use.size() + keys_.by_use.size();
}

Error rate_limited(std::string_view what, std::int64_t wait_ms) {
    Error error{Code::overloaded, "rate_limited",
                "more " + std::string(what) +
                    " than this node serves one asker; ask again after retry_after_ms, more slowly",
                true};
    error.retry_after_ms = wait_ms;
    return error;
}

}  // namespace socai::api
