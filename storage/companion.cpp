#include "storage/companion.hpp"

#include <cassert>

namespace socai::storage {

Companion::Companion() : thread_([this] { run(); }) {}

Companion::~Companion() {
    {
        const std::lock_guard lock(mutex_);
        assert(!task_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Companion::start(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        assert(!task_);
        task_ = std::move(task);
    }
    changed_.notify_all();
}

void Companion::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !task_; });
}

void Companion::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return task_ || stopping_; });
        if (!task_) return;
        lock.unlock();
        task_();
        lock.lock();
        task_ = nullptr;
        changed_.notify_all();
    }
}

}  // namespace socai::storage
