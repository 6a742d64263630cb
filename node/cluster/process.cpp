#include "node/cluster/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "node/files.hpp"

namespace socai::node::cluster {

namespace {

struct ProcStat {
    char state = 'X';
    std::uint64_t threads = 0;  // that have not ended yet, the first one included
    std::uint64_t started = 0;
};

// /proc/PID/stat: "pid (comm) state ppid …"; comm may hold anything, so fields count from the last ')'.
std::optional<ProcStat> proc_stat(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::stringstream whole;
    whole << file.rdbuf();
    const std::string line = whole.str();
    const std::size_t comm_end = line.rfind(')');
    if (!file || comm_end == std::string::npos) return std::nullopt;
    std::istringstream fields(line.substr(comm_end + 1));
    ProcStat stat;
    std::string skipped;
    fields >> stat.state;  // field 3
    for (int field = 4; field <= 19; ++field) fields >> skipped;
    fields >> stat.threads >> skipped >> stat.started;  // fields 20 to 22
    if (!fields) return std::nullopt;
    return stat;
}

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

// What posix_spawn needs, released on every way out.
struct SpawnPlan {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    SpawnPlan() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
    }
};

}  // namespace

ProcessState state_of(const ProcessId& process) {
    if (process.pid <= 0) return ProcessState::gone;
    // Our own children stay as zombies until they are collected.
    ::waitpid(process.pid, nullptr, WNOHANG);
    const std::optional<ProcStat> stat = proc_stat(process.pid);
    if (!stat || stat->started != process.started || boot_id() != process.boot) return ProcessState::gone;
    // A killed process holds its ports and files until its last thread has ended, which may wait for a disk; the
    // first thread, whose state this is, can have ended before.
    if ((stat->state == 'Z' || stat->state == 'X') && stat->threads <= 1) return ProcessState::gone;
    return stat->state == 'T' || stat->state == 't' ? ProcessState::paused : ProcessState::running;
}

Result<ProcessId> start_process(const std::vector<std::string>& command, const std::string& log) {
    assert(!command.empty());
    SpawnPlan plan;
    posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&plan.actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    posix_spawn_file_actions_adddup2(&plan.actions, STDOUT_FILENO, STDERR_FILENO);
    // A descriptor kept open would hold a caller's pipe, and the cluster's lock, as long as the node lives.
    posix_spawn_file_actions_addclosefrom_np(&plan.actions, STDERR_FILENO + 1);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&plan.attributes, &none);
    posix_spawnattr_setsigdefault(&plan.attributes, &all);
    posix_spawnattr_setflags(
        &plan.attributes,
        static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    std::vector<std::string> words = command;  // argv wants char*
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, argv[0], &plan.actions, &plan.attributes, argv.data(), environ);
    const auto failed = [&](const std::string& why) {
        return Error{Exit::unreachable, "cannot_start",
                     "cannot start " + command.front() + " with its output to " + log + ": " + why +
                         "; check that both may be used"};
    };
    if (error != 0) return failed(std::strerror(error));
    // It is our child: its number cannot be given away before we collect it, so this reads its own entry.
    const std::optional<ProcStat> stat = proc_stat(pid);
    if (!stat) return failed("/proc/" + std::to_string(pid) + "/stat cannot be read");
    return ProcessId{pid, stat->started, boot_id()};
}

bool send_signal(const ProcessId& process, int signal) {
    return state_of(process) != ProcessState::gone && ::kill(process.pid, signal) == 0;
}

bool wait_gone(const ProcessId& process, std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (state_of(process) != ProcessState::gone) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        // Only a parent could wait for the event itself; the node is seldom our child.
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

Result<void> remember_process(const std::string& path, const ProcessId& process) {
    const boost::json::object object = {
        {"pid", process.pid}, {"started", process.started}, {"boot", process.boot}};
    return write_file(path, boost::json::serialize(object) + "\n", 0600);
}

Result<std::optional<ProcessId>> recall_process(const std::string& path) {
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) return std::optional<ProcessId>{};
    const Result<std::string> text = read_file(path, 4'096);
    if (!text) return text.error();
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(*text, error);
    const boost::json::object* object = error ? nullptr : value.if_object();
    const boost::json::value* pid = object == nullptr ? nullptr : object->if_contains("pid");
    const boost::json::value* started = object == nullptr ? nullptr : object->if_contains("started");
    const boost::json::value* boot = object == nullptr ? nullptr : object->if_contains("boot");
    if (pid == nullptr || !pid->is_int64() || started == nullptr || !started->is_int64() || boot == nullptr ||
        !boot->is_string())
        return Error{
            Exit::usage, "run_file_damaged",
            path +
                " does not name a process; look whether the node runs (`ps ax | grep socai`), end it, "
                "then delete this file"};
    return std::optional<ProcessId>(ProcessId{static_cast<pid_t>(pid->get_int64()),
                                              static_cast<std::uint64_t>(started->get_int64()),
                                              std::string(boot->get_string())});
}

std::string own_program() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace socai::node::cluster
