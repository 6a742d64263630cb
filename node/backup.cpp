#include "node/backup.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <utility>

#include "storage/log_database.hpp"
#include "storage/state_database.hpp"

namespace socai::node {

Backup::Backup(const storage::LogStore& log, const storage::StateStore& state, storage::Identity identity,
               std::string data, Hooks hooks)
    : log_(log),
      state_(state),
      identity_(std::move(identity)),
      data_(std::move(data)),
      hooks_(std::move(hooks)) {
    // Of a backup that a killed process was at.
    std::error_code ignored;
    std::filesystem::remove_all(data_ + "/checkpoint", ignored);
}

Backup::~Backup() {
    stop();
}

api::Result<void> Backup::begin(std::string folder) {
    if (!std::filesystem::path(folder).is_absolute())
        return api::Error{api::Code::invalid_params, "malformed_value",
                          "folder must be an absolute path on the node's machine.", false};
    std::thread ended;
    {
        const std::lock_guard lock(mutex_);
        if (running_ && folder_ == folder) return {};
        if (running_ || stopping_)
            return api::Error{
                api::Code::unavailable, "backup_running",
                "Another backup is under way, into " + folder_ + ". Ask again when it has ended.", true};
        if (const auto fine = storage::check_backup_folder(folder, data_); !fine)
            return api::Error{api::Code::invalid_params, fine.error().reason, fine.error().detail, false};
        ended = std::move(thread_);
        running_ = true;
        folder_ = folder;
        done_ = of_ = 0;
        ended_ = {};
    }
    if (ended.joinable()) ended.join();
    const std::lock_guard lock(mutex_);
    thread_ = std::thread([this, folder = std::move(folder)] { run(folder); });
    return {};
}

void Backup::run(const std::string& folder) {
    spdlog::info("A backup into {} begins", folder);
    const auto made = storage::make_backup({log_.database(), state_.database(), identity_, data_,
                                            hooks_.promises_waiting(), hooks_.wall_clock_ms()},
                                           folder, [this](std::uint64_t done, std::uint64_t of) {
                                               const std::lock_guard lock(mutex_);
                                               done_ = done;
                                               of_ = of;
                                               return !stopping_;
                                           });
    if (made)
        spdlog::info("The backup into {} is complete: {} leaves, {} files, {} MiB", folder, made->size,
                     made->files.size(), made->bytes() >> 20U);
    else
        spdlog::error("The backup into {} failed: {}: {}", folder, made.error().reason, made.error().detail);
    if (made && made->promises_waiting > 0)
        spdlog::warn("{} promised statements wait in the outbox and are not in the backup",
                     made->promises_waiting);
    const std::lock_guard lock(mutex_);
    running_ = false;
    ended_ = made ? boost::json::object{{"size", made->size},
                                        {"root", ledger::to_hex(made->root)},
                                        {"files", made->files.size()},
                                        {"bytes", made->bytes()},
                                        {"promises_waiting", made->promises_waiting}}
                  : boost::json::object{
                        {"error", {{"reason", made.error().reason}, {"detail", made.error().detail}}}};
}

void Backup::stop() {
    std::thread thread;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        thread = std::move(thread_);
    }
    if (thread.joinable()) thread.join();
}

boost::json::object Backup::json() const {
    const std::lock_guard lock(mutex_);
    boost::json::object object = ended_;
    object["running"] = running_;
    if (!folder_.empty()) object["folder"] = folder_;
    if (running_) {
        object["done"] = done_;
        object["of"] = of_;
    }
    return object;
}

}  // namespace socai::node
