#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

extern "C" {
#include <sys/pidfd.h>  // Debian 12's does not say so itself
}

namespace socai::cluster_tests {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return number_; }

  private:
    int number_;
};

// Starts `command` with both outputs going to `output`. A file and not a pipe: a daemon that kept a pipe open
// would hold up the reader after the command itself has ended.
pid_t spawn(const std::vector<std::string>& command, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    std::vector<std::string> words = command;  // argv wants char*
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " + command.front() + ": " + std::strerror(error));
    return pid;
}

bool ends_by(pid_t pid, Clock::time_point deadline) {
    const Descriptor process(::pidfd_open(pid, 0));
    if (process.get() < 0) throw std::runtime_error("pidfd_open: " + std::string(std::strerror(errno)));
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        pollfd item{process.get(), POLLIN, 0};
        const int ready = ::poll(&item, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) throw std::runtime_error("poll: " + std::string(std::strerror(errno)));
    }
}

std::string read_from_start(int file) {
    std::string text;
    std::array<char, 4'096> buffer{};
    for (off_t at = 0;;) {
        const ssize_t count = ::pread(file, buffer.data(), buffer.size(), at);
        if (count <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        at += count;
    }
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& command, milliseconds deadline) {
    const Descriptor output(::open(std::filesystem::temp_directory_path().c_str(),
                                   O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600));
    if (output.get() < 0) throw std::runtime_error("open: " + std::string(std::strerror(errno)));
    const pid_t pid = spawn(command, output.get());
    const bool ended = ends_by(pid, Clock::now() + deadline);
    if (!ended) ::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    ProgramResult result;
    if (ended && WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
    result.output = read_from_start(output.get());
    return result;
}

bool wait_until(const std::function<bool()>& condition, milliseconds deadline) {
    const auto end = Clock::now() + deadline;
    while (!condition()) {
        if (Clock::now() >= end) return false;
        std::this_thread::sleep_for(10ms);  // between two questions; nothing depends on its length
    }
    return true;
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "socai-cluster-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("mkdtemp " + name + ": " + std::strerror(errno));
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    if (kept_) return;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::string& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

std::string last_lines(const std::string& path, std::size_t lines) {
    std::ifstream file(path, std::ios::binary);
    std::deque<std::string> last;
    for (std::string line; std::getline(file, line);) {
        last.push_back(line);
        if (last.size() > lines) last.pop_front();
    }
    std::string text;
    for (const std::string& line : last) text += line + "\n";
    return text;
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace socai::cluster_tests
