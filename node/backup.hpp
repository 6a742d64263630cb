// The backup that a running node takes of itself when it is asked (storage/backup.hpp), on a thread of its own.
// Thread-safe.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "api/error.hpp"
#include "storage/backup.hpp"
#include "storage/log_store.hpp"
#include "storage/state_store.hpp"

namespace socai::node {

class Backup {
  public:
    struct Hooks {
        std::function<std::int64_t()> wall_clock_ms;
        std::function<std::uint64_t()> promises_waiting;  // which no backup holds
    };
    // Both stores outlive this object; `data` is their folder.
    Backup(const storage::LogStore& log, const storage::StateStore& state, storage::Identity identity,
           std::string data, Hooks hooks);
    ~Backup();

    // Begins one into `folder`; harmless while the same one is under way. Errors: malformed_value, backup_exists,
    // folder_not_empty, inside_data, backup_running.
    api::Result<void> begin(std::string folder);
    void stop();
    // As `backup` in node.status: of the last one, or the one under way; {"running": false} before the first.
    boost::json::object json() const;

  private:
    void run(const std::string& folder);

    const storage::LogStore& log_;
    const storage::StateStore& state_;
    const storage::Identity identity_;
    const std::string data_;
    const Hooks hooks_;

    mutable std::mutex mutex_;  // guards all below
    bool running_ = false;
    bool stopping_ = false;
    std::string folder_;
    std::uint64_t done_ = 0;
    std::uint64_t of_ = 0;
    boost::json::object ended_;  // how the last one ended
    std::thread thread_;
};

}  // namespace socai::node
