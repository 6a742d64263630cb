// Background processes: started in a session of their own, found again by later commands, and never mistaken
// for another process that got the same number. Linux: reads /proc.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/error.hpp"

namespace socai::node::cluster {

// Names one process for good: numbers are used again, but not within one boot with the same start time.
struct ProcessId {
    pid_t pid = 0;
    std::uint64_t started = 0;  // clock ticks since boot, field 22 of /proc/PID/stat (proc(5))
    std::string boot;           // /proc/sys/kernel/random/boot_id
    bool operator==(const ProcessId&) const = default;
};

enum class ProcessState { gone, running, paused };

// Zombies are gone; a stopped process (SIGSTOP) is paused.
ProcessState state_of(const ProcessId& process);

// Runs `command` (a path and its arguments) detached: own session, standard input empty, output appended to
// `log`, no other descriptor or blocked signal inherited. Error: cannot_start.
Result<ProcessId> start_process(const std::vector<std::string>& command, const std::string& log);

// Sends `signal` if `process` is not gone. False when it is.
bool send_signal(const ProcessId& process, int signal);
// Waits until `process` is gone; false at the deadline.
bool wait_gone(const ProcessId& process, std::chrono::milliseconds patience);

// D/run/<name>.json. A missing file is no process; a damaged one is an error (run_file_damaged), because the
// process it names may run.
Result<void> remember_process(const std::string& path, const ProcessId& process);
Result<std::optional<ProcessId>> recall_process(const std::string& path);

// The program that is running now.
std::string own_program();

}  // namespace socai::node::cluster
