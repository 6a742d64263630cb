#include "node/audit/pipeline.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/tiles.hpp"

namespace socai::node::audit {
namespace {

// Bundles under way for each thread: enough that nobody waits for a slow neighbour.
constexpr std::uint64_t window_a_thread = 4;
// Of entries under way, about; a bundle of the largest entries has 16 MiB.
constexpr std::uint64_t max_bytes_under_way = std::uint64_t{128} << 20;
constexpr std::chrono::milliseconds stop_interval{200};

class Pipeline {
  public:
    Pipeline(Source& source, const LedgerFacts& facts, std::uint64_t first, std::uint64_t size,
             const PipelineLimits& limits)
        : source_(source),
          facts_(facts),
          size_(size),
          end_((size + ledger::tile_width - 1) / ledger::tile_width),
          limits_(limits),
          next_to_read_(first),
          next_to_judge_(first) {
        const unsigned readers = source.readers();
        window_ = window_a_thread * (limits.workers + readers);
        for (unsigned i = 0; i < readers; ++i) threads_.emplace_back([this] { read(); });
        for (unsigned i = 0; i < limits.workers; ++i) threads_.emplace_back([this] { work(); });
    }

    ~Pipeline() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    Result<void> judge(const std::function<bool()>& stop, const Judge& judge) {
        while (next_to_judge_ < end_) {
            CheckedBundle bundle;
            {
                std::unique_lock lock(mutex_);
                const auto ready = [this] {
                    return !checked_.empty() && checked_.begin()->first == next_to_judge_;
                };
                while (!ready()) {
                    // What was read before the source failed is judged first.
                    if (failed_ && next_to_judge_ >= failed_at_) return *failed_;
                    if (stop()) return stopped();
                    changed_.wait_for(lock, stop_interval);
                }
                bundle = std::move(checked_.begin()->second);
                checked_.erase(checked_.begin());
            }
            if (stop()) return stopped();
            const std::uint64_t bytes = bundle.bytes;
            if (!judge(std::move(bundle))) return {};
            {
                const std::lock_guard lock(mutex_);
                ++next_to_judge_;
                bytes_under_way_ -= bytes;
            }
            changed_.notify_all();
        }
        return {};
    }

  private:
    // Nobody waits for what the readers still wait for.
    Result<void> stopped() {
        source_.give_up();
        return {};
    }

    bool may_read() const {
        return next_to_read_ < end_ && next_to_read_ < next_to_judge_ + window_ &&
               (bytes_under_way_ < max_bytes_under_way || next_to_read_ == next_to_judge_);
    }

    void read() {
        for (;;) {
            Bundle bundle;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock,
                              [this] { return ended_ || failed_ || next_to_read_ >= end_ || may_read(); });
                if (ended_ || failed_ || next_to_read_ >= end_) return;
                bundle.index = next_to_read_++;
            }
            bundle.width = ledger::tile_width_at(0, bundle.index, size_);
            auto entries = source_.entries(bundle.index, bundle.width);
            if (!entries) return fail(bundle.index, entries.error());
            bundle.entries = *std::move(entries);
            bundle.with_tile = limits_.with_tiles;
            if (bundle.with_tile) {
                auto tile = source_.tile(0, bundle.index, bundle.width);
                if (!tile && tile.error().exit == Exit::unreachable) return fail(bundle.index, tile.error());
                if (tile)
                    bundle.tile = *std::move(tile);
                else
                    bundle.tile_fault = tile.error();
            }
            {
                const std::lock_guard lock(mutex_);
                bytes_under_way_ += bundle.entries.bundle.size();
                read_.push_back(std::move(bundle));
            }
            changed_.notify_all();
        }
    }

    void work() {
        for (;;) {
            Bundle bundle;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return ended_ || !read_.empty(); });
                if (ended_) return;
                bundle = std::move(read_.front());
                read_.pop_front();
            }
            CheckedBundle checked = check_bundle(facts_, std::move(bundle));
            {
                const std::lock_guard lock(mutex_);
                checked_.emplace(checked.index, std::move(checked));
            }
            changed_.notify_all();
        }
    }

    void fail(std::uint64_t at, const Error& error) {
        {
            const std::lock_guard lock(mutex_);
            if (!failed_ || at < failed_at_) {
                failed_ = error;
                failed_at_ = at;
            }
        }
        changed_.notify_all();
    }

    Source& source_;
    const LedgerFacts& facts_;
    const std::uint64_t size_;  // leaves
    const std::uint64_t end_;   // bundles
    const PipelineLimits limits_;
    std::uint64_t window_ = 0;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::uint64_t next_to_read_;
    std::uint64_t next_to_judge_;  // written by the judge alone
    std::uint64_t bytes_under_way_ = 0;
    std::deque<Bundle> read_;
    std::map<std::uint64_t, CheckedBundle> checked_;
    std::optional<Error> failed_;
    std::uint64_t failed_at_ = 0;  // the first bundle that could not be read
    bool ended_ = false;

    std::vector<std::thread> threads_;
};

}  // namespace

Result<void> run_pipeline(Source& source, const LedgerFacts& facts, std::uint64_t first, std::uint64_t size,
                          const PipelineLimits& limits, const std::function<bool()>& stop,
                          const Judge& judge) {
    Pipeline pipeline(source, facts, first, size, limits);
    return pipeline.judge(stop, judge);
}

}  // namespace socai::node::audit
