#include "node/cluster/interrupt.hpp"

#include <pthread.h>

namespace socai::node::cluster {

Interrupt::Interrupt() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Interrupt::~Interrupt() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupt::requested() {
    return wait(std::chrono::milliseconds(0));
}

bool Interrupt::wait(std::chrono::milliseconds patience) {
    if (requested_) return true;
    const timespec time = {.tv_sec = patience.count() / 1000, .tv_nsec = patience.count() % 1000 * 1'000'000};
    requested_ = sigtimedwait(&signals_, nullptr, &time) > 0;
    return requested_;
}

}  // namespace socai::node::cluster
