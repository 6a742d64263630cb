// SIGINT and SIGTERM as a question, for commands that clean up before they end.
#pragma once

#include <chrono>
#include <csignal>

namespace socai::node::cluster {

// While one lives, both signals are held back from this thread, and from threads that it starts. One at a
// time, made before any thread.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    // True once one of the signals has come.
    bool requested();
    // The same, after waiting for one up to `patience`.
    bool wait(std::chrono::milliseconds patience);

  private:
    sigset_t signals_;
    sigset_t before_;
    bool requested_ = false;
};

}  // namespace socai::node::cluster
