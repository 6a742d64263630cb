#include "api/limits/read_pool.hpp"

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace socai::api {
namespace {

// Turns of accounts for each of an asker without account, where both wait.
constexpr int account_turns = 3;

// The askers of one kind, in turn.
class Turns {
  public:
    bool empty() const { return order_.empty(); }
    std::size_t waiting_of(const std::string& name) const {
        const auto found = waiting_.find(name);
        return found == waiting_.end() ? 0 : found->second.size();
    }
    void add(const std::string& name, std::function<void()> work) {
        auto& queue = waiting_[name];
        if (queue.empty()) order_.push_back(name);
        queue.push_back(std::move(work));
    }
    std::function<void()> next() {
        const std::string name = std::move(order_.front());
        order_.pop_front();
        const auto found = waiting_.find(name);
        std::function<void()> work = std::move(found->second.front());
        found->second.pop_front();
        if (found->second.empty())
            waiting_.erase(found);
        else
            order_.push_back(name);
        return work;
    }

  private:
    std::map<std::string, std::deque<std::function<void()>>> waiting_;
    std::list<std::string> order_;  // those that wait, whose turn is next in front
};

}  // namespace

struct ReadPool::State {
    State(std::uint32_t count, std::size_t most, std::size_t most_of_one)
        : max_waiting(most), max_waiting_per_asker(most_of_one), max_anonymous(count > 1 ? count - 1 : 1) {}

    const std::size_t max_waiting;
    const std::size_t max_waiting_per_asker;
    const std::size_t max_anonymous;  // under way at once
    std::mutex mutex;                 // guards everything below but `threads`
    std::condition_variable changed;
    Turns accounts, anonymous;
    std::size_t waiting = 0;
    std::size_t anonymous_under_way = 0;
    int turns_of_accounts = 0;
    bool stopped = false;
    std::vector<std::thread> threads;  // by whoever shuts down first

    bool anonymous_may_go() const { return !anonymous.empty() && anonymous_under_way < max_anonymous; }
    bool something_to_do() const { return !accounts.empty() || anonymous_may_go(); }

    void serve() {
        std::unique_lock lock(mutex);
        for (;;) {
            changed.wait(lock, [&] { return stopped || something_to_do(); });
            if (stopped) return;
            const bool for_account =
                !accounts.empty() && (!anonymous_may_go() || turns_of_accounts < account_turns);
            turns_of_accounts = for_account ? turns_of_accounts + 1 : 0;
            std::function<void()> work = for_account ? accounts.next() : anonymous.next();
            --waiting;
            if (!for_account) ++anonymous_under_way;
            lock.unlock();
            work();
            work = nullptr;  // what it holds is let go without the lock
            lock.lock();
            if (!for_account) {
                --anonymous_under_way;
                changed.notify_one();
            }
        }
    }
};

ReadPool::ReadPool(std::uint32_t threads, std::size_t max_waiting, std::size_t max_waiting_per_asker)
    : state_(std::make_shared<State>(threads, max_waiting, max_waiting_per_asker)) {
    for (std::uint32_t i = 0; i < threads; ++i)
        state_->threads.emplace_back([state = state_] { state->serve(); });
}

ReadPool::~ReadPool() {
    shut_down();
}

bool ReadPool::run(const Payer& payer, std::function<void()> work) {
    const std::scoped_lock lock(state_->mutex);
    Turns& turns = payer.account ? state_->accounts : state_->anonymous;
    // Those without account fill half of the room at most: the rest is for accounts, however many addresses ask.
    const std::size_t room = payer.account ? state_->max_waiting : state_->max_waiting / 2;
    if (state_->stopped || state_->waiting >= room ||
        turns.waiting_of(payer.name) >= state_->max_waiting_per_asker)
        return false;
    turns.add(payer.name, std::move(work));
    ++state_->waiting;
    state_->changed.notify_one();
    return true;
}

void ReadPool::shut_down() {
    std::vector<std::thread> threads;
    Turns dropped_accounts, dropped_anonymous;  // destroyed without the lock
    {
        const std::scoped_lock lock(state_->mutex);
        state_->stopped = true;
        std::swap(dropped_accounts, state_->accounts);
        std::swap(dropped_anonymous, state_->anonymous);
        state_->waiting = 0;
        threads.swap(state_->threads);
        state_->changed.notify_all();
    }
    for (std::thread& thread : threads) {
        if (thread.get_id() == std::this_thread::get_id())
            thread.detach();
        else
            thread.join();
    }
}

}  // namespace socai::api
